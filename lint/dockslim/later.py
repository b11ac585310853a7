"""Regular expressions that are compiled when they are first used.

Most of them are for what is rare, and to compile them all took a tenth of the time in which one file is checked.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

__all__ = ["later"]

if TYPE_CHECKING:
    from re import compile as later
else:

    class later:  # noqa: N801
        """A pattern, as `re.compile` would make it of the same arguments."""

        def __init__(self, text: str, flags: int = 0) -> None:
            self._source = (text, flags)

        def __getattr__(self, name: str) -> Any:
            # What was asked for once is an attribute from then on.
            found = getattr(re.compile(*self._source), name)
            setattr(self, name, found)
            return found

        def __repr__(self) -> str:
            return f"later({self._source[0]!r})"
