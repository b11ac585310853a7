"""The variables an instruction sees: global ARG, stage ARG, ENV, and what a base image or a build may set."""

from __future__ import annotations

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


class Variables:
    """A scope of names; a value of None means: set, but to what is not known.

    ``open_ended`` scopes (a stage on an image whose ENV is not known) answer None for names that nobody declared;
    closed ones answer UNSET.
    """

    __slots__ = ("_arguments", "_environment", "open_ended")

    def __init__(self, environment: Mapping[str, str | None] | None = None, *, open_ended: bool = False) -> None:
        self._environment: dict[str, str | None] = dict(environment or {})
        self._arguments: dict[str, str | None] = {}
        self.open_ended = open_ended

    def lookup(self, name: str) -> str | Unset | None:
        """Return the value of ``name``: ENV wins over ARG, as in BuildKit."""
        if name in self._environment:
            return self._environment[name]
        if name in self._arguments:
            return self._arguments[name]
        if self.open_ended or name in PREDEFINED_ARGUMENTS:
            return None
        return UNSET

    def set_argument(self, name: str, value: str | None) -> None:
        """Declare an ARG."""
        self._arguments[name] = value

    def set_environment(self, name: str, value: str | None) -> None:
        """Set an ENV."""
        self._environment[name] = value

    def child(self) -> Variables:
        """Return the scope of a stage that starts from this one: ENV is handed down, and ARG as BuildKit does."""
        scope = Variables(self._environment, open_ended=self.open_ended)
        scope._arguments = dict(self._arguments)
        return scope

    def copy(self) -> Variables:
        """Return an independent copy: what an instruction saw, kept for later."""
        return self.child()

    @property
    def environment(self) -> dict[str, str | None]:
        """The ENV as it stands, a copy."""
        return dict(self._environment)

    @property
    def arguments(self) -> dict[str, str | None]:
        """The ARGs in scope, a copy."""
        return dict(self._arguments)
