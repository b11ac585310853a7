"""The output formats of ``dockslim check`` by name; each is a module that is imported when it is asked for."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from pathlib import Path

from dockslim.later import TYPE_CHECKING
from dockslim.records import NamedTuple

if TYPE_CHECKING:
    from typing import TextIO

    from dockslim.engine.session import Checked, Session

__all__ = ["FORMATS", "TELLING", "Format", "Output", "OutputError", "PlainText", "named", "no_place", "outputs"]

#: Writes what was found to a stream; what went wrong stands in the session's problems once all files are read.
Format = Callable[["Iterable[Checked]", "Session", "TextIO"], None]

FORMATS = {
    "text": "text",
    "concise": "text",
    "json": "json",
    "json-lines": "json",
    "sarif": "sarif",
    "github": "github",
    "gitlab": "gitlab",
    "junit": "junit",
    "checkstyle": "checkstyle",
    "sonarqube": "sonarqube",
    "markdown": "markdown",
}
#: Formats whose document holds what went wrong, so that it need not be told beside them.
TELLING = frozenset({"json", "sarif"})
#: Formats for people, which come with a summary.
FOR_PEOPLE = frozenset({"text", "concise", "markdown"})


class Output(NamedTuple):
    """A format and where it goes: a file, or standard output where there is none."""

    format: str
    file: Path | None = None


class OutputError(ValueError):
    """An output that cannot be: an unknown format, a file without a folder; the message says which."""


class PlainText(io.StringIO):
    """Text for a file: never coloured, whatever FORCE_COLOR says."""

    plain = True


def named(name: str) -> Format:
    """The format of this name."""
    import importlib

    module = importlib.import_module(f"dockslim.report.{FORMATS[name]}")
    function: Format = getattr(module, f"write_{name.replace('-', '_')}")
    return function


def outputs(words: Iterable[str], file: Path | None) -> tuple[Output, ...]:
    """Read what ``--output-format`` (NAME or NAME=FILE, perhaps several) and ``--output-file`` say; raise OutputError.

    ``--output-file`` takes the format that names no file of its own; at most one may go to standard output.
    """
    found: list[Output] = []
    for word in words:
        name, equals, place = word.partition("=")
        if name not in FORMATS:
            from dockslim.engine.selection import suggest

            raise OutputError(f"--output-format: {name!r} is not one of {', '.join(FORMATS)}{suggest(name, FORMATS)}")
        if equals and not place:
            raise OutputError(f"--output-format: {word!r} names no file; write {name}=FILE")
        found.append(Output(name, Path(place) if place else file))
    if file is not None and not any(output.file is file for output in found):
        if found:
            raise OutputError("--output-file: every --output-format names a file already; leave one without =FILE")
        found.append(Output("text", file))
    # As elsewhere, - is standard output.
    found = [output._replace(file=None) if output.file == Path("-") else output for output in found]
    found = found or [Output("text")]
    for place_, same in _grouped(found).items():
        if len(same) > 1:
            where = "standard output" if place_ is None else str(place_)
            raise OutputError(f"--output-format: {' and '.join(same)} cannot both go to {where}; write {same[0]}=FILE")
        wrong = no_place(place_) if place_ is not None else None
        if wrong:
            raise OutputError(f"{place_}: {wrong}")
    return tuple(found)


def no_place(file: Path) -> str | None:
    """Why no file can be written there, and the remedy; None where it seems that one can."""
    try:
        if not file.absolute().parent.is_dir():
            return f"no such folder: {file.parent}; make it first"
        return "a folder; name a file in it" if file.is_dir() else None
    except OSError as error:  # a name that is too long, on Python before 3.14
        return f"{(error.strerror or str(error)).lower()}; name another file"


def _grouped(found: Iterable[Output]) -> dict[Path | None, list[str]]:
    groups: dict[Path | None, list[str]] = {}
    for output in found:
        groups.setdefault(output.file, []).append(output.format)
    return groups
