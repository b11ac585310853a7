"""Runs inside an image: the binaries under Python's folders, what they link to, and what of that is missing."""

import glob
import os
import re
import struct
import subprocess
from typing import Any, Dict, List, Optional, Set, Tuple

NOT_BINARY = (".py", ".pyc", ".pyi", ".txt", ".json", ".md", ".rst", ".html", ".css", ".js", ".h", ".hpp", ".c", ".png")
MOST_BINARIES = 6000


class Elf(object):
    """The dynamic section of one ELF file: what it needs, where it looks, and for which machine it is."""

    def __init__(self, path: str) -> None:
        self.needed: List[str] = []
        self.search: List[str] = []
        with open(path, "rb") as stream:
            head = stream.read(64)
            if head[:4] != b"\x7fELF":
                raise ValueError("no ELF file")
            self.wide, order = head[4] == 2, "<" if head[5] == 1 else ">"
            self.machine = (head[4], struct.unpack_from(order + "H", head, 18)[0])
            if self.wide:
                offset, size, count = (
                    struct.unpack_from(order + "Q14xHH", head, 32)[0],
                    *struct.unpack_from(order + "HH", head, 54),
                )
            else:
                offset, size, count = (
                    struct.unpack_from(order + "I", head, 28)[0],
                    *struct.unpack_from(order + "HH", head, 42),
                )
            stream.seek(offset)
            self._read(stream, order, stream.read(size * count), size)
        origin = os.path.dirname(os.path.realpath(path))
        self.search = [
            folder.replace("${ORIGIN}", origin).replace("$ORIGIN", origin) for folder in self.search if folder
        ]

    def _read(self, stream: Any, order: str, table: bytes, size: int) -> None:
        loads, dynamic = [], None
        for at in range(0, len(table) - size + 1, size):
            if self.wide:
                kind, _, offset, address, _, length = struct.unpack_from(order + "IIQQQQ", table, at)
            else:
                kind, offset, address, _, length = struct.unpack_from(order + "IIIII", table, at)
            if kind == 1:
                loads.append((address, offset, length))
            elif kind == 2:
                dynamic = (offset, length)
        if dynamic is None:
            return
        stream.seek(dynamic[0])
        raw = stream.read(dynamic[1])
        form, step = (order + "qQ", 16) if self.wide else (order + "iI", 8)
        entries = [struct.unpack_from(form, raw, at) for at in range(0, len(raw) - step + 1, step)]
        strings = next((value for tag, value in entries if tag == 5), None)
        if strings is None:
            return
        base = next((strings - a + o for a, o, n in loads if a <= strings < a + n), strings)
        paths: Dict[int, str] = {}
        for tag, value in entries:
            if tag in (1, 15, 29):
                stream.seek(base + value)
                text = stream.read(4096).split(b"\0", 1)[0].decode("utf-8", "replace")
                if tag == 1:
                    self.needed.append(text)
                else:
                    paths[tag] = text
        # RUNPATH makes the loader ignore RPATH.
        self.search = paths.get(29, paths.get(15, "")).split(":")


def elf(path: str) -> Optional[Elf]:
    """Return the file's dynamic section, None for what is no (readable) ELF file."""
    try:
        return Elf(path)
    except (OSError, ValueError, struct.error, IndexError, OverflowError):
        return None


def library_folders() -> List[str]:
    """Return where this system's loader looks, after RUNPATH and LD_LIBRARY_PATH."""
    folders = [entry for entry in os.environ.get("LD_LIBRARY_PATH", "").split(":") if entry]
    for name in ["/etc/ld.so.conf"] + sorted(glob.glob("/etc/ld.so.conf.d/*.conf")) + glob.glob("/etc/ld-musl-*.path"):
        try:
            with open(name) as stream:
                for word in re.split(r"[\s:]+", re.sub(r"#.*|include .*", "", stream.read())):
                    if word.startswith("/"):
                        folders.append(word)
        except (OSError, UnicodeDecodeError):
            pass
    folders += ["/lib64", "/usr/lib64", "/lib", "/usr/lib", "/usr/local/lib"]
    folders += sorted(glob.glob("/lib/*-linux-gnu*")) + sorted(glob.glob("/usr/lib/*-linux-gnu*"))
    kept: List[str] = []
    for folder in folders:
        if os.path.isdir(folder) and folder not in kept:
            kept.append(folder)
    return kept


def find_library(name: str, search: List[str], machine: Optional[Tuple[int, int]] = None) -> Optional[str]:
    """Return the path of the library ``name`` for that machine (None: any), None when no folder has it."""
    if "/" in name:
        return name if os.path.exists(name) else None
    for folder in search:
        path = os.path.join(folder, name)
        if os.path.exists(path):
            other = elf(path)
            if other is not None and (machine is None or other.machine == machine):
                return path
    return None


def binaries_under(folders: List[str]) -> List[str]:
    """Return the ELF files below ``folders``, each once."""
    found: List[str] = []
    seen: Set[str] = set()
    for top in folders:
        for folder, inner, names in os.walk(top):
            real = os.path.realpath(folder)
            if real in seen:
                inner[:] = []
                continue
            seen.add(real)
            for name in sorted(names):
                if name.endswith(NOT_BINARY):
                    continue
                path = os.path.join(folder, name)
                try:
                    if os.path.islink(path) or not os.path.isfile(path):
                        continue
                    with open(path, "rb") as stream:
                        if stream.read(4) == b"\x7fELF":
                            found.append(path)
                except OSError:
                    continue
            if len(found) >= MOST_BINARIES:
                return found[:MOST_BINARIES]
    return found


def ask_ldd(paths: List[str]) -> Optional[Dict[str, List[Tuple[str, str]]]]:
    """Return what the system's own ldd finds missing, file by file; None where there is no ldd that works.

    glibc says ``libodbc.so.2 => not found`` and ``…: version `GLIBC_2.38' not found (required by …)``, musl
    ``Error loading shared library libodbc.so.2: No such file or directory (needed by …)``.
    """
    missing: Dict[str, List[Tuple[str, str]]] = {}
    for at in range(0, len(paths), 40):
        batch = paths[at : at + 40]
        try:
            child = subprocess.Popen(
                ["ldd"] + batch, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
            )
            text = child.communicate(timeout=120)[0].decode("utf-8", "replace")
        except (OSError, subprocess.SubprocessError):
            return None
        current = batch[0]
        for line in text.splitlines():
            if line.endswith(":") and line[:-1] in batch:
                current = line[:-1]
                continue
            gone = re.match(r"\s*(\S+) => not found", line)
            version = re.search(r"/([^/:\s]+): version `([^']+)' not found", line)
            musl = re.match(r"Error loading shared library (\S+): (?:No such file|.*not found)", line)
            lost = gone or musl
            if lost:
                name = lost.group(1).rstrip(":")
                missing.setdefault(current, []).append((name, "not found"))
            elif version:
                missing.setdefault(current, []).append((version.group(1), "has no version %s" % version.group(2)))
    return missing


def linkage(paths: List[str]) -> Tuple[Dict[str, List[str]], List[Tuple[str, str, str]]]:
    """Return ({resolved library: files that need it}, [(library, needed by, why)]) for the ELF files ``paths``.

    The own reader answers everywhere, ldd where there is one: what ldd finds is found, and what ldd misses is missing.
    """
    folders = library_folders()
    links: Dict[str, List[str]] = {}
    own: List[Tuple[str, str, str]] = []
    cache: Dict[Tuple[str, Tuple[int, int]], Optional[str]] = {}
    for path in paths:
        read = elf(path)
        for name in read.needed if read else []:
            place = find_library(name, read.search, read.machine) if read and read.search else None
            if place is None and read:
                key = (name, read.machine)
                if key not in cache:
                    cache[key] = find_library(name, folders, read.machine)
                place = cache[key]
            if place is None:
                own.append((name, path, "not found"))
            else:
                links.setdefault(place, []).append(path)
    said = ask_ldd(paths) if paths else {}
    if said is not None:
        own = [(name, path, why) for path in sorted(said) for name, why in sorted(set(said[path]))]
    # What a wheel bundles is found through the search path of whatever loads it; alone, it looks lost.
    bundled = {os.path.basename(path) for path in paths}
    return links, [(name, path, why) for name, path, why in own if why != "not found" or name not in bundled]
