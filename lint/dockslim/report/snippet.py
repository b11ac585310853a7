"""A few lines of the file with words underlined: tabs, wide and combining characters counted in terminal cells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dockslim.later import TYPE_CHECKING
from dockslim.records import NamedTuple
from dockslim.report.page import Line, clean
from dockslim.syntax.span import Span

if TYPE_CHECKING:
    from dockslim.syntax import Source

__all__ = ["Mark", "cells", "snippet"]

TAB = 4
#: Longer marks show their first and last lines only.
MOST_LINES = 6


class Mark(NamedTuple):
    """A span to underline with ``sign`` in ``style``, and words to write behind it."""

    span: Span
    sign: str
    style: str
    label: str = ""


def cells(text: str) -> int:
    """How many terminal cells ``text`` (without tabs) takes."""
    return len(text) if text.isascii() else sum(size for _, size in sizes(text))


def sizes(text: str) -> Iterator[tuple[str, int]]:
    """Each letter with the cells that it takes beside those before it; none is counted for tabs."""
    import unicodedata

    joined = False  # what a zero-width joiner hangs on to a picture is drawn in its place
    for letter in text:
        size = 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        if joined and size == 2:
            size = 0
        elif unicodedata.category(letter) in ("Mn", "Me", "Cf") or "\u1160" <= letter <= "\u11ff":
            size = int(letter == "\xad")  # a soft hyphen is drawn; Korean vowels stand in the cells of what they follow
        joined = letter == "\u200d"
        yield letter, 0 if letter == "\t" else size


def snippet(source: Source, marks: Sequence[Mark], width: int | None = None) -> Iterator[Line]:
    """Yield the marked lines, each with its underlines; lines are cut to ``width`` cells where it is given."""
    rows: dict[int, list[tuple[int, int, Mark, bool]]] = {}
    for mark in marks:
        for number, start, end, last in _rows(source, mark.span):
            rows.setdefault(number, []).append((start, end, mark, last))
    margin = len(str(max(rows, default=1)))
    yield [("dim", f"{'':{margin}} │")]
    before = None
    for number in sorted(rows):
        if before is not None and number > before + 1:
            yield [("dim", f"{'':{margin}} ⋮")]
        before = number
        text = clean(source.line_text(number).rstrip("\r\n"))
        yield from _row(text, number, margin, rows[number], width)


def _rows(source: Source, span: Span) -> Iterator[tuple[int, int, int, bool]]:
    """Each line of a span with the part of it that the span covers, and whether it is the last one."""
    first = source.position(span.start)
    end = source.position(max(span.start, span.end - 1))
    for number in range(first.line, end.line + 1):
        text = source.line_text(number).rstrip("\r\n")
        start = first.column - 1 if number == first.line else len(text) - len(text.lstrip())
        stop = len(text)
        if number == end.line:
            stop = max(start + 1, source.position(span.start).column - 1 + len(span_text(source, span)))
            if number != first.line:
                stop = end.column
        if MOST_LINES <= number - first.line + 1 < end.line - first.line + 1:
            continue
        yield number, start, max(stop, start + 1), number == end.line


def span_text(source: Source, span: Span) -> str:
    """The text of a span up to its first line break."""
    return source.text[span.start : span.end].split("\n", 1)[0].rstrip("\r")


def _row(
    text: str, number: int, margin: int, marks: list[tuple[int, int, Mark, bool]], width: int | None
) -> Iterator[Line]:
    shift = 0
    room = None if width is None else max(width - margin - 3, 20)
    shown = _untabbed(text)
    if room is not None and cells(shown) > room:
        shift = _shift(text, marks[0], room)
    pieces = _cut(shown, shift, room)
    yield [("dim", f"{number:{margin}} │"), ("", f" {pieces}".rstrip())]
    for start, end, mark, last in marks:
        left = _column(text, start) - shift
        right = max(_column(text, end) - shift, left + 1)
        if right <= 0 or (room is not None and left >= room):
            continue
        left = max(left, 0)
        right = right if room is None else min(right, room)
        edge = ("dim", f"{'':{margin}} │ ")
        signs = (mark.style, mark.sign * (right - left))
        label = clean(mark.label) if last else ""
        size = cells(label)
        if not label or room is None or right + 1 + size <= room:
            yield [edge, ("", " " * left), signs, *([(mark.style, f" {label}")] if label else [])]
        elif size < left:  # no room behind, but before
            yield [edge, ("", " " * (left - size - 1)), (mark.style, f"{label} "), signs]
        else:
            yield [edge, ("", " " * left), signs]
            from dockslim.report.wrapping import wrapped

            for row in wrapped([(mark.style, label)], room, ""):
                yield [edge, ("", " " * max(room - size, 0)), *row]


def _untabbed(text: str) -> str:
    """Text with blanks for tabs; unlike ``str.expandtabs`` it counts cells."""
    if "\t" not in text:
        return text
    pieces: list[str] = []
    column = 0
    for letter, size in sizes(text):
        size = TAB - column % TAB if letter == "\t" else size
        pieces.append(" " * size if letter == "\t" else letter)
        column += size
    return "".join(pieces)


def _column(text: str, index: int) -> int:
    """The cell where the character at ``index`` begins (behind the end: as if blanks followed)."""
    if text.isascii() and "\t" not in text:
        return index
    column = 0
    for letter, size in sizes(text[:index]):
        column += TAB - column % TAB if letter == "\t" else size
    return column + max(index - len(text), 0)


def _shift(text: str, mark: tuple[int, int, Mark, bool], room: int) -> int:
    """How many cells to leave out on the left so that the mark is seen with some words before it."""
    right = _column(text, mark[1])
    return 0 if right <= room - 1 else max(min(_column(text, mark[0]) - room // 3, right - room + 1), 0)


def _cut(shown: str, shift: int, room: int | None) -> str:
    if room is None:
        return shown
    kept: list[tuple[str, int]] = []
    at = 0
    for letter, size in sizes(shown):
        if at >= shift and at + size <= shift + room:
            kept.append((letter, size))
        elif at < shift < at + size:
            kept.append((" ", 1))
        at += size
    front = _dropped(kept, 0) if shift else None
    back = _dropped(kept, -1) if at > shift + room else None
    cut = "".join(letter for letter, _ in kept)
    return ("" if front is None else "…" + " " * (front - 1)) + cut + ("" if back is None else "…")


def _dropped(kept: list[tuple[str, int]], end: int) -> int | None:
    """Take letters away at an end until a cell is free; how many cells are, None where there was nothing to take."""
    free = 0
    while kept and not free:
        free += kept.pop(end)[1]
    while end == 0 and kept and kept[0][1] == 0:  # what hung on to it
        kept.pop(0)
    return free or None
