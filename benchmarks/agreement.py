"""How often dockslim reads a Dockerfile as BuildKit's own parser does: ``python benchmarks/agreement.py FOLDER``.

BuildKit's parser is the PyPI package `dockerfile`.  For each file both must see the same instructions: keyword, flags,
values, form, here-documents, first and last line.  A file that BuildKit refuses counts as agreement when dockslim
reports a problem in it.  Prints each difference and the rate.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import dockerfile

from dockslim.syntax import (
    CommandInstruction,
    Env,
    File,
    Healthcheck,
    Instruction,
    Label,
    Onbuild,
    Unknown,
    kinds,
    parse,
)


class Seen(NamedTuple):
    """What a parser saw of one instruction."""

    keyword: str
    inner: str | None
    array: bool
    lines: tuple[int, int]
    flags: tuple[str, ...]
    values: tuple[str, ...]
    heredocs: tuple[tuple[str, str], ...]


class RefusedError(Exception):
    """BuildKit does not read the file."""


def buildkit(path: Path) -> list[Seen]:
    """Return what BuildKit sees."""
    try:
        commands = dockerfile.parse_file(str(path))
    except dockerfile.GoParseError as error:
        raise RefusedError(str(error)) from None
    return [
        Seen(
            each.cmd,
            each.sub_cmd,
            each.json,
            (each.start_line, each.end_line),
            tuple(each.flags),
            tuple(each.value),
            tuple((heredoc.name, heredoc.content) for heredoc in each.heredocs),
        )
        for each in commands
    ]


def dockslim(file: File) -> list[Seen]:
    """Return what dockslim sees."""
    return [seen(instruction) for instruction in file.instructions]


def seen(instruction: Instruction) -> Seen:
    """Describe an instruction in BuildKit's terms."""
    subject = instruction.inner if isinstance(instruction, Onbuild) else instruction
    array = instruction.file.tree.kinds[start(subject)] == LSQB if start(subject) < subject.last else False
    return Seen(
        replaced(instruction.keyword),
        replaced(subject.keyword) if subject is not instruction else None,
        array,
        (instruction.file.source.position(instruction.full_span.start).line, instruction.end_line),
        tuple(plain_flag(flag.text, instruction.escape) for flag in instruction.flags),
        tuple(map(replaced, values(subject))),
        # The package drops those of ONBUILD.
        ()
        if subject is not instruction
        else tuple((replaced(heredoc.name), replaced(heredoc.body)) for heredoc in instruction.heredocs),
    )


LSQB = kinds.LSQB


def start(instruction: Instruction) -> int:
    return instruction.command_token if isinstance(instruction, CommandInstruction) else instruction.body_token


def values(instruction: Instruction) -> Iterator[str]:
    """Yield the values as BuildKit's parser hands them on."""
    if isinstance(instruction, Unknown):
        yield ""
    elif isinstance(instruction, Env | Label):
        for pair in instruction.pairs:
            yield pair.name.raw
            yield pair.value.raw if pair.value is not None else ""
    elif isinstance(instruction, CommandInstruction):
        if isinstance(instruction, Healthcheck) and instruction.body:
            yield instruction.body.split()[0]
        if instruction.form == "exec":
            yield from (word.raw for word in instruction.arguments)
        else:
            text = instruction.joined(instruction.command_token).text
            yield from (text,) if text else ()
    elif instruction.file.tree.kinds[instruction.body_token] == LSQB:
        yield from (word.raw for word in instruction.words())
    elif instruction.name in ("USER", "WORKDIR", "STOPSIGNAL", "MAINTAINER", "SHELL"):
        yield from (instruction.body,) if instruction.body else ()
    else:
        yield from (instruction.joint_word(group).raw for group in instruction.groups(instruction.body_token))


def plain_flag(text: str, escape: str) -> str:
    """Take quotes and escapes off a flag, as BuildKit does at once."""
    out: list[str] = []
    quote = ""
    letters = iter(text)
    for letter in letters:
        if quote and letter == quote:
            quote = ""
        elif not quote and letter in "'\"":
            quote = letter
        elif letter == escape:
            out.append(next(letters, ""))
        else:
            out.append(letter)
    return replaced("".join(out))


def replaced(text: str) -> str:
    """Put the replacement character where the file is not UTF-8, as the package does."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def compare(path: Path) -> str | None:
    """Return how the two differ on a file, None where they agree."""
    file = parse(path.read_bytes(), str(path))
    try:
        theirs = buildkit(path)
    except RefusedError as refusal:
        if file.problems or not file.instructions:
            return None
        return f"refused by BuildKit only: {str(refusal).splitlines()[0][:160]}"
    ours = dockslim(file)
    for mine, other in zip(ours, theirs, strict=False):
        if mine != other:
            if older(mine, other):
                raise OlderError
            fields = [name for name, one, two in zip(Seen._fields, mine, other, strict=True) if one != two]
            shown = "; ".join(f"{name}: {getattr(mine, name)!r} for {getattr(other, name)!r}"[:300] for name in fields)
            return f"line {other.lines[0]}: {shown}"
    if len(ours) != len(theirs):
        return f"{len(ours)} instructions for {len(theirs)}"
    return None


class OlderError(Exception):
    """The package's BuildKit is older than the frontend that dockslim follows, and the two differ here."""


def older(mine: Seen, other: Seen) -> bool:
    """Whether a difference is one of those between the package's BuildKit and the current frontend.

    Text after a JSON array makes it the shell form today, and was dropped then; `<< NAME` with a blank is a
    here-document today, and was none then.  A NUL ends a text on its way out of the package.
    """
    if other.array and not mine.array and any("]" in value for value in mine.values):
        return True
    if any("\0" in value for value in mine.values):
        return True
    return any(re.search(r"<<-?[ \t]", value) for value in mine.values) and len(mine.heredocs) > len(other.heredocs)


def main(folder: str) -> Any:
    """Compare all files of a folder."""
    paths = sorted(path for path in Path(folder).rglob("*") if path.is_file())
    counts: Counter[str] = Counter()
    for path in paths:
        try:
            difference = compare(path)
        except OlderError:
            counts["older"] += 1
            print(f"{path.relative_to(folder)}: read as the current frontend does, not as the package's older one")
            continue
        counts["alike" if difference is None else "other"] += 1
        if difference is not None:
            print(f"{path.relative_to(folder)}: {difference}")
    total = max(sum(counts.values()), 1)
    alike, explained = counts["alike"], counts["older"]
    print(
        f"{alike} of {total} files read alike ({100 * alike / total:.3f} %); {explained} as the current frontend does "
        f"(together {100 * (alike + explained) / total:.3f} %); {counts['other']} otherwise"
    )


if __name__ == "__main__":
    main(sys.argv[1])
