"""Which lines were changed since a git revision, by git's own word."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from dockslim.later import TYPE_CHECKING

if TYPE_CHECKING:
    from dockslim.engine.finding import Finding
    from dockslim.engine.session import Checked

__all__ = ["ChangedLines", "ChangesError"]

_HUNK = re.compile(rb"@@ -\S+ \+(\d+)(?:,(\d+))? @@")
_ESCAPE = re.compile(rb"\\([0-7]{3}|.)")
_LETTERS = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"a": b"\a", b"b": b"\b", b"f": b"\f", b"v": b"\v"}


class ChangesError(Exception):
    """Git could not say what changed; the message says why and what to do."""


class ChangedLines:
    """Called with a file, it keeps the findings on lines that differ from ``revision`` (the working tree counts).

    A file that git does not follow is new as a whole.  Each repository is asked once; raises ChangesError.
    """

    def __init__(self, revision: str, folder: Path) -> None:
        self.revision = revision
        self._roots: dict[Path, Path] = {}
        self._changed: dict[Path, dict[Path, list[range]]] = {}
        self._known: dict[Path, frozenset[Path]] = {}
        self._lines_below(self._root(folder.resolve()))

    def __call__(self, checked: Checked) -> list[Finding]:
        """Return the findings that touch a changed line."""
        source = checked.source
        changed = self.lines(checked.path)
        if changed is None:
            return checked.findings
        kept = []
        for finding in checked.findings:
            first = source.position(finding.span.start).line
            last = source.position(max(finding.span.end - 1, finding.span.start)).line
            if any(first < lines.stop and last >= lines.start for lines in changed):
                kept.append(finding)
        return kept

    def lines(self, path: Path) -> list[range] | None:
        """The changed lines of a file; None where the whole file is new."""
        place = path.parent.resolve() / path.name
        root = self._root(place.parent)
        changed = self._lines_below(root)
        if place in changed:
            return changed[place]
        return [] if place in self._known[root] else None

    def _root(self, folder: Path) -> Path:
        if folder not in self._roots:
            try:
                top = _git(folder, "rev-parse", "--show-toplevel")
            except ChangesError as error:
                raise ChangesError(f"{folder}: no git repository: --diff-only needs one ({error})") from error
            self._roots[folder] = Path(os.fsdecode(top.rstrip(b"\r\n"))).resolve()
        return self._roots[folder]

    def _lines_below(self, root: Path) -> dict[Path, list[range]]:
        if root not in self._changed:
            if self.revision.startswith("-"):
                raise ChangesError(f"--diff-only: {self.revision!r} is no revision; write a commit, a branch or a tag")
            options = ["-U0", "-M", "--no-color", "--no-ext-diff", "--no-textconv", "--ignore-submodules", "--text"]
            prefixes = ["--src-prefix=old/", "--dst-prefix=new/"]
            try:
                output = _git(root, "-c", "core.quotePath=true", "diff", *options, *prefixes, self.revision, "--")
            except ChangesError as error:
                hint = "fetch it first (a shallow clone has the last commit only)"
                raise ChangesError(f"--diff-only: {self.revision!r}: {error}; {hint}") from error
            self._changed[root] = dict(_read(output, root))
            followed = _git(root, "ls-files", "-z").split(b"\0")
            self._known[root] = frozenset(root / os.fsdecode(name) for name in followed if name)
        return self._changed[root]


def _git(folder: Path, *arguments: str) -> bytes:
    try:
        done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, check=False)
    except OSError as error:
        raise ChangesError(f"git cannot be called: {(error.strerror or str(error)).lower()}") from error
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise ChangesError(said[0].removeprefix("fatal: ") if said else f"git left with {done.returncode}")
    return done.stdout


def _read(diff: bytes, root: Path) -> list[tuple[Path, list[range]]]:
    """The changed lines of each file in git's output; what only lost lines has none."""
    files: list[tuple[Path, list[range]]] = []
    lines = iter(diff.split(b"\n"))
    for line in lines:
        if line.startswith(b"+++ "):
            name = line[4:].rstrip(b"\t\r")
            if name.startswith(b'"'):
                name = _ESCAPE.sub(_unescaped, name.strip(b'"'))
            if name.startswith(b"new/"):
                files.append((root / os.fsdecode(name[4:]), []))
            continue
        hunk = _HUNK.match(line)
        if hunk is None:
            continue
        start, count = int(hunk[1]), int(hunk[2] or b"1")
        if count and files:
            files[-1][1].append(range(start, start + count))
        # The body is passed by line for line: a line of it may look like a header.
        removed = re.match(rb"@@ -\d+(?:,(\d+))? ", line)
        for _ in range(count + int((removed and removed[1]) or b"1")):
            if next(lines, b"").startswith(b"\\"):  # "No newline at end of file" counts for no line
                next(lines, b"")
    return files


def _unescaped(match: re.Match[bytes]) -> bytes:
    word = match[1]
    return bytes([int(word, 8)]) if len(word) == 3 else _LETTERS.get(word, word)
