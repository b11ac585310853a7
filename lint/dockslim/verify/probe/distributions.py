"""Runs inside an image: the Pythons, what is installed for each, their modules and console scripts."""

import json
import os
import re
import subprocess
import sys
from typing import Any, Dict, List, Optional, Set, Tuple

from dockslim.verify.probe.packages import read

IMPORTER = ""  # the text of importer.py is put here when the script is joined

DESCRIBE = (
    "import json,sys,os,sysconfig;"
    "print(json.dumps({'executable':sys.executable,'prefix':sys.prefix,'version':sys.version.split()[0],"
    "'paths':[p for p in sys.path if p and os.path.isdir(p)],'stdlib':sysconfig.get_path('stdlib'),"
    "'scripts':sysconfig.get_path('scripts')}))"
)


def describe(executable: str) -> Optional[Dict[str, Any]]:
    """Return what a Python says about itself, None when it does not run."""
    try:
        child = subprocess.Popen(
            [executable, "-B", "-c", DESCRIBE],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd="/",
        )  # fmt: skip
        return dict(json.loads(child.communicate(timeout=60)[0].decode("utf-8").strip().splitlines()[-1]))
    except (OSError, ValueError, IndexError, subprocess.SubprocessError):
        return None


def which(name: str) -> Optional[str]:
    """Return the program that PATH finds."""
    for folder in os.environ.get("PATH", "/usr/local/bin:/usr/bin:/bin").split(":"):
        path = os.path.join(folder, name)
        if os.path.isfile(path) and os.access(path, os.X_OK):
            return path
    return None


def pythons(environments: List[str]) -> List[Dict[str, Any]]:
    """Return the Python that PATH finds first and that of every virtual environment, each prefix once.

    A second Python of the system's (a full image has one for Mercurial) is the distribution's business.
    """
    found: List[Dict[str, Any]] = []
    seen: Set[str] = set()
    first = which("python3") or which("python") or sys.executable
    for executable in [first] + [os.path.join(folder, "bin", "python") for folder in environments]:
        known = describe(executable)
        if known is not None and known["prefix"] not in seen:
            seen.add(known["prefix"])
            found.append(known)
    return found


def modules_of(folder: str, info: str) -> List[str]:
    """Return the top-level modules that a distribution brought, from RECORD, else top_level.txt."""
    names: Set[str] = set()
    record = read(os.path.join(info, "RECORD")) or read(os.path.join(info, "installed-files.txt"))
    for line in record.splitlines():
        path = line.rsplit(",", 2)[0].strip('"') if line.count(",") >= 2 else line
        parts = path.split("/")
        if path.startswith(("..", "/")) or parts[0].endswith((".dist-info", ".egg-info", ".data")):
            continue
        if len(parts) > 1 and parts[-1].endswith((".py", ".so")):
            names.add(parts[0])
        elif len(parts) == 1 and path.endswith((".py", ".so")):
            names.add(path.split(".")[0])
    if not names:
        names.update(line.strip().replace("/", ".") for line in read(os.path.join(info, "top_level.txt")).splitlines())
    return sorted(name for name in names if re.match(r"^[^\W\d]\w*$", name) and name != "__pycache__")


def size_of(folder: str, info: str) -> int:
    """Return the bytes that RECORD says the distribution takes."""
    total = 0
    for line in read(os.path.join(info, "RECORD")).splitlines():
        size = line.rsplit(",", 1)[-1]
        total += int(size) if size.isdigit() else 0
    return total


def scripts_of(info: str, bins: List[str]) -> List[Dict[str, Any]]:
    """Return the console scripts that entry_points.txt declares, each with what is wrong with it."""
    result, section = [], ""
    # pip's own wheel declares scripts for a Python that is not there; what was installed is in RECORD.
    recorded = set(re.findall(r"(?m)^(?:\.\./)+bin/([^/,]+),", read(os.path.join(info, "RECORD"))))
    for line in read(os.path.join(info, "entry_points.txt")).splitlines():
        line = line.strip()
        if line.startswith("["):
            section = line.strip("[] ")
        elif section in ("console_scripts", "gui_scripts") and "=" in line:
            name = line.partition("=")[0].strip()
            if recorded and name not in recorded:
                continue
            path = next((os.path.join(b, name) for b in bins if os.path.exists(os.path.join(b, name))), None)
            result.append({"name": name, "path": path or "", "problem": script_problem(path)})
    return result


def script_problem(path: Optional[str]) -> Optional[str]:
    """Return what keeps a script from running, None when nothing is seen."""
    if path is None:
        return "is not there"
    try:
        with open(path, "rb") as stream:
            first = stream.readline(4096)
            rest = stream.readline(4096)
    except OSError as error:
        return "cannot be read: %s" % error.strerror
    if not os.access(path, os.X_OK):
        return "is not executable"
    if not first.startswith(b"#!"):
        return None
    words = first[2:].decode("utf-8", "replace").split()
    if words and os.path.basename(words[0]) == "env":
        words = [which(words[-1]) or words[-1]]
    elif words and words[0] == "/bin/sh" and rest.startswith(b"'''exec' "):
        words = [rest.decode("utf-8", "replace")[len("'''exec' ") :].split(' "$0"')[0].strip('"')]
    if not words or not os.access(words[0], os.X_OK):
        return "its interpreter %s is not there" % (words[0] if words else "(none)")
    return None


def distributions(python: Dict[str, Any], extra: List[str]) -> Tuple[List[Dict[str, Any]], List[Dict[str, Any]]]:
    """Return (distributions, console scripts) of one Python; ``extra`` are further folders of distributions."""
    found: List[Dict[str, Any]] = []
    scripts: List[Dict[str, Any]] = []
    seen: Set[str] = set()
    for folder in python["paths"] + extra:
        try:
            names = sorted(os.listdir(folder))
        except OSError:
            continue
        bins = [python["scripts"], os.path.normpath(os.path.join(folder, "../../../bin")), os.path.join(folder, "bin")]
        bins += ["/usr/local/bin", "/usr/bin"]
        for entry in names:
            if not entry.endswith((".dist-info", ".egg-info")):
                continue
            info = os.path.join(folder, entry)
            text = read(os.path.join(info, "METADATA")) or read(os.path.join(info, "PKG-INFO")) or read(info)
            name = re.search(r"(?m)^Name: *(\S+)", text)
            version = re.search(r"(?m)^Version: *(\S+)", text)
            if name is None or name.group(1).lower() in seen:
                continue
            seen.add(name.group(1).lower())  # the first on the path is the one that is imported
            found.append(
                {
                    "name": name.group(1),
                    "version": version.group(1) if version else "",
                    "location": folder,
                    "size": size_of(folder, info),
                    "modules": modules_of(folder, info) if os.path.isdir(info) else [],
                    "system": folder.startswith(("/usr/lib/python", "/usr/lib64/python")),
                }
            )
            scripts += scripts_of(info, bins) if os.path.isdir(info) else []
    return found, scripts


ImportOutcome = Tuple[str, Optional[str], List[str]]  # module, error, libraries mapped


def import_all(
    python: Dict[str, Any], modules: List[str], extra: List[str], timeout: float
) -> List[Tuple[str, Optional[str], List[str]]]:
    """Import each module with that Python; modules of which nothing was heard are failures too."""
    asked = repr({"modules": modules, "paths": extra, "timeout": timeout})
    child = subprocess.Popen(
        [python["executable"], "-B", "-c", IMPORTER, asked],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd="/",
    )  # fmt: skip
    text = child.communicate()[0].decode("utf-8", "replace")
    results = []
    for line in text.splitlines():
        if line.startswith("("):
            results.append(eval(line, {"__builtins__": {}}))  # literals that importer.py printed with repr
    heard = {module for module, _, _ in results}
    return results + [(module, "the interpreter ended early", []) for module in modules if module not in heard]
