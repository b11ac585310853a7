"""Lines of styled pieces, and how they reach a stream: plainly, or by rich on a terminal.

Reports build the same lines for both; rich is imported only where colour is wanted.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator

from dockslim.later import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Literal, TextIO

    from rich.console import Console

__all__ = ["TELLING", "Line", "clean", "coloured", "console_for", "show", "show_bytes", "width_of"]

#: Pieces of text, each with the name of a style (a rich style; "" for none).
Line = list[tuple[str, str]]


def coloured(stream: TextIO) -> bool:
    """Whether colour is wanted: a file says no, NO_COLOR too, FORCE_COLOR yes, otherwise a terminal does."""
    if getattr(stream, "plain", False):
        return False
    if os.environ.get("NO_COLOR"):
        return False
    force = os.environ.get("FORCE_COLOR")
    if force:
        return force.lower() not in ("0", "false")
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def width_of(stream: TextIO) -> int | None:
    """The terminal's width in cells; None for a pipe, where nothing is cut."""
    if not stream.isatty():
        return None
    import shutil

    return max(shutil.get_terminal_size().columns, 40)


def show(lines: Iterable[Line], stream: TextIO | None = None) -> None:
    """Print lines as they come."""
    stream = stream or sys.stdout
    if coloured(stream):
        _show_rich(lines, stream)
        return
    for line in lines:
        stream.write("".join(text for _, text in line) + "\n")


def show_bytes(lines: Iterable[Line], stream: TextIO) -> None:
    """Print lines without any style, in a file's own bytes whatever the stream's encoding is: a patch has to fit."""
    stream.flush()
    for line in lines:
        text = "".join(text for _, text in line) + "\n"
        stream.buffer.write(text.encode("utf-8", "surrogateescape"))
    stream.buffer.flush()


def _show_rich(lines: Iterable[Line], stream: TextIO) -> None:
    from rich.text import Text

    console = console_for(stream)
    for line in lines:
        console.print(Text.assemble(*((text, style) for style, text in line)), soft_wrap=True)


def console_for(stream: TextIO, width: int | None = None) -> Console:
    """rich's console for a stream, coloured exactly where ``coloured`` says so."""
    from rich.console import Console
    from rich.theme import Theme

    colour = coloured(stream)
    # rich knows no colours for TERM=dumb, which many a CI sets beside FORCE_COLOR.
    system: Literal["auto", "standard"] = "standard" if os.environ.get("TERM") == "dumb" else "auto"
    return Console(
        file=stream,
        width=width,
        height=None if width is None else 25,  # else a dumb terminal has 80 columns
        force_terminal=colour,
        color_system=system if colour else None,
        theme=Theme(_MARKDOWN),
        highlight=False,
        markup=False,
        emoji=False,
    )


#: The colour of what is to be seen: beside red the only one that is legible both on white and on black in any palette.
TELLING = "magenta"

#: Without a ground of its own code stays legible on a light terminal and on a dark one.
_MARKDOWN = {
    "markdown.code": TELLING,
    "markdown.h2": "bold",
    "markdown.h3": "bold",
    "markdown.item.bullet": "bold",
    "markdown.item.number": "bold",
}


def clean(text: str) -> str:
    """Make text harmless for a terminal: control characters become pictures, undecodable bytes the replacement sign.

    Length stays the same, so that offsets still fit; tabs stay.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_harmless(text))


def _harmless(text: str) -> Iterator[str]:
    import unicodedata

    for letter in text:
        code = ord(letter)
        if letter == "\t":
            yield letter
        elif code < 0x20:
            yield chr(0x2400 + code)
        elif code == 0x7F:
            yield "␡"
        elif unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") or unicodedata.bidirectional(letter) in _BIDI:
            yield "\ufffd"
        else:
            yield letter


_BIDI = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})
