"""Reading a script with tree-sitter-bash: its tree into statements and commands.

The tree is walked with a list of what is still to be read in the place of recursion, so nesting may be as deep as it
likes.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable

from dockslim.later import TYPE_CHECKING, later

from .joined import Joined
from .lists import REDIRECTS, Element, Setting, certainty, flatten, members
from .shell import Assignment, Command, Redirect, Runs, Script, ShellWord, Statement
from .shell_heredocs import ShellHeredoc, take_out
from .wrappers import NOTABLE, SHELLS, unwrap

if TYPE_CHECKING:
    from typing import Any

    from tree_sitter import Node, Parser

__all__ = ["read_script"]

KINDS = {
    "command": "command",
    "declaration_command": "command",
    "unset_command": "command",
    "pipeline": "pipeline",
    "subshell": "subshell",
    "compound_statement": "group",
    "if_statement": "if",
    "for_statement": "for",
    "c_style_for_statement": "for",
    "while_statement": "while",
    "case_statement": "case",
    "function_definition": "function",
    "variable_assignment": "assignment",
    "variable_assignments": "assignment",
    "test_command": "test",
}
SIMPLE = frozenset({"command", "declaration_command", "unset_command", "test_command"})
SUBSTITUTIONS = frozenset({"command_substitution", "process_substitution"})
BRACES = later(r"(?<!\$)\{[^{}'\"\s]*(?:,|\.\.)[^{}'\"\s]*\}")
QUOTED = later(r"'[^']*'|\"[^\"]*\"|\$\{[^}]*\}")
SUBSTITUTES = re.compile(r"\$\(|`|[<>]\(|\$'|\$\"|\$\[")

#: Letters that the shell takes for parts of words are one dot each for the parser: every byte is a character then, and
#: there are some beyond ASCII at which it crashes.
STRANGE = re.compile(r"[^\t\n\r -~]")

_parser: Parser | None = None


def parser() -> Parser:
    """Return the parser, made once; importing it takes longer than reading a hundred Dockerfiles."""
    global _parser
    if _parser is None:
        binding = extension("tree_sitter")
        _parser = binding.Parser(binding.Language(extension("tree_sitter_bash").language()))
    return _parser


def extension(package: str) -> Any:
    """The extension module in a package, without the package around it: those import a third of what a check does."""
    known = sys.modules.get(f"{package}._binding")
    if known is not None:  # somebody else has imported it: two copies do not know each other's classes
        return known
    from importlib.machinery import PathFinder

    around = PathFinder.find_spec(package)
    places = around.submodule_search_locations if around is not None else None
    spec = PathFinder.find_spec(f"{package}._binding", places) if places else None
    try:
        if spec is None or spec.loader is None:
            raise ImportError("an unknown layout")
        module = spec.loader.create_module(spec)
        if module is None:
            raise ImportError("not an extension")
        spec.loader.exec_module(module)
    except (ImportError, AttributeError):
        import importlib

        return importlib.import_module(package)
    return module


def read_script(joined: Joined, errexit: bool = False, pipefail: bool = False) -> Script:
    """Read a script; whatever it holds, this raises nothing."""
    script = Script(joined)
    setting = Setting(Runs.ALWAYS, 0, errexit, pipefail)
    Reader(script).run(setting, None)
    return script


class Reader:
    """One reading of one script.  Scripts inside it (`sh -c '...'`) are read by the same reader's ``nested``."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.text = script.text
        self.substituting = SUBSTITUTES.search(self.text) is not None
        self.heredocs: list[ShellHeredoc] = []
        self.found: list[tuple[int, Command]] = []
        self.todo: list[tuple[Node, Setting, int]] = []

    def run(self, setting: Setting, statement: int | None) -> None:
        """Read all of it; ``statement`` is the number of the statement around a nested script."""
        text = self.text
        if "<<" in text:
            text, self.heredocs = take_out(text)
        root = parser().parse(STRANGE.sub(".", text).encode("ascii")).root_node
        if root.has_error:
            self.script.problem = f"not understood as shell: {self.error(root)}"
            return
        if statement is None:
            self.top(root, setting)
        else:
            self.sequence(root, setting, statement)
            self.drain()
        self.found.sort(key=place_of)
        self.script.commands = tuple([command for _, command in self.found])
        self.script.made.sort(key=lambda assignment: assignment.offset)
        if statement is None:
            groups: list[list[Command]] = [[] for _ in self.script.statements]
            for command in self.script.commands:
                groups[command.statement].append(command)
            for each, commands in zip(self.script.statements, groups, strict=False):
                each.commands = tuple(commands)

    # ------------------------------------------------------------------------------------ places

    def span(self, node: Node) -> Any:
        """Return a node's place in the file."""
        return self.script.joined.span(node.start_byte, node.end_byte)

    def raw(self, node: Node) -> str:
        """Return a node's text."""
        return self.text[node.start_byte : node.end_byte]

    def error(self, root: Node) -> str:
        """Return the first piece of text that the parser stumbled over."""
        node = root
        while True:
            inner = next((child for child in node.children if child.has_error or child.is_missing), None)
            if inner is None or node.is_error or inner.is_missing:
                node = inner if inner is not None and inner.is_missing else node
                break
            node = inner
        if node.is_missing:
            return f"{node.type!r} is missing"
        text = " ".join(self.raw(node).split())
        return repr(text if len(text) <= 40 else text[:37] + "...")

    # ------------------------------------------------------------------------------------ lists

    def top(self, root: Node, setting: Setting) -> None:
        """Read the script's own list: its members are the statements."""
        statements: list[Statement] = []
        for element, now in members(root, setting, self.text):
            node = element.node
            operator_span = self.span(element.operator_node) if element.operator_node is not None else None
            kind = KINDS.get(self.core(node).type, "other")
            end = node.end_byte
            if element.redirects:
                end = max([end, *(each.end_byte for each in element.redirects)])
            span = self.script.joined.span(node.start_byte, end)
            statements.append(Statement(span, kind, element.operator, operator_span))
            self.note(element, now, len(statements) - 1)
            self.drain()
        self.script.statements = tuple(statements)

    def sequence(self, node: Node, setting: Setting, statement: int) -> None:
        """Note the members of a list inside something else as still to be read."""
        for element, now in members(node, setting, self.text):
            self.note(element, now, statement)

    def note(self, element: Element, setting: Setting, statement: int) -> None:
        """Note a member of a list as still to be read."""
        if element.redirects:
            setting = self.redirected(setting, element.redirects, statement)
        self.todo.append((element.node, setting, statement))

    def redirected(self, setting: Setting, nodes: Iterable[Node], statement: int) -> Setting:
        """Return the setting of what is redirected; the commands inside the redirections are noted."""
        found = setting.redirects
        for node in nodes:
            found += (Redirect(self.span(node), self.raw(node)),)
            self.substitutions(node, setting, statement)
        return setting._replace(redirects=found)

    def core(self, node: Node) -> Node:
        """Return what is redirected."""
        while node.type == "redirected_statement":
            body = node.child_by_field_name("body")
            if body is None:
                break
            node = body
        return node

    # ------------------------------------------------------------------------------------ one node

    def drain(self) -> None:
        """Read all that is still to be read."""
        while self.todo:
            node, setting, statement = self.todo.pop()
            self.visit(node, setting, statement)

    def visit(self, node: Node, setting: Setting, statement: int) -> None:
        """Read one node; what is in it is noted for later."""
        kind = node.type
        if kind in SIMPLE:
            self.command(node, kind, setting, statement)
        elif kind == "list" or (kind == "redirected_statement" and self.core(node).type == "list"):
            elements = flatten(node)
            for element, sure in zip(elements, certainty(elements, setting.runs, True, self.text), strict=False):
                self.note(element, setting.running(sure), statement)
        elif kind == "redirected_statement":
            inner = self.redirected(setting, [child for child in node.children if child.type in REDIRECTS], statement)
            body = node.child_by_field_name("body")
            if body is not None and body.type == "pipeline":
                self.pipeline(body, setting, inner.redirects, statement)
            elif body is not None:
                self.todo.append((body, inner, statement))
        elif kind in ("variable_assignment", "variable_assignments"):
            self.assign(node, setting.runs is Runs.ALWAYS and setting.depth == 0)
            self.substitutions(node, setting, statement, same=True)
        elif kind == "pipeline":
            self.pipeline(node, setting, setting.redirects, statement)
        elif kind == "negated_command":
            for child in node.children:
                if child.is_named:
                    self.todo.append((child, setting.deeper().running(weaker(setting.runs)), statement))
        elif kind in ("subshell", "compound_statement", "program"):
            self.sequence(node, setting.deeper(), statement)
        else:
            self.compound(node, setting.deeper(), statement)

    def pipeline(self, node: Node, setting: Setting, last: tuple[Redirect, ...], statement: int) -> None:
        """Note the commands of a pipeline; ``last`` are the redirections of the last one."""
        parts = [child for child in node.children if child.is_named and child.type != "comment"]
        deeper = setting.deeper()
        for member in parts:
            now = deeper
            if member is parts[-1]:
                now = deeper._replace(redirects=last)
            elif setting.runs is Runs.ALWAYS and not setting.pipefail:
                now = deeper.running(Runs.MAY_FAIL)
            self.todo.append((member, now, statement))

    def compound(self, node: Node, setting: Setting, statement: int) -> None:
        """Read if, for, while, case and functions: conditions may fail, bodies may not run."""
        body = setting.running(Runs.CONDITIONAL)
        if node.type == "for_statement":
            name = node.child_by_field_name("variable")
            if name is not None:
                self.script.made.append(Assignment(name.start_byte, self.raw(name), None, False))
        conditional = node.type in ("if_statement", "while_statement")
        for at, child in enumerate(node.children):
            if not child.is_named or child.type == "comment":
                continue
            if conditional and node.field_name_for_child(at) == "condition":
                weak = setting.running(weaker(setting.runs))
                elements = flatten(child)
                for element, sure in zip(elements, certainty(elements, weak.runs, False, self.text), strict=True):
                    self.todo.append((element.node, weak.running(sure), statement))
            elif child.type in BODIES:
                if child.type in CLAUSES:
                    self.compound(child, body, statement)
                else:
                    self.sequence(child, body, statement)
            elif child.type in KINDS or child.type in ("redirected_statement", "list", "negated_command"):
                self.todo.append((child, body, statement))
            else:
                self.substitutions(child, setting, statement)

    def assign(self, node: Node, certain: bool) -> None:
        """Note the assignments in a node."""
        for each in [node] if node.type == "variable_assignment" else node.children:
            if each.type != "variable_assignment":
                continue
            name, value = each.child_by_field_name("name"), each.child_by_field_name("value")
            if name is None:
                continue
            word = self.word(value) if value is not None else ShellWord(self.span(each), "")
            plain = any(child.type == "=" for child in each.children) and (value is None or value.type != "array")
            self.script.made.append(Assignment(each.end_byte, self.raw(name), word if plain else None, certain))

    def substitutions(self, node: Node, setting: Setting, statement: int, same: bool = False) -> None:
        """Note the commands in `$(...)`; a failure there goes unnoticed, but in an assignment (``same``)."""
        if not (self.substituting and SUBSTITUTES.search(self.text, node.start_byte, node.end_byte)):
            return
        runs = setting.runs if same else weaker(setting.runs)
        inner = Setting(runs, setting.depth + 1, setting.errexit, setting.pipefail)
        stack = [node]
        while stack:
            each = stack.pop()
            if each.type in SUBSTITUTIONS:
                self.sequence(each, inner, statement)
            else:
                stack += each.children

    def word(self, node: Node) -> ShellWord:
        """Return a word."""
        start, end = node.start_byte, node.end_byte
        place = (self.script.joined, start, end)
        if self.substituting and SUBSTITUTES.search(self.text, start, end) and holds(node, DYNAMIC):
            # Its text is cut out only if asked for: in `$(a $(b ...))` every word holds all those after it.
            return ShellWord(place, None, dynamic=True)
        raw = self.text[start:end]
        braces = "{" in raw and bool(BRACES.search(QUOTED.sub("", raw)))
        return ShellWord(place, raw, braces)

    def command(self, node: Node, kind: str, setting: Setting, statement: int) -> None:
        """Read a simple command."""
        words: list[ShellWord] = []
        nodes: list[Node] = []
        assignments: list[str] = []
        redirects: list[Redirect] = []
        for child in node.children:
            what = child.type
            if what == "variable_assignment" and kind == "command":
                assignments.append(self.raw(child))
            elif what in REDIRECTS:
                redirects.append(Redirect(self.span(child), self.raw(child)))
            elif what != "comment":
                words.append(self.word(child))
                nodes.append(child)
        if kind == "declaration_command":
            self.assign(node, setting.runs is Runs.ALWAYS and setting.depth == 0)
        offset = node.start_byte
        at, more = 0, False
        wrappers: tuple[str, ...] = ()
        name = words[0].value if words else None
        if name and name.rsplit("/", 1)[-1] in NOTABLE:
            values = [word.value for word in words]
            at, wrappers, more = unwrap(values)
            name = values[at] if at < len(values) else None
            program = name.rsplit("/", 1)[-1] if name else ""
            if program in ("source", ".", "eval"):
                self.script.opaque = True
            elif program == "read":
                self.names_read(values[at + 1 :], offset)
            elif program in SHELLS or program in ("su", "runuser"):
                from .nested import nested

                inner = nested(self, node, nodes[at:], values[at:], program, setting, statement, (*wrappers, program))
                if inner is not None:
                    self.found += [(offset, command) for command in inner]
                    return
        command = Command(
            self.script,
            offset,
            self.span(node),
            tuple(words[at:]),
            wrappers,
            tuple(assignments),
            (*setting.redirects, *redirects) if redirects else setting.redirects,
            setting.runs,
            statement,
            setting.depth,
            more,
        )
        self.found.append((offset, command))
        self.substitutions(node, setting, statement)

    def names_read(self, values: list[str | None], offset: int) -> None:
        """Note the variables that `read` sets."""
        for value in values:
            if value and value.isidentifier():
                self.script.made.append(Assignment(offset, value, None, False))


def place_of(found: tuple[int, Command]) -> int:
    return found[0]


def weaker(runs: Runs) -> Runs:
    return Runs.MAY_FAIL if runs is Runs.ALWAYS else runs


def holds(node: Node, types: frozenset[str]) -> bool:
    """Whether a node of one of the types is in ``node``."""
    stack = [node]
    while stack:
        each = stack.pop()
        if each.type in types:
            return True
        stack += each.children
    return False


DYNAMIC = SUBSTITUTIONS | {"arithmetic_expansion", "ansi_c_string", "translated_string"}
CLAUSES = frozenset({"elif_clause", "else_clause", "case_item"})
BODIES = CLAUSES | {"do_group", "compound_statement", "subshell"}
