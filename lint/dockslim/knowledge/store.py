"""One suite's facts, read from its data file when they are asked for."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from pathlib import Path

from dockslim.knowledge import bloom, packing
from dockslim.knowledge.kinds import KnowledgeError
from dockslim.knowledge.resolve import Facts
from dockslim.later import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from typing import Any

__all__ = ["DATA", "SUITES", "Suite", "open_suite"]

DATA = Path(__file__).parent / "data"
# oldest first
SUITES = ("bullseye", "bookworm", "trixie", "forky")
FORMAT = 1


@functools.cache
def open_suite(name: str) -> Suite:
    """Return the facts of a Debian suite, its file opened read-only; raise `KnowledgeError` where it cannot be used."""
    return Suite(DATA / f"{name}.sqlite")


class Suite:
    """The facts of one suite.  Packages go by number inside; every answer is kept: asking again costs nothing."""

    def __init__(self, path: Path) -> None:
        try:
            # The package around it imports datetime and registers converters: a fortieth of a start, for nothing here.
            import _sqlite3 as sqlite
        except ImportError:  # an implementation of Python without it
            import sqlite3 as sqlite  # type: ignore[no-redef]

        self.path = path
        self.error: type[Exception] = sqlite.Error
        if not path.is_file():
            raise KnowledgeError(f"{path}: the package data of this release is missing; reinstall dockslim")
        try:
            address = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
            self.connection: sqlite3.Connection = sqlite.connect(address, uri=True, check_same_thread=False)
        except sqlite.Error as error:
            raise KnowledgeError(f"{path}: cannot be opened: {error}") from None
        if self.ask("PRAGMA user_version") != (FORMAT,):
            raise KnowledgeError(f"{path}: is package data of another version of dockslim; reinstall dockslim")
        self.number = functools.cache(self.find)
        self.name = functools.cache(self.read_name)
        self.size = functools.cache(self.read_size)
        self.names_of_block = functools.cache(self.read_names)
        self.relations_of_block = functools.cache(self.read_relations)
        self.facts = functools.cache(self.read_facts)
        self.meta = functools.cache(self.read_meta)
        self.held = functools.cache(self.read_held)

    def ask(self, question: str, *values: object) -> Any:
        """Return the first row of an answer, or None; a damaged file is told in one line."""
        try:
            return self.connection.execute(question, values).fetchone()
        except self.error as error:
            raise KnowledgeError(f"{self.path}: is damaged ({error}); reinstall dockslim") from None

    def read_meta(self, key: str) -> Any:
        """Return one value that speaks of the suite as a whole."""
        row = self.ask("SELECT value FROM meta WHERE key = ?", key)
        if row is None:
            raise KnowledgeError(f"{self.path}: lacks {key!r}; reinstall dockslim")
        return row[0]

    @functools.cached_property
    def count(self) -> int:
        """The number of packages in the file."""
        return len(self.meta("sections"))

    def read_names(self, block: int) -> list[str]:
        """Return the names of one block of packages."""
        row = self.ask("SELECT names FROM names WHERE block = ?", block)
        if row is None:
            raise KnowledgeError(f"{self.path}: lacks the names of block {block}; reinstall dockslim")
        return str(row[0]).split("\n")

    def read_name(self, number: int) -> str:
        """Return the name of a package."""
        block, place = divmod(number, packing.NAMES_IN_BLOCK)
        try:
            return self.names_of_block(block)[place]
        except IndexError:
            raise KnowledgeError(f"{self.path}: is damaged (no package {number}); reinstall dockslim") from None

    def find(self, name: str) -> int | None:
        """Return the number of the package that asking for ``name`` installs, None where the file has none."""
        low, high = 0, (self.count - 1) // packing.NAMES_IN_BLOCK
        while low < high:
            middle = (low + high + 1) // 2
            if self.names_of_block(middle)[0] <= name:
                low = middle
            else:
                high = middle - 1
        names = self.names_of_block(low)
        if name in names:
            return low * packing.NAMES_IN_BLOCK + names.index(name)
        row = self.ask("SELECT provider FROM virtual WHERE name = ?", name)
        return int(row[0]) if row else None

    def read_relations(self, block: int) -> tuple[bytes, tuple[int, ...]]:
        """Return the relations of one block of packages, packed, and where each field begins."""
        row = self.ask("SELECT packages FROM relations WHERE block = ?", block)
        if row is None:
            raise KnowledgeError(f"{self.path}: lacks the relations of block {block}; reinstall dockslim")
        data = bytes(row[0])
        size = min(packing.RELATIONS_IN_BLOCK, self.count - block * packing.RELATIONS_IN_BLOCK)
        return data, packing.bounds(data, size)

    def field(self, number: int, field: int) -> bytes:
        """Return one relation of a package, packed."""
        block, place = divmod(number, packing.RELATIONS_IN_BLOCK)
        data, bounds = self.relations_of_block(block)
        at = place * packing.FIELDS + field
        return data[bounds[at] : bounds[at + 1]]

    def read_facts(self, number: int) -> Facts[int]:
        """Return what the resolver must know of a package."""
        depends, recommends, conflicts = (self.field(number, field) for field in range(3))
        return Facts(packing.unpack_groups(depends), packing.unpack_groups(recommends), packing.unpack(conflicts))

    def runtime(self, number: int) -> tuple[str, ...]:
        """Return the runtime packages that a -dev package stands for, the base images' own ones included."""
        return tuple(self.name(other) for other in packing.unpack(self.field(number, 3)))

    def section(self, number: int) -> str:
        """Return "d" for section devel, "l" for libdevel, "o" for any other."""
        return chr(self.meta("sections")[number]).lower()

    def asks_questions(self, number: int) -> bool:
        """Whether a package's set-up goes through debconf, which then stores its texts."""
        return chr(self.meta("sections")[number]).isupper()

    def read_held(self, base: str) -> frozenset[int]:
        """Return the packages that a base image holds."""
        return frozenset(packing.unpack(self.meta(f"base.{base}")))

    def weight(self, numbers: Iterable[int], slim: bool) -> float:
        """Return the KiB of the files of some packages, without what a slim image leaves out where ``slim``."""
        return sum([self.size(number, slim) for number in numbers])

    def read_size(self, number: int, slim: bool) -> float:
        """Return the KiB of the files of one package."""
        share = self.meta("slim")[number] / 250 if slim else 1.0
        return packing.size_at(self.meta("sizes"), number) * share

    def exists(self, name: str) -> bool | None:
        """Return whether the suite has a package; None where it may, but the file does not hold it."""
        if self.number(name) is not None:
            return True
        return None if bloom.holds(self.meta("names"), name) else False

    def project(self, name: str) -> tuple[tuple[str, ...], tuple[str, ...], bool] | None:
        """Return what a project links, what it loads, whether it has compiled modules; None where not known."""
        row = self.ask("SELECT linked, loaded, compiled FROM project WHERE name = ?", name)
        if row is not None:
            linked, loaded, compiled = row
            return tuple((linked or "").split()), tuple((loaded or "").split()), bool(compiled)
        return ((), (), False) if f"\n{name}\n" in self.meta("plain") else None
