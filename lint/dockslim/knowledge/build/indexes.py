"""Fetch a suite's Packages indexes through the machine's own apt configuration, in a root of its own."""

from __future__ import annotations

import hashlib
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

__all__ = ["FetchError", "Index", "apt_options", "fetch", "read_indexes"]

SOURCE_FILES = (Path("/etc/apt/sources.list.d/debian.sources"), Path("/etc/apt/sources.list"))


class FetchError(Exception):
    """The indexes cannot be had; the message says why in one line."""


@dataclass(frozen=True, slots=True)
class Index:
    """One index file: its suite and component as a person names them, its text, its digest and its release's date.

    ``weight`` counts the bytes that it and its release file take in an image that keeps apt's lists (compressed, as the
    official images tell apt to).
    """

    name: str
    text: str
    digest: str
    date: str
    weight: int


def configured_sources() -> str:
    """Return the text of the machine's own Debian sources, one-line or deb822."""
    for path in SOURCE_FILES:
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            if re.search(r"^(Types|deb)\b", text, re.MULTILINE):
                return text
    raise FetchError("no Debian sources are configured for apt on this machine")


def sources_for(suite: str) -> str:
    """Return the machine's sources with their suite replaced by ``suite``, and all components asked for."""
    text = configured_sources()
    names = re.findall(r"^Suites:\s*(\S+)", text, re.MULTILINE)
    names += re.findall(r"^deb\s+(?:\[[^\]]*\]\s+)?\S+\s+(\S+)", text, re.MULTILINE)
    if not names:
        raise FetchError("the machine's apt sources name no suite")
    for name in {re.sub(r"[-/](updates|security|backports)$", "", name) for name in names}:
        text = re.sub(rf"\b{re.escape(name)}\b", suite, text)
    components = "main contrib non-free" + ("" if suite == "bullseye" else " non-free-firmware")
    text = re.sub(r"^(Components:).*", rf"\1 {components}", text, flags=re.MULTILINE)
    return re.sub(r"^(deb\s.*?)\bmain\b.*$", rf"\1{components}", text, flags=re.MULTILINE)


def apt_options(root: Path) -> list[str]:
    """Return the options that make apt work in a private root instead of on the machine itself."""
    return [
        "-o", f"Dir::Etc::sourcelist={root / 'private.sources'}",
        "-o", "Dir::Etc::sourceparts=-",
        "-o", "Dir::Etc::preferencesparts=-",
        "-o", f"Dir::State={root / 'state'}",
        "-o", f"Dir::State::lists={root / 'lists'}",
        "-o", f"Dir::State::status={root / 'status'}",
        "-o", f"Dir::Cache={root / 'cache'}",
        "-o", "APT::Sandbox::User=root",
        "-o", "APT::Architecture=amd64",
        "-o", "APT::Architectures=amd64",
        "-o", "Acquire::Languages=none",
        "-o", "Acquire::GzipIndexes=true",
        "-o", "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false",
        "-o", "Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled=false",
    ]  # fmt: skip


def fetch(suite: str, root: Path) -> None:
    """Bring the indexes of ``suite``, its updates and its security fixes into ``root``."""
    for folder in ("lists/partial", "cache/archives/partial", "state"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    (root / "status").touch()
    (root / "private.sources").write_text(sources_for(suite), encoding="utf-8")
    command = ["apt-get", *apt_options(root), "-q", "-o", "Acquire::Retries=2", "update"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=900)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise FetchError(f"{suite}: apt-get cannot be run: {type(error).__name__}") from None
    if not index_files(suite, root):
        lines = [line for line in done.stderr.splitlines() if line.startswith(("E:", "W:"))]
        raise FetchError(
            f"{suite}: no index could be fetched: {without_host(lines[0]) if lines else 'apt said nothing'}"
        )


def without_host(line: str) -> str:
    """Return a line of apt's with the addresses taken out: they are the machine's business."""
    return re.sub(r"\w+://\S+", "(mirror)", line)


def index_files(suite: str, root: Path) -> list[tuple[str, Path]]:
    """Return the index files of ``suite`` in ``root``, named "suite/component", main ones of the suite first."""
    found = []
    for path in root.glob("lists/*_Packages*"):
        match = re.search(r"_dists_(.+)_([a-z-]+)_binary-amd64_Packages(?:\.\w+)?$", path.name)
        if match and match[1].replace("_", "-").split("-")[0] == suite:
            found.append((f"{match[1].replace('_', '-')}/{match[2]}", path))
    return sorted(found, key=lambda item: (len(item[0].split("/")[0]), item[0]))


def read_indexes(suite: str, root: Path) -> list[Index]:
    """Read every index that was fetched for ``suite``."""
    result = []
    for name, path in index_files(suite, root):
        data = uncompressed(path)
        release = path.with_name(re.sub(r"_[a-z-]+_binary-amd64_Packages.*$", "_InRelease", path.name))
        head = release.read_text(encoding="utf-8") if release.is_file() else ""
        stated = re.search(r"^Date: (.*)$", head, re.MULTILINE)
        weight = path.stat().st_size + (release.stat().st_size if head else 0)
        digest = hashlib.sha256(data).hexdigest()
        result.append(Index(name, data.decode("utf-8"), digest, stated[1] if stated else "", weight))
    return result


def uncompressed(path: Path) -> bytes:
    """Return an index's text; apt itself reads what apt has compressed."""
    if path.suffix not in (".lz4", ".xz", ".gz", ".zst", ".bz2"):
        return path.read_bytes()
    command = ["/usr/lib/apt/apt-helper", "cat-file", str(path)]
    return subprocess.run(command, capture_output=True, check=True).stdout
