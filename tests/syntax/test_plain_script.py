"""What is read of plain scripts without the grammar is what the grammar finds in them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockslim.syntax import CommandInstruction, parse
from dockslim.syntax.joined import Joined
from dockslim.syntax.plain_script import read_plain
from dockslim.syntax.script import read_script
from dockslim.syntax.shell import Script

FILES = sorted((Path(__file__).parents[2] / "corpus").glob("*/Dockerfile"))
FRAGMENTS = [
    *["apt-get install -y gcc g++", "rm -rf /var/lib/apt/lists/*", "pip install -U flask==3.0 a[b]", "/usr/bin/env x"],
    *["set -e", "cd /a", "A=b", "A=b c", "make CC=gcc", "$A", "${A}", "x-${A}.tgz", "$A/$B", "if", "then", "fi"],
    *["exit 1", "true", "sudo a", "sh -c b", "export A=b", ".", "./configure", "!", "{", "}", "[", "2", "1.0", "-"],
    *["&&", "&&", ";", "&", "||", "|", ";;", ">", "#", "=", "==", "+", "@a", "%1", ",", ":", "*", "a*", "^", "~"],
    *[" ", "  ", "\t", "\n", ""],
]
scripts = st.lists(st.sampled_from(FRAGMENTS), max_size=12).flatmap(
    lambda parts: st.sampled_from([" ".join(parts), "".join(parts)])
)


def shape(script: Script) -> Any:
    commands = [
        (
            *(each.span, each.offset, each.runs, each.statement, each.depth, each.more),
            *(each.wrappers, each.assignments, each.redirects),
            [(word.raw, word.span, word.dynamic, word.value) for word in each.words],
        )
        for each in script.commands
    ]
    statements = [
        (each.kind, each.operator, each.span, each.operator_span, len(each.commands)) for each in script.statements
    ]
    return commands, statements, script.problem, script.opaque, script.made


def agrees(joined: Joined) -> bool:
    """Compare the two; whether the script was taken for a plain one."""
    taken = False
    for errexit in (False, True):
        plain = Script(joined)
        if read_plain(plain, errexit):
            taken = True
            assert shape(plain) == shape(read_script(joined, errexit)), joined.text
    return taken


@given(scripts)
def test_any_script(text: str) -> None:
    agrees(Joined([(7, text[:5]), (20, text[5:])] if len(text) > 5 else [(7, text)]))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name)
def test_the_corpus(path: Path) -> None:
    for instruction in parse(path.read_bytes()).instructions:
        if isinstance(instruction, CommandInstruction) and instruction.form == "shell":
            agrees(instruction.joined(instruction.command_token))


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("apt-get update && apt-get install -y gcc", True),
        ("a; b && c;", True),
        ("rm -rf /tmp/* ${A}", True),
        ("a & b", False),
        ("a &&", False),
        ("set -e; a", False),
        ("A=b c", False),
        ("sudo a", False),
        ("/bin/sh a", False),
        ("echo 'a'", False),
        ("a | b", False),
        ("${A} b", False),
        ("", False),
    ],
)
def test_what_is_plain(text: str, plain: bool) -> None:
    assert agrees(Joined([(0, text)])) == plain
