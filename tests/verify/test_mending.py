"""`dockslim fix --verify` of a file that has its builder already: what its image misses is found and written."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from dockslim.verify import engines
from dockslim.verify.engines import BuildRequest, Engine, Inspection
from dockslim.verify.probe import MARKER
from dockslim.verify.process import Cancel, Ran
from dockslim.verify.results import Config, Layer

Run = Callable[..., Result]
NOTHING: dict[str, Any] = {
    "packages": [],
    "distributions": [],
    "imported": 0,
    "import_failures": [],
    "missing_libraries": [],
    "libraries": [],
    "binaries": 1,
    "scripts": [],
    "setuid": [],
    "uid": 0,
    "writable": [],
    "programs": ["apt-get"],
    "seconds": 0.1,
}
LINKED = "/usr/local/lib/python3.11/site-packages/pyodbc.so"


class Pretender:
    """An engine whose images know one library: the package `libodbc2` brings it, and the builder's headers do."""

    name = "docker"

    def __init__(self, owner: str | None = "libodbc2", worse: bool = False) -> None:
        self.cancel = Cancel()
        self.owner = owner
        self.worse = worse
        self.shipped: dict[str, str] = {}
        self.texts: list[str] = []

    def check(self) -> str:
        return "1"

    def build(self, request: BuildRequest, on_line: Callable[[str], None]) -> None:
        text = request.dockerfile.read_text()
        if request.target is None:
            self.texts.append(text)
            text = text.rpartition("\nFROM ")[2]
        self.shipped[request.tag] = text

    def inspect(self, tag: str) -> Inspection:
        there = "libodbc2" in self.shipped[tag]
        user = "app" if there and self.worse else ""
        return Inspection("id", Config(user=user), (Layer("RUN x", 200 if there else 100),))

    def run(self, tag: str, command: list[str], *, stdin: bytes = b"", **given: object) -> Ran:
        text = self.shipped[tag]
        if rb"\"mode\": \"owners\"" in stdin:
            owners = {"libodbc.so.2": self.owner} if self.owner and "unixodbc-dev" in text else {}
            answer: dict[str, Any] = {"owners": owners, "contents": {}}
        else:
            answer = dict(NOTHING, packages=[{"name": "libc6", "version": "1", "manager": "dpkg", "size": 1}])
            if "libodbc2" in text:
                library = {"soname": "libodbc.so.2", "path": "/usr/lib/libodbc.so.2", "package": "libodbc2"}
                answer["libraries"] = [{**library, "needed_by": [LINKED], "linked": True}]
            else:
                answer["missing_libraries"] = [{"library": "libodbc.so.2", "needed_by": LINKED}]
        return Ran(0, MARKER + json.dumps(answer) + "\n", "", 0.1)

    def remove(self, tag: str) -> None: ...

    def remove_steps(self, run_id: str) -> None: ...

    def leftovers(self, run_id: str) -> list[str]:
        return []


@pytest.fixture
def pretend(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Pretender]:
    def made(**given: Any) -> Pretender:
        engine = Pretender(**given)
        monkeypatch.setattr(engines, "choose", lambda name, cancel=None: engine)
        return engine

    return made


@pytest.fixture
def unknowing(forget_runtime: Callable[[str, tuple[str, ...] | None], None]) -> None:
    """Nothing is known of what unixodbc-dev stands for, so that only the built image can tell."""
    forget_runtime("unixodbc-dev", None)


def test_what_is_missing_is_written(run: Run, blog: Path, unknowing: None, pretend: Callable[..., Pretender]) -> None:
    engine = pretend()
    path = blog / "two-stage.Dockerfile"
    before = path.read_text()
    plain = run("fix", "--select", "SLIM301", "--write", path)
    assert (plain.exit_code, path.read_text()) == (0, before)  # nothing is to be seen without building

    result = run("fix", "--select", "SLIM301", "--verify", "--write", path)
    assert result.exit_code == 0, result.output
    text = path.read_text()
    assert "libodbc2" in text.rpartition("\nFROM ")[2]
    assert text == engine.texts[-1]
    assert text.replace(next(line for line in text.splitlines(True) if "libodbc2" in line), "") == before
    assert "SLIM301 added: libodbc2 (pyodbc.so links to libodbc.so.2)" in result.stdout
    assert "safety: safe" in result.stdout

    again = run("fix", "--select", "SLIM301", "--verify", "--write", path)
    assert (again.exit_code, again.stdout, path.read_text()) == (0, "", text)


def test_a_program_is_told(run: Run, blog: Path, unknowing: None, pretend: Callable[..., Pretender]) -> None:
    pretend()
    options = ["--select", "SLIM301", "--verify", "--output-format", "json"]
    result = run("fix", *options, blog / "two-stage.Dockerfile")
    assert result.exit_code == 1  # nothing was written
    (entry,) = json.loads(result.stdout)["files"]
    assert (entry["changed"], entry["rewrite"], entry["safety"]) == (True, "none", "safe")
    (reason,) = entry["reasons"]
    assert (reason["code"], reason["line"]) == ("SLIM301", 11)
    assert "libodbc2" in entry["text"]


def test_what_nothing_mends_is_told(run: Run, blog: Path, unknowing: None, pretend: Callable[..., Pretender]) -> None:
    pretend(owner=None)
    path = blog / "two-stage.Dockerfile"
    before = path.read_text()
    result = run("fix", "--select", "SLIM301", "--verify", "--write", path)
    assert result.exit_code == 1
    assert "built as it is: libodbc.so.2 is missing: needed by " in result.stdout
    assert path.read_text() == before


def test_what_is_worse_is_not_written(run: Run, blog: Path, unknowing: None, pretend: Callable[..., Pretender]) -> None:
    pretend(worse=True)
    path = blog / "two-stage.Dockerfile"
    before = path.read_text()
    result = run("fix", "--select", "SLIM301", "--verify", "--write", path)
    assert result.exit_code == 1
    assert "is worse: user: (none) became 'app'" in result.stdout
    assert path.read_text() == before


@pytest.mark.parametrize(
    "text",
    [
        "FROM golang AS build\nRUN go build\nFROM scratch\nCOPY --from=build /x /x\n",
        "FROM python:3.11-slim-bookworm\nRUN pip install six\n",
        "FROM python:3.11-slim-bookworm AS base\nFROM base\nRUN pip install six\n",
        "",
    ],
)
def test_what_has_no_builder_of_python_packages_is_not_built(
    text: str, run: Run, tmp_path: Path, pretend: Callable[..., Pretender]
) -> None:
    engine = pretend()
    (tmp_path / "Dockerfile").write_text(text)
    run("fix", "--verify", tmp_path / "Dockerfile")
    assert engine.texts == []


def test_nor_is_it_where_nobody_asks_for_the_rule(run: Run, blog: Path, pretend: Callable[..., Pretender]) -> None:
    engine = pretend()
    run("fix", "--verify", "--ignore", "SLIM301", blog / "two-stage.Dockerfile")
    assert engine.texts == []


@pytest.mark.image
@pytest.mark.parametrize("knowing", [True, False], ids=["as it is known", "without knowledge"])
def test_the_published_recipe_is_mended(
    knowing: bool, run: Run, docker: Engine, blog: Path, request: pytest.FixtureRequest
) -> None:
    if not knowing:
        request.getfixturevalue("unknowing")
    path = blog / "two-stage.Dockerfile"
    options = ["--verify", "--write", "--network", "host", "--engine", "docker"]
    result = run("fix", *options, "--smoke", "python3 -c 'import pyodbc'", "--select", "SLIM301", path)
    assert result.exit_code == 0, result.output
    final = path.read_text().rpartition("\nFROM ")[2]
    assert "libodbc2" in final
    assert "COPY --from=builder" in final
    verified = run("verify", path, "--network", "host", "--engine", "docker", "--output-format", "json", "-q")
    document = json.loads(verified.stdout)
    assert document["after"]["missing_libraries"] == []
    assert document["after"]["import_failures"] == []
