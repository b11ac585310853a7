"""What a rule says about a place in a file."""

from __future__ import annotations

import enum

from dockslim.records import NamedTuple
from dockslim.rewrite.edits import Fix, Refused
from dockslim.syntax.span import Span

__all__ = ["Annotation", "Finding", "Severity"]


class Severity(enum.IntEnum):
    """How much a finding matters; ordered, so that ``--fail-on`` can compare."""

    INFO = 1
    WARNING = 2
    ERROR = 3

    @property
    def label(self) -> str:
        """The word printed and written to JSON."""
        return self.name.lower()


class Annotation(NamedTuple):
    """A further place that explains a finding, with a few words of its own."""

    span: Span
    message: str


class Finding(NamedTuple):
    """One complaint: a rule's code and name, a message, one primary span, perhaps others, a cost and at most one fix.

    ``cost_mb`` is in decimal megabytes, None where it is not known.  ``help`` is one line that says what to do.
    """

    code: str
    name: str
    message: str
    span: Span
    severity: Severity = Severity.WARNING
    cost_mb: float | None = None
    help: str = ""
    annotations: tuple[Annotation, ...] = ()
    fix: Fix | Refused | None = None
