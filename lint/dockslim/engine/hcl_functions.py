"""What HCL's operators and the commoner functions of bake files give."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping

from dockslim.later import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

__all__ = ["BINARY", "FUNCTIONS", "UnknownError", "index", "limited", "text_of"]


#: No text is longer and no list has more elements.
LARGEST = 100_000


class UnknownError(Exception):
    """An expression has no value that could be told from the file alone; the message says why."""


def text_of(value: Any) -> str:
    """A value as it stands in a text.  Raises UnknownError for one that cannot."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int):
        return str(value)
    if isinstance(value, float):
        return f"{value:.15g}"
    raise UnknownError("a value that is not set is put into a text" if value is None else "a list is put into a text")


def limited(value: Any) -> Any:
    """A value, if it is not far larger than any that a bake file needs.  Raises UnknownError."""
    if isinstance(value, str | list | Mapping) and len(value) > LARGEST:
        raise UnknownError("it grows too large to be evaluated")
    return value


def index(value: Any, key: Any) -> Any:
    """What stands at a place of a list or an object.  Raises UnknownError."""
    if key is None:
        raise UnknownError("[*] is not evaluated")
    try:
        if isinstance(value, list):
            return value[int(key)]
        if isinstance(value, Mapping):
            return value[text_of(key)]
    except (LookupError, ValueError, TypeError) as error:
        raise UnknownError(f"nothing stands at {key!r}") from error
    raise UnknownError(f"{key!r} is asked of what is no list and no object")


def _number(value: Any) -> int | float:
    if isinstance(value, str):
        try:
            value = float(value) if "." in value else int(value)
        except ValueError as error:
            raise UnknownError(f"{value!r} is no number") from error
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise UnknownError("a number is expected")
    return value


def _arithmetic(function: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def apply(left: Any, right: Any) -> Any:
        try:
            return function(_number(left), _number(right))
        except ArithmeticError as error:
            raise UnknownError(str(error)) from error

    return apply


def _divided(left: float, right: float) -> int | float:
    value = left / right
    return int(value) if value == int(value) else value


def _equal(left: Any, right: Any) -> bool:
    return (type(left) is type(right) and left == right) or (
        _plain_number(left) and _plain_number(right) and bool(left == right)
    )


def _plain_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "||": lambda left, right: left is True or right is True,
    "&&": lambda left, right: left is True and right is True,
    "==": _equal,
    "!=": lambda left, right: not _equal(left, right),
    "<": _arithmetic(operator.lt),
    "<=": _arithmetic(operator.le),
    ">": _arithmetic(operator.gt),
    ">=": _arithmetic(operator.ge),
    "+": _arithmetic(operator.add),
    "-": _arithmetic(operator.sub),
    "*": _arithmetic(operator.mul),
    "/": _arithmetic(_divided),
    "%": _arithmetic(operator.mod),
}


def _replaced(text: str, old: str, new: str) -> str:
    if len(old) > 1 and old.startswith("/") and old.endswith("/"):
        raise UnknownError("a regular expression is not evaluated")
    return text.replace(old, new)


def _first_set(*values: Any) -> Any:
    for value in values:
        if value is not None:
            return value
    raise UnknownError("nothing of what coalesce() is given is set")


def _flat(values: list[Any]) -> list[Any]:
    return [inner for each in values for inner in (_flat(each) if isinstance(each, list) else [each])]


def _looked_up(table: Mapping[str, Any], key: str, *otherwise: Any) -> Any:
    return table.get(key, *otherwise) if otherwise else table[key]


def _merged(*tables: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for table in tables if table is not None for name, value in table.items()}


#: By the names that bake gives them.
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "and": lambda left, right: left and right,
    "coalesce": _first_set,
    "compact": lambda values: [each for each in values if each not in (None, "")],
    "concat": lambda *lists: [each for one in lists for each in one],
    "contains": lambda values, value: value in values,
    "distinct": lambda values: list(dict.fromkeys(values)),
    "equal": _equal,
    "flatten": _flat,
    "join": lambda sign, *lists: sign.join(text_of(each) for one in lists for each in one),
    "keys": lambda table: sorted(table),
    "length": len,
    "lookup": _looked_up,
    "lower": str.lower,
    "merge": _merged,
    "not": lambda value: not value,
    "notequal": lambda left, right: not _equal(left, right),
    "or": lambda left, right: left or right,
    "replace": _replaced,
    "reverse": lambda text: text[::-1],
    "sort": sorted,
    "split": lambda sign, text: text.split(sign),
    "trimprefix": str.removeprefix,
    "trimspace": str.strip,
    "trimsuffix": str.removesuffix,
    "upper": str.upper,
    "values": lambda table: [table[name] for name in sorted(table)],
}
