"""The shell inside RUN, by tree-sitter-bash; every word keeps its span in the file."""

from __future__ import annotations

import enum
import re
from typing import Any, NamedTuple

from .expand import Lookup, Unset, expand, variables_in
from .joined import Joined
from .span import Span

__all__ = ["Argument", "Command", "Redirect", "Runs", "Script", "ShellWord", "Statement", "script_of"]


class Runs(enum.Enum):
    ALWAYS = "always"
    CONDITIONAL = "conditional"
    MAY_FAIL = "may fail"


class Argument(NamedTuple):
    text: str | None
    span: Span
    word_index: int


class Redirect(NamedTuple):
    span: Span
    raw: str


class ShellWord:
    __slots__ = ("span", "raw", "dynamic")

    def __init__(self, span: Span, raw: str, dynamic: bool) -> None:
        self.span, self.raw, self.dynamic = span, raw, dynamic

    @property
    def variables(self):
        return variables_in(self.raw)

    @property
    def value(self) -> str | None:
        if self.dynamic or self.variables or "$" in self.raw:
            return None
        return unquote(self.raw)

    def expand(self, lookup: Lookup) -> str | None:
        if self.dynamic:
            return None

        def ask(name):
            v = lookup(name)
            return None if isinstance(v, Unset) else v

        return expand(self.raw, ask)

    def __repr__(self):
        return f"ShellWord({self.raw!r})"


def unquote(raw: str) -> str:
    return expand(raw, lambda n: None) or ""


class Command:
    __slots__ = ("span", "words", "wrappers", "assignments", "redirects", "runs", "statement", "depth", "locals")

    def __init__(self, span, words, wrappers, assignments, redirects, runs, statement, depth, local):
        self.span, self.words, self.wrappers, self.assignments, self.redirects = (
            span,
            words,
            wrappers,
            assignments,
            redirects,
        )
        self.runs, self.statement, self.depth, self.locals = runs, statement, depth, local

    @property
    def name(self) -> str | None:
        return self.words[0].value if self.words else None

    def argv(self, lookup: Lookup):
        out = []

        def ask(name):
            if name in self.locals:
                return self.locals[name]
            v = lookup(name)
            return None if isinstance(v, Unset) else v

        for i, w in enumerate(self.words):
            v = w.expand(ask)
            if v is None:
                out.append(Argument(None, w.span, i))
            elif re.match(r"^\$(\w+|\{[^}]*\})$", w.raw) or (w.variables and '"' not in w.raw and "'" not in w.raw):
                out += [Argument(p, w.span, i) for p in v.split()]
            else:
                out.append(Argument(v, w.span, i))
        if not out and self.words:
            return None
        if out and out[0].text is None:
            return None
        return tuple(out)


class Statement:
    __slots__ = ("span", "kind", "operator", "operator_span", "commands")

    def __init__(self, span, kind, operator, operator_span):
        self.span, self.kind, self.operator, self.operator_span = span, kind, operator, operator_span
        self.commands = ()


class Script:
    def __init__(self, joined: Joined, interpreter=None, problem=None):
        self.joined, self.interpreter, self.problem = joined, interpreter, problem
        self.text = joined.text
        self.statements: tuple[Statement, ...] = ()
        self.commands: tuple[Command, ...] = ()
        self.assignments = {}
        self.span = joined.span(0, len(joined.text)) if joined.text else Span(0, 0)

    @property
    def ok(self) -> bool:
        return self.problem is None

    def file_span(self, s, e):
        return self.joined.span(s, e)


_parser: Any = None


def parser():
    global _parser
    if _parser is None:
        import tree_sitter, tree_sitter_bash

        _parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_bash.language()))
    return _parser


def script_of(instruction) -> Script:
    import posixpath
    from . import kinds

    if instruction.form == "exec":
        args = instruction.arguments
        if (
            len(args) >= 3
            and posixpath.basename(args[0].raw) in ("sh", "bash", "ash")
            and args[1].raw in ("-c", "-lc", "-ec", "-exc")
        ):
            w = args[2]
            if w.span.end - w.span.start == len(w.raw):
                return parse_script(Joined([(w.span.start, w.raw)]))
        s = Script(Joined([(instruction.body_span.start, instruction.body)]))
        st = Statement(instruction.body_span, "command", "", None)
        words = tuple(ShellWord(a.span, "'" + a.raw.replace("'", "'\\''") + "'", False) for a in args)
        c = Command(instruction.body_span, words, (), (), (), Runs.ALWAYS, 0, 0, {})
        st.commands = (c,)
        s.statements, s.commands = (st,), (c,)
        return s
    body = instruction.joined(instruction.command_token)
    if instruction.heredocs and re.fullmatch(r"\s*<<\S+\s*", body.text):
        h = instruction.heredocs[0]
        m = re.match(r"#!\s*(\S+)(?:\s+(\S+))?", h.body)
        if m:
            n = posixpath.basename(m[1])
            n = posixpath.basename(m[2]) if n == "env" and m[2] else n
            if n not in ("sh", "bash", "ash", "dash"):
                return Script(Joined([(h.body_span.start, "")]), n, f"a script for {n}, not for a shell")
        return parse_script(Joined([(h.body_span.start, h.body)]))
    return parse_script(body)


COMPOUND = {
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
    "pipeline": "pipeline",
    "command": "command",
    "declaration_command": "command",
    "unset_command": "command",
    "negated_command": "other",
}


def parse_script(j: Joined) -> Script:
    script = Script(j)
    text = j.text
    data = text.encode("utf-8", "surrogateescape")
    if len(data) == len(text):
        chars = None
    else:
        chars = [0] * (len(data) + 1)
        b = 0
        for i, c in enumerate(text):
            k = len(c.encode("utf-8", "surrogateescape"))
            for x in range(k):
                chars[b + x] = i
            b += k
        chars[b] = len(text)

    def off(n):
        return n if chars is None else chars[n]

    try:
        tree = parser().parse(data)
    except Exception as e:
        script.problem = str(e)
        return script
    root = tree.root_node
    if root.has_error:
        script.problem = "shell syntax that could not be read"
        return script
    statements: list[tuple[Any, str, Any]] = []

    def flatten(node, op, opn):
        stack = [(node, op, opn)]
        while stack:
            n, o, on = stack.pop()
            if n.type == "list":
                kids = n.children
                left, operator, right = kids[0], kids[1], kids[2]
                stack.append((right, operator.type, operator))
                stack.append((left, o, on))
            else:
                statements.append((n, o, on))

    op, opn = "", None
    for child in root.children:
        if child.type in (";", "&", "\n", ";;"):
            op, opn = child.type, child
        elif child.type in ("comment", "heredoc_body", "heredoc_end"):
            continue
        else:
            flatten(child, op if statements else "", opn)
            op, opn = "\n", None
    out_s, out_c = [], []
    local: dict[str, str | None] = {}

    def span(n):
        return j.span(off(n.start_byte), off(n.end_byte))

    set_e = False
    for idx, (node, o, on) in enumerate(statements):
        inner = node
        redirects = []
        if node.type == "redirected_statement":
            for c in node.children:
                if c.type in ("file_redirect", "heredoc_redirect", "herestring_redirect"):
                    redirects.append(Redirect(span(c), text[off(c.start_byte) : off(c.end_byte)]))
                else:
                    inner = c if inner is node else inner
        kind = COMPOUND.get(inner.type, "other")
        st = Statement(span(node), kind, o, span(on) if on is not None else None)
        nxt = statements[idx + 1][1] if idx + 1 < len(statements) else ""
        base = Runs.ALWAYS
        if o == "||":
            base = Runs.CONDITIONAL
        elif nxt == "||":
            base = Runs.MAY_FAIL
        prev = idx
        while statements[prev][1] == "&&":
            prev -= 1
            if statements[prev][1] == "||":
                base = Runs.CONDITIONAL
        cmds = []
        stack = [(node, base, 0, redirects)]
        while stack:
            n, r, d, red = stack.pop()
            t = n.type
            if t in ("command", "declaration_command", "unset_command", "test_command"):
                c = command(n, text, off, span, r, idx, d, dict(local), red)
                cmds.append((n.start_byte, c))
                for k in n.children:
                    if k.type in ("command_substitution", "process_substitution") or any(
                        g.type == "command_substitution" for g in k.children
                    ):
                        stack.append((k, Runs.CONDITIONAL if r is not Runs.ALWAYS else Runs.MAY_FAIL, d + 1, []))
                continue
            if t == "variable_assignment" and n.child_by_field_name("name") is not None:
                name = n.child_by_field_name("name")
                val = n.child_by_field_name("value")
                raw = text[off(val.start_byte) : off(val.end_byte)] if val is not None else ""
                local[text[off(name.start_byte) : off(name.end_byte)]] = (
                    None if "$" in raw or "`" in raw else unquote(raw)
                )
            nr, nd = r, d
            if t in (
                "if_statement",
                "for_statement",
                "while_statement",
                "case_statement",
                "function_definition",
                "c_style_for_statement",
                "elif_clause",
            ):
                nr, nd = Runs.CONDITIONAL, d + 1
            elif t in ("subshell", "compound_statement", "pipeline", "negated_command", "list"):
                nd = d + 1
            kids = n.children
            if t == "redirected_statement":
                for c in kids:
                    stack.append((c, nr, nd, red))
                continue
            if t == "pipeline":
                named = [k for k in kids if k.is_named]
                for k in named:
                    stack.append(
                        (k, nr if k.id == named[-1].id else (Runs.MAY_FAIL if nr is Runs.ALWAYS else nr), nd, [])
                    )
                continue
            for c in kids:
                stack.append((c, nr, nd, []))
        cmds.sort(key=lambda p: p[0])
        st.commands = tuple(c for _, c in cmds)
        out_s.append(st)
        out_c += st.commands
    script.statements, script.commands, script.assignments = tuple(out_s), tuple(out_c), local
    return script


WRAPPERS = {"sudo", "env", "time", "exec", "nice", "command", "nohup", "eatmydata", "builtin"}


def command(n, text, off, span, runs, idx, depth, local, red) -> Command:
    words, assigns, redirects = [], [], list(red)

    def add(c):
        raw = text[off(c.start_byte) : off(c.end_byte)]
        dyn = False
        st = [c]
        while st:
            x = st.pop()
            if x.type in ("command_substitution", "process_substitution", "arithmetic_expansion", "brace_expression"):
                dyn = True
            st += x.children
        words.append(ShellWord(span(c), raw, dyn))

    for c in n.children:
        if c.type == "variable_assignment" and n.type == "command":
            assigns.append(text[off(c.start_byte) : off(c.end_byte)])
        elif c.type in ("file_redirect", "heredoc_redirect", "herestring_redirect"):
            redirects.append(Redirect(span(c), text[off(c.start_byte) : off(c.end_byte)]))
        else:
            add(c)
    wrappers = []
    while len(words) > 1 and words[0].raw in WRAPPERS:
        wrappers.append(words[0].raw)
        w = words.pop(0).raw
        while words and (words[0].raw.startswith("-") or (w == "env" and "=" in words[0].raw)) and len(words) > 1:
            words.pop(0)
    return Command(span(n), tuple(words), tuple(wrappers), tuple(assigns), tuple(redirects), runs, idx, depth, local)
