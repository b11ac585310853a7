"""Build a Dockerfile's image before and after, weigh both, look inside, and compare.

``verify(path)`` is what ``dockslim verify`` runs, ``complete(…)`` the loop behind ``dockslim fix --verify``; both
return frozen values (``dockslim.verify.results``) and raise ``Fault`` when nothing could be verified.
"""

from __future__ import annotations

from dockslim.later import TYPE_CHECKING

__all__ = [
    "Completion",
    "Fault",
    "Options",
    "Verification",
    "choose",
    "complete",
    "discharged",
    "verified_fix",
    "verify",
]

if TYPE_CHECKING:
    from dockslim.verify.bench import Options
    from dockslim.verify.completion import Completion, complete, discharged
    from dockslim.verify.engines import choose
    from dockslim.verify.faults import Fault
    from dockslim.verify.fixing import verified_fix
    from dockslim.verify.results import Verification
    from dockslim.verify.verification import verify

_PLACES = {
    "Completion": "completion",
    "Fault": "faults",
    "Options": "bench",
    "Verification": "results",
    "choose": "engines",
    "complete": "completion",
    "discharged": "completion",
    "verified_fix": "fixing",
    "verify": "verification",
}


def __getattr__(name: str) -> object:
    # Lazy: the command line shows its help without any of it.
    import importlib

    if name in _PLACES:
        return getattr(importlib.import_module(f"dockslim.verify.{_PLACES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
