"""One state of a document: what was found in it, and what its fixes would make of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dockslim.engine.finding import Finding
from dockslim.engine.fixer import fix
from dockslim.engine.guarding import violations
from dockslim.engine.session import Session, Work
from dockslim.rewrite.edits import Edit, Fix, OverlapError, Safety, apply_edits
from dockslim.syntax.span import Span

__all__ = ["Judged", "changed_lines", "silencing"]


class Judged:
    """A document's text, judged.  Raises ValueError where its configuration cannot be used or it cannot be read."""

    def __init__(self, session: Session, path: Path, text: str) -> None:
        # A client may send what is no text at all (lone surrogates); length stays the same.
        work = session.work(path, text.encode("utf-8", "replace"))
        if work is None:
            raise ValueError("; ".join(map(str, session.problems)))
        self.path = path
        self.text = text
        self.work: Work = work
        self.facts, self.findings = work.linter.judge(work.facts)
        self._guarded: dict[str, bool] = {}
        self._whole: str | None = None

    def may_apply(self, offer: Fix) -> bool:
        """Whether the guard lets a fix pass by itself."""
        if offer.id not in self._guarded:
            self._guarded[offer.id] = self._guard(offer)
        return self._guarded[offer.id]

    def _guard(self, offer: Fix) -> bool:
        if offer.safety is Safety.DISPLAY or self.facts.file.problems or self.facts.file.template:
            return False
        source = self.facts.file.source
        try:
            text = apply_edits(source.text, self.edits(offer))
            after, now = self.work.linter.judge(self.work.reader.facts(source.encode(text), self.path))
        except (OverlapError, LookupError, RecursionError):
            return False
        return text != source.text and not violations(self.facts, after, offer.effects, self.findings, now)

    def edits(self, offer: Fix) -> list[Edit]:
        """A fix's edits with the document's own line ends."""
        newline = self.facts.file.source.newline
        return [Edit(edit.span, edit.text.replace("\r\n", "\n").replace("\n", newline)) for edit in offer.edits]

    def whole(self) -> str:
        """The text with all safe fixes applied, one after the other until nothing changes."""
        if self._whole is None:
            result = fix(self.work.data, self.path, self.work.reader, self.work.linter)
            self._whole = result.text if result.changed else self.text
        return self._whole

    def at(self, start: int, end: int) -> Sequence[Finding]:
        """The findings that touch a range of the text."""
        return [each for each in self.findings if each.span.start <= end and each.span.end >= start]


def silencing(finding: Finding, text: str) -> Edit | None:
    """The comment that silences a finding, above its line; None where a comment could not stand there."""
    start = text.rfind("\n", 0, finding.span.start) + 1
    if start == 0 and text.startswith(("#", "\ufeff")):  # nothing may stand above parser directives
        return None
    line = text[start:].split("\n", 1)[0]
    indent = line[: len(line) - len(line.lstrip(" \t"))]
    newline = "\r\n" if line.endswith("\r") else "\n"
    return Edit(Span(start, start), f"{indent}# dockslim: ignore={finding.code}{newline}")


def changed_lines(before: str, after: str) -> list[Edit]:
    """What turns one text into the other, whole lines at a time, so that the rest of the document stays as it is."""
    import difflib

    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    starts = [0]
    for line in old:
        starts.append(starts[-1] + len(line))
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    return [
        Edit(Span(starts[first], starts[last]), "".join(new[start:stop]))
        for tag, first, last, start, stop in matcher.get_opcodes()
        if tag != "equal"
    ]
