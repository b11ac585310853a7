"""Here-documents in shell text: taken out before the text goes to the shell's parser, which trips over them."""

from __future__ import annotations

import re

from dockslim.later import later
from dockslim.records import NamedTuple

__all__ = ["ShellHeredoc", "take_out"]

#: What may hold a `<<` that begins no here-document, and what does begin one.
PART = later(
    r"""'[^']*'|"(?:[^"\\]|\\.)*"|\\.|(?<![^\s;&|(])\#[^\n]*|\$?\(\((?:[^()]|\([^()]*\))*\)\)|<<<"""
    r"""|(?P<operator><<-?)(?P<blank>[ \t]*)(?P<name>(?:'[^'\n]*'|"[^"\n]*"|\\.|[^\s'"\\;&|<>()])+)|\n""",
    re.DOTALL,
)


class ShellHeredoc(NamedTuple):
    """A here-document: the offset of its `<<`, and where its body begins and ends."""

    operator: int
    start: int
    end: int


def take_out(text: str) -> tuple[str, list[ShellHeredoc]]:
    """Return ``text`` with here-documents blanked, every other character in its place, and what was taken out."""
    found: list[ShellHeredoc] = []
    pieces: list[str] = []
    waiting: list[tuple[int, str, bool]] = []
    done = at = 0
    while True:
        part = PART.search(text, at)
        if part is None:
            break
        at = part.end()
        if part["operator"]:
            name = re.sub(r"""['"]|\\(.)""", r"\1", part["name"])
            waiting.append((part.start(), name, part["operator"].endswith("-")))
            pieces += (text[done : part.start()], "<", " " * (len(part["operator"]) - 1))
            done = part.start() + len(part["operator"])
        elif part[0] == "\n" and waiting:
            for operator, name, tabs in waiting:
                start = at
                at, end = body_end(text, start, name, tabs)
                found.append(ShellHeredoc(operator, start, end))
            waiting = []
            body = part.end()
            pieces += (text[done:body], re.sub(r"[^\n]", " ", text[body:at]))
            done = at
    pieces.append(text[done:])
    return "".join(pieces), found


def body_end(text: str, start: int, name: str, tabs: bool) -> tuple[int, int]:
    """Return where reading goes on after a body, and where the body itself ends."""
    at = start
    while at < len(text):
        feed = text.find("\n", at)
        end = len(text) if feed < 0 else feed
        line = text[at:end].rstrip("\r")
        if (line.lstrip("\t") if tabs else line) == name:
            return end, at
        at = end + 1
    return len(text), len(text)
