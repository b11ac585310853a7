"""SonarQube's generic issue format (10.3 and later): rules and issues, columns from 0 in UTF-16 code units."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterable

from dockslim.engine.finding import Finding, Severity
from dockslim.later import TYPE_CHECKING
from dockslim.report.json import text_of

if TYPE_CHECKING:
    from typing import Any, TextIO

    from dockslim.engine.rule import Rule
    from dockslim.engine.session import Checked, Session
    from dockslim.syntax import Source
    from dockslim.syntax.span import Span

__all__ = ["write_sonarqube"]

SEVERITIES = {Severity.ERROR: "HIGH", Severity.WARNING: "MEDIUM", Severity.INFO: "LOW"}


def write_sonarqube(all_checked: Iterable[Checked], session: Session, stream: TextIO) -> None:
    """One document with the rules that spoke."""
    issues: list[dict[str, Any]] = []
    spoken: set[str] = set()
    for checked in all_checked:
        spoken.update(finding.code for finding in checked.findings)
        issues.extend(_issue(finding, checked.source) for finding in checked.findings)
    rules = [_rule(rule) for rule in session.rules if rule.code in spoken]
    stream.write(json.dumps({"rules": rules, "issues": issues}, indent=2, ensure_ascii=False) + "\n")


def _rule(rule: type[Rule]) -> dict[str, Any]:
    reliability = rule.severity is Severity.ERROR
    impact = {
        "softwareQuality": "RELIABILITY" if reliability else "MAINTAINABILITY",
        "severity": SEVERITIES[rule.severity],
    }
    return {
        "id": rule.code,
        "name": rule.name,
        "description": inspect.cleandoc(rule.__doc__ or ""),
        "engineId": "dockslim",
        "cleanCodeAttribute": "LOGICAL" if reliability else "EFFICIENT",
        "impacts": [impact],
    }


def _issue(finding: Finding, source: Source) -> dict[str, Any]:
    issue: dict[str, Any] = {
        "ruleId": finding.code,
        "primaryLocation": _location(finding.span, finding.message, source),
    }
    if finding.annotations:
        issue["secondaryLocations"] = [_location(each.span, each.message, source) for each in finding.annotations]
    return issue


def _location(span: Span, message: str, source: Source) -> dict[str, Any]:
    start, end = source.position(span.start).line, source.position(span.end).line
    place = {"startLine": start, "endLine": end}
    if span.end > span.start:  # an empty range, or one up to the start of a line, fails the whole import
        place.update(startColumn=source.utf16_column(span.start) - 1, endColumn=source.utf16_column(span.end) - 1)
    if place.get("endColumn") == 0:
        place = {"startLine": start, "endLine": max(start, end - 1)}
    return {"message": text_of(message), "filePath": text_of(source.path), "textRange": place}
