"""Bake files, HCL and JSON: each target with what it inherits, once for each row of its matrix, variables put in."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Mapping

from dockslim.engine.hcl import parse, template
from dockslim.engine.hcl_cursor import HclError
from dockslim.engine.hcl_functions import UnknownError, text_of
from dockslim.engine.hcl_values import Block, Body, Expression, Scope, Table, constant, within
from dockslim.later import TYPE_CHECKING
from dockslim.records import NamedTuple

if TYPE_CHECKING:
    from typing import Any

__all__ = ["BakeError", "targets"]

#: So many rows of one matrix are read.
MOST_ROWS = 500
WANTED = ("context", "dockerfile", "dockerfile-inline", "target", "args")

Say = Callable[[str], None]


class BakeError(ValueError):
    """The file is no bake file; the message says why."""


class _Target(NamedTuple):
    """One target, one row of its matrix."""

    attributes: dict[str, Expression]
    scope: Scope


def targets(text: str, hcl: bool, environment: Mapping[str, str], say: Say) -> Iterator[dict[str, Any]]:
    """Yield each target's context, dockerfile, target and args as far as they are set, in texts.

    ``say`` hears of what cannot be evaluated: an argument of that kind is left out, and a target whose context,
    Dockerfile or stage is of that kind is passed by.  Raises BakeError.
    """
    try:
        body = parse(text) if hcl else _body(json.loads(text))
    except (HclError, RecursionError) as error:
        raise BakeError(f"not HCL: {error or 'nested too deeply'}") from error
    except ValueError as error:
        raise BakeError(f"not JSON: {error}") from error
    scope = _Globals(body, environment).scope
    found = dict(_rows(body, scope, say))
    for name in found:
        merged = _inherited(name, found, (), say)
        values: dict[str, Any] = {"args": {}}
        for key, (expression, inner) in merged.items():
            try:
                value = expression(inner)
                if value is None:
                    continue
                if key.startswith("args."):
                    values["args"][key.removeprefix("args.")] = text_of(value)
                else:
                    values[key] = text_of(value)
            except (UnknownError, RecursionError) as error:
                say(f"target {name!r}: {key}: {error or 'nested too deeply'}")
                if not key.startswith("args."):
                    break
        else:
            yield values


_Set = dict[str, tuple[Expression, Scope]]


def _inherited(name: str, found: Mapping[str, _Target], path: tuple[str, ...], say: Say) -> _Set:
    own = found[name]
    merged: _Set = {}
    for parent in _texts(own, "inherits", name, say):
        if parent in (*path, name):
            say(f"target {name!r}: inherits: {parent!r} inherits itself")
        elif parent not in found:
            say(f"target {name!r}: inherits: there is no target {parent!r}")
        else:
            merged.update(_inherited(parent, found, (*path, name), say))
    for key in WANTED:
        expression = own.attributes.get(key)
        if expression is None:
            continue
        if key != "args":
            merged[key] = (expression, own.scope)
            continue
        try:
            merged.update({f"args.{each}": (value, own.scope) for each, value in _arguments(expression, own.scope)})
        except (UnknownError, RecursionError) as error:
            say(f"target {name!r}: args: {error}")
    return merged


def _arguments(expression: Expression, scope: Scope) -> list[tuple[str, Expression]]:
    if isinstance(expression, Table):
        return [(text_of(key(scope)), value) for key, value in expression.items]
    values = expression(scope)
    return [(name, constant(value)) for name, value in values.items()] if isinstance(values, Mapping) else []


def _rows(body: Body, scope: Scope, say: Say) -> Iterator[tuple[str, _Target]]:
    """Each target by its name, once for each row of its matrix."""
    declared: dict[str, dict[str, Expression]] = {}
    for block in body.blocks:
        if block.kind == "target" and block.labels:
            declared.setdefault(block.labels[0], {}).update(block.body.attributes)
    for name, attributes in declared.items():
        try:
            matrix = attributes["matrix"](scope) if "matrix" in attributes else {}
            for row in itertools.islice(itertools.product(*_columns(matrix)), MOST_ROWS):
                inner = within(scope, dict(zip(matrix, row, strict=True)))
                called = text_of(attributes["name"](inner)) if matrix and "name" in attributes else name
                yield (called, _Target(attributes, inner))
        except (UnknownError, RecursionError) as error:
            say(f"target {name!r}: matrix: {error}")


def _columns(matrix: object) -> list[list[Any]]:
    if not isinstance(matrix, Mapping) or not all(isinstance(column, list) for column in matrix.values()):
        raise UnknownError("lists by name are expected")
    return list(matrix.values())


def _texts(target: _Target, key: str, name: str, say: Say) -> list[str]:
    if key not in target.attributes:
        return []
    try:
        value = target.attributes[key](target.scope)
        return [value] if isinstance(value, str) else [text_of(each) for each in value or ()]
    except (UnknownError, RecursionError, TypeError) as error:
        say(f"target {name!r}: {key}: {error}")
        return []


class _Globals:
    """The names that a file declares: variables, attributes at the top, functions.

    The environment has the last word on variables.
    """

    def __init__(self, body: Body, environment: Mapping[str, str]) -> None:
        self.attributes = body.attributes
        self.variables = {block.labels[0]: block for block in body.blocks if block.kind == "variable" and block.labels}
        self.functions = {block.labels[0]: block for block in body.blocks if block.kind == "function" and block.labels}
        self.environment = environment
        self.asked: list[str] = []

    def scope(self, name: str) -> Any:
        """The value of a name."""
        if name in self.asked:
            raise UnknownError(f"{name} is declared by itself")
        self.asked.append(name)
        try:
            return self.value(name)
        finally:
            self.asked.pop()

    def value(self, name: str) -> Any:
        """The value of a name that is not being asked for already."""
        if name.endswith("()"):
            return self.function(name[:-2])
        if name in self.variables:
            default = self.variables[name].body.attributes.get("default", constant(None))
            if name not in self.environment:
                return default(self.scope)
            return _typed(self.environment[name], default, self.scope)
        if name in self.attributes:
            return self.attributes[name](self.scope)
        raise UnknownError(f"no variable {name} is declared")

    def function(self, name: str) -> Callable[..., Any]:
        """A function that the file defines."""
        block = self.functions.get(name)
        if block is None or "result" not in block.body.attributes or "variadic_params" in block.body.attributes:
            raise UnknownError(f"the function {name}() is not evaluated")
        parameters = block.body.attributes.get("params", constant([]))(lambda word: word)
        result = block.body.attributes["result"]
        return lambda *values: result(within(self.scope, dict(zip(parameters, values, strict=True))))


def _typed(text: str, default: Expression, scope: Scope) -> Any:
    """A value of the environment, of the kind that the default has."""
    try:
        kind = type(default(scope))
    except UnknownError:
        return text
    if kind is bool and text.lower() in ("1", "true", "0", "false"):
        return text.lower() in ("1", "true")
    if kind in (int, float):
        try:
            return float(text) if "." in text else int(text)
        except ValueError:
            return text
    return text


def _body(document: object) -> Body:
    """JSON as if it were HCL."""
    body = Body({}, [])
    if not isinstance(document, dict):
        return body
    for kind, value in document.items():
        if kind in ("target", "variable", "function", "group") and isinstance(value, dict):
            for label, inner in value.items():
                attributes = inner if isinstance(inner, dict) else {}
                body.blocks.append(
                    Block(kind, (label,), Body({name: _expression(each) for name, each in attributes.items()}, []))
                )
        else:
            body.attributes[kind] = _expression(value)
    return body


def _expression(value: object) -> Expression:
    if isinstance(value, str):
        return template(value)
    if isinstance(value, list):
        items = [_expression(each) for each in value]
        return lambda scope: [each(scope) for each in items]
    if isinstance(value, dict):
        return Table([(constant(str(name)), _expression(each)) for name, each in value.items()])
    return constant(value)
