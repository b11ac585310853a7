"""What ``dockslim check`` does once its options are read; nothing of click is needed for it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dockslim.report import check
from dockslim.report.formats import TELLING, Output

if TYPE_CHECKING:
    from dockslim.engine.session import Session

__all__ = ["check_plainly", "prepare", "report"]

CLEAN, FOUND, FAILED = 0, 1, 2


def report(session: Session, wanted: Sequence[Output], statistics: bool, fail_on: str) -> bool:
    """Check and print; whether anything found is as severe as ``fail_on``."""
    found = check.run(session, wanted, statistics)
    untold = not any(output.file is None and output.format in TELLING for output in wanted)
    if (session.problems or session.notes) and untold:
        from dockslim.commands.telling import tell

        tell(session)
    least = ("info", "warning", "error").index(fail_on) + 1
    return any(severity >= least for severity in found)


def prepare(session: Session, jobs: int | None, remembering: bool) -> Session:
    """Give a session its processes, and its memory if it may have one."""
    from dockslim.engine.parallel import default_jobs

    session.jobs = jobs or default_jobs()
    if remembering and session.crashes is None:
        from dockslim.engine.recall import recall

        session.memory = recall(session)
    return session


def check_plainly(paths: Sequence[Path]) -> int:
    """``dockslim check PATH...`` without any option; return the exit code."""
    from dockslim.engine.session import Session

    session = prepare(Session(paths or [Path()]), None, True)
    failing = report(session, [Output("text")], False, "info")
    return FAILED if session.problems else FOUND if failing else CLEAN
