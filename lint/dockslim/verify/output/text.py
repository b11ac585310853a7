"""The report for a person at a terminal (and, without colour, in a pipe)."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import IO

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from dockslim.verify.faults import Fault
from dockslim.verify.output.document import Outcome
from dockslim.verify.output.words import megabytes, plural, rows, summary
from dockslim.verify.results import Complaint, Image, Package, Verification

__all__ = ["print_outcomes"]

_SHOWN_PACKAGES = 12
_SHOWN_REASON = 100
_PIPE_WIDTH = 240


def print_outcomes(outcomes: Sequence[Outcome], stream: IO[str], *, verbose: bool = False) -> None:
    """Print each file's report, and one table of all at the end when there are several."""
    if not stream.isatty():
        # A pipe has no width: nothing is wrapped there, and no line ends in blanks.
        collected = io.StringIO()
        _print_all(Console(file=collected, highlight=False, soft_wrap=True, width=_PIPE_WIDTH), outcomes, verbose)
        stream.write("".join(line.rstrip() + "\n" for line in collected.getvalue().splitlines()))
        return
    _print_all(Console(file=stream, highlight=False), outcomes, verbose)


def _print_all(console: Console, outcomes: Sequence[Outcome], verbose: bool) -> None:
    for path, result in outcomes:
        if isinstance(result, Verification):
            _print(console, result, verbose)
        elif len(outcomes) > 1:
            console.print(f"[bold]{escape(path)}[/]: [red]not verified[/]: {escape(result.message)}\n")
    if len(outcomes) > 1:
        console.print(_overview(outcomes))


def print_fault(path: str, fault: Fault, stream: IO[str]) -> None:
    """Print why a file could not be verified."""
    console = Console(file=stream, highlight=False, soft_wrap=True)
    console.print(f"[bold red]error[/]: {escape(path)}: {escape(fault.message)}")
    for line in fault.details.splitlines():
        console.print(f"  [dim]│[/] {escape(line)}")


def _print(console: Console, verification: Verification, verbose: bool) -> None:
    console.print(f"[bold]{escape(verification.path)}[/]  ({verification.engine})\n")
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=verification.before is not None)
    table.add_column("")
    for heading in ("before", "after", "change"):
        table.add_column(heading, justify="right", header_style="dim")
    for row in rows(verification):
        table.add_row(*(escape(cell) for cell in row))
    console.print(table)
    if verification.before is not None:
        for heading, packages in (("gone", verification.packages_gone), ("added", verification.packages_added)):
            if packages:
                console.print(f"packages {heading}: {escape(_listed(packages, verbose))}")
    console.print("\nlayers:")
    for name, image in (("before", verification.before), ("after", verification.after)):
        if image is not None:
            _layers(console, name, image, verbose)
    _complaints(console, "regression", "bold red", verification.regressions)
    _complaints(console, "problem", "yellow", verification.problems)
    for note in verification.notes:
        console.print(f"[dim]note: {escape(note)}[/]")
    style = "bold green" if verification.exit_code == 0 else "bold red"
    console.print(f"\n[{style}]{escape(summary(verification))}[/]\n")


def _layers(console: Console, name: str, image: Image, verbose: bool) -> None:
    for layer in image.layers:
        if layer.size == 0 and not verbose:
            continue
        where = f"line {layer.line}" if layer.line is not None else "base"
        width = max(console.width - 36, 40) if console.is_terminal else 120
        text = layer.instruction if len(layer.instruction) <= width else layer.instruction[: width - 1] + "…"
        console.print(f"  {name:<6} {megabytes(layer.size):>9}  {where:<8}  {escape(text)}")


def _complaints(console: Console, noun: str, style: str, complaints: Iterable[Complaint]) -> None:
    for complaint in complaints:
        console.print(f"\n[{style}]{noun}[/] ({complaint.kind}): {escape(complaint.what)}")
        fix = complaint.fix
        if fix is not None:
            console.print(f"  fix: {escape(fix.title)}")
            if fix.text is not None:
                console.print(f"  [green]line {fix.line}: {escape(fix.text)}[/]")


def _listed(packages: Sequence[Package], verbose: bool) -> str:
    names = [package.name for package in sorted(packages, key=lambda package: -package.size)]
    shown = names if verbose else names[:_SHOWN_PACKAGES]
    more = f" and {len(names) - len(shown)} more" if len(names) > len(shown) else ""
    return f"{len(names)} ({', '.join(shown)}{more})"


def _overview(outcomes: Sequence[Outcome]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in ("file", "before", "after", "regressions", "problems", "verdict"):
        table.add_column(heading, justify="left" if heading in ("file", "verdict") else "right", header_style="dim")
    for path, result in outcomes:
        if isinstance(result, Fault):
            why = result.message if len(result.message) <= _SHOWN_REASON else result.message[: _SHOWN_REASON - 1] + "…"
            table.add_row(escape(path), "", "", "", "", f"[red]not verified[/]: {escape(why)}")
            continue
        before = megabytes(result.before.size) if result.before is not None else ""
        verdict = (
            "[green]all well[/]"
            if result.exit_code == 0
            else f"[red]{plural(len(result.regressions), 'regression')}[/]"
        )
        counted = str(len(result.regressions)), str(len(result.problems))
        table.add_row(escape(path), before, megabytes(result.after.size), *counted, verdict)
    return table
