"""Text put together from pieces of a file, and the way back."""

from __future__ import annotations

from bisect import bisect_right

from .span import Span

__all__ = ["Joined"]

#: Makes a named tuple without a call of its own constructor, which is a function of Python: a third of the time.
new_tuple = tuple.__new__


class Joined:
    """Pieces of a file put together; offsets into ``text`` become offsets into the file.

    ``pinned`` is for text that has no letter-by-letter place in the file (a string with escapes): all of it is there.
    """

    __slots__ = ("_files", "_starts", "pinned", "text")

    def __init__(self, pieces: list[tuple[int, str]], pinned: Span | None = None) -> None:
        self.text = "".join([text for _, text in pieces]) if len(pieces) != 1 else pieces[0][1]
        self.pinned = pinned
        self._starts: list[int] = []
        self._files: list[int] = []
        at = 0
        for start, text in pieces:
            self._starts.append(at)
            self._files.append(start)
            at += len(text)

    def to_file(self, offset: int) -> int:
        """Return the file offset of a character."""
        if self.pinned is not None:
            return self.pinned.start
        index = bisect_right(self._starts, offset) - 1  # the first piece starts at 0
        return self._files[index] + offset - self._starts[index]

    def offset(self, place: int) -> int:
        """Return the offset of a place in the file that one of the pieces holds."""
        index = max(bisect_right(self._files, place) - 1, 0)
        return self._starts[index] + place - self._files[index]

    def span(self, start: int, end: int) -> Span:
        """Return the file span of ``[start, end)``."""
        if self.pinned is not None:
            return self.pinned
        starts, files = self._starts, self._files
        first = bisect_right(starts, start) - 1
        place = files[first] + start - starts[first]
        if start >= end:
            return Span(place, place)
        if first + 1 == len(starts) or end <= starts[first + 1]:
            return new_tuple(Span, (place, place + end - start))
        last = bisect_right(starts, end - 1) - 1
        return Span(place, files[last] + end - starts[last])

    @property
    def pieces(self) -> list[tuple[int, str]]:
        """Its pieces: place in the file, and text."""
        bounds = [*self._starts[1:], len(self.text)]
        return [(place, self.text[a:b]) for place, a, b in zip(self._files, self._starts, bounds, strict=False)]

    def part(self, start: int, end: int) -> Joined:
        """Return the text from ``start`` to ``end`` with its way back to the file."""
        pieces: list[tuple[int, str]] = []
        index = max(bisect_right(self._starts, start) - 1, 0)
        while index < len(self._starts) and self._starts[index] < end:
            first = max(self._starts[index], start)
            last = min(self._starts[index + 1] if index + 1 < len(self._starts) else len(self.text), end)
            if first < last:
                pieces.append((self._files[index] + first - self._starts[index], self.text[first:last]))
            index += 1
        return Joined(pieces or [(self.to_file(start), "")], self.pinned)

    def without(self, start: int, end: int, dropped: list[int]) -> Joined:
        """Return the text from ``start`` to ``end`` without the characters at ``dropped`` (in order)."""
        pieces: list[tuple[int, str]] = []
        at = start
        for drop in (*dropped, end):
            if drop > at:
                pieces += self.part(at, drop).pieces
            at = drop + 1
        return Joined(pieces or [(self.to_file(start), "")], self.pinned)
