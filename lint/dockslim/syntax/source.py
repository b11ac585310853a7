"""A file's bytes and text, and the one place where offsets become lines, columns, bytes and UTF-16."""

from __future__ import annotations

from bisect import bisect_right

from dockslim.records import NamedTuple

__all__ = ["Position", "Source"]


class Position(NamedTuple):
    """A place for people: both count from 1, columns in code points."""

    line: int
    column: int


class Source:
    """The text of one file, byte for byte: UTF-8 with what is none of it kept as surrogates."""

    __slots__ = ("_starts", "data", "path", "text")

    def __init__(self, data: bytes, path: str = "<string>") -> None:
        self.data = data
        self.path = path
        self.text = data.decode("utf-8", "surrogateescape")
        self._starts: list[int] | None = None

    @staticmethod
    def encode(text: str) -> bytes:
        """Return the bytes of (changed) text; what was not UTF-8 comes out as it went in."""
        return text.encode("utf-8", "surrogateescape")

    @property
    def starts(self) -> list[int]:
        """The offset at which each line begins."""
        if self._starts is None:
            starts = [0]
            at = self.text.find("\n")
            while at >= 0:
                starts.append(at + 1)
                at = self.text.find("\n", at + 1)
            self._starts = starts
        return self._starts

    @property
    def line_count(self) -> int:
        """How many lines there are; a final line break begins none."""
        return len(self.starts) - (self.text.endswith("\n") or not self.text)

    def position(self, offset: int) -> Position:
        """Return line and column of an offset."""
        line = bisect_right(self.starts, offset)
        return Position(line, offset - self.starts[line - 1] + 1)

    def offset(self, line: int, column: int) -> int:
        """Return the offset of a line and column."""
        return self.starts[line - 1] + column - 1

    def line_text(self, line: int) -> str:
        """Return a line without its break."""
        start = self.starts[line - 1]
        end = self.starts[line] if line < len(self.starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n")

    def utf16_column(self, offset: int) -> int:
        """Return the column of an offset in UTF-16 code units, from 1."""
        line = bisect_right(self.starts, offset)
        before = self.text[self.starts[line - 1] : offset]
        return len(before) + sum(ord(letter) > 0xFFFF for letter in before) + 1

    def byte_offset(self, offset: int) -> int:
        """Return the offset in bytes."""
        return len(self.encode(self.text[:offset]))

    @property
    def newline(self) -> str:
        """The file's own line break."""
        at = self.text.find("\n")
        return "\r\n" if at > 0 and self.text[at - 1] == "\r" else "\n"
