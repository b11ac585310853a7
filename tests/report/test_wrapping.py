from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from dockslim.engine.fixer import fix
from dockslim.engine.session import Choices, Session
from dockslim.report.fixes import full
from dockslim.report.page import Line
from dockslim.report.snippet import cells
from dockslim.report.wrapping import wrapped

ROOT = Path(__file__).parents[2]
LINE: Line = [
    ("bold", "a/Dockerfile"),
    ("dim", ":3:59: "),
    ("red", "SLIM101"),
    ("", " gcc 日本語 is a build tool"),
    ("dim", " [x]"),
]


def plain(width: int | None) -> list[str]:
    return ["".join(text for _, text in line) for line in wrapped(LINE, width)]


def test_it_is_left_alone_where_it_fits() -> None:
    whole = "a/Dockerfile:3:59: SLIM101 gcc 日本語 is a build tool [x]"
    assert plain(None) == plain(cells(whole)) == [whole]


def test_it_is_broken_between_words() -> None:
    assert plain(40) == ["a/Dockerfile:3:59: SLIM101 gcc 日本語 is", "    a build tool [x]"]


@pytest.mark.parametrize("width", range(10, 60))
def test_no_word_is_lost_and_no_line_too_long(width: int) -> None:
    lines = plain(width)
    assert " ".join(" ".join(lines).split()) == plain(None)[0]
    assert all(cells(line) <= width or len(line.split()) <= 2 for line in lines)


@pytest.mark.parametrize("parts", [["a b", " ", "cc d"], ["a", " b ", "cc", " d"], ["a b cc d"], ["a ", "b c", "c d"]])
@pytest.mark.parametrize("width", range(2, 9))
def test_styles_do_not_say_where_it_is_broken(parts: list[str], width: int) -> None:
    lines = list(wrapped([(str(number), part) for number, part in enumerate(parts)], width, ""))
    texts = ["".join(text for _, text in line) for line in lines]
    assert texts == textwrap.wrap("a b cc d", width, break_long_words=False)


@pytest.mark.parametrize("width", range(4, 60))
def test_a_number_stays_with_its_unit(width: int) -> None:
    line: Line = [("", "it ships; 41 packages, about 276 MB: "), ("red", "400 MB → 139 MB (−65 %), not 7 MBs")]
    texts = ["".join(text for _, text in each).strip() for each in wrapped(line, width, "  ")]
    assert " ".join(texts) == "it ships; 41 packages, about 276 MB: 400 MB → 139 MB (−65 %), not 7 MBs"
    assert not any(text.startswith(("MB ", "MB:", "%")) or text == "MB" for text in texts)


def test_further_lines_have_a_sign_in_its_own_style() -> None:
    assert list(wrapped([("dim", "# a "), ("", "b")], 3, "# ", style="dim")) == [
        [("dim", "#"), ("dim", " "), ("dim", "a")],
        [("dim", "# "), ("", "b")],
    ]


TOML: Line = [
    ("bold", "exclude"),
    ("", ' = ["a b \\" c", {"d" = "e f"}]'),
    ("dim", "  # /my folder/dockslim.toml"),
]


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (80, ['exclude = ["a b \\" c", {"d" = "e f"}]  # /my folder/dockslim.toml']),
        (50, ['exclude = ["a b \\" c", {"d" = "e f"}]', "    # /my folder/dockslim.toml"]),
        (30, ['exclude = ["a b \\" c",', '    {"d" = "e f"}]', "    # /my folder/dockslim.toml"]),
    ],
)
def test_toml_is_broken_between_values(width: int, expected: list[str]) -> None:
    assert ["".join(text for _, text in line) for line in wrapped(TOML, width, toml=True)] == expected


def test_the_prose_of_a_fix_is_broken_and_its_diff_is_not() -> None:
    session = Session([ROOT / "corpus" / "blog-pyodbc" / "Dockerfile"], Choices(isolated=True))
    (work,) = session.works()
    result = fix(work.data, work.path, work.reader, work.linter)
    whole = ["".join(text for _, text in line) for line in full("Dockerfile", work.facts.file, result)]
    lines = ["".join(text for _, text in line) for line in full("Dockerfile", work.facts.file, result, width=60)]
    why = lines.index("why:")
    assert lines[:why] == whole[:why]
    assert any(cells(line) > 60 for line in lines[:why])
    assert all(cells(line) <= 60 for line in lines[why:])
    assert " ".join(" ".join(lines[why:]).split()) == " ".join(" ".join(whole[why:]).split())
    assert any(line.startswith("          ") for line in lines[why:])  # below its own words, not below "proven"
