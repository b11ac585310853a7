"""Checkstyle's XML, which Jenkins (warnings-ng), reviewdog and many others read."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree.ElementTree import Element, SubElement

from dockslim.later import TYPE_CHECKING
from dockslim.report.xml import held, write

if TYPE_CHECKING:
    from typing import TextIO

    from dockslim.engine.session import Checked, Session

__all__ = ["write_checkstyle"]


def write_checkstyle(all_checked: Iterable[Checked], session: Session, stream: TextIO) -> None:
    """One document: each file that was read, also those without findings."""
    root = Element("checkstyle", version="4.3")
    for checked in all_checked:
        source = checked.source
        file = SubElement(root, "file", name=held(source.path))
        for finding in checked.findings:
            line, column = source.position(finding.span.start)
            SubElement(
                file,
                "error",
                line=str(line),
                column=str(column),
                severity=finding.severity.label,
                message=held(finding.message),
                source=f"dockslim.{finding.code}",
            )
    for problem in session.problems:
        file = SubElement(root, "file", name=held(problem.path or "dockslim"))
        SubElement(file, "error", line="1", severity="error", message=held(problem.message), source="dockslim")
    write(root, stream)
