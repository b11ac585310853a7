"""The report for a person at a terminal (and, without colour, in a pipe)."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

from rich.table import Table
from rich.text import Text

from dockslim.later import TYPE_CHECKING
from dockslim.records import NamedTuple
from dockslim.report.formats import PlainText
from dockslim.report.page import TELLING, Line, clean, console_for, show, width_of
from dockslim.report.snippet import cells, sizes
from dockslim.report.wrapping import wrapped
from dockslim.verify.faults import Fault
from dockslim.verify.output.document import Outcome
from dockslim.verify.output.words import megabytes, plural, rows, summary
from dockslim.verify.results import Complaint, Image, Package, Verification

if TYPE_CHECKING:
    from typing import TextIO

__all__ = ["print_outcomes"]

_SHOWN_PACKAGES = 12
_SHOWN_REASON = 100
_SHOWN_INSTRUCTION = 120
#: For rich, which has every table in a width: no table is wider.
_PIPE_WIDTH = 10_000


class _Page(NamedTuple):
    """Where the report goes, and how wide a terminal is; None for a pipe, where nothing is broken."""

    stream: TextIO
    width: int | None

    def say(self, *pieces: tuple[str, str], indent: int = 2) -> None:
        """One paragraph; its further lines are indented."""
        line: Line = [(style, clean(text)) for style, text in pieces]
        show(wrapped(line, self.width, " " * indent), self.stream)

    def table(self, table: Table) -> bool:
        """Print a table; whether there is room for it."""
        console = console_for(self.stream, self.width or _PIPE_WIDTH)
        unbound = console.options.update(width=_PIPE_WIDTH)
        if console.measure(table, options=unbound).maximum > console.width:
            return False
        console.print(table)
        return True


def print_outcomes(outcomes: Sequence[Outcome], stream: TextIO, *, verbose: bool = False) -> None:
    """Print each file's report, and one table of all at the end when there are several."""
    if not stream.isatty():
        # No line of a pipe ends in blanks.
        collected = PlainText() if getattr(stream, "plain", False) else io.StringIO()
        _print_all(_Page(collected, None), outcomes, verbose)
        stream.write("".join(line.rstrip() + "\n" for line in collected.getvalue().split("\n")[:-1]))
        return
    _print_all(_Page(stream, width_of(stream)), outcomes, verbose)


def _print_all(page: _Page, outcomes: Sequence[Outcome], verbose: bool) -> None:
    for path, result in outcomes:
        if isinstance(result, Verification):
            _print(page, result, verbose)
        elif len(outcomes) > 1:
            page.say(("bold", path), ("", ": "), ("red", "not verified"), ("", f": {_words(result.message)}"))
            page.say()
    if len(outcomes) > 1:
        _overview(page, outcomes)


def print_fault(path: str, fault: Fault, stream: TextIO) -> None:
    """Print why a file could not be verified."""
    page = _Page(stream, width_of(stream))
    page.say(("", "dockslim: "), ("bold red", "error"), ("", f": {path}: {_words(fault.message)}"))
    for line in fault.details.splitlines():
        show([[("", "  "), ("dim", "│"), ("", f" {clean(line)}")]], stream)


def _print(page: _Page, verification: Verification, verbose: bool) -> None:
    page.say(("bold", verification.path), ("", f"  ({verification.engine})"))
    page.say()
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=verification.before is not None)
    table.add_column("")
    for heading in ("before", "after", "change"):
        table.add_column(heading, justify="right", header_style="dim")
    for row in rows(verification):
        table.add_row(*map(Text, row))
    if not page.table(table):
        for what, before, after, change in rows(verification):
            page.say(("", f"{what}: {before}{' → ' * bool(before)}{after}{f' ({change})' if change else ''}"))
    if verification.before is not None:
        for heading, packages in (("gone", verification.packages_gone), ("added", verification.packages_added)):
            if packages:
                page.say(("", f"packages {heading}: {_listed(packages, verbose)}"))
    page.say()
    page.say(("", "layers:"))
    for name, image in (("before", verification.before), ("after", verification.after)):
        if image is not None:
            _layers(page, name, image, verbose)
    _complaints(page, "regression", "bold red", verification.regressions)
    _complaints(page, "problem", f"bold {TELLING}", verification.problems)
    if verification.notes:
        page.say()
    for note in verification.notes:
        page.say(("dim", f"note: {_words(note)}"))
    page.say()
    if verification.exit_code == 0:
        before, well, after = summary(verification).rpartition("all well")
        page.say(("bold", before), ("bold green", well), ("bold", after))  # a whole sentence in green is faint on white
    else:
        page.say(("bold red", summary(verification)))
    page.say()


def _layers(page: _Page, name: str, image: Image, verbose: bool) -> None:
    for layer in image.layers:
        if layer.size == 0 and not verbose:
            continue
        where = f"line {layer.line}" if layer.line is not None else "base"
        start = f"  {name:<6} {megabytes(layer.size):>9}  {where:<8}  "
        room = _SHOWN_INSTRUCTION if page.width is None else max(page.width - cells(start), 20)
        text = clean(_words(layer.instruction))
        show([[("", (start + _cut(text, room)).rstrip())]], page.stream)


def _complaints(page: _Page, noun: str, style: str, complaints: Iterable[Complaint]) -> None:
    for complaint in complaints:
        page.say()
        page.say((style, noun), ("", f" ({complaint.kind}): {_words(complaint.what)}"))
        fix = complaint.fix
        if fix is not None:
            page.say(("", f"  fix: {_words(fix.title)}"), indent=4)
            if fix.text is not None:
                page.say(("bold", f"  line {fix.line}: {fix.text}"), indent=4)


def _listed(packages: Sequence[Package], verbose: bool) -> str:
    names = [package.name for package in sorted(packages, key=lambda package: -package.size)]
    shown = names if verbose else names[:_SHOWN_PACKAGES]
    more = f" and {len(names) - len(shown)} more" if len(names) > len(shown) else ""
    return f"{len(names)} ({', '.join(shown)}{more})"


class _Told(NamedTuple):
    """What the table at the end says of one file."""

    path: str
    before: str
    after: str
    regressions: str
    problems: str
    verdict: tuple[str, str]
    why: str = ""


def _overview(page: _Page, outcomes: Sequence[Outcome]) -> None:
    """A table of all files, or, on a terminal that has no room for it, a paragraph for each."""
    told = [_told(path, result) for path, result in outcomes]
    if page.table(_tabled(told)) or page.table(_tabled([each._replace(why="") for each in told])):
        return  # the reasons stand above
    for each in told:
        sizes = " → ".join(size for size in (each.before, each.after) if size)
        page.say(("bold", each.path), ("", f": {sizes}, " if sizes else ": "), each.verdict)


def _told(path: str, result: Verification | Fault) -> _Told:
    if isinstance(result, Fault):
        why = f": {_cut(_words(result.message), _SHOWN_REASON)}"
        return _Told(path, "", "", "", "", ("red", "not verified"), why)
    before = megabytes(result.before.size) if result.before is not None else ""
    regressions, problems = len(result.regressions), len(result.problems)
    verdict = "green", "all well"
    if result.exit_code != 0:
        verdict = "red", plural(regressions, "regression") if regressions else plural(problems, "problem")
    return _Told(path, before, megabytes(result.after.size), str(regressions), str(problems), verdict)


def _tabled(told: Iterable[_Told]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in ("file", "before", "after", "regressions", "problems", "verdict"):
        table.add_column(heading, justify="left" if heading in ("file", "verdict") else "right", header_style="dim")
    for path, *numbers, (style, verdict), why in told:
        table.add_row(Text(clean(path)), *map(Text, numbers), Text.assemble((verdict, style), clean(why)))
    return table


def _words(text: str) -> str:
    return " ".join(text.split())


def _cut(text: str, room: int) -> str:
    """A text of at most so many cells, its end marked where it is cut."""
    used = cut = 0
    for number, (_, size) in enumerate(sizes(text)):
        used += size
        if used > room:
            return text[:cut] + "…"
        if used < room:
            cut = number + 1
    return text
