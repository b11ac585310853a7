"""Hand-curated tables (TOML, each row with its reason), and how they are read."""

from __future__ import annotations

import functools
from pathlib import Path

from dockslim.knowledge.kinds import KnowledgeError
from dockslim.later import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

__all__ = ["COMPILED", "FOLDER", "read_tables", "rows"]

FOLDER = Path(__file__).parent
COMPILED = FOLDER.parent / "data" / "curated.json"


def read_tables() -> dict[str, list[dict[str, Any]]]:
    """Return the rows of every curated TOML file, as ``{"file.table": [row, ...]}``."""
    import sys

    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    tables: dict[str, list[dict[str, Any]]] = {}
    for path in sorted(FOLDER.glob("*.toml")):
        for name, content in tomllib.loads(path.read_text(encoding="utf-8")).items():
            tables[f"{path.stem}.{name}"] = content
    return tables


@functools.cache
def compiled() -> bytes:
    """Return the compiled tables: JSON, a table a line."""
    try:
        text = COMPILED.read_bytes().replace(b"\r\n", b"\n")  # as a checkout may have it
    except OSError as error:
        raise KnowledgeError(f"{COMPILED}: cannot be read: {error.strerror}") from None
    if not (text.startswith(b'{"tables":{\n') and text.endswith(b"\n}}\n")):
        raise KnowledgeError(f"{COMPILED}: is damaged; reinstall dockslim")
    return text


@functools.cache
def rows(table: str) -> list[dict[str, Any]]:
    """Return the rows of one curated table, for instance ``images.version``; the others are not read."""
    import json

    name = b'\n"%s":' % table.encode()
    start = compiled().find(name) + len(name)
    if start < len(name):
        raise KnowledgeError(f"{COMPILED}: holds no table {table}; reinstall dockslim")
    try:
        found: list[dict[str, Any]] = json.loads(compiled()[start : compiled().index(b"\n", start)].rstrip(b","))
    except ValueError:
        raise KnowledgeError(f"{COMPILED}: is damaged; reinstall dockslim") from None
    return found
