"""What of a file was passed by because nobody here could read it: nothing said of it does not mean that all is well."""

from __future__ import annotations

import os
from collections.abc import Iterator

from dockslim.later import TYPE_CHECKING
from dockslim.records import NamedTuple

if TYPE_CHECKING:
    from dockslim.model import Facts
    from dockslim.syntax import Run

__all__ = ["Note", "unread"]

#: So many RUNs of a file are told of one by one.
MOST = 3
_OPERATORS = ("&&", "||", "|")


class Note(NamedTuple):
    """Something that a person should know of a file, and no mistake in it; ``runs`` counts the RUNs it speaks of."""

    path: str
    line: int
    message: str
    runs: int = 1

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


def unread(facts: Facts) -> Iterator[Note]:
    """Yield a note for each RUN that was not understood as shell, and one for each program that reads RUNs instead.

    A shell may take what is not understood here; BuildKit takes it all, so it is no finding.
    """
    file = facts.file
    if file.template:
        return
    foreign: dict[str, list[int]] = {}
    strange: list[tuple[int, Run]] = []
    for stage in facts.stages:
        for run in stage.unreadable_runs:
            line = file.source.position(run.span.start).line
            if run.script.interpreter is not None and run.heredocs:
                continue  # a script that names its own reader: nobody expects it to be read as shell
            if run.script.interpreter is not None:
                foreign.setdefault(os.path.basename(run.script.interpreter), []).append(line)  # noqa: PTH119 - no path
            else:
                strange.append((line, run))
    for name, lines in foreign.items():
        what = "this RUN" if len(lines) == 1 else f"this RUN and {len(lines) - 1} more"
        yield Note(file.path, lines[0], f"{name} reads {what}, no shell: what they do was not checked", len(lines))
    for number, (line, run) in enumerate(strange, 1):
        if number == MOST and len(strange) > MOST:
            more = len(strange) - MOST
            yield Note(file.path, line, f"{_why(run)} (so it is with {more} more)", more + 1)
            return
        yield Note(file.path, line, _why(run))


def _why(run: Run) -> str:
    end = run.script.text.rstrip()
    for operator in _OPERATORS:
        if end.endswith(operator):
            return f"this RUN ends in {operator} where a command is missing, so it was not checked; complete it"
    why = (run.script.problem or "").removeprefix("not understood as shell: ")
    return f"this RUN was not understood as shell ({why}), so it was not checked; see whether `sh -n` takes it"
