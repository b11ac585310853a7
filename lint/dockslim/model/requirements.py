"""Requirements files, read as pip reads them: what is installed, from where, and how."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from dockslim.model.actions import PipTarget, TargetKind
from dockslim.model.recognise_pip import LONG, classify_target
from dockslim.syntax import Span

__all__ = ["Requirement", "Requirements", "read_requirements"]

NOWHERE = Span(0, 0)
OPTION = re.compile(r"(--[A-Za-z][A-Za-z-]*|-[A-Za-z])(?:\s*=\s*|\s+|(?<=^-[A-Za-z])|$)(.*)$")


@dataclass(frozen=True, slots=True)
class Requirement:
    """One requirement: the file and line it stands on, and what it names."""

    path: str
    line: int
    target: PipTarget
    hashed: bool


@dataclass(slots=True)
class Requirements:
    """A requirements file with all that it includes.

    ``files`` are the files that pip would open, in order; ``missing`` those that could not be read;
    ``problems`` say `path:line: what`; ``options`` are the global options (`--index-url`, `--no-binary`) found inside.
    """

    files: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    requirements: list[Requirement] = field(default_factory=list)
    constraints: list[Requirement] = field(default_factory=list)
    options: list[tuple[str, str, str]] = field(default_factory=list)  # name, value, "path:line"
    problems: list[str] = field(default_factory=list)

    @property
    def readable(self) -> bool:
        """Whether every file was read and every line understood."""
        return bool(self.files) and not self.missing and not self.problems

    def option(self, *names: str) -> tuple[str, str, str] | None:
        """The first global option with one of ``names``."""
        return next((option for option in self.options if option[0] in names), None)


def read_requirements(path: str, read: Callable[[str], str | None], into: Requirements | None = None) -> Requirements:
    """Read ``path`` and what it includes with ``-r`` and ``-c``; ``read`` gives a file's text or None."""
    result = into if into is not None else Requirements()
    pending = [(path, False)]
    seen: set[tuple[str, bool]] = set()
    while pending:
        current, constraint = pending.pop(0)
        if (current, constraint) in seen:
            continue
        seen.add((current, constraint))
        text = read(current)
        if text is None:
            result.missing.append(current)
            continue
        if current not in result.files:
            result.files.append(current)
        for number, line in logical_lines(text):
            pending += read_line(line, current, number, constraint, result)
    return result


def logical_lines(text: str) -> list[tuple[int, str]]:
    """Return the lines with backslash continuations joined and comments gone, each with its first line's number."""
    lines: list[tuple[int, str]] = []
    buffer, first = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        if not buffer:
            first = number
        if line.endswith("\\") and not line.lstrip().startswith("#"):
            buffer += line[:-1] + " "
            continue
        whole = re.sub(r"(^|\s)#.*$", "", buffer + line).strip()
        buffer = ""
        if whole:
            lines.append((first, whole))
    if buffer.strip():
        lines.append((first, buffer.strip()))
    return lines


def read_line(
    line: str, path: str, number: int, constraint: bool, result: Requirements
) -> list[tuple[str, bool]]:
    """Add what one logical line says to ``result``; return the files it includes."""
    place = f"{path}:{number}"
    if line.startswith("-"):
        match = OPTION.match(line)
        if match is None:
            result.problems.append(f"{place}: not an option of a requirements file: {line[:60]}")
            return []
        name, value = LONG.get(match[1], match[1]), match[2].strip()
        if name in ("--requirement", "--constraint"):
            if "://" in value:
                result.missing.append(value)
                return []
            inner = posixpath.normpath(posixpath.join(posixpath.dirname(path), value))
            return [(inner, constraint or name == "--constraint")]
        if name == "--editable":
            target = PipTarget(TargetKind.EDITABLE, value, NOWHERE)
            result.requirements.append(Requirement(path, number, target, False))
            return []
        result.options.append((name, value, place))
        return []
    hashed = "--hash" in line
    bare = re.split(r"\s--(?:hash|config-settings|global-option|install-option)\b", line)[0].strip()
    if "${" in bare:
        result.problems.append(f"{place}: a variable in a requirement: {bare[:60]}")
        return []
    target = classify_target(bare, NOWHERE)
    if target.kind is TargetKind.UNKNOWN or (target.kind is TargetKind.NAME and not well_formed(bare)):
        result.problems.append(f"{place}: not a requirement: {bare[:60]}")
        return []
    (result.constraints if constraint else result.requirements).append(Requirement(path, number, target, hashed))
    return []


SPECIFIER = re.compile(
    r"""^[A-Za-z0-9][A-Za-z0-9._-]*\s*(\[[A-Za-z0-9._,\s-]*\])?\s*
    (\(?\s*((===?|~=|!=|<=?|>=?)\s*[A-Za-z0-9._*+!-]+\s*,?\s*)*\)?)?\s*(;.*)?$""",
    re.VERBOSE | re.DOTALL,
)


def well_formed(text: str) -> bool:
    """Whether a line is a requirement by name (PEP 508 without a URL)."""
    return SPECIFIER.match(text) is not None
