"""A set of names in a few bits each: it may say "perhaps" of a name that it lacks, but never "no" of one it holds."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterator

__all__ = ["build", "holds"]

BITS_PER_NAME = 6
PROBES = 4


def places(name: str, bits: int) -> Iterator[int]:
    """Yield the bits that stand for a name."""
    data = name.encode()
    first, second = zlib.crc32(data), zlib.crc32(data[::-1], 0x9E3779B9) | 1
    for probe in range(PROBES):
        yield (first + probe * second) % bits


def build(names: Collection[str]) -> bytes:
    """Return the filter of some names."""
    size = max(1, len(names) * BITS_PER_NAME // 8)
    table = bytearray(size)
    for name in names:
        for place in places(name, size * 8):
            table[place >> 3] |= 1 << (place & 7)
    return bytes(table)


def holds(table: bytes, name: str) -> bool:
    """Return False if the name is certainly not in the set, True if it is (or, seldom, if it is not)."""
    return all(table[place >> 3] >> (place & 7) & 1 for place in places(name, len(table) * 8))
