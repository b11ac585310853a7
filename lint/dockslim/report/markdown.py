"""A table for a pull request's comment or a job's summary."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dockslim.engine.finding import Finding
from dockslim.later import TYPE_CHECKING
from dockslim.report.page import clean
from dockslim.report.summary import unchecked
from dockslim.report.text import counted, summary
from dockslim.rewrite.edits import Fix, Refused

if TYPE_CHECKING:
    from typing import TextIO

    from dockslim.engine.session import Checked, Session
    from dockslim.syntax import Source

__all__ = ["write_markdown"]

_ESCAPED = str.maketrans({letter: f"\\{letter}" for letter in "\\`*_[]<>|#~@"})


def write_markdown(all_checked: Iterable[Checked], session: Session, stream: TextIO) -> None:
    """A table for each file with findings, then a summary and what went wrong."""
    findings: list[Finding] = []
    files = 0
    stream.write("## dockslim\n\n")
    for checked in all_checked:
        files += 1
        if not checked.findings:
            continue
        findings.extend(checked.findings)
        source = checked.source
        stream.write(f"### {_escaped(source.path)}\n\n")
        stream.write("| line | rule | severity | what | fix |\n|---:|---|---|---|---|\n")
        stream.writelines(_rows(checked.findings, source))
        stream.write("\n")
    if session.problems:
        stream.write(f"**{counted(len(session.problems), 'error')}:**\n\n")
        stream.writelines(f"- {_escaped(str(problem))}\n" for problem in session.problems)
        stream.write("\n")
    if session.notes:
        stream.write(f"**{counted(len(session.notes), 'note')}:**\n\n")
        stream.writelines(f"- {_escaped(str(note))}\n" for note in session.notes)
        stream.write("\n")
    if files or not session.problems:
        stream.write("".join(text for _, text in summary(findings, files, session.spared, unchecked(session))) + "\n")


def _rows(findings: Iterable[Finding], source: Source) -> Iterator[str]:
    for finding in findings:
        match finding.fix:
            case Fix(title=title, safety=safety):
                fix = f"{safety.value}: {_escaped(title)}"
            case Refused(reason=reason):
                fix = f"none: {_escaped(reason)}"
            case _:
                fix = ""
        line = source.position(finding.span.start).line
        rule = f"{finding.code} {finding.name}"
        yield f"| {line} | {rule} | {finding.severity.label} | {_escaped(finding.message)} | {fix} |\n"


def _escaped(text: str) -> str:
    return clean(" ".join(text.split())).translate(_ESCAPED)
