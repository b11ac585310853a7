"""Compile `grammar.lark` into `_tables.py`: ``python -m dockslim.syntax.compile``.

Lark builds the LALR tables; what it finds is written down as plain data, because importing Lark and building them
again would cost every run more than reading a hundred Dockerfiles does.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from dockslim.later import TYPE_CHECKING

from . import kinds
from .tables import digest

if TYPE_CHECKING:
    from typing import Any

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
    order = states_in_order(table)
    numbers = {state: number for number, state in enumerate(order)}
    reductions = {argument for row in table.states.values() for what, argument in row.values() if str(what) == "Reduce"}
    ordered = sorted(reductions, key=lambda rule: (str(rule.origin.name), [str(each.name) for each in rule.expansion]))
    rules = {rule: number for number, rule in enumerate(ordered)}
    symbols = sorted({str(rule.origin.name) for rule in ordered})
    actions: list[tuple[int, ...]] = []
    gotos: list[tuple[int, ...]] = []
    for state in order:
        action: list[int] = []
        goto: list[int] = []
        for name, (what, argument) in sorted(table.states[state].items()):
            if name not in terminals:
                goto += (symbols.index(name), numbers[argument])
            else:
                action += (terminals[name], numbers[argument] if str(what) == "Shift" else -1 - rules[argument])
        actions.append(tuple(action))
        gotos.append(tuple(goto))
    flat = tuple((symbols.index(rule.origin.name), len(rule.expansion)) for rule in ordered)
    return tuple(symbols), flat, tuple(actions), tuple(gotos)


def states_in_order(table: Any) -> list[Any]:
    """Return the states as they are reached from the start; Lark's own numbers differ from run to run."""
    order = [table.start_states["file"]]
    seen = set(order)
    for state in order:
        for _, (what, argument) in sorted(table.states[state].items()):
            if str(what) == "Shift" and argument not in seen:
                seen.add(argument)
                order.append(argument)
    return order


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
