"""Comments that silence findings: ``# dockslim: ignore=SLIM101 reason``, for a line, a stage or the file.

``ignore=`` speaks of the instruction below it; inside a continuation or a heredoc, of the next line.  ``stage-ignore=``
speaks of the stage it stands in, ``file-ignore=`` of the whole file.  A rule is meant by code, name or prefix.  What
hadolint (``# hadolint ignore=DL3009``) and BuildKit (``# check=skip=…``) are told counts for our rule with that alias.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from dockslim.engine.rule import Rule
from dockslim.engine.selection import resolve, suggest
from dockslim.later import TYPE_CHECKING, later
from dockslim.syntax.span import Span

if TYPE_CHECKING:
    from dockslim.syntax import File, Instruction

__all__ = ["Suppression", "Suppressions"]

_OURS = later(r"#\s*dockslim\s*:\s*(?P<what>.*)")
_FORM = later(r"(?P<scope>ignore|file-ignore|stage-ignore)\s*=\s*(?P<words>[\w-]+(?:\s*,\s*[\w-]+)*)")
_HADOLINT = later(r"#\s*hadolint\s+(?P<scope>global\s+)?ignore\s*=\s*(?P<words>[\w]+(?:\s*,\s*[\w]+)*)")
_SKIP = later(r"skip=(?P<words>[\w,\s]+)")


class Suppression:
    """One comment: the codes it silences, where, and whether it ever did."""

    __slots__ = ("codes", "comment", "complaint", "ours", "reach", "text", "used")

    def __init__(
        self, comment: Span, text: str, codes: frozenset[str], reach: Span, complaint: str, ours: bool
    ) -> None:
        self.comment = comment
        self.text = text
        self.codes = codes
        self.reach = reach
        self.complaint = complaint
        self.ours = ours
        self.used = False

    def covers(self, code: str, span: Span) -> bool:
        """Whether it silences a finding of ``code`` at ``span``."""
        return code in self.codes and self.reach.start <= span.start < max(self.reach.end, self.reach.start + 1)


class Suppressions:
    """All suppression comments of one file."""

    def __init__(self, file: File, rules: Sequence[type[Rule]]) -> None:
        self._file = file
        self._rules = rules
        self._whole = Span(0, len(file.text) + 1)
        self.all: tuple[Suppression, ...] = tuple(self._find()) if _mentions(file.text) else ()

    def silences(self, code: str, span: Span, *, use: bool = False) -> bool:
        """Whether a comment silences a finding; with ``use``, the comment has now been of use."""
        silenced = False
        for each in self.all:
            if each.covers(code, span):
                silenced = True
                each.used = each.used or use
        return silenced

    def idle(self, running: frozenset[str]) -> Iterator[tuple[Suppression, str]]:
        """Our comments that did nothing though all rules they name ran, each with a complaint."""
        for each in self.all:
            if not each.ours:
                continue
            if each.complaint:
                yield each, each.complaint
            elif not each.used and each.codes <= running:
                yield each, "nothing here to suppress"

    def _find(self) -> Iterator[Suppression]:
        for comment in self._file.comments:
            start = comment.span.start
            yield from self._read(comment.span, self._file.text[start : comment.span.end], heredoc=False)
        for instruction in self._file.instructions:
            for heredoc in instruction.heredocs:
                for found in re.finditer(r"(?m)^[ \t]*(#.*)$", heredoc.body):
                    start = heredoc.body_span.start + found.start(1)
                    span = Span(start, start + len(found.group(1)))
                    if self._file.text[span.start : span.end] == found.group(1):
                        yield from self._read(span, found.group(1), heredoc=True)
        for directive in self._file.directives:
            skip = _SKIP.search(directive.value) if directive.name.lower() == "check" else None
            if skip:
                yield self._foreign(directive.span, skip.group("words"), self._whole)

    def _read(self, span: Span, text: str, *, heredoc: bool) -> Iterator[Suppression]:
        foreign = _HADOLINT.search(text)
        if foreign:
            reach = self._whole if foreign.group("scope") else self._below(span, heredoc)
            yield self._foreign(span, foreign.group("words"), reach)
        ours = _OURS.search(text)
        if not ours:
            return
        form = _FORM.match(ours.group("what"))
        if form is None:
            complaint = "not understood: write ignore=, stage-ignore= or file-ignore= and the rules' codes"
            yield Suppression(span, text, frozenset(), self._whole, complaint, True)
            return
        codes: set[str] = set()
        complaint = ""
        for word in re.split(r"\s*,\s*", form.group("words")):
            meant = resolve(word, self._rules)
            if not meant:
                names = [name for rule in self._rules for name in (rule.code, rule.name)]
                complaint = f"no rule is called {word!r}{suggest(word, names)}"
            codes |= meant
        scope = form.group("scope")
        reach = {"file-ignore": self._whole, "stage-ignore": self._stage(span)}.get(scope) or self._below(span, heredoc)
        yield Suppression(span, text, frozenset(codes), reach, complaint, True)

    def _foreign(self, span: Span, words: str, reach: Span) -> Suppression:
        aliases = {word.strip() for word in words.split(",")}
        codes = frozenset(rule.code for rule in self._rules if aliases & set(rule.aliases))
        return Suppression(span, "", codes, reach, "", False)

    def _below(self, comment: Span, heredoc: bool) -> Span:
        """What a comment speaks of: the instruction below it, or inside of one its next line that is no comment."""
        for instruction in self._file.instructions:
            if instruction.span.start > comment.start:
                return Span(*instruction.span)
            if comment.start < instruction.span.end:
                return self._next_line(comment, instruction)
        return Span(comment.end, comment.end)

    def _next_line(self, comment: Span, instruction: Instruction) -> Span:
        text = self._file.text
        start = text.find("\n", comment.end) + 1
        while 0 < start < instruction.span.end:
            end = text.find("\n", start)
            end = len(text) if end < 0 else end
            line = text[start:end].strip()
            if line and not line.startswith("#"):
                return Span(start, end)
            start = end + 1
        return Span(comment.end, comment.end)

    def _stage(self, comment: Span) -> Span:
        """From the FROM that opens the comment's stage to the next one; a comment right above a FROM belongs to it."""
        below = next((each for each in self._file.instructions if each.span.end > comment.start), None)
        start, end = 0, self._whole.end
        for instruction in self._file.instructions:
            if instruction.name != "FROM":
                continue
            if instruction.span.start <= comment.start or instruction is below:
                start = instruction.span.start
            else:
                end = instruction.span.start
                break
        return Span(start, end)


def _mentions(text: str) -> bool:
    return "dockslim" in text or "hadolint" in text or "check=" in text
