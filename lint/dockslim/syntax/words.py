"""The smallest typed parts: words, flags, pairs, mounts, here-documents."""

from __future__ import annotations

from collections.abc import Iterator

from dockslim.records import NamedTuple

from .expand import UNSET, Lookup, expand, variables_in
from .span import Span

__all__ = ["Comment", "Directive", "Flag", "Heredoc", "Mount", "Pair", "SyntaxProblem", "Word"]


class Comment(NamedTuple):
    """A comment line, those inside a continuation too: from its `#` to the end of the line."""

    span: Span
    text: str


class Directive(NamedTuple):
    """A parser directive (`# syntax=...`); the name is in lower case, the span begins at the `#`."""

    name: str
    value: str
    span: Span


class SyntaxProblem(NamedTuple):
    """Something that BuildKit would refuse, and what it would have wanted instead."""

    span: Span
    message: str
    expected: str | None = None


class Word:
    """A word of an instruction.

    ``raw`` is its text as BuildKit reads it: continuations joined away, quotes and variables still there; of a string
    in a JSON array it is the value, and ``span`` lies inside the quotes.  A ``verbatim`` word (an argument in exec
    form) is never expanded.
    """

    __slots__ = ("escape", "raw", "span", "verbatim")

    def __init__(self, span: Span, raw: str, escape: str = "\\", verbatim: bool = False) -> None:
        self.span, self.raw, self.escape, self.verbatim = span, raw, escape, verbatim

    @property
    def variables(self) -> tuple[str, ...]:
        """The names of the variables in it, in order, each once."""
        return () if self.verbatim else variables_in(self.raw, self.escape)

    @property
    def literal(self) -> str | None:
        """Its value where no variable is in it: quotes and escapes gone.  None otherwise, and for broken quotes."""
        if self.verbatim:
            return self.raw
        if "$" in self.raw and self.variables:
            return None
        return expand(self.raw, lambda name: UNSET, self.escape)

    def expand(self, lookup: Lookup) -> str | None:
        """Return its value with the variables put in; None where that is not known."""
        return self.raw if self.verbatim else expand(self.raw, lookup, self.escape)

    def __repr__(self) -> str:
        return f"Word({self.raw!r})"


class Flag:
    """A `--name=value` before an instruction's arguments; ``options`` are the key=value parts of a mount."""

    __slots__ = ("name", "options", "span", "text", "value")

    def __init__(
        self, name: str, value: Word | None, span: Span, text: str, options: tuple[tuple[Word, Word | None], ...]
    ) -> None:
        self.name, self.value, self.span, self.text, self.options = name, value, span, text, options

    @property
    def span_text(self) -> str:
        """The flag as written, continuations joined away."""
        return self.text

    def __repr__(self) -> str:
        return f"Flag({self.text!r})"


class Pair(NamedTuple):
    """A `name=value` of ARG, ENV or LABEL; an ARG may have no value."""

    name: Word
    value: Word | None
    span: Span


class Mount:
    """A `--mount` of RUN: its options, keys in lower case; one without a value (`ro`) is ``"true"``."""

    __slots__ = ("options", "span", "words")

    def __init__(self, flag: Flag) -> None:
        self.span = flag.span
        self.options: dict[str, str] = {}
        self.words: dict[str, Word] = {}
        for key, value in flag.options or split_options(flag):
            name = key.raw.lower()
            self.options[name] = value.raw if value is not None else "true"
            if value is not None:
                self.words[name] = value

    @property
    def type(self) -> str:
        """`bind` unless it says otherwise."""
        return self.options.get("type", "bind")

    @property
    def source(self) -> str | None:
        """What is mounted."""
        return self.options.get("source", self.options.get("src"))

    @property
    def target(self) -> str | None:
        """Where it is mounted."""
        return self.options.get("target", self.options.get("dst", self.options.get("destination")))

    @property
    def from_(self) -> Word | None:
        """The stage or image it comes from; None for the build context."""
        return self.words.get("from")

    @property
    def id(self) -> str | None:
        """The name of a cache, secret or agent."""
        return self.options.get("id")

    def __repr__(self) -> str:
        return f"Mount({self.options!r})"


def split_options(flag: Flag) -> Iterator[tuple[Word, Word | None]]:
    """Yield the options of a mount that is written with quotes; each has the span of the whole."""
    value = flag.value
    if value is None:
        return
    for part in (value.literal or value.raw).split(","):
        key, equals, rest = part.strip('"').partition("=")
        yield Word(value.span, key, value.escape), Word(value.span, rest, value.escape) if equals else None


class Heredoc(NamedTuple):
    """A here-document: its name, its body (whole lines, as in the file) and where its `<<NAME` stands.

    ``expand``: its variables are put in (the name is not quoted); ``strip_tabs``: `<<-`, leading tabs are dropped;
    ``end_span`` is the name on the line that ends it, empty where no line does.
    """

    name: str
    body: str
    body_span: Span
    expand: bool
    strip_tabs: bool
    operator_span: Span
    end_span: Span

    @property
    def span(self) -> Span:
        """The body and the line that ends it."""
        return self.body_span.join(self.end_span)
