"""Variable expansion as BuildKit does it; a value that is not known stays unknown.

>>> settings = {"PYTHON": "3.12", "PLATFORM": None}
>>> lookup = lambda name: settings.get(name, UNSET)
>>> expand("python:${PYTHON:-3}-slim", lookup)
'python:3.12-slim'
>>> expand("${REGISTRY:-docker.io}/library/python:${PYTHON%.*}", lookup)
'docker.io/library/python:3'
>>> expand("linux/$PLATFORM", lookup) is None
True
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable
from functools import lru_cache

from dockslim.later import TYPE_CHECKING, later

from .patterns import replace, trim

if TYPE_CHECKING:
    from typing import Final

__all__ = ["UNSET", "ExpansionError", "Lookup", "Piece", "Unset", "expand", "split_words", "variables_in"]

#: What Go takes for white space: what Python does, but for four control characters.
SPACE: Final = r"[^\S\x1c-\x1f]"


class Unset(enum.Enum):
    """The type of `UNSET`: nobody set the variable."""

    UNSET = "unset"


UNSET: Final = Unset.UNSET

#: What a variable is: a value, None where it exists but what it holds is not known, or `UNSET`.
Lookup = Callable[[str], "str | Unset | None"]


class ExpansionError(ValueError):
    """A word that BuildKit refuses: quotes that do not end, or a substitution it does not know."""


def expand(text: str, lookup: Lookup, escape: str = "\\") -> str | None:
    """Return a word with its quotes gone and its variables put in.

    None where the outcome depends on a value that is not known, or where BuildKit would refuse the word.
    """
    if "$" not in text and escape not in text and '"' not in text and "'" not in text:
        return text
    try:
        return Machine(text, lookup, escape).run()
    except ExpansionError:
        return None


def variables_in(text: str, escape: str = "\\") -> tuple[str, ...]:
    """Return the names of the variables that a word uses, in order, each once."""
    if "$" not in text:
        return ()
    machine = Machine(text, lambda name: UNSET, escape)
    try:
        machine.run()
    except ExpansionError:
        machine.names += re.findall(LOOSE_NAME, text)
    return tuple(name for name in dict.fromkeys(machine.names) if name[:1].isalpha() or name[:1] == "_")


class Piece:
    """A word found by `split_words`: its text and where it stands."""

    __slots__ = ("end", "start", "text")

    def __init__(self, text: str, start: int, end: int) -> None:
        self.text, self.start, self.end = text, start, end


def split_words(text: str, *, raw: bool, raw_quotes: bool = True) -> list[Piece]:
    """Split a line into words as BuildKit does to look for here-documents.

    ``raw`` keeps escapes, ``raw_quotes`` quotes.  Raises `ExpansionError` where BuildKit would.
    """
    machine = Machine(text, lambda name: UNSET, "\\", raw=raw, raw_quotes=raw_quotes, keep_unset=True, words=True)
    machine.run()
    return machine.found


LOOSE_NAME = r"\$\{?([A-Za-z_]\w*)"
SPACES = later(f"{SPACE}+")
NAME = later(r"\d+|[@*#?\-$!]|(?:[^\W\d]|_)\w*")
BLANKS = later(r"[\t\r ]*")


@lru_cache(maxsize=2)
def letters(escape: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return what means nothing special outside and inside double quotes."""
    return later(rf"[^'\"$<}}/\{escape}\s]+"), later(rf"[^\"$\{escape}]+")


class Frame:
    """A place in the text that something has to end: a quoted part, or one part of a `${...}`."""

    __slots__ = ("at", "modifier", "name", "parts", "pattern", "quote", "raw", "stop")

    def __init__(
        self, at: int, stop: str, raw: bool, name: str = "", modifier: str = "", pattern: str | None = ""
    ) -> None:
        self.parts: list[str | None] = []
        self.at = at
        self.stop, self.raw, self.name, self.modifier, self.pattern = stop, raw, name, modifier, pattern
        self.quote = stop == '"'

    def text(self) -> str | None:
        """Return what was put together, None where a part of it is not known."""
        if None in self.parts:
            return None
        return "".join(self.parts)  # type: ignore[arg-type]


class Machine:
    """Goes through a word once, with a stack in the place of recursion."""

    def __init__(
        self,
        text: str,
        lookup: Lookup,
        escape: str,
        *,
        raw: bool = False,
        raw_quotes: bool = False,
        keep_unset: bool = False,
        words: bool = False,
    ) -> None:
        self.text, self.lookup, self.escape, self.at = text, lookup, escape, 0
        self.raw_quotes, self.keep_unset, self.words = raw_quotes, keep_unset, words
        self.frames = [Frame(0, "", raw)]
        self.plain, self.quoted = letters(escape)
        self.found: list[Piece] = []
        self.names: list[str] = []
        self.word: list[str] = []
        self.word_start = 0

    def run(self) -> str | None:
        """Return the expanded text."""
        text, end = self.text, len(self.text)
        while self.at < end:
            frame = self.frames[-1]
            letter = text[self.at]
            if letter == frame.stop:
                self.at += 1
                self.close()
            elif letter == "$":
                self.dollar()
            elif frame.quote:
                self.inside_quotes(frame, letter)
            elif letter == "'":
                close = text.find("'", self.at + 1)
                if close < 0:
                    raise ExpansionError("a single quote that does not end")
                start, self.at = self.at, close + 1
                self.put(text[start : close + 1] if self.raw_quotes else text[start + 1 : close], start)
            elif letter == '"':
                self.frames.append(Frame(self.at, '"', frame.raw))
                self.at += 1
            elif letter == self.escape:
                self.escaped(frame)
            elif letter == "<" and text.startswith("<", self.at + 1):
                start = self.at
                self.at = BLANKS.match(text, start + 2).end()  # type: ignore[union-attr]
                self.put(text[start : self.at], start)
            else:
                match = self.plain.match(text, self.at)
                start = self.at
                self.at = match.end() if match else start + 1
                self.put_unquoted(text[start : self.at], start)
        if len(self.frames) > 1:
            raise ExpansionError(f"no matching {self.frames[-1].stop}")
        self.end_word(end)
        return self.frames[0].text()

    def put(self, value: str | None, start: int) -> None:
        """Add text that does not end a word."""
        self.frames[-1].parts.append(value)
        if self.words and len(self.frames) == 1:
            if not self.word:
                self.word_start = start
            self.word.append(value or "")

    def put_unquoted(self, value: str | None, start: int) -> None:
        """Add text in which blanks end a word."""
        self.frames[-1].parts.append(value)
        if self.words and len(self.frames) == 1 and value:
            at = 0
            for blank in SPACES.finditer(value):
                self.add_to_word(value[at : blank.start()], start + at)
                self.end_word(start + blank.start())
                at = blank.end()
            self.add_to_word(value[at:], start + at)

    def add_to_word(self, value: str, start: int) -> None:
        if value:
            if not self.word:
                self.word_start = start
            self.word.append(value)

    def end_word(self, end: int) -> None:
        if self.word and any(self.word):
            self.found.append(Piece("".join(self.word), self.word_start, end))
            self.word = []

    def escaped(self, frame: Frame) -> None:
        """Take the escape character and what it protects; at the end of the text it protects nothing."""
        start = self.at
        following = self.text[start + 1 : start + 2]
        self.at = start + 2
        self.put((self.escape if frame.raw else "") + following, start)

    def inside_quotes(self, frame: Frame, letter: str) -> None:
        start = self.at
        if letter != self.escape:
            self.at = self.quoted.match(self.text, start).end()  # type: ignore[union-attr]
            frame.parts.append(self.text[start : self.at])
            return
        following = self.text[start + 1 : start + 2]
        if not following:
            self.at += 1
        elif following in '"$' + self.escape:
            self.at += 2
            frame.parts.append((letter if frame.raw else "") + following)
        else:
            self.at += 1
            frame.parts.append(letter * 2 if frame.raw else letter)

    def dollar(self) -> None:
        """Take a `$`, its name and, for `${`, all up to the word after the modifier."""
        start, text = self.at, self.text
        braces = text.startswith("{", start + 1)
        if braces and text[start + 2 : start + 3] in ("", "{", "}", ":"):
            raise ExpansionError("bad substitution")
        match = NAME.match(text, start + 1 + braces)
        name = match[0] if match else ""
        self.names.append(name)
        self.at = start + 1 + braces + len(name)
        if not braces:
            self.deliver("$" if not name else self.value(name, f"${name}"), start)
            return
        modifier = text[self.at : self.at + 1]
        self.at += 1
        if modifier == "}":
            self.deliver(self.value(name, f"${{{name}}}"), start)
            return
        if modifier == ":":
            modifier += text[self.at : self.at + 1]
            self.at += 1
        if modifier == "/":
            modifier = "//" if text.startswith("/", self.at) else "/"
            self.at += len(modifier) - 1
            self.frames.append(Frame(start, "/", True, name, modifier))
        elif modifier in ("-", "+", "?", ":-", ":+", ":?", "#", "%"):
            self.frames.append(Frame(start, "}", modifier in "#%", name, modifier))
        else:
            raise ExpansionError(f"unsupported modifier ({modifier}) in substitution")

    def value(self, name: str, written: str) -> str | None:
        value = self.lookup(name)
        if isinstance(value, Unset):
            return written if self.keep_unset else ""
        return value

    def deliver(self, value: str | None, start: int) -> None:
        """Hand an expanded variable to where it stands."""
        if self.frames[-1].quote:
            self.frames[-1].parts.append(value)
        else:
            self.put_unquoted(value, start)

    def close(self) -> None:
        """End the innermost part."""
        frame = self.frames.pop()
        word = frame.text()
        if frame.quote:
            self.put(f'"{word}"' if self.raw_quotes else word, frame.at)
        elif frame.stop == "/":
            self.frames.append(Frame(frame.at, "}", True, frame.name, frame.modifier, word))
        else:
            self.deliver(self.substitute(frame, word), frame.at)

    def substitute(self, frame: Frame, word: str | None) -> str | None:
        """Return what a `${name<modifier>word}` stands for."""
        value, modifier = self.lookup(frame.name), frame.modifier
        if isinstance(value, Unset):
            if self.keep_unset:
                pattern = f"{frame.pattern}/" if modifier[0] == "/" else ""
                return f"${{{frame.name}{modifier}{pattern}{word}}}"
            there: bool | None = False
        elif modifier[0] == ":":
            there = None if value is None else bool(value)
        else:
            there = True
        known = "" if isinstance(value, Unset) else value
        kind = modifier[-1]
        if kind in "-+?":
            if there is None:
                return None
            if kind == "+":
                return word if there else ""
            if there:
                return known
            if kind == "?":
                raise ExpansionError(f"{frame.name}: {word or 'is not set'}")
            return word
        if known is None or word is None or frame.pattern is None:
            return None
        try:
            if kind == "/":
                return replace(known, frame.pattern, word, everywhere=modifier == "//")
            longest = word.startswith(kind)
            return trim(known, word[1:] if longest else word, suffix=kind == "%", longest=longest)
        except ValueError as error:
            raise ExpansionError(str(error)) from None
