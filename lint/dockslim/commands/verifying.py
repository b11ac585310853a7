"""``fix --verify``: the fixer that builds and looks."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable

from dockslim.commands.mistake import Mistake
from dockslim.later import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from dockslim.engine.fixer import FixResult
    from dockslim.engine.session import Work

__all__ = ["verifying"]


def verifying(chosen: dict[str, Any]) -> Callable[[Work], FixResult] | None:
    """The fixer that builds and looks, where the options of ``fix`` ask for it.  Raises Mistake."""
    asked = {name: chosen[name] for name in ("engine", "network", "smoke")}
    if not chosen["verify"]:
        for name, value in asked.items():
            if value is not None:
                raise Mistake(f"--{name} goes with --verify")
        return None
    from dockslim.report.fix import CannotFixError
    from dockslim.verify import Fault, Options, verified_fix
    from dockslim.verify.engines import choose
    from dockslim.verify.progress import progress_for

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _interrupt)  # what was made is cleared away, as after Ctrl-C

    def fixed(work: Work) -> FixResult:
        options = Options(network=asked["network"], smoke=asked["smoke"])
        progress = progress_for()
        try:
            engine = choose(asked["engine"] or "auto")
            return verified_fix(work, unsafe=chosen["unsafe_fixes"], options=options, engine=engine, progress=progress)
        except Fault as fault:
            raise CannotFixError(str(fault)) from fault
        finally:
            progress.close()

    return fixed


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt
