"""Write a suite's facts to a compact SQLite file; the same facts give the same bytes.

Packages are numbered in the order of their names, from 0; relations are numbers (see `dockslim.knowledge.packing`), and a name
is found by halving, which spares an index as large as the names themselves.  Sections and sizes are one long value each: a
wheel is zipped, and like beside like zips best.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

__all__ = ["FORMAT", "write_suite"]

FORMAT = 1
SCHEMA = """
PRAGMA page_size = 4096;
PRAGMA encoding = 'UTF-8';
CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE names (block INTEGER PRIMARY KEY, names TEXT);
CREATE TABLE relations (block INTEGER PRIMARY KEY, packages BLOB);
CREATE TABLE virtual (name TEXT PRIMARY KEY, provider INTEGER) WITHOUT ROWID;
CREATE TABLE project (name TEXT PRIMARY KEY, linked TEXT, loaded TEXT, compiled INTEGER) WITHOUT ROWID;
"""

Row = tuple[Any, ...]


def write_suite(path: Path, meta: Mapping[str, str | int | bytes], tables: Mapping[str, Iterable[Row]]) -> None:
    """Write ``meta`` and the rows of each table, both sorted, to a new file at ``path``."""
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    connection = sqlite3.connect(part)
    try:
        connection.executescript(SCHEMA)
        connection.executemany("INSERT INTO meta VALUES (?, ?)", sorted(meta.items()))
        for table, rows in sorted(tables.items()):
            ordered = sorted(rows, key=lambda row: row[0])
            if ordered:
                marks = ", ".join("?" * len(ordered[0]))
                connection.executemany(f"INSERT INTO {table} VALUES ({marks})", ordered)
        connection.execute(f"PRAGMA user_version = {FORMAT}")
        connection.commit()
        connection.execute("VACUUM")
    finally:
        connection.close()
    settle(part)
    part.replace(path)


def settle(path: Path) -> None:
    """Blank what SQLite stamps on a file: the change counters and the version of the library that wrote it."""
    data = bytearray(path.read_bytes())
    data[24:28] = data[92:96] = (1).to_bytes(4, "big")
    data[96:100] = (3040000).to_bytes(4, "big")
    path.write_bytes(data)
