"""What a session has to say beside its report, on standard error."""

from __future__ import annotations

import sys

from dockslim.later import TYPE_CHECKING

if TYPE_CHECKING:
    from dockslim.engine.session import Session

__all__ = ["say", "tell"]


def say(line: str) -> None:
    """Write a line to standard error: one, however long, but on a terminal, where it is broken between words."""
    from dockslim.report.page import width_of

    width = width_of(sys.stderr)
    if width is not None:
        from dockslim.report.wrapping import wrapped

        pieces = wrapped([("", line)], width, "  ")
        line = "\n".join("".join(text for _, text in piece) for piece in pieces)
    sys.stderr.write(line + "\n")


def tell(session: Session) -> None:
    """Say what could not be looked at and what went wrong, a line each."""
    if not session.problems and not session.notes:
        return
    from dockslim.report.page import clean

    for kind, told in (("note", session.notes), ("error", session.problems)):
        for each in told:
            say(f"dockslim: {kind}: {clean(' '.join(str(each).split()))}")
