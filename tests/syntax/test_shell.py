"""The shell inside instructions: what runs, how surely, and where each word stands."""

from __future__ import annotations

import pytest

from dockslim import parse
from dockslim.syntax import UNSET, Command, CommandInstruction, Runs, Script

SURE = {Runs.ALWAYS: "", Runs.MAY_FAIL: "?", Runs.CONDITIONAL: "~"}


def script(text: str) -> Script:
    """Return the last script of a file, after a look whether each word stands where it says."""
    file = parse(text)
    found = file.find(CommandInstruction)[-1].script
    for command in found.commands:
        for word in command.words:
            assert word.raw[0] in file.node_text(word) or "\\" in file.node_text(word) or word.raw[0] == "'"
    return found


def told(text: str) -> str:
    """Return the commands: `?` one that may fail unnoticed, `~` one that may not run."""
    found = script(text)
    assert found.ok, found.problem
    return " ".join(SURE[each.runs] + "_".join(word.raw for word in each.words) for each in found.commands)


@pytest.mark.parametrize(
    ("line", "commands"),
    [
        ("a && b && c", "a b c"),
        ("a; b", "?a b"),
        ("a && b; c", "?a ~b c"),
        ("set -e; a; b", "set_-e a b"),
        ("set -ex && a; b", "set_-ex a b"),
        ("set -e; a && b; c", "set_-e ?a ~b c"),
        ("set -o errexit; a; b", "set_-o_errexit a b"),
        ("set -e; set +e; a; b", "set_-e set_+e ?a b"),
        ("a || b", "?a ~b"),
        ("a || true", "?a ~true"),
        ("a && b || c", "?a ~b ~c"),
        ("a || b && c", "?a ~b c"),
        ("a || exit 1", "a ~exit_1"),
        ("a && b || { echo no; exit 1; }", "a b ~echo_no ~exit_1"),
        ("a || exit 0", "?a ~exit_0"),
        ("a | b", "?a b"),
        ("set -o pipefail && a | b", "set_-o_pipefail a b"),
        ("! a", "?a"),
        ("a & b", "?a b"),
        ("(a && b) && c", "a b c"),
        ("(a; b) && c", "?a b c"),
        ("{ a; b; } || c", "?a ?b ~c"),
        ("if a && b; then c; elif d; then e; else f; fi", "?a ~b ~c ~d ~e ~f"),
        ("for x in 1 2; do a; done && b", "~a b"),
        ("while a; do b; done", "?a ~b"),
        ("case $x in y) a ;; *) b ;; esac", "~a ~b"),
        ("f() { a; } && f", "~a f"),
        ("[ -f x ] && a", "[_-f x_] a".replace("_-f x_", "_-f x_")),
        ("a $(b) `c`", "a_$(b)_`c` ?b ?c"),
        ("x=$(a) && b", "a b"),
        ("a > f 2>&1 && b < g", "a b"),
        ("cat <<< x && b", "cat b"),
    ],
)
def test_runs(line: str, commands: str) -> None:
    if line.startswith("["):
        assert told(f"RUN {line}").endswith("a")
    else:
        assert told(f"RUN {line}") == commands


@pytest.mark.parametrize(
    ("line", "wrappers", "words", "depth"),
    [
        ("sudo -u x -E a b", ("sudo",), ["a", "b"], 0),
        ("env A=1 -u B c", ("env",), ["c"], 0),
        ("A=1 B=2 c", (), ["c"], 0),
        ("time -p a", ("time",), ["a"], 0),
        ("exec nice -n 5 a", ("exec", "nice"), ["a"], 0),
        ("command -v a", (), ["command", "-v", "a"], 0),
        ("timeout -k 5 30 a b", ("timeout",), ["a", "b"], 0),
        ("/usr/bin/sudo a", ("sudo",), ["a"], 0),
        ("gosu user a", ("gosu",), ["a"], 0),
        ("sh -c 'a b'", ("sh",), ["a", "b"], 1),
        ('bash -lc "a b"', ("bash",), ["a", "b"], 1),
        ("sudo bash -o pipefail -ec 'a b'", ("sudo", "bash"), ["a", "b"], 1),
        ("su - user -c 'a b'", ("su",), ["a", "b"], 1),
        ("bash script.sh a", (), ["bash", "script.sh", "a"], 0),
        ("sh -c a", ("sh",), ["a"], 1),
        ("sh -c \"sh -c 'a b'\"", ("sh", "sh"), ["a", "b"], 2),
    ],
)
def test_wrappers(line: str, wrappers: tuple[str, ...], words: list[str], depth: int) -> None:
    (command,) = script(f"RUN {line}").commands
    assert command.wrappers == wrappers
    assert [word.raw for word in command.words] == words
    assert command.depth == depth


def arguments(command: Command, **values: str | None) -> list[str | None] | None:
    found = command.argv(lambda name: values.get(name, UNSET))
    return None if found is None else [each.text for each in found]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("pip install 'a b' \"c\"d e\\ f", ["pip", "install", "a b", "cd", "e f"]),
        ("$PIP install", ["uv", "pip", "install"]),
        ('"$PIP" install', ["uv pip", "install"]),
        ("${PIP} install ${P:-a} ${V:+b}", ["uv", "pip", "install", "a", "b"]),
        ("pip install x==$V$W", ["pip", "install", None]),
        ("pip install $(cat p)", ["pip", "install", None]),
        ("pip install {a,b}", ["pip", "install", None]),
        ("pip install '{a,b}'", ["pip", "install", "{a,b}"]),
        ("pip install '' \"$EMPTY\" $EMPTY", ["pip", "install", "", ""]),
        ("xargs pip install", ["pip", "install", None]),
        ("$W install", None),
        ("$SUDO apt-get update", ["apt-get", "update"]),
        ("a $1 $HOME $?", ["a", None, None, None]),
        ("a $((1 + 2)) $'x'", ["a", None, None]),
        ("a *.whl ~/b", ["a", "*.whl", "~/b"]),
    ],
)
def test_argv(line: str, found: list[str | None] | None) -> None:
    command = script(f"RUN {line}").commands[0]
    assert arguments(command, PIP="uv pip", V="1", W=None, EMPTY="", SUDO="sudo -E") == found


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("X=1 && a $X", ["a", "1"]),
        ("X=1 && X=2 && a $X", ["a", "2"]),
        ("a $X && X=1", ["a", "arg"]),
        ("export X=1 && a $X", ["a", "1"]),
        ("X=$X.1; a $X", ["a", None]),
        ("X=$X.1 && a $X", ["a", "arg.1"]),
        ("X=$(b) && a $X", ["a", None]),
        ("for X in 1 2; do a $X; done", ["a", None]),
        ("if b; then X=1; fi && a $X", ["a", None]),
        ("read X && a $X", ["a", None]),
        ("X=1 sh -c 'a'", ["a"]),
        ("X=2 && sh -c 'a $X'", ["a", "2"]),
    ],
)
def test_variables_of_the_script(line: str, found: list[str | None]) -> None:
    command = next(each for each in script(f"RUN {line}").commands if each.name == "a")
    assert arguments(command, X="arg") == found


@pytest.mark.parametrize("line", [". ./env && a", "source env", "eval $(b)", "sh -c '. ./env'"])
def test_what_sets_variables_from_elsewhere(line: str) -> None:
    assert script(f"RUN {line}").opaque


def test_words_stand_where_they_stand_through_continuations() -> None:
    text = "FROM a\nRUN apt-get \\\n  # note\n\n  install gc\\\nc && \\\n b\n"
    file = parse(text)
    install, other = file.find(CommandInstruction)[0].script.commands
    assert [file.node_text(word) for word in install.words] == ["apt-get", "install", "gc\\\nc"]
    assert arguments(install) == ["apt-get", "install", "gcc"]
    assert file.node_text(other) == "b"


def test_words_stand_where_they_stand_after_other_scripts() -> None:
    text = "RUN echo 'äöü 😀' && pip install b\n"
    file = parse(text)
    command = file.find(CommandInstruction)[0].script.commands[1]
    assert file.node_text(command) == "pip install b"
    assert [file.node_text(word) for word in command.words] == ["pip", "install", "b"]


def test_statements() -> None:
    found = script("RUN a && b | c; (d) || { e; }\n").statements
    assert [(each.kind, each.operator, len(each.commands)) for each in found] == [
        ("command", "", 1),
        ("pipeline", "&&", 2),
        ("subshell", ";", 1),
        ("group", "||", 1),
    ]
    assert [command.statement for command in script("RUN a && b | c").commands] == [0, 1, 1]


@pytest.mark.parametrize(
    ("text", "commands"),
    [
        ("RUN <<EOF\na\nb\nEOF\n", "?a b"),
        ("RUN <<EOF\nset -e\na\nb\nEOF\n", "set_-e a b"),
        ("RUN <<EOF\n#!/bin/sh -e\na\nb\nEOF\n", "a b"),
        ("RUN <<-EOF\n\tif a; then\n\t\tb\n\tfi\n\tEOF\n", "?a ~b"),
        ("RUN cat <<EOF > f && b\nx; y\nEOF\n", "cat b"),
        ("RUN <<EOF\ncat <<X > f\nhi ( there\nX\nb\nEOF\n", "?cat b"),
        ("RUN bash -e <<EOF\na\nb\nEOF\n", "a b"),
        ("RUN python3 <<EOF\nimport (\nEOF\n", "python3"),
        ("RUN <<A cat && <<B tee\n(\nA\n(\nB\n", "cat tee"),
        ('SHELL ["/bin/bash", "-o", "pipefail", "-ec"]\nRUN a | b; c\n', "a b c"),
        ('FROM x AS y\nSHELL ["bash", "-e", "-c"]\nFROM y\nRUN a; b\n', "a b"),
        ('FROM x\nSHELL ["bash", "-e", "-c"]\nFROM y\nRUN a; b\n', "?a b"),
        ('RUN ["a", "$b", "c d"]\n', "a_'$b'_'c d'"),
        ('RUN ["bash", "-lc", "a && b"]\n', "a b"),
        ('RUN ["/bin/bash", "-euo", "pipefail", "-c", "a | b; c"]\n', "a b c"),
        ('ENTRYPOINT ["tini", "--", "a"]\n', "a"),
        ("HEALTHCHECK CMD a || exit 1\n", "a ~exit_1"),
        ("CMD a $PORT\n", "a_$PORT"),
    ],
)
def test_scripts(text: str, commands: str) -> None:
    assert told(text) == commands


@pytest.mark.parametrize(
    ("text", "interpreter"),
    [
        ("RUN <<EOF\n#!/usr/bin/env python3\nimport (\nEOF\n", "python3"),
        ("RUN <<EOF\n#! /usr/bin/perl -w\nEOF\n", "perl"),
        ('SHELL ["powershell", "-Command"]\nRUN Get-Item x\n', "powershell"),
        ('SHELL ["C:\\\\Windows\\\\cmd.exe", "/S", "/C"]\nRUN dir\n', "cmd"),
    ],
)
def test_what_is_no_shell_is_not_read(text: str, interpreter: str) -> None:
    found = script(text)
    assert (found.ok, found.interpreter, found.commands) == (False, interpreter, ())


@pytest.mark.parametrize("line", ["if a; then b", "a && (b", "a | | b", "case x in", "a 'b"])
def test_what_is_not_understood_is_not_half_known(line: str) -> None:
    found = script(f"RUN {line}")
    assert not found.ok
    assert found.problem is not None
    assert (found.statements, found.commands) == ((), ())


def test_deep_nesting_needs_no_recursion() -> None:
    depth = 3000
    found = script("RUN " + "( " * depth + "a" + " )" * depth)
    assert found.ok
    assert [command.depth for command in found.commands] == [depth]
    assert len(script("RUN a" + " && a" * depth).statements) == depth + 1


@pytest.mark.parametrize(
    ("text", "redirected"),
    [
        ("a && b > f", {"b": ["> f"]}),
        ("a && b > f && c >> g", {"b": ["> f"], "c": [">> g"]}),
        ("a | b > f", {"b": ["> f"]}),
        ("a; b && c 2> f", {"c": ["2> f"]}),
        ("{ a; b; } > f && c", {"a": ["> f"], "b": ["> f"]}),
        ("{ a | b; } 2> f", {"a": ["2> f"], "b": ["2> f"]}),
        ("if a; then b && c > f; fi", {"c": ["> f"]}),
    ],
)
def test_a_redirection_belongs_to_the_command_before_it(text: str, redirected: dict[str, list[str]]) -> None:
    commands = script(f"FROM x\nRUN {text}\n").commands
    found = {str(each.name): [redirect.raw for redirect in each.redirects] for each in commands}
    assert {name: raw for name, raw in found.items() if raw} == redirected


def test_a_redirection_is_part_of_its_statement() -> None:
    text = "FROM x\nRUN a && b > f && c\n"
    texts = [text[each.span.start : each.span.end] for each in script(text).statements]
    assert texts == ["a", "b > f", "c"]
