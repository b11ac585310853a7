"""Fixes: what is applied, in which order, what is held back, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dockslim.engine.finding import Finding
from dockslim.engine.fixer import FixResult, fix
from dockslim.engine.linter import Linter
from dockslim.engine.own import OWN_RULES
from dockslim.engine.reading import Reader
from dockslim.engine.rule import Example, Rule
from dockslim.model import Facts
from dockslim.rewrite.edits import Edit, Fix, FixedEffect, Note, Refused, Safety
from dockslim.syntax.span import Span

Offer = Callable[[str], Iterator[tuple[Span, Fix | Refused]]]


def ruled(offer: Offer, number: int = 1, **attributes: object) -> type[Rule]:
    """A rule that finds what ``offer`` offers for a text."""

    def check_file(self: Rule, facts: Facts) -> Iterator[Finding]:
        for span, answer in offer(facts.file.text):
            yield self.finding(span, "offered", fix=answer)

    basis = {
        "__doc__": "A rule.",
        "code": f"TST{number:03}",
        "name": f"rule-{number}",
        "examples": (Example(allow="FROM a\n"),),
        "check_file": check_file,
    }
    return type(f"Rule{number}", (Rule,), {**basis, **attributes})


def replacing(old: str, new: str, **attributes: object) -> Offer:
    """Offer to write ``new`` for each ``old``."""

    def offer(text: str) -> Iterator[tuple[Span, Fix]]:
        start = text.find(old)
        while start >= 0:
            span = Span(start, start + len(old))
            fields = {"id": f"{old}-{start}", "title": f"{old} to {new}", "edits": (Edit(span, new),), **attributes}
            yield span, Fix(**fields)  # type: ignore[arg-type]
            start = text.find(old, span.end)

    return offer


def fixed(text: str | bytes, *rules: type[Rule], unsafe: bool = False) -> FixResult:
    data = text.encode() if isinstance(text, str) else text
    return fix(data, Path("Dockerfile"), Reader(), Linter((*rules, *OWN_RULES)), unsafe=unsafe)


def test_safe_fixes_are_applied_and_unsafe_ones_withheld() -> None:
    safe = ruled(replacing("one", "1"))
    unsafe = ruled(replacing("two", "2", safety=Safety.UNSAFE), 2)
    shown = ruled(replacing("three", "3", safety=Safety.DISPLAY), 3)
    text = "FROM a\nRUN one two three\n"
    result = fixed(text, safe, unsafe, shown)
    assert result.text == "FROM a\nRUN 1 two three\n"
    assert [(reason.code, reason.line, reason.message) for reason in result.withheld] == [
        ("TST002", 2, "two to 2: unsafe, --unsafe-fixes would do it"),
        ("TST003", 2, "three to 3: only by hand"),
    ]
    assert fixed(text, safe, unsafe, shown, unsafe=True).text == "FROM a\nRUN 1 2 three\n"


def test_phases_are_read_anew() -> None:
    late = ruled(replacing("x", "y", phase=1), 1)
    early = ruled(replacing("w", "x x", phase=0), 2)
    assert fixed("FROM a\nRUN w\n", late, early).text == "FROM a\nRUN y y\n"


def test_overlapping_fixes_wait_for_the_next_pass() -> None:
    first = ruled(replacing("ab", "a"), 1)
    second = ruled(replacing("bc", "c"), 2)
    result = fixed("FROM x\nRUN abc\n", first, second)
    assert result.text == "FROM x\nRUN ac\n"
    assert result.withheld == ()


def test_a_fix_shared_by_findings_is_made_once() -> None:
    def offer(text: str) -> Iterator[tuple[Span, Fix]]:
        if "one two" in text:
            start = text.index("one two")
            shared = Fix(id="shared", title="both", edits=(Edit(Span(start, start + 7), "1 2"),))
            yield Span(start, start + 3), shared
            yield Span(start + 4, start + 7), shared

    result = fixed("FROM a\nRUN one two\n", ruled(offer))
    assert result.text == "FROM a\nRUN 1 2\n"
    assert len(result.applied) == 1


def test_a_suppressed_finding_is_not_fixed() -> None:
    text = "FROM a\n# dockslim: ignore=TST001 stays\nRUN one\nRUN one\n"
    assert fixed(text, ruled(replacing("one", "1"))).text == text.replace("\nRUN one\n", "\nRUN one\n")[:-4] + "1\n"


def test_a_fix_that_would_mend_a_suppressed_finding_too_is_withheld() -> None:
    def offer(text: str) -> Iterator[tuple[Span, Fix]]:
        one, two = text.find("one"), text.find("two")
        if one >= 0:
            edits = (Edit(Span(one, one + 3), "1"), Edit(Span(two, two + 3), "2"))
            shared = Fix(id="shared", title="count", edits=edits)
            yield Span(one, one + 3), shared
            yield Span(two, two + 3), shared

    result = fixed("FROM a\nRUN one\n# dockslim: ignore=TST001 stays\nRUN two\n", ruled(offer))
    assert not result.changed
    (reason,) = result.withheld
    assert "what a comment keeps" in reason.message


def test_fixes_that_undo_each_other_leave_the_original() -> None:
    text = "FROM a\nRUN ping\n"
    result = fixed(text, ruled(replacing("ping", "pong")), ruled(replacing("pong", "ping"), 2))
    assert result.text == text
    assert not result.changed
    assert "undo each other" in result.withheld[0].message


def test_a_fix_that_grows_for_ever_is_stopped() -> None:
    result = fixed("FROM a\nRUN x\n", ruled(replacing("x", "xx")))
    assert not result.changed
    assert result.withheld


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("CMD run", "CMD walk", "CMD changed"),
        ("# kept\n", "", "comment would be lost"),
        ("RUN one", "RUNN one", ""),
        ("FROM a", "FROM", ""),
    ],
)
def test_no_broken_fix_passes_the_guard(old: str, new: str, said: str) -> None:
    text = "FROM a\n# kept\nRUN one\nCMD run\n"
    result = fixed(text, ruled(replacing(old, new)))
    assert result.text == text
    (reason,) = result.withheld
    assert "the guard holds it back" in reason.message
    assert said in reason.message


def test_what_a_fix_declares_the_guard_lets_pass() -> None:
    declared = replacing("CMD run", "CMD walk", effects=frozenset({FixedEffect.CMD}))
    assert fixed("FROM a\nCMD run\n", ruled(declared)).text == "FROM a\nCMD walk\n"


def test_one_broken_fix_does_not_hold_back_the_others() -> None:
    broken = ruled(replacing("CMD run", "CMD walk"), 1)
    sound = ruled(replacing("one", "1"), 2)
    result = fixed("FROM a\nRUN one\nCMD run\n", broken, sound)
    assert result.text == "FROM a\nRUN 1\nCMD run\n"
    assert [reason.code for reason in result.withheld] == ["TST001"]


def test_a_file_with_a_syntax_error_is_left_alone() -> None:
    text = "FROM a\nRUNN one\n"
    result = fixed(text, ruled(replacing("one", "1")))
    assert not result.changed
    assert (result.withheld[0].line, result.withheld[0].message[:13]) == (2, "does not read")


def test_line_ends_are_the_file_s_own() -> None:
    result = fixed(b"FROM a\r\nRUN one\r\n", ruled(replacing("one", "1 \\\n  2")))
    assert result.data == b"FROM a\r\nRUN 1 \\\r\n  2\r\n"


def test_bytes_that_are_no_text_survive() -> None:
    result = fixed(b"FROM a\n# caf\xe9\nRUN one\n", ruled(replacing("one", "1")))
    assert result.data == b"FROM a\n# caf\xe9\nRUN 1\n"


def test_notes_speak_of_lines_in_the_file_as_it_was() -> None:
    grows = ruled(replacing("one", "1 \\\n  1"), 1)

    def offer(text: str) -> Iterator[tuple[Span, Fix]]:
        start = text.find("two")
        if start >= 0:
            line = text.count("\n", 0, start) + 1
            note = Note("dropped", "two", "not needed", line)
            span = Span(start, start + 3)
            yield span, Fix(id="two", title="drop", edits=(Edit(span, "2"),), phase=1, notes=(note,))

    result = fixed("FROM a\nRUN one\nRUN two\n", grows, ruled(offer, 2))
    assert result.text == "FROM a\nRUN 1 \\\n  1\nRUN 2\n"
    assert [(reason.line, reason.message) for reason in result.reasons] == [
        (2, "changed: one to 1 \\\n  1 (offered)"),
        (3, "dropped: two (not needed)"),
    ]


@pytest.mark.parametrize(
    ("answer", "unsafe", "expected"),
    [
        (None, False, ("none", None)),
        (Safety.SAFE, False, ("done", Safety.SAFE)),
        (Safety.UNSAFE, False, ("refused", Safety.UNSAFE)),
        (Safety.UNSAFE, True, ("done", Safety.UNSAFE)),
        ("because", True, ("refused", None)),
    ],
)
def test_what_is_said_of_the_rewrite(answer: object, unsafe: bool, expected: tuple[str, Safety | None]) -> None:
    def offer(text: str) -> Iterator[tuple[Span, Fix | Refused]]:
        if isinstance(answer, str):
            yield Span(0, 4), Refused(answer)
        elif answer is not None:
            yield from replacing("one", "1", safety=answer)(text)

    result = fixed("FROM a\nRUN one\n", ruled(offer, rewrites=True), unsafe=unsafe)
    assert (result.rewrite, result.safety) == expected
    assert fixed("FROM a\nRUN one\n", ruled(offer), unsafe=unsafe).rewrite == "none"


def test_the_safety_told_is_that_of_a_withheld_rewrite_too() -> None:
    withheld = ruled(replacing("one", "1", safety=Safety.UNSAFE), rewrites=True)
    result = fixed("FROM a\nRUN one two\n", withheld, ruled(replacing("two", "2"), 2))
    assert result.text == "FROM a\nRUN one 2\n"
    assert (result.rewrite, result.safety) == ("refused", Safety.UNSAFE)


def test_a_crashing_rule_is_a_finding_and_the_others_go_on() -> None:
    def crash(text: str) -> Iterator[tuple[Span, Fix]]:
        raise KeyError("gone")
        yield

    result = fixed("FROM a\nRUN one\n", ruled(crash, 1), ruled(replacing("one", "1"), 2))
    assert result.text == "FROM a\nRUN 1\n"
    (finding,) = result.findings
    assert finding.code == "SLIM901"
    assert "TST001" in finding.message
    assert "KeyError" in finding.message
