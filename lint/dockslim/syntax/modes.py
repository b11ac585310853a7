"""How the rest of a line falls into tokens, keyword by keyword."""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable
from functools import lru_cache

from dockslim.later import TYPE_CHECKING, later

from . import kinds
from .forms import ARRAY_KINDS, ARRAY_PART, IMAGE, IMAGE_KINDS, PLAIN, options, plain_words, reads_as_array
from .lines import SPACE

if TYPE_CHECKING:
    from typing import Final

    from .heredocs import Marker

__all__ = ["Modes"]

Add = Callable[[int], object]
KEYWORD: Final = re.compile(r"[^\t\v\f\r ]+")
Mode = Callable[["Modes", str, int, int, Add, Add, "tuple[Marker, ...]"], None]


class Modes:
    """The modes under one escape character."""

    def __init__(self, escape: str) -> None:
        e = re.escape(escape)
        quoted = rf""""[^"{e}]*(?:{e}(?:.|\Z)[^"{e}]*)*(?:"|\Z)"""
        literal = r"""'[^']*(?:'|\Z)"""
        also_quoted = rf"""'[^'{e}]*(?:{e}(?:.|\Z)[^'{e}]*)*(?:'|\Z)"""
        #: Words where quotes hold blanks together: ENV, LABEL, ARG.
        self.word = later(rf"(?:[^'\"{e}\s]+|[\x1c-\x1f]+|{e}(?:.|\Z)|{quoted}|{literal})+", re.DOTALL)
        #: A flag: there both kinds of quotes know escapes.
        self.flag = later(rf"--(?:[^'\"{e}\s]+|[\x1c-\x1f]+|{e}(?:.|\Z)|{quoted}|{also_quoted})*", re.DOTALL)
        self.odd = later(rf"['\"{e}]")

    @staticmethod
    @lru_cache(maxsize=2)
    def of(escape: str) -> Modes:
        """Return the modes for an escape character."""
        return Modes(escape)

    def lex(self, text: str, start: int, end: int, kind: Add, end_at: Add, markers: tuple[Marker, ...]) -> None:
        """Add the tokens of the logical line ``text[start:end]``, which begins with its keyword."""
        stop = end
        while stop > start and text[stop - 1] in TRIMMED:
            stop -= 1
        at = start
        while at < stop:
            found = KEYWORD.match(text, at, stop)
            if found is None:  # a line that begins with blanks only after its first part was cut off
                at = SPACE.match(text, at, stop).end()  # type: ignore[union-attr]
                kind(kinds.BLANK)
                end_at(at)
                continue
            keyword = kinds.KEYWORDS.get(found[0].upper(), kinds.UNKNOWN)
            at = found.end()
            kind(keyword)
            end_at(at)
            at = self.blanks(text, at, stop, kind, end_at)
            if text.startswith("--", at, stop):
                at = self.flags(text, at, stop, kind, end_at)
            if keyword == kinds.ONBUILD:
                continue
            if at < stop:
                MODES[keyword](self, text, at, stop, kind, end_at, markers)
            break
        if stop < end:
            kind(kinds.TRAIL if stop > start else kinds.BLANK)
            end_at(end)

    def blanks(self, text: str, at: int, stop: int, kind: Add, end_at: Add) -> int:
        """Add the blanks that begin at ``at``, if any; return where they end."""
        end = SPACE.match(text, at, stop).end()  # type: ignore[union-attr]
        if end > at:
            kind(kinds.BLANK)
            end_at(end)
        return end

    def flags(self, text: str, at: int, stop: int, kind: Add, end_at: Add) -> int:
        """Add the flags that begin at ``at`` and the blanks after each; return where the arguments begin."""
        while text.startswith("--", at, stop):
            end = self.flag.match(text, at, stop).end()  # type: ignore[union-attr]
            if end == at + 2:
                kind(kinds.DASHES)
                end_at(end)
                return self.blanks(text, end, stop, kind, end_at)
            equals = text.find("=", at, end)
            kind(kinds.FLAG)
            end_at(end if equals < 0 else equals)
            if equals >= 0:
                kind(kinds.EQUALS)
                end_at(equals + 1)
                if text.startswith("--mount", at, equals) and not self.odd.search(text, at, end):
                    options(text, equals + 1, end, kind, end_at)
                elif end > equals + 1:
                    kind(kinds.WORD)
                    end_at(end)
            at = self.blanks(text, end, stop, kind, end_at)
        return at

    def takes_heredocs(self, text: str, start: int, end: int) -> bool:
        """Whether the instruction on a logical line may have here-documents."""
        ignore: list[int] = []
        read = bytearray()
        ends = array("L")
        stop = end
        while stop > start and text[stop - 1] in TRIMMED:
            stop -= 1
        at = start
        # ONBUILD takes them for the one instruction after it.
        for _ in range(2):
            found = KEYWORD.match(text, at, stop)
            if found is None:
                return False
            at = self.blanks(text, found.end(), stop, ignore.append, ends.append)
            if text.startswith("--", at, stop):
                at = self.flags(text, at, stop, read.append, ends.append)
            keyword = found[0].upper()
            if keyword != "ONBUILD":
                break
        if keyword not in ("RUN", "COPY", "ADD"):
            return False
        return not text.startswith("[", at, stop) or reads_as_array(text, at, stop) is False

    # ------------------------------------------------------------------------------------ one for each shape

    def text_mode(self, text: str, at: int, stop: int, kind: Add, end_at: Add, markers: tuple[Marker, ...]) -> None:
        """Text that is not looked into, but for the here-documents it announces."""
        for marker in markers:
            if marker.start > at:
                kind(kinds.TEXT)
                end_at(marker.start)
            kind(kinds.HEREDOC)
            end_at(marker.end)
            at = marker.end
        if at < stop:
            kind(kinds.TEXT)
            end_at(stop)

    def command_mode(self, text: str, at: int, stop: int, kind: Add, end_at: Add, markers: tuple[Marker, ...]) -> None:
        """A JSON array, or text for the shell."""
        if text[at] != "[" or not self.array(text, at, stop, kind, end_at):
            self.text_mode(text, at, stop, kind, end_at, markers)

    def array(self, text: str, at: int, stop: int, kind: Add, end_at: Add) -> bool:
        """Add a JSON array of strings; False where BuildKit would not read it as JSON."""
        reading = reads_as_array(text, at, stop)
        if reading is False:
            return False
        if reading is None:  # an array, but not of strings: BuildKit refuses it, and so does the grammar
            kind(kinds.LSQB)
            end_at(at + 1)
            kind(kinds.TEXT)
            end_at(stop)
            return True
        for part in ARRAY_PART.finditer(text, at, stop):
            kind(ARRAY_KINDS[part.lastindex or 0])
            end_at(part.end())
        return True

    def words_mode(self, text: str, at: int, stop: int, kind: Add, end_at: Add, markers: tuple[Marker, ...]) -> None:
        """Words between blanks; quotes mean nothing."""
        if text[at] == "[" and self.array(text, at, stop, kind, end_at):
            return
        plain_words(text, at, stop, kind, end_at, markers)

    def plain_mode(self, text: str, at: int, stop: int, kind: Add, end_at: Add, markers: tuple[Marker, ...]) -> None:
        """Words between blanks, never JSON."""
        plain_words(text, at, stop, kind, end_at, ())

    def from_mode(self, text: str, at: int, stop: int, kind: Add, end_at: Add, markers: tuple[Marker, ...]) -> None:
        """An image, and a name after AS."""
        named = was_named = False
        for number, word in enumerate(PLAIN.finditer(text, at, stop)):
            if word.start() > at:
                kind(kinds.BLANK)
                end_at(word.start())
            at = word.end()
            if number == 0 and (image := IMAGE.fullmatch(text, word.start(), at)):
                for group, what in IMAGE_KINDS:
                    if image[group]:
                        kind(what)
                        end_at(image.end(group))
            else:
                named = number == 1 and word[0].upper() == "AS"
                kind(kinds.AS if named else kinds.NAME if number == 2 and was_named else kinds.WORD)
                end_at(at)
            was_named = named

    def pairs_mode(self, text: str, at: int, stop: int, kind: Add, end_at: Add, markers: tuple[Marker, ...]) -> None:
        """ENV and LABEL: name=value pairs, or the old form with one name and the rest of the line as its value."""
        first = self.word.match(text, at, stop)
        if first is not None and "=" not in first[0]:
            end = PLAIN.match(text, at, stop).end()  # type: ignore[union-attr]
            kind(kinds.NAME)
            end_at(end)
            if end < stop:
                at = end
                while text[at] in "\t\v\f\r ":
                    at += 1
                kind(kinds.BLANK)
                end_at(at)
                kind(kinds.TEXT)
                end_at(stop)
            return
        self.assignments(text, at, stop, kind, end_at)

    def arguments_mode(
        self, text: str, at: int, stop: int, kind: Add, end_at: Add, markers: tuple[Marker, ...]
    ) -> None:
        """ARG: names, with values or without."""
        self.assignments(text, at, stop, kind, end_at)

    def assignments(self, text: str, at: int, stop: int, kind: Add, end_at: Add) -> None:
        """Add names, `=` and values."""
        for word in self.word.finditer(text, at, stop):
            start, end = word.span()
            if start > at:
                kind(kinds.BLANK)
                end_at(start)
            at = end
            equals = text.find("=", start, end)
            if equals < 0:
                kind(kinds.NAME)
                end_at(end)
                continue
            if equals > start:
                kind(kinds.NAME)
                end_at(equals)
            kind(kinds.EQUALS)
            end_at(equals + 1)
            if end > equals + 1:
                kind(kinds.WORD)
                end_at(end)

    def health_mode(self, text: str, at: int, stop: int, kind: Add, end_at: Add, markers: tuple[Marker, ...]) -> None:
        """HEALTHCHECK: NONE, or CMD and a command."""
        word = re.compile(r"[\S\x1c-\x1f]+").match(text, at, stop)
        assert word is not None
        what = word[0].upper()
        kind(kinds.HEALTH_NONE if what == "NONE" else kinds.HEALTH_CMD if what == "CMD" else kinds.WORD)
        end_at(word.end())
        at = self.blanks(text, word.end(), stop, kind, end_at)
        if at < stop:
            self.command_mode(text, at, stop, kind, end_at, ())


TRIMMED: Final = frozenset(
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)

MODES: Final[dict[int, Mode]] = {
    kinds.FROM: Modes.from_mode,
    kinds.ARG: Modes.arguments_mode,
    kinds.ENV: Modes.pairs_mode,
    kinds.LABEL: Modes.pairs_mode,
    kinds.RUN: Modes.command_mode,
    kinds.CMD: Modes.command_mode,
    kinds.ENTRYPOINT: Modes.command_mode,
    kinds.HEALTHCHECK: Modes.health_mode,
    kinds.SHELL: Modes.command_mode,
    kinds.COPY: Modes.words_mode,
    kinds.ADD: Modes.words_mode,
    kinds.USER: Modes.text_mode,
    kinds.WORKDIR: Modes.text_mode,
    kinds.EXPOSE: Modes.plain_mode,
    kinds.VOLUME: Modes.words_mode,
    kinds.STOPSIGNAL: Modes.text_mode,
    kinds.MAINTAINER: Modes.text_mode,
    kinds.UNKNOWN: Modes.text_mode,
}
