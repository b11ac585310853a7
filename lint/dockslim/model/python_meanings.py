"""What the names and expressions of Python code mean, as far as its text tells: modules, texts, lists of words."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator

from dockslim.later import TYPE_CHECKING, later
from dockslim.model.python_tree import kind

if TYPE_CHECKING:
    from typing import Any

__all__ = ["ENOUGH", "LONGEST", "MANY", "MOST", "UNKNOWN", "Meanings"]

#: What stands in a command line for a word that the code makes while it runs; for a part of a word, `PART`.
UNKNOWN, PART = "$_", "_"

#: Modules of which a name counts whoever imported it, that it may be read without the imports around it.
KNOWN = frozenset({"os", "subprocess", "asyncio", "shutil", "pexpect", "pty"})
#: How many meanings of one expression are followed, how deep, how many expressions for one call, of one name, and how
#: long a command line may be.
MOST, DEEPEST, ENOUGH, MANY, LONGEST = 12, 8, 300, 40, 2_000
#: What is not known, as a part of a word.
GLUED = later(r"(?<=[\w.+-])\$_|\$_(?=[\w.+-])")
#: Methods that leave a text as it is, for what is asked here.
ALIKE = frozenset("copy encode lower lstrip replace rstrip split strip".split())
#: How a text is filled in.
PERCENT = later(r"%(?:\(\w+\))?[-#+ 0]{0,5}[\d*]{0,9}(?:\.\d{0,9})?[a-zA-Z]")
BRACES = later(r"\{([^{}]{0,200})\}")


class Meanings:
    """What the names of one module mean: modules by another name, and texts and lists that were given a name."""

    def __init__(self, nodes: list[Any]) -> None:
        self.left = ENOUGH
        self.imported: dict[str, list[str]] = {}
        self.values: dict[str, list[Any]] = {}
        self.more: dict[str, list[Any]] = {}
        for node in nodes:
            getattr(self, f"_note_{kind(node)}", noted_nowhere)(node)

    def _note_Import(self, node: Any) -> None:  # noqa: N802 - named as `ast` names its classes
        for alias in node.names:
            name = alias.asname or alias.name.partition(".")[0]
            self.imported.setdefault(name, []).append(alias.name if alias.asname else name)

    def _note_ImportFrom(self, node: Any) -> None:  # noqa: N802
        module = f".{node.module or ''}" if node.level else node.module or ""
        for alias in node.names:
            self.imported.setdefault(alias.asname or alias.name, []).append(f"{module}.{alias.name}")

    def _note_Assign(self, node: Any) -> None:  # noqa: N802
        for target in node.targets:
            self.note(self.values, target, node.value)

    def _note_AnnAssign(self, node: Any) -> None:  # noqa: N802
        if node.value is not None:
            self.note(self.values, node.target, node.value)

    _note_NamedExpr = _note_AnnAssign  # noqa: N815

    def _note_AugAssign(self, node: Any) -> None:  # noqa: N802
        if kind(node.op) == "Add":
            self.note(self.more, node.target, node.value)

    def _note_Call(self, node: Any) -> None:  # noqa: N802
        if kind(node.func) == "Attribute" and node.func.attr in ("append", "extend") and len(node.args) == 1:
            self.note(self.more, node.func.value, node.args[0])

    def _note_FunctionDef(self, node: Any) -> None:  # noqa: N802
        arguments = node.args
        plain = [*arguments.posonlyargs, *arguments.args]
        pairs = [*zip(plain[len(plain) - len(arguments.defaults) :], arguments.defaults, strict=True)]
        for argument, value in [*pairs, *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)]:
            noted = self.values.setdefault(argument.arg, [])
            if value is not None and len(noted) < MANY:
                noted.append(value)

    _note_AsyncFunctionDef = _note_Lambda = _note_FunctionDef  # noqa: N815

    def note(self, where: dict[str, list[Any]], target: Any, value: Any) -> None:
        """Note a value of a name."""
        key = target.id if kind(target) == "Name" else f".{target.attr}" if kind(target) == "Attribute" else None
        if key is not None:
            noted = where.setdefault(key, [])
            if len(noted) < MANY:
                noted.append(value)

    # ------------------------------------------------------------------------------------ names

    def names(self, node: Any, depth: int = 0) -> list[str]:
        """Return the full names of what an expression may name: `sp.run` is `subprocess.run` after its import."""
        parts: list[str] = []
        while kind(node) == "Attribute":
            parts.append(node.attr)
            node = node.value
        called = getattr(node.func, "id", getattr(node.func, "attr", "")) if kind(node) == "Call" and node.args else ""
        if called in ("__import__", "import_module"):
            roots = self.meanings(node.args[0], depth + 1) or [""]
        elif called == "getattr":
            roots = self.got(node, depth + 1)
        elif kind(node) == "Name":
            roots = list(self.imported.get(node.id, ()))
            stars = [each[:-1] + node.id for each in self.imported.get("*", ()) if not each.startswith(".")]
            roots += stars if not roots else []
            for value in self.values.get(node.id, ())[:MOST] if depth < 3 else ():
                if kind(value) in ("Attribute", "Name", "Call"):  # run = subprocess.run
                    roots += self.names(value, depth + 1)
            if not roots and node.id in KNOWN:
                roots = [node.id]
            roots = roots or [f"?{node.id}"]
        else:
            roots = [""]
        return [plain_name(".".join([root, *reversed(parts)])) for root in roots]

    def got(self, node: Any, depth: int) -> list[str]:
        """Return what `getattr(os, "system")` names."""
        attributes = self.meanings(node.args[1], depth) if len(node.args) > 1 else []
        return [f"{name}.{each}" for name in self.names(node.args[0], depth) for each in attributes] or [""]

    def lines(self, node: Any) -> Iterator[str]:
        """Yield what a command line may be."""
        for text in self.meanings(node) or (UNKNOWN,):
            yield GLUED.sub(PART, text)

    def words(self, nodes: Iterable[Any], depth: int = 0) -> Iterator[str]:
        """Yield the command line of a list of words, once for each meaning of the first."""
        nodes = list(nodes)
        firsts = self.word(nodes[0], depth) if nodes else []
        rest = [found[0] if len(found) == 1 else UNKNOWN for found in (self.word(each, depth) for each in nodes[1:])]
        for first in firsts or [UNKNOWN]:
            yield " ".join([first, *rest])

    def word(self, node: Any, depth: int) -> list[str]:
        """Return what one word of a list may be, or the words of a list within it, as a shell reads them."""
        if kind(node) == "Starred":
            return self.meanings(node.value, depth + 1)
        return [quoted(text) for text in self.meanings(node, depth + 1)]

    def meanings(self, node: Any, depth: int = 0) -> list[str]:
        """Return the texts that an expression may be, a list of words as a command line; none where it is not known."""
        self.left -= 1
        if depth > DEEPEST or self.left < 0:
            return []
        found: list[str] = getattr(self, f"_of_{kind(node)}", nothing)(node, depth + 1)
        return [text for text in dict.fromkeys(found) if len(text) < LONGEST][:MOST]

    def _of_Constant(self, node: Any, depth: int) -> list[str]:  # noqa: N802
        value = node.value.decode("latin-1") if isinstance(node.value, bytes) else node.value
        return [str(value)] if isinstance(value, str | int | float) else []

    def _of_JoinedStr(self, node: Any, depth: int) -> list[str]:  # noqa: N802
        return ["".join(self.filling(getattr(part, "value", part), depth) for part in node.values)]

    def _of_List(self, node: Any, depth: int) -> list[str]:  # noqa: N802
        return list(self.words(node.elts[:MANY], depth)) if node.elts else []

    _of_Tuple = _of_List  # noqa: N815

    def _of_IfExp(self, node: Any, depth: int) -> list[str]:  # noqa: N802
        return [*self.meanings(node.body, depth), *self.meanings(node.orelse, depth)]

    def _of_BoolOp(self, node: Any, depth: int) -> list[str]:  # noqa: N802
        return [text for value in node.values for text in self.meanings(value, depth)]

    def _of_Name(self, node: Any, depth: int) -> list[str]:  # noqa: N802
        if "sys.executable" in self.names(node, depth):
            return ["python"]
        return self.named(node.id, self.values.get(node.id, []), depth)

    def _of_Attribute(self, node: Any, depth: int) -> list[str]:  # noqa: N802
        if kind(node.value) == "Name" and f"{node.value.id}.{node.attr}" == "sys.executable":
            return ["python"]
        # an attribute is set in a method, or named in its class
        values = [*self.values.get(f".{node.attr}", ()), *self.values.get(node.attr, ())]
        return self.named(f".{node.attr}", values, depth)

    def _of_Subscript(self, node: Any, depth: int) -> list[str]:  # noqa: N802
        if "os.environ" in self.names(node.value, depth):
            return [f"${text}" for text in self.meanings(node.slice, depth) if text.isidentifier()]
        return []

    def _of_BinOp(self, node: Any, depth: int) -> list[str]:  # noqa: N802
        operator = kind(node.op)
        left = self.meanings(node.left, depth)
        if operator == "Mod":
            given = node.right.elts if kind(node.right) == "Tuple" else [node.right]
            return [self.filled(PERCENT, text, given, depth) for text in left]
        if operator not in ("Add", "Div"):
            return []
        right = (self.meanings(node.right, depth) or [UNKNOWN])[:1]
        gap = "/" if operator == "Div" else " " if "List" in (kind(node.left), kind(node.right)) else ""
        return [f"{one}{gap}{two}" for one in left or [UNKNOWN] for two in right]

    def _of_Call(self, node: Any, depth: int) -> list[str]:  # noqa: N802
        """Return what a call may give: what splits, joins, fills in or quotes a text, or asks the environment."""
        if kind(node.func) == "Attribute":
            attribute, of = node.func.attr, node.func.value
            if attribute == "format":
                return [self.filled(BRACES, text, node.args, depth, node.keywords) for text in self.meanings(of, depth)]
            if attribute == "join" and kind(of) == "Constant" and isinstance(of.value, str) and node.args:
                if kind(node.args[0]) in ("List", "Tuple"):
                    return [of.value.join(self.filling(each, depth) for each in node.args[0].elts[:MANY])]
                return [text.replace("'", "") for text in self.meanings(node.args[0], depth)]
            if attribute in ALIKE and getattr(of, "id", "") not in self.imported:
                return self.meanings(of, depth)
        name = next(iter(self.names(node.func, depth)))
        first = self.meanings(node.args[0], depth) if node.args else []
        if name in ("os.environ.get", "os.getenv", "sysconfig.get_config_var"):
            default = self.meanings(node.args[1], depth) if len(node.args) > 1 else []
            return [*(f"${text}" for text in first if text.isidentifier()), *default]
        if name == "os.path.join" and node.args:
            return [f"{PART}/{text}" for text in self.meanings(node.args[-1], depth)]
        taken = ("shlex.split", "shlex.join", "?list", "?tuple", "?str", "os.fspath", "pathlib.Path", "textwrap.dedent")
        return first if name in taken else []

    def named(self, name: str, values: list[Any], depth: int) -> list[str]:
        """Return what a name may mean: each value that it is given, with all that is put behind it."""
        found = [text for value in values for text in self.meanings(value, depth)] if self.left > 0 else []
        added = [text for value in self.more.get(name, ()) for text in (self.meanings(value, depth) or [UNKNOWN])[:1]]
        return [" ".join([text, *added]) for text in found] if added else found

    def filling(self, node: Any, depth: int) -> str:
        """Return what is put into a text."""
        if isinstance(node, str):
            return node
        found = self.meanings(node, depth)
        return found[0] if len(found) == 1 else UNKNOWN

    def filled(
        self, pattern: re.Pattern[str], text: str, given: list[Any], depth: int, named: Iterable[Any] = ()
    ) -> str:
        """Return a text with its places filled in, in their order or by their names."""
        keywords = {each.arg: each.value for each in named}
        order = iter(given)

        def fill(match: re.Match[str]) -> str:
            key = match[1] if match.re.groups else ""
            node = keywords.get(key) if key else next(order, None)
            if key.isdigit() and int(key) < len(given):
                node = given[int(key)]
            return self.filling(node, depth) if node is not None and kind(node) != "Starred" else UNKNOWN

        return pattern.sub(fill, text)


def noted_nowhere(node: Any) -> None:
    """What a node tells of names that is none of those above."""


def nothing(node: Any, depth: int) -> list[str]:
    """What an expression means that is none of those above."""
    return []


def plain_name(name: str) -> str:
    """Return a name of a standard module that another one brings along: `gevent.subprocess.run`."""
    package, dot, rest = name.partition(".")
    if package == "subprocess32":
        return f"subprocess{dot}{rest}"
    return rest if package in ("gevent", "eventlet", "six") and rest.partition(".")[0] in KNOWN else name


def quoted(text: str) -> str:
    """Return a word as it is written for a shell; a part that is not known becomes a plain one."""
    return UNKNOWN if text == UNKNOWN else shlex.quote(text.replace(UNKNOWN, PART))
