"""The command lines that Python code starts, and those that it only holds, by what the code says; nothing runs."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from dockslim.later import TYPE_CHECKING, later
from dockslim.model.python_meanings import ENOUGH, MANY, MOST, UNKNOWN, Meanings
from dockslim.model.python_tree import inner, kind, tree_of, walk
from dockslim.records import NamedTuple

if TYPE_CHECKING:
    from typing import Any

__all__ = ["HELD", "IMPORTS", "MODULES", "Calls", "calls"]

#: Callables that start a program, by their full names: one command line, or a list of words, comes first.
LINES = frozenset(
    [
        *(f"os.{name}" for name in ("system", "popen", "popen2", "popen3", "popen4", "startfile")),
        *(f"posix.{name}" for name in ("system", "popen")),
        *(f"subprocess.{name}" for name in ("run", "call", "Popen", "check_call", "check_output")),
        *(f"subprocess.{name}" for name in ("getoutput", "getstatusoutput")),
        *(f"commands.{name}" for name in ("getoutput", "getstatusoutput")),
        *(f"pexpect.{name}" for name in ("spawn", "spawnu", "run", "runu")),
        "distutils.spawn.spawn", "pty.spawn", "delegator.run", "envoy.run", "sarge.run", "invoke.run", "wexpect.spawn",
        "fabric.api.local", "fabric.operations.local", "anyio.run_process", "anyio.open_process", "trio.run_process",
    ]
)  # fmt: skip
#: The same; the program comes first, and a list with its own name and the arguments behind it.
LISTS = frozenset(f"os.{name}" for name in ("execv", "execve", "execvp", "execvpe", "posix_spawn", "posix_spawnp"))
#: Every argument is a word, the program's own name among them.
WORDS = frozenset(f"os.{name}" for name in ("execl", "execle", "execlp", "execlpe"))
#: As these, behind a mode.
MODES = {f"os.spawn{ending}": ending[0] for ending in ("v", "ve", "vp", "vpe", "l", "le", "lp", "lpe")}
#: Callables that say where a program is.
ASKING = frozenset({"shutil.which", "distutils.spawn.find_executable"})
#: Callables that do what a call of Python itself does: `runpy.run_path("setup.py")`, `setuptools.setup(...)`.
PYTHON = {
    "runpy.run_path": "python", "runpy.run_module": "python -m", "setuptools.setup": "python setup.py",
    "distutils.core.setup": "python setup.py", "distutils.core.run_setup": "python setup.py",
    "setuptools.sandbox.run_setup": "python setup.py", "setuptools.Distribution": "python setup.py",
    "setuptools.dist.Distribution": "python setup.py", "distutils.dist.Distribution": "python setup.py",
    "build.ProjectBuilder": "python -m build", "Cython.Build.cythonize": "cythonize",
    "Cython.Build.Cythonize.cythonize": "cythonize",
}  # fmt: skip
#: Names that say enough, whatever object they are asked of.
ANYWHERE = {
    "Popen": "line", "check_call": "line", "check_output": "line", "getstatusoutput": "line", "run_process": "line",
    "create_subprocess_exec": "words", "create_subprocess_shell": "line", "getProcessOutput": "words",
    "subprocess_exec": "second", "subprocess_shell": "second", "spawnProcess": "second",
}  # fmt: skip
#: Modules whose every name is a program.
PROGRAMS = ("sh", "plumbum.cmd", "plumbum.local.cmd")
#: Words of code that may start a program: without one of them nothing here finds one.
MODULES = (
    "subprocess popen posix_spawn os.spawn system( .system execv execl spawn( check_call check_output getoutput "
    "getattr(os getattr(subprocess getstatusoutput getProcessOutput spawnProcess setuptools distutils runpy cythonize "
    "ProjectBuilder import_module which( find_executable run_process open_process plumbum pexpect delegator envoy "
    "sarge fabric invoke"
).split()
IMPORTS = later(
    r"(?m)^[ \t]*(?:import[ \t]+(?:[\w. \t]+,)*[ \t]*sh\b|from[ \t]+(?:sh|os|posix|commands)[ \t]+import\b)"
)
#: Callables that compile, by their full names.
COMPILING = frozenset(
    {
        "torch.compile", "torch._dynamo.optimize", "cython.inline", "Cython.inline", "Cython.Build.cython_inline",
        "Cython.Build.Inline.cython_inline", "cppimport.imp", "cppimport.imp_from_filepath",
    }
)  # fmt: skip

#: All of them, and the last parts of their names.
STARTING = frozenset({*LINES, *LISTS, *WORDS, *MODES, *ASKING, *PYTHON})
LAST = frozenset(
    {*(each.rpartition(".")[2] for each in (*STARTING, *COMPILING)), *ANYWHERE, "partial", "verify", "FFI"}
)
OF_PROGRAMS = tuple(f"{each.partition('.')[0]}." for each in PROGRAMS)

#: Programs that compile, build or install, or are shells that may call one: only what names one is looked at.
BUILDING = later(
    r"(?:^|[\s;&|('\"/`])(?:g?make|cmake|ninja|meson|bazel|scons|np[mx]|yarn|pnpm|cargo|rustc|maturin|go|gcc|g\+\+|cc|"
    r"c\+\+|clang|clang\+\+|gfortran|ld|nvcc|tcc|node-gyp|setup\.py|pip|pip3|pipx|uv|uvx|poetry|pipenv|pdm|hatch|flit|"
    r"conda|mamba|easy_install|tox|nox|f2py|cython|cythonize|pyinstaller|[\w.-]+\.sh|[\w-]+-(?:gcc|g\+\+|cc))"
    r"(?:-?[\d.]+)?(?=$|[\s;&|)'\"`])|\$\{?(?:CC|CXX|FC|LD|MAKE)\b"
)
#: One of them at the beginning of a text, or behind another command in it.
HELD = later(
    r"""["'](?:[^"'\n]{0,80}(?:&&|;|\|)[ ]*)?(?:sudo[ ])?(?:/usr/(?:local/)?bin/)?(?:make|cmake|ninja|npm|cargo|gcc|"""
    r"""g\+\+|clang|pip3?|poetry|pipenv|pdm|conda|mamba|uv|python3?[ ](?:-m[ ]pip|setup\.py)|setup\.py)"""
    r"""(?=[\s"'])"""
)
#: Those that are words people write; they count in lists and as what is handed to a function.
SPOKEN = later(r"^(?:make|go|cc|ld)(?:\s|$)|\.sh\b")
#: Programs that come first in a list of words which builds.
LEADING = later(rf"{BUILDING.pattern}|^\$_$|(?:^|/)(?:sh|bash|env|sudo|nice|nohup|timeout|xargs|python[\d.]*)$")
#: Calls that say something to somebody.
SAYING = frozenset(
    "print pprint debug info warning warn error exception critical log echo secho fail abort add_argument option "
    "argument help gettext ngettext _ input prompt confirm Field markdown title header caption write Option Argument "
    "message".split()
)


class Calls(NamedTuple):
    """What code starts, and what it names without being seen to start it; as a shell would read it.

    ``compiles``: it calls what compiles.
    """

    started: tuple[str, ...]
    named: tuple[str, ...] = ()
    compiles: bool = False


def calls(text: str) -> Calls | None:
    """Return the command lines of some code, in its order; None where Python cannot read it, or where it is too large.

    What is not known of one is written `UNKNOWN`, as a part of a word `PART`.
    """
    tree = tree_of(text)
    if tree is None:
        return None
    nodes = list(walk(tree))
    try:
        reader = Reader(nodes)
        started = dict.fromkeys(line for node in nodes for line in reader.started(node))
        holds = BUILDING.search(text) is not None
        named = dict.fromkeys(line for line in reader.held(tree) if line not in started) if holds else ()
        return Calls(tuple(started), tuple(named), any(map(reader.compiles, nodes)))
    except RecursionError:  # names that mean each other in a way that nobody writes
        return None


class Reader(Meanings):
    """Finds the command lines of one module."""

    def __init__(self, nodes: list[Any]) -> None:
        super().__init__(nodes)
        #: Names of modules whose every name is a program, as they are called here.
        self.programs = {
            each for each, names in self.imported.items() if any(f"{name}.".startswith(OF_PROGRAMS) for name in names)
        }

    def counts(self, function: Any) -> bool:
        """Whether it is worth a look what a function is: most are methods by another name."""
        if kind(function) == "Attribute":
            root = function.value
            while kind(root) == "Attribute":
                root = root.value
            return function.attr in LAST or getattr(root, "id", "") in self.programs
        if kind(function) == "Name":
            return function.id in self.imported or function.id in self.values or "*" in self.imported
        return True

    def compiles(self, node: Any) -> bool:
        """Whether a node calls what compiles, or names it to wrap a function."""
        if kind(node) == "Call":
            if not self.counts(node.func):
                return False
            if any(name in COMPILING for name in self.names(node.func)):
                return True
            # cffi: ffi = FFI(); ffi.verify(...)
            of = node.func.value if kind(node.func) == "Attribute" and node.func.attr == "verify" else None
            made = [of, *self.values.get(getattr(of, "id", ""), ())]
            return any(kind(each) == "Call" and self.names(each.func)[0].rpartition(".")[2] == "FFI" for each in made)
        decorators = getattr(node, "decorator_list", ())
        return any(name in COMPILING for each in decorators for name in self.names(each))

    # ------------------------------------------------------------------------------------ what is started

    def started(self, node: Any) -> Iterator[str]:
        """Yield the command lines that a node starts."""
        self.left = ENOUGH
        if kind(node) == "Subscript" and "plumbum" in (owner := self.names(node.value)[0]):
            if owner == "plumbum.local":
                yield from self.lines(node.slice)
            elif owner.startswith("plumbum.cmd."):  # make["all"]
                yield " ".join([owner.removeprefix("plumbum.cmd."), *self.lines(node.slice)])
        if kind(node) != "Call" or not self.counts(node.func):
            return
        arguments = node.args or [each.value for each in node.keywords if each.arg in ("args", "cmd", "command")]
        names = self.names(node.func)
        if "functools.partial" in names and arguments:
            names, arguments = self.names(arguments[0]), arguments[1:]
        yield from self.started_by(names, arguments)

    def started_by(self, names: list[str], arguments: list[Any]) -> Iterator[str]:
        """Yield the command lines that a call of one of these names starts."""
        name = next((each for each in names if each in STARTING), names[0])
        last = name.rpartition(".")[2]
        first, rest = arguments[:1], arguments[1:]
        module = next((each for each in PROGRAMS if name.startswith(f"{each}.")), None)
        if module is not None:  # sh.git.clone(url), sh.make.bake("-j")
            program = " ".join(part for part in name.removeprefix(f"{module}.").split(".") if part != "bake")
            yield from (f"{program} {line}".rstrip() for line in (self.words(arguments) if arguments else [""]))
        elif name in PYTHON:
            yield f"{PYTHON[name]} {next(self.lines(first[0])) if first and name.startswith('runpy') else ''}".rstrip()
        elif name in ASKING:
            yield from (f"which {shlex.quote(line)}" for each in first for line in self.meanings(each))
        elif name in WORDS or MODES.get(name) == "l":
            given = arguments if name in WORDS else rest
            yield from self.words([*given[:1], *given[2:]])
        elif name in LISTS or MODES.get(name) == "v":
            given = arguments if name in LISTS else rest
            listed = given[1].elts if len(given) > 1 and kind(given[1]) in ("List", "Tuple") else [None, None]
            yield from self.words([*given[:1], *listed[1:]])
        elif name.startswith("pexpect.") and rest and kind(rest[0]) in ("List", "Tuple"):
            yield from self.words([*first, *rest[0].elts])
        elif ANYWHERE.get(last) == "second":
            yield from self.words(rest)
        elif ANYWHERE.get(last) == "words":
            yield from self.words(arguments)
        elif name in LINES or ANYWHERE.get(last) == "line":
            yield from self.lines(first[0]) if first else [UNKNOWN]

    # ------------------------------------------------------------------------------------ what is held

    def held(self, tree: Any) -> Iterator[str]:
        """Yield what looks like a command line that builds or installs, wherever it stands but in what is only said."""
        todo = [tree]
        while todo:
            node = todo.pop()
            name = kind(node)
            below = inner(node)
            self.left = ENOUGH
            if name in ("Raise", "Assert"):
                below = [each for each in walk(node) if kind(each) == "Call" and not said(each)][:MOST]
            elif name == "Expr" and kind(node.value) == "Constant":
                continue  # a docstring
            elif name == "Call" and said(node):
                below = [each for each in below if kind(each) == "Call"]
            elif name in ("Call", "List", "Tuple"):
                given = node.args if name == "Call" else node.elts
                if given:
                    yield from self.building(given, handed=True)
                # A word in a list is no command line of its own, a text with blanks may be one.
                below = [each for each in below if kind(each) != "Constant" or " " in str(each.value)]
            elif name in ("Constant", "JoinedStr"):
                yield from self.building([node], handed=False)
                below = []
            elif name == "BinOp" and kind(node.op) in ("Add", "Mod"):
                yield from self.building([node], handed=False)
            todo += reversed(below)

    def building(self, nodes: list[Any], *, handed: bool) -> Iterator[str]:
        """Yield the command lines of some words that build or install; what is not ``handed`` on may be mere words."""
        # What stands before the first text is a file, an environment, an object that is told of the end.
        if not self.meanings(nodes[0]):
            texts = (at for at, node in enumerate(nodes) if kind(node) == "JoinedStr" or is_text(node))
            nodes = nodes[next(texts, 0) :]
        firsts = self.meanings(nodes[0]) if kind(nodes[0]) != "Starred" else []
        for first in firsts:
            if BUILDING.search(first) is not None and (handed or SPOKEN.search(first.strip()) is None):
                yield first
        if len(nodes) > 1 and any(" " not in first and LEADING.search(first) for first in firsts):
            for line in self.words(nodes[:MANY]):
                if BUILDING.search(line) is not None:
                    yield line


def is_text(node: Any) -> bool:
    """Whether a node is a text as written."""
    return isinstance(getattr(node, "value", None), str) and kind(node) == "Constant"


def said(node: Any) -> bool:
    """Whether a call tells somebody something: `log.info("make sure that…")`, `ImportError("pip install…")`."""
    name: str = getattr(node.func, "attr", "") or getattr(node.func, "id", "")
    return name in SAYING or name.endswith(("Error", "Exception", "Warning"))
