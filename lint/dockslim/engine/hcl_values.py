"""What an HCL text is read into."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dockslim.engine.hcl_functions import text_of
from dockslim.records import NamedTuple

__all__ = ["Block", "Body", "Expression", "Scope", "Table", "constant", "within"]

Scope = Callable[[str], Any]
#: Gives its value in a scope.  Raises UnknownError.
Expression = Callable[[Scope], Any]


class Table:
    """The expression of an object; its values can be had one by one."""

    def __init__(self, items: list[tuple[Expression, Expression]]) -> None:
        self.items = items

    def __call__(self, scope: Scope) -> dict[str, Any]:
        """All of it."""
        return {text_of(key(scope)): value(scope) for key, value in self.items}


class Body(NamedTuple):
    """What stands in a file or between braces."""

    attributes: dict[str, Expression]
    blocks: list[Block]


class Block(NamedTuple):
    """A block: ``target "web" { … }``."""

    kind: str
    labels: tuple[str, ...]
    body: Body


def within(scope: Scope, names: Mapping[str, Any]) -> Scope:
    """A scope with further names."""
    return lambda name: names[name] if name in names else scope(name)


def constant(value: Any) -> Expression:
    """The expression of a value that is written as it is."""
    return lambda scope: value
