"""What holds for any text at all; `benchmarks/fuzz.py` runs the same for as long as one likes."""

from __future__ import annotations

import os
from pathlib import Path

import dockerfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dockslim.syntax import CommandInstruction, File, Instruction, Span, parse
from dockslim.syntax.tree import Node

CORPUS = [path.read_bytes() for path in sorted((Path(__file__).parents[2] / "corpus").glob("*/Dockerfile"))]
REGRESSIONS = [path.read_bytes() for path in sorted((Path(__file__).parent / "found").glob("*.Dockerfile"))]

#: What Dockerfiles are made of; put together at random it comes near every rule and every exception.
FRAGMENTS = [
    *"FROM RUN CMD ENV ARG LABEL COPY ADD USER WORKDIR EXPOSE VOLUME HEALTHCHECK ONBUILD SHELL ENTRYPOINT".split(),
    *"from Run STOPSIGNAL MAINTAINER FOO AS as NONE --mount= type=cache, --from=a -- --x --x=".split(),
    *"python:3 r.io:1/a@sha256:0 $x ${x ${x:- ${x/a/ } a b= =c '".split(),
    *['"', "[", "]", ",", '["a"]', '"a"', "\\", "`", "#", "# note", "<<", "<<EOF", "<<-EOF", "<<'EOF'", "EOF", "<<<"],
    *[" ", "  ", "\t", "\n", "\n", "\n", "\r\n", "\r", "\\\n", "\\ \n", "`\n", "\n\n", "\v", "\x00", "\xa0", "\u2028"],
    *["# escape=`\n", "# escape=\\\n", "# syntax=a\n", "\ufeff", "ä", "😀", "&&", "||", ";", "|", "(", ")", "{", "}"],
    *["if a; then b; fi", "for x in a; do b; done", "sh -c 'a b'", "$(a)", "set -e"],
]

texts = st.lists(st.sampled_from(FRAGMENTS), max_size=40).map("".join)
noise = st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass"))


@st.composite
def edited(draw: st.DrawFn) -> bytes:
    """A file of the corpus with a few pieces cut out, doubled or replaced."""
    data = draw(st.sampled_from([*CORPUS, *REGRESSIONS]))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        end = draw(st.integers(start, min(start + 40, len(data))))
        new = draw(st.sampled_from([b"", data[start:end] * 2, *(each.encode() for each in FRAGMENTS)]) | noise)
        data = data[:start] + new + data[end:]
    return data


anything = texts.map(str.encode) | noise | edited()


def holds_for(data: bytes) -> None:
    """Check a file: nothing is lost, every part stands in the file, every script can be asked for."""
    file = parse(data)
    assert file.data == data
    assert file.source.encode(file.text) == data
    leaves = [leaf.span for leaf in file.tree.leaves()]
    assert "".join(file.text[span.start : span.end] for span in leaves) == file.text
    check_tree(file)
    for part in file.walk():
        span = part.span
        assert 0 <= span.start <= span.end <= len(file.text)
        if isinstance(part, Instruction) and part.keyword:  # what follows a bare ONBUILD has none
            check_instruction(part)
    for problem in file.problems:
        assert 0 <= problem.span.start <= problem.span.end <= len(file.text)
        assert problem.message
    assert file.template is None or file.template


def check_tree(file: File) -> None:
    """Every node's children lie in it, side by side."""
    for node in file.tree.walk():
        at = node.first
        for child in node.nodes:
            assert at <= child.first <= child.last <= node.last
            at = child.last
        assert isinstance(node, Node)


def check_instruction(instruction: Instruction) -> None:
    span, full = instruction.span, instruction.full_span
    assert full.start <= span.start < span.end <= full.end
    assert span.contains(instruction.keyword_span)
    assert span.contains(instruction.body_span)
    assert instruction.line <= instruction.end_line
    if isinstance(instruction, CommandInstruction):
        script = instruction.script
        for command in script.commands:
            command.argv(lambda name: None)
            for word in command.words:
                assert 0 <= word.span.start <= word.span.end <= len(instruction.file.text)
        for statement in script.statements:
            assert statement.span.start <= statement.span.end


def agrees(data: bytes) -> bool:
    """Whether BuildKit's parser sees the same keywords on the same lines; True where it refuses the file.

    Left out is what the package's older BuildKit reads in its own way: see docs/decisions/0001-grammar.md.
    """
    if not data.isascii() or b"\0" in data or b"<< " in data or b"<<\t" in data or b"<<\r" in data or b"]" in data:
        return True
    try:
        commands = dockerfile.parse_string(data.decode())
    except dockerfile.GoParseError:
        return True
    file = parse(data)
    ours = [(each.keyword, first_line(each), each.end_line) for each in file.instructions]
    return ours == [(each.cmd, each.start_line, each.end_line) for each in commands if each.cmd]


def first_line(instruction: Instruction) -> int:
    return instruction.file.source.position(instruction.full_span.start).line


LIMITS = settings(
    max_examples=int(os.environ.get("DOCKSLIM_FUZZ_EXAMPLES", "300")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@LIMITS
@given(anything)
def test_nothing_is_lost_and_nothing_raises(data: bytes) -> None:
    holds_for(data)


@LIMITS
@given(texts)
def test_buildkit_sees_the_same_instructions(text: str) -> None:
    assert agrees(text.encode())


@LIMITS
@given(edited(), st.data())
def test_replacing_parts_changes_nothing_else(data: bytes, draw: st.DataObject) -> None:
    file = parse(data)
    if not file.instructions:
        return
    instruction = draw.draw(st.sampled_from(file.instructions))
    span = instruction.keyword_span
    new = file.replace((span, "X"))
    assert new == file.text[: span.start] + "X" + file.text[span.end :]
    assert file.replace((Span(0, 0), "")) == file.text


def test_what_was_found_before() -> None:
    for data in REGRESSIONS:
        holds_for(data)
        assert agrees(data)
