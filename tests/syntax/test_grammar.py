"""dockslim's driver and tables against Lark itself, on the same grammar and the same tokens."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lark import Token
from lark import Tree as LarkTree
from lark.lexer import Lexer

from dockslim.syntax import _tables, compile, kinds
from dockslim.syntax.lalr import drive, nodes_of
from dockslim.syntax.lexer import lex
from dockslim.syntax.tables import digest
from dockslim.syntax.tree import Leaf, Node, Tree

CORPUS = Path(__file__).parents[2] / "corpus"
FILES = sorted(CORPUS.glob("*/Dockerfile"))
SAMPLES = [
    "",
    "\ufeff# syntax=x\n# escape=`\n\n# c\nFROM a `\n",
    "FROM --platform=x r.io:1/a:b@c:0 AS \\\n# c\n\n d \nENV a=b c= \\\n d=e\nENV a b\nLABEL a\\\nb\\\n=\\\nc\n",
    "ARG a b=c\n",
    'RUN --mount=type=x,a,b= -- x \\\n# c\n y <<A <<-B\n1\nA\n\tB\nCOPY --from=a ["b", \\\n"c\\\nd"]\nADD a <<E b\nE\n',
    'CMD [ "a" , \\\n"b"]\nCMD a \\\n\n\nUSER b\nENTRYPOINT\nSHELL []\nHEALTHCHECK NONE\n',
    'HEALTHCHECK --a=b CMD ["c"]\nVOLUME ["a"]\n',
    "USER a\nWORKDIR b\\\nc\nEXPOSE 1 2\nVOLUME a b\nSTOPSIGNAL x\nMAINTAINER y\nONBUILD ONBUILD RUN z\nFOO bar\n",
    "FROM a b\nCOPY a\n\\\n\nENV a=b c\nHEALTHCHECK x\nSHELL x\nRUN <<E\nFROM a AS\n  \\\n  \\\n\nCMD [1]\nFROM\n",
]


class Replay(Lexer):
    """Hands Lark the tokens that dockslim's lexer found, an item that fits no rule as ERROR tokens."""

    def __init__(self, configuration: object) -> None:
        pass

    def lex(self, text: str) -> Iterator[Token]:  # type: ignore[override]
        tokens = lex(text)
        kind = bytearray(tokens.kinds)
        for misfit in drive(tokens.kinds, tokens.items)[1]:
            for at in range(misfit.first, misfit.last):
                kind[at] = kinds.ERROR
            kind[misfit.last - 1] = kinds.ERROR_END
        start = 0
        for each, end in zip(kind, tokens.ends, strict=True):
            yield Token(kinds.NAMES[each], text[start:end])
            start = end


@pytest.fixture(scope="module")
def lark() -> Any:
    return compile.lark_parser(Replay)


def shape(tree: Tree, node: Node | Leaf) -> Any:
    if isinstance(node, Leaf):
        return tree.text[node.span.start : node.span.end]
    return node.rule, [shape(tree, child) for child in tree.children(node)]


def lark_shape(tree: Any) -> Any:
    if isinstance(tree, LarkTree):
        return str(tree.data), [lark_shape(child) for child in tree.children]
    return str(tree)


@pytest.mark.parametrize("text", [*SAMPLES, *(path.read_text("utf-8") for path in FILES)])
def test_driver_builds_what_lark_builds(text: str, lark: Any) -> None:
    tokens = lex(text)
    root, _ = drive(tokens.kinds, tokens.items)
    assert shape(Tree(text, tokens.kinds, tokens.ends, root), root) == lark_shape(lark.parse(text))


@pytest.mark.parametrize("text", [*SAMPLES, *(path.read_text("utf-8") for path in FILES)])
def test_a_form_seen_before_gives_the_same_nodes(text: str) -> None:
    tokens = lex(text)
    driven, misfits = drive(tokens.kinds, tokens.items)
    for _ in range(2):
        root, found = nodes_of(tokens.kinds, tokens.items)
        tree = Tree(text, tokens.kinds, tokens.ends, root)
        assert (shape(tree, root), found) == (shape(tree, driven), misfits)
        assert list(map(repr, tree.walk())) == list(map(repr, Tree(text, tokens.kinds, tokens.ends, driven).walk()))


def test_the_samples_use_every_rule() -> None:
    seen: set[str] = set()
    for text in SAMPLES:
        tokens = lex(text)
        root, _ = drive(tokens.kinds, tokens.items)
        seen |= {node.rule for node in Tree(text, tokens.kinds, tokens.ends, root).walk()}
    assert seen == {name for name in _tables.SYMBOLS if not name.startswith(("_", "$"))}


def test_the_tables_are_those_of_the_grammar() -> None:
    assert digest() == _tables.DIGEST, "run `python -m dockslim.syntax.compile`"
    assert compile.build() == (_tables.SYMBOLS, _tables.RULES, _tables.ACTIONS, _tables.GOTOS)


def test_the_numbers_of_the_terminals_are_those_of_their_names() -> None:
    assert all(getattr(kinds, name) == number for number, name in enumerate(kinds.NAMES))
