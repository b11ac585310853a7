"""References to images."""

from __future__ import annotations

import re
from functools import cached_property

from .forms import IMAGE
from .span import Span
from .words import Word

__all__ = ["ImageReference"]


class ImageReference:
    """The image that a FROM names; its parts are known where it holds no variable.

    >>> image = ImageReference.parse("ghcr.io:443/astral-sh/uv:0.5@sha256:0a1b")
    >>> image.registry, image.repository, image.tag, image.digest
    ('ghcr.io:443', 'astral-sh/uv', '0.5', 'sha256:0a1b')
    >>> ImageReference.parse("python:${VERSION}").repository is None
    True
    """

    def __init__(self, word: Word) -> None:
        self.word = word

    @classmethod
    def parse(cls, text: str) -> ImageReference:
        """Return the parts of a reference that stands in no file, such as one with its variables put in."""
        return cls(Word(Span(0, len(text)), text))

    @property
    def span(self) -> Span:
        """Where it stands."""
        return self.word.span

    @property
    def raw(self) -> str:
        """The reference as written."""
        return self.word.raw

    @cached_property
    def _match(self) -> re.Match[str] | None:
        literal = self.word.literal
        return None if literal is None else IMAGE.fullmatch(literal)

    def _part(self, group: int) -> str | None:
        return None if self._match is None else self._match[group]

    def _place(self, group: int) -> Span | None:
        if self._match is None or self._match[group] is None:
            return None
        if self.word.span.end - self.word.span.start != len(self._match.string):
            return self.word.span  # cut by a continuation, or in quotes
        start, end = self._match.span(group)
        return Span(self.word.span.start + start, self.word.span.start + end)

    @property
    def registry(self) -> str | None:
        """`ghcr.io:443`; None for Docker Hub by default."""
        return self._part(1)

    @property
    def repository(self) -> str | None:
        """`astral-sh/uv`, without registry, tag and digest."""
        return self._part(3)

    @property
    def name(self) -> str | None:
        """Registry and repository, as written."""
        if self.repository is None:
            return None
        return f"{self.registry}/{self.repository}" if self.registry else self.repository

    @property
    def tag(self) -> str | None:
        """`0.5`; None where none is written."""
        return self._part(5)

    @property
    def digest(self) -> str | None:
        """`sha256:...`; None where none is written."""
        return self._part(7)

    @property
    def registry_span(self) -> Span | None:
        """Where the registry stands."""
        return self._place(1)

    @property
    def repository_span(self) -> Span | None:
        """Where the repository stands."""
        return self._place(3)

    @property
    def tag_span(self) -> Span | None:
        """Where the tag stands."""
        return self._place(5)

    @property
    def digest_span(self) -> Span | None:
        """Where the digest stands."""
        return self._place(7)

    def __repr__(self) -> str:
        return f"ImageReference({self.raw!r})"
