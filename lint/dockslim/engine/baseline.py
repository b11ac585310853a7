"""The findings of a day, written down so that only new ones are told."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

from dockslim.engine.fingerprint import fingerprints, gist
from dockslim.later import TYPE_CHECKING

if TYPE_CHECKING:
    from dockslim.engine.finding import Finding
    from dockslim.engine.session import Checked

__all__ = ["Baseline", "BaselineError", "document"]

SCHEMA = 1


class BaselineError(Exception):
    """A file that is no baseline; the message names it and says what to do."""


def document(all_checked: Iterable[Checked], folder: Path) -> tuple[str, int]:
    """The text of a baseline that lies in ``folder``, and how many findings it holds.

    Fingerprints depend on the path from the baseline's folder, so it holds wherever the program is called from.
    """
    files: dict[str, dict[str, str]] = {}
    for checked in all_checked:
        source = checked.source
        path = _relative(checked.path, folder)
        prints = fingerprints(checked.findings, source, path)
        known = {
            fingerprint: f"{finding.code} {gist(finding, source)[:80]}".encode("utf-8", "replace").decode().strip()
            for fingerprint, finding in zip(prints, checked.findings, strict=True)
        }
        if known:
            files[path.encode("utf-8", "replace").decode()] = known
    text = json.dumps({"schema": SCHEMA, "findings": files}, indent=2, ensure_ascii=False, sort_keys=True)
    return text + "\n", sum(map(len, files.values()))


class Baseline:
    """A baseline that was read; called with a file, it keeps the findings that are new.  Raises BaselineError."""

    def __init__(self, path: Path) -> None:
        self.folder = path.absolute().parent
        hint = "write it anew: dockslim baseline"
        try:
            content = json.loads(path.read_bytes())
        except OSError as error:
            raise BaselineError(f"{path}: {(error.strerror or str(error)).lower()}") from error
        except (ValueError, RecursionError) as error:
            raise BaselineError(f"{path}: not JSON: {error}; {hint}") from error
        files = content.get("findings") if isinstance(content, dict) else None
        if not isinstance(files, dict) or not all(isinstance(each, dict) for each in files.values()):
            raise BaselineError(f"{path}: no baseline: it has no table 'findings'; {hint}")
        if content.get("schema") != SCHEMA:
            raise BaselineError(f"{path}: schema: {content.get('schema')!r} is not {SCHEMA}; {hint}")
        self.known = frozenset(fingerprint for each in files.values() for fingerprint in each)

    def __call__(self, checked: Checked) -> list[Finding]:
        """Return the findings that are not in the baseline."""
        prints = fingerprints(checked.findings, checked.source, _relative(checked.path, self.folder))
        pairs = zip(checked.findings, prints, strict=True)
        return [finding for finding, fingerprint in pairs if fingerprint not in self.known]


def _relative(path: Path, folder: Path) -> str:
    return Path(os.path.relpath(path, folder)).as_posix()
