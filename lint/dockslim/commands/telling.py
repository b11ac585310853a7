"""What a session has to say beside its report, on standard error."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dockslim.engine.session import Session

__all__ = ["tell"]


def tell(session: Session) -> None:
    """Say what could not be looked at and what went wrong, a line each."""
    if not session.problems and not session.notes:
        return
    from dockslim.report.page import clean

    for kind, told in (("note", session.notes), ("error", session.problems)):
        for each in told:
            sys.stderr.write(f"dockslim: {kind}: {clean(' '.join(str(each).split()))}\n")
