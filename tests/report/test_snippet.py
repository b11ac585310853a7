"""Words are underlined where a terminal shows them."""

from __future__ import annotations

import pytest

from dockslim.report.page import clean
from dockslim.report.snippet import Mark, cells, snippet
from dockslim.syntax import parse
from dockslim.syntax.span import Span


def shown(text: str, *words: str, width: int | None = None) -> list[str]:
    spans = [Span(text.index(word), text.index(word) + len(word)) for word in words]
    marks = [Mark(span, "^" if span is spans[0] else "-", "", "" if span is spans[0] else "here") for span in spans]
    return ["".join(piece for _, piece in line).rstrip() for line in snippet(parse(text).source, marks, width)]


def test_a_word() -> None:
    assert shown("FROM a\nRUN x gcc y\n", "gcc") == ["  │", "2 │ RUN x gcc y", "  │       ^^^"]


def test_tabs_wide_and_combining_characters() -> None:
    text = 'FROM a\nRUN\techo "日本 e\u0301"\tgcc\n'
    rows = shown(text, "gcc")
    assert rows[1] == '2 │ RUN echo "日本 e\u0301"   gcc'
    assert cells(rows[2].rstrip("^")) == cells(rows[1].partition("gcc")[0])
    assert rows[2].endswith("^^^")
    assert shown("FROM a\nRUN 日本\n", "日本")[2] == "  │     ^^^^"


@pytest.mark.parametrize("label", ["x", "about 20 MB", "a label of many words " * 5])
@pytest.mark.parametrize("width", [40, 41, 42, 60, 80, 120])
@pytest.mark.parametrize("word", ["one", "two", "three", "four"])
def test_a_label_stays_on_the_screen(word: str, width: int, label: str) -> None:
    text = f"FROM a\nRUN one 日本 {'x' * 20} two {'y' * 25} three {'z' * 30} four\n"
    span = Span(text.index(word), text.index(word) + len(word))
    lines = [
        "".join(piece for _, piece in line) for line in snippet(parse(text).source, [Mark(span, "^", "", label)], width)
    ]
    assert all(cells(line) <= width for line in lines)
    assert " ".join(label.split()) in " ".join(" ".join(lines[2:]).replace("│", "").replace("^", "").split())
    caret = lines[2].index("^" * len(word))
    at = cells(lines[1].partition(word)[0])
    assert cells(lines[2][:caret]) == at


def test_where_a_label_goes() -> None:
    def rows(gap: int) -> list[str]:
        text = f"FROM a\nRUN {'x' * gap} gcc\n"
        mark = Mark(Span(text.index("gcc"), text.index("gcc") + 3), "^", "", "here it is")
        return ["".join(piece for _, piece in line) for line in snippet(parse(text).source, [mark], 40)][2:]

    assert rows(5) == ["  │           ^^^ here it is"]
    assert rows(25) == ["  │                    here it is ^^^"]


def test_annotations_on_other_lines() -> None:
    text = "FROM a\nRUN one\nRUN x\nRUN y\nRUN two\n"
    assert shown(text, "one", "two") == [
        "  │",
        "2 │ RUN one",
        "  │     ^^^",
        "  ⋮",
        "5 │ RUN two",
        "  │     --- here",
    ]


def test_several_lines() -> None:
    text = "FROM a\nRUN one \\\n    two\n"
    rows = shown(text, "RUN one \\\n    two")
    assert rows == ["  │", "2 │ RUN one \\", "  │ ^^^^^^^^^", "3 │     two", "  │     ^^^"]


def test_many_lines_show_their_ends() -> None:
    body = "\n".join(f"  w{number} \\" for number in range(20))
    text = f"FROM a\nRUN \\\n{body}\n  end\n"
    rows = shown(text, text[7:-1])
    assert len(rows) < 16
    assert any("⋮" in row for row in rows)
    assert rows[-2].endswith("end")


@pytest.mark.parametrize("width", [40, 60, 80])
def test_long_lines_are_cut_around_the_word(width: int) -> None:
    text = "FROM a\nRUN " + "x" * 150 + " gcc " + "y" * 150 + "\n"
    rows = shown(text, "gcc", width=width)
    assert all(cells(row) <= width for row in rows)
    at = rows[2].index("^^^")
    assert rows[1][at : at + 3] == "gcc"
    assert rows[1].endswith("…")
    assert rows[1][4] == "…"


@pytest.mark.parametrize(
    "piece", ["日", "e\u0301", "x日e\u0301", "👍🏽", "👩\u200d👩\u200d👧 ", "\u1112\u1161\u11ab", "日\t"]
)
def test_what_is_cut_stays_above_its_mark(piece: str) -> None:
    for padding in range(4):
        text = "FROM a\nRUN " + "." * padding + piece * 60 + " gcc " + piece * 60 + "\n"
        for width in range(30, 70):
            rows = shown(text, "gcc", width=width)
            assert all(cells(row) <= width for row in rows)
            assert cells(rows[1].partition("gcc")[0]) == cells(rows[2].partition("^^^")[0])


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("日本語", 6),
        ("e\u0301", 1),
        ("👍🏽", 4),
        ("👩\u200d👩\u200d👧", 2),
        ("\u1112\u1161\u11ab", 2),
        ("a\xadb", 3),
        ("\u200bx", 1),
        ("ｆｕ", 4),
        ("🇩🇪", 2),
        ("x\u200dx", 2),
    ],
)
def test_cells_are_those_of_a_terminal(text: str, size: int) -> None:
    """Each as tmux has it."""
    assert cells(text) == size


def test_carriage_returns_and_the_end_of_the_file() -> None:
    assert shown("FROM a\r\nRUN gcc\r\n", "gcc") == ["  │", "2 │ RUN gcc", "  │     ^^^"]
    source = parse("").source
    rows = ["".join(piece for _, piece in line).rstrip() for line in snippet(source, [Mark(Span(0, 0), "^", "")])]
    assert rows == ["  │", "1 │", "  │ ^"]


def test_clean() -> None:
    assert clean("a\tb\x1b[0m\x7f\u202e\udce9") == "a\tb␛[0m␡\ufffd\ufffd"
    assert len(clean("\x00\u2028é")) == 3
