"""Offsets in a text and the editor's positions: lines from 0, characters in the units that were agreed on."""

from __future__ import annotations

import re
from bisect import bisect_right

__all__ = ["Text"]

#: The protocol ends a line at a lone carriage return too, which a Dockerfile does not.
_BREAK = re.compile(r"\r\n|\n|\r")
_UNITS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}


class Text:
    """A text and its lines; ``encoding`` is utf-8, utf-16 or utf-32: what a character counts as."""

    def __init__(self, text: str, encoding: str = "utf-16") -> None:
        self.text = text
        self._codec, self._size = _UNITS[encoding]
        self._starts = [0, *(match.end() for match in _BREAK.finditer(text))]

    def position(self, offset: int) -> tuple[int, int]:
        """Line and character of an offset."""
        line = bisect_right(self._starts, offset) - 1
        before = self.text[self._starts[line] : offset]
        if before.isascii():
            return line, len(before)
        return line, len(before.encode(self._codec, "surrogatepass")) // self._size

    def offset(self, line: int, character: int) -> int:
        """The offset of a line and character; what lies beyond the end of a line or of the text is its end."""
        if line >= len(self._starts):
            return len(self.text)
        start = self._starts[line]
        end = self._starts[line + 1] if line + 1 < len(self._starts) else len(self.text)
        content = self.text[start:end].rstrip("\r\n")
        if content.isascii():
            return start + min(character, len(content))
        units = content.encode(self._codec, "surrogatepass")[: character * self._size]
        return start + len(units.decode(self._codec, "ignore"))
