"""The harness complains where it should: a rule that breaks its word does not pass."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dockslim.api import Edit, Example, Finding, Fix, Instruction, Rule, Safety, Span
from dockslim.engine.rule import RuleDefinitionError
from dockslim.testing import complaints, marked, rules_of


def flagging(**attributes: object) -> type[Rule]:
    """A rule that flags the keyword of each USER instruction, and lower-cases it."""

    def check_instruction(self: Rule, instruction: Instruction) -> Iterator[Finding]:
        if instruction.name == "USER" and instruction.keyword.isupper():
            edit = Edit(instruction.keyword_span, "user")
            fix = Fix(id=f"user-{instruction.line}", title="write user", edits=(edit,))
            yield self.finding(instruction.keyword_span, "shouts", fix=fix)

    defaults = {
        "__doc__": "USER in capitals.",
        "code": "TST001",
        "name": "shouting-user",
        "safety": Safety.SAFE,
        "examples": (Example(allow="FROM a\n"),),
        "check_instruction": check_instruction,
    }
    return type("Shouting", (Rule,), {**defaults, **attributes})


RULE = flagging()


@pytest.mark.parametrize(
    ("example", "complaint"),
    [
        (Example(bad="FROM a\n«USER» b\n", good="FROM a\nuser b\n"), None),
        (Example(allow="FROM a\nuser b\n"), None),
        (Example(bad="FROM a\n«USER b»\n", good="FROM a\nuser b\n"), "but marked"),
        (Example(bad="FROM a\n«USER» b\nUSER c\n", good="FROM a\nuser b\nuser c\n"), "but marked"),
        (Example(bad="FROM a\n«USER» b\n", good="FROM a\nUser b\n"), "but good is"),
        (Example(bad="FROM a\n«USER» b\n", good="FROM a\nUSER b\n"), "good is flagged"),
        (Example(bad="FROM a\n«USER» b\n"), "has no good="),
        (Example(bad="FROM a\n«USER» b\n", good="FROM a\nuser b\n", unsafe=True), "is safe, but declared: unsafe"),
        (Example(allow="FROM a\nUSER b\n"), "flagged though"),
    ],
)
def test_complaints(example: Example, complaint: str | None) -> None:
    said = "\n".join(complaints(RULE, example))
    assert complaint in said if complaint else not said


def test_a_fix_that_does_not_converge_is_told() -> None:
    def check_instruction(self: Rule, instruction: Instruction) -> Iterator[Finding]:
        if instruction.name == "USER":
            other = "user" if instruction.keyword.isupper() else "USER"
            fix = Fix(id="x", title="turn", edits=(Edit(instruction.keyword_span, other),))
            yield self.finding(instruction.keyword_span, "turns", fix=fix)

    rule = flagging(check_instruction=check_instruction)
    said = "\n".join(complaints(rule, Example(bad="FROM a\n«USER» b\n", good="FROM a\nuser b\n")))
    assert "undo each other" in said


def test_a_rule_that_crashes_is_told() -> None:
    def check_instruction(self: Rule, instruction: Instruction) -> Iterator[Finding]:
        raise ZeroDivisionError("oh")
        yield

    said = "\n".join(complaints(flagging(check_instruction=check_instruction), Example(allow="FROM a\nUSER b\n")))
    assert "ZeroDivisionError: oh" in said


@pytest.mark.parametrize(
    ("attributes", "missing"),
    [
        ({"__doc__": None}, "docstring"),
        ({"__doc__": "  "}, "docstring"),
        ({"code": "X1"}, "code"),
        ({"name": "Not Kebab"}, "name"),
        ({"examples": ()}, "examples"),
        ({"examples": ["FROM a"]}, "examples"),
    ],
)
def test_an_incomplete_rule_is_refused_where_it_is_defined(attributes: dict[str, object], missing: str) -> None:
    with pytest.raises(RuleDefinitionError, match=missing):
        flagging(**attributes)


@pytest.mark.parametrize(
    "arguments",
    [{}, {"bad": "FROM «a»\n", "allow": "FROM a\n"}, {"bad": "FROM a\n"}, {"allow": "FROM a\n", "good": "FROM b\n"}],
)
def test_an_example_that_says_nothing_is_refused(arguments: dict[str, str]) -> None:
    with pytest.raises(RuleDefinitionError):
        Example(**arguments)  # type: ignore[arg-type]


def test_no_rules_is_no_success() -> None:
    with pytest.raises(LookupError):
        rules_of("no_such_package")


def test_marked() -> None:
    spans = [Span(0, 3), Span(4, 6), Span(4, 6), Span(6, 6)]
    found = [RULE().finding(span, "x") for span in spans]
    assert marked("abcdefg", found) == "«abc»d«ef»«»g"
