"""Where a piece of text stands: half-open ranges of code points in the decoded file."""

from __future__ import annotations

from dockslim.records import NamedTuple

__all__ = ["Span"]


class Span(NamedTuple):
    """A half-open range ``[start, end)`` of offsets into ``Source.text`` (code points, counted from 0)."""

    start: int
    end: int

    @property
    def empty(self) -> bool:
        """Whether nothing lies between start and end."""
        return self.start == self.end

    def contains(self, other: Span) -> bool:
        """Whether ``other`` lies wholly inside this span."""
        return self.start <= other.start and other.end <= self.end

    def overlaps(self, other: Span) -> bool:
        """Whether the two share at least one character (touching ends do not count)."""
        return self.start < other.end and other.start < self.end

    def join(self, other: Span) -> Span:
        """Return the smallest span that holds both."""
        return Span(min(self.start, other.start), max(self.end, other.end))
