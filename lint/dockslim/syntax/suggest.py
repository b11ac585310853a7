"""Did you mean: the known name within two slips of a mistyped one."""

from __future__ import annotations

from functools import lru_cache

__all__ = ["suggest"]


def suggest(word: str, known: tuple[str, ...]) -> str | None:
    """Return the name in ``known`` that ``word`` is most likely meant to be, None where none is near.

    A slip is a letter too many, too few, wrong or swapped with its neighbour; short words are allowed only one.

    >>> suggest("COPPY", ("COPY", "CMD"))
    'COPY'
    >>> suggest("WOKRDIR", ("WORKDIR", "USER"))
    'WORKDIR'
    """
    if len(word) > 20:
        return None
    near = index(known)
    most = 1 if len(word) < 5 else 2
    candidates = dict.fromkeys(
        name for slips in range(most + 1) for left in without(word, slips) for name in near.get(left, ())
    )
    ranked = sorted((distance(word, name), name) for name in candidates)
    return ranked[0][1] if ranked and ranked[0][0] <= most else None


def distance(one: str, other: str) -> int:
    """Count the slips between two words."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, 1):
        earlier, before, row = before, row, [at]
        for place, wanted in enumerate(other, 1):
            cost = min(before[place] + 1, row[place - 1] + 1, before[place - 1] + (letter != wanted))
            if at > 1 and place > 1 and letter == other[place - 2] and one[at - 2] == wanted:
                cost = min(cost, earlier[place - 2] + 1)
            row.append(cost)
    return row[-1]


@lru_cache(maxsize=32)
def index(known: tuple[str, ...]) -> dict[str, list[str]]:
    """Map what is left of each name with up to two letters dropped to the names."""
    near: dict[str, list[str]] = {}
    for slips in range(3):
        for name in known:
            for left in without(name, slips):
                near.setdefault(left, []).append(name)
    return near


def without(word: str, letters: int) -> dict[str, None]:
    """Return ``word`` with that many letters dropped, in every way."""
    found = dict.fromkeys([word])
    for _ in range(letters):
        found = dict.fromkeys(each[:at] + each[at + 1 :] for each in found for at in range(len(each)))
    return found
