"""Where a line announces here-documents, as BuildKit finds them."""

from __future__ import annotations

from dockslim.later import TYPE_CHECKING, later
from dockslim.records import NamedTuple

from .expand import ExpansionError, split_words

if TYPE_CHECKING:
    from .modes import Modes

__all__ = ["Marker", "find_markers", "read_marker"]

MARKER = later(r"(\d*)<<(-?)\s*([^<]*)\Z")


class Marker(NamedTuple):
    """A `<<NAME`: its place in the line, the name that ends the text, and how the text is to be taken."""

    start: int
    end: int
    name: str
    strip_tabs: bool
    expand: bool


def find_markers(text: str, start: int, end: int, modes: Modes) -> tuple[Marker, ...]:
    """Return the here-documents that the logical line ``text[start:end]`` announces.

    None where the instruction takes none, or its arguments are a JSON array.  BuildKit looks at the line as a whole,
    its keyword too; it takes the line for one without here-documents when its quotes do not end.
    """
    if not modes.takes_heredocs(text, start, end):
        return ()
    try:
        words = split_words(text[start:end], raw=True)
    except ExpansionError:
        return ()
    found = []
    for word in words:
        if "<<" in word.text:
            try:
                marker = read_marker(word.text, start + word.start, start + word.end)
            except ExpansionError:
                continue
            if marker is not None:
                found.append(marker)
    return tuple(found)


def read_marker(word: str, start: int = 0, end: int = 0) -> Marker | None:
    """Return the here-document that a word announces, None where it announces none."""
    match = MARKER.match(word)
    if match is None or not match[3]:
        return None
    bare = split_words(match[3], raw=False, raw_quotes=False)
    if len(bare) != 1:
        return None
    quoted = split_words(match[3], raw=False, raw_quotes=True)
    if len(quoted) != 1:
        return None
    name = bare[0].text
    plain = quotes(name) == quotes(quoted[0].text)
    return Marker(start, end, name, match[2] == "-", plain)


def quotes(text: str) -> int:
    return text.count("'") + text.count('"')
