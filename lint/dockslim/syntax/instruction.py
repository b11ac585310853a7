"""What all instructions have in common."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dockslim.later import TYPE_CHECKING
from dockslim.records import NamedTuple

from . import kinds
from .joined import Joined, new_tuple
from .span import Span
from .words import Flag, Heredoc, Word

if TYPE_CHECKING:
    from typing import Any

    from .file import File
    from .shell import Script

__all__ = ["Instruction", "Part"]

BLANK_KINDS = frozenset({kinds.BLANK, kinds.CONTINUATION, kinds.INNER_COMMENT, kinds.INNER_EMPTY, kinds.TRAIL})
TAIL_KINDS = BLANK_KINDS | {kinds.NEWLINE, kinds.SPLICE}
SPLICED = frozenset({kinds.SPLICE, kinds.MORE, kinds.INNER_COMMENT, kinds.INNER_EMPTY})
TEXT_KINDS = frozenset({kinds.TEXT, kinds.HEREDOC, kinds.MORE})


class Part(NamedTuple):
    """A token that may have been cut by continuations: its kind, its place and its text put together again."""

    kind: int
    span: Span
    raw: str


class Instruction:
    """An instruction: its keyword, flags, arguments and here-documents.

    Its parts are read when one of them is first asked for.
    """

    __slots__ = ("_script", "body_token", "file", "first", "flags", "keyword", "keyword_span", "last", "name", "span")

    file: File
    #: As written.
    keyword: str
    #: The keyword in upper case.
    name: str
    keyword_span: Span
    #: From the keyword to the end of its last character; here-documents inside, the final line break not.
    span: Span
    flags: tuple[Flag, ...]
    _script: Script | None

    def __init__(self, file: File, first: int, last: int) -> None:
        """``first`` is the keyword's token, ``last`` the one after the instruction's end."""
        self.file, self.first, self.last = file, first, last

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            # Called for a slot that is still empty (and for a name that is none).
            if name == "_script":
                return None
            try:
                object.__getattribute__(self, "keyword")
            except AttributeError:
                self.read()
                return getattr(self, name)
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def read(self) -> None:
        """Read keyword, flags and arguments."""
        keyword = next(self.parts(self.first))
        flags: list[Flag] = []
        at = self.first + 1
        tokens = self.file.tree.kinds
        while at < self.last and (tokens[at] in SPLICED or tokens[at] in BLANK_KINDS):
            at += 1
        while at < self.last and tokens[at] in (kinds.FLAG, kinds.DASHES):
            end = at
            while end < self.last and tokens[end] not in FLAG_ENDS:
                end += 1
            if tokens[at] == kinds.FLAG:
                flags.append(self.flag_of(at, end))
            at = end
            while at < self.last and tokens[at] in BLANK_KINDS:
                at += 1
        end = self.last - 1
        while end > self.first and tokens[end] in TAIL_KINDS:
            end -= 1
        self.flags = tuple(flags)
        self.body_token = at
        self.span = Span(keyword.span.start, self.file.tree.ends[end])
        self.keyword_span = keyword.span
        self.keyword = keyword.raw
        self.name = keyword.raw.upper()
        self._read_arguments()

    def _read_arguments(self) -> None:
        """Read what is particular to the kind of instruction."""

    # ------------------------------------------------------------------------------------ parts

    def parts(self, first: int, last: int | None = None, *, blanks: bool = False) -> Iterator[Part]:
        """Yield the tokens from ``first`` on, what continuations cut put together; ``blanks`` and gaps on demand."""
        tree = self.file.tree
        tokens, ends, text = tree.kinds, tree.ends, tree.text
        at, last = first, self.last if last is None else last
        splice = kinds.SPLICE
        end = ends[at - 1] if at else 0
        while at < last:
            kind = tokens[at]
            start, end = end, ends[at]
            at += 1
            if not blanks and kind in BLANK_KINDS and not (at < last and tokens[at] == splice):
                continue
            raw = text[start:end]
            if at < last and tokens[at] == splice:
                pieces = [raw]
                while at < last and tokens[at] in SPLICED:
                    if tokens[at] == kinds.MORE:
                        pieces.append(text[ends[at - 1] : ends[at]])
                        end = ends[at]
                    at += 1
                raw = "".join(pieces)
            if blanks or kind not in BLANK_KINDS:
                yield new_tuple(Part, (kind, new_tuple(Span, (start, end)), raw))
            end = ends[at - 1]

    def groups(self, first: int) -> list[list[Part]]:
        """Return the tokens from ``first`` to the end of the arguments, one list for what stands between blanks."""
        found: list[list[Part]] = [[]]
        for part in self.parts(first, blanks=True):
            if part.kind == kinds.NEWLINE:
                break
            if part.kind not in BLANK_KINDS:
                found[-1].append(part)
            elif found[-1]:
                found.append([])
        return found if found[-1] else found[:-1]

    def joint_word(self, group: list[Part]) -> Word:
        """Return tokens that stand together as one word."""
        span = Span(group[0].span.start, group[-1].span.end)
        return Word(span, "".join(part.raw for part in group), self.file.escape)

    def word(self, part: Part) -> Word:
        """Return a part as a word."""
        return Word(part.span, part.raw, self.file.escape)

    def flag_of(self, first: int, last: int) -> Flag:
        """Read one flag."""
        parts = list(self.parts(first, last))
        span = Span(parts[0].span.start, parts[-1].span.end)
        text = "".join(part.raw for part in parts)
        name, value = parts[0].raw[2:], None
        if len(parts) > 1:
            start = parts[2].span.start if len(parts) > 2 else parts[1].span.end
            value = Word(Span(start, span.end), text[len(name) + 3 :], self.file.escape)
        options: list[tuple[Word, Word | None]] = []
        if len(parts) > 2 and parts[2].kind in (kinds.KEY, kinds.COMMA):
            option: list[Part] = []
            for part in (*parts[2:], Part(kinds.COMMA, span, ",")):
                if part.kind != kinds.COMMA:
                    option.append(part)
                    continue
                if option:
                    options.append((self.word(option[0]), self.option_value(option)))
                option = []
        return Flag(name, value, span, text, tuple(options))

    def option_value(self, option: Sequence[Part]) -> Word | None:
        """Return the value of an option: None without `=`, empty with nothing after it."""
        if len(option) < 2:
            return None
        if len(option) == 2:
            return Word(Span(option[1].span.end, option[1].span.end), "", self.file.escape)
        return self.word(option[2])

    def words(self) -> tuple[Word, ...]:
        """Return the arguments: the strings of a JSON array, or words; markers of here-documents are left out."""
        found = []
        for part in self.parts(self.body_token):
            if part.kind == kinds.STRING:
                found.append(self.string(part))
            elif part.kind in (kinds.WORD, kinds.NAME, kinds.AS):
                found.append(self.word(part))
        return tuple(found)

    def string(self, part: Part, verbatim: bool = False) -> Word:
        """Return a string of a JSON array as the word it stands for."""
        raw = part.raw[1:-1]
        if "\\" in raw:
            import json

            raw = json.loads(part.raw)
            raw = raw.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if has_surrogates(raw) else raw
        return Word(Span(part.span.start + 1, part.span.end - 1), raw, self.file.escape, verbatim)

    def text_word(self) -> Word:
        """Return all arguments as one word, as written but for joined lines."""
        joined = self.joined(self.body_token)
        span = joined.span(0, len(joined.text)) if joined.text else Span(self.span.end, self.span.end)
        return Word(span, joined.text, self.file.escape)

    def joined(self, first: int) -> Joined:
        """Return the text from ``first`` on as BuildKit joins it; here-documents and trailing blanks are left out."""
        tree = self.file.tree
        tokens, ends = tree.kinds, tree.ends
        pieces: list[tuple[int, str]] = []
        start = end = -1
        for at in range(first, self.last):
            kind = tokens[at]
            if kind in (kinds.TRAIL, kinds.NEWLINE):
                break
            if kind in kinds.GAPS:
                if end > start:
                    pieces.append((start, tree.text[start:end]))
                start = end = -1
                continue
            if start < 0:
                start = ends[at - 1] if at else 0
            end = ends[at]
        if end > start:
            pieces.append((start, tree.text[start:end]))
        return Joined(pieces or [(self.span.end, "")])

    # ------------------------------------------------------------------------------------ places

    @property
    def escape(self) -> str:
        """The file's escape character."""
        return self.file.escape

    @property
    def text(self) -> str:
        """The instruction as written."""
        return self.file.text[self.span.start : self.span.end]

    @property
    def line(self) -> int:
        """The line of the keyword, from 1."""
        return self.file.source.position(self.span.start).line

    @property
    def end_line(self) -> int:
        """The last line that belongs to it, from 1: comments and blank lines after a continuation do."""
        end = self.full_span.end
        return self.file.source.position(max(end - 1, self.span.start)).line

    @property
    def full_span(self) -> Span:
        """Its whole lines, the final line break included."""
        tree, at = self.file.tree, self.first
        while at and tree.kinds[at - 1] in BLANK_KINDS:
            at -= 1
        start = tree.start(at)
        start = max(tree.text.rfind("\n", 0, start) + 1, 1 if tree.text.startswith("\ufeff") else 0)
        return Span(start, tree.ends[self.last - 1])

    @property
    def body_span(self) -> Span:
        """What follows keyword and flags, here-documents left out."""
        tree = self.file.tree
        tokens, at = tree.kinds, self.body_token
        end = tree.start(at)
        start = end
        while at < self.last and tokens[at] not in (kinds.TRAIL, kinds.NEWLINE):
            if tokens[at] not in TAIL_KINDS:
                end = tree.ends[at]
            at += 1
        return Span(start, end) if end > start else Span(self.span.end, self.span.end)

    @property
    def body(self) -> str:
        """What follows keyword and flags, as BuildKit joins it."""
        return self.joined(self.body_token).text

    def flag(self, name: str) -> Flag | None:
        """Return the last flag of that name."""
        if not self.flags:
            return None
        return next((flag for flag in reversed(self.flags) if flag.name == name), None)

    @property
    def heredocs(self) -> tuple[Heredoc, ...]:
        """The here-documents, in order."""
        return self.file.heredocs_of(self)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.text!r})"


FLAG_ENDS = frozenset({kinds.BLANK, kinds.CONTINUATION, kinds.TRAIL, kinds.NEWLINE})


def has_surrogates(text: str) -> bool:
    return any("\ud800" <= letter <= "\udfff" for letter in text)
