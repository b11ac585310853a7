"""The script that looks at an image from the inside.

It is kept as ordinary modules, so that it is linted, typed and tested like the rest, and joined into one text that the
image's own Python reads from standard input: nothing is copied into the image and nothing has to be installed there.
Python 3.6 must be able to run it.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from importlib import resources
from typing import Any

__all__ = ["MARKER", "script", "shell_script"]

MARKER = "@@dockslim@@"
_PARTS = ("packages.py", "binaries.py", "distributions.py", "main.py")


def script(request: Mapping[str, Any]) -> bytes:
    """Return the program for ``request`` (``{"mode": "look" or "owners", …}``)."""
    return (_joined() + f"\nmain(json.loads({json.dumps(json.dumps(dict(request)))}))\n").encode()


def shell_script() -> bytes:
    """Return the program for images without Python."""
    return _text("fallback.sh").encode()


def _text(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


@functools.cache
def _joined() -> str:
    lines = []
    for name in _PARTS:
        for line in _text(name).splitlines():
            if line.startswith("IMPORTER = "):
                line = f"IMPORTER = {_text('importer.py')!r}"
            if not line.startswith("from dockslim."):
                lines.append(line)
    return "\n".join(lines)
