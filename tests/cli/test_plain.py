"""Calls that are read without click are read as click reads them."""

from __future__ import annotations

import sys
from typing import Any

import click
import pytest

from dockslim.cli import cli
from dockslim.commands import calling
from dockslim.commands.plain import plain_call
from dockslim.start import main

COMMON = [
    "check",
    "check -",
    "check a b/c .",
    "check --force-exclude a",
    "check a --no-cache --isolated b --exit-zero --statistics",
    "check --jobs 3 a",
    "check --jobs=3 --jobs 07 a",
    "check --select SLIM101,SLIM2 --select=ALL --ignore x,,y --extend-select SLIM205",
    "check --output-format concise --output-format sarif=out.sarif a",
    "check --output-format=nonsense a",
    "check --fail-on error --fail-on=warning a",
    "fix",
    "fix --write --force-exclude a b",
    "fix --diff --unsafe-fixes --isolated --no-cache -",
    "fix --wheel-transfer copy --output-format json --output-format text a",
    "fix --jobs 2 --select SLIM101 a",
]
RARE = [
    "",
    "rules",
    "--version",
    "check --help",
    "check -h",
    "check -v a",
    "check --verbose a",
    "check -- -a",
    "check --target x",
    "check --exclude x a",
    "check --baseline b.json",
    "check --write a",
    "check --no-cache=1 a",
    "check --jobs",
    "check --jobs 0",
    "check --jobs x",
    "check --jobs " + "9" * 5000,
    "check --jobs -1",
    "check --jobs ٣",
    "check --select",
    "check --select , a",
    "check --select= a",
    "check --fail-on nothing a",
    "check --output-format",
    "check --output-format --no-cache a",
    "check --output-form concise a",
    "check --nonsense a",
    "fix --verify a",
    "fix --output-format sarif a",
    "fix --exit-zero a",
]


def as_click_reads(words: list[str]) -> dict[str, Any]:
    command = cli.commands[words[0]]
    return command.make_context(words[0], words[1:]).params


@pytest.mark.parametrize("call", COMMON)
def test_common_calls_are_read_as_by_click(call: str) -> None:
    words = call.split()
    plain = plain_call(words)
    assert plain is not None
    assert plain == (words[0], as_click_reads(words))


@pytest.mark.parametrize("call", RARE)
def test_all_others_are_left_to_click(call: str) -> None:
    assert plain_call(call.split(" ")) is None


@pytest.mark.parametrize("word", ["", " "])
def test_an_empty_path_is_left_to_click(word: str) -> None:
    assert (plain_call(["check", word]) is None) is (word == "")


def test_completion_is_left_to_click(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_DOCKSLIM_COMPLETE", "bash_complete")
    assert plain_call(["check", "a"]) is None


@pytest.mark.parametrize("command", ["check", "fix"])
def test_every_switch_and_choice_is_one_of_clicks(command: str) -> None:
    from dockslim.commands import plain

    known = {name for parameter in cli.commands[command].params for name in parameter.opts if name.startswith("--")}
    assert {*plain._SWITCHES[command], *plain._CHOICES[command], *plain._RULES, "--jobs"} <= known
    for parameter in cli.commands[command].params:
        choices = plain._CHOICES[command].get(parameter.opts[0])
        if choices is not None:
            assert isinstance(parameter.type, click.Choice)
            assert tuple(parameter.type.choices) == choices


@pytest.mark.parametrize("words", [["check", "--select", "NONSENSE", "."], ["check", "--output-format=nonsense", "."]])
def test_mistakes_read_the_same_both_ways(
    words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = []
    for more in ([], ["--target=x"]):  # the second one goes through click
        monkeypatch.setattr(sys, "argv", ["dockslim", *words, *more])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 2
        said.append(capsys.readouterr())
    assert said[0] == said[1]
    assert said[0].err.startswith("dockslim: error: ")
    assert said[0].err.count("\n") == 1


def test_a_mistake_raises_plainly() -> None:
    plain = plain_call(["fix", "--write", "--diff", "."])
    assert plain is not None
    with pytest.raises(calling.Mistake):
        calling.fix(plain[1])
