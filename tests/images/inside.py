"""Runs inside an image: what is installed, and how each of its modules takes being imported.  Reads no argument."""

import importlib.metadata
import json
import os
import sys


def modules():
    """Top-level modules that the installed distributions have files of."""
    names = set()
    for distribution in importlib.metadata.distributions():
        for path in distribution.files or ():
            first, *rest = path.parts
            if not rest and first.endswith((".py", ".so")):
                names.add(first.split(".")[0])
            elif rest == ["__init__.py"]:
                names.add(first)
    return sorted(name for name in names if name.isidentifier())


def imported(name):
    """Import in a process of its own, so that no module leans on another; its way of failing, or an empty text."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        said = ""
        try:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            os.dup2(1, 2)
            __import__(name)
        except BaseException as error:
            said = f"{type(error).__name__}: {error}"
        os.write(writing, said.encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        said = stream.read().decode()
    _, status = os.waitpid(child, 0)
    return said or (f"status {status}" if status else "")


# What a build leaves in the working directory (an egg-info, say) is not installed.
sys.path.remove("")
installed = {f"{each.metadata['Name'].lower()}=={each.version}" for each in importlib.metadata.distributions()}
print(json.dumps({"installed": sorted(installed), "imports": {name: imported(name) for name in modules()}}))
