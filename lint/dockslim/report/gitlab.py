"""GitLab's code quality report: one list, each finding with a fingerprint that GitLab follows it by."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from dockslim.engine.finding import Severity
from dockslim.engine.fingerprint import fingerprints
from dockslim.later import TYPE_CHECKING
from dockslim.report.json import text_of

if TYPE_CHECKING:
    from typing import Any, TextIO

    from dockslim.engine.session import Checked, Session

__all__ = ["write_gitlab"]

SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.INFO: "info"}


def write_gitlab(all_checked: Iterable[Checked], session: Session, stream: TextIO) -> None:
    """One document."""
    issues = [issue for checked in all_checked for issue in _issues(checked)]
    stream.write(json.dumps(issues, indent=2, ensure_ascii=False) + "\n")


def _issues(checked: Checked) -> Iterator[dict[str, Any]]:
    source = checked.source
    path = text_of(source.path.removeprefix("./"))
    prints = fingerprints(checked.findings, source, path)
    for finding, fingerprint in zip(checked.findings, prints, strict=True):
        start, end = source.position(finding.span.start), source.position(finding.span.end)
        yield {
            "description": f"{finding.code} {text_of(' '.join(finding.message.split()))}",
            "check_name": finding.code,
            "fingerprint": fingerprint,
            "severity": SEVERITIES[finding.severity],
            "location": {"path": path, "lines": {"begin": start.line, "end": end.line}},
        }
