"""Edits on spans, and the fixes made of them."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence

from dockslim.records import NamedTuple
from dockslim.syntax.span import Span

__all__ = [
    "Edit",
    "Fix",
    "FixedEffect",
    "Note",
    "Obligation",
    "OverlapError",
    "Proof",
    "Refused",
    "Safety",
    "apply_edits",
]


class Safety(enum.Enum):
    """How far a fix may be trusted.

    ``SAFE``: the image behaves the same.  ``UNSAFE``: probably; a person should look.  ``DISPLAY``: shown only.
    """

    SAFE = "safe"
    UNSAFE = "unsafe"
    DISPLAY = "display"


class Edit(NamedTuple):
    """Replace the text at ``span`` by ``text``; an empty span inserts."""

    span: Span
    text: str


class Proof(enum.Enum):
    """What is known of an obligation: shown to hold, open (only a person can judge), or contradicted."""

    PROVEN = "proven"
    OPEN = "open"
    CONTRADICTED = "contradicted"


class Obligation(NamedTuple):
    """One thing that must hold for a fix to be safe, what is known of it, and how."""

    name: str
    proof: Proof
    why: str


class Note(NamedTuple):
    """The reason for one moved, added or dropped piece of text: ``line`` counts from 1 in the original file."""

    action: str  # "moved", "added", "dropped", "kept"
    what: str
    why: str
    line: int


class FixedEffect(enum.Enum):
    """What of a stage's effective configuration a fix says that it changes; the guard holds it to all the others."""

    CMD = "CMD"
    ENTRYPOINT = "ENTRYPOINT"
    USER = "USER"
    EXPOSE = "EXPOSE"
    WORKDIR = "WORKDIR"
    ENV = "ENV"
    LABEL = "LABEL"
    HEALTHCHECK = "HEALTHCHECK"
    SHELL = "SHELL"
    STOPSIGNAL = "STOPSIGNAL"
    VOLUME = "VOLUME"
    ONBUILD = "ONBUILD"
    COMMENTS = "comments"


class Fix(NamedTuple):
    """Edits that belong together, all or none.

    ``id`` is shared by all findings that the same fix mends.  ``phase`` orders fixes: 0 words, 1 stages, 2 layout; each
    phase is re-read from the new text.  ``effects`` are the configuration changes that the fix declares.
    """

    id: str
    title: str
    edits: tuple[Edit, ...]
    safety: Safety = Safety.SAFE
    phase: int = 0
    obligations: tuple[Obligation, ...] = ()
    notes: tuple[Note, ...] = ()
    effects: frozenset[FixedEffect] = frozenset()


class Refused(NamedTuple):
    """A fix that was declined: ``reason`` completes "could be fixed, but …"; ``span`` is what stands in its way."""

    reason: str
    span: Span | None = None


class OverlapError(ValueError):
    """Two edits of one application touch the same characters."""


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """Return ``text`` with all ``edits`` made at once; spans speak of the text as it was.

    Insertions at one place keep the order in which they are given.  Raises OverlapError where two edits overlap.
    """
    ordered: Sequence[Edit] = sorted(edits, key=lambda edit: (edit.span.start, edit.span.end))
    pieces: list[str] = []
    at = 0
    for edit in ordered:
        if edit.span.start < at:
            raise OverlapError(f"edits overlap at offset {edit.span.start}")
        pieces.append(text[at : edit.span.start])
        pieces.append(edit.text)
        at = edit.span.end
    pieces.append(text[at:])
    return "".join(pieces)
