"""Run the rules over one file's facts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from dockslim.engine import own
from dockslim.engine.finding import Finding, Severity
from dockslim.engine.reading import keeping
from dockslim.engine.rule import Rule
from dockslim.engine.suppression import Suppressions
from dockslim.later import TYPE_CHECKING
from dockslim.rewrite.edits import Fix, Refused
from dockslim.syntax.span import Span

if TYPE_CHECKING:
    from dockslim.model import Facts
    from dockslim.syntax import File

__all__ = ["Linter"]


class Linter:
    """The rules that run, and how.

    ``rules`` are all that are known (suppression comments may name any of them), ``running`` the codes of those that
    run, ``severities`` what the user would rather call a rule's findings.  ``on_crash`` hears of exceptions in rules.
    """

    def __init__(
        self,
        rules: Sequence[type[Rule]],
        running: frozenset[str] | None = None,
        severities: dict[str, Severity] | None = None,
        on_crash: Callable[[type[Rule], Exception], None] | None = None,
    ) -> None:
        self.rules = tuple(rules)
        self.running = frozenset(rule.code for rule in rules if rule.enabled) if running is None else running
        self.severities = severities or {}
        self.rewrites = any(rule.rewrites and rule.code in self.running for rule in rules)
        self.on_crash = on_crash
        # Where one rewriting rule runs the others do, too: what only they would name must be known to be kept.
        self._asked = tuple(
            rule
            for rule in rules
            if rule not in own.OWN_RULES and (rule.code in self.running or (rule.rewrites and self.rewrites))
        )
        self._rewriting = frozenset(rule.code for rule in rules if rule.rewrites)

    def lint(self, facts: Facts) -> list[Finding]:
        """Return all findings that nobody suppressed, ordered by place, then code."""
        return self.judge(facts)[1]

    def judge(self, facts: Facts) -> tuple[Facts, list[Finding]]:
        """As ``lint``, with the facts that the findings and their fixes speak of.

        What a rewriting rule found and nobody is to hear of (suppressed, deselected) must not be rewritten either: then
        the facts are read once more, with those words to be kept.
        """
        suppressions = Suppressions(facts.file, self.rules)
        readable = bool(facts.stages) and not facts.file.template
        found = list(self._ruled(facts)) if readable else []
        silent = [finding for finding in found if not self._heard(finding, suppressions, use=True)]
        keep = frozenset(finding.span.start for finding in silent if finding.code in self._rewriting)
        if keep:
            facts = keeping(facts, keep)
            found = list(self._ruled(facts))
        found.extend(self._own(facts.file))
        kept = [finding for finding in found if self._heard(finding, suppressions, use=True)]
        kept = list(_spared(kept, [finding for finding in silent if finding.code not in self._rewriting]))
        unused = own.UnusedSuppression()
        idle = [unused.finding(each.comment, complaint) for each, complaint in suppressions.idle(self.running)]
        kept.extend(finding for finding in idle if self._heard(finding, suppressions))
        return facts, sorted(map(self._severe, _once(kept)), key=lambda each: (each.span, each.code, each.message))

    def _heard(self, finding: Finding, suppressions: Suppressions, *, use: bool = False) -> bool:
        return finding.code in self.running and not suppressions.silences(finding.code, finding.span, use=use)

    def _own(self, file: File) -> Iterator[Finding]:
        if file.template:
            span = _first_line(file)
            yield own.Template().finding(span, f"a {file.template} template, not a Dockerfile: left alone")
            return
        if not any(instruction.name == "FROM" for instruction in file.instructions):
            yield own.SyntaxProblem().finding(
                Span(0, 0), "no FROM: nothing to build" if file.instructions else "an empty file"
            )
        for problem in file.problems:
            hint = f"expected {problem.expected}" if problem.expected else ""
            yield own.SyntaxProblem().finding(problem.span, problem.message, help=hint)
        strange = _first_undecoded(file.text)
        if strange is not None:
            byte = ord(file.text[strange]) - 0xDC00
            yield own.NotUtf8().finding(Span(strange, strange + 1), f"byte 0x{byte:02x} is not UTF-8")

    def _ruled(self, facts: Facts) -> Iterator[Finding]:
        size = len(facts.file.text)
        for rule in self._asked:
            try:
                found = list(rule().check_file(facts))
                for finding in found:
                    _sane(finding, size)
            except Exception as error:  # one rule's mistake must not cost the others' findings
                if self.on_crash:
                    self.on_crash(rule, error)
                if rule.code not in self.running:
                    continue
                message = f"rule {rule.code} ({rule.name}) crashed and was left out: {type(error).__name__}: {error}"
                yield own.RuleCrashed().finding(_first_line(facts.file), message.splitlines()[0])
            else:
                yield from found

    def _severe(self, finding: Finding) -> Finding:
        severity = self.severities.get(finding.code)
        if severity is None or severity is finding.severity:
            return finding
        return finding._replace(severity=severity)


def _sane(finding: Finding, size: int) -> None:
    """Raise ValueError for a finding that no report could show."""
    spans = (finding.span, *(annotation.span for annotation in finding.annotations))
    for span in spans:
        if not 0 <= span.start <= span.end <= size:
            raise ValueError(f"a finding at {tuple(span)} lies outside of the file ({size} characters)")


def _first_undecoded(text: str) -> int | None:
    """The offset of the first byte that is not UTF-8."""
    if text.isascii():
        return None
    try:
        text.encode()
    except UnicodeEncodeError as error:
        return error.start
    return None


def _first_line(file: File) -> Span:
    end = file.text.find("\n")
    line = file.text[: end if end >= 0 else len(file.text)].rstrip("\r")
    return Span(0, len(line))


def _spared(kept: list[Finding], silent: list[Finding]) -> Iterator[Finding]:
    """Withhold each fix that would mend a silent finding, too: what nobody is to hear of is not to be changed."""
    shared = {finding.fix.id for finding in silent if isinstance(finding.fix, Fix)}
    for finding in kept:
        if isinstance(finding.fix, Fix) and finding.fix.id in shared:
            reason = f"{finding.fix.title}: it would also change what a comment keeps as it is"
            finding = finding._replace(fix=Refused(reason))
        yield finding


def _once(findings: list[Finding]) -> Iterator[Finding]:
    """Drop what says the same of the same place twice."""
    seen: set[tuple[str, Span, str]] = set()
    for finding in findings:
        key = (finding.code, finding.span, finding.message)
        if key not in seen:
            seen.add(key)
            yield finding
