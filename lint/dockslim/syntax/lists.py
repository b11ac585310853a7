"""Lists of commands: their members, and how sure each of them is to run (what that means is told in `shell`)."""

from __future__ import annotations

from collections.abc import Iterator

from dockslim.later import TYPE_CHECKING, later
from dockslim.records import NamedTuple

from .shell import Redirect, Runs
from .wrappers import shell_call

if TYPE_CHECKING:
    from tree_sitter import Node

__all__ = ["REDIRECTS", "Element", "Setting", "certainty", "flatten", "members"]

OPERATORS = frozenset({"&&", "||"})
SEPARATORS = frozenset({";", "&", "\n", ";;", ";&", ";;&"})
REDIRECTS = frozenset({"file_redirect", "herestring_redirect", "heredoc_redirect"})
FAILS = later(r"(?:exit|return)\s+[1-9]\d*|false")
#: Words and patterns that stand beside the commands of a clause.
NOT_A_MEMBER = (
    frozenset("word string raw_string concatenation simple_expansion expansion extglob_pattern regex number".split())
    | {"variable_name", "heredoc_body", "heredoc_start", "heredoc_end"}
    | REDIRECTS
)


class Setting(NamedTuple):
    """Where a node stands: how sure it is to run, how deep it is, what `set` has set, what it is redirected to."""

    runs: Runs
    depth: int
    errexit: bool
    pipefail: bool
    redirects: tuple[Redirect, ...] = ()

    # `_replace` goes by names and takes five times as long; this is done for every node.

    def running(self, runs: Runs) -> Setting:
        """The same, but for how sure it is to run."""
        return self if runs is self.runs else Setting(runs, self.depth, self.errexit, self.pipefail, self.redirects)

    def deeper(self) -> Setting:
        """The same, one level down."""
        return Setting(self.runs, self.depth + 1, self.errexit, self.pipefail, self.redirects)


class Element(NamedTuple):
    """A member of a list, the operator before it, and redirections of it that the grammar gives to the whole list."""

    node: Node
    operator: str
    operator_node: Node | None
    redirects: tuple[Node, ...] = ()


def members(node: Node, setting: Setting, text: str) -> Iterator[tuple[Element, Setting]]:
    """Yield the members of the list that a node holds, each with how sure it is to run and what is set by then."""
    found, background = lists(node)
    for number, elements in enumerate(found):
        last = number == len(found) - 1
        before: list[Setting] = []
        # `set` itself does not fail, so it does not count where a list would go on after a failure.
        counted: list[int] = []
        for at, element in enumerate(elements):
            before.append(setting)
            if sets(element.node, text):
                setting = settings(element.node, setting, text)
            else:
                counted.append(at)
        fatal = (last or (setting.errexit and len(counted) <= 1)) and number not in background
        if len(counted) == len(elements):
            certain = certainty(elements, setting.runs, fatal, text)
            for element, now, runs in zip(elements, before, certain, strict=True):
                yield element, now.running(runs)
            continue
        certain = certainty([elements[at] for at in counted], setting.runs, fatal, text)
        sure = dict(zip(counted, certain, strict=True))
        for at, element in enumerate(elements):
            runs = sure.get(at, setting.runs if at == 0 or sure.get(at - 1) is not Runs.CONDITIONAL else sure[at - 1])
            yield element, before[at].running(runs)


def lists(node: Node) -> tuple[list[list[Element]], set[int]]:
    """Return the and-or lists in a node, and the numbers of those that run in the background."""
    found: list[list[Element]] = []
    background: set[int] = set()
    operator, operator_node = "", None
    for child in node.children:
        kind = child.type
        if kind in SEPARATORS:
            if kind == "&" and found:
                background.add(len(found) - 1)
            if operator in ("", "\n") or kind != "\n":
                operator, operator_node = kind, child
        elif kind == "list" or (child.is_named and kind != "comment" and kind not in NOT_A_MEMBER):
            elements = flatten(child)
            if found:
                elements[0] = elements[0]._replace(operator=operator or "\n", operator_node=operator_node)
            found.append(elements)
            operator, operator_node = "", None
    return found, background


def certainty(elements: list[Element], outer: Runs, fatal: bool, text: str) -> list[Runs]:
    """Return how sure each member of an and-or list is to run; ``fatal``: its failure is the script's."""
    if outer is Runs.CONDITIONAL:
        return [Runs.CONDITIONAL] * len(elements)
    if not fatal or outer is Runs.MAY_FAIL:
        return ([Runs.MAY_FAIL] + [Runs.CONDITIONAL] * (len(elements) - 1))[: len(elements)]
    ors = [at for at, element in enumerate(elements) if element.operator == "||"]
    while ors and always_fails(elements[ors[-1]].node, text) and ors[-1] == len(elements) - 1:
        # `|| exit 1` at the end swallows nothing.
        elements = elements[: ors.pop()]
        rest = certainty(elements, outer, fatal, text)
        return [*rest, Runs.CONDITIONAL]
    if not ors:
        return [Runs.ALWAYS] * len(elements)
    return [
        Runs.CONDITIONAL
        if elements[at].operator == "||"
        else Runs.ALWAYS
        if at > ors[-1]
        else Runs.MAY_FAIL
        if at == 0
        else Runs.CONDITIONAL
        for at in range(len(elements))
    ]


def always_fails(node: Node, text: str) -> bool:
    """Whether a command is `exit 1`, `false` or a group that ends in one."""
    while node.type in ("compound_statement", "subshell"):
        members = [child for child in node.children if child.is_named and child.type != "comment"]
        if not members:
            return False
        node = members[-1]
    return short(node) and FAILS.fullmatch(text, node.start_byte, node.end_byte) is not None


def sets(node: Node, text: str) -> bool:
    """Whether a command is `set`."""
    if not text.startswith("set", node.start_byte):
        return False
    return node.type == "command" and short(node) and text[node.start_byte : node.end_byte].split(None, 1)[0] == "set"


def short(node: Node) -> bool:
    """Whether a node is short enough to be looked at as text; in deep nesting that must not happen at every level."""
    return bool(node.end_byte - node.start_byte < 1000)


def settings(node: Node, setting: Setting, text: str) -> Setting:
    """Return what is set after a `set`."""
    words = text[node.start_byte : node.end_byte].split()
    call = shell_call(words)
    if call is None:
        return setting
    off = any(word.startswith("+") for word in words[1:])
    return setting._replace(
        errexit=call.errexit or (setting.errexit and not off),
        pipefail=call.pipefail or (setting.pipefail and not off),
    )


def flatten(node: Node) -> list[Element]:
    """Return the members of an and-or list."""
    if node.type == "command":
        return [Element(node, "", None)]
    found: list[Element] = []
    stack: list[Element] = [Element(node, "", None)]
    while stack:
        element = stack.pop()
        node = element.node
        kind = node.type
        if kind == "redirected_statement":
            # In `a && b > f` the grammar redirects the list, the shell only its last member.
            body = node.child_by_field_name("body")
            if body is not None and body.type == "list":
                own = tuple([child for child in node.children if child.type in REDIRECTS])
                stack.append(element._replace(node=body, redirects=own + element.redirects))
                continue
        if kind != "list":
            found.append(element)
            continue
        parts: list[Node] = []
        operator = None
        for child in node.children:
            if not child.is_named:
                if operator is None and child.type in OPERATORS:
                    operator = child
            elif child.type != "comment":
                parts.append(child)
        if len(parts) != 2 or operator is None:
            found.append(element)
            continue
        stack.append(Element(parts[1], operator.type, operator, element.redirects))
        stack.append(Element(parts[0], element.operator, element.operator_node))
    return found
