"""Apply fixes, phase by phase, each pass read anew from the text that the last one left, until nothing changes."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence
from pathlib import Path

from dockslim.engine.finding import Finding
from dockslim.engine.fixed import Applied, FixResult, Reason, Refusal
from dockslim.engine.guarding import violations
from dockslim.engine.linter import Linter
from dockslim.engine.own import SyntaxProblem, Template
from dockslim.engine.reading import Reader
from dockslim.engine.trail import Trail
from dockslim.later import TYPE_CHECKING
from dockslim.records import NamedTuple
from dockslim.rewrite.edits import Edit, Fix, Note, OverlapError, Proof, Refused, Safety, apply_edits
from dockslim.syntax.span import Span

if TYPE_CHECKING:
    from typing import Literal

    from dockslim.model import Facts
    from dockslim.syntax import File

__all__ = ["FixResult", "Reason", "Refusal", "fix"]

PHASES = (0, 1, 2)
#: More passes, or so many more characters, only fixes need that answer themselves.
MOST_PASSES, MOST_GROWTH = 50, 20_000
_ORDER = (Safety.SAFE, Safety.UNSAFE, Safety.DISPLAY)
_REFUSALS: tuple[Refusal, ...] = ("unsafe", "display", "held-back", "declined")


class _State(NamedTuple):
    data: bytes
    facts: Facts
    findings: Sequence[Finding]


def fix(data: bytes, path: Path, reader: Reader, linter: Linter, *, unsafe: bool = False) -> FixResult:
    """Return a file's new text and why it is so; nothing is written.

    Only ``safe`` fixes are applied, with ``unsafe`` those too.
    """
    return _Work(data, path, reader, linter, unsafe).run()


class _Work:
    """One file on its way from its first text to its last."""

    def __init__(self, data: bytes, path: Path, reader: Reader, linter: Linter, unsafe: bool) -> None:
        self.path = path
        self.reader = reader
        self.linter = linter
        self.allowed = {Safety.SAFE, Safety.UNSAFE} if unsafe else {Safety.SAFE}
        self.first = self.state = self.read(data)
        self.trail = Trail()
        self.seen = {self.state.facts.file.text}
        self.applied: list[Applied] = []
        self.notes: list[tuple[str, Note]] = []
        self.barred: dict[tuple[str, tuple[Edit, ...]], str] = {}
        self.stopped = ""
        #: Why nothing of the file was so much as tried.
        self.spared: Reason | None = None

    def read(self, data: bytes) -> _State:
        return _State(data, *self.linter.judge(self.reader.facts(data, self.path)))

    def run(self) -> FixResult:
        self.spared = _spared(self.state.facts.file)
        if self.spared is not None:
            unread = self.spared.message.startswith(UNREAD)
            self.stopped = f"line {self.spared.line} {self.spared.message}" if unread else self.spared.message
        while not self.stopped and any(self.phase(number) for number in PHASES):
            pass
        return self.result()

    def phase(self, number: int) -> bool:
        """Apply the fixes of one phase until none is left; whether anything changed."""
        changed = False
        while not self.stopped and (batch := self.batch(number)):
            changed = self.attempt(batch) or changed
        return changed

    def batch(self, phase: int) -> list[Applied]:
        """The fixes of a phase that may be applied together now; what overlaps another waits for the next pass."""
        chosen: dict[str, Applied] = {}
        taken: list[Span] = []  # sorted, apart from each other
        for finding in self.state.findings:
            offer = finding.fix
            if not isinstance(offer, Fix) or offer.phase != phase or offer.safety not in self.allowed:
                continue
            if offer.id in chosen or (offer.id, offer.edits) in self.barred:
                continue
            if any(_taken(edit.span, taken) for edit in offer.edits):
                continue
            chosen[offer.id] = Applied(finding, offer)
            for edit in offer.edits:
                insort(taken, edit.span)
        return list(chosen.values())

    def attempt(self, batch: list[Applied]) -> bool:
        """Apply a batch if the guard lets it pass; else bar its members that fail alone. Whether the text changed."""
        state, why = self.try_out(batch)
        if state is not None:
            return self.accept(batch, state)
        if len(batch) == 1:
            self.bar(batch[0], why)
            return False
        alone = [(each, *self.try_out([each])) for each in batch]
        for each, passed, why in alone:
            if passed is None:
                self.bar(each, why)
        sound = [(each, passed) for each, passed, _ in alone if passed is not None]
        if len(sound) < len(batch):  # the sound ones come again, together
            return False
        return self.accept([sound[0][0]], sound[0][1])

    def bar(self, offer: Applied, why: str) -> None:
        """Offer a fix no more."""
        self.barred[offer.fix.id, offer.fix.edits] = why

    def try_out(self, part: list[Applied]) -> tuple[_State | None, str]:
        """What the text would be with some fixes, or why it may not be so."""
        source = self.state.facts.file.source
        edits = _at_home(self.edits(part), source.newline)
        try:
            text = apply_edits(source.text, edits)
        except OverlapError:
            return None, "its edits overlap"
        if text == source.text:
            return None, "it changes nothing"
        try:
            state = self.read(source.encode(text))
        except Exception as error:
            return None, f"its result could not be read ({type(error).__name__}: {error})"
        effects = frozenset(effect for each in part for effect in each.fix.effects)
        against = violations(self.state.facts, state.facts, effects, self.state.findings, state.findings)
        return (None, "the guard holds it back: " + "; ".join(against)) if against else (state, "")

    def accept(self, part: list[Applied], state: _State) -> bool:
        text = state.facts.file.text
        titles = ", ".join(each.fix.title for each in part)
        if text in self.seen:
            self.stopped = f"the fixes undo each other: {titles}"
        elif len(self.seen) > MOST_PASSES or len(text) > 2 * len(self.first.facts.file.text) + MOST_GROWTH:
            self.stopped = f"the fixes find no end: {titles}"
        if self.stopped:
            return False
        self.seen.add(text)
        source = self.state.facts.file.source
        for each in part:
            for note in each.notes(source):
                line = self.line(source.offset(min(max(note.line, 1), source.line_count), 1))
                self.notes.append((each.code, note._replace(line=line)))
        self.trail.add(_at_home(self.edits(part), source.newline))
        self.applied.extend(part)
        self.state = state
        return True

    def edits(self, part: Iterable[Applied]) -> list[Edit]:
        return [edit for each in part for edit in each.fix.edits]

    def line(self, offset: int) -> int:
        """The line in the first text of an offset in the present one."""
        source = self.first.facts.file.source
        return source.position(min(self.trail.back(offset), len(source.text))).line

    def result(self) -> FixResult:
        if self.stopped:  # the original stays
            self.state, self.applied, self.notes, self.trail = self.first, [], [], Trail()
        rewriting = {rule.code for rule in self.linter.rules if rule.rewrites}
        withheld = tuple(self.why_not())
        offers = [each.fix for each in self.applied]
        left = [each for each in self.state.findings if isinstance(each.fix, Fix)]
        offers += [each.fix for each in left if isinstance(each.fix, Fix) and (not offers or each.code in rewriting)]
        unique = {offer.id: offer for offer in offers}.values()
        rewrite: Literal["done", "refused", "none"] = "none"
        refusal: Refusal | None = None
        if any(each.code in rewriting for each in self.applied):
            rewrite = "done"
        elif any(reason.code in rewriting for reason in withheld):
            rewrite = "refused"
            kinds = [self.kind(each) for each in self.state.findings if each.code in rewriting and each.fix is not None]
            refusal = min(kinds, key=_REFUSALS.index, default="declined")
        told = [Reason(code, note.line, f"{note.action}: {note.what} ({note.why})") for code, note in self.notes]
        file = self.state.facts.file
        return FixResult(
            text=file.text,
            data=self.state.data,
            changed=self.state.data != self.first.data,
            rewrite=rewrite,
            safety=max((offer.safety for offer in unique), key=_ORDER.index, default=None),
            obligations=tuple(dict.fromkeys(each for offer in unique for each in offer.obligations)),
            notes=tuple(note for _, note in self.notes),
            reasons=(*told, *withheld),
            applied=tuple(self.applied),
            withheld=withheld,
            findings=tuple(self.state.findings),
            facts=self.state.facts,
            refusal=refusal,
        )

    def kind(self, finding: Finding) -> Refusal:
        """Of what kind the reason is for which a finding's fix was not made."""
        if not isinstance(finding.fix, Fix):
            return "declined"
        if finding.fix.safety is Safety.DISPLAY:
            return "display"
        return "held-back" if self.stopped or finding.fix.safety in self.allowed else "unsafe"

    def why_not(self) -> Iterable[Reason]:
        """The reason for each fix that was not made, once; before them the one why nothing was tried."""
        if self.spared is not None:
            yield self.spared
        told: set[tuple[str, str]] = set()
        for finding in self.state.findings:
            message = self.reason(finding)
            span = finding.span
            key = (finding.code, message)
            if isinstance(finding.fix, Refused) and finding.fix.span is not None:
                span = finding.fix.span
            elif isinstance(finding.fix, Fix):
                key = (finding.fix.id, message)
            if message and key not in told:
                told.add(key)
                yield Reason(finding.code, self.line(span.start), message)

    def reason(self, finding: Finding) -> str:
        offer = finding.fix
        if offer is None:
            return ""
        if isinstance(offer, Refused):
            return offer.reason
        if self.stopped:
            return f"{offer.title}: not done, {self.stopped}"
        if offer.safety is Safety.DISPLAY:
            return f"{offer.title}: only by hand"
        if offer.safety not in self.allowed:
            doubts = [
                f"{each.name} is {each.proof.value}: {each.why}"
                for each in offer.obligations
                if each.proof is not Proof.PROVEN
            ]
            return "; ".join([f"{offer.title}: unsafe, --unsafe-fixes would do it", *doubts])
        return f"{offer.title}: not done, {self.barred.get((offer.id, offer.edits), 'it waits for another fix')}"


def _taken(span: Span, taken: list[Span]) -> bool:
    """Whether one of the sorted spans overlaps ``span`` or touches it."""
    at = bisect_left(taken, span)
    return (at < len(taken) and taken[at].start <= span.end) or (at > 0 and taken[at - 1].end >= span.start)


def _at_home(edits: Iterable[Edit], newline: str) -> list[Edit]:
    """Give new text the line ends of the file."""
    if newline == "\n":
        return list(edits)
    return [Edit(edit.span, edit.text.replace("\r\n", "\n").replace("\n", newline)) for edit in edits]


#: Of the line that a reason names.
UNREAD = "does not read as a Dockerfile"


def _spared(file: File) -> Reason | None:
    """Why a file as a whole is left alone; None for a Dockerfile."""
    if file.template:
        return Reason(Template.code, 1, f"the file is a {file.template} template")
    if file.problems:
        problem = file.problems[0]
        line = file.source.position(problem.span.start).line
        return Reason(SyntaxProblem.code, line, f"{UNREAD}: {problem.message}")
    if not any(instruction.name == "FROM" for instruction in file.instructions):
        return Reason(SyntaxProblem.code, 1, "there is no FROM" if file.instructions else "the file is empty")
    return None
