"""What the grammar allows and BuildKit refuses all the same, instruction by instruction."""

from __future__ import annotations

from collections.abc import Iterator

from dockslim.later import TYPE_CHECKING, later

from . import kinds
from .instruction import Instruction
from .instructions import From, Onbuild, Unknown
from .suggest import suggest
from .words import Flag, SyntaxProblem

if TYPE_CHECKING:
    from .file import File

__all__ = ["check"]

#: The flags of each instruction: is a value needed, is one of true and false enough, may it be repeated?
TEXT, TRUTH, MANY = "text", "truth", "many"
FLAGS: dict[str, dict[str, str]] = {
    "FROM": {"platform": TEXT},
    "RUN": {"mount": MANY, "network": TEXT, "security": TEXT, "device": MANY},
    "COPY": {"from": TEXT, "chown": TEXT, "chmod": TEXT, "link": TRUTH, "parents": TRUTH, "exclude": MANY},
    "ADD": {
        "chown": TEXT,
        "chmod": TEXT,
        "link": TRUTH,
        "keep-git-dir": TRUTH,
        "checksum": TEXT,
        "unpack": TRUTH,
        "exclude": MANY,
    },
    "HEALTHCHECK": {
        "interval": TEXT,
        "timeout": TEXT,
        "start-period": TEXT,
        "start-interval": TEXT,
        "retries": TEXT,
    },
}
CHECKED = (From, Onbuild, Unknown)
STAGE_NAME = later(r"[a-z][a-z0-9\-_.]*")


def check(file: File) -> Iterator[SyntaxProblem]:
    """Yield what BuildKit would refuse."""
    stock = file.syntax is None or "docker/dockerfile" in file.syntax
    tokens = file.tree.kinds
    flagged = stock and kinds.FLAG in tokens
    for instruction in file.instructions:
        if isinstance(instruction, CHECKED):
            yield from check_one(instruction)
        # Most instructions have nothing to check, and are not read for it.
        if flagged and tokens.find(kinds.FLAG, instruction.first, instruction.last) >= 0:
            yield from check_flags(instruction)


def check_one(instruction: Instruction) -> Iterator[SyntaxProblem]:
    """Yield what is wrong with one instruction, its flags left out."""
    if isinstance(instruction, Unknown):
        hint = f"; did you mean {instruction.suggestion}?" if instruction.suggestion else ""
        yield SyntaxProblem(
            instruction.keyword_span, f"unknown instruction {shortened(instruction.keyword)}{hint}", "an instruction"
        )
    elif isinstance(instruction, From):
        name = instruction.stage_name
        if name is not None and not STAGE_NAME.fullmatch(name.raw.lower()):
            expected = "a letter, then letters, digits, `-`, `_` and `.`"
            yield SyntaxProblem(name.span, f"{name.raw!r} is no name for a stage", expected)
    elif isinstance(instruction, Onbuild):
        yield from check_trigger(instruction)


def check_trigger(instruction: Onbuild) -> Iterator[SyntaxProblem]:
    """Yield what is wrong with the instruction after ONBUILD."""
    inner = instruction.inner
    if not instruction.body:
        return  # the grammar has said so
    if inner.name in ("ONBUILD", "FROM", "MAINTAINER"):
        yield SyntaxProblem(inner.keyword_span, f"ONBUILD cannot take {inner.name}", "another instruction")
    else:
        yield from check_one(inner)


def check_flags(instruction: Instruction) -> Iterator[SyntaxProblem]:
    """Yield flags that the instruction does not have, that lack a value, or that come twice."""
    known = FLAGS.get(instruction.name, {})
    seen: set[str] = set()
    for flag in instruction.flags:
        kind = known.get(flag.name)
        if kind is None:
            if isinstance(instruction, Unknown):
                continue
            meant = suggest(flag.name, tuple(known))
            hint = f"; did you mean --{meant}?" if meant else ""
            expected = ", ".join(f"--{name}" for name in known) or "no flag"
            yield SyntaxProblem(flag.span, f"{instruction.name} has no flag --{flag.name}{hint}", expected)
        elif flag.name in seen and kind != MANY:
            yield SyntaxProblem(flag.span, f"--{flag.name} is given twice", "it once")
        else:
            yield from check_value(flag, kind)
        seen.add(flag.name)


def check_value(flag: Flag, kind: str) -> Iterator[SyntaxProblem]:
    """Yield a value that is missing or not a truth value."""
    if kind != TRUTH:
        if flag.value is None:
            yield SyntaxProblem(flag.span, f"--{flag.name} needs a value", f"--{flag.name}=...")
    elif flag.value is not None:
        literal = flag.value.literal
        if literal is not None and literal.lower() not in ("true", "false"):
            yield SyntaxProblem(flag.span, f"--{flag.name} is true or false", "true or false")


def shortened(text: str) -> str:
    return text if len(text) <= 40 else text[:37] + "..."
