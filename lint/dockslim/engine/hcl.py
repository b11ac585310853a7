"""HCL, as far as bake files need it: blocks and attributes are read, expressions are kept and evaluated on demand.

A reader of our own: the libraries for it evaluate nothing, and bring compiled parts with them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from dockslim.engine.hcl_cursor import NAME, Cursor
from dockslim.engine.hcl_functions import BINARY, FUNCTIONS, UnknownError, index, limited, text_of
from dockslim.engine.hcl_values import Block, Body, Expression, Scope, Table, constant, within
from dockslim.later import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

__all__ = ["parse", "template"]


def parse(text: str) -> Body:
    """Read a file.  Raises HclError."""
    reader = _Reader(text.removeprefix("\ufeff").replace("\r\n", "\n"))
    return reader.body("")


def template(text: str) -> Expression:
    """The text of a JSON string, in which ``${…}`` and ``%{…}`` mean what they mean in HCL.  Raises HclError."""
    return _Reader(text).template("")


MOST_STEPS = 100_000
_DIGITS = re.compile(r"\d+")
_NUMBER = re.compile(r"\d+(\.\d+)?([eE][+-]?\d+)?")
_HEREDOC = re.compile(r"<<(-?)([\w-]+)\n")
_PLAIN = re.compile(r'(?:[^"\\$%\n]|[$%](?!\{))+')
_PLAIN_IN_TEXT = re.compile(r"(?:[^$%]|[$%](?!\{))+")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_LEVELS = (("||",), ("&&",), ("==", "!="), ("<=", ">=", "<", ">"), ("+", "-"), ("*", "/", "%"))


class _Reader(Cursor):
    """Reads what stands at the cursor.

    What it has read asks for so many names and goes through so many rounds, and no more: a few lines could keep a
    machine busy for days.
    """

    left = MOST_STEPS

    def count(self) -> None:
        """One step more.  Raises UnknownError where there were too many."""
        self.left -= 1
        if self.left < 0:
            raise UnknownError("it takes too many steps to be evaluated")

    def counted(self, expression: Expression) -> Expression:
        """An expression whose evaluation is a step."""

        def count(scope: Scope) -> Any:
            self.count()
            return expression(scope)

        return count

    def body(self, end: str) -> Body:
        found = Body({}, [])
        depth, self.depth = self.depth, 0
        while True:
            self.lines()
            if self.at >= len(self.text):
                if end:
                    raise self.error(f"{end!r} is missing at the end")
                break
            if end and self.take(end):
                break
            name = self.name()
            if self.take("="):
                found.attributes[name] = self.expression()
                if not (self.peek("\n") or (end and self.peek(end)) or self.at >= len(self.text)):
                    raise self.error("the end of the line is expected")
            else:
                labels = []
                while not self.take("{"):
                    labels.append(self.label())
                found.blocks.append(Block(name, tuple(labels), self.body("}")))
        self.depth = depth
        return found

    def label(self) -> str:
        if not self.take('"'):
            return self.name()
        value = self.template('"')
        try:
            return text_of(value(_nothing))
        except UnknownError as error:
            raise self.error("a label is a plain text") from error

    def expression(self) -> Expression:
        condition = self.binary(0)
        if not self.take("?"):
            return condition
        yes = self.expression()
        self.insist(":")
        no = self.expression()
        return lambda scope: yes(scope) if condition(scope) is True else no(scope)

    def binary(self, level: int) -> Expression:
        if level == len(_LEVELS):
            return self.unary()
        left = self.binary(level + 1)
        while sign := next((sign for sign in _LEVELS[level] if self.peek(sign)), None):
            self.at += len(sign)
            left = _applied(BINARY[sign], left, self.binary(level + 1))
        return left

    def unary(self) -> Expression:
        if self.peek("!") and not self.peek("!="):
            self.at += 1
            operand = self.unary()
            return lambda scope: not operand(scope)
        if self.take("-"):
            operand = self.unary()
            return lambda scope: BINARY["-"](0, operand(scope))
        return self.postfix(self.primary())

    def postfix(self, value: Expression) -> Expression:
        while True:
            if self.take("["):
                self.depth += 1
                key = constant(None) if self.take("*") else self.expression()
                self.closed("]")
            elif self.peek(".") and not self.peek("..."):
                self.at += 1
                key = constant(None if self.take("*") else self.number() or self.name())
            else:
                return value
            value = _applied(index, value, key)

    def number(self) -> str | None:
        match = _DIGITS.match(self.text, self.at)
        if match:
            self.at = match.end()
        return match[0] if match else None

    def primary(self) -> Expression:
        self.skip()
        letter = self.text[self.at : self.at + 1]
        if letter == '"':
            self.at += 1
            return self.template('"')
        if letter == "(":
            self.opened("(")
            inner = self.expression()
            self.closed(")")
            return inner
        if letter == "[":
            return self.list()
        if letter == "{":
            return self.object()
        if heredoc := _HEREDOC.match(self.text, self.at):
            return self.heredoc(heredoc)
        if number := _NUMBER.match(self.text, self.at):
            self.at = number.end()
            return constant(float(number[0]) if number[1] or number[2] else int(number[0]))
        return self.variable(self.name())

    def variable(self, name: str) -> Expression:
        constants = {"true": True, "false": False, "null": None}
        if name in constants:
            return constant(constants[name])
        if not self.take("("):
            return self.counted(lambda scope: scope(name))
        self.depth += 1
        arguments: list[Expression] = []
        spread = False
        while not self.take(")"):
            arguments.append(self.expression())
            spread = self.take("...") or spread
            if not self.take(","):
                self.insist(")")
                break
        self.depth -= 1

        def call(scope: Scope) -> Any:
            values = [each(scope) for each in arguments]
            if spread and isinstance(values[-1], list):
                values = [*values[:-1], *values[-1]]
            function = FUNCTIONS.get(name) or scope(f"{name}()")
            try:
                return limited(function(*values))
            except (TypeError, ValueError, LookupError, AttributeError) as error:
                raise UnknownError(f"{name}() is not evaluated for what it is given") from error

        return call

    def list(self) -> Expression:
        self.opened("[")
        if self.word("for"):
            return self.comprehension("]")
        items: list[Expression] = []
        while not self.peek("]"):
            items.append(self.expression())
            if not self.take(","):
                break
        self.closed("]")
        return lambda scope: [each(scope) for each in items]

    def object(self) -> Expression:
        self.opened("{")
        if self.word("for"):
            return self.comprehension("}")
        items: list[tuple[Expression, Expression]] = []
        while not self.peek("}"):
            bare = NAME.match(self.text, self.at)
            key = self.expression()
            if bare and not self.text[bare.end() : self.at].strip():
                key = constant(bare[0])
            if not self.take("="):
                self.insist(":")
            items.append((key, self.expression()))
            self.take(",")
        self.closed("}")
        return Table(items)

    def comprehension(self, end: str) -> Expression:
        names = [self.name()]
        if self.take(","):
            names.append(self.name())
        if not self.word("in"):
            raise self.error("'in' is expected")
        source = self.expression()
        self.insist(":")
        first = self.expression()
        second = self.expression() if end == "}" and self.take("=>") else None
        self.take("...")
        condition = self.expression() if self.word("if") else constant(True)
        self.closed(end)

        def scopes(scope: Scope) -> Iterator[Scope]:
            values = source(scope)
            if not isinstance(values, Mapping | list):
                raise UnknownError("`for` is evaluated over lists and objects only")
            pairs = values.items() if isinstance(values, Mapping) else enumerate(values)
            for key, value in pairs:
                self.count()
                inner = within(scope, dict(zip(names, (key, value) if len(names) == 2 else (value,), strict=True)))
                if condition(inner):
                    yield inner

        if second is None:
            return lambda scope: [first(inner) for inner in scopes(scope)]
        return lambda scope: {text_of(first(inner)): second(inner) for inner in scopes(scope)}

    def heredoc(self, opening: re.Match[str]) -> Expression:
        end = re.compile(rf"^[ \t]*{re.escape(opening[2])}[ \t]*$", re.MULTILINE).search(self.text, opening.end())
        if end is None:
            raise self.error(f"{opening[2]} is missing at the end")
        text = self.text[opening.end() : end.start()]
        self.at = end.end()
        if opening[1]:
            import textwrap

            text = textwrap.dedent(text)
        return template(text)

    def template(self, end: str) -> Expression:
        """A text with ``${…}`` in it, up to ``end``; no escapes are known where there is no end."""
        parts: list[Expression] = []
        plain = _PLAIN if end else _PLAIN_IN_TEXT
        while not (end and self.text.startswith(end, self.at)) and self.at < len(self.text):
            if match := plain.match(self.text, self.at):
                parts.append(constant(match[0]))
                self.at = match.end()
            elif self.text.startswith(("$${", "%%{"), self.at - 1) and parts:
                parts.append(constant("{"))
                self.at += 2
            elif self.text.startswith("${", self.at):
                parts.append(self.interpolation())
            elif self.text.startswith("%{", self.at):
                parts.append(self.directive())
            elif end and self.text.startswith("\\", self.at):
                parts.append(constant(self.escape()))
            else:
                raise self.error("a text ends with its line")
        if end:
            if self.at >= len(self.text):
                raise self.error("a text is not closed")
            self.at += len(end)
        if not parts:
            return constant("")
        if len(parts) == 1:
            return parts[0]
        return lambda scope: limited("".join(text_of(each(scope)) for each in parts))

    def interpolation(self) -> Expression:
        self.at += 2
        self.depth += 1
        self.take("~")
        value = self.expression()
        self.take("~")
        self.closed("}")
        return value

    def directive(self) -> Expression:
        end = self.text.find("}", self.at)
        if end < 0:
            raise self.error("'}' is missing at the end")
        self.at = end + 1
        return _unknown("%{…} in a text")

    def escape(self) -> str:
        letter = self.text[self.at + 1 : self.at + 2]
        size = {"u": 4, "U": 8}.get(letter)
        if size is None:
            if letter not in _ESCAPES:
                raise self.error(f"\\{letter} is no escape")
            self.at += 2
            return _ESCAPES[letter]
        digits = self.text[self.at + 2 : self.at + 2 + size]
        try:
            found = chr(int(digits, 16))
        except (ValueError, OverflowError) as error:
            raise self.error(f"\\{letter}{digits} is no escape") from error
        self.at += 2 + size
        return found


def _applied(function: Callable[[Any, Any], Any], left: Expression, right: Expression) -> Expression:
    return lambda scope: function(left(scope), right(scope))


def _unknown(what: str) -> Expression:
    def refuse(scope: Scope) -> Any:
        raise UnknownError(f"{what} is not evaluated")

    return refuse


def _nothing(name: str) -> Any:
    raise UnknownError(f"{name} is not known")
