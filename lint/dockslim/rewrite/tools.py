"""Which programs an image still calls once its build tools are gone."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from dockslim.model import Action, Other, PipInstall, Stage
from dockslim.records import NamedTuple
from dockslim.rewrite import carriers, programs
from dockslim.rewrite.provenance import origin
from dockslim.syntax import Cmd, Entrypoint, Healthcheck, Instruction, Run, Span, parse
from dockslim.syntax.wrappers import unwrap

__all__ = ["Use", "is_script", "read_script", "uses_after", "uses_of_run"]


class Use(NamedTuple):
    """One call of a program: by a RUN, by CMD, ENTRYPOINT or HEALTHCHECK, or by a script that one of them starts."""

    program: str
    span: Span
    instruction: Instruction
    by: str  # "RUN", "CMD", or the script's name
    arguments: tuple[str | None, ...] = ()

    @property
    def at_run_time(self) -> bool:
        """Whether the container calls it, not the build."""
        return not isinstance(self.instruction, Run)

    @property
    def compiles(self) -> bool:
        """Whether the call is one that compiles."""
        return programs.compiles(self.program, self.arguments)

    @property
    def refutes(self) -> bool:
        """Whether it shows that build tools are no leftovers; `make` in a container need not compile."""
        return self.compiles and not (self.at_run_time and self.program in ("make", "gmake"))

    @property
    def opaque(self) -> bool:
        """Whether it is a script or program of which nothing is known, or one that hands over to such a one."""
        if self.compiles:
            return False
        hands_over = programs.delegates(self.program, self.arguments)
        # A shell as the container's command reads what somebody types.
        unseen = carriers.runs_unseen(self.program, self.arguments)
        hands_over = hands_over or (unseen and not (self.at_run_time and len(self.arguments) == 1))
        if self.at_run_time and self.program.startswith("python"):  # the application: it ran without the build's tools
            hands_over = unseen or programs.installs(self.program, self.arguments)
            hands_over = hands_over or programs.runs_others(self.program, self.arguments)
        starts = programs.starts_others(self.program, self.arguments)
        return hands_over or starts or not programs.harmless(self.program)


def is_script(text: str) -> bool:
    """Whether a word looks like a shell script's path."""
    return text.endswith((".sh", ".bash")) or posixpath.basename(text) in ("entrypoint", "start", "run", "configure")


def uses_of_run(stage: Stage, run: Run, moved: Sequence[Action] = ()) -> Iterator[Use]:
    """Yield the programs that a RUN calls, its installs by pip and those that ``moved`` names aside."""
    for action in stage.actions_of(run):
        if isinstance(action, PipInstall) or any(action is other for other in moved):
            continue
        program = action.program if isinstance(action, Other) else posixpath.basename(action.texts[0] or "")
        if program is None:
            yield Use("", action.span, run, "RUN")
            continue
        texts = action.texts
        if carriers.reads_script(program, texts) and any(
            other.statement is action.statement and carriers.known_installer(other.texts)
            for other in stage.actions_of(run)
        ):
            continue
        use = Use(program, action.span, run, "RUN", texts)
        yield from implied_by(use)
        script = script_of(program, texts)
        if script is None:
            yield use
        else:
            yield from uses_of_script(stage, run, script, action.span, use)


def implied_by(use: Use) -> Iterator[Use]:
    """Yield the programs that a command calls in its turn, as far as its words tell."""
    for program in programs.implied(use.program, use.arguments):
        yield use._replace(program=program, arguments=(program,))
    for words in carriers.carried(use.program, use.arguments):
        if words[0]:
            inner = use._replace(program=posixpath.basename(words[0]), arguments=words)
            yield inner
            yield from implied_by(inner)


def uses_after(stage: Stage, instructions: tuple[Instruction, ...]) -> Iterator[Use]:
    """Yield what the container calls when it starts: CMD, ENTRYPOINT, HEALTHCHECK, and the scripts they start."""
    last = {type(each): each for each in instructions if isinstance(each, Cmd | Entrypoint | Healthcheck)}
    for instruction in last.values():  # one before it of its kind counts for nothing
        if isinstance(instruction, Healthcheck) and instruction.none:
            continue
        by = instruction.name
        if instruction.form == "exec":
            words = tuple(word.expand(stage.scope(instruction).lookup) or word.raw for word in instruction.arguments)
            yield from uses_of_words(stage, instruction, words, instruction.span, by)
            if not (words[:1] and posixpath.basename(words[0]) in ("sh", "bash") and len(words) > 2):
                continue
        script = instruction.script
        if not script.ok:
            yield Use("", instruction.span, instruction, by)
            continue
        for command in script.commands:
            words = tuple(word.value or word.raw for word in command.words)
            if len(script.commands) > 1 and carriers.reads_script(posixpath.basename(words[0]) if words else "", words):
                yield Use("", command.span, instruction, by)  # a shell that reads what another command prints
                continue
            yield from uses_of_words(stage, instruction, words, command.span, by)


def uses_of_words(stage: Stage, instruction: Instruction, words: tuple[str, ...], span: Span, by: str) -> Iterator[Use]:
    """Yield the uses that one command line means."""
    words = words[unwrap(words)[0] :]
    if not words:
        return
    program = posixpath.basename(words[0])
    use = Use(program, span, instruction, by, words)
    yield from implied_by(use)
    if program == "supervisord":
        yield from uses_of_supervisor(stage, instruction, words, span, use)
        return
    if programs.is_python(program):
        yield from uses_of_python(stage, use)
    script = script_of(words[0], words)
    if script is None:
        if not (program in ("sh", "bash") and "-c" in " ".join(words[:2])):
            yield use
        return
    yield from uses_of_script(stage, instruction, script, span, use)


def uses_of_python(stage: Stage, use: Use) -> Iterator[Use]:
    """Yield what a script starts that Python runs and whose name does not say so; others are read among the sources."""
    line = programs.python_line(use.arguments)
    if line.kind != "script" or line.what is None or line.what.endswith(".py") or "$" in line.what:
        return
    text = read_script(stage, use.instruction, line.what)
    for words in carriers.of_code(text) if text is not None else ():
        inner = use._replace(program=posixpath.basename(words[0] or ""), by=line.what, arguments=words)
        yield inner
        yield from implied_by(inner)


#: Files of the distribution that set variables and call nothing.
SETTINGS = ("/etc/os-release", "/usr/lib/os-release", "/etc/lsb-release", "/etc/environment")


def script_of(program: str, words: tuple[str | None, ...]) -> str | None:
    """Return the path of the shell script that a command line starts, None when it starts none."""
    name = posixpath.basename(program)
    if name in ("sh", "bash", "dash", "ash", "zsh", "source", "."):
        first = next((word for word in words[1:] if word and not word.startswith("-")), None)
        if first is None or any(word and re.fullmatch(r"-[a-z]*c", word) for word in words[1:]):
            return None
        if first in SETTINGS:
            return None
        return first
    whole = words[0] or program
    return (
        whole
        if is_script(whole)
        or ("/" in whole and not programs.harmless(name) and not programs.compiles(name, words) and whole[0] in "./")
        else None
    )


def uses_of_script(
    stage: Stage, instruction: Instruction, script: str, span: Span, use: Use, depth: int = 0
) -> Iterator[Use]:
    """Yield the programs that a script of the build context calls; the script itself where it cannot be read."""
    text = read_script(stage, instruction, script)
    first = (text or "").partition("\n")[0]
    if text is not None and first.startswith("#!") and "python" in first:
        yield Use("python", span, instruction, script)
        for words in carriers.of_code(text.partition("\n")[2]):
            called = Use(posixpath.basename(words[0] or ""), span, instruction, script, words)
            if called.program:
                yield called
                yield from implied_by(called)
            else:
                yield use._replace(program=posixpath.basename(script), arguments=(script,))
        return
    inner = parse("FROM scratch\nRUN <<DOCKSLIM_SCRIPT\n" + text + "\nDOCKSLIM_SCRIPT\n") if text is not None else None
    run = inner.instructions[-1] if inner is not None else None
    if not isinstance(run, Run) or not run.script.ok:
        yield use._replace(program=posixpath.basename(script), arguments=(script,))  # not the shell that reads it
        return
    functions = set(re.findall(r"(?m)^\s*(?:function\s+)?([A-Za-z_][\w-]*)\s*\(\)", text or ""))
    for command in run.script.commands:
        if command.name is None:
            continue
        program = posixpath.basename(command.name)
        words = tuple(word.value for word in command.words)
        if program in functions:
            continue
        nested = script_of(command.name, words)
        if nested is not None and depth < 3:
            called = Use(program, span, instruction, script, words)
            yield from uses_of_script(stage, instruction, nested, span, called, depth + 1)
        elif program == "supervisord":
            yield from uses_of_words(stage, instruction, tuple(word or "" for word in words), span, script)
        else:
            called = Use(program, span, instruction, script, words)
            yield called
            yield from implied_by(called)


def uses_of_supervisor(
    stage: Stage, instruction: Instruction, words: tuple[str, ...], span: Span, use: Use
) -> Iterator[Use]:
    """Yield what supervisord starts by its configuration; the call itself where that cannot be read."""
    named = [value for option, value in pairwise(words) if option in ("-c", "--configuration")]
    named += [word.partition("=")[2] for word in words if word.startswith("--configuration=")]
    paths = named or ["/etc/supervisord.conf", "/etc/supervisor/supervisord.conf"]
    text = next(filter(None, (read_script(stage, instruction, path) for path in paths)), None)
    if text is None or re.search(r"(?m)^\s*\[include\]", text):
        yield use
        return
    for line in re.findall(r"(?m)^\s*command\s*=\s*(.+?)\s*(?:;.*)?$", text):
        yield from uses_of_words(stage, instruction, tuple(line.split()), span, posixpath.basename(paths[0]))


def read_script(stage: Stage, instruction: Instruction, script: str) -> str | None:
    """Return the text of a script of the image, by way of the build context."""
    context = stage.facts.context
    if context is None:
        return None
    where = stage.configuration.workdir if not isinstance(instruction, Run) else stage.workdir(instruction)
    path = posixpath.normpath(posixpath.join(where or "/", script))
    if not script.startswith(("/", ".")) and "/" not in script and not isinstance(instruction, Run):
        candidates = [f"/usr/local/bin/{script}", f"/usr/bin/{script}", f"/bin/{script}", f"/{script}", path]
    else:
        candidates = [path]
    for candidate in candidates:
        found = origin(stage, instruction if isinstance(instruction, Run) else None, candidate)
        text = context.read(found.context_path) if found is not None and found.context_path is not None else None
        if text is not None:
            return text
    return None
