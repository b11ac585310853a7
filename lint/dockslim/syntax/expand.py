"""Variable expansion as BuildKit does it; a value that is not known stays unknown."""

from __future__ import annotations

import enum
import fnmatch
import re
from collections.abc import Callable

__all__ = ["UNSET", "Lookup", "Unset", "expand", "variables_in"]


class Unset(enum.Enum):
    """The type of UNSET: nobody set the variable."""

    UNSET = "unset"


UNSET = Unset.UNSET
Lookup = Callable[[str], "str | None | Unset"]


class Unknown(Exception):
    """A value in the word is not known."""


def expand(text: str, lookup: Lookup, escape: str = "\\") -> str | None:
    """Return a word with quotes gone and variables put in; None where a value is unknown."""
    try:
        return "".join(pieces(text, lookup, escape))
    except Unknown:
        return None


def pieces(text: str, lookup: Lookup, escape: str) -> list[str]:
    out: list[str] = []
    at, quoted = 0, False
    while at < len(text):
        letter = text[at]
        if letter == "'" and not quoted:
            end = text.find("'", at + 1)
            end = len(text) if end < 0 else end
            out.append(text[at + 1 : end])
            at = end + 1
        elif letter == '"':
            quoted = not quoted
            at += 1
        elif letter == escape and at + 1 < len(text):
            following = text[at + 1]
            if quoted and following not in '"$' + escape:
                out.append(letter)
            out.append(following)
            at += 2
        elif letter == "$":
            value, at = dollar(text, at, lookup, escape)
            out.append(value)
        else:
            out.append(letter)
            at += 1
    return out


NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|[0-9@*#?!-]")


def dollar(text: str, at: int, lookup: Lookup, escape: str) -> tuple[str, int]:
    if text[at + 1 : at + 2] == "{":
        end = closing(text, at + 2, escape)
        if end < 0:
            raise Unknown
        return braces(text[at + 2 : end], lookup, escape), end + 1
    match = NAME.match(text, at + 1)
    if match is None:
        return "$", at + 1
    value = lookup(match[0])
    if value is None:
        raise Unknown
    return ("" if isinstance(value, Unset) else value), match.end()


def closing(text: str, at: int, escape: str) -> int:
    depth = 1
    while at < len(text):
        if text[at] == escape:
            at += 1
        elif text[at] == "}":
            depth -= 1
            if not depth:
                return at
        elif text.startswith("${", at):
            depth += 1
            at += 1
        at += 1
    return -1


def braces(inner: str, lookup: Lookup, escape: str) -> str:
    match = re.match(r"([A-Za-z_][A-Za-z0-9_]*)(.*)$", inner, re.DOTALL)
    if match is None:
        raise Unknown
    value, rest = lookup(match[1]), match[2]
    if not rest:
        if value is None:
            raise Unknown
        return "" if isinstance(value, Unset) else value
    colon = rest.startswith(":")
    operator, word = (rest[1:2], rest[2:]) if colon else (rest[:1], rest[1:])
    if operator in "-+?" and operator:
        if value is None:
            raise Unknown
        there = not isinstance(value, Unset) and (bool(value) or not colon)
        if operator == "+":
            return "".join(pieces(word, lookup, escape)) if there else ""
        if there:
            return str(value)
        if operator == "?":
            raise Unknown
        return "".join(pieces(word, lookup, escape))
    if value is None:
        raise Unknown
    text = "" if isinstance(value, Unset) else value
    if colon or operator not in ("#", "%", "/"):
        raise Unknown
    longest = rest.startswith(operator * 2)
    pattern = rest[2:] if longest else rest[1:]
    if operator == "/":
        wanted, _, new = pattern.partition("/")
        regex = fnmatch.translate("".join(pieces(wanted, lookup, escape)))[4:-3]
        return re.sub(regex, lambda _: new, text, count=0 if longest else 1)
    pattern = "".join(pieces(pattern, lookup, escape))
    lengths = range(len(text) + 1)
    if operator == "#":
        found = [n for n in lengths if fnmatch.fnmatchcase(text[:n], pattern)]
        return text[(max(found) if longest else min(found)) :] if found else text
    found = [n for n in lengths if fnmatch.fnmatchcase(text[n:], pattern)]
    return text[: (min(found) if longest else max(found))] if found else text


def variables_in(text: str) -> tuple[str, ...]:
    """Return the names of the variables that a word uses."""
    return tuple(dict.fromkeys(re.findall(r"(?<!\\)\$\{?([A-Za-z_][A-Za-z0-9_]*)", text)))
