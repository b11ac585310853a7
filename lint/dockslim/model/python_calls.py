"""The command lines that Python code starts, by what the code says: Python's own parser reads it, nothing runs."""

from __future__ import annotations

import re
import shlex
import warnings
from collections.abc import Iterator

from dockslim.later import TYPE_CHECKING, later

if TYPE_CHECKING:
    from typing import Any

__all__ = ["UNKNOWN", "commands"]

#: What stands in a command line for words and parts of words that the code makes while it runs.
UNKNOWN = "$_"
#: Compile to a syntax tree alone (`ast.PyCF_ONLY_AST`, without the import of `ast`).
ONLY_TREE = 0x400

#: Callables that start a program, by their full name.  One command line, or a list of words, comes first.
LINES = frozenset(
    [
        *(f"os.{name}" for name in ("system", "popen", "execv", "execvp", "execve", "execvpe", "startfile")),
        *(f"os.{name}" for name in ("posix_spawn", "posix_spawnp", "popen2", "popen3", "popen4")),
        *(f"subprocess.{name}" for name in ("run", "call", "getoutput", "getstatusoutput")),
        *(f"subprocess.{name}" for name in ("Popen", "check_call", "check_output")),
        *(f"commands.{name}" for name in ("getoutput", "getstatusoutput")),
        "shutil.which", "distutils.spawn.find_executable", "distutils.spawn.spawn", "pty.spawn",
        "pexpect.spawn", "pexpect.run", "pexpect.runu", "pexpect.spawnu", "delegator.run", "envoy.run", "invoke.run",
        "fabric.api.local", "fabric.operations.local", "sarge.run", "wexpect.spawn", "plumbum.local",
    ]
)  # fmt: skip
#: The same; what is called stands behind the mode.
SECOND = frozenset(f"os.{name}" for name in ("spawnv", "spawnve", "spawnvp", "spawnvpe"))
#: Every argument is a word; of the `spawn` ones the first is a mode.
WORDS = frozenset(f"os.{name}" for name in ("execl", "execle", "execlp", "execlpe"))
SPAWNS = frozenset(f"os.{name}" for name in ("spawnl", "spawnle", "spawnlp", "spawnlpe"))
#: Names that say enough, whatever object they are asked of.
ANYWHERE = {
    "Popen": "line", "check_call": "line", "check_output": "line", "getstatusoutput": "line",
    "create_subprocess_exec": "words", "create_subprocess_shell": "line", "run_process": "line",
}  # fmt: skip
#: What Python writes since 3.12 and 3.14, and the same without: parameters of types, exceptions without parentheses.
NEWER = (
    (later(r"(?m)^(\s*except\*?[ \t]+)([\w.]+(?:[ \t]*,[ \t]*[\w.]+)+)(?=[ \t]*:)"), r"\1(\2)"),
    (later(r"(?m)^(\s*)type[ \t]+(\w+)[ \t]*(?:\[[^\]\n]*\])?[ \t]*=(?!=)"), r"\1\2 ="),
    (later(r"(?m)^(\s*(?:async[ \t]+def|def|class)[ \t]+\w+)\[(?:[^\[\]]|\[(?:[^\[\]]|\[[^\[\]]*\])*\])*\]"), r"\1"),
)
#: A text with expressions in it, which may hold the same quotes since 3.12; so many lines with such are passed over.
FORMATTED = later(r"\b[rR]?[fF][rR]?(?!\"{3}|'{3})([\"']).*\1")
MOST_LINES = 50
#: Packages whose every name is a program.
PROGRAMS = ("sh.", "plumbum.cmd.")
#: How many meanings of one expression are followed, how deep, and how many expressions for one call.
MOST, DEEPEST, ENOUGH = 8, 8, 400


def commands(text: str) -> tuple[str, ...] | None:
    """Return the command lines, as a shell would read them, in the order of the code; None where it is no Python 3.

    What is not known of one is written `UNKNOWN`, alone or as a part of a word.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            nodes = list(walk(tree_of(text)))
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError):
        return None
    reader = Reader(nodes)
    return tuple(dict.fromkeys(line for node in nodes for line in reader.started(node)))


def tree_of(text: str) -> Any:
    """Return the syntax tree; what a newer Python than this one may write is put into older words where it stands.

    Raises what `compile` raises.
    """
    try:
        return compile(text, "<source>", "exec", ONLY_TREE, dont_inherit=True)
    except SyntaxError:
        for pattern, older in NEWER:
            text = pattern.sub(older, text)
    lines = text.split("\n")
    for _ in range(MOST_LINES):
        try:
            return compile("\n".join(lines), "<source>", "exec", ONLY_TREE, dont_inherit=True)
        except SyntaxError as error:
            at = (error.lineno or 0) - 1
            older = FORMATTED.sub(f'"{UNKNOWN}"', lines[at]) if 0 <= at < len(lines) else ""
            if not older or older == lines[at]:
                raise
            lines[at] = older
    raise SyntaxError("too many lines that this Python does not read")


def walk(tree: Any) -> Iterator[Any]:
    """Yield every node, in the order of the code."""
    todo = [tree]
    while todo:
        node = todo.pop()
        yield node
        inner: list[Any] = []
        for field in node._fields:
            value = getattr(node, field, None)
            if isinstance(value, list):
                inner += [each for each in value if hasattr(each, "_fields")]
            elif hasattr(value, "_fields"):
                inner.append(value)
        todo += reversed(inner)


def kind(node: Any) -> str:
    return type(node).__name__


class Reader:
    """What the names of one module mean: modules by another name, and texts and lists that were given a name."""

    def __init__(self, nodes: list[Any]) -> None:
        self.left = ENOUGH
        self.imported: dict[str, str] = {}
        self.values: dict[str, list[Any]] = {}
        for node in nodes:
            name = kind(node)
            if name == "Import":
                for alias in node.names:
                    if alias.asname:
                        self.imported[alias.asname] = alias.name
            elif name == "ImportFrom" and node.module and not node.level:
                for alias in node.names:
                    self.imported[alias.asname or alias.name] = f"{node.module}.{alias.name}"
            elif name == "Assign":
                for target in node.targets:
                    self.note(target, node.value)
            elif name in ("AnnAssign", "NamedExpr") and node.value is not None:
                self.note(node.target, node.value)

    def note(self, target: Any, value: Any) -> None:
        key = target.id if kind(target) == "Name" else f".{target.attr}" if kind(target) == "Attribute" else None
        if key is not None:
            self.values.setdefault(key, []).append(value)

    def of_attribute(self, name: str) -> list[Any]:
        return [*self.values.get(f".{name}", ()), *self.values.get(name, ())]

    def dotted(self, node: Any) -> str | None:
        """Return the full name of what an expression names: `sp.run` is `subprocess.run` after its import."""
        parts: list[str] = []
        while kind(node) == "Attribute":
            parts.append(node.attr)
            node = node.value
        if kind(node) != "Name":
            return ".".join(["", *reversed(parts)]) if parts else None
        return ".".join([self.imported.get(node.id, node.id), *reversed(parts)])

    def started(self, node: Any) -> Iterator[str]:
        """Yield the command lines that a node starts."""
        if kind(node) == "Subscript" and self.dotted(node.value) == "plumbum.local":
            yield from self.lines(node.slice)
        if kind(node) != "Call":
            return
        self.left = ENOUGH
        name = self.dotted(node.func) or ""
        last = name.rpartition(".")[2]
        named = [each.value for each in node.keywords if each.arg in ("args", "cmd", "command")]
        arguments = [*node.args, *(named if not node.args else ())]
        how = ANYWHERE.get(last)
        if name.startswith(PROGRAMS):
            program = shlex.quote(name[len(next(filter(name.startswith, PROGRAMS))) :])
            yield from (f"{program} {rest}".rstrip() for rest in self.words(arguments))
        elif name in WORDS or how == "words":
            yield from self.words([*arguments[:1], *arguments[2:]] if name in WORDS else arguments)
        elif name in SPAWNS:
            yield from self.words([*arguments[1:2], *arguments[3:]])
        elif name in LINES or name in SECOND or how == "line":
            first = 1 if name in SECOND else 0
            given = arguments[first : first + 2]
            if not given:
                yield UNKNOWN
            elif name.startswith(("os.exec", "os.spawn", "os.posix_spawn", "pexpect.")) and len(given) == 2:
                if kind(given[1]) in ("List", "Tuple"):  # with the program's own name as its first word
                    own = 0 if name.startswith("pexpect.") else 1
                    yield from self.words([given[0], *given[1].elts[own:]])
                else:
                    yield from self.lines(given[0])
            else:
                yield from self.lines(given[0])

    def lines(self, node: Any) -> Iterator[str]:
        """Yield what a command line may be."""
        found = self.meanings(node)
        yield from found if found else (UNKNOWN,)

    def words(self, nodes: list[Any], depth: int = 0) -> Iterator[str]:
        """Yield the command line of a list of words, once for each meaning of the first."""
        firsts = self.meanings(nodes[0], depth + 1) if nodes and kind(nodes[0]) != "Starred" else []
        rest = [self.word(each, depth) for each in nodes[1:]]
        for first in firsts or [UNKNOWN]:
            yield " ".join([quoted(first), *rest])

    def word(self, node: Any, depth: int) -> str:
        """Return one word of a list, or the words of a list within it."""
        starred = kind(node) == "Starred"
        found = self.meanings(node.value if starred else node, depth + 1)
        return UNKNOWN if len(found) != 1 else found[0] if starred else quoted(found[0])

    def meanings(self, node: Any, depth: int = 0) -> list[str]:
        """Return the texts that an expression may be, a list of words as a command line; none where it is not known."""
        self.left -= 1
        if depth > DEEPEST or self.left < 0:
            return []
        name = kind(node)
        if name == "Constant":
            value = node.value.decode("latin-1") if isinstance(node.value, bytes) else node.value
            return [value] if isinstance(value, str) else [str(value)] if isinstance(value, int | float) else []
        if name == "JoinedStr":
            return ["".join(part.value if kind(part) == "Constant" else UNKNOWN for part in node.values)]
        if name in ("List", "Tuple"):
            return list(self.words(node.elts, depth + 1))[:MOST] if node.elts else []
        if name == "IfExp":
            return [*self.meanings(node.body, depth + 1), *self.meanings(node.orelse, depth + 1)][:MOST]
        if name == "BoolOp":
            return [text for value in node.values for text in self.meanings(value, depth + 1)][:MOST]
        if name == "BinOp":
            return self.joined(node, depth)
        if name == "Call":
            return self.called(node, depth)
        if name in ("Name", "Attribute"):
            if self.dotted(node) == "sys.executable":
                return ["python"]
            # an attribute is set in a method, or named in its class
            values = self.values.get(node.id, []) if name == "Name" else self.of_attribute(node.attr)
            return [text for value in values for text in self.meanings(value, depth + 1)][:MOST]
        return []

    def joined(self, node: Any, depth: int) -> list[str]:
        """Return what two expressions with an operator between them may be."""
        left = self.meanings(node.left, depth + 1)
        operator = kind(node.op)
        if operator == "Mod":
            return [re.sub(r"%(\(\w+\))?[-#0 +]*[\d*]*(\.\d+)?[a-zA-Z]", UNKNOWN, text) for text in left]
        if operator == "Add":
            right = self.meanings(node.right, depth + 1)
            gap = " " if "List" in (kind(node.left), kind(node.right)) else ""
            return [f"{one}{gap}{two}" for one in left or [UNKNOWN] for two in (right or [UNKNOWN])[:1]][:MOST]
        if operator == "Div":  # a path
            return [f"{one}/{two}" for one in left or [UNKNOWN] for two in self.meanings(node.right, depth + 1)][:MOST]
        return []

    def called(self, node: Any, depth: int) -> list[str]:
        """Return what a call may give: what splits, joins, fills in or quotes a text."""
        if kind(node.func) == "Attribute":
            attribute, of = node.func.attr, node.func.value
            if attribute == "format":
                return [re.sub(r"\{[^{}]*\}", UNKNOWN, text) for text in self.meanings(of, depth + 1)]
            if attribute in ("split", "strip", "rstrip", "lstrip", "encode") and self.dotted(of) != "shlex":
                return self.meanings(of, depth + 1)
            if attribute == "join" and kind(of) == "Constant" and of.value == " " and node.args:
                return [text.replace("'", "") for text in self.meanings(node.args[0], depth + 1)]
        name = self.dotted(node.func)
        if name in (
            "shlex.split",
            "shlex.join",
            "list",
            "tuple",
            "str",
            "os.fspath",
            "pathlib.Path",
            "textwrap.dedent",
        ):
            return self.meanings(node.args[0], depth + 1) if node.args else []
        if name == "os.path.join" and node.args:
            return [f"{UNKNOWN}/{text}" for text in self.meanings(node.args[-1], depth + 1)]
        return []


def quoted(text: str) -> str:
    """Return a word as it is written for a shell; what is not known of it stays to be filled in."""
    return UNKNOWN.join(shlex.quote(part) if part else "" for part in text.split(UNKNOWN)) or "''"
