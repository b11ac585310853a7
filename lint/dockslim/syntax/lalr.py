"""The LALR driver: runs the tables that Lark compiled from `grammar.lark` over the kinds of the tokens.

One pass, one stack, no recursion.  A token costs a shift and about one reduction; only named rules make nodes.

Most instructions are of a form that was seen before (`COPY word word`), so what the tables make of each form is kept.
"""

from __future__ import annotations

from collections.abc import Sequence

from dockslim.records import NamedTuple

from . import kinds
from .tables import load
from .tree import Node

__all__ = ["Misfit", "drive", "nodes_of"]

END = len(kinds.NAMES)


class Misfit(NamedTuple):
    """An item that fits no rule: its tokens, the token that did not fit, and the kinds that would have."""

    first: int
    last: int
    token: int
    expected: frozenset[int]


Payload = Node | list[Node] | None

#: What the tables make of an item, by the kinds of its tokens: that depends on nothing else.  It takes four fifths off
#: the time that the tables need.  Items of many tokens are seldom alike, and are not kept.
SEEN: dict[bytes, Node | None] = {}
LONG, MANY = 60, 5000


def nodes_of(tokens: bytearray, items: Sequence[int]) -> tuple[Node, list[Misfit]]:
    """As `drive`, item by item: one of a form that was seen before is not driven through the tables again."""
    found: list[Node] = []
    whole, count = bytes(tokens), len(tokens)
    for first, last in zip(items, (*items[1:], count), strict=False):
        form = whole[first:last]
        node = SEEN.get(form, UNSEEN)
        if node is UNSEEN:
            root, misfits = drive(tokens[first:last], (0,))
            if misfits:
                return drive(tokens, items)  # what was expected there is told by what stands before
            node = root.nodes[0] if root.nodes else None
            if len(form) <= LONG:
                if len(SEEN) >= MANY:
                    SEEN.clear()
                SEEN[form] = node
        if node is not None:
            found.append(node.moved(first))
    return Node("file", 0, count, found), []


UNSEEN = Node("", 0, 0, ())


def drive(tokens: bytearray, items: Sequence[int]) -> tuple[Node, list[Misfit]]:
    """Build the tree of ``tokens`` (kinds in file order).

    ``items`` holds the index of the first token of each comment, blank line and instruction.  One that fits no rule
    becomes an ``error`` node, and reading goes on with the next.
    """
    tables = load()
    actions, gotos, rules, error = tables.actions, tables.gotos, tables.rules, tables.error
    whole = tables.file
    states, firsts, payloads = [0], [0], [None]  # type: list[int], list[int], list[Payload]
    misfits: list[Misfit] = []
    state, index, count = 0, 0, len(tokens)
    upcoming = iter((*items, -1))
    boundary, item, anchor = next(upcoming), 0, 1
    kind = tokens[0] if count else END
    while True:
        action = actions[state].get(kind)
        if action is None:
            # Everything since the item began is dropped and one `error` node put in its place.
            assert index != boundary, "the lexer begins no item with such a token"
            last = boundary if boundary >= 0 else count
            misfits.append(Misfit(item, last, index, expected(states, anchor)))
            del states[anchor:], firsts[anchor:], payloads[anchor:]
            state = gotos[states[-1]][error]
            states.append(state)
            firsts.append(item)
            payloads.append(Node("error", item, last, ()))
            index = last
        elif action >= 0:
            if index == boundary:
                item, anchor, boundary = index, len(states), next(upcoming)
            states.append(action)
            firsts.append(index)
            payloads.append(None)
            state = action
            index += 1
        else:
            symbol, length, name = rules[~action]
            if symbol == whole:
                return Node("file", 0, count, children(merge(payloads[1:]))), misfits
            if length == 1:
                payload = payloads[-1]
                first = firsts[-1]
                if name is not None:
                    payloads[-1] = Node(name, first, index, children(payload))
                states.pop()
                state = gotos[states[-1]][symbol]
                states.append(state)
                continue
            if length:
                payload = merge(payloads[-length:])
                first = firsts[-length]
                del states[-length:], firsts[-length:], payloads[-length:]
            else:
                payload, first = None, index
            payloads.append(payload if name is None else Node(name, first, index, children(payload)))
            firsts.append(first)
            state = gotos[states[-1]][symbol]
            states.append(state)
            continue
        kind = tokens[index] if index < count else END


def children(payload: Payload) -> Sequence[Node]:
    """Return what a rule's symbols brought as the nodes of the rule."""
    if payload is None:
        return ()
    return (payload,) if isinstance(payload, Node) else payload


def merge(parts: list[Payload]) -> Payload:
    """Put the nodes of several symbols together; a list in front grows in place, which keeps repetition linear."""
    found: Payload = None
    for part in parts:
        if part is None:
            continue
        if found is None:
            found = part
            continue
        if isinstance(found, Node):
            found = [found]
        if isinstance(part, Node):
            found.append(part)
        else:
            found += part
    return found


REMEMBERED: dict[tuple[int, ...], frozenset[int]] = {}


def expected(states: list[int], anchor: int) -> frozenset[int]:
    """Return the kinds that would have fitted here, at once or after a blank; gaps and blanks are not told."""
    key = tuple(states[anchor - 1 :])
    if len(key) > 40 or len(REMEMBERED) > 1000:
        REMEMBERED.clear()
    found = REMEMBERED.get(key)
    if found is None:
        fitting: set[int] = set()
        after_blank = shifted(list(key), kinds.BLANK)
        for stack in ([*key], after_blank):
            if stack is not None:
                fitting.update(each for each in load().actions[stack[-1]] if shifted([*stack], each) is not None)
        found = REMEMBERED[key] = frozenset(fitting - kinds.TRIVIA - {END})
    return found


def shifted(stack: list[int], kind: int) -> list[int] | None:
    """Return the states after ``kind`` was read, None where it does not fit."""
    tables = load()
    while True:
        action = tables.actions[stack[-1]].get(kind)
        if action is None:
            return None
        if action >= 0:
            stack.append(action)
            return stack
        symbol, length, _ = tables.rules[~action]
        if length >= len(stack):
            return None
        if length:
            del stack[-length:]
        stack.append(tables.gotos[stack[-1]][symbol])
