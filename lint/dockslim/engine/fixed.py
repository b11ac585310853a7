"""What became of a file that was to be fixed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from dockslim.engine.finding import Finding
from dockslim.records import NamedTuple
from dockslim.rewrite.edits import Fix, Note, Obligation, Safety

if TYPE_CHECKING:
    from dockslim.model import Facts
    from dockslim.syntax import Source

__all__ = ["Applied", "FixResult", "Reason", "Refusal"]

#: Why there is no rewrite: it is unsafe and nobody allowed it, to be made by hand, held back (by the guard, or because
#: fixes undo each other), declined (there is none), or was built and seen to fail.  The first that applies is told.
Refusal = Literal["unsafe", "display", "held-back", "declined", "verification"]


class Reason(NamedTuple):
    """Why something was done or left; ``line`` counts from 1 in the file as it was."""

    code: str
    line: int
    message: str


class Applied(NamedTuple):
    """A fix that was made, and the finding that offered it."""

    finding: Finding
    fix: Fix

    @property
    def code(self) -> str:
        """The rule's code."""
        return self.finding.code

    def notes(self, source: Source) -> tuple[Note, ...]:
        """The fix's own notes; where it has none, that it was made, and what the finding says."""
        line = source.position(self.finding.span.start).line
        return self.fix.notes or (Note("changed", self.fix.title, self.finding.message, line),)


@dataclass(frozen=True)
class FixResult:
    """What became of one file.

    ``rewrite`` tells of the multi-stage rewrite alone: ``"done"``, ``"refused"`` (it has a reason, and ``refusal`` says
    of what kind) or ``"none"`` (nothing to slim).  ``safety`` and ``obligations`` are those of the fixes applied and of
    a rewrite that was withheld, or, where there is neither, of what else was withheld.  ``notes`` are the reasons for
    what was done, ``withheld`` those for what was not, ``reasons`` both.
    ``findings`` are what is left, ``facts`` what they speak of.
    """

    text: str
    data: bytes
    changed: bool
    rewrite: Literal["done", "refused", "none"]
    safety: Safety | None
    obligations: tuple[Obligation, ...]
    notes: tuple[Note, ...]
    reasons: tuple[Reason, ...]
    applied: tuple[Applied, ...]
    withheld: tuple[Reason, ...]
    findings: tuple[Finding, ...]
    facts: Facts
    refusal: Refusal | None = None
