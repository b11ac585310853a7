"""A whole Dockerfile."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator

from dockslim.later import TYPE_CHECKING

from . import kinds
from .image import ImageReference
from .instruction import Instruction
from .instructions import TYPES, CommandInstruction, From, Onbuild, Pairs, Run, Shell
from .lexer import Tokens
from .source import Source
from .span import Span
from .tree import Node, Tree
from .words import Comment, Directive, Flag, Heredoc, Mount, Pair, SyntaxProblem, Word

if TYPE_CHECKING:
    from typing import Any, TypeVar

    Typed = TypeVar("Typed")

__all__ = ["File"]

Part = Instruction | Directive | Comment | Flag | Mount | Pair | Word | ImageReference | Heredoc


class File:
    r"""A Dockerfile as written.

    >>> from dockslim import parse
    >>> file = parse("FROM python:3.12\nRUN pip install \\\n  # the web\n  flask\n")
    >>> [instruction.name for instruction in file.instructions]
    ['FROM', 'RUN']
    >>> file.instructions[0].image.tag
    '3.12'
    >>> file.text == "".join(file.text[leaf.span.start : leaf.span.end] for leaf in file.tree.leaves())
    True
    >>> file.comments[0].text
    '# the web'
    """

    def __init__(self, source: Source, tokens: Tokens, tree: Tree) -> None:
        self.source = source
        #: Where it came from, for messages.
        self.path = source.path
        self.text = source.text
        self.data = source.data
        self.tree = tree
        #: ``\\`` or `` ` ``.
        self.escape = tokens.escape
        self._tokens = tokens
        self._comments: tuple[Comment, ...] | None = None
        self._heredoc_tokens = [heredoc.token for heredoc in tokens.heredocs]
        self.directives = tuple(
            Directive(name, value, Span(start, end)) for name, value, start, end in tokens.directives
        )
        #: In file order, unknown ones too.
        self.instructions: tuple[Instruction, ...] = tuple(self._instructions())
        #: What BuildKit would refuse, in file order.
        self.problems: tuple[SyntaxProblem, ...] = ()
        self._shells: list[tuple[int, tuple[str, ...] | None]] | None = None
        self._template: tuple[str | None] | None = None

    def _instructions(self) -> Iterator[Instruction]:
        tokens = self.tree.kinds
        for node in self.tree.root.nodes:
            if node.rule in SKIPPED:
                continue
            at = node.first
            while at < node.last and not kinds.FROM <= tokens[at] <= kinds.UNKNOWN:
                at += 1
            if at < node.last:
                yield TYPES[tokens[at]](self, at, node.last)

    @property
    def syntax(self) -> str | None:
        """The value of the `syntax` directive: the frontend that is to read this file."""
        return next((each.value for each in self.directives if each.name == "syntax"), None)

    @property
    def template(self) -> str | None:
        """The language of the template that this is ("Jinja", "ERB", ...), None for a Dockerfile."""
        if self._template is None:
            from .template import template_of

            self._template = (template_of(self),)
        return self._template[0]

    @property
    def comments(self) -> tuple[Comment, ...]:
        """The comment lines, those inside continuations too; not those of a shell script in a here-document."""
        if self._comments is None:
            found = []
            tree, text = self.tree, self.text
            for token in COMMENTS.finditer(tree.kinds):
                at = token.start()
                start, end = tree.start(at), tree.ends[at]
                if tree.kinds[at] == kinds.INNER_COMMENT:
                    start = text.index("#", start, end)
                while text[end - 1] in "\r\n":
                    end -= 1
                found.append(Comment(Span(start, end), text[start:end]))
            self._comments = tuple(found)
        return self._comments

    def heredocs_of(self, instruction: Instruction) -> tuple[Heredoc, ...]:
        """Return the here-documents of an instruction."""
        first = bisect_left(self._heredoc_tokens, instruction.first)
        last = bisect_left(self._heredoc_tokens, instruction.last)
        if first == last:
            return ()
        tree, found = self.tree, []
        places = [part.span for part in instruction.parts(instruction.first) if part.kind == kinds.HEREDOC]
        for number, (marker, token) in enumerate(self._tokens.heredocs[first:last]):
            start = end = tree.start(token)
            if tree.kinds[token] == kinds.HEREDOC_BODY:
                end = tree.ends[token]
                token += 1
            closing = tree.ends[token] if tree.kinds[token] == kinds.HEREDOC_END else end
            operator = places[number] if len(places) == last - first else instruction.body_span
            body, ending = Span(start, end), Span(end, closing)
            found.append(
                Heredoc(marker.name, self.text[start:end], body, marker.expand, marker.strip_tabs, operator, ending)
            )
        return tuple(found)

    def shell_of(self, instruction: Instruction) -> tuple[str, ...] | None:
        """Return the shell that runs an instruction's shell form, as the last SHELL names it; None for the default."""
        if self._shells is None:
            self._shells = []
            named: dict[str, tuple[str, ...] | None] = {}
            current: tuple[str, ...] | None = None
            stage: str | None = None
            for each in self.instructions:
                if isinstance(each, From):
                    # A stage on another one of this file starts with that one's shell.
                    current = named.get((each.image.word.literal or "").lower())
                    stage = each.stage_name.raw.lower() if each.stage_name is not None else None
                elif isinstance(each, Shell):
                    current = tuple(word.raw for word in each.arguments) or None
                elif not isinstance(each, HOLDING_COMMANDS):
                    continue
                if stage is not None:
                    named[stage] = current
                self._shells.append((each.first, current))
        at = bisect_right(self._shells, instruction.first, key=lambda entry: entry[0]) - 1
        return self._shells[at][1] if at >= 0 else None

    def node_text(self, node: Any) -> str:
        """Return the text of anything that has a ``span``, or of a node of ``tree``."""
        span = self.tree.span(node) if isinstance(node, Node) else node.span
        return self.text[span.start : span.end]

    def walk(self) -> Iterator[Any]:
        r"""Yield directives, comments and instructions in file order, each instruction before its parts.

        >>> from dockslim import parse
        >>> file = parse("FROM python:3.12 AS build\nENV A=1\n")
        >>> [type(part).__name__ for part in file.walk()]
        ['From', 'ImageReference', 'Word', 'Env', 'Pair', 'Word', 'Word']
        """
        comments = iter(self.comments)
        comment = next(comments, None)
        yield from self.directives
        for instruction in self.instructions:
            while comment is not None and comment.span.start < instruction.span.start:
                yield comment
                comment = next(comments, None)
            yield from parts_of(instruction)
        if comment is not None:
            yield comment
            yield from comments

    def find(self, kind: type[Typed] | tuple[type[Typed], ...]) -> list[Typed]:
        r"""Return all parts of a type, in file order.

        >>> from dockslim.syntax import From, parse
        >>> [stage.stage_name for stage in parse("FROM a AS b\nFROM c\n").find(From)]
        [Word('b'), None]
        """
        return [part for part in self.walk() if isinstance(part, kind)]

    def replace(self, *changes: tuple[Any, str]) -> str:
        r"""Return the text with parts replaced: pairs of a part (or a Span) and its new text.

        Raises ValueError where two of them overlap.

        >>> from dockslim.syntax import From, parse
        >>> file = parse("FROM python:3.12  # no comment\n")
        >>> file.replace((file.find(From)[0].image.tag_span, "3.13"))
        'FROM python:3.13  # no comment\n'
        """
        spans = sorted(
            ((part if isinstance(part, Span) else part.span, new) for part, new in changes),
            key=lambda change: change[0],
        )
        out: list[str] = []
        at = 0
        for span, new in spans:
            if span.start < at:
                raise ValueError(f"two changes overlap at offset {span.start}")
            out += (self.text[at : span.start], new)
            at = span.end
        return "".join(out) + self.text[at:]

    def __repr__(self) -> str:
        return f"<File {self.path}: {len(self.instructions)} instructions>"


def parts_of(instruction: Instruction) -> Iterator[Any]:
    """Yield an instruction and its parts, each before what is in it."""
    inner: Instruction | None = instruction
    while inner is not None:
        instruction, inner = inner, None
        yield instruction
        for flag in instruction.flags:
            yield flag
            if flag.value is not None:
                yield flag.value
        if isinstance(instruction, Onbuild):
            inner = instruction.inner
        elif isinstance(instruction, From):
            yield instruction.image
            if instruction.stage_name is not None:
                yield instruction.stage_name
        elif isinstance(instruction, Pairs):
            for pair in instruction.pairs:
                yield pair
                yield pair.name
                if pair.value is not None:
                    yield pair.value
        elif isinstance(instruction, CommandInstruction):
            if isinstance(instruction, Run):
                yield from instruction.mounts
            yield from instruction.arguments
        else:
            for slot in type(instruction).__slots__:
                value = getattr(instruction, slot)
                yield from value if isinstance(value, tuple) else (value,)
        if inner is None:
            yield from instruction.heredocs


SKIPPED = frozenset({"comment", "directive"})
COMMENTS = re.compile(b"[" + re.escape(bytes([kinds.COMMENT, kinds.INNER_COMMENT])) + b"]")
HOLDING_COMMANDS = (CommandInstruction, Onbuild)
