"""The machine's report; its shape is a promise (``schema`` counts its versions)."""

from __future__ import annotations

import json
from collections.abc import Iterable

from dockslim.engine.finding import Finding
from dockslim.later import TYPE_CHECKING
from dockslim.rewrite.edits import Fix, Refused

if TYPE_CHECKING:
    from typing import Any, TextIO

    from dockslim.engine.fixer import FixResult
    from dockslim.engine.session import Checked, Problem, Session
    from dockslim.engine.unread import Note
    from dockslim.syntax import Source

__all__ = ["SCHEMA", "checks", "fixes", "text_of", "write_json", "write_json_lines"]

SCHEMA = 1


def write_json(all_checked: Iterable[Checked], session: Session, stream: TextIO) -> None:
    """One document."""
    stream.write(checks(list(all_checked), session.problems, session.notes))


def write_json_lines(all_checked: Iterable[Checked], session: Session, stream: TextIO) -> None:
    """One finding a line, as soon as its file is read."""
    for checked in all_checked:
        for finding in checked.findings:
            stream.write(json.dumps(record(finding, checked.source), ensure_ascii=False) + "\n")


def checks(checked: Iterable[Checked], problems: Iterable[Problem], notes: Iterable[Note] = ()) -> str:
    """All findings and errors as one document."""
    findings = [record(finding, each.source) for each in checked for finding in each.findings]
    return _document(findings=findings, errors=[error(problem) for problem in problems], **_notes(notes))


def fixes(results: Iterable[tuple[str, FixResult]], problems: Iterable[Problem], notes: Iterable[Note] = ()) -> str:
    """What became of each file as one document."""
    files = [
        {
            "path": text_of(path),
            "changed": result.changed,
            "rewrite": result.rewrite,
            **({"refusal": result.refusal} if result.refusal is not None else {}),
            "safety": result.safety.value if result.safety else None,
            "obligations": [
                {"name": each.name, "proof": each.proof.value, "why": each.why} for each in result.obligations
            ],
            "reasons": [
                {"code": each.code, "line": each.line, "message": text_of(each.message)} for each in result.reasons
            ],
            "text": text_of(result.text),
        }
        for path, result in results
    ]
    return _document(files=files, errors=[error(problem) for problem in problems], **_notes(notes))


def record(finding: Finding, source: Source) -> dict[str, Any]:
    """One finding; lines and columns count from 1 in code points, the end is exclusive."""
    start, end = source.position(finding.span.start), source.position(finding.span.end)
    return {
        "code": finding.code,
        "name": finding.name,
        "message": text_of(finding.message),
        "path": text_of(source.path),
        "line": start.line,
        "column": start.column,
        "end_line": end.line,
        "end_column": end.column,
        "severity": finding.severity.label,
        "cost_mb": None if finding.cost_mb is None else round(finding.cost_mb, 1),
        "fix": _fix(finding.fix),
    }


def error(problem: Problem) -> dict[str, str]:
    """One thing that kept dockslim from its job."""
    return {"path": text_of(problem.path), "message": text_of(problem.message)}


def _notes(notes: Iterable[Note]) -> dict[str, Any]:
    """What could not be looked at, where there is such."""
    told = [{"path": text_of(each.path), "line": each.line, "message": text_of(each.message)} for each in notes]
    return {"notes": told} if told else {}


def _fix(fix: Fix | Refused | None) -> dict[str, str] | None:
    match fix:
        case Fix():
            return {"id": fix.id, "safety": fix.safety.value, "title": text_of(fix.title)}
        case Refused():
            return {"refused": text_of(fix.reason)}
        case _:
            return None


def text_of(text: str) -> str:
    """Text without lone surrogates, which many readers of JSON refuse: bytes that are not UTF-8 become U+FFFD."""
    return text if text.isascii() else text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _document(**parts: Any) -> str:
    return json.dumps({"schema": SCHEMA, **parts}, indent=2, ensure_ascii=False) + "\n"
