"""GitHub's workflow commands: findings as annotations on a pull request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dockslim.engine.finding import Severity
from dockslim.later import TYPE_CHECKING
from dockslim.report.page import clean

if TYPE_CHECKING:
    from typing import TextIO

    from dockslim.engine.session import Checked, Session

__all__ = ["commands", "write_github"]

LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def write_github(all_checked: Iterable[Checked], session: Session, stream: TextIO) -> None:
    """All findings as annotations."""
    for checked in all_checked:
        stream.writelines(f"{line}\n" for line in commands(checked))
    for note in session.notes:
        place = f"file={_property(note.path)},line={note.line}"
        stream.write(f"::notice title=dockslim,{place}::{_data(note.message)}\n")


def commands(checked: Checked) -> Iterator[str]:
    """One command a finding; GitHub takes no columns where a finding has several lines."""
    source = checked.source
    for finding in checked.findings:
        start, end = source.position(finding.span.start), source.position(finding.span.end)
        properties = {
            "title": f"{finding.code} {finding.name}",
            "file": source.path,
            "line": str(start.line),
        }
        if start.line == end.line:
            properties.update(col=str(start.column), endLine=str(end.line), endColumn=str(end.column))
        else:
            properties["endLine"] = str(end.line)
        written = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
        yield f"::{LEVELS[finding.severity]} {written}::{_data(finding.message)}"


def _data(text: str) -> str:
    # What is no text is shown as a picture: the log is read in a terminal of sorts.
    text = "\n".join(map(clean, text.split("\n")))
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
