"""A linter whose fixes are trusted as the user says, and who knows of packages what the user says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from dockslim.engine.linter import Linter
from dockslim.knowledge.declared import in_force
from dockslim.later import TYPE_CHECKING
from dockslim.rewrite.edits import Fix, Safety

if TYPE_CHECKING:
    from dockslim.engine.finding import Finding, Severity
    from dockslim.engine.rule import Rule
    from dockslim.knowledge.declared import Declared
    from dockslim.model import Facts

__all__ = ["TunedLinter"]

_TRUST = (Safety.SAFE, Safety.UNSAFE, Safety.DISPLAY)


class TunedLinter(Linter):
    """As Linter; ``safeties`` replaces the safety of the fixes of these rules (by code), ``packages`` what is known.

    Where one fix is shared by findings of several rules, the least trusting word holds for all of them.
    """

    def __init__(
        self,
        rules: Sequence[type[Rule]],
        running: frozenset[str],
        severities: dict[str, Severity],
        on_crash: Callable[[type[Rule], Exception], None] | None,
        safeties: Mapping[str, Safety],
        packages: Mapping[str, Declared] = MappingProxyType({}),
    ) -> None:
        super().__init__(rules, running, severities, on_crash)
        self.safeties = safeties
        self.packages = packages

    def judge(self, facts: Facts) -> tuple[Facts, list[Finding]]:
        """As Linter's."""
        with in_force(self.packages):
            facts, findings = super().judge(facts)
        if not self.safeties:
            return facts, findings
        chosen: dict[str, Safety] = {}
        for finding in findings:
            if isinstance(finding.fix, Fix):
                word = self.safeties.get(finding.code, finding.fix.safety)
                chosen[finding.fix.id] = max(chosen.get(finding.fix.id, word), word, key=_TRUST.index)
        return facts, [
            finding._replace(fix=finding.fix._replace(safety=chosen[finding.fix.id]))
            if isinstance(finding.fix, Fix)
            else finding
            for finding in findings
        ]
