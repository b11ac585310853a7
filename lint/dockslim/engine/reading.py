"""From a path to facts: the one place where the engine reads files and calls the floors below."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from dockslim.engine.discovery import STDIN
from dockslim.later import TYPE_CHECKING

if TYPE_CHECKING:
    from dockslim.model import Context, Facts

__all__ = ["LARGEST", "Reader", "UnreadableError", "keeping", "read_bytes"]

#: No Dockerfile is larger (bytes); BuildKit's own limit for one line is smaller by far.
LARGEST = 4_000_000
USUAL = 30_000


class UnreadableError(Exception):
    """A file that cannot be read as text; the message says why."""


class Reader:
    """How files are read: with which build context, build arguments, target stage, and wishes for the rewrite.

    Without ``context`` the folder of each Dockerfile is its build context.
    """

    def __init__(
        self,
        context: Path | None = None,
        build_args: Mapping[str, str] | None = None,
        target: str | None = None,
        wheel_transfer: str = "mount",
        wheel_directory: str = "/wheels",
        pin_release: bool = True,
    ) -> None:
        self.context = context
        self.build_args = dict(build_args or {})
        self.target = target
        self.wheel_transfer = wheel_transfer
        self.wheel_directory = wheel_directory
        self.pin_release = pin_release

    def facts(self, data: bytes, path: Path) -> Facts:
        """Read bytes that stand (or will stand) at ``path``.  Raises LookupError where there is no target stage."""
        from dockslim.model import Options, read
        from dockslim.syntax import parse

        options = Options(self.wheel_directory, self.wheel_transfer, self.pin_release)
        context = self.build_context(path)
        facts = read(parse(data, path.as_posix()), context, self.build_args, self.target, options)
        if self.target is not None and facts.stages:
            _ = facts.final_stage
        return facts

    def build_context(self, path: Path) -> Context:
        """The build context of a file at ``path``."""
        from dockslim.model import Context

        folder = self.context or path.parent
        own_ignore = path.name + ".dockerignore"
        own = os.path.isfile(os.path.join(folder, own_ignore))  # noqa: PTH113, PTH118 -- of all files, mostly for nothing
        context = Context(folder, own_ignore if own else ".dockerignore")
        context.noted("own ignore file", "", own)
        return context


def keeping(facts: Facts, keep: frozenset[int]) -> Facts:
    """Read the same file again with words (by offset) that the rewrite is to leave where they are."""
    from dockslim.model import read

    options = facts.options._replace(keep=keep)
    return read(facts.file, facts.context, facts.build_arguments, facts.target, options)


def read_bytes(path: Path) -> bytes:
    """Return a file's bytes, ``-`` being standard input.  Raises UnreadableError for what is no text file."""
    try:
        if path == STDIN and sys.stdin is None:
            raise UnreadableError("standard input is closed")
        if path == STDIN:
            data = sys.stdin.buffer.read(LARGEST + 1)
        else:
            with open(path, "rb") as file:  # noqa: PTH123 -- the path's own way takes twice as long
                # Room is made for as much as is asked for, and hardly any file needs it.
                data = file.read(USUAL)
                if len(data) == USUAL:
                    data += file.read(LARGEST + 1 - USUAL)
    except OSError as error:
        raise UnreadableError((error.strerror or str(error)).lower()) from error
    if len(data) > LARGEST:
        raise UnreadableError(f"larger than {LARGEST // 1_000_000} MB: no Dockerfile")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableError("UTF-16 text: Docker reads UTF-8 only, save it as UTF-8")
    if b"\0" in data:
        raise UnreadableError("a binary file, no Dockerfile")
    return data
