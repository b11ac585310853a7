"""Pages of markdown: laid out on a terminal by rich, letter for letter as they are in a pipe."""

from __future__ import annotations

import re
import sys

from dockslim.later import TYPE_CHECKING
from dockslim.report.page import TELLING, Line, coloured, console_for, show, width_of
from dockslim.report.wrapping import wrapped

if TYPE_CHECKING:
    from typing import ClassVar, TextIO

    from rich.markdown import Markdown, MarkdownElement

__all__ = ["show_markdown"]

#: Longer lines of prose are hard to read, however wide the terminal is.
WIDEST = 100


def show_markdown(text: str, stream: TextIO | None = None) -> None:
    """Print a page: broken between words where a terminal's width asks for it; in a pipe colour changes no letter."""
    stream = stream or sys.stdout
    width = width_of(stream)
    if width is None:
        show(_styled(text), stream)
        return
    if not coloured(stream):
        text = _in_ticks(text)
    console_for(stream, min(width, WIDEST)).print(_laid_out(text), crop=False)


def _in_ticks(text: str) -> str:
    """Have code within prose keep its backticks, where no colour sets it apart."""
    parts = re.split(r"(^```.*?^```$)", text, flags=re.DOTALL | re.MULTILINE)
    parts[::2] = (re.sub(r"(?<!`)(`[^`]+`)(?!`)", r"`` \1 ``", part) for part in parts[::2])
    return "".join(parts)


def _styled(text: str) -> list[Line]:
    """The lines as they are, with styles for headings, code and what is flagged."""
    lines: list[Line] = []
    fenced = False
    for line in text.splitlines():
        fence = line.startswith("```")
        if fence:
            lines.append([("dim", line)])
            fenced = not fenced
        elif fenced:
            lines.append(_flagged(line))
        elif line.startswith("#"):
            lines.append([("bold", line)])
        else:
            pieces = re.split(r"(`[^`]+`)", line)
            lines.append([(TELLING if number % 2 else "", piece) for number, piece in enumerate(pieces)])
    return lines


def _flagged(line: str) -> Line:
    pieces = re.split(r"(«[^»]*»)", line)
    return [("bold red" if number % 2 else "", piece) for number, piece in enumerate(pieces)]


def _laid_out(text: str) -> Markdown:
    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.markdown import CodeBlock, Heading, Markdown, Paragraph
    from rich.text import Text

    def assembled(line: Line) -> Text:
        return Text.assemble(*((piece, style) for style, piece in line), no_wrap=True, overflow="ignore")

    def in_a_list(console: Console, options: ConsoleOptions) -> bool:
        return options.max_width < console.width  # there rich cuts away what is too wide

    class Words(Paragraph):
        """A word wider than the terminal stays whole."""

        def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
            if in_a_list(console, options):
                yield self.text
                return
            line = [(str(piece.style or ""), piece.text) for piece in self.text.render(console)]
            yield from map(assembled, wrapped(line, options.max_width, ""))

    class Title(Heading):
        """A heading at the left."""

        def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
            yield self.text

    class Code(CodeBlock):
        """The lines of a file are never broken: they are there to be copied."""

        def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
            lines = str(self.text).rstrip().split("\n")
            if in_a_list(console, options):
                yield from map(Text, lines)
                return
            for line in lines:
                yield assembled([("", "    "), *_flagged(line)] if line else [])

    class Page(Markdown):
        elements: ClassVar[dict[str, type[MarkdownElement]]] = {
            **Markdown.elements,
            "paragraph_open": Words,
            "heading_open": Title,
            "fence": Code,
            "code_block": Code,
        }

    return Page(text, justify="default")
