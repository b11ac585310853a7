"""Runs inside an image: the distribution's packages, and which of them owns a file.

The databases are read as files, so that it works without dpkg, apk or root; only RPM's needs its program.
"""

import glob
import os
import subprocess
from typing import Any, Dict, List, Set

DPKG = "/var/lib/dpkg/status"
DPKG_PARTS = "/var/lib/dpkg/status.d"
APK = ("/lib/apk/db/installed", "/usr/lib/apk/db/installed")


def read(path: str) -> str:
    """Return a file's text, "" where it cannot be read."""
    try:
        with open(path, "rb") as stream:
            return stream.read().decode("utf-8", "replace")
    except OSError:
        return ""


def paragraphs(text: str) -> List[Dict[str, str]]:
    """Return the paragraphs of a control file; continuation lines are of no use here."""
    result: List[Dict[str, str]] = []
    current: Dict[str, str] = {}
    for line in text.splitlines() + [""]:
        if not line.strip():
            if current:
                result.append(current)
            current = {}
        elif not line[0].isspace() and ":" in line:
            name, _, value = line.partition(":")
            current[name] = value.strip()
    return result


def number(text: str) -> int:
    """Return an integer, 0 where it is none."""
    return int(text) if text.isdigit() else 0


def run(argv: List[str]) -> str:
    """Return a command's output, "" where it cannot be run."""
    try:
        child = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        return child.communicate(timeout=60)[0].decode("utf-8", "replace")
    except (OSError, subprocess.SubprocessError):
        return ""


def installed() -> List[Dict[str, Any]]:
    """Return all installed packages: name, version, manager, size in bytes."""
    found: List[Dict[str, Any]] = []
    texts = [read(DPKG)]
    if os.path.isdir(DPKG_PARTS):  # distroless
        texts += [read(os.path.join(DPKG_PARTS, name)) for name in sorted(os.listdir(DPKG_PARTS))]
    for entry in [entry for text in texts for entry in paragraphs(text)]:
        if "Package" in entry and entry.get("Status", "install ok installed").endswith(" installed"):
            size = number(entry.get("Installed-Size", "")) * 1024  # in KiB
            found.append(
                {"name": entry["Package"], "version": entry.get("Version", ""), "manager": "dpkg", "size": size}
            )
    for path in APK:
        for entry in paragraphs(read(path)):
            if "P" in entry:
                size = number(entry.get("I", ""))
                found.append({"name": entry["P"], "version": entry.get("V", ""), "manager": "apk", "size": size})
    if not found:
        form = "%{NAME}\\t%{VERSION}-%{RELEASE}\\t%{SIZE}\\n"
        for line in run(["rpm", "-qa", "--qf", form]).splitlines():
            name, version, text = (line.split("\t") + ["", ""])[:3]
            found.append({"name": name, "version": version, "manager": "rpm", "size": number(text)})
    return found


def spellings(path: str) -> Set[str]:
    """Return the ways a package database may spell a path: as is, resolved, with and without /usr."""
    names = {path, os.path.realpath(path)}
    for name in tuple(names):
        names.add(name[4:] if name.startswith("/usr/") else "/usr" + name)
    return names


def owners(paths: List[str]) -> Dict[str, str]:
    """Return {path: package} for those paths that a package owns; a link counts as what it points to."""
    result: Dict[str, str] = {}
    # The real file first: libodbc.so belongs to the -dev package, libodbc.so.2.0.0 to the library's own.
    wanted: Dict[str, List[str]] = {}
    for path in paths:
        for name in spellings(os.path.realpath(path)):
            wanted.setdefault(name, []).append(path)
    for name in glob.glob("/var/lib/dpkg/info/*.list"):
        package = os.path.basename(name)[: -len(".list")].partition(":")[0]
        for line in read(name).splitlines():
            for path in wanted.get(line, ()):
                result[path] = package
    for database in APK:
        package, folder = "", ""
        for line in read(database).splitlines():
            if line.startswith("P:"):
                package = line[2:]
            elif line.startswith("F:"):
                folder = line[2:]
            elif line.startswith("R:"):
                for path in wanted.get("/%s/%s" % (folder, line[2:]), ()):
                    result[path] = package
    if not result and paths and os.path.exists("/usr/bin/rpm"):
        for path in paths:
            text = run(["rpm", "-qf", "--qf", "%{NAME}\\n", os.path.realpath(path)])
            if text and "not owned" not in text:
                result[path] = text.split()[0]
    return result


def contents(package: str) -> List[str]:
    """Return the files of a dpkg or apk package."""
    files: List[str] = []
    for name in glob.glob("/var/lib/dpkg/info/%s.list" % package) + glob.glob("/var/lib/dpkg/info/%s:*.list" % package):
        files += [line for line in read(name).splitlines() if line.startswith("/")]
    for database in APK:
        current, folder = "", ""
        for line in read(database).splitlines():
            if line.startswith("P:"):
                current = line[2:]
            elif line.startswith("F:"):
                folder = line[2:]
            elif line.startswith("R:") and current == package:
                files.append("/%s/%s" % (folder, line[2:]))
    return files
