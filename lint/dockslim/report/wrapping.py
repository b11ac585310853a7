"""Long lines of prose, broken between words where a terminal would break inside of one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockslim.report.page import Line
from dockslim.report.snippet import cells

__all__ = ["wrapped"]

#: Blanks and the word behind them.
_WORDS = r"(\s*)(\S*)"
#: As TOML has it: what stands in quotes, on both sides of a sign, or in a comment is one word.
_VALUES = r'(\s*)((?:#.*|"(?:\\.|[^"\\])*"| = |\S)*)'


def wrapped(line: Line, width: int | None, indent: str = "    ", *, toml: bool = False) -> Iterator[Line]:
    """Yield a line in pieces of at most ``width`` terminal cells, the later ones indented; None leaves it as it is.

    A word that alone is wider stays whole: a path, for one, is to be found again.  With ``toml`` so do a
    text in quotes, a key with its value, and a comment.
    """
    if width is None or cells("".join(text for _, text in line)) <= width:
        yield line
        return
    row: Line = []
    used = 0
    fresh = True
    # Words cross the borders of styles (`SLIM101` and what follows it): the blanks alone are places to break.
    for style, text in line:
        for blanks, word in re.findall(_VALUES if toml else _WORDS, text):
            if not blanks and not word:
                continue
            size = cells(blanks) + cells(word)
            if used + size > width and not fresh and blanks:
                yield row
                row, used, blanks = [("", indent)], len(indent), ""
                size = cells(word)
            row.append((style, blanks + word))
            used += size
            fresh = False
    yield row
