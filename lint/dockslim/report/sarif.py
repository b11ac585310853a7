"""SARIF 2.1.0, as code scanning takes it: rules, results with narrow regions, fixes."""

from __future__ import annotations

import inspect
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote

from dockslim import __version__
from dockslim.engine.finding import Finding, Severity
from dockslim.engine.fingerprint import fingerprints
from dockslim.engine.rule import Rule
from dockslim.later import TYPE_CHECKING
from dockslim.report.json import text_of
from dockslim.rewrite.edits import Fix, Safety
from dockslim.syntax.span import Span

if TYPE_CHECKING:
    from typing import Any, TextIO

    from dockslim.engine.session import Checked, Problem, Session
    from dockslim.engine.unread import Note
    from dockslim.syntax import Source

__all__ = ["document", "write_sarif"]

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def write_sarif(all_checked: Iterable[Checked], session: Session, stream: TextIO) -> None:
    """One document."""
    stream.write(document(list(all_checked), session.problems, session.rules, session.notes))


def document(
    checked: Iterable[Checked],
    problems: Iterable[Problem],
    rules: Iterable[type[Rule]],
    notes: Iterable[Note] = (),
) -> str:
    """One run: every known rule, every finding, every problem as a notification of the tool."""
    known = list(rules)
    index = {rule.code: number for number, rule in enumerate(known)}
    results = [entry for each in checked for entry in _results(each, index)]
    errors = [{"level": "error", "message": {"text": text_of(str(problem))}} for problem in problems]
    told = [{"level": "note", "message": {"text": text_of(str(note))}} for note in notes]
    run = {
        "tool": {
            "driver": {
                "name": "dockslim",
                "version": __version__,
                "semanticVersion": __version__,
                "rules": [descriptor(rule) for rule in known],
            }
        },
        "columnKind": "utf16CodeUnits",
        "originalUriBaseIds": {"SRCROOT": {"uri": Path.cwd().as_uri() + "/"}},
        "invocations": [{"executionSuccessful": not errors, "toolExecutionNotifications": [*errors, *told]}],
        "results": results,
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def descriptor(rule: type[Rule]) -> dict[str, Any]:
    """What a rule is, for the list of rules; its page is the help."""
    page = inspect.cleandoc(rule.__doc__ or "")
    return {
        "id": rule.code,
        "name": "".join(word.capitalize() for word in rule.name.split("-")),
        "shortDescription": {"text": rule.summary()},
        "fullDescription": {"text": rule.summary()},
        "help": {"text": page, "markdown": page},
        "defaultConfiguration": {"level": LEVELS[rule.severity], "enabled": rule.enabled},
    }


def _results(checked: Checked, index: dict[str, int]) -> Iterator[dict[str, Any]]:
    source = checked.source
    prints = fingerprints(checked.findings, source, artifact(source)["uri"])
    for finding, print_ in zip(checked.findings, prints, strict=True):
        yield {**result(finding, source, index), "partialFingerprints": {"dockslim/v1": print_}}


def result(finding: Finding, source: Source, index: dict[str, int]) -> dict[str, Any]:
    """One finding; further places are related locations."""
    entry: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": index[finding.code],
        "level": LEVELS[finding.severity],
        "message": {"text": text_of(finding.message)},
        "locations": [{"physicalLocation": location(source, finding.span)}],
    }
    if finding.annotations:
        entry["relatedLocations"] = [
            {"physicalLocation": location(source, each.span), "message": {"text": text_of(each.message)}}
            for each in finding.annotations
        ]
    if isinstance(finding.fix, Fix) and finding.fix.safety is not Safety.DISPLAY:
        entry["fixes"] = [mending(finding.fix, source)]
    return entry


def mending(fix: Fix, source: Source) -> dict[str, Any]:
    """A fix as replacements of regions."""
    replacements = [
        {"deletedRegion": region(source, edit.span), "insertedContent": {"text": text_of(edit.text)}}
        for edit in fix.edits
    ]
    change = {"artifactLocation": artifact(source), "replacements": replacements}
    return {"description": {"text": text_of(f"{fix.title} ({fix.safety.value})")}, "artifactChanges": [change]}


def location(source: Source, span: Span) -> dict[str, Any]:
    """A file and a region of it."""
    return {"artifactLocation": artifact(source), "region": region(source, span)}


def artifact(source: Source) -> dict[str, str]:
    """The file, relative to the working folder where it lies below it."""
    path = Path(source.path)
    if path.is_absolute():
        try:
            path = path.relative_to(Path.cwd())
        except ValueError:
            return {"uri": path.as_uri()}
    return {"uri": quote(os.fsencode(path.as_posix())), "uriBaseId": "SRCROOT"}


def region(source: Source, span: Span) -> dict[str, int]:
    """Lines and columns from 1, in UTF-16 code units as `columnKind` says, the end exclusive."""
    return {
        "startLine": source.position(span.start).line,
        "startColumn": source.utf16_column(span.start),
        "endLine": source.position(span.end).line,
        "endColumn": source.utf16_column(span.end),
    }
