"""The lexer: a file into tokens that leave nothing out.

It knows what a context-free grammar cannot: the directives at the top, where a logical line ends, which lines inside
one do not count, where a here-document ends.  Each keyword decides how the rest of its line falls into tokens
(`modes`).
"""

from __future__ import annotations

import re
from array import array

from dockslim.records import NamedTuple

from . import kinds
from .heredocs import Marker, find_markers
from .lines import SPACE, Line, content_end, read_line
from .modes import Modes

__all__ = ["Complaint", "HeredocToken", "Tokens", "lex"]

DIRECTIVE = re.compile(r"(#)([ \t\v\f\r]*)([A-Za-z][A-Za-z0-9]*)(\s*)(=)(\s*)(\S(?:.*\S)?)")
ABANDONED = rf"(?m)^[ \t]*(?:{'|'.join(kinds.KEYWORDS)})[ \t]"


class HeredocToken(NamedTuple):
    """A here-document: its marker, and the token that begins its body or, when that is empty, ends it."""

    marker: Marker
    token: int


class Complaint(NamedTuple):
    """Something wrong that the grammar does not see."""

    start: int
    end: int
    message: str
    expected: str | None


class Tokens:
    """The tokens of a file: token ``i`` is of kind ``kinds[i]`` and ends at ``ends[i]``, where the next one begins."""

    __slots__ = ("complaints", "directives", "ends", "escape", "heredocs", "items", "kinds")

    def __init__(self) -> None:
        self.kinds = bytearray()
        self.ends: array[int] = array("L")
        self.items: array[int] = array("L")
        self.heredocs: list[HeredocToken] = []
        self.directives: list[tuple[str, str, int, int]] = []
        self.complaints: list[Complaint] = []
        self.escape = "\\"


def lex(text: str) -> Tokens:
    """Return the tokens of a file."""
    return Lexer(text).run()


class Lexer:
    """One reading of one file."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.size = len(text)
        self.tokens = Tokens()
        self.kind = self.tokens.kinds.append
        self.end = self.tokens.ends.append
        self.last_lines: dict[str, int] | None = None

    def run(self) -> Tokens:
        """Read the file."""
        text, size, tokens, kind, end_at = self.text, self.size, self.tokens, self.kind, self.end
        at = 0
        if text.startswith("\ufeff"):
            kind(kinds.BOM)
            end_at(1)
            at = 1
        at = self.directives(at)
        modes = Modes.of(tokens.escape)
        item, skip, escape = tokens.items.append, SPACE.match, tokens.escape
        while at < size:
            item(len(tokens.kinds))
            feed = text.find("\n", at)
            after, end = (size, size) if feed < 0 else (feed + 1, feed)
            if end > at and text[end - 1] == "\r":
                end = content_end(text, at, end)
            start = skip(text, at, end).end()  # type: ignore[union-attr]
            if start == end:
                kind(kinds.EMPTY)
                end_at(after)
                at = after
                continue
            if start > at:
                kind(kinds.BLANK)
                end_at(start)
            if text[start] == "#":
                kind(kinds.COMMENT)
                end_at(end)
                kind(kinds.NEWLINE)
                end_at(after)
                at = after
                continue
            at = self.instruction(read_line(text, start, end, after, escape), modes)
        return tokens

    def instruction(self, line: Line, modes: Modes) -> int:
        """Read a logical line and the here-documents it announces; return where the next line begins."""
        text, start, end = line.text, line.start, line.end
        markers = find_markers(text, start, end, modes) if "<<" in text[start:end] else ()
        if line.pieces is None:
            modes.lex(text, start, end, self.kind, self.end, markers)
        else:
            read_kinds, read_ends = bytearray(), array("L")
            modes.lex(text, 0, end, read_kinds.append, read_ends.append, markers)
            self.weave(line, read_kinds, read_ends)
        self.kind(kinds.NEWLINE)
        self.end(line.after)
        at = line.after
        for marker in markers:
            at = self.heredoc(marker, at)
        return at

    def weave(self, line: Line, read_kinds: bytearray, read_ends: array[int]) -> None:
        """Put the tokens of a joined line and the gaps between its parts in their places in the file."""
        kind, end_at = self.kind, self.end
        pieces, gaps = line.pieces, line.gaps
        assert pieces is not None
        piece, last = 0, len(pieces) - 1
        shift = pieces[0][1]  # from an offset in the joined text to one in the file
        limit = pieces[1][0] if last else -1
        before, start = kinds.BLANK, 0
        for this, end in zip(read_kinds, read_ends, strict=False):
            while piece < last and limit < end:
                blank = this in LOOSE
                if limit > start:
                    kind(this)
                    end_at(limit + shift)
                    start = limit
                    self.gap(
                        gaps[piece], this if this == kinds.TRAIL else kinds.CONTINUATION if blank else kinds.SPLICE
                    )
                    if not blank:
                        this = kinds.MORE
                elif this == kinds.MORE:
                    self.gap(gaps[piece], kinds.SPLICE)
                elif this == kinds.TRAIL:
                    self.gap(gaps[piece], kinds.TRAIL)
                else:
                    self.gap(gaps[piece], kinds.CONTINUATION if blank or before in LOOSE else kinds.SPLICE)
                piece += 1
                shift = pieces[piece][1] - pieces[piece][0]
                limit = pieces[piece + 1][0] if piece < last else -1
            kind(this)
            end_at(end + shift)
            before, start = this, end
        for rest in gaps[piece:]:
            # A line of nothing but continuations has no end to be at: it is an item that fits no rule.
            self.gap(rest, kinds.TRAIL if read_kinds else kinds.CONTINUATION)

    def gap(self, gap: list[tuple[str, int]], continuation: int) -> None:
        """Add a continuation and the lines that it skips."""
        for what, end in gap:
            self.kind(
                kinds.INNER_COMMENT if what == "comment" else kinds.INNER_EMPTY if what == "empty" else continuation
            )
            self.end(end)

    def directives(self, at: int) -> int:
        """Read the parser directives, which end at the first line that is none."""
        text, tokens = self.text, self.tokens
        seen: set[str] = set()
        while at < self.size:
            feed = text.find("\n", at)
            after, end = (self.size, self.size) if feed < 0 else (feed + 1, feed)
            end = content_end(text, at, end)
            start = SPACE.match(text, at, end).end()  # type: ignore[union-attr]
            found = DIRECTIVE.match(text, start, end)
            if found is None or found[3].lower() not in ("syntax", "escape", "check"):
                return at
            name, value = found[3].lower(), found[7]
            if name in seen:
                message = f"only one {name} directive can be used"
                tokens.complaints.append(Complaint(start, found.end(), message, "no second one"))
            elif name == "escape" and value not in ("\\", "`"):
                place = found.span(7)
                tokens.complaints.append(Complaint(*place, f"invalid escape character {value!r}", "`\\` or `` ` ``"))
            elif name == "escape":
                tokens.escape = value
            if name not in seen:
                tokens.directives.append((name, value, found.start(), found.end()))
            seen.add(name)
            tokens.items.append(len(tokens.kinds))
            if start > at:
                self.kind(kinds.BLANK)
                self.end(start)
            for group, what in DIRECTIVE_GROUPS:
                if found[group]:
                    self.kind(what)
                    self.end(found.end(group))
            if found.end() < end:
                self.kind(kinds.TRAIL)
                self.end(end)
            self.kind(kinds.NEWLINE)
            self.end(after)
            at = after
        return at

    def heredoc(self, marker: Marker, at: int) -> int:
        """Read a here-document's body and the line that ends it; return where the next line begins."""
        tokens = self.tokens
        tokens.heredocs.append(HeredocToken(marker, len(tokens.kinds)))
        place = self.terminator(marker, at)
        if place is None:
            # Never closed: what follows is taken as its body up to what looks like the next instruction.
            found = re.compile(ABANDONED).search(self.text, at)
            end = found.start() if found else self.size
            if end > at:
                self.kind(kinds.HEREDOC_BODY)
                self.end(end)
            self.kind(kinds.NEWLINE)
            self.end(end)
            return end
        start, end = place
        if start > at:
            self.kind(kinds.HEREDOC_BODY)
            self.end(start)
        self.kind(kinds.HEREDOC_END)
        self.end(content_end(self.text, start, end))
        after = min(end + 1, self.size)
        self.kind(kinds.NEWLINE)
        self.end(after)
        return after

    def terminator(self, marker: Marker, at: int) -> tuple[int, int] | None:
        """Return (start, end) of the line that ends a here-document, without its line feed."""
        text, name = self.text, marker.name
        if self.last_lines is not None and self.last_lines.get(name, -1) < at:
            return None
        found = text.find(name, at)
        while found >= 0:
            start = found
            if marker.strip_tabs:
                while start > at and text[start - 1] == "\t":
                    start -= 1
            if start == at or text[start - 1] == "\n":
                feed = text.find("\n", found)
                end = self.size if feed < 0 else feed
                if content_end(text, start, end) == found + len(name):
                    return start, end
            found = text.find(name, found + 1)
        if self.last_lines is None:
            # A second miss would go through the whole file again, so from now on the lines are known.
            self.last_lines = {}
            offset = 0
            for each in text.split("\n"):
                bare = each.rstrip("\r")
                self.last_lines[bare] = self.last_lines[bare.lstrip("\t")] = offset
                offset += len(each) + 1
        return None


#: Tokens that a continuation may cut without a `MORE`: the halves are two tokens of the same kind.
LOOSE = frozenset({kinds.BLANK, kinds.TRAIL, kinds.TEXT})

DIRECTIVE_GROUPS = (
    (1, kinds.HASH),
    (2, kinds.BLANK),
    (3, kinds.DIRECTIVE),
    (4, kinds.BLANK),
    (5, kinds.EQUALS),
    (6, kinds.BLANK),
    (7, kinds.DIRECTIVE_VALUE),
)
