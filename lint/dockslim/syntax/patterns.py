"""Shell patterns in `${name#pattern}` and its kin: `*` and `?`, as BuildKit reads them (it knows no brackets)."""

from __future__ import annotations

import re

__all__ = ["replace", "trim"]


def regular(pattern: str, *, longest: bool) -> str:
    """Return the regular expression for a pattern.  Raises ValueError for an escape that BuildKit refuses."""
    out: list[str] = []
    letters = iter(range(len(pattern)))
    for at in letters:
        letter = pattern[at]
        if letter == "*":
            out.append(".*" if longest else ".*?")
        elif letter == "?":
            out.append(".")
        elif letter == "\\":
            following = pattern[at + 1 : at + 2]
            if following and following in "}/":
                continue  # escaped only for the sake of ${}
            if not following or following not in "*?\\":
                raise ValueError(f"invalid escape '\\{following}'")
            out.append(re.escape(following))
            next(letters)
        else:
            out.append(re.escape(letter))
    return "".join(out)


def trim(value: str, pattern: str, *, suffix: bool, longest: bool) -> str:
    """Take the shortest or longest match of ``pattern`` off one end of ``value``."""
    if not suffix:
        found = re.compile(regular(pattern, longest=longest)).match(value)
        return value[found.end() :] if found else value
    found = re.compile(regular(backwards(pattern), longest=longest)).match(value[::-1])
    return value[: len(value) - found.end()] if found else value


def backwards(pattern: str) -> str:
    """Turn a pattern round, each escape staying before what it escapes."""
    return "".join(reversed(re.findall(r"\\.|.", pattern, re.DOTALL)))


def replace(value: str, pattern: str, new: str, *, everywhere: bool) -> str:
    """Put ``new`` in the place of the first match, or of every one."""
    out: list[str] = []
    at = 0
    for found in re.finditer(regular(pattern, longest=True), value):
        if out and found.start() == found.end() == at:
            continue  # as Go: an empty match right after another one is none
        out += (value[at : found.start()], new)
        at = found.end()
        if not everywhere:
            break
    return "".join(out) + value[at:]
