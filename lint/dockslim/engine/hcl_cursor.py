"""A place in an HCL text, and what comes next there."""

from __future__ import annotations

import re

__all__ = ["NAME", "Cursor", "HclError"]

NAME = re.compile(r"[^\W\d][\w-]*")
_BLANK = re.compile(r"(?:[ \t\r]|(?:#|//)[^\n]*|/\*.*?\*/)+", re.DOTALL)
_BLANK_AND_LINES = re.compile(r"(?:\s|(?:#|//)[^\n]*|/\*.*?\*/)+", re.DOTALL)


class HclError(ValueError):
    """The text is not HCL; the message names the line."""


class Cursor:
    """Goes through the text once; inside of brackets line ends are blanks."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.depth = 0

    def error(self, message: str) -> HclError:
        """An error at the line where the cursor is."""
        return HclError(f"line {self.line()}: {message}")

    def line(self) -> int:
        """The line, from 1."""
        return self.text.count("\n", 0, self.at) + 1

    def skip(self) -> None:
        """Go past blanks and comments."""
        match = (_BLANK_AND_LINES if self.depth else _BLANK).match(self.text, self.at)
        if match:
            self.at = match.end()

    def lines(self) -> None:
        """Go past blanks, comments and line ends."""
        match = _BLANK_AND_LINES.match(self.text, self.at)
        if match:
            self.at = match.end()

    def peek(self, sign: str) -> bool:
        """Whether a sign comes next."""
        self.skip()
        return self.text.startswith(sign, self.at)

    def take(self, sign: str) -> bool:
        """Take a sign if it comes next."""
        found = self.peek(sign)
        if found:
            self.at += len(sign)
        return found

    def insist(self, sign: str) -> None:
        """Take a sign.  Raises HclError where it does not come."""
        if not self.take(sign):
            found = self.text[self.at : self.at + 1]
            raise self.error(f"{sign!r} is expected, not {found!r}" if found else f"{sign!r} is missing at the end")

    def name(self) -> str:
        """Take a name."""
        self.skip()
        match = NAME.match(self.text, self.at)
        if not match:
            raise self.error("a name is expected")
        self.at = match.end()
        return match[0]

    def word(self, word: str) -> bool:
        """Take a name if it is this one."""
        self.skip()
        match = NAME.match(self.text, self.at)
        if match and match[0] == word:
            self.at = match.end()
            return True
        return False

    def opened(self, sign: str) -> None:
        """Take a bracket; line ends are blanks from here."""
        self.insist(sign)
        self.depth += 1

    def closed(self, sign: str) -> None:
        """Take its partner."""
        self.insist(sign)
        self.depth -= 1
