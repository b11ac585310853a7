"""The last line of a report: how much was found, and how much of it a fix would mend."""

from __future__ import annotations

from dockslim.later import TYPE_CHECKING
from dockslim.report.page import TELLING, Line

if TYPE_CHECKING:
    from dockslim.engine.session import Session

__all__ = ["counted", "summary_line", "unchecked"]


def counted(number: int, word: str) -> str:
    """``1 file``, ``2 files``."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def summary_line(findings: int, safe: int, unsafe: int, files: int, spared: int = 0, unread: int = 0) -> Line:
    """The last line, from the number of findings, of those with a safe or an unsafe fix, and of files.

    ``spared`` are the findings that are not told because a baseline or ``--diff-only`` leaves them out, ``unread`` the
    RUNs that could not be checked.
    """
    rest: Line = [("dim", f" ({spared} more {'is' if spared == 1 else 'are'} left out)")] if spared else []
    if unread:
        rest.insert(0, (f"bold {TELLING}", f" {counted(unread, 'RUN')} could not be checked."))
    if not files:
        return [(f"bold {TELLING}", "No Dockerfile found.")]
    if not findings:
        return [("bold green", "Nothing to report"), ("", f" in {counted(files, 'file')}."), *rest]
    line: Line = [("bold", counted(findings, "finding")), ("", f" in {counted(files, 'file')}")]
    if safe:
        line.append(("", f"; `dockslim fix` mends {safe}" + (f", with --unsafe-fixes {unsafe} more" if unsafe else "")))
    elif unsafe:
        line.append(("", f"; `dockslim fix --unsafe-fixes` mends {unsafe}"))
    return [*line, ("", "."), *rest]


def unchecked(session: Session) -> int:
    """How many RUNs could not be checked."""
    return sum(note.runs for note in session.notes)
