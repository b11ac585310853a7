"""What is put off: regular expressions until they are first used, and the import of `typing` altogether.

Most patterns are for what is rare, and to compile them all took a tenth of the time in which one file is checked.
Importing `typing` takes half as long as Python's own start; whoever checks types knows `TYPE_CHECKING` by its name.
"""

from __future__ import annotations

__all__ = ["TYPE_CHECKING", "later"]

TYPE_CHECKING = False

if TYPE_CHECKING:
    from re import compile as later
    from typing import Any
else:

    class later:  # noqa: N801
        """A pattern, as `re.compile` would make it of the same arguments."""

        def __init__(self, text: str, flags: int = 0) -> None:
            self._source = (text, flags)

        def __getattr__(self, name: str) -> Any:
            import re

            # What was asked for once is an attribute from then on.
            found = getattr(re.compile(*self._source), name)
            setattr(self, name, found)
            return found

        def __repr__(self) -> str:
            return f"later({self._source[0]!r})"
