from __future__ import annotations

import pytest

from dockslim.rewrite import Edit, OverlapError, apply_edits
from dockslim.rewrite.pip_words import before_word
from dockslim.syntax import Span


def test_edits_speak_of_the_text_as_it_was() -> None:
    edits = [Edit(Span(4, 7), "TWO"), Edit(Span(0, 0), "> "), Edit(Span(7, 7), "!"), Edit(Span(3, 4), "")]
    assert apply_edits("one two", edits) == "> oneTWO!"


def test_insertions_at_one_place_keep_their_order() -> None:
    assert apply_edits("ab", [Edit(Span(1, 1), "1"), Edit(Span(1, 1), "2")]) == "a12b"


def test_overlapping_edits_are_an_error() -> None:
    with pytest.raises(OverlapError):
        apply_edits("abc", [Edit(Span(0, 2), ""), Edit(Span(1, 3), "")])


@pytest.mark.parametrize(
    ("text", "before"),
    [
        ("install a gcc", "install a"),
        ("install a \\\n    gcc", "install a"),
        ("install a   \\  \r\n    gcc", "install a"),
        ("install a \\\n    # a compiler\n\n    gcc", "install a"),
        ("install a `\n    gcc", "install a"),
        ("RUN x\ngcc", "RUN x\n"),
    ],
)
def test_blanks_before_a_word(text: str, before: str) -> None:
    assert text[: before_word(text, text.index("gcc"))] == before
