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

    def span(self, start: int, end: int) -> Span:
        """Return the file span of ``[start, end)``."""
        if start >= end:
            at = self.to_file(start)
            return Span(at, at)
        return Span(self.to_file(start), self.to_file(end - 1) + 1)
