"""What stands between a fix and a file: the guard of the rewrite floor, and what only the engine can see."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from dockslim.engine.finding import Finding, Severity
from dockslim.later import TYPE_CHECKING
from dockslim.rewrite.edits import FixedEffect

if TYPE_CHECKING:
    from dockslim.model import Facts

__all__ = ["violations"]


def violations(
    before: Facts, after: Facts, effects: frozenset[FixedEffect], was: Iterable[Finding], now: Iterable[Finding]
) -> list[str]:
    """Say in words all that forbids to write ``after`` in the place of ``before``; nothing where it may be written."""
    from dockslim.rewrite.guard import check

    found = list(check(before, after, effects))
    fresh = _errors(now) - _errors(was)
    found.extend(f"it would bring a new error: {code}" for code in sorted(fresh))
    return found


def _errors(findings: Iterable[Finding]) -> Counter[str]:
    return Counter(finding.code for finding in findings if finding.severity is Severity.ERROR)
