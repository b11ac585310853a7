"""Relations as bytes: numbers of packages, two bytes each, the top bit set where another alternative follows.

Names and relations are kept in blocks: what a database spends on each row would be more than the row itself.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable, Sequence
from itertools import accumulate

__all__ = [
    "FIELDS",
    "LIMIT",
    "NAMES_IN_BLOCK",
    "RELATIONS_IN_BLOCK",
    "bounds",
    "pack",
    "pack_block",
    "pack_groups",
    "pack_sizes",
    "size_at",
    "unpack",
    "unpack_groups",
]

LIMIT = 0x8000
NAMES_IN_BLOCK = 64
RELATIONS_IN_BLOCK = 16
FIELDS = 4  # depends, recommends, conflicts, runtime


def pack(numbers: Iterable[int]) -> bytes:
    """Return package numbers, each below `LIMIT`, as bytes."""
    return little(array("H", numbers)).tobytes()


def pack_groups(groups: Iterable[Sequence[int]]) -> bytes:
    """Return groups of alternatives, none empty, as bytes."""
    return pack(
        number | (LIMIT if place < len(group) - 1 else 0) for group in groups for place, number in enumerate(group)
    )


def unpack(data: bytes) -> tuple[int, ...]:
    """Return the numbers of `pack`."""
    if sys.byteorder == "little":
        return tuple(memoryview(data).cast("H"))
    numbers = array("H")
    numbers.frombytes(data)
    return tuple(little(numbers))


def unpack_groups(data: bytes) -> tuple[tuple[int, ...], ...]:
    """Return the groups of `pack_groups`."""
    numbers = unpack(data)
    if not numbers or max(numbers) < LIMIT:
        return tuple([(number,) for number in numbers])
    groups: list[tuple[int, ...]] = []
    group: list[int] = []
    for number in numbers:
        group.append(number & (LIMIT - 1))
        if number < LIMIT:
            groups.append(tuple(group))
            group = []
    return tuple(groups)


def pack_block(packages: Sequence[Sequence[bytes]]) -> bytes:
    """Return the fields of a block's packages: first the lengths of all (in numbers), then all of them."""
    lengths = pack(len(field) // 2 for fields in packages for field in fields)
    return lengths + b"".join(field for fields in packages for field in fields)


def bounds(block: bytes, count: int) -> tuple[int, ...]:
    """Return where the fields of a block of ``count`` packages begin, and where the last one ends."""
    lengths = unpack(block[: 2 * FIELDS * count])
    return tuple(2 * number for number in accumulate(lengths, initial=FIELDS * count))


COARSE = 64


def pack_sizes(sizes: Iterable[int]) -> bytes:
    """Return sizes in KiB, two bytes each: exact below 32 MiB, above it in steps of 64 KiB."""
    return pack(size if size < LIMIT else LIMIT | min(LIMIT - 1, round(size / COARSE)) for size in sizes)


def size_at(data: bytes, place: int) -> int:
    """Return the size in KiB at one place of `pack_sizes`."""
    code = int.from_bytes(data[2 * place : 2 * place + 2], "little")
    return code if code < LIMIT else (code & (LIMIT - 1)) * COARSE


def little(numbers: array[int]) -> array[int]:
    """Swap the bytes where the machine's order is not the file's."""
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
