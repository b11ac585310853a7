"""Run a check and print it in the formats asked for."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence

from dockslim.later import TYPE_CHECKING
from dockslim.report import plain
from dockslim.report.formats import FOR_PEOPLE, Output, PlainText, named

if TYPE_CHECKING:
    from dockslim.engine.finding import Finding
    from dockslim.engine.session import Checked, Session, Watch

__all__ = ["run"]


def run(session: Session, outputs: Sequence[Output], statistics: bool = False) -> list[int]:
    """Check all files, write what is found, and return the severities of it.

    A single format goes to standard output as the files are read; several are written when all have been.
    """
    severities: list[int] = []

    def gathered() -> Iterator[Checked]:
        for checked in session.check(_watch()):
            severities.extend(checked.severities)
            yield checked

    if len(outputs) == 1 and outputs[0].file is None and not statistics:
        session.render = plain.renderer(outputs[0].format, session, sys.stdout)
        write = named(outputs[0].format) if session.render is None else plain.write
        write(gathered(), session, sys.stdout)
        return severities
    everything = list(gathered())
    findings = [finding for checked in everything for finding in checked.findings]
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
    return severities


def _watch() -> Watch | None:
    """The progress line, where somebody looks on."""
    if not sys.stderr.isatty():
        return None
    from functools import partial

    from dockslim.report.progress import watched

    return partial(watched, speaks=lambda checked: sys.stdout.isatty() and bool(checked.severities))


def _write(output: Output, everything: Iterable[Checked], session: Session) -> None:
    from dockslim.engine.writing import WriteError, create

    assert output.file is not None
    everything = list(everything)
    if any(checked.path.absolute() == output.file.absolute() for checked in everything):
        session.complain(output.file, "was checked itself: the report is not written over it; name another file")
        return
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
