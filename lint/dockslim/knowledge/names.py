"""Package names as people write them on an install line."""

from __future__ import annotations

import functools
import re

__all__ = ["is_development_name", "package_name", "project_name"]

NAME = re.compile(r"[a-z0-9][a-z0-9+._-]+", re.ASCII)
SUFFIX = re.compile(r"[=/:].*|[<>~@].*", re.ASCII | re.DOTALL)


@functools.lru_cache(maxsize=4000)
def package_name(word: str) -> str | None:
    """Return the bare package name of one word of an install line, None where it names no single package.

    ``gcc=4:12.2.0-3``, ``gcc/bookworm-backports``, ``gcc:amd64``, apk's ``gcc~12``, ``gcc>1`` and ``gcc@edge`` all
    give ``gcc``; an option, a local file (``./tool.deb``), an address, a glob and a word with a shell variable give
    None.
    """
    if word.startswith(("-", ".", "/")) or word.endswith((".deb", ".rpm", ".apk")) or "://" in word:
        return None
    name = SUFFIX.sub("", word)
    # apt reads a trailing minus as "remove this package" and a trailing plus as "install it"
    if name.endswith("-"):
        return None
    if name.endswith("+") and not name.endswith("++"):
        name = name[:-1]
    # RPM names may hold capitals; everything else (globs, $, quotes, brackets) is no name
    return name if NAME.fullmatch(name.lower()) else None


def project_name(name: str) -> str:
    """Return the normal form of a project name of the Python package index (PEP 503), extras and specifiers dropped."""
    bare = re.split(r"[\[\s;<>=!~@(]", name.strip(), maxsplit=1)[0]
    return re.sub(r"[-_.]+", "-", bare).lower()


def is_development_name(name: str) -> bool:
    """Whether a name is one that distributions give to headers: ``-dev``, ``-devel``, ``-headers``."""
    return name.endswith(("-dev", "-devel", "-headers"))
