"""What comments silence, for how much, and what is said of those that silence nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dockslim.engine.finding import Finding
from dockslim.engine.linter import Linter
from dockslim.engine.own import OWN_RULES
from dockslim.engine.reading import Reader
from dockslim.engine.rule import Example, Rule
from dockslim.model import Facts
from dockslim.syntax.span import Span


class Marked(Rule):
    """Flags each word bad."""

    code = "TST001"
    name = "marked"
    aliases = ("DL3999", "JSONArgsRecommended")
    examples = (Example(allow="FROM a\n"),)

    def check_file(self, facts: Facts) -> Iterator[Finding]:
        start = facts.file.text.find("bad")
        while start >= 0:
            yield self.finding(Span(start, start + 3), "bad")
            start = facts.file.text.find("bad", start + 3)


class Other(Rule):
    """Finds nothing, and is off."""

    code = "TST002"
    name = "other"
    enabled = False
    examples = (Example(allow="FROM a\n"),)


def told(text: str) -> list[str]:
    facts = Reader().facts(text.encode(), Path("Dockerfile"))
    findings = Linter((Marked, Other, *OWN_RULES)).lint(facts)
    return [f"{facts.file.source.position(each.span.start).line} {each.code}" for each in findings]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FROM a\nRUN bad\n", ["2 TST001"]),
        ("FROM a\n# dockslim: ignore=TST001 it has to be\nRUN bad\n", []),
        ("FROM a\n#dockslim:ignore=marked\nRUN bad\n", []),
        ("FROM a\n# dockslim: ignore = TST0, SLIM1\nRUN bad\n", ["2 SLIM903"]),  # no rule is called SLIM1 here
        ("FROM a\n# dockslim: ignore=TST001\n# another comment\n\nRUN bad\n", []),
        ("FROM a\n# dockslim: ignore=TST001\nRUN x \\\n  bad \\\n  bad\n", []),
        ("FROM a\n# dockslim: ignore=TST001\nRUN bad\nRUN bad\n", ["4 TST001"]),
        # Inside a continuation a comment speaks of the next line alone.
        ("FROM a\nRUN x \\\n# dockslim: ignore=TST001\n  bad \\\n  bad\n", ["5 TST001"]),
        ("FROM a\nRUN <<EOF\n# dockslim: ignore=TST001\nbad\nbad\nEOF\n", ["5 TST001"]),
        # Stage and file.
        ("FROM a\n# dockslim: stage-ignore=TST001\nRUN bad\nFROM b\nRUN bad\n", ["5 TST001"]),
        ("FROM a\nRUN bad\n# dockslim: stage-ignore=TST001\nFROM b\nRUN bad\n", ["2 TST001"]),
        ("FROM a\nRUN bad\nRUN bad\n# dockslim: file-ignore=TST001\n", []),
        # What does nothing is told.
        ("FROM a\n# dockslim: ignore=TST001\nRUN good\n", ["2 SLIM903"]),
        ("FROM a\n# dockslim: ignore=TST001,SLIM900\nRUN bad\n", []),
        ("FROM a\n# dockslim: ignore=TST002\nRUN good\n", []),  # that rule does not run
        ("FROM a\n# dockslim: ignore=TSTX01\nRUN bad\n", ["2 SLIM903", "3 TST001"]),
        ("FROM a\n# dockslim: ignor=TST001\nRUN bad\n", ["2 SLIM903", "3 TST001"]),
        ("FROM a\n# dockslim: file-ignore=SLIM903\n# dockslim: ignore=TST001\nRUN good\n", []),
        # Other linters' comments.
        ("FROM a\n# hadolint ignore=DL3999,DL3008\nRUN bad\n", []),
        ("FROM a\n# hadolint ignore=DL3008\nRUN bad\n", ["3 TST001"]),
        ("# hadolint global ignore=DL3999\nFROM a\nRUN bad\n", []),
        ("# check=skip=JSONArgsRecommended;error=true\nFROM a\nRUN bad\n", []),
        # No comment at all.
        ('FROM a\nRUN echo "# dockslim: ignore=TST001" bad\n', ["2 TST001"]),
    ],
)
def test_suppression(text: str, expected: list[str]) -> None:
    assert told(text) == expected
