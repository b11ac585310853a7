"""``known-packages``: what users declare of packages goes before what dockslim knows of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from dockslim import knowledge
from dockslim.engine.keys import schema
from dockslim.engine.known import declarations, read
from dockslim.knowledge import Kind
from dockslim.knowledge.declared import in_force

FILE = (
    "FROM python:3.12-slim-{release}\n"
    "RUN apt-get update && apt-get install -y {packages} && rm -rf /var/lib/apt/lists/*\n"
    "RUN pip install --no-cache-dir pyodbc==5.1.0\n"
)
JSON = ("--output-format", "json")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(packages: str, declared: str = "", release: str = "bookworm") -> None:
    Path("Dockerfile").write_text(FILE.format(packages=packages, release=release))
    Path("dockslim.toml").write_text('select = ["SLIM1"]\n' + (f"known-packages = {declared}\n" if declared else ""))


def named(run: Any, *options: str) -> list[tuple[str, str]]:
    findings = json.loads(run("check", *JSON, *options).stdout)["findings"]
    return [(finding["code"], finding["message"].split()[0]) for finding in findings]


def fixed(run: Any) -> Any:
    (file,) = json.loads(run("fix", *JSON).stdout)["files"]
    return file


def final(text: str) -> str:
    return text.rpartition("\nFROM ")[2]


def test_a_package_that_nobody_knows(run: Any) -> None:
    write("unixodbc-dev acme-sdk libacme-dev")
    assert named(run) == [("SLIM102", "unixodbc-dev"), ("SLIM102", "libacme-dev")]
    assert fixed(run)["safety"] == "unsafe"
    write(
        "unixodbc-dev acme-sdk libacme-dev",
        '{acme-sdk = "build-tool", libacme-dev = {runtime = ["libacme2", "acme-data"]}}',
    )
    assert named(run) == [("SLIM102", "unixodbc-dev"), ("SLIM101", "acme-sdk"), ("SLIM102", "libacme-dev")]
    file = fixed(run)
    assert file["safety"] == "safe"
    assert " libacme2 acme-data" in final(file["text"])
    assert "acme-sdk" not in final(file["text"])
    assert any("libacme2" in reason["message"] for reason in file["reasons"])


def test_a_package_that_is_known_wrongly(run: Any) -> None:
    write("g++ gcc libpq-dev", '{gcc = "runtime", libpq-dev = {runtime = ["acme-pq"]}}')
    assert named(run) == [("SLIM101", "g++"), ("SLIM102", "libpq-dev")]
    text = final(fixed(run)["text"])
    assert " gcc " in text
    assert " acme-pq" in text
    assert "libpq5" not in text


@pytest.mark.parametrize(("release", "library"), [("bookworm", "libacme2"), ("trixie", "libacme2t64")])
def test_names_by_release(release: str, library: str, run: Any) -> None:
    write("libacme-dev", '{libacme-dev = {runtime = {bookworm = ["libacme2"], "13" = ["libacme2t64"]}}}', release)
    file = fixed(run)
    assert f"install -y {library} &&" in final(file["text"])
    assert file["safety"] == "safe"


def test_a_release_that_is_not_named_is_left_to_the_data(run: Any) -> None:
    write("libacme-dev", '{libacme-dev = {runtime = {trixie = ["libacme2"]}}}', "bookworm")
    assert fixed(run)["safety"] == "unsafe"


def test_what_was_remembered_is_forgotten_when_the_declaration_changes(run: Any) -> None:
    write("acme-sdk")
    assert named(run) == named(run) == []
    write("acme-sdk", '{acme-sdk = "build-tool"}')
    assert named(run) == named(run) == [("SLIM101", "acme-sdk")]
    write("acme-sdk", '{acme-sdk = "dev-header"}')
    assert named(run) == [("SLIM102", "acme-sdk")]
    write("acme-sdk")
    assert named(run) == []


def test_each_folder_has_its_own(run: Any) -> None:
    for name, role in (("a", "build-tool"), ("b", "dev-header"), ("c", "runtime"), ("d", "build-tool")):
        Path(name).mkdir()
        Path(name, "Dockerfile").write_text(FILE.format(packages="acme-sdk", release="bookworm"))
        Path(name, "dockslim.toml").write_text(f'select = ["SLIM1"]\nknown-packages = {{acme-sdk = "{role}"}}\n')
    expected = [("SLIM101", "acme-sdk"), ("SLIM102", "acme-sdk"), ("SLIM101", "acme-sdk")]
    assert named(run, "--no-cache") == named(run, "--no-cache", "--jobs", "2") == expected


def test_it_is_shown(run: Any) -> None:
    write("gcc", '{acme-sdk = "build-tool", libacme-dev = {runtime = {trixie = ["libacme2"]}}}')
    shown = json.loads(run("config", "show", *JSON).stdout)["settings"]["known-packages"]
    assert shown["value"] == {
        "acme-sdk": {"role": "build-tool"},
        "libacme-dev": {"runtime": {"trixie": ["libacme2"]}},
    }
    assert shown["source"].endswith("dockslim.toml")
    (line,) = [line for line in run("config", "show").stdout.splitlines() if line.startswith("known-packages")]
    assert line.startswith('known-packages = {"acme-sdk" = {"role" = "build-tool"}, "libacme-dev" = ')


def test_why_knows_it_too(run: Any) -> None:
    write("gcc", '{libacme-dev = {role = "dev-header", runtime = ["libacme2"]}}')
    result = run("why", "--release", "bookworm", "libacme-dev")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith(
        "libacme-dev: development headers (the configuration says so)\n  runtime: libacme2\n"
    )
    assert run("why", "--release", "bookworm", "--isolated", "libacme-dev").exit_code == 1
    Path("other.toml").write_text('known-packages = {libacme-dev = "runtime"}\n')
    assert "libacme-dev: runtime" in run("why", "--config", "other.toml", "libacme-dev").stdout
    assert run("why", "--config", "other.toml", "--isolated", "libacme-dev").exit_code == 2
    Path("dockslim.toml").write_text("known-packages = 3\n")
    result = run("why", "libacme-dev")
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1


GOOD = [
    {"acme": "build-tool"},
    {"acme": {"role": "runtime"}},
    {"libacme-dev": {"role": "dev-header", "runtime": []}},
    {"libacme-dev": {"runtime": ["libacme2"]}},
    {"libacme-dev": {"runtime": {"bookworm": ["libacme2"], "alpine": ["acme-libs"]}}},
]


@pytest.mark.parametrize("value", GOOD)
def test_the_schema_takes_what_is_right(value: Any) -> None:
    jsonschema.validate({"known-packages": value}, schema())
    assert set(declarations(read(value, None))) == set(value)


WRONG = [
    ("[]", "a table of packages is expected, such as {"),
    (
        '{acme = "buildtool"}',
        "acme: role: 'buildtool' is none of build-tool, dev-header, runtime; did you mean build-tool?",
    ),
    ("{acme = 3}", "acme: a role or a table is expected"),
    ("{acme = {}}", "acme: a role or a table is expected"),
    ('{acme = {rol = "runtime"}}', "acme: unknown key 'rol'; did you mean role?"),
    ("{acme = {role = 3}}", "acme: role: 3 is none of"),
    ('{acme = {runtime = "libacme2"}}', "acme: runtime: a list of packages is expected"),
    ('{acme = {runtime = ["lib acme"]}}', "acme: runtime: 'lib acme' is no name of a package"),
    ('{acme = {runtime = {bokworm = ["libacme2"]}}}', "'bokworm' is no release that is known; did you mean bookworm?"),
    ('{acme = {role = "runtime", runtime = ["x1"]}}', "nothing goes in the place of a runtime package; leave it out"),
    ('{"acme=1.0" = "runtime"}', "'acme=1.0' is no name of a package"),
    ('{"$ACME" = "runtime"}', "'$ACME' is no name of a package"),
]


@pytest.mark.parametrize(("declared", "said"), WRONG)
def test_what_is_wrong_costs_one_line(declared: str, said: str, run: Any) -> None:
    write("gcc", declared)
    for command in (["check"], ["config", "show"]):
        result = run(*command)
        assert result.exit_code == 2
        assert len(result.stderr.splitlines()) == 1
        assert "dockslim.toml: known-packages: " in result.stderr
        assert said in result.stderr


def test_the_look_ups_forget_it_again() -> None:
    before = knowledge.role("gcc", "bookworm"), knowledge.runtime_packages("gcc", "bookworm")
    packages = declarations(read({"gcc": "runtime", "acme": "build-tool", "x-dev": {"runtime": ["x1"]}}, None))
    with in_force(packages):
        assert knowledge.role("gcc", None).kind is Kind.RUNTIME
        assert knowledge.role("acme", "bookworm") == (Kind.BUILD_TOOL, "the configuration says so", None)
        assert knowledge.runtime_packages("acme", "bookworm") == ()
        assert knowledge.runtime_packages("x-dev", "no such release") == ("x1",)
        with in_force({}):
            assert knowledge.role("gcc", "bookworm") == before[0]
    assert (knowledge.role("gcc", "bookworm"), knowledge.runtime_packages("gcc", "bookworm")) == before
