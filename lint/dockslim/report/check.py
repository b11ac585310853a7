"""Run a check and print it in the format asked for."""

from __future__ import annotations

import sys

from dockslim.engine.session import Session

__all__ = ["run"]


def run(session: Session, output_format: str, statistics: bool = False) -> int:
    """Check all files, print what is found as it is found, and return how many findings there were."""
    if output_format in ("json", "sarif"):
        from dockslim.report import json, sarif

        all_checked = list(session.check())
        if output_format == "json":
            sys.stdout.write(json.checks(all_checked, session.problems))
        else:
            sys.stdout.write(sarif.document(all_checked, session.problems, session.rules))
        return sum(len(checked.findings) for checked in all_checked)
    if output_format == "github":
        from dockslim.report import github

        count = 0
        for checked in session.check():
            for line in github.commands(checked):
                sys.stdout.write(line + "\n")
            count += len(checked.findings)
        return count
    return _for_people(session, output_format, statistics)


def _for_people(session: Session, output_format: str, statistics: bool) -> int:
    from dockslim.report import text
    from dockslim.report.page import show, width_of

    width = width_of(sys.stdout)
    findings = []
    files = 0
    for checked in session.check():
        files += 1
        findings.extend(checked.findings)
        if not statistics:
            show(text.concise(checked) if output_format == "concise" else text.full(checked, width))
    if statistics:
        show(text.statistics(findings))
    if files or not session.problems:
        show([text.summary(findings, files)])
    return len(findings)
