"""Bake files: what targets inherit, variables and where they come from, matrices, and what is not evaluated."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from dockslim.engine.bake import BakeError, targets


def read(
    text: str, environment: dict[str, str] | None = None, hcl: bool = True
) -> tuple[list[dict[str, Any]], list[str]]:
    said: list[str] = []
    return list(targets(text, hcl, environment or {}, said.append)), said


FULL = """\
# As people write them.
variable "TAG" { default = "3.12" }
variable "DEBUG" { default = false }
variable "COMMIT" {}
variable "FULL" { default = "python:${TAG}" }
prefix = "app"
function "named" {
  params = [name]
  result = "${prefix}-${name}"
}
group "default" { targets = ["web"] }
target "_common" {
  context = "./src"
  args = {
    TAG = TAG
    COMMIT = COMMIT
    DEBUG = DEBUG ? "1" : "0"
  }
  labels = { created = timestamp() }
}
target "web" {
  inherits = ["_common"]
  dockerfile = "${named("web")}.df"
  target = "run"
  args = { BASE = FULL, DEBUG = null }
  tags = [for each in ["a", "b"] : "r/${each}:${TAG}"]
}
"""


def test_a_whole_file() -> None:
    (common, web), said = read(FULL)
    assert said == []
    assert common == {"args": {"TAG": "3.12", "DEBUG": "0"}, "context": "./src"}
    assert web == {
        "args": {"TAG": "3.12", "BASE": "python:3.12"},
        "context": "./src",
        "dockerfile": "app-web.df",
        "target": "run",
    }


def test_the_environment_has_the_last_word() -> None:
    (common, web), _ = read(FULL, {"TAG": "3.13", "DEBUG": "true", "COMMIT": "abc", "prefix": "no"})
    assert common["args"] == {"TAG": "3.13", "DEBUG": "1", "COMMIT": "abc"}
    assert web["args"]["BASE"] == "python:3.13"
    assert web["dockerfile"] == "app-web.df"


def test_a_matrix_is_a_target_a_row() -> None:
    text = """
    target "app" {
      name = "app-${replace(version, ".", "-")}-${item.kind}"
      matrix = { version = ["3.11", "3.12"], item = [{kind = "a"}, {kind = "b"}] }
      dockerfile = "${item.kind}.df"
      args = { V = version }
    }
    target "more" { inherits = ["app-3-12-b"] }
    """
    found, said = read(text)
    assert [(each["dockerfile"], each["args"]["V"]) for each in found] == [
        ("a.df", "3.11"),
        ("b.df", "3.11"),
        ("a.df", "3.12"),
        ("b.df", "3.12"),
        ("b.df", "3.12"),
    ]
    assert said == []


def test_later_parents_and_the_target_itself_go_before() -> None:
    text = (
        """
    target "a" { target = "a", args = {X = 1, Y = 1} }
    """.replace(", args", "\n args")
        + """
    target "b" {
      target = "b"
      args = {X = 2}
    }
    target "c" {
      inherits = ["a", "b"]
      args = {Z = 3}
    }
    """
    )
    found, _ = read(text)
    assert found[2] == {"target": "b", "args": {"X": "2", "Y": "1", "Z": "3"}}


@pytest.mark.parametrize(
    ("text", "said", "left"),
    [
        ('target "x" { context = nobody }', "target 'x': context: no variable nobody is declared", []),
        ('target "x" { dockerfile = "${timestamp()}" }', "the function timestamp() is not evaluated", []),
        ('target "x" { args = { A = uuidv4(), B = 1 } }', "args.A: the function uuidv4() is", [{"args": {"B": "1"}}]),
        ('target "x" { args = merge(nobody, {}) }', "args: no variable nobody is declared", [{"args": {}}]),
        ('target "x" { inherits = ["x"] }', "inherits: 'x' inherits itself", [{"args": {}}]),
        ('target "x" { inherits = ["gone"] }', "inherits: there is no target 'gone'", [{"args": {}}]),
        ('target "x" { inherits = [nobody] }', "inherits: no variable nobody", [{"args": {}}]),
        ('target "x" { matrix = "no" }', "matrix: lists by name are expected", []),
        ('variable "A" { default = B }\nvariable "B" { default = A }\ntarget "x" { target = A }', "by itself", []),
        ('target "x" { target = target.y.target }', "no variable target is declared", []),
    ],
)
def test_what_cannot_be_evaluated_is_said(text: str, said: str, left: list[Any]) -> None:
    found, told = read(text)
    assert found == left
    assert len(told) == 1
    assert said in told[0]


def test_a_bomb_does_not_go_off() -> None:
    start = time.monotonic()
    lines = [f'variable "V{n}" {{ default = "${{V{n + 1}}}${{V{n + 1}}}" }}' for n in range(40)]
    text = "\n".join([*lines, 'variable "V40" { default = "x" }', 'target "x" { target = V0 }'])
    assert read(text) == ([], ["target 'x': target: it takes too many steps to be evaluated"])
    items = ", ".join("1" * 200)
    rounds = f"[for a in [{items}] : [for b in [{items}] : [for c in [{items}] : a]]]"
    assert read(f'target "x" {{ target = length({rounds}) }}')[0] == []
    many = f'join("", [{", ".join(["V"] * 200)}])'
    text = f'variable "V" {{ default = "{"x" * 1000}" }}\ntarget "x" {{ target = {many} }}'
    assert read(text) == ([], ["target 'x': target: it grows too large to be evaluated"])
    assert time.monotonic() - start < 20


def test_json_holds_the_same_expressions() -> None:
    document = {
        "variable": {"TAG": {"default": "3.12"}, "N": {"default": 2}},
        "target": {
            "web": {
                "name": "web-${v}",
                "matrix": {"v": ["a", "b"]},
                "args": {"TAG": "${TAG}-${v}", "N": "${N + 1}", "DOLLAR": "$HOME $${x}", "T": True},
            }
        },
    }
    found, said = read(json.dumps(document), hcl=False)
    assert said == []
    assert [each["args"] for each in found] == [
        {"TAG": "3.12-a", "N": "3", "DOLLAR": "$HOME ${x}", "T": "true"},
        {"TAG": "3.12-b", "N": "3", "DOLLAR": "$HOME ${x}", "T": "true"},
    ]


@pytest.mark.parametrize(
    ("text", "hcl", "said"),
    [
        ("target {", True, "not HCL: line 1"),
        ("x = " + "(" * 5000, True, "not HCL: "),
        ("{", False, "not JSON"),
        ("[" * 100_000, False, "not "),
        ('{"x": "${"}', False, "not HCL"),
    ],
)
def test_what_is_no_bake_file(text: str, hcl: bool, said: str) -> None:
    with pytest.raises(BakeError, match=said):
        read(text, hcl=hcl)


@pytest.mark.parametrize(
    "text", ["[]", '"x"', '{"target": []}', '{"target": {"x": 3}}', '{"target": {"x": {"args": 3}}}']
)
def test_odd_json_is_nothing_worse(text: str) -> None:
    found, _ = read(text, hcl=False)
    assert all(each == {"args": {}} for each in found)
