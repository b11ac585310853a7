"""Reading parts of a large JSON document without holding the whole of it."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator

from dockslim.later import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import IO, Any

__all__ = ["BadJsonError", "Path", "read_parts"]

Path = tuple[str, ...]

_CHUNK = 1 << 16
_BLANK = re.compile(r"[ \t\r\n]*")
_MARK = re.compile(r'["\[\]{}]')
_STRING_END = re.compile(r'[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_NUMBER = frozenset("-0123456789")
_NUMBER_END = re.compile(r"[^-+.eE0-9]")
_LARGEST_PART = 16 * 1024 * 1024


class BadJsonError(ValueError):
    """The document is no JSON, or ends too early."""


def read_parts(stream: IO[str], wanted: Collection[Path]) -> Iterator[tuple[Path, Any]]:
    """Yield (path, value) for every value at one of the ``wanted`` paths, in the document's order.

    A path holds keys, and "*" for any element of a list.  What is not wanted is read past without being kept; one
    wanted value may take 16 MiB.  Raises BadJsonError.
    """
    reader = _Reader(stream)
    yield from reader.walk((), frozenset(wanted))
    if reader.peek():
        raise BadJsonError("something follows the end of the document")


class _Reader:
    """A window on the text that moves forward only."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream, self._text, self._at, self._ended = stream, "", 0, False
        self._decoder = json.JSONDecoder()

    def _more(self, size: int = _CHUNK) -> bool:
        if self._ended:
            return False
        chunk = self._stream.read(size)
        self._ended = not chunk
        if self._at:
            self._text, self._at = self._text[self._at :], 0
        self._text += chunk
        return bool(chunk)

    def peek(self) -> str:
        """Return the next character that is no blank, "" at the end."""
        while True:
            found = _BLANK.match(self._text, self._at)
            assert found is not None
            self._at = found.end()
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def take(self, expected: str) -> str:
        """Move past one character, which must be one of ``expected``."""
        character = self.peek()
        if not character or character not in expected:
            what = repr(character) if character else "the end of the document"
            raise BadJsonError(f"expected {' or '.join(expected)}, found {what}")
        self._at += 1
        return character

    def value(self) -> Any:
        """Return the next value, whole."""
        if self.peek() in _NUMBER:
            # Half a number is a number too: "1" of "1.5" at the window's edge.
            while _NUMBER_END.search(self._text, self._at) is None and self._more():
                pass
        size = _CHUNK
        while True:
            try:
                found, end = self._decoder.raw_decode(self._text, self._at)
            except ValueError as error:
                if len(self._text) - self._at > _LARGEST_PART or not self._more(size):
                    raise BadJsonError(str(error)) from error
                size *= 2
                continue
            self._at = end
            return found

    def skip(self) -> None:
        """Move past the next value without keeping it."""
        first = self.peek()
        if first not in '"[{':
            self.value()
            return
        depth = 0
        while True:
            found = _MARK.search(self._text, self._at)
            if found is None:
                self._at = len(self._text)
                if not self._more():
                    raise BadJsonError("the document ends inside a value")
                continue
            self._at = found.end()
            mark = found.group()
            if mark == '"':
                self._skip_string()
            else:
                depth += 1 if mark in "[{" else -1
            if depth == 0:
                return

    def _skip_string(self) -> None:
        while True:
            found = _STRING_END.match(self._text, self._at)
            if found is not None:
                self._at = found.end()
                return
            if len(self._text) - self._at > _LARGEST_PART or not self._more(max(_CHUNK, len(self._text))):
                raise BadJsonError("the document ends inside a string, or has one without end")

    def walk(self, path: Path, wanted: frozenset[Path]) -> Iterator[tuple[Path, Any]]:
        """Yield what is wanted of the next value, which stands at ``path``."""
        if path in wanted:
            yield path, self.value()
            return
        first = self.peek()
        if not first:
            raise BadJsonError("the document is empty" if not path else "the document ends too early")
        if first not in "[{" or not any(other[: len(path)] == path for other in wanted):
            self.skip()
            return
        self.take("[{")
        closing = "]" if first == "[" else "}"
        if self.peek() == closing:
            self.take(closing)
            return
        while True:
            step = "*"
            if first == "{":
                step = self.value()
                if not isinstance(step, str):
                    raise BadJsonError("a key that is no string")
                self.take(":")
            yield from self.walk((*path, step), wanted)
            if self.take("," + closing) == closing:
                return
