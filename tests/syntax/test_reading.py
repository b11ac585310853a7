"""Lines, directives, continuations, here-documents, comments: what BuildKit's reader does."""

from __future__ import annotations

import pytest

from dockslim import parse
from dockslim.syntax import File, Heredoc, Run


def outline(file: File) -> list[tuple[str, int, int]]:
    return [(each.keyword, each.line, each.end_line) for each in file.instructions]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("\n\n# a\n", []),
        ("FROM a", [("FROM", 1, 1)]),
        ("\ufeffFROM a\n", [("FROM", 1, 1)]),
        ("FROM a\r\nRUN b \\\r\n  c\r\n", [("FROM", 1, 1), ("RUN", 2, 3)]),
        ("FROM a\rRUN b\n", [("FROM", 1, 1)]),
        ("RUN a \\\n  # note\n\n  b\nUSER c", [("RUN", 1, 4), ("USER", 5, 5)]),
        ("RUN a \\ \t\n  b\n", [("RUN", 1, 2)]),
        ("RUN a \\\\\nUSER b\n", [("RUN", 1, 1), ("USER", 2, 2)]),
        ("RUN a \\\n", [("RUN", 1, 1)]),
        ("RUN a \\\n# b\n\n", [("RUN", 1, 3)]),
        ("\\\nFROM a\n", [("FROM", 2, 2)]),
        ("FR\\\nOM a\n", [("FROM".replace("O", "O"), 1, 2)]),
        ("# a \\\nFROM b\n", [("FROM", 2, 2)]),
        ("FROM a # b\n", [("FROM", 1, 1)]),
        ("RUN <<EOF\na\nEOF\nUSER b\n", [("RUN", 1, 3), ("USER", 4, 4)]),
        ("RUN <<A cat <<B\n1\nA\n2\nB\nUSER b\n", [("RUN", 1, 5), ("USER", 6, 6)]),
        ("RUN <<-EOF\n\ta\n\tEOF\nUSER b\n", [("RUN", 1, 3), ("USER", 4, 4)]),
        ("RUN <<EOF\r\na\r\nEOF\r\nUSER b\r\n", [("RUN", 1, 3), ("USER", 4, 4)]),
        ("RUN <<EOF cat\nEOF\nUSER b\n", [("RUN", 1, 2), ("USER", 3, 3)]),
        ("RUN echo \\\n <<EOF\nx\nEOF\nUSER b\n", [("RUN", 1, 4), ("USER", 5, 5)]),
        ("RUN a <<<b\nUSER b\n", [("RUN", 1, 1), ("USER", 2, 2)]),
        ("RUN echo 'it <<EOF\nUSER b\n", [("RUN", 1, 1), ("USER", 2, 2)]),
        ("CMD a <<EOF\nUSER b\n", [("CMD", 1, 1), ("USER", 2, 2)]),
        ('RUN ["a", "<<EOF"]\nUSER b\n', [("RUN", 1, 1), ("USER", 2, 2)]),
        ("RUN\xa0a\n", [("RUN\xa0a", 1, 1)]),
    ],
)
def test_outline(text: str, found: list[tuple[str, int, int]]) -> None:
    assert outline(parse(text)) == found


def heredoc(text: str) -> Heredoc:
    file = parse(text)
    (run,) = file.find(Run)
    (found,) = run.heredocs
    assert file.text[found.body_span.start : found.body_span.end] == found.body
    return found


@pytest.mark.parametrize(
    ("marker", "end", "name", "expand", "strip"),
    [
        ("<<EOF", "EOF", "EOF", True, False),
        ("<<'EOF'", "EOF", "EOF", False, False),
        ('<<"E F"', "E F", "E F", False, False),
        ("<<E'O'F", "EOF", "EOF", False, False),
        ("<<-EOF", "\t\tEOF", "EOF", True, True),
        ("3<<EOF", "EOF", "EOF", True, False),
        ("<< EOF", "EOF", "EOF", True, False),
        ("<<EOF.txt", "EOF.txt", "EOF.txt", True, False),
    ],
)
def test_heredoc(marker: str, end: str, name: str, expand: bool, strip: bool) -> None:
    text = f"RUN cat {marker} > f\n$x\n EOF\n{end}\nUSER a\n"
    found = heredoc(text)
    assert (found.name, found.expand, found.strip_tabs) == (name, expand, strip)
    assert found.body == "$x\n EOF\n"
    assert text[found.operator_span.start : found.operator_span.end] == marker
    assert text[found.end_span.start : found.end_span.end].lstrip("\t") == end.lstrip("\t")
    assert len(parse(text).instructions) == 2


def test_an_empty_heredoc() -> None:
    assert heredoc("RUN <<EOF\nEOF\n").body == ""


@pytest.mark.parametrize(
    ("text", "directives", "escape"),
    [
        ("# syntax=docker/dockerfile:1\n# escape=`\n", [("syntax", "docker/dockerfile:1"), ("escape", "`")], "`"),
        ("#escape = ` \nFROM a\n", [("escape", "`")], "`"),
        ("# ESCAPE=`\n", [("escape", "`")], "`"),
        ("# check=skip=all;error=true\n", [("check", "skip=all;error=true")], "\\"),
        ("\n# escape=`\n", [], "\\"),
        ("# note\n# escape=`\n", [], "\\"),
        ("# other=1\n# escape=`\n", [], "\\"),
        ("FROM a\n# escape=`\n", [], "\\"),
        ("\ufeff# escape=`\n", [("escape", "`")], "`"),
    ],
)
def test_directives(text: str, directives: list[tuple[str, str]], escape: str) -> None:
    file = parse(text)
    assert [(each.name, each.value) for each in file.directives] == directives
    assert file.escape == escape


def test_the_escape_directive_changes_continuations() -> None:
    file = parse("# escape=`\nFROM a\nRUN dir C:\\\nRUN b `\n  c\n")
    assert [each.body for each in file.instructions] == ["a", "dir C:\\", "b   c"]


def test_comments() -> None:
    file = parse("# one\nFROM a\n  # two \nRUN a \\\n # three\n b <<EOF\n# four\nEOF\n")
    assert [comment.text for comment in file.comments] == ["# one", "# two ", "# three"]
    assert all(file.node_text(comment) == comment.text for comment in file.comments)


def test_spans() -> None:
    file = parse("FROM a\n  RUN --x=y b \\\n  c <<E  \nd\nE\nUSER e\n")
    run = file.instructions[1]
    assert run.text == "RUN --x=y b \\\n  c <<E  \nd\nE"
    assert file.text[run.full_span.start : run.full_span.end] == "  RUN --x=y b \\\n  c <<E  \nd\nE\n"
    assert file.text[run.body_span.start : run.body_span.end] == "b \\\n  c <<E"
    assert file.text[run.keyword_span.start : run.keyword_span.end] == "RUN"


def test_bytes_that_are_not_utf8_survive() -> None:
    data = b"FROM a\r\nLABEL n=\xff\xfe\x00 m=\xc3\xa4\nRUN a\rb\n"
    file = parse(data)
    assert file.data == data
    assert file.source.encode(file.text) == data
    assert "".join(file.text[leaf.span.start : leaf.span.end] for leaf in file.tree.leaves()) == file.text


def test_text_that_no_bytes_decode_to() -> None:
    file = parse("FROM a\nLABEL b=\ud800\n")
    assert len(file.instructions) == 2
    assert file.source.encode(file.text) == file.data


def test_positions() -> None:
    source = parse("FROM a\nLABEL x=ä😀 y=z\n").source
    at = source.text.index("y=")
    assert source.position(at) == (2, 12)
    assert source.offset(2, 12) == at
    assert source.utf16_column(at) == 13
    assert source.byte_offset(at) == len(source.text[:at].encode())
    assert source.line_text(2) == "LABEL x=ä😀 y=z"
    assert (source.line_count, source.newline) == (2, "\n")
