"""Typed nodes for every instruction of a Dockerfile."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NamedTuple

from .expand import Lookup, expand, variables_in
from .joined import Joined
from .source import Source
from .span import Span

if TYPE_CHECKING:
    from .shell import Script

class Comment(NamedTuple):
    span: Span
    text: str

class Directive(NamedTuple):
    name: str
    value: str
    span: Span

class SyntaxProblem(NamedTuple):
    span: Span
    message: str
    expected: str | None = None

class Word:
    __slots__ = ("escape", "raw", "span", "quoted_json")
    def __init__(self, span: Span, raw: str, escape: str = "\\", quoted_json: bool = False) -> None:
        self.span, self.raw, self.escape, self.quoted_json = span, raw, escape, quoted_json
    @property
    def variables(self) -> tuple[str, ...]:
        return variables_in(self.raw)
    @property
    def literal(self) -> str | None:
        return None if self.variables else self.expand(lambda name: None)
    def expand(self, lookup: Lookup) -> str | None:
        return expand(self.raw, lookup, self.escape)
    def __repr__(self) -> str:
        return f"Word({self.raw!r})"

class Flag:
    __slots__ = ("name", "value", "span", "span_text")
    def __init__(self, name: str, value: Word | None, span: Span, text: str) -> None:
        self.name, self.value, self.span, self.span_text = name, value, span, text
    @property
    def text(self) -> str:
        return self.span_text

class Pair(NamedTuple):
    name: Word
    value: Word | None
    span: Span

class Mount:
    __slots__ = ("options", "words", "span")
    def __init__(self, flag: Flag, escape: str) -> None:
        self.span = flag.span
        self.options: dict[str, str] = {}
        self.words: dict[str, Word] = {}
        value = flag.value
        at = value.span.start if value else 0
        for part in (value.raw.split(",") if value else ()):
            key, eq, val = part.partition("=")
            self.options[key.lower()] = val if eq else "true"
            s = at + len(key) + 1
            self.words[key.lower()] = Word(Span(s, s + len(val)), val, escape)
            at += len(part) + 1
    @property
    def type(self) -> str | None: return self.options.get("type")
    @property
    def source(self) -> str | None: return self.options.get("source", self.options.get("src"))
    @property
    def target(self) -> str | None: return self.options.get("target", self.options.get("dst", self.options.get("destination")))
    @property
    def from_(self) -> Word | None: return self.words.get("from")
    @property
    def id(self) -> str | None: return self.options.get("id")

class Heredoc(NamedTuple):
    name: str
    body: str
    body_span: Span
    expand: bool
    strip_tabs: bool
    operator_span: Span

class ImageReference:
    __slots__ = ("word",)
    def __init__(self, word: Word) -> None:
        self.word = word
    @property
    def raw(self) -> str: return self.word.raw

class Instruction:
    __slots__ = ("source", "keyword", "keyword_span", "span", "full_span", "flags", "heredocs", "joined", "body_at", "escape", "problem", "_script")
    def __init__(self, source: Source, keyword: str, joined: Joined, body_at: int, flags: tuple[Flag, ...], heredocs: tuple[Heredoc, ...], keyword_span: Span, span: Span, full: Span, escape: str) -> None:
        self.source, self.keyword, self.joined, self.body_at = source, keyword, joined, body_at
        self.flags, self.heredocs, self.keyword_span, self.span, self.full_span, self.escape = flags, heredocs, keyword_span, span, full, escape
        self._script = None
        self.init()
    def init(self) -> None: ...
    @property
    def name(self) -> str: return self.keyword.upper()
    @property
    def text(self) -> str: return self.source.text[self.span.start:self.span.end]
    @property
    def line(self) -> int: return self.source.position(self.span.start).line
    @property
    def end_line(self) -> int: return self.source.position(max(self.span.end - 1, self.span.start)).line
    @property
    def body(self) -> str: return self.joined.text[self.body_at:]
    @property
    def body_span(self) -> Span: return self.joined.span(self.body_at, len(self.joined.text.rstrip()))
    def flag(self, name: str) -> Flag | None:
        return next((f for f in reversed(self.flags) if f.name == name), None)
    def words(self) -> tuple[Word, ...]:
        return tuple(self.word(s, e) for s, e in split(self.joined.text, self.body_at, self.escape))
    def word(self, s: int, e: int) -> Word:
        return Word(self.joined.span(s, e), self.joined.text[s:e], self.escape)
    def json_words(self) -> tuple[Word, ...] | None:
        body = self.body
        if not body.lstrip().startswith("["):
            return None
        try:
            values = json.loads(body)
        except ValueError:
            return None
        if not isinstance(values, list) or not all(isinstance(v, str) for v in values):
            return None
        found = []
        at = self.body_at
        for m, v in zip(re.finditer(r'"(?:[^"\\]|\\.)*"', body), values):
            found.append(Word(self.joined.span(at + m.start() + 1, at + m.end() - 1), v, self.escape, True))
        return tuple(found)
    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.text!r})"

def split(text: str, at: int, escape: str) -> list[tuple[int, int]]:
    out: list[tuple[int, int]] = []
    start, quote = -1, ""
    i = at
    while i < len(text):
        c = text[i]
        if start < 0:
            if c in " \t\r\n":
                i += 1
                continue
            start = i
        if quote:
            if c == escape and quote == '"':
                i += 1
            elif c == quote:
                quote = ""
        elif c in "'\"":
            quote = c
        elif c == escape:
            i += 1
        elif c in " \t\r\n":
            out.append((start, i))
            start = -1
        i += 1
    if start >= 0:
        out.append((start, len(text)))
    return out

class From(Instruction):
    __slots__ = ("image", "platform", "stage_name")
    def init(self) -> None:
        w = self.words()
        self.image = ImageReference(w[0] if w else Word(Span(self.span.end, self.span.end), ""))
        f = self.flag("platform")
        self.platform = f.value if f else None
        self.stage_name = w[2] if len(w) == 3 and w[1].raw.lower() == "as" else None

class Pairs(Instruction):
    __slots__ = ("pairs", "legacy")
    pairs: tuple[Pair, ...]
    def init(self) -> None:
        w = self.words()
        self.legacy = False
        if w and "=" not in w[0].raw and not isinstance(self, Arg):
            self.legacy = True
            spans = split(self.joined.text, self.body_at, self.escape)
            rest_at = spans[1][0] if len(spans) > 1 else spans[0][1]
            end = len(self.joined.text.rstrip())
            self.pairs = (Pair(w[0], self.word(rest_at, max(end, rest_at)), self.body_span),)
            return
        pairs = []
        for (s, e), word in zip(split(self.joined.text, self.body_at, self.escape), w):
            raw = word.raw
            cut = raw.find("=")
            if cut < 0:
                pairs.append(Pair(word, None, word.span))
            else:
                pairs.append(Pair(self.word(s, s + cut), self.word(s + cut + 1, e), word.span))
        self.pairs = tuple(pairs)

class Arg(Pairs): __slots__ = ()
class Env(Pairs): __slots__ = ()
class Label(Pairs): __slots__ = ()

class CommandInstruction(Instruction):
    __slots__ = ("form", "arguments")
    form: str
    def init(self) -> None:
        j = None if self.heredocs else self.json_words()
        self.form = "shell" if j is None else "exec"
        self.arguments = j or ()
    @property
    def script(self) -> Script:
        if self._script is None:
            from .shell import script_of
            self._script = script_of(self)
        return self._script

class Run(CommandInstruction):
    __slots__ = ("mounts",)
    def init(self) -> None:
        super().init()
        self.mounts = tuple(Mount(f, self.escape) for f in self.flags if f.name == "mount")
class Cmd(CommandInstruction): __slots__ = ()
class Entrypoint(CommandInstruction): __slots__ = ()
class Healthcheck(CommandInstruction):
    __slots__ = ("none",)
    def init(self) -> None:
        m = re.match(r"(?i)(NONE|CMD)\b", self.body)
        self.none = bool(m) and m[1].upper() == "NONE"
        if m:
            self.body_at += m.end()
            while self.body_at < len(self.joined.text) and self.joined.text[self.body_at] in " \t":
                self.body_at += 1
        super().init()
class Shell(Instruction):
    __slots__ = ("arguments",)
    def init(self) -> None: self.arguments = self.json_words() or self.words()
class Copy(Instruction):
    __slots__ = ("sources", "destination", "from_")
    def init(self) -> None:
        w = self.json_words() or self.words()
        f = self.flag("from")
        self.from_ = f.value if f else None
        self.sources = tuple(x for x in w[:-1] if not x.raw.startswith("<<"))
        self.destination = w[-1] if w else Word(Span(self.span.end, self.span.end), "")
class Add(Copy): __slots__ = ()
class User(Instruction):
    __slots__ = ("user",)
    def init(self) -> None: self.user = self.word(self.body_at, len(self.joined.text.rstrip()))
class Workdir(Instruction):
    __slots__ = ("path",)
    def init(self) -> None: self.path = self.word(self.body_at, len(self.joined.text.rstrip()))
class Expose(Instruction):
    __slots__ = ("ports",)
    def init(self) -> None: self.ports = self.words()
class Volume(Instruction):
    __slots__ = ("paths",)
    def init(self) -> None: self.paths = self.json_words() or self.words()
class StopSignal(Instruction):
    __slots__ = ("signal",)
    def init(self) -> None: self.signal = self.word(self.body_at, len(self.joined.text.rstrip()))
class Maintainer(Instruction): __slots__ = ()
class Onbuild(Instruction): 
    __slots__ = ("inner",)
class Unknown(Instruction):
    __slots__ = ("suggestion",)
    def init(self) -> None:
        import difflib
        self.suggestion = next(iter(difflib.get_close_matches(self.name, list(TYPES), 1)), None)

TYPES: dict[str, type[Instruction]] = {t.__name__.upper(): t for t in (From, Arg, Env, Label, Run, Cmd, Entrypoint, Healthcheck, Shell, Copy, Add, User, Workdir, Expose, Volume, StopSignal, Maintainer, Onbuild)}

class File:
    def __init__(self, source: Source, instructions, directives, comments, problems, escape, template) -> None:
        self.source, self.instructions, self.directives, self.comments = source, tuple(instructions), tuple(directives), tuple(comments)
        self.problems, self.escape, self.template = tuple(problems), escape, template
        self.path, self.text, self.data = source.path, source.text, source.data
    @property
    def syntax(self) -> str | None:
        return next((d.value for d in self.directives if d.name == "syntax"), None)
    def walk(self):
        yield from self.instructions
    def find(self, kind):
        return [i for i in self.instructions if isinstance(i, kind)]
    def node_text(self, node) -> str:
        return self.text[node.span.start:node.span.end]
