"""A logical line: the text as BuildKit joins it, and the way back to the file."""

from __future__ import annotations

from bisect import bisect_right

from .span import Span

__all__ = ["Joined"]


class Joined:
    """Pieces of a file put together; offsets into ``text`` become offsets into the file."""

    __slots__ = ("_files", "_starts", "text")

    def __init__(self, pieces: list[tuple[int, str]]) -> None:
        self.text = "".join(text for _, text in pieces)
        self._starts: list[int] = []
        self._files: list[int] = []
        at = 0
        for start, text in pieces:
            self._starts.append(at)
            self._files.append(start)
            at += len(text)

    def to_file(self, offset: int) -> int:
        """Return the file offset of a character."""
        index = max(bisect_right(self._starts, offset) - 1, 0)
        return self._files[index] + offset - self._starts[index]

    def offset(self, place: int) -> int:
        """Return the offset of a place in the file that one of the pieces holds."""
        index = max(bisect_right(self._files, place) - 1, 0)
        return self._starts[index] + place - self._files[index]

    def part(self, start: int, end: int | None = None) -> Joined:
        """Return the text from ``start`` to ``end`` with its way back to the file."""
        end = len(self.text) if end is None else end
        pieces: list[tuple[int, str]] = []
        bounds = [*self._starts[1:], len(self.text)]
        for piece, last, place in zip(self._starts, bounds, self._files):
            first, stop = max(piece, start), min(last, end)
            if first < stop:
                pieces.append((place + first - piece, self.text[first:stop]))
        return Joined(pieces or [(self.to_file(start), "")])

    @property
    def pieces(self) -> list[tuple[int, str]]:
        """Its pieces: place in the file, and text."""
        bounds = [*self._starts[1:], len(self.text)]
        return [(place, self.text[a:b]) for place, a, b in zip(self._files, self._starts, bounds)]

    def span(self, start: int, end: int) -> Span:
        """Return the file span of ``[start, end)``."""
        if start >= end:
            at = self.to_file(start)
            return Span(at, at)
        return Span(self.to_file(start), self.to_file(end - 1) + 1)
