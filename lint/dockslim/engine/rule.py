"""A rule: one class whose docstring is its page, whose examples are its tests, and whose check finds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from dockslim.engine.finding import Annotation, Finding, Severity
from dockslim.later import TYPE_CHECKING
from dockslim.rewrite.edits import Fix, Refused, Safety
from dockslim.syntax.span import Span

if TYPE_CHECKING:
    from typing import Any, ClassVar, Protocol

    from dockslim.model import Action, Facts, Stage
    from dockslim.syntax import Instruction

    class HasSpan(Protocol):
        """Anything that knows where it stands: a node, a word, an action."""

        @property
        def span(self) -> Span:
            """The place in the file."""


__all__ = ["Example", "Rule", "RuleDefinitionError"]


class RuleDefinitionError(TypeError):
    """A rule class lacks something that every rule has."""


class Example:
    """One Dockerfile that shows a rule at work; a test and a piece of documentation at once.

    ``bad``: a file that is flagged, each flagged word in guillemets (``«gcc»``), exactly as far as the finding goes.
    ``good``: what the fix makes of it; leave it out where the rule mends nothing, and say in ``refused`` a part of the
    reason where a fix is declined.  ``allow``: a look-alike that must not be flagged.  ``files``: the build context,
    by relative path.  ``unsafe``: whether the fix of this example is unsafe, where that differs from the rule's own
    safety.  ``note`` is printed above the example on the rule's page.
    """

    # Written out: a frozen dataclass would cost a millisecond of every start.
    __slots__ = ("allow", "bad", "files", "good", "note", "refused", "unsafe")

    def __init__(
        self,
        *,
        bad: str = "",
        good: str | None = None,
        allow: str = "",
        files: Mapping[str, str] | None = None,
        unsafe: bool | None = None,
        refused: str = "",
        note: str = "",
    ) -> None:
        self.bad = bad
        self.good = good
        self.allow = allow
        self.files = dict(files or {})
        self.unsafe = unsafe
        self.refused = refused
        self.note = note
        if bool(self.bad) == bool(self.allow):
            raise RuleDefinitionError("an Example has either bad= or allow=")
        if self.bad and not ("«" in self.bad and self.bad.count("«") == self.bad.count("»")):
            raise RuleDefinitionError("an Example's bad= marks each flagged span with «guillemets»")
        if self.allow and (self.good is not None or self.refused):
            raise RuleDefinitionError("an Example's allow= has nothing to fix")


class Rule:
    """Base of all rules.

    A subclass has a docstring (its page: one sentence, then what, why, the fix and its safety), a ``code`` (letters and
    three digits), a ``name`` in kebab case that states the smell, and ``examples``; without them it is refused where it
    is defined.  It overrides the narrowest of ``check_file``, ``check_stage``, ``check_instruction`` and
    ``check_action`` that suffices: the wide ones call the narrower ones.

    ``severity`` is that of its findings; ``safety`` that of its fix, None where it has none; ``enabled`` whether it
    runs unasked; ``every_stage`` whether it also judges stages that do not ship; ``rewrites`` whether its fix is the
    multi-stage rewrite; ``aliases`` are the codes of other linters that say the same (``DL3009``).
    """

    code: ClassVar[str]
    name: ClassVar[str]
    examples: ClassVar[tuple[Example, ...]]
    severity: ClassVar[Severity] = Severity.WARNING
    safety: ClassVar[Safety | None] = None
    enabled: ClassVar[bool] = True
    every_stage: ClassVar[bool] = False
    rewrites: ClassVar[bool] = False
    aliases: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls, *, abstract: bool = False, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        if not abstract:
            _insist(cls)

    def check_file(self, facts: Facts) -> Iterator[Finding]:
        """Judge a whole file; by default each stage that ships (each stage at all with ``every_stage``)."""
        for stage in facts.stages:
            if self.every_stage or stage.ships:
                yield from self.check_stage(stage)

    def check_stage(self, stage: Stage) -> Iterator[Finding]:
        """Judge one stage; by default each of its instructions and each of its actions."""
        # What is not overridden finds nothing, and need not be asked of every instruction.
        if type(self).check_instruction is not Rule.check_instruction:
            for instruction in stage.instructions:
                yield from self.check_instruction(instruction)
        if type(self).check_action is not Rule.check_action:
            for action in stage.actions:
                yield from self.check_action(action)

    def check_instruction(self, instruction: Instruction) -> Iterator[Finding]:
        """Judge one instruction; finds nothing by default."""
        yield from ()

    def check_action(self, action: Action) -> Iterator[Finding]:
        """Judge one action (a recognised command of a RUN); finds nothing by default."""
        yield from ()

    def finding(
        self,
        at: Span | HasSpan,
        message: str,
        *,
        cost_mb: float | None = None,
        help: str = "",
        annotations: Iterable[Annotation] = (),
        fix: Fix | Refused | None = None,
        severity: Severity | None = None,
    ) -> Finding:
        """Make a finding of this rule at a span, or at whatever has one."""
        return Finding(
            code=self.code,
            name=self.name,
            message=message,
            span=at if isinstance(at, Span) else at.span,
            severity=self.severity if severity is None else severity,
            cost_mb=cost_mb,
            help=help,
            annotations=tuple(annotations),
            fix=fix,
        )

    @classmethod
    def summary(cls) -> str:
        """The first sentence of the page."""
        return (cls.__doc__ or "").strip().split("\n\n")[0].replace("\n    ", " ").strip()


def _insist(rule: type[Rule]) -> None:
    """Raise RuleDefinitionError for what a rule class lacks."""
    where = f"{rule.__module__}.{rule.__qualname__}"
    if not (rule.__dict__.get("__doc__") or "").strip():
        raise RuleDefinitionError(f"{where}: a rule needs a docstring: it is the rule's page")
    if not _is_code(str(getattr(rule, "code", ""))):
        raise RuleDefinitionError(f"{where}: a rule needs a code of capital letters and three digits, such as SLIM101")
    if not _is_name(str(getattr(rule, "name", ""))):
        raise RuleDefinitionError(f"{where}: a rule needs a name in kebab case, such as build-tools-in-final-stage")
    examples = getattr(rule, "examples", ())
    if not isinstance(examples, tuple) or not examples or not all(isinstance(each, Example) for each in examples):
        raise RuleDefinitionError(f"{where}: a rule needs examples: a tuple of Example, they are its tests")


def _is_code(code: str) -> bool:
    letters, digits = code[:-3], code[-3:]
    return code.isascii() and 2 <= len(letters) <= 8 and letters.isalpha() and letters.isupper() and digits.isdigit()


def _is_name(name: str) -> bool:
    words = name.split("-")
    return name.isascii() and name[:1].isalpha() and all(word.isalnum() and word == word.lower() for word in words)
