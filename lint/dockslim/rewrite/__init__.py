"""Edits on spans, the multi-stage plan (or a refusal with its reason), and the guard."""

from __future__ import annotations

from dockslim.model import Stage
from dockslim.rewrite.cost import Cost, cost, leftovers
from dockslim.rewrite.culprits import Culprit, CulpritKind, culprits
from dockslim.rewrite.edits import (
    Edit,
    Fix,
    FixedEffect,
    Note,
    Obligation,
    OverlapError,
    Proof,
    Refused,
    Safety,
    apply_edits,
)

__all__ = [
    "Cost",
    "Culprit",
    "CulpritKind",
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
    "cost",
    "culprits",
    "leftovers",
    "rewrite",
]


def rewrite(stage: Stage) -> Fix | Refused | None:
    """Return the multi-stage rewrite of a stage, the reason why there is none, or None where nothing is to be slimmed.

    The answer is computed once; all findings that it would mend share it.
    """
    from dockslim.rewrite.layout import to_fix
    from dockslim.rewrite.plan import Plan, RefusalError
    from dockslim.rewrite.planner import plan

    memory = stage.facts.memory
    key = ("rewrite", stage.key)
    if key not in memory:
        answer = plan(stage)
        result: Fix | Refused | None
        if answer is None:
            result = None
        elif isinstance(answer, Plan):
            try:
                result = to_fix(answer, "build the wheels in a stage of their own")
            except RefusalError as error:
                result = Refused(error.refusal.reason, error.refusal.span)
        else:
            result = Refused(answer.reason, answer.span)
        memory[key] = result
    return memory[key]  # type: ignore[return-value]
