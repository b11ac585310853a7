"""From a place in a text that was edited, perhaps several times, back to the place in the first text."""

from __future__ import annotations

from collections.abc import Iterable

from dockslim.rewrite.edits import Edit

__all__ = ["Trail"]


class Trail:
    """The edits of all passes so far."""

    def __init__(self) -> None:
        self._passes: list[list[Edit]] = []

    def add(self, edits: Iterable[Edit]) -> None:
        """Note the edits of one more pass."""
        self._passes.append(sorted(edits, key=lambda edit: edit.span))

    def back(self, offset: int) -> int:
        """Where in the first text the character at ``offset`` stood; for new text, where it was put in."""
        for edits in reversed(self._passes):
            offset = _one_back(offset, edits)
        return offset


def _one_back(offset: int, edits: list[Edit]) -> int:
    grown = 0  # how much longer the new text is up to here
    for edit in edits:
        start = edit.span.start + grown
        if offset < start:
            break
        if offset < start + len(edit.text):
            return edit.span.start
        grown += len(edit.text) - (edit.span.end - edit.span.start)
    return offset - grown
