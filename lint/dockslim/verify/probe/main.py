"""Runs inside an image: the whole look, printed as one JSON line behind a marker."""

import json
import os
import stat
import sys
import time
from typing import Any, Dict, List, Set, Tuple

from dockslim.verify.probe.binaries import binaries_under, find_library, library_folders, linkage
from dockslim.verify.probe.distributions import distributions, import_all, pythons, which
from dockslim.verify.probe.packages import contents, installed, owners

MARKER = "@@dockslim@@"
NOT_WALKED = {"/proc", "/sys", "/dev", "/run", "/usr/share", "/var/lib/dpkg", "/var/lib/apt"}


def walk(uid: int) -> Tuple[List[str], List[str], List[str], List[str]]:
    """Return (setuid files, virtual environments, folders with distributions, top-most writable folders)."""
    setuid: List[str] = []
    environments: List[str] = []
    targets: Set[str] = set()
    writable: List[str] = []
    for folder, inner, names in os.walk("/"):
        if folder in NOT_WALKED:
            inner[:] = []
            continue
        if uid != 0 and not any(folder.startswith(top.rstrip("/") + "/") for top in writable):
            if os.access(folder, os.W_OK):
                writable.append(folder)
        if "pyvenv.cfg" in names:
            environments.append(folder)
        if any(name.endswith(".dist-info") for name in inner):
            targets.add(folder)
        for name in names:
            path = os.path.join(folder, name)
            try:
                mode = os.lstat(path).st_mode
            except OSError:
                continue
            if stat.S_ISREG(mode) and mode & (stat.S_ISUID | stat.S_ISGID):
                setuid.append(path)
    return sorted(setuid), sorted(environments), sorted(targets), sorted(writable)


def programs() -> List[str]:
    """Return the names of all programs on PATH."""
    found: Set[str] = set()
    for folder in os.environ.get("PATH", "/usr/local/bin:/usr/bin:/bin").split(":"):
        try:
            found.update(name for name in os.listdir(folder) if os.access(os.path.join(folder, name), os.X_OK))
        except OSError:
            continue
    return sorted(found)


def look(request: Dict[str, Any]) -> Dict[str, Any]:
    """Return everything that dockslim.verify.look reads."""
    uid = os.getuid() if hasattr(os, "getuid") else 0
    setuid, environments, targets, writable = walk(uid)
    interpreters = pythons(environments)
    known_paths = {os.path.realpath(path) for python in interpreters for path in python["paths"]}
    stray = [
        folder for folder in targets
        if os.path.realpath(folder) not in known_paths and "/dist-packages" not in folder and "/_vendor" not in folder
        and not folder.startswith(("/usr/lib/", "/usr/local/lib/python", "/root/.cache", "/tmp/"))  # noqa: S108
    ]  # fmt: skip
    found: List[Dict[str, Any]] = []
    scripts: List[Dict[str, Any]] = []
    failures: List[Dict[str, Any]] = []
    loaded: Dict[str, List[str]] = {}
    imported = 0
    for index, python in enumerate(interpreters):
        extra = stray if index == 0 else []
        here, declared = distributions(python, extra)
        found, scripts = found + here, scripts + declared
        origin = {module: entry["name"] for entry in here for module in entry["modules"]}
        modules = sorted(origin) if request.get("imports", True) else []
        for module, error, mapped in import_all(python, modules, extra, request["import_timeout"]) if modules else []:
            if error is None:
                imported += 1
                for path in mapped:
                    loaded.setdefault(path, []).append(module)
            else:
                failures.append({"module": module, "distribution": origin[module], "error": error})
    folders = sorted({entry["location"] for entry in found} | set(environments) | set(stray))
    folders += [folder for folder in ("/usr/local/bin", "/opt") + tuple(request.get("folders", ())) if folder != "/"]
    binaries = binaries_under(folders)
    links, missing = linkage(binaries)
    inside = tuple(folder.rstrip("/") + "/" for folder in folders)
    own = {path for path in links if os.path.realpath(path).startswith(inside)}
    wanted = [path for path in sorted(set(links) | set(loaded)) if path not in own and not path.startswith(inside)]
    owned = owners(wanted)
    by_real = {os.path.realpath(path) for path in links}
    libraries = [
        {
            "soname": os.path.basename(path), "path": path, "package": owned.get(path),
            "needed_by": sorted(set(links.get(path) or loaded[path]))[:5], "linked": path in links,
        }
        for path in wanted if path in links or (path in owned and os.path.realpath(path) not in by_real)
    ]  # fmt: skip
    return {
        "packages": installed(), "distributions": found, "imported": imported, "import_failures": failures,
        "missing_libraries": [{"library": name, "needed_by": path, "why": why} for name, path, why in missing],
        "libraries": libraries, "binaries": len(binaries), "scripts": scripts, "setuid": setuid, "uid": uid,
        "writable": writable, "programs": programs(), "python": [python["version"] for python in interpreters],
    }  # fmt: skip


def find_owners(request: Dict[str, Any]) -> Dict[str, Any]:
    """Return which package owns each library, program or path asked for, and what some packages contain."""
    folders = library_folders()
    places = {name: find_library(name, folders) for name in request.get("libraries", ())}
    places.update({name: which(name) for name in request.get("programs", ())})
    known = owners([path for path in places.values() if path])
    return {
        "owners": {name: known[path] for name, path in places.items() if path in known},
        "places": places,
        "contents": {package: contents(package) for package in request.get("packages", ())},
    }


def main(request: Dict[str, Any]) -> None:
    """Do what was asked and print it."""
    started = time.time()
    answer = find_owners(request) if request.get("mode") == "owners" else look(request)
    answer["seconds"] = time.time() - started
    sys.stdout.write("\n%s%s\n" % (MARKER, json.dumps(answer)))
    sys.stdout.flush()
