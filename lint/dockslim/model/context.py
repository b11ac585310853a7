"""The build context: files that COPY can bring, read for what they say, never from outside the folder."""

from __future__ import annotations

import fnmatch
import os
import posixpath
from pathlib import Path

try:
    from _blake2 import blake2b  # hashlib would load OpenSSL, which takes as long as a file takes to check
except ImportError:  # an implementation of Python without it
    from hashlib import blake2b

from dockslim.later import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TypeVar

    Answer = TypeVar("Answer")

__all__ = ["Context", "digest"]

#: Files larger than this are not read: no requirements file or entrypoint script is.
LIMIT = 2_000_000


class Context:
    """A folder whose files a build sees; what .dockerignore leaves out is not there.

    Paths are relative to the folder, with forward slashes.  A path that leads outside, by `..` or by a symbolic
    link, does not exist.
    """

    def __init__(self, folder: Path, ignore_name: str = ".dockerignore") -> None:
        self.folder = folder
        self._resolved: Path | None = None
        self._ignore_name = ignore_name
        self._ignore: list[tuple[bool, str]] | None = None
        self._cache: dict[str, str | None] = {}
        #: Every question asked of the context, with its answer (of a text: its digest). Who asks them again, and is
        #: answered the same, may take what was concluded from them for granted.
        self.asked: dict[tuple[str, str], object] = {}

    @property
    def has_ignore_file(self) -> bool:
        """Whether a .dockerignore stands in it."""
        return self.noted("has_ignore_file", "", (self.folder / self._ignore_name).is_file())

    def noted(self, question: str, about: str, answer: Answer) -> Answer:
        """Note a question and its answer, and return that."""
        self.asked[question, about] = answer
        return answer

    def answer(self, question: str, about: str) -> object:
        """Ask a question of ``asked`` once more."""
        if question == "read":
            self.read(about)
        elif question == "has_ignore_file":
            return self.has_ignore_file
        elif question == "luggage":
            from dockslim.model.luggage import luggage

            luggage(self)
        elif question == "sources":
            from dockslim.model.python_sources import look

            return tuple(look(self, about))
        elif question in ("ending", "exists", "glob", "ignored", "is_folder"):
            getattr(self, question)(about)
        return self.asked.get((question, about))

    def read(self, path: str) -> str | None:
        """Return the text of a file of the context; None where there is none that a build would see."""
        normal = posixpath.normpath(path.lstrip("/"))
        if normal not in self._cache:
            self._cache[normal] = self._read(normal)
        text = self._cache[normal]
        if ("read", path) not in self.asked:
            self.asked["read", path] = None if text is None else digest(text.encode("utf-8", "surrogatepass"))
        return text

    def peek(self, path: str) -> str | None:
        """Return the text of a file that was found by walking the folder (so it lies inside), without a note of it.

        For one who notes by himself what he concluded from many files.
        """
        if self._left_out(path):
            return None
        try:
            with (self.folder / path).open("rb") as file:
                return file.read(LIMIT).decode("utf-8", "replace")
        except OSError:
            return None

    def _read(self, normal: str) -> str | None:
        found = self._inside(normal)
        if found is None or not found.is_file() or self._left_out(normal):
            return None
        try:
            if found.stat().st_size > LIMIT:
                return None
            return found.read_bytes().decode("utf-8-sig")
        except (OSError, UnicodeDecodeError):
            return None

    def is_folder(self, path: str) -> bool:
        """Whether the context has such a folder."""
        found = self._inside(posixpath.normpath(path.lstrip("/") or "."))
        return self.noted("is_folder", path, found is not None and found.is_dir())

    def exists(self, path: str) -> bool:
        """Whether the context has such a file or folder."""
        normal = posixpath.normpath(path.lstrip("/") or ".")
        found = self._inside(normal)
        return self.noted("exists", path, found is not None and found.exists() and not self._left_out(normal))

    def glob(self, pattern: str) -> list[str]:
        """Return the files that a COPY pattern matches, sorted."""
        found = self._glob(posixpath.normpath(pattern.lstrip("/")))
        self.noted("glob", pattern, tuple(found))
        return found

    def ending(self, ends: str) -> list[str]:
        """Return the files, in the folder or one below it, whose names end in one of ``ends`` (one a line), sorted."""
        folders, found, endings = [""], [], tuple(ends.split("\n"))
        for folder in folders:
            try:
                with os.scandir(self.folder / folder) as entries:
                    for entry in entries:
                        path = f"{folder}{entry.name}"
                        if entry.name.endswith(endings) and entry.is_file(follow_symlinks=False):
                            found.append(path)
                        elif not folder and entry.is_dir(follow_symlinks=False):
                            folders.append(f"{path}/")
            except OSError:
                continue
        found = sorted(path for path in found if not self._left_out(path))
        self.noted("ending", ends, tuple(found))
        return found

    def _glob(self, normal: str) -> list[str]:
        if normal.startswith(".."):
            return []
        try:
            found = [path.relative_to(self.folder).as_posix() for path in self.folder.glob(normal)]
        except (OSError, ValueError, NotImplementedError):
            return []
        return sorted(path for path in found if not self._left_out(path))

    def _inside(self, normal: str) -> Path | None:
        if normal.startswith("..") or "\0" in normal:
            return None
        try:
            found = (self.folder / normal).resolve()
        except (OSError, RuntimeError, ValueError):
            return None
        if self._resolved is None:
            self._resolved = self.folder.resolve()
        return found if found == self._resolved or self._resolved in found.parents else None

    def ignored(self, path: str) -> bool:
        """Whether .dockerignore leaves ``path`` (or a folder above it) out; the last pattern that matches decides."""
        return self.noted("ignored", path, self._left_out(path))

    def _left_out(self, path: str) -> bool:
        out = False
        parts = path.split("/")
        ways = ["/".join(parts[: count + 1]) for count in range(len(parts))]
        for keep, pattern in self._patterns():
            if any(matches(pattern, way) for way in ways):
                out = not keep
        return out

    def _patterns(self) -> list[tuple[bool, str]]:
        if self._ignore is None:
            self._ignore = []
            try:
                lines = (self.folder / self._ignore_name).read_text("utf-8", errors="replace").splitlines()
            except OSError:
                lines = []
            for line in lines:
                pattern = line.strip()
                if pattern and not pattern.startswith("#"):
                    keep = pattern.startswith("!")
                    self._ignore.append((keep, posixpath.normpath(pattern.lstrip("!").strip().strip("/"))))
        return self._ignore


def digest(data: bytes) -> bytes:
    """A short name for some bytes, that no other bytes have."""
    return blake2b(data, digest_size=16).digest()


def matches(pattern: str, path: str) -> bool:
    """Whether a .dockerignore pattern matches a path: `*` stays inside one part, `**` crosses parts."""
    wanted, have = pattern.split("/"), path.split("/")
    return match_parts(wanted, have)


def match_parts(wanted: list[str], have: list[str]) -> bool:
    """Match part by part."""
    if not wanted:
        return not have
    if wanted[0] == "**":
        return any(match_parts(wanted[1:], have[skip:]) for skip in range(len(have) + 1))
    return bool(have) and fnmatch.fnmatchcase(have[0], wanted[0]) and match_parts(wanted[1:], have[1:])
