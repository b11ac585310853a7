"""The LALR tables, ready for use: from `_tables.py`, or compiled afresh where the grammar was changed since."""

from __future__ import annotations

import os
from binascii import crc32
from functools import lru_cache

from dockslim.records import NamedTuple

from . import kinds

__all__ = ["Tables", "digest", "load"]

# pathlib would cost every start three milliseconds.
GRAMMAR = os.path.join(os.path.dirname(__file__), "grammar.lark")  # noqa: PTH118, PTH120


class Rows(dict[int, dict[int, int]]):
    """A table by state, of flat rows; most states are never met, and their rows not taken apart."""

    def __init__(self, flat: tuple[tuple[int, ...], ...]) -> None:
        super().__init__()
        self.flat = flat

    def __missing__(self, state: int) -> dict[int, int]:
        row = self.flat[state]
        self[state] = found = dict(zip(row[::2], row[1::2], strict=True))
        return found


class Tables(NamedTuple):
    """What the driver needs.

    ``actions[state][kind]``: shift to that state, or reduce rule ``~action``; ``gotos[state][symbol]``: next state;
    ``rules``: (symbol, length, name or None where its parts go to the rule around it); ``file``, ``error``: symbols.
    """

    actions: Rows
    gotos: Rows
    rules: list[tuple[int, int, str | None]]
    file: int
    error: int


def digest() -> int:
    """Return what tells one grammar from another: a checksum of its text and of the numbering of its terminals."""
    with open(GRAMMAR, "rb") as grammar:  # noqa: PTH123
        return crc32(grammar.read().replace(b"\r\n", b"\n") + "\0".join(kinds.NAMES).encode())


@lru_cache(maxsize=1)
def load() -> Tables:
    """Return the tables."""
    from . import _tables as compiled

    if digest() != compiled.DIGEST:
        from .compile import build

        return assemble(*build())
    return assemble(compiled.SYMBOLS, compiled.RULES, compiled.ACTIONS, compiled.GOTOS)


def assemble(
    symbols: tuple[str, ...],
    rules: tuple[tuple[int, int], ...],
    actions: tuple[tuple[int, ...], ...],
    gotos: tuple[tuple[int, ...], ...],
) -> Tables:
    """Make tables of flat rows."""
    names = [None if name.startswith("_") else name for name in symbols]
    return Tables(
        Rows(actions),
        Rows(gotos),
        [(symbol, length, names[symbol]) for symbol, length in rules],
        symbols.index("file"),
        symbols.index("error"),
    )
