"""A call that cannot be answered; without click, so that a call that needs none of it can say so, too."""

from __future__ import annotations

__all__ = ["Mistake"]


class Mistake(Exception):  # noqa: N818 - it is no error of the program
    """A call that cannot be answered; one line says why.  The exit code is 2."""
