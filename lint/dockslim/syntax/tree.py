"""The concrete tree: what the grammar saw, down to the last blank."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence

from dockslim.records import NamedTuple

from . import kinds
from .span import Span

__all__ = ["Leaf", "Node", "Tree"]


class Node:
    """A rule of the grammar and the tokens it covers: ``[first, last)``.  Its leaves are the gaps between its nodes."""

    __slots__ = ("_nodes", "_shift", "first", "last", "rule")

    def __init__(self, rule: str, first: int, last: int, nodes: Sequence[Node], shift: int = 0) -> None:
        """``nodes`` may be those of an equal node that begins ``shift`` tokens earlier."""
        self.rule = rule
        self.first = first
        self.last = last
        self._nodes = nodes
        self._shift = shift

    @property
    def nodes(self) -> Sequence[Node]:
        """The nodes inside."""
        if self._shift:
            self._nodes, self._shift = [each.moved(self._shift) for each in self._nodes], 0
        return self._nodes

    def moved(self, shift: int) -> Node:
        """Return this node ``shift`` tokens later; what is inside follows when it is asked for."""
        return Node(self.rule, self.first + shift, self.last + shift, self.nodes, shift)

    def __repr__(self) -> str:
        return f"Node({self.rule!r}, {self.first}, {self.last})"


class Leaf(NamedTuple):
    """A token: its kind's name and its place in the file."""

    kind: str
    span: Span


class Tree:
    """All tokens of a file and the tree over them.

    Token ``i`` is of kind ``kinds[i]`` and covers ``[ends[i - 1], ends[i])`` of the text: nothing lies between two.
    """

    __slots__ = ("ends", "kinds", "root", "text")

    def __init__(self, text: str, tokens: bytearray, ends: array[int], root: Node) -> None:
        self.text = text
        self.kinds = tokens
        self.ends = ends
        self.root = root

    def start(self, token: int) -> int:
        """Return where a token begins."""
        return self.ends[token - 1] if token else 0

    def leaf(self, token: int) -> Leaf:
        """Return a token."""
        return Leaf(kinds.NAMES[self.kinds[token]], Span(self.start(token), self.ends[token]))

    def leaves(self) -> Iterator[Leaf]:
        """Yield all tokens in file order; their texts joined are the file."""
        return map(self.leaf, range(len(self.kinds)))

    def span(self, node: Node) -> Span:
        """Return the place of a node, gaps and blanks inside it included."""
        start = self.start(node.first)
        return Span(start, self.ends[node.last - 1] if node.last > node.first else start)

    def children(self, node: Node) -> Iterator[Node | Leaf]:
        """Yield a node's nodes and leaves in file order."""
        at = node.first
        for child in node.nodes:
            yield from map(self.leaf, range(at, child.first))
            yield child
            at = child.last
        yield from map(self.leaf, range(at, node.last))

    def walk(self) -> Iterator[Node]:
        """Yield every node, each before what is in it."""
        stack = [self.root]
        while stack:
            node = stack.pop()
            yield node
            stack.extend(reversed(node.nodes))
