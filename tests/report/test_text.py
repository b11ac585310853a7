"""Whole reports, as a terminal shows them."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from dockslim.api import (
    Annotation,
    Edit,
    Example,
    Facts,
    Finding,
    Fix,
    Note,
    Obligation,
    Proof,
    Refused,
    Rule,
    Safety,
    Severity,
    Span,
)
from dockslim.engine.fixer import fix
from dockslim.engine.linter import Linter
from dockslim.engine.own import OWN_RULES
from dockslim.engine.reading import Reader
from dockslim.engine.session import Checked
from dockslim.report import fixes, text
from dockslim.report.page import Line, show

DOCKERFILE = "FROM a\nRUN get one two\nRUN get three\nUSER four\n"


class Words(Rule):
    """Flags number words."""

    code = "TST001"
    name = "number-words"
    safety = Safety.SAFE
    examples = (Example(allow="FROM a\n"),)

    def check_file(self, facts: Facts) -> Iterator[Finding]:
        content = facts.file.text

        def place(word: str) -> Span:
            return Span(content.find(word), content.find(word) + len(word))

        if "one" not in content:
            return
        edits = (Edit(place("one"), "1"), Edit(place("two"), "2"))
        obligation = Obligation("digits", Proof.PROVEN, "each word has one")
        notes = (Note("moved", "one", "it is a 1", 2),)
        shared = Fix("numbers", "write digits", edits, obligations=(obligation,), notes=notes)
        why = Annotation(place("USER"), "nobody reads words here")
        yield self.finding(place("one"), "one is a word", cost_mb=291.6, help="count", annotations=[why], fix=shared)
        yield self.finding(place("two"), "two is a word", cost_mb=0.3, help="count", fix=shared)
        yield self.finding(place("three"), "three is a word", fix=Refused("3 is taken"), severity=Severity.ERROR)
        risky = Fix("four", "write 4", (Edit(place("four"), "4"),), Safety.UNSAFE)
        yield self.finding(place("four"), "four is a word", fix=risky, severity=Severity.INFO)


LINTER = Linter((Words, *OWN_RULES))

CHECKED = """\
Dockerfile:2:9: TST001 one is a word [number-words]
  │
2 │ RUN get one two
  │         ^^^ about 292 MB
  ⋮
4 │ USER four
  │ ---- nobody reads words here

Dockerfile:2:13: TST001 two is a word [number-words]
  │
2 │ RUN get one two
  │             ^^^ less than 1 MB
  = help: count
  = fix: write digits (dockslim fix)

Dockerfile:3:9: TST001 error: three is a word [number-words]
  │
3 │ RUN get three
  │         ^^^^^
  = no fix: 3 is taken

Dockerfile:4:6: TST001 info: four is a word [number-words]
  │
4 │ USER four
  │      ^^^^
  = fix, unsafe: write 4 (dockslim fix --unsafe-fixes)

4 findings in 1 file; `dockslim fix` mends 2, with --unsafe-fixes 1 more.
"""

FIXED = """\
--- a/Dockerfile
+++ b/Dockerfile
@@ -1,4 +1,4 @@
 FROM a
-RUN get one two
+RUN get 1 2
 RUN get three
 USER four

why:
  line 2 TST001 moved: one (it is a 1)
safety: safe, the image behaves the same
  proven  digits: each word has one

"""


def printed(lines: Iterator[Line]) -> str:
    stream = io.StringIO()
    show(lines, stream)
    return stream.getvalue()


@pytest.fixture(params=["plain", "coloured"])
def plain(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Both ways to print, which differ in colour alone."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    if request.param == "coloured":
        monkeypatch.setenv("FORCE_COLOR", "1")
    return request.param == "plain"


def test_check(plain: bool) -> None:
    facts = Reader().facts(DOCKERFILE.encode(), Path("Dockerfile"))
    findings = LINTER.lint(facts)

    def lines() -> Iterator[Line]:
        yield from text.full(Checked(Path("Dockerfile"), facts.file.source, findings))
        yield text.summary(findings, 1)

    output = printed(lines())
    assert ("\x1b[" not in output) is plain
    assert re.sub(r"\x1b\[[0-9;]*m", "", output) == CHECKED
    # No ground of its own, no black, white or blue: they are lost on one ground or the other.
    codes = {code for style in re.findall(r"\x1b\[([0-9;]*)m", output) for code in style.split(";")}
    assert codes <= {"0", "1", "2", "31", "32", "33", "35", "36"}


def test_fix(plain: bool) -> None:
    facts = Reader().facts(DOCKERFILE.encode(), Path("Dockerfile"))
    result = fix(DOCKERFILE.encode(), Path("Dockerfile"), Reader(), LINTER)
    output = printed(fixes.full("Dockerfile", facts.file, result))
    assert ("\x1b[" not in output) is plain
    assert re.sub(r"\x1b\[[0-9;]*m", "", output) == FIXED


def test_what_is_left_is_told() -> None:
    facts = Reader().facts(DOCKERFILE.encode(), Path("Dockerfile"))

    class Left(Words):
        """Only what is left."""

        def check_file(self, facts: Facts) -> Iterator[Finding]:
            yield from list(super().check_file(facts))[2:]

    result = fix(DOCKERFILE.encode(), Path("Dockerfile"), Reader(), Linter((Left, *OWN_RULES)))
    assert printed(fixes.full("Dockerfile", facts.file, result)) == (
        "Dockerfile: left as it was:\n"
        "  line 3 TST001 3 is taken\n"
        "  line 4 TST001 write 4: unsafe, --unsafe-fixes would do it\n"
        "\n"
    )


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("a\r\n", "b\r\n", ["-a\r", "+b\r"]),
        ("a", "a\n", ["-a", "\\ No newline at end of file", "+a"]),
        ("a \n", "a\n", ["-a ", "+a"]),
        ("-- x\n", "++ x\n", ["--- x", "+++ x"]),
        ("a\u2028b\n", "c\n", ["-a\u2028b", "+c"]),
    ],
)
def test_a_diff_is_verbatim(before: str, after: str, expected: list[str]) -> None:
    lines = ["".join(piece for _, piece in line) for line in fixes.diff("f", before, after, verbatim=True)]
    assert lines[3:] == expected
