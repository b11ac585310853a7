"""Dockerfiles that compose and bake files build, with the target and the arguments that they declare."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dockslim.engine.builds import Build, BuildsError, builds, names_builds

STAGES = (
    "ARG TAG=3.12-slim-bookworm\n"
    "FROM python:$TAG AS app\nRUN apt-get update && apt-get install -y gcc\n"
    "FROM python:$TAG AS dev\nRUN apt-get update && apt-get install -y g++\n"
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TAG", raising=False)
    return tmp_path


def declared(text: str, name: str = "compose.yaml") -> list[Build]:
    Path(name).write_text(text)
    return builds(Path(name))


def short(text: str, name: str = "compose.yaml") -> list[tuple[str, str, str | None, dict[str, str]]]:
    return [
        (each.dockerfile.as_posix(), each.context.as_posix(), each.target, dict(each.args))
        for each in declared(text, name)
    ]


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        ("build: .", [("Dockerfile", ".", None, {})]),
        ("build: ./web", [("web/Dockerfile", "web", None, {})]),
        ("build: {context: ., dockerfile: d/x.df, target: app}", [("d/x.df", ".", "app", {})]),
        ("build: {context: web, dockerfile: ../x.df}", [("x.df", "web", None, {})]),
        (
            "build: {args: {A: 1, B: true, C: x, D: null}}",
            [("Dockerfile", ".", None, {"A": "1", "B": "true", "C": "x"})],
        ),
        ("build: {args: [A=1, 'B=a=b', TAG]}", [("Dockerfile", ".", None, {"A": "1", "B": "a=b"})]),
        ("build: {args: {A: '${TAG:-3}', B: '${UNSET}', C: '$${x}'}}", [("Dockerfile", ".", None, {"A": "3"})]),
        ("build: {dockerfile: '${UNSET}'}", []),
        ("build: {dockerfile_inline: 'FROM x'}", []),
        ("build: {context: 'https://example.org/x.git'}", []),
        ("build: {target: development, args: {A: 1}}", [("Dockerfile", ".", None, {})]),
        ("build: {target: builder}", [("Dockerfile", ".", None, {})]),
        ("build: !reset null", []),
        ("build: !override {target: app}", [("Dockerfile", ".", "app", {})]),
        ("image: x", []),
        ("build: [1]", []),
    ],
)
def test_compose(service: str, expected: list[Any]) -> None:
    assert short(f"services:\n  web:\n    {service}\n") == expected


def test_compose_reads_dot_env_and_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("# comment\nTAG='3.11'\nexport NAME=app\n")
    text = "services: {web: {build: {target: '${NAME}', args: {T: $TAG}}}}\n"
    assert short(text)[0][2:] == ("app", {"T": "3.11"})
    monkeypatch.setenv("TAG", "3.13")
    assert short(text)[0][3] == {"T": "3.13"}


def test_what_is_for_the_desk_says_nothing_of_what_ships() -> None:
    text = "services: {web: {build: {target: app, args: {A: 1}}}}\n"
    assert (
        short(text, "compose.override.yaml") == short(text, "docker-compose.dev.yml") == [("Dockerfile", ".", None, {})]
    )
    assert short(text, "docker-compose.prod.yml") == [("Dockerfile", ".", "app", {"A": "1"})]


def test_bake() -> None:
    document = {
        "variable": {"TAG": {"default": "3.12"}},
        "target": {
            "_common": {"args": {"TAG": "${TAG}", "A": "1"}},
            "web": {"inherits": ["_common"], "context": "web", "target": "app", "args": {"A": "2"}},
            "loop": {"inherits": ["loop"], "dockerfile": "x.df"},
        },
    }
    assert short(json.dumps(document), "docker-bake.json") == [
        ("Dockerfile", ".", None, {"TAG": "3.12", "A": "1"}),
        ("web/Dockerfile", "web", "app", {"TAG": "3.12", "A": "2"}),
        ("x.df", ".", None, {}),
    ]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("compose.yaml", "services: [", "not YAML"),
        ("docker-bake.json", "{", "not JSON"),
        ("docker-bake.json", '{"target": {"x": {"context": "${"}}}', "not HCL: line 1"),
        ("docker-bake.hcl", 'target "x" {', "not HCL: line 1: '}' is missing at the end"),
    ],
)
def test_what_cannot_be_read(name: str, text: str, said: str) -> None:
    with pytest.raises(BuildsError, match=said):
        declared(text, name)


def test_names() -> None:
    for name in ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.prod.yaml", "docker-bake.json"):
        assert names_builds(name)
    for name in ("composer.yaml", "mycompose.yaml", "compose.json", "bake.json", "docker-compose.yml.j2"):
        assert not names_builds(name)


def places(result: Any) -> list[tuple[str, str]]:
    findings = json.loads(result.stdout)["findings"]
    return [(finding["path"], finding["message"].split()[0]) for finding in findings]


CHECK = ("check", "--select", "SLIM101", "--output-format", "json")


def test_a_search_finds_what_compose_names(run: Any) -> None:
    Path("docker").mkdir()
    Path("docker/web.df").write_text(STAGES)
    Path("Dockerfile").write_text(STAGES)
    assert places(run(*CHECK)) == [("Dockerfile", "g++")]
    Path("compose.yaml").write_text(
        "services:\n"
        "  web: {build: {dockerfile: docker/web.df, target: app}}\n"
        "  api: {build: {target: app}}\n"
        "  outside: {build: {context: .., dockerfile: other.df}}\n"
        "  gone: {build: gone}\n"
    )
    assert places(run(*CHECK)) == [("Dockerfile", "gcc"), ("docker/web.df", "gcc")]
    # The command line and the configuration file go before; a Dockerfile named by itself is read by itself.
    assert places(run(*CHECK, "--target", "dev")) == [("Dockerfile", "g++"), ("docker/web.df", "g++")]
    assert places(run(*CHECK, "Dockerfile")) == [("Dockerfile", "g++")]
    Path("dockslim.toml").write_text('target = "dev"\n')
    assert places(run(*CHECK)) == [("Dockerfile", "g++"), ("docker/web.df", "g++")]


def test_a_compose_file_may_be_named(run: Any) -> None:
    Path("Dockerfile").write_text(STAGES)
    Path("compose.yaml").write_text("services: {web: {build: {target: app}}, gone: {build: gone}}\n")
    result = run(*CHECK, "compose.yaml")
    assert places(result) == [("Dockerfile", "gcc")]
    assert json.loads(result.stdout)["errors"] == [
        {"path": "gone/Dockerfile", "message": "no such file, though compose.yaml builds it"}
    ]
    Path("compose.yaml").write_text("services: {web: {build: {target: nowhere}}}\n")
    (error,) = json.loads(run(*CHECK, "compose.yaml").stdout)["errors"]
    assert error["message"].endswith("to be its target, as compose.yaml has it")


def test_two_builds_of_one_file_are_told_together(run: Any) -> None:
    Path("Dockerfile").write_text(STAGES.replace("dev", "tool"))
    Path("compose.yaml").write_text("services: {a: {build: {target: app}}, b: {build: {target: tool}}}\n")
    assert places(run(*CHECK)) == [("Dockerfile", "gcc"), ("Dockerfile", "g++")]
    (file,) = json.loads(run("fix", "--select", "SLIM101", "--output-format", "json").stdout)["files"]
    assert file["path"] == "Dockerfile"


def test_build_arguments_are_used(run: Any) -> None:
    Path("Dockerfile").write_text("ARG TAG\n" + STAGES.partition("\n")[2].partition("FROM python:$TAG AS dev")[0])
    Path("docker-bake.json").write_text(json.dumps({"target": {"x": {"args": {"TAG": "3.12-slim-bookworm"}}}}))
    (finding,) = json.loads(run(*CHECK).stdout)["findings"]
    assert finding["cost_mb"] > 100
    Path("docker-bake.json").unlink()
    (finding,) = json.loads(run(*CHECK).stdout)["findings"]
    assert finding["cost_mb"] is None


def test_a_broken_compose_file_spoils_no_search(run: Any) -> None:
    Path("Dockerfile").write_text(STAGES)
    Path("compose.yaml").write_text("services: [")
    result = run(*CHECK)
    assert result.exit_code == 1
    assert places(result) == [("Dockerfile", "g++")]


BAKE = """\
variable "TAG" { default = "3.12-slim-bookworm" }
target "app" {
  context = "."
  dockerfile = "web.df"
  target = "app"
  args = { TAG = TAG, WHEN = timestamp() }
}
target "later" { dockerfile = "${timestamp()}.df" }
"""


def test_a_bake_file_may_be_named_and_says_what_it_cannot_evaluate(run: Any) -> None:
    Path("web.df").write_text(STAGES)
    Path("docker-bake.hcl").write_text(BAKE)
    result = run(*CHECK, "docker-bake.hcl")
    assert places(result) == [("web.df", "gcc")]
    assert [error["message"] for error in json.loads(result.stdout)["errors"]] == [
        "target 'app': args.WHEN: the function timestamp() is not evaluated",
        "target 'later': dockerfile: the function timestamp() is not evaluated",
    ]
    # A search finds what it can and says nothing of the rest.
    result = run(*CHECK)
    assert places(result) == [("web.df", "gcc")]
    assert json.loads(result.stdout)["errors"] == []


def test_a_service_that_cannot_be_followed_costs_the_others_nothing(run: Any) -> None:
    Path("Dockerfile").write_text(STAGES)
    Path("compose.yaml").write_text(
        "include: [gone.yaml]\nservices: {web: {extends: {file: gone.yaml, service: x}}, api: {build: {target: app}}}\n"
    )
    result = run(*CHECK, "compose.yaml")
    assert places(result) == [("Dockerfile", "gcc")]
    assert [error["message"] for error in json.loads(result.stdout)["errors"]] == [
        "include: gone.yaml: no such file or directory",
        "service 'web': extends: gone.yaml: no such file or directory",
    ]
