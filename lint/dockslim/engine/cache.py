"""Answers given before, in the user's cache folder: a file an answer, named after everything that it follows from.

A record is a digest and marshalled data behind it: a damaged one is noticed and is none.  It holds the questions that
were asked of the build context with their answers, and counts only while those are the same.  Records are written
whole and renamed into place, so that any number of processes may share the folder; whatever goes wrong with it, the
answer is worked out anew.
"""

from __future__ import annotations

import marshal
import os
import re
import sys
from collections.abc import Iterable

from dockslim.later import TYPE_CHECKING
from dockslim.model.context import Context, digest

if TYPE_CHECKING:
    from typing import Any

__all__ = ["Cache", "folder"]

#: Counts changes of the form of a record.
FORM = "records-1"
#: So many records of one shard (of 256) are kept, about; the oldest go.
MOST = 400


def folder() -> str | None:
    """The folder of the cache: ``DOCKSLIM_CACHE_DIR``, or the platform's place for such; None where there is none."""
    named = os.environ.get("DOCKSLIM_CACHE_DIR")
    if named:
        return named
    home = os.path.expanduser("~")  # noqa: PTH111 - pathlib is slow to import
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or f"{home}\\AppData\\Local"
        return f"{base}\\dockslim\\cache"
    if sys.platform == "darwin":
        return f"{home}/Library/Caches/dockslim"
    base = os.environ.get("XDG_CACHE_HOME", "")
    if not base.startswith("/"):
        if not home.startswith("/"):
            return None
        base = f"{home}/.cache"
    return f"{base}/dockslim"


class Cache:
    """Records by key."""

    def __init__(self, place: str) -> None:
        self.place = f"{place}/{FORM}"
        self._writable = True

    def get(self, key: bytes, contexts: Iterable[Context]) -> bytes | None:
        """Return what was put, if each context still answers as it did then."""
        try:
            with open(self._path(key), "rb") as file:  # noqa: PTH123
                record = file.read()
        except OSError:
            return None
        if digest(key + record[16:]) != record[:16]:
            return None
        witnesses, value = marshal.loads(memoryview(record)[16:])
        contexts = list(contexts)
        if len(witnesses) != len(contexts):
            return None
        for context, asked in zip(contexts, witnesses, strict=True):
            for question, about, answer in asked:
                if context.answer(question, about) != answer:
                    return None
        return bytes(value)

    def put(self, key: bytes, contexts: Iterable[Context], value: bytes) -> None:
        """Keep a value, and what it follows from; nothing happens where it cannot be kept."""
        if not self._writable:
            return
        witnesses: Any = [[(*question, answer) for question, answer in each.asked.items()] for each in contexts]
        data = marshal.dumps((witnesses, value))
        path = self._path(key)
        new = f"{path}.{os.getpid()}.new"
        try:
            try:
                descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
            except FileNotFoundError:
                os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)  # noqa: PTH103, PTH120
                descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        except FileExistsError:  # left by a process that was killed
            _remove(new)
            return
        except OSError:
            self._writable = False
            return
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(digest(key + data) + data)
            os.replace(new, path)  # noqa: PTH105
        except OSError:
            _remove(new)
            self._writable = False
            return
        if key[1] & 31 == 0:
            self._prune(os.path.dirname(path))  # noqa: PTH120

    def clear(self) -> int:
        """Take all records away, those of other versions too; return how many there were.  Raises OSError."""
        count = 0
        for place in _folders(os.path.dirname(self.place), _IS_PLACE):  # noqa: PTH120
            for shard in _folders(place, _IS_SHARD):
                with os.scandir(shard) as entries:
                    names = [entry.name for entry in entries if re.fullmatch(_IS_RECORD, entry.name)]
                for name in names:
                    os.remove(f"{shard}/{name}")  # noqa: PTH107
                count += sum(not name.endswith(".new") for name in names)
        return count

    def _path(self, key: bytes) -> str:
        name = key.hex()
        return f"{self.place}/{name[:2]}/{name[2:]}"

    @staticmethod
    def _prune(shard: str) -> None:
        try:
            with os.scandir(shard) as entries:
                aged = sorted((entry.stat().st_mtime, entry.path) for entry in entries)
        except OSError:
            return
        if len(aged) > MOST:
            for _, path in aged[: len(aged) // 2]:
                _remove(path)


#: What is ours in the folder; nothing else is ever removed, wherever DOCKSLIM_CACHE_DIR points.
_IS_PLACE = r"records-\d+"
_IS_SHARD = r"[0-9a-f]{2}"
_IS_RECORD = r"[0-9a-f]{30}(\.\d+\.new)?"


def _folders(parent: str, wanted: str) -> list[str]:
    try:
        with os.scandir(parent) as entries:
            return [
                each.path for each in entries if re.fullmatch(wanted, each.name) and each.is_dir(follow_symlinks=False)
            ]
    except FileNotFoundError:
        return []


def _remove(path: str) -> None:
    try:
        os.remove(path)  # noqa: PTH107
    except OSError:
        return
