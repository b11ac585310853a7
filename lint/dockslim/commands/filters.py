"""What ``--diff-only`` and ``--baseline`` leave out."""

from __future__ import annotations

from pathlib import Path

from dockslim.commands.mistake import Mistake
from dockslim.later import TYPE_CHECKING

if TYPE_CHECKING:
    from dockslim.engine.session import Filter

__all__ = ["filters"]


def filters(revision: str | None, baseline: Path | None, paths: tuple[Path, ...]) -> list[Filter]:
    """The filters that the options ask for.  Raises Mistake."""
    found: list[Filter] = []
    if baseline is not None:
        from dockslim.engine.baseline import Baseline, BaselineError

        try:
            found.append(Baseline(baseline))
        except BaselineError as error:
            raise Mistake(str(error)) from error
    if revision is not None:
        from dockslim.engine.changes import ChangedLines, ChangesError

        if Path("-") in paths:
            raise Mistake("--diff-only: standard input has no history; name the file")
        first = paths[0] if paths else Path()
        try:
            found.append(ChangedLines(revision, first if first.is_dir() else first.parent))
        except ChangesError as error:
            raise Mistake(str(error)) from error
    return found
