"""What a plan is: for every instruction of the stage that ships, what the builder does with it and what stays."""

from __future__ import annotations

from dockslim.model import PipInstall, Requirements, Stage
from dockslim.records import NamedTuple
from dockslim.rewrite.culprits import Culprit
from dockslim.rewrite.edits import Edit, Note, Obligation, Proof
from dockslim.syntax import Instruction, Span

__all__ = ["Bases", "Plan", "Refusal", "RefusalError", "SplitInstall", "Treatment"]


class Refusal(NamedTuple):
    """Why a stage is not rewritten: ``reason`` completes "could be built in a stage of its own, but …"."""

    span: Span
    reason: str


class RefusalError(Exception):
    """Carries a Refusal out of the depths of the planner.

    ``form`` says that only the form of the install speaks against one way: why the other fails too tells more.
    """

    def __init__(self, span: Span, reason: str, *, form: bool = False) -> None:
        super().__init__(reason)
        self.refusal = Refusal(span, reason)
        self.form = form


class Bases(NamedTuple):
    """The image of each of the two stages, as text for their FROM lines.

    ``pinned`` names the release that was written into a floating tag; ``floating`` says that it should have been, for
    what comes in is named for a release, and could not be.
    """

    builder: str
    final: str
    release: str | None
    pinned: str | None = None
    floating: bool = False

    @property
    def shared(self) -> bool:
        """Whether both stages start from the same image."""
        return self.builder == self.final


class SplitInstall(NamedTuple):
    """One `pip install` that becomes a `pip wheel` in the builder and an install from ``folder`` in the final stage."""

    install: PipInstall
    folder: str
    by_path: bool
    why_by_path: str
    requirements: Requirements
    names: tuple[tuple[Span, str], ...] = ()  # folders that the final stage installs by their project's name
    builder_words: str = ""  # further words for `pip wheel`
    builder_tail: str = ""  # a further command behind it


class Treatment(NamedTuple):
    """What becomes of one instruction.

    ``builder`` is its text in the builder stage, None when it is not needed there; ``dropped`` says that it leaves the
    final stage; ``edits`` change it there; ``before`` is text for a new instruction in front of it.
    """

    instruction: Instruction
    builder: str | None = None
    dropped: bool = False
    edits: tuple[Edit, ...] = ()
    before: str = ""


class Plan(NamedTuple):
    """A rewrite, decided: a pure function of the facts of one stage."""

    stage: Stage
    culprits: tuple[Culprit, ...]
    bases: Bases
    builder_name: str
    treatments: tuple[Treatment, ...]
    shared_prefix: int  # so many leading instructions become a stage that both start from
    base_name: str
    new_install: tuple[str, ...]  # packages for a new install right behind FROM
    obligations: tuple[Obligation, ...]
    notes: tuple[Note, ...]

    @property
    def safe(self) -> bool:
        """Whether every obligation is proven."""
        return all(obligation.proof is Proof.PROVEN for obligation in self.obligations)
