"""JUnit's XML, which every CI server shows: a file is a suite, a finding a failed case, a clean file a passed one."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree.ElementTree import Element, SubElement

from dockslim.later import TYPE_CHECKING
from dockslim.report.xml import held, write

if TYPE_CHECKING:
    from typing import TextIO

    from dockslim.engine.session import Checked, Session

__all__ = ["write_junit"]


def write_junit(all_checked: Iterable[Checked], session: Session, stream: TextIO) -> None:
    """One document."""
    root = Element("testsuites", name="dockslim")
    for checked in all_checked:
        _suite(root, checked)
    if session.problems:
        count = str(len(session.problems))
        suite = SubElement(root, "testsuite", name="dockslim", tests=count, failures="0", errors=count, time="0")
        for problem in session.problems:
            path = held(problem.path or "dockslim")
            case = SubElement(suite, "testcase", name=path, classname=path, time="0")
            SubElement(case, "error", type="error", message=held(problem.message)).text = held(str(problem))
    for total in ("tests", "failures", "errors"):
        root.set(total, str(sum(int(suite.get(total, "0")) for suite in root)))
    write(root, stream)


def _suite(root: Element, checked: Checked) -> None:
    source = checked.source
    path = held(source.path)
    count = len(checked.findings)
    suite = SubElement(root, "testsuite", name=path, tests=str(count or 1), failures=str(count), errors="0", time="0")
    if not count:
        SubElement(suite, "testcase", name="dockslim", classname=path, file=path, time="0")
    for finding in checked.findings:
        line, column = source.position(finding.span.start)
        name = f"{finding.code} {finding.name} at {line}:{column}"
        case = SubElement(suite, "testcase", name=name, classname=path, file=path, line=str(line), time="0")
        message = held(finding.message)
        failure = SubElement(case, "failure", type=finding.severity.label, message=message)
        failure.text = f"{path}:{line}:{column}: {finding.code} {message}"
