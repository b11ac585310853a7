"""Compile `grammar.lark` into `_tables.py`: ``python -m dockslim.syntax.compile``.

Lark builds the LALR tables; what it finds is written down as plain data, because importing Lark and building them
again would cost every run more than reading a hundred Dockerfiles does.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import kinds
from .tables import digest

if TYPE_CHECKING:
    from lark import Lark

__all__ = ["GRAMMAR", "build", "lark_parser", "write"]

GRAMMAR = Path(__file__).with_name("grammar.lark")
TABLES = Path(__file__).with_name("_tables.py")

Tables = tuple[tuple[str, ...], tuple[tuple[int, int], ...], tuple[tuple[int, ...], ...], tuple[tuple[int, ...], ...]]


def lark_parser(lexer: Any) -> Lark:
    """Return Lark's own parser for the grammar; ``lexer`` is a class as Lark's custom lexers are."""
    from lark import Lark

    # `strict` refuses a grammar with conflicts, which Lark would otherwise settle by shifting.
    return Lark(
        GRAMMAR.read_text("utf-8"),
        parser="lalr",
        lexer=lexer,
        start="file",
        keep_all_tokens=True,
        maybe_placeholders=False,
        strict=True,
    )


def build() -> Tables:
    """Return (symbols, rules, actions, gotos).

    A symbol is a rule's name.  A rule is (symbol, length).  Each state has a flat row of pairs: terminal and action
    (shift to n: n; reduce rule r: -1 - r), symbol and next state.  State 0 is the start; the terminal that stands
    for the end of the file is ``len(kinds.NAMES)``.
    """
    from lark.lexer import Lexer, Token

    class Nothing(Lexer):  # the tables need no lexer
        def __init__(self, configuration: object) -> None:
            pass

        def lex(self, lexer_state: object, parser_state: object) -> Iterator[Token]:
            return iter(())

    table = lark_parser(Nothing).parser.parser._parse_table
    terminals = {name: kind for kind, name in enumerate(kinds.NAMES)} | {"$END": len(kinds.NAMES)}
    numbers = {state: number for number, state in enumerate(sorted(table.states, key=state_order(table)))}
    symbols: dict[str, int] = {}
    rules: dict[Any, int] = {}
    actions: list[tuple[int, ...]] = []
    gotos: list[tuple[int, ...]] = []
    for state in numbers:
        action: list[int] = []
        goto: list[int] = []
        for name, (what, argument) in sorted(table.states[state].items()):
            if name not in terminals:
                goto += (symbols.setdefault(name, len(symbols)), numbers[argument])
            elif str(what) == "Shift":
                action += (terminals[name], numbers[argument])
            else:
                symbols.setdefault(argument.origin.name, len(symbols))
                action += (terminals[name], -1 - rules.setdefault(argument, len(rules)))
        actions.append(tuple(action))
        gotos.append(tuple(goto))
    ordered = tuple((symbols[rule.origin.name], len(rule.expansion)) for rule in rules)
    return tuple(map(str, symbols)), ordered, tuple(actions), tuple(gotos)


def state_order(table: Any) -> Any:
    """Return a key that puts the start state first and leaves the others in Lark's order."""
    start = table.start_states["file"]
    return lambda state: (state != start, state)


def write() -> None:
    """Write `_tables.py`."""
    symbols, rules, actions, gotos = build()
    lines = [
        '"""The LALR tables of grammar.lark; made by `python -m dockslim.syntax.compile`, not to be edited."""',
        "",
        f"DIGEST = {digest()}",
    ]
    for name, value in (("SYMBOLS", symbols), ("RULES", rules), ("ACTIONS", actions), ("GOTOS", gotos)):
        lines += [f"{name} = (", *(f"    {row!r}," for row in value), ")"]
    TABLES.write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    write()
    sys.stdout.write(f"{TABLES.name} written\n")
