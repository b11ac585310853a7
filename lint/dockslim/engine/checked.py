"""A file that was checked: its text and findings, in the form in which a cache and other processes hand them over.

What is packed is plain data for ``marshal``; it is unpacked only where somebody asks for it.
"""

from __future__ import annotations

import marshal
from pathlib import Path

from dockslim.later import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from dockslim.engine.finding import Finding
    from dockslim.rewrite.edits import Fix, Refused
    from dockslim.syntax import Source

__all__ = ["Checked", "UnpackableError"]


class UnpackableError(ValueError):
    """Findings that hold something else than text, numbers and spans."""


class Checked:
    """A file and what was found in it.

    ``text`` is what a report made of it, where the session was told to ask for that; ``severities`` and ``fixable``
    (how many findings have a safe fix, how many an unsafe one) are known without unpacking the findings.
    """

    __slots__ = ("_data", "_findings", "_packed", "_source", "fixable", "path", "severities", "text")

    def __init__(self, path: Path, source: Source, findings: list[Finding], text: str | None = None) -> None:
        from dockslim.rewrite.edits import Fix

        self.path = path
        self.text = text
        self.severities = tuple(int(finding.severity) for finding in findings)
        words = [finding.fix.safety.value for finding in findings if isinstance(finding.fix, Fix)]
        self.fixable = (words.count("safe"), words.count("unsafe"))
        self._source: Source | None = source
        self._findings: list[Finding] | None = findings
        self._packed: Any = None
        self._data = source.data

    @property
    def data(self) -> bytes:
        """The file's bytes."""
        return self._data

    @property
    def source(self) -> Source:
        """The file's text."""
        if self._source is None:
            from dockslim.syntax.source import Source

            self._source = Source(self._data, self.path.as_posix())
        return self._source

    @property
    def findings(self) -> list[Finding]:
        """What was found, by place."""
        if self._findings is None:
            self._findings = _unpacked(*self._packed)
        return self._findings

    def pack(self) -> bytes:
        """Everything but path and data, as bytes.  Raises UnpackableError."""
        try:
            return marshal.dumps((self.text, self.severities, self.fixable, _packed(self.findings)))
        except (ValueError, TypeError, AttributeError) as error:
            raise UnpackableError(str(error)) from error

    @classmethod
    def unpack(cls, path: Path, data: bytes, packed: bytes) -> Checked:
        """What ``pack`` gave, of a file at this path and with these bytes."""
        checked = cls.__new__(cls)
        checked.path = path
        checked.text, checked.severities, checked.fixable, checked._packed = marshal.loads(packed)
        checked._source = checked._findings = None
        checked._data = data
        return checked


def _packed(findings: Iterable[Finding]) -> tuple[Any, ...]:
    fixes: list[Fix | Refused] = []
    rows = []
    for each in findings:
        at = None
        if each.fix is not None:
            at = next((number for number, fix in enumerate(fixes) if fix is each.fix), len(fixes))
            if at == len(fixes):
                fixes.append(each.fix)
        notes = tuple((*note.span, note.message) for note in each.annotations)
        row = (each.code, each.name, each.message, *each.span, int(each.severity), each.cost_mb, each.help, notes, at)
        rows.append(row)
    return tuple(rows), tuple(map(_packed_fix, fixes))


def _packed_fix(fix: Fix | Refused) -> tuple[Any, ...]:
    from dockslim.rewrite.edits import Fix

    if not isinstance(fix, Fix):
        return (fix.reason, None if fix.span is None else tuple(fix.span))
    return (
        fix.id,
        fix.title,
        tuple((*edit.span, edit.text) for edit in fix.edits),
        fix.safety.value,
        fix.phase,
        tuple((each.name, each.proof.value, each.why) for each in fix.obligations),
        tuple(map(tuple, fix.notes)),
        tuple(sorted(effect.value for effect in fix.effects)),
    )


def _unpacked(rows: tuple[Any, ...], packed_fixes: tuple[Any, ...]) -> list[Finding]:
    from dockslim.engine.finding import Annotation, Finding, Severity
    from dockslim.syntax.span import Span

    fixes = list(map(_unpacked_fix, packed_fixes))
    return [
        Finding(
            code,
            name,
            message,
            Span(start, end),
            Severity(severity),
            cost,
            help_,
            tuple(Annotation(Span(left, right), words) for left, right, words in notes),
            None if at is None else fixes[at],
        )
        for code, name, message, start, end, severity, cost, help_, notes, at in rows
    ]


def _unpacked_fix(packed: tuple[Any, ...]) -> Fix | Refused:
    from dockslim.rewrite.edits import Edit, Fix, FixedEffect, Note, Obligation, Proof, Refused, Safety
    from dockslim.syntax.span import Span

    if len(packed) == 2:
        reason, span = packed
        return Refused(reason, None if span is None else Span(*span))
    id_, title, edits, safety, phase, obligations, notes, effects = packed
    return Fix(
        id_,
        title,
        tuple(Edit(Span(start, end), text) for start, end, text in edits),
        Safety(safety),
        phase,
        tuple(Obligation(name, Proof(proof), why) for name, proof, why in obligations),
        tuple(Note(*note) for note in notes),
        frozenset(map(FixedEffect, effects)),
    )
