"""SLIM305."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockslim.api import (
    Add,
    Arg,
    Copy,
    Edit,
    Env,
    Example,
    Facts,
    Family,
    Finding,
    Fix,
    Instruction,
    Label,
    Rule,
    Run,
    Safety,
    Span,
    Stage,
    User,
    Word,
    Workdir,
)

__all__ = ["UndeclaredArgument"]

#: Images that are known to set no variable but these.
OWN = {
    Family.PYTHON: ("PYTHON", "GPG_KEY", "LANG", "PATH", "LC_"),
    Family.DEBIAN: ("PATH",),
    Family.UBUNTU: ("PATH", "LANG"),
    Family.ALPINE: ("PATH",),
    Family.SCRATCH: ("PATH",),
}
PLATFORM = frozenset(
    {f"{side}{part}" for side in ("TARGET", "BUILD") for part in ("PLATFORM", "OS", "ARCH", "VARIANT")}
)


class UndeclaredArgument(Rule):
    """An ARG is used in a stage that does not declare it.

    An ARG lives in its stage, or, before the first FROM, in the FROM lines alone. Anywhere else `$NAME` is empty, and
    nothing says so. `ARG NAME` without a value brings a global one into a stage; so it is with `TARGETARCH` and its
    like.

    The fix writes that line behind the FROM. It is unsafe: what was empty now has a value.
    """

    code = "SLIM305"
    name = "undeclared-argument"
    safety = Safety.UNSAFE
    every_stage = True
    aliases = ("UndefinedVar",)
    examples = (
        Example(
            bad="ARG VERSION=1.2\nFROM debian:12\nRUN echo «$VERSION» > /version\n",
            good="ARG VERSION=1.2\nFROM debian:12\nARG VERSION\nRUN echo $VERSION > /version\n",
        ),
        Example(
            bad="FROM debian:12 AS a\nARG DIR=/tmp/wheels\nRUN make\nFROM debian:12\nCOPY --from=a «${DIR}» /wheels\n",
        ),
        Example(
            bad="FROM debian:12\nRUN wget «https://example.org/tool-$TARGETARCH.tar.gz»\n",
            good="FROM debian:12\nARG TARGETARCH\nRUN wget https://example.org/tool-$TARGETARCH.tar.gz\n",
        ),
        Example(bad="FROM debian:12\nRUN test «$CRON» = yes || touch /none\nARG CRON=no\n", note="It comes too late."),
        Example(allow="ARG VERSION=1.2\nFROM debian:12\nARG VERSION\nRUN echo $VERSION > /version\n"),
        Example(allow="ARG VERSION=3.12\nFROM python:${VERSION}-slim\nRUN pip --version\n"),
        Example(
            allow="ARG PYTHON_VERSION=3.12\nFROM python:${PYTHON_VERSION}-slim\nRUN echo $PYTHON_VERSION\n",
            note="The Python image sets it.",
        ),
        Example(
            allow="ARG NAME\nFROM debian:12\nRUN for NAME in a b; do echo $NAME; done\n", note="The shell sets it."
        ),
        Example(allow="ARG VERSION\nFROM debian:12\nRUN echo ${VERSION:-none}\n", note="It says what else to take."),
        Example(allow="ARG VERSION\nFROM nvidia/cuda:12.4.1-base-ubuntu22.04\nRUN echo $VERSION\n", note="Who knows."),
    )

    def check_file(self, facts: Facts) -> Iterator[Finding]:
        """Collect what is declared anywhere, then look at each stage."""
        everywhere = {
            pair.name.raw for each in facts.file.instructions if isinstance(each, Arg) for pair in each.pairs
        } | PLATFORM
        total = {pair.name.raw for each in facts.global_instructions if isinstance(each, Arg) for pair in each.pairs}
        for stage in facts.stages:
            own = OWN.get(stage.base.family)
            if own is not None:
                yield from self.about(stage, everywhere, total | PLATFORM, own)

    def about(self, stage: Stage, everywhere: set[str], total: set[str], own: tuple[str, ...]) -> Iterator[Finding]:
        """Flag each word that uses a name which its stage does not know."""
        for instruction in stage.instructions:
            text = instruction.text
            if "$" not in text or everywhere.isdisjoint(re.findall(r"\w+", text)):
                continue
            scope = stage.scope(instruction)
            for word, name in used(instruction):
                if name not in everywhere or scope.holds(name) or name.startswith(own):
                    continue
                fix = None
                if name in total:
                    at = stage.from_.full_span.end
                    edit = Edit(Span(at, at), f"ARG {name}\n")
                    fix = Fix(f"SLIM305-{stage.index}-{name}", f"declare {name}", (edit,), Safety.UNSAFE, phase=1)
                late = declared(stage, name)
                why = f"line {late} declares it, too late" if late else "this stage does not declare it"
                yield self.finding(word, f"{name} is empty here: {why}", fix=fix)
                break


def declared(stage: Stage, name: str) -> int | None:
    """Return the line on which a stage declares an argument."""
    found = (each for each in stage.instructions if isinstance(each, Arg) and name in [p.name.raw for p in each.pairs])
    return next((each.line for each in found), None)


def used(instruction: Instruction) -> Iterator[tuple[Span, str]]:
    """Yield the names that an instruction uses without saying what else to take, each with its word."""
    if isinstance(instruction, Run):
        yield from used_by_shell(instruction)
        return
    words: list[Word] = []
    if isinstance(instruction, (Copy, Add)):
        words += [*instruction.sources, instruction.destination]
    elif isinstance(instruction, (Env, Label)):
        words += [pair.value for pair in instruction.pairs if pair.value is not None]
    elif isinstance(instruction, Workdir):
        words.append(instruction.path)
    elif isinstance(instruction, User):
        words.append(instruction.user)
    for word in words:
        for name in word.variables:
            if plain(name, word.raw):
                yield word.span, name


def used_by_shell(run: Run) -> Iterator[tuple[Span, str]]:
    """Yield the names that the words of a RUN's commands use and its shell does not set."""
    script = run.script
    if run.form != "shell" or not script.ok or script.opaque or "eval" in script.text or run.heredocs:
        return
    for command in script.commands:
        for word in command.words:
            for name in word.variables:
                if plain(name, word.raw) and not sets(script.text, name):
                    yield word.span, name


#: Commands that set what they are given the name of.
READERS = ("read", "getopts", "mapfile")


def plain(name: str, raw: str) -> bool:
    """Whether a word has a name as `$NAME` or `${NAME}`, with no word about what else to take."""
    # By hand: a regular expression for each name would cost more than all the rest of this rule.
    if f"${{{name}}}" in raw:
        return True
    bare = f"${name}"
    at = raw.find(bare)
    while at >= 0:
        following = raw[at + len(bare) : at + len(bare) + 1]
        if not following.isalnum() and following != "_":
            return True
        at = raw.find(bare, at + 1)
    return False


def sets(text: str, name: str) -> bool:
    """Whether a script seems to set a name itself."""
    if not any(word in text for word in READERS):
        at = text.find(name)
        while at > 0 and (text[at - 1] in "${_" or text[at - 1].isalnum()):
            at = text.find(name, at + 1)
        if at < 0:
            return False  # it is only used there
    pattern = rf"(?<![$\w{{]){name}\s*(\+?=|\bin\b)|(read|getopts|mapfile)\b[^;&|]*\b{name}\b|for\s+{name}\b"
    return re.search(pattern, text) is not None
