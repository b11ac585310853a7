"""The variables an instruction sees: global ARG, stage ARG, ENV, and what a base image or a build may set."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping

from dockslim.syntax.expand import UNSET, Unset

__all__ = ["PREDEFINED_ARGUMENTS", "Variables"]

#: ARGs that BuildKit knows without a declaration; their values are the build's.
PREDEFINED_ARGUMENTS = frozenset(
    name
    for word in ("HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY")
    for name in (word, word.lower())
) | {"SOURCE_DATE_EPOCH"}

#: ARGs of the platform; global without a declaration, in a stage after `ARG NAME`.
PLATFORM_ARGUMENTS = frozenset(
    f"{side}{part}" for side in ("TARGET", "BUILD") for part in ("PLATFORM", "OS", "ARCH", "VARIANT")
) | {"TARGETSTAGE"}


#: For each name the moments at which it was set, and to what; both lists only grow.
_Rows = dict[str, tuple[list[int], list["str | None"]]]


class _History:
    """All that was ever set in a scope, with when: what an instruction saw is a moment, no copy."""

    __slots__ = ("arguments", "environment", "moment")

    def __init__(self) -> None:
        self.environment: _Rows = {}
        self.arguments: _Rows = {}
        self.moment = 0

    def set(self, rows: _Rows, name: str, value: str | None) -> None:
        self.moment += 1
        moments, values = rows.setdefault(name, ([], []))
        moments.append(self.moment)
        values.append(value)


class Variables:
    """A scope of names; a value of None means: set, but to what is not known.

    ``open_ended`` scopes (a stage on an image whose ENV is not known) answer None for names that nobody declared;
    closed ones answer UNSET.
    """

    __slots__ = ("_history", "_moment", "open_ended")

    def __init__(self, environment: Mapping[str, str | None] | None = None, *, open_ended: bool = False) -> None:
        self._history = _History()
        self._moment: int | None = None  # None: now, whatever is set later
        self.open_ended = open_ended
        for name, value in (environment or {}).items():
            self.set_environment(name, value)

    def lookup(self, name: str) -> str | Unset | None:
        """Return the value of ``name``: ENV wins over ARG, as in BuildKit."""
        history, moment = self._history, self._moment
        for rows in (history.environment, history.arguments):
            row = rows.get(name)
            if row is not None:
                at = len(row[0]) if moment is None else bisect_right(row[0], moment)
                if at:
                    return row[1][at - 1]
        if self.open_ended or name in PREDEFINED_ARGUMENTS:
            return None
        return UNSET

    def set_argument(self, name: str, value: str | None) -> None:
        """Declare an ARG."""
        history = self._own()
        history.set(history.arguments, name, value)

    def set_environment(self, name: str, value: str | None) -> None:
        """Set an ENV."""
        history = self._own()
        history.set(history.environment, name, value)

    def child(self) -> Variables:
        """Return the scope of a stage that starts from this one: ENV is handed down, and ARG as BuildKit does."""
        scope = Variables(open_ended=self.open_ended)
        scope._history = self._history
        scope._moment = self._history.moment if self._moment is None else self._moment
        return scope

    def copy(self) -> Variables:
        """Return an independent copy: what an instruction saw, kept for later."""
        return self.child()

    def holds(self, name: str) -> bool:
        """Whether an ENV or ARG of this name is in scope, its value known or not."""
        history, moment = self._history, self._moment
        for rows in (history.environment, history.arguments):
            row = rows.get(name)
            if row is not None and (moment is None or row[0][0] <= moment):
                return True
        return False

    @property
    def environment(self) -> dict[str, str | None]:
        """The ENV as it stands, a copy."""
        return self._state(self._history.environment)

    @property
    def arguments(self) -> dict[str, str | None]:
        """The ARGs in scope, a copy."""
        return self._state(self._history.arguments)

    def _state(self, rows: _Rows) -> dict[str, str | None]:
        moment = self._history.moment if self._moment is None else self._moment
        found = {name: (bisect_right(moments, moment), values) for name, (moments, values) in rows.items()}
        return {name: values[at - 1] for name, (at, values) in found.items() if at}

    def _own(self) -> _History:
        """A history that may be added to: a moment of another one is copied first."""
        if self._moment is not None:
            environment, arguments = self.environment, self.arguments
            self._history, self._moment = _History(), None
            for name, value in arguments.items():
                self._history.set(self._history.arguments, name, value)
            for name, value in environment.items():
                self._history.set(self._history.environment, name, value)
        return self._history
