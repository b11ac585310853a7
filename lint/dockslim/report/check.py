"""Run a check and print it in the formats asked for."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from dockslim.engine.writing import WriteError, create
from dockslim.report.formats import FOR_PEOPLE, Output, PlainText, named

if TYPE_CHECKING:
    from dockslim.engine.finding import Finding
    from dockslim.engine.session import Checked, Session

__all__ = ["run"]


def run(session: Session, outputs: Sequence[Output], statistics: bool = False) -> list[Finding]:
    """Check all files, write what is found, and return it.

    A single format goes to standard output as the files are read; several are written when all have been.
    """
    findings: list[Finding] = []

    def gathered() -> Iterator[Checked]:
        for checked in session.check():
            findings.extend(checked.findings)
            yield checked

    if len(outputs) == 1 and outputs[0].file is None and not statistics:
        named(outputs[0].format)(gathered(), session, sys.stdout)
        return findings
    everything = list(gathered())
    for output in outputs:
        if output.file is not None:
            _write(output, everything, session)
        elif statistics and output.format in FOR_PEOPLE:
            _count(findings, len(everything), session)
        else:
            named(output.format)(everything, session, sys.stdout)
    if all(output.file is not None for output in outputs):
        from dockslim.report.text import show_summary

        show_summary(findings, len(everything), session, sys.stdout)
    return findings


def _write(output: Output, everything: Iterable[Checked], session: Session) -> None:
    assert output.file is not None
    text = PlainText()
    named(output.format)(everything, session, text)
    try:
        create(output.file, text.getvalue().encode("utf-8", "backslashreplace"))
    except WriteError as error:
        session.complain(output.file, str(error))


def _count(findings: Sequence[Finding], files: int, session: Session) -> None:
    from dockslim.report import text
    from dockslim.report.page import show

    show(text.statistics(findings))
    text.show_summary(findings, files, session, sys.stdout)
