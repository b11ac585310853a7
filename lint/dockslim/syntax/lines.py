"""Physical lines into logical ones, as BuildKit joins them."""

from __future__ import annotations

import re

from .expand import SPACE as SPACE_CLASS

__all__ = ["SPACE", "Line", "content_end", "continued", "read_line"]

SPACE = re.compile(f"{SPACE_CLASS}*")


class Line:
    """A logical line: what BuildKit reads as one, and where it stands.

    ``text[start:end]`` is the line; where nothing was joined, ``text`` is the file.  ``pieces`` are (offset in
    ``text``, offset in the file) of each part; ``gaps[i]`` are the whole tokens between parts ``i`` and ``i + 1``,
    (a comment, a blank line or the continuation itself; where it ends).  ``after`` is where the next line begins.
    """

    __slots__ = ("after", "end", "gaps", "pieces", "start", "text")

    def __init__(self, text: str, start: int, end: int, after: int) -> None:
        self.text, self.start, self.end, self.after = text, start, end, after
        self.pieces: list[tuple[int, int]] | None = None
        self.gaps: list[list[tuple[str, int]]] = []


def content_end(text: str, start: int, end: int) -> int:
    """Return where a line that ends at ``end`` (its line feed or the file's end) ends without carriage returns."""
    while end > start and text[end - 1] == "\r":
        end -= 1
    return end


def continued(text: str, start: int, end: int, escape: str) -> int:
    """Return where the escape character stands that continues the line on the next one; -1 where none does.

    It is the last thing on the line but blanks, and does not follow another one.
    """
    at = end
    while at > start and text[at - 1] in " \t":
        at -= 1
    if at > start and text[at - 1] == escape and (at - 1 == start or text[at - 2] != escape):
        return at - 1
    return -1


def read_line(text: str, start: int, end: int, after: int, escape: str) -> Line:
    """Return the logical line that begins at ``start``.

    ``start`` is past the blanks before the keyword, ``end`` where the first line ends (without its break), ``after``
    where the next line begins.
    """
    cut = continued(text, start, end, escape)
    if cut < 0:
        return Line(text, start, end, after)
    parts = [text[start:cut]]
    pieces = [(0, start)]
    gaps: list[list[tuple[str, int]]] = []
    length, size = cut - start, len(text)
    while True:
        gap = [("continuation", after)]
        gaps.append(gap)
        if after >= size:
            break
        while True:  # lines that do not count
            line = after
            feed = text.find("\n", line)
            after = size if feed < 0 else feed + 1
            end = content_end(text, line, size if feed < 0 else feed)
            first = SPACE.match(text, line, end).end()  # type: ignore[union-attr]
            if first == end:
                gap.append(("empty", after))
            elif text[first] == "#":
                gap.append(("comment", after))
            else:
                break
            if after >= size:
                line = end = size
                break
        cut = continued(text, line, end, escape)
        pieces.append((length, line))
        if cut < 0:
            parts.append(text[line:end])
            length += end - line
            break
        parts.append(text[line:cut])
        length += cut - line
    found = Line("".join(parts), 0, length, after)
    found.pieces, found.gaps = pieces, gaps
    return found
