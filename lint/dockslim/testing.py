"""Hold rules to their examples: for our own tests and for those of everybody who writes rules.

@pytest.mark.parametrize("rule, example", examples("my_package"))
def test_example(rule, example):
    assert list(complaints(rule, example)) == []
"""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from dockslim.engine import registry
from dockslim.engine.finding import Finding
from dockslim.engine.fixer import FixResult, fix
from dockslim.engine.linter import Linter
from dockslim.engine.own import OWN_RULES
from dockslim.engine.reading import Reader
from dockslim.engine.rule import Example, Rule
from dockslim.model import Facts
from dockslim.rewrite.edits import Fix, Refused, Safety

__all__ = [
    "Case",
    "Observed",
    "cases",
    "complaints",
    "examples",
    "findings",
    "fixed",
    "marked",
    "observe",
    "rules_of",
    "unmarked",
]


def rules_of(package: str) -> tuple[type[Rule], ...]:
    """The rules that the entry point with value ``package`` brings, dockslim's own notices not among them.

    Raises LookupError where there are none, so that a test of no rule cannot pass.
    """
    found = registry.load(package)
    rules = tuple(rule for rule in found.rules if rule not in OWN_RULES)
    if found.errors or not rules:
        raise LookupError("; ".join(found.errors) or f"no entry point of group {registry.GROUP} has value {package!r}")
    return rules


def examples(package: str) -> list[tuple[type[Rule], Example]]:
    """Each rule of a package with each of its examples."""
    return [(rule, example) for rule in rules_of(package) for example in rule.examples]


def unmarked(text: str) -> str:
    """An example's text without its guillemets: the Dockerfile itself."""
    return text.replace("«", "").replace("»", "")


def marked(text: str, findings: list[Finding]) -> str:
    """A Dockerfile with guillemets around each finding's span; a span found twice is marked once."""
    spans = {finding.span for finding in findings}
    marks = [(span.start, 1, "«") for span in spans] + [
        (span.end, 0 if span.end > span.start else 2, "»") for span in spans
    ]
    for offset, _, mark in sorted(marks, reverse=True):
        text = text[:offset] + mark + text[offset:]
    return text


@contextlib.contextmanager
def _context(example: Example) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name, text in example.files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        yield root


def findings(rule: type[Rule], text: str, root: Path) -> list[Finding]:
    """What one rule, run alone, finds in a Dockerfile at ``root``."""
    facts = Reader().facts(text.encode(), root / "Dockerfile")
    return [finding for finding in _linter(rule).lint(facts) if finding.code == rule.code]


def fixed(rule: type[Rule], text: str, root: Path) -> FixResult:
    """What one rule's fixes, the unsafe ones too, make of a Dockerfile at ``root``."""
    return fix(text.encode(), root / "Dockerfile", Reader(), _linter(rule), unsafe=True)


def _linter(rule: type[Rule]) -> Linter:
    """One rule alone; rewriting rules come together, as one rewrite answers them all."""
    rules = [rule, *(own for own in OWN_RULES if own is not rule)]
    running = {each.code for each in rules}
    if rule.rewrites:
        partners = [each for each in registry.load().rules if each.rewrites and each is not rule]
        rules.extend(partners)
        running.update(each.code for each in partners)
    return Linter(rules, frozenset(running))


def complaints(rule: type[Rule], example: Example) -> Iterator[str]:
    """Say all that is wrong with an example: nothing where the rule keeps its word.

    The marked spans are what is found, no more and no less; a look-alike stays quiet; the fix leads from bad to good,
    and good is clean; fixing again changes nothing; the safety of each fix is the one declared.
    """
    with _context(example) as root:
        if example.allow:
            found = findings(rule, example.allow, root)
            if found:
                yield f"flagged though it is allowed:\n{marked(example.allow, found)}"
            yield from _crashes(rule, example.allow, root)
            return
        text = unmarked(example.bad)
        found = findings(rule, text, root)
        if marked(text, found) != example.bad:
            yield f"found:\n{marked(text, found)}\nbut marked:\n{example.bad}"
        yield from _crashes(rule, text, root)
        yield from _about_fix(rule, example, text, found, root)


def _crashes(rule: type[Rule], text: str, root: Path) -> Iterator[str]:
    facts = Reader().facts(text.encode(), root / "Dockerfile")
    for finding in _linter(rule).lint(facts):
        if finding.code == "SLIM901" and rule.code in finding.message:
            yield finding.message


def _about_fix(rule: type[Rule], example: Example, text: str, found: list[Finding], root: Path) -> Iterator[str]:
    result = fixed(rule, text, root)
    fixes = [finding.fix for finding in found if isinstance(finding.fix, Fix)]
    refusals = [finding.fix.reason for finding in found if isinstance(finding.fix, Refused)]
    if example.good is None:
        if result.changed:
            yield f"the fix made, though the example has no good=:\n{result.text}"
        if example.refused and not any(example.refused in reason for reason in refusals):
            yield f"no refusal says {example.refused!r}: {refusals}"
        return
    if result.text != example.good:
        reasons = "".join(f"\n{reason.message}" for reason in result.withheld)
        yield f"fixed:\n{result.text}\nbut good is:\n{example.good}{reasons}"
    left = findings(rule, example.good, root)
    if left:
        yield f"good is flagged:\n{marked(example.good, left)}"
    again = fixed(rule, result.text, root)
    if again.changed:
        yield f"fixing again changes:\n{again.text}"
    declared = rule.safety
    if example.unsafe is not None:
        declared = Safety.UNSAFE if example.unsafe else Safety.SAFE
    for offer in fixes:
        if offer.safety is not declared:
            word = declared.value if declared else "no fix"
            yield f"the fix {offer.title!r} is {offer.safety.value}, but declared: {word}"


class Case(NamedTuple):
    """One folder of a corpus: a Dockerfile, its build context, and what is expected of it.

    ``expected.json`` has ``findings`` (code, line, column, end line, end column), ``rewrite``, ``safety``, and
    ``reason``, a part of what is said of a fix that was not made; it may have ``options``: ``target``, ``build_args``,
    ``wheel_transfer`` and ``unsafe``.  ``Dockerfile.fixed`` is the expected rewrite, absent where nothing changes.
    """

    folder: Path
    data: bytes
    expected: dict[str, Any]
    fixed: bytes

    @property
    def path(self) -> Path:
        """The Dockerfile."""
        return self.folder / "Dockerfile"


class Observed(NamedTuple):
    """What dockslim really says of a case."""

    facts: Facts
    findings: list[list[Any]]
    result: FixResult
    again: FixResult


def cases(corpus: Path) -> list[Case]:
    """All cases of a corpus, by name."""
    found = []
    for path in sorted(corpus.glob("*/Dockerfile")):
        expected, fixed = path.with_name("expected.json"), path.with_name("Dockerfile.fixed")
        data = path.read_bytes()
        said = json.loads(expected.read_text("utf-8")) if expected.exists() else {}
        found.append(Case(path.parent, data, said, fixed.read_bytes() if fixed.exists() else data))
    return found


def observe(case: Case, package: str = "dockslim_rules") -> Observed:
    """Check and fix a case with the rules of one package, whatever else is installed."""
    options = dict(case.expected.get("options", {}))
    unsafe = options.pop("unsafe", False)
    reader = Reader(**options)
    linter = Linter(registry.load(package).rules)
    facts, found = linter.judge(reader.facts(case.data, case.path))
    source = facts.file.source
    places = [
        [finding.code, *source.position(finding.span.start), *source.position(finding.span.end)] for finding in found
    ]
    result = fix(case.data, case.path, reader, linter, unsafe=unsafe)
    again = fix(result.data, case.path, reader, linter, unsafe=unsafe)
    return Observed(facts, places, result, again)
