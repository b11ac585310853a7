from __future__ import annotations

import pytest

from dockslim.report.page import Line
from dockslim.report.snippet import cells
from dockslim.report.wrapping import wrapped

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
