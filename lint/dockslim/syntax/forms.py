"""The shapes of arguments: words, JSON arrays, images, the options of a mount."""

from __future__ import annotations

import re
from collections.abc import Callable

from dockslim.later import TYPE_CHECKING, later

from . import kinds

if TYPE_CHECKING:
    from typing import Final

    from .heredocs import Marker

__all__ = ["ARRAY_KINDS", "ARRAY_PART", "IMAGE", "IMAGE_KINDS", "PLAIN", "options", "plain_words", "reads_as_array"]

Add = Callable[[int], object]

#: A reference to an image that holds no variable: registry, repository, tag, digest.
IMAGE: Final = re.compile(
    r"(?:((?=[^/\s]*[.:A-Z]|localhost/)[A-Za-z0-9.\-]+(?::[0-9]+)?|\[[0-9A-Fa-f:]+\](?::[0-9]+)?)(/))?"
    r"([A-Za-z0-9](?:[A-Za-z0-9._/\-]*[A-Za-z0-9])?)"
    r"(?:(:)(\w[\w.\-]*))?"
    r"(?:(@)([A-Za-z0-9_+.\-]+:[0-9A-Fa-f]+))?"
)
IMAGE_KINDS: Final = (
    (1, kinds.REGISTRY),
    (2, kinds.SLASH),
    (3, kinds.REPOSITORY),
    (4, kinds.COLON),
    (5, kinds.TAG),
    (6, kinds.AT),
    (7, kinds.DIGEST),
)

#: Words where quotes mean nothing: FROM, COPY, EXPOSE and their like.
PLAIN: Final = re.compile(r"[^\t\v\f\r ]+")
STRING: Final = r'"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*"'
ARRAY: Final = later(rf"\[[ \t\r]*(?:{STRING}[ \t\r]*(?:,[ \t\r]*{STRING}[ \t\r]*)*)?\]\Z")
ARRAY_PART: Final = later(rf"({STRING})|(,)|(\[)|(\])|([ \t\r]+)")
ARRAY_KINDS: Final = (-1, kinds.STRING, kinds.COMMA, kinds.LSQB, kinds.RSQB, kinds.BLANK)


def reads_as_array(text: str, start: int, end: int) -> bool | None:
    """Whether ``text[start:end]`` is a JSON array of strings; None where it is one of something else."""
    if ARRAY.match(text, start, end):
        return True
    import json

    try:
        json.loads(text[start:end], parse_constant=not_in_json)
    except (ValueError, RecursionError):
        return False
    return None


def not_in_json(constant: str) -> None:
    raise ValueError(constant)


def plain_words(text: str, at: int, stop: int, kind: Add, end_at: Add, markers: tuple[Marker, ...]) -> None:
    """Add words between blanks, markers of here-documents as such."""
    marked = {marker.start: marker.end for marker in markers}
    for word in PLAIN.finditer(text, at, stop):
        start, end = word.span()
        if start > at:
            kind(kinds.BLANK)
            end_at(start)
        kind(kinds.HEREDOC if marked.get(start) == end else kinds.WORD)
        end_at(end)
        at = end


def options(text: str, at: int, end: int, kind: Add, end_at: Add) -> None:
    """Add the options of a mount: key=value, between commas."""
    for number, option in enumerate(text[at:end].split(",")):
        if number:
            at += 1
            kind(kinds.COMMA)
            end_at(at)
        key = option.partition("=")[0]
        if key:
            kind(kinds.KEY)
            end_at(at + len(key))
        if len(key) < len(option):
            kind(kinds.EQUALS)
            end_at(at + len(key) + 1)
        if len(key) + 1 < len(option):
            kind(kinds.WORD)
            end_at(at + len(option))
        at += len(option)
