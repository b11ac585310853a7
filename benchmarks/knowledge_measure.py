"""Measure anew what ``benchmarks/knowledge.py`` compares with: apt's answers, opened packages, real installs.

Everything goes through the machine's own apt configuration, in private roots under a temporary folder.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import stat
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from dockslim.knowledge.build.compile import day, read_universe
from dockslim.knowledge.build.indexes import apt_options, fetch, read_indexes, sources_for
from dockslim.knowledge.build.universe import Universe
from dockslim.knowledge.store import SUITES

STORED = Path(__file__).parent.parent / "tests" / "knowledge" / "data"
Record = dict[str, Any]


def read(name: str) -> list[Record]:
    """Return the records of a stored file."""
    path = STORED / name
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.is_file() else []


def write(name: str, rows: Iterable[Record]) -> None:
    """Store records, one a line."""
    (STORED / name).write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


class Measured:
    """A suite's indexes in a private root, and its base image as apt's list of what is installed."""

    def __init__(self, suite: str, folder: Path) -> None:
        self.suite = suite
        self.root = folder / suite
        if not (self.root / "lists").is_dir():
            fetch(suite, self.root)
        self.indexes = read_indexes(suite, self.root)
        self.universe: Universe = read_universe(suite, self.indexes)
        self.base = self.universe.bases()["slim"]
        self.date = max(day(index.date) for index in self.indexes)
        self.options = [*apt_options(self.root), "-o", f"Dir::State::status={self.write_status()}"]

    def write_status(self) -> Path:
        """Write dpkg's status of the slim base image."""
        path = self.root / "slim.status"
        left = set(self.base)
        with path.open("w", encoding="utf-8") as status:
            for index in self.indexes:
                for stanza in index.text.split("\n\n"):
                    self.write_stanza(status, stanza, left)
        return path

    def write_stanza(self, status: io.TextIOBase, stanza: str, left: set[str]) -> None:
        """Write one stanza if it is the newest version of a package of the base."""
        name = stanza[9 : stanza.find("\n")] if stanza.startswith("Package: ") else ""
        if name in left and f"\nVersion: {self.universe.packages[name].version}\n" in stanza:
            lines = [
                line for line in stanza.split("\n") if not line.startswith(("Filename", "Size", "SHA256", "MD5sum"))
            ]
            status.write("\n".join([*lines, "Status: install ok installed", "", ""]))
            left.discard(name)

    def apt_answer(self, names: list[str], recommends: bool) -> frozenset[str] | None:
        """Return what apt would install, None where it would not or would remove something."""
        option = f"APT::Install-Recommends={'true' if recommends else 'false'}"
        command = ["apt-get", *self.options, "-s", "-q", "-o", option, "install", *names]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode or re.search(r"^Remv ", done.stdout, re.MULTILINE):
            return None
        return frozenset(re.findall(r"^Inst (\S+?)(?::amd64)? ", done.stdout, re.MULTILINE))


def ask_apt(measured: Measured, rows: list[Record]) -> list[Record]:
    """Return the install sets with apt's answers; a set that the suite cannot install is dropped."""
    result = []
    for row in rows:
        answer = measured.apt_answer(row["names"], row["recommends"])
        if answer is not None:
            digest = hashlib.sha256("\n".join(sorted(answer)).encode()).hexdigest()[:16]
            result.append(
                {**row, "suite": measured.suite, "date": measured.date, "packages": len(answer), "digest": digest}
            )
    return result


def open_packages(measured: Measured, rows: list[Record]) -> list[Record]:
    """Return, for each -dev package, the packages that own what its .so links (and those of its like) point to."""
    files: dict[str, list[tuple[str, str]]] = {}

    def content(name: str) -> list[tuple[str, str]]:
        if name not in files:
            files[name] = list_files(measured, name)
        return files[name]

    return [
        {**row, "suite": measured.suite, "libraries": owners(measured.universe, row["package"], content)}
        for row in rows
    ]


def owners(universe: Universe, dev: str, content: Callable[[str], list[tuple[str, str]]]) -> list[str]:
    """Return the packages that own the targets of the .so links of a -dev package and of those it follows."""
    real = universe.real(dev)
    pending, seen, libraries = [real] if real else [], set(), set()
    while pending:
        name = pending.pop()
        if name in seen:
            continue
        seen.add(name)
        targets = {target.rpartition("/")[2] for path, target in content(name) if path.endswith(".so") and target}
        package = universe.packages[name]
        for group in package.depends:
            for other in universe.alternatives(group)[:1]:
                if other.endswith("-dev") and (package.section == "oldlibs" or not targets):
                    pending.append(other)
                elif targets and universe.packages[other].section in ("libs", "oldlibs"):
                    held = {path.rpartition("/")[2] for path, _ in content(other)}
                    if held & targets:
                        libraries.add(other)
    return sorted(libraries)


def list_files(measured: Measured, name: str) -> list[tuple[str, str]]:
    """Download a package and return its paths with the targets of symbolic links."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["apt-get", *apt_options(measured.root), "-q", "download", name]
        subprocess.run(command, cwd=folder, capture_output=True, check=False)
        for deb in Path(folder).glob("*.deb"):
            data = subprocess.run(["dpkg-deb", "--fsys-tarfile", str(deb)], capture_output=True, check=True).stdout
            with tarfile.open(fileobj=io.BytesIO(data)) as archive:
                members = archive.getmembers()
            return [
                (member.name, member.linkname if member.issym() else "") for member in members if not member.isdir()
            ]
    return []


# what the official slim images tell dpkg to leave out
LEFT_OUT = ("man", "locale", "info", "groff", "lintian", "linda", "doc")
CLEAN = "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*.deb /var/cache/apt/*.bin || true"


def make_root(measured: Measured, slim: bool, folder: Path) -> Path:
    """Make a minimal root: the packages of the slim Python image (without Python itself), or those of plain Debian."""
    root = folder / f"{measured.suite}-{'slim' if slim else 'whole'}"
    if root.is_dir():
        return root
    sources = folder / f"{measured.suite}.sources"
    sources.write_text(re.sub(r"(?m)^(Components: main).*", r"\1", sources_for(measured.suite)), encoding="utf-8")
    options = [f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in LEFT_OUT] if slim else []
    options += ["--dpkgopt=path-include=/usr/share/doc/*/copyright"] if slim else []
    if measured.suite != "bullseye":
        options.append("--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr")
    names = ",".join(sorted(measured.base if slim else measured.universe.debian_base()))
    command = [
        "mmdebstrap",
        "--variant=minbase",
        "--mode=root",
        *options,
        f"--include={names}",
        measured.suite,
        str(root),
        str(sources),
    ]
    subprocess.run(command, check=True, capture_output=True)
    settings = root / "etc/apt/apt.conf.d"
    (settings / "99mmdebstrap").unlink(missing_ok=True)
    (settings / "docker-clean").write_text(
        f'DPkg::Post-Invoke {{ "{CLEAN}"; }};\nAPT::Update::Post-Invoke {{ "{CLEAN}"; }};\n'
        'Dir::Cache::pkgcache "";\nDir::Cache::srcpkgcache "";\n'
        'Acquire::GzipIndexes "true";\nAcquire::Languages "none";\n'
    )
    return root


def snapshot(root: Path) -> dict[str, tuple[int, int, int]]:
    """Return each regular file's size, time of change and inode."""
    found = {}
    for folder, _, names in os.walk(root):
        for name in names:
            status = os.lstat(os.path.join(folder, name))  # noqa: PTH118
            if stat.S_ISREG(status.st_mode):
                found[f"{folder}/{name}"] = (status.st_size, status.st_mtime_ns, status.st_ino)
    return found


def install(measured: Measured, row: Record, folder: Path) -> Record:
    """Install a set for real in a copy of the root, and return what the layer would weigh."""
    root = folder / "work"
    shutil.rmtree(root, ignore_errors=True)
    subprocess.run(["cp", "-a", str(make_root(measured, row["base"] == "slim", folder)), str(root)], check=True)
    shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")
    before = snapshot(root)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C"}
    run = ["chroot", str(root), "apt-get", "-yq"]
    subprocess.run([*run, "update"], capture_output=True, check=True, env=environment)
    lists = sum(path.stat().st_size for path in (root / "var/lib/apt/lists").rglob("*") if path.is_file())
    options = [] if row["recommends"] else ["--no-install-recommends"]
    command = [*run, "install", *options, *row["what"].split()]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    shutil.rmtree(root / "var/lib/apt/lists")
    changed = {path: facts for path, facts in snapshot(root).items() if before.get(path, (0, 0))[:2] != facts[:2]}
    weight = sum(size for size, _ in {inode: (size, inode) for size, _, inode in changed.values()}.values())
    shutil.rmtree(root)
    return {
        **row,
        "packages": done.stdout.count("\nSetting up "),
        "layer_mb_without_lists": round(weight / 1e6, 2),
        "lists_mb": round(lists / 1e6, 1),
    }


def measure(apt: int | None, opened: int | None, install_sets: bool) -> None:
    """Measure what is asked for, for every suite that has stored records, and store the answers."""
    answers: list[Record] = []
    links: list[Record] = []
    layers: list[Record] = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(os.environ.get("KNOWLEDGE_ROOT", temporary))
        for suite in SUITES:
            rows = {name: [row for row in read(name) if row["suite"] == suite] for name in FILES}
            if not any(rows.values()):
                continue
            measured = Measured(suite, folder)
            if apt:
                answers += ask_apt(measured, rows["installs.jsonl"][:apt])
            if opened:
                links += open_packages(measured, rows["symlinks.jsonl"][:opened])
            if install_sets:
                layers += [install(measured, row, Path(temporary)) for row in rows["layers.jsonl"]]
    for name, result in zip(FILES, (answers, links, layers), strict=True):
        if result:
            write(name, result)


FILES = ("installs.jsonl", "symlinks.jsonl", "layers.jsonl")
