"""Debian version numbers in their order (Debian policy, 5.6.12)."""

from __future__ import annotations

import functools
import re

__all__ = ["compare", "satisfies", "version_key"]

PARTS = re.compile(r"(\D*)(\d*)", re.ASCII)
OPERATORS = {
    "<<": lambda order: order < 0,
    "<=": lambda order: order <= 0,
    "=": lambda order: order == 0,
    ">=": lambda order: order >= 0,
    ">>": lambda order: order > 0,
    # the old spellings, which mean "or equal"
    "<": lambda order: order <= 0,
    ">": lambda order: order >= 0,
}


def letters_key(letters: str) -> tuple[int, ...]:
    """Return a key that sorts `~` before the end, the end before letters, letters before other signs."""
    return (*(-1 if sign == "~" else ord(sign) if sign.isalpha() else ord(sign) + 256 for sign in letters), 0)


def part_key(part: str) -> tuple[tuple[tuple[int, ...], int], ...]:
    """Return the key of an upstream version or of a revision: letters and numbers by turns."""
    return tuple((letters_key(letters), int(digits or 0)) for letters, digits in PARTS.findall(part))


@functools.lru_cache(maxsize=65536)
def version_key(version: str) -> tuple[object, ...]:
    """Return the sort key of a whole version, ``[epoch:]upstream[-revision]``."""
    epoch, colon, rest = version.partition(":")
    if not colon:
        epoch, rest = "0", version
    upstream, _, revision = rest.rpartition("-") if "-" in rest else (rest, "", "0")
    return int(epoch), part_key(upstream), part_key(revision or "0")


def compare(left: str, right: str) -> int:
    """Return -1, 0 or 1 as ``left`` is older than, the same as or newer than ``right``."""
    if left == right:
        return 0
    one, other = version_key(left), version_key(right)
    return (one > other) - (one < other)


def satisfies(version: str, operator: str, bound: str) -> bool:
    """Return whether ``version`` meets ``(operator bound)``; an empty operator asks for nothing."""
    return not operator or OPERATORS[operator](compare(version, bound))
