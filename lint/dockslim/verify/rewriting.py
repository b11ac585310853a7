"""What ``fix`` would make of a file: the one place where this floor asks the engine for a rewrite."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dockslim.rewrite.edits import Obligation, Safety
from dockslim.verify.bench import Options
from dockslim.verify.faults import Fault

__all__ = ["Rewritten", "rewritten"]


@dataclass(frozen=True, slots=True)
class Rewritten:
    """The new bytes (the old ones where there is nothing to do), and what stands between them and "safe"."""

    data: bytes
    rewrite: str  # "done", "refused", "none"
    safety: Safety | None
    obligations: tuple[Obligation, ...]
    notes: tuple[str, ...]


def rewritten(path: Path, options: Options) -> Rewritten:
    """Return what ``fix --unsafe-fixes`` would write: verification is what proves an unsafe rewrite.

    The settings that hold for the file hold here too.  Raises Fault for a file that cannot be read or understood.
    """
    from dockslim.engine.fixer import fix
    from dockslim.engine.session import Choices, Session

    known = {name: value for name, value in options.build_args.items() if value is not None}
    session = Session([path], Choices(context=options.context, build_args=known, target=options.target))
    for work in session.works():
        result = fix(work.data, work.path, work.reader, work.linter, unsafe=True)
        notes = tuple(f"line {reason.line}: {reason.message} ({reason.code})" for reason in result.withheld)
        return Rewritten(result.data, result.rewrite, result.safety, result.obligations, notes)
    problem = session.problems[0] if session.problems else f"{path}: no Dockerfile"
    raise Fault("bad-input", str(problem))
