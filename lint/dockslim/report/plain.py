"""The text formats into a pipe: a file's text is made where it is checked: by another process, or days ago.

Nothing of what makes a text need be imported to print it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from dockslim.later import TYPE_CHECKING
from dockslim.report.page import coloured, show
from dockslim.report.summary import summary_line, unchecked

if TYPE_CHECKING:
    from typing import TextIO

    from dockslim.engine.session import Checked, Session

__all__ = ["renderer", "write"]


def renderer(name: str, session: Session, stream: TextIO) -> Callable[[Checked], str] | None:
    """What makes the text of a file in this format; None where it depends on the terminal or on what is left out."""
    if session.filters or coloured(stream) or stream.isatty():
        return None
    return {"text": full_text, "concise": concise_text}.get(name)


def full_text(checked: Checked) -> str:
    """As ``text.full``."""
    from dockslim.report.text import full

    return "".join("".join(text for _, text in line) + "\n" for line in full(checked))


def concise_text(checked: Checked) -> str:
    """As ``text.concise``."""
    from dockslim.report.text import concise

    return "".join("".join(text for _, text in line) + "\n" for line in concise(checked))


def write(all_checked: Iterable[Checked], session: Session, stream: TextIO) -> None:
    """Print the texts, then a summary."""
    files = findings = safe = unsafe = 0
    for checked in all_checked:
        files += 1
        findings += len(checked.severities)
        safe += checked.fixable[0]
        unsafe += checked.fixable[1]
        stream.write(checked.text or "")
    if files or not session.problems:
        show([summary_line(findings, safe, unsafe, files, session.spared, unchecked(session))], stream)
