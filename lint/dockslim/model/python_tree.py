"""Python code as a syntax tree, by Python's own parser; code in a newer Python is put into older words."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

from dockslim.later import TYPE_CHECKING, later

if TYPE_CHECKING:
    from typing import Any

__all__ = ["inner", "kind", "tree_of", "walk"]

#: Compile to a syntax tree alone (`ast.PyCF_ONLY_AST`, without the import of `ast`).
ONLY_TREE = 0x400
#: Characters of a file; a tree takes three hundred times as many bytes.
LARGEST = 400_000

#: What Python writes since 3.12 and 3.14, and the same without: parameters of types, exceptions without parentheses.
NEWER = (
    (later(r"(?m)^([ \t]*except\*?[ \t]+)([\w.]+(?:[ \t]*,[ \t]*[\w.]+)+)(?=[ \t]*:)"), r"\1(\2)"),
    (later(r"(?m)^([ \t]*)type[ \t]+(\w+)[ \t]*(?:\[[^\]\n]*\])?[ \t]*=(?!=)"), r"\1\2 ="),
    (later(r"(?m)^([ \t]*(?:async[ \t]+def|def|class)[ \t]+\w+)\[[^()\n]*\](?=[(:])"), r"\1"),
    (later(r"(?m)^([ \t]*(?:async[ \t]+def|def|class)[ \t]+\w+)\[[^\n]*\](?=[(:])"), r"\1"),
)
#: Where a text begins, or a comment, which holds none.
TEXT = later(r"#[^\n]*|\b([rRbBuUfF]{0,2})(\"\"\"|'''|\"|')")


def tree_of(text: str) -> Any:
    """Return the syntax tree; None where this is no Python, or too much of it."""
    if len(text) > LARGEST:
        return None
    text = text.lstrip("\ufeff")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for older in (text, None):
            try:
                return compile(
                    in_older_words(text) if older is None else older, "", "exec", ONLY_TREE, dont_inherit=True
                )
            except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError):
                continue
    return None


def in_older_words(text: str) -> str:
    """Return code as an older Python reads it, every field of a formatted text empty but for a name."""
    for pattern, older in NEWER:
        text = pattern.sub(older, text)
    pieces: list[str] = []
    at = 0
    while (found := TEXT.search(text, at)) is not None:
        prefix, quote = found[1] or "", found[2]
        pieces.append(text[at : found.end()])
        at = found.end()
        if quote is None:
            continue
        formatted, start = "f" in prefix.lower(), at
        while at < len(text) and not text.startswith(quote, at):
            if text[at] == "\\":
                at += 1 if formatted and text.startswith("{", at + 1) else 2
            elif formatted and text.startswith("{{", at):
                at += 2
            elif formatted and text[at] == "{":
                pieces.append(text[start:at])
                at = start = end_of_field(text, at)
                pieces.append("{_}")
            elif text[at] == "\n" and len(quote) == 1:
                break
            else:
                at += 1
        pieces.append(text[start : at + len(quote)])
        at += len(quote)
    return "".join([*pieces, text[at:]])


def end_of_field(text: str, at: int) -> int:
    """Return where a field of a formatted text ends, behind its brace."""
    depth = 0
    while at < len(text):
        letter = text[at]
        if letter in "{[(":
            depth += 1
        elif letter in "}])":
            depth -= 1
            if depth == 0:
                return at + 1
        elif letter in "\"'":
            end = text.find(letter, at + 1)
            at = end if end >= 0 else len(text)
        at += 1
    return at


def walk(tree: Any) -> Iterator[Any]:
    """Yield every node, in the order of the code."""
    todo = [tree]
    while todo:
        node = todo.pop()
        yield node
        todo += reversed(inner(node))


def inner(node: Any) -> list[Any]:
    """Return the nodes right below one."""
    found: list[Any] = []
    for field in node._fields:
        value = getattr(node, field, None)
        if isinstance(value, list):
            found += [each for each in value if hasattr(each, "_fields")]
        elif hasattr(value, "_fields"):
            found.append(value)
    return found


def kind(node: Any) -> str:
    """Return the name of a node's class, as `ast` calls it."""
    return type(node).__name__
