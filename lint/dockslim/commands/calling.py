"""What ``check`` and ``fix`` do once their options are read, by click or without it."""

from __future__ import annotations

import sys
from pathlib import Path

from dockslim.commands.mistake import Mistake
from dockslim.later import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from dockslim.engine.rule import Rule
    from dockslim.engine.session import Session

__all__ = ["check", "fix", "session_of"]

CLEAN, FOUND, FAILED = 0, 1, 2


def check(chosen: dict[str, Any]) -> int:
    """``dockslim check`` with the options as click names them; the exit code.  Raises Mistake."""
    from dockslim.report.check import run
    from dockslim.report.formats import TELLING, OutputError, outputs

    try:
        wanted = outputs(chosen["output_format"], chosen["output_file"])
    except OutputError as error:
        raise Mistake(str(error)) from error
    session = session_of(chosen)
    if chosen["diff_only"] is not None or chosen["baseline"] is not None:
        from dockslim.commands.filters import filters

        session.filters.extend(filters(chosen["diff_only"], chosen["baseline"], chosen["paths"]))
    severities = run(session, wanted, chosen["statistics"])
    if not any(output.file is None and output.format in TELLING for output in wanted):
        _tell(session)
    least = ("info", "warning", "error").index(chosen["fail_on"]) + 1
    failing = not chosen["exit_zero"] and any(severity >= least for severity in severities)
    return FAILED if session.problems else FOUND if failing else CLEAN


def fix(chosen: dict[str, Any]) -> int:
    """``dockslim fix`` with the options as click names them; the exit code.  Raises Mistake."""
    from dockslim.commands.verifying import verifying
    from dockslim.report.fix import Wanted, run

    if chosen["write"] and chosen["diff"]:
        raise Mistake("--write and --diff exclude each other")
    fixer = verifying(chosen)
    session = session_of(chosen)
    wanted = Wanted(
        chosen["write"], chosen["diff"], chosen["unsafe_fixes"], chosen["output_format"], chosen["verbose"], fixer
    )
    left = run(session, wanted)
    if chosen["output_format"] != "json":
        _tell(session)
    return FAILED if session.problems else FOUND if left else CLEAN


def _tell(session: Session) -> None:
    if session.problems or session.notes:
        from dockslim.commands.telling import tell

        tell(session)


def session_of(chosen: dict[str, Any]) -> Session:
    """The session that a command's options ask for.  Raises Mistake."""
    from dockslim.engine.parallel import default_jobs
    from dockslim.engine.selection import SelectorError, Selectors
    from dockslim.engine.session import Choices, Session
    from dockslim.engine.settings import ConfigurationError, no_pattern

    if chosen["config"] is not None and chosen["isolated"]:
        raise Mistake("--config and --isolated exclude each other")
    strange = no_pattern(chosen.get("exclude", ()))
    if strange is not None:
        raise Mistake(f"--exclude: {strange!r} is no pattern as .gitignore has them")
    choices = Choices(
        selectors=Selectors(chosen["select"] or None, chosen["extend_select"], chosen["ignore"]),
        context=chosen["context"],
        build_args=chosen["build_args"],
        target=chosen["target"],
        wheel_transfer=chosen.get("wheel_transfer"),
        stdin_filename=chosen.get("stdin_filename", "Dockerfile"),
        isolated=chosen["isolated"],
        config=chosen["config"],
        exclude=chosen.get("exclude", ()),
        force_exclude=chosen.get("force_exclude", False),
    )
    try:
        session = Session(chosen["paths"] or [Path()], choices, _crash if chosen.get("verbose") else None)
    except (SelectorError, ConfigurationError) as error:
        raise Mistake(str(error)) from error
    session.jobs = chosen.get("jobs") or default_jobs()
    if not chosen.get("no_cache", True) and session.crashes is None:
        from dockslim.engine.recall import recall

        session.memory = recall(session)
    return session


def _crash(rule: type[Rule], error: Exception) -> None:
    import traceback

    sys.stderr.write("".join(traceback.format_exception(error)))
