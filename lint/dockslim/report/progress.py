"""How far a long check is, on one line of standard error that is gone when it ends."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TextIO, TypeVar

__all__ = ["watched"]

Item = TypeVar("Item")

#: Seconds that must still be ahead, and between two looks at the line.
AHEAD, BETWEEN = 1.0, 0.1
WIDTH = 30


def watched(
    items: Iterable[Item],
    total: int,
    speaks: Callable[[Item], bool] = bool,
    stream: TextIO | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Item]:
    """Yield the items; where a terminal looks on and more than a second's work is ahead, say how far it is.

    Before an item that ``speaks`` (prints something when it is handed back) the line is wiped, so that it never stands
    among findings.
    """
    stream = stream or sys.stderr
    if total < 2 or not stream.isatty() or os.environ.get("TERM") == "dumb":
        yield from items
        return
    start = shown = clock()
    visible = False
    try:
        for done, item in enumerate(items, 1):
            if visible and speaks(item):
                _wipe(stream)
                visible = False
            yield item
            now = clock()
            ahead = (now - start) / done * (total - done)
            if ahead > (0.0 if visible else AHEAD) and (not visible or now - shown >= BETWEEN):
                stream.write(f"\r{_bar(done, total, ahead)}\x1b[K")
                stream.flush()
                visible, shown = True, now
    finally:
        if visible:
            _wipe(stream)


def _wipe(stream: TextIO) -> None:
    stream.write("\r\x1b[K")
    stream.flush()


def _bar(done: int, total: int, ahead: float) -> str:
    filled = min(WIDTH * done // total, WIDTH)
    return f"{'█' * filled}{'░' * (WIDTH - filled)} {done}/{total} files, {ahead:.0f} s ahead"
