"""Programs that run another command line: the one among their own words, or one that they are handed as text."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from dockslim.later import later
from dockslim.rewrite import programs
from dockslim.rewrite.python_line import AROUND, python_line
from dockslim.syntax import Run, parse
from dockslim.syntax.wrappers import SHELLS, WRAPPERS

__all__ = ["SHELLS", "carried", "known_installer", "of_code", "of_text", "reads_script", "runs_unseen"]

Words = tuple["str | None", ...]

#: Programs before a command line: their options that take a word, and how many words of their own come first.
#: (Those that a shell script is read through, `sudo`, `xargs` and the like, are taken off while it is read.)
BEFORE: dict[str, tuple[frozenset[str], int]] = {
    "chroot": (frozenset(), 1),
    "dbus-run-session": (frozenset({"--config-file", "--dbus-daemon"}), 0),
    "flock": (frozenset({"-w", "--timeout", "-E", "--conflict-exit-code"}), 1),
    "ssh-agent": (frozenset({"-a", "-t"}), 0),
    "strace": (frozenset({"-e", "-o", "-p", "-s", "-u"}), 0),
    "watch": (frozenset({"-n", "--interval"}), 0),
    "xvfb-run": (
        frozenset(
            "-e -f -n -p -s -w --error-file --auth-file --server-num --xauth-protocol --server-args --wait".split()
        ),
        0,
    ),
}
#: Tools that run a command inside a project's environment, and their options that take a word.
RUNNERS = frozenset("poetry pipenv pdm uv hatch rye pixi conda mamba micromamba".split())
VALUED_OF_RUNNERS = frozenset(
    "-n --name -p --prefix --python --with --with-requirements --with-editable --extra --group --only-group --no-group "
    "--package --project --directory --env-file --index --index-url --cwd -e --environment".split()
)
#: What begins a command line among the words of `find`, and what ends it.
OF_FIND, END_OF_FIND = frozenset({"-exec", "-execdir", "-ok", "-okdir"}), (";", "+")
#: What makes awk, which else only reads and writes text, start a program.
OF_AWK = later(r"system\s*\(|\|\s*(&\s*)?\"|\"\s*\|\s*(&\s*)?getline")
#: What code may want that is looked for among the sources only.
SOUGHT = ("compiles", "installs", "unread", "tkinter", "mime_types", "library", "find_library", "fonts", "loads")
#: Code that does what its text does not show.
UNSEEN_CODE = later(r"(?<![.\w])(?:exec|eval|__import__)\(|\brunpy\b|\bscript_args\b")
#: Texts of a shell that hold more than they say.
UNSEEN = later(r"[$`]")

#: Scripts known to install what is ready-made (programs, or packages of the distribution) and to compile nothing.
INSTALLERS = later(
    r"https?://(deb\.nodesource\.com/|rpm\.nodesource\.com/|astral\.sh/uv/|(static\.|sh\.)rustup\.rs|get\.docker\.com"
    r"|raw\.githubusercontent\.com/(nvm-sh|creationix)/nvm/)"
)


def carried(program: str, words: Words) -> Iterator[Words]:
    """Yield the command lines that a command runs, as far as its words tell."""
    rest = words[1:]
    if program == "find":
        yield from of_find(rest)
    elif program in BEFORE:
        valued, own = BEFORE[program]
        at = 0
        while at < len(rest) and (rest[at] or "").startswith("-"):
            at += 2 if rest[at] in valued else 1
        at += own
        line = rest[at:]
        yield from of_text(line[1] if len(line) > 1 else None) if line[:1] == ("-c",) else of_words(line)
    elif program == "git" and "foreach" in rest:
        line = tuple(word for word in rest[rest.index("foreach") + 1 :] if word not in ("--recursive", "-q", "--quiet"))
        yield from of_text(" ".join(word or "$" for word in line))
    elif program.startswith(("python", "pypy")):
        yield from of_python(words)
    elif program in RUNNERS and next((word for word in rest if not (word or "").startswith("-")), None) == "run":
        yield from of_runner(rest[rest.index("run") + 1 :])
    elif program in AROUND:
        call = python_line(("python", "-m", program, *rest))
        yield ("python", *((call.kind,) if call.kind == "-m" else ()), call.what, *call.rest)
    elif program == "eval":
        yield from of_text(" ".join(word or "$" for word in rest))
    elif program == "trap" and len(rest) > 1 and not (rest[0] or "-").startswith("-"):
        # It may well call a function, of which nothing is known here: what compiles, or stands somewhere, counts.
        for line in of_text(rest[0]):
            if programs.compiles(posixpath.basename(line[0] or ""), line) or "/" in (line[0] or ""):
                yield line
    elif program in ("tar", "bsdtar", "gtar"):
        for word in rest:
            option, equals, value = (word or "").partition("=")
            if equals and option in ("--to-command", "--use-compress-program", "--checkpoint-action"):
                yield from of_text(value.removeprefix("exec="))
    elif program.startswith("wait-for") and "--" in rest:
        yield from of_words(rest[rest.index("--") + 1 :])
    elif program in WRAPPERS or program in ("su", "runuser"):
        # Of a shell script they were taken off, of a command in JSON form they were not.
        yield from (line for line in of_words(words) if posixpath.basename(line[0] or "") != program)


def of_find(rest: Words) -> Iterator[Words]:
    """Yield the command lines of `find … -exec …`."""
    for at, word in enumerate(rest):
        if word in OF_FIND:
            line = rest[at + 1 :]
            end = next((number for number, each in enumerate(line) if each in END_OF_FIND), len(line))
            yield from of_words(line[:end])


def of_python(words: Words) -> Iterator[Words]:
    """Yield what `python -c …` starts; a single unknown command where its code does what cannot be seen."""
    line = python_line(words)
    if line.kind == "-c":
        yield from of_code(line.what)


def of_code(code: str | None) -> Iterator[Words]:
    """Yield what some code of Python starts; an unknown command where it compiles, installs, or cannot be read."""
    from dockslim.model import glean  # few files need it

    found = glean("-c", code) if code is not None else None
    if found is None or any(getattr(found, each) for each in SOUGHT) or UNSEEN_CODE.search(code or ""):
        yield (None,)
        return
    for _, line in found.commands:
        yield from of_text(line)


def of_runner(rest: Words) -> Iterator[Words]:
    """Yield what `poetry run …` runs where it is more than a command that some Python project brought."""
    at = 0
    while at < len(rest) and (rest[at] or "").startswith("-"):
        at += 2 if rest[at] in VALUED_OF_RUNNERS else 1
    for line in of_words(rest[at:]):
        name = posixpath.basename(line[0] or "")
        own = not (programs.of_the_system(name) or name.startswith("python") or programs.compiles(name, line))
        if not own or programs.installs(name, line) or "/" in (line[0] or "") or name.endswith(".sh"):
            yield line


def of_words(line: Words) -> Iterator[Words]:
    """Yield the commands of a command line: itself, or what a wrapper or a shell among its words runs."""
    if line:
        import shlex

        yield from of_text(" ".join('"$_"' if word is None else shlex.quote(word) for word in line))


def of_text(text: str | None) -> Iterator[Words]:
    """Yield the commands of a text that a shell is to read; a single unknown one where it cannot be told."""
    if not text:
        return
    # As a heredoc, so that no beginning of the text is taken for an option of RUN, nor for a list of words.
    run = parse(f"FROM scratch\nRUN <<DOCKSLIM_TEXT\n{text.strip()}\nDOCKSLIM_TEXT\n").instructions[-1]
    if not isinstance(run, Run) or not run.script.ok:
        yield (None,)
        return
    for command in run.script.commands:
        words = tuple(word.value for word in command.words)
        if words:
            yield words


def runs_unseen(program: str, words: Words) -> bool:
    """Whether a command runs what its words do not show: what comes through a pipe, what another command printed."""
    rest = words[1:]
    if reads_script(program, words):
        return True
    if program == "eval":
        return any(word is None or UNSEEN.search(word) for word in rest)
    if program in ("awk", "gawk", "mawk", "nawk"):
        return any(word is None or OF_AWK.search(word) for word in rest)
    if program == "parallel":
        return True
    return any(not line[0] for line in carried(program, words))


def reads_script(program: str, words: Words) -> bool:
    """Whether it is a shell that reads its script from its input: no word names one."""
    rest = words[1:]
    return program in SHELLS and ("-s" in rest or all(word is not None and word.startswith("-") for word in rest))


def known_installer(words: Words) -> bool:
    """Whether a command fetches a script that is known to compile nothing."""
    return any(word is not None and INSTALLERS.match(word) is not None for word in words)
