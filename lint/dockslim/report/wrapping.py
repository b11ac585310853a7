"""Long lines of prose, broken between words where a terminal would break inside of one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockslim.report.page import Line
from dockslim.report.snippet import cells

__all__ = ["wrapped"]

#: Blanks and the word behind them; a number and its unit are one.
_WORDS = r"(\s*)((?:\S|(?<=\d) (?=(?:MB|%)(?!\w)))*)"
#: As TOML has it: what stands in quotes, on both sides of a sign, or in a comment is one word.
_VALUES = r'(\s*)((?:#.*|"(?:\\.|[^"\\])*"| = |\S)*)'


def wrapped(
    line: Line, width: int | None, indent: str = "    ", *, style: str = "", toml: bool = False
) -> Iterator[Line]:
    """Yield a line in pieces of at most ``width`` terminal cells, the later ones indented in ``style``.

    Without a width it is left as it is.  A word that alone is wider stays whole: a path, for one, is to be found again.
    With ``toml`` so do a text in quotes, a key with its value, and a comment.
    """
    if width is None or cells("".join(text for _, text in line)) <= width:
        yield line
        return
    row: Line = []
    used = 0
    for blanks, word in _words(line, _VALUES if toml else _WORDS):
        size = cells("".join(text for _, text in word))
        if row and used + cells("".join(text for _, text in blanks)) + size > width:
            yield row
            row, used = [(style, indent)], len(indent)
        else:
            row += blanks
            used += cells("".join(text for _, text in blanks))
        row += word
        used += size
    yield row


def _words(line: Line, pattern: str) -> Iterator[tuple[Line, Line]]:
    """Each word and the blanks before it; a word may cross the borders of styles (`SLIM101` and what follows it)."""
    blanks: Line = []
    word: Line = []
    for style, text in line:
        for before, letters in re.findall(pattern, text):
            if before:
                if word:
                    yield blanks, word
                    blanks, word = [], []
                blanks.append((style, before))
            if letters:
                word.append((style, letters))
    if word:
        yield blanks, word
