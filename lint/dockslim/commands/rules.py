"""``dockslim rules`` and ``dockslim explain``: the catalogue, and a rule's page."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

import click

from dockslim.commands.mistake import Mistake
from dockslim.commands.options import complete_rules
from dockslim.later import TYPE_CHECKING

if TYPE_CHECKING:
    from dockslim.engine.rule import Rule
    from dockslim.report.page import Line

__all__ = ["explain", "rules"]


@click.command()
@click.pass_context
def rules(ctx: click.Context) -> None:
    """List all rules, a line each."""
    from dockslim.engine import registry
    from dockslim.report.page import show, width_of

    found = registry.load()
    show(_listed(found.rules, width_of(sys.stdout)))
    for error in found.errors:
        click.echo(f"dockslim: error: {error}", err=True)
    ctx.exit(2 if found.errors else 0)


def _listed(rules: Sequence[type[Rule]], width: int | None) -> Iterator[Line]:
    """A table, or where a terminal is too narrow for it each rule's summary below its name."""
    from dockslim.report.page import TELLING
    from dockslim.report.snippet import cells
    from dockslim.report.wrapping import wrapped

    longest = max((len(rule.name) for rule in rules), default=0)
    rows: list[tuple[Line, Line]] = []
    for rule in rules:
        safety = f"fix {rule.safety.value}" if rule.safety else ""
        name: Line = [(TELLING, rule.code), ("bold", f" {rule.name:{longest}} "), ("dim", f"{safety:10} ")]
        rows.append((name, [("", rule.summary() + ("" if rule.enabled else " (off by default)"))]))
    if width is None or all(cells("".join(text for _, text in name + summary)) <= width for name, summary in rows):
        yield from (name + summary for name, summary in rows)
        return
    for name, summary in rows:
        (code, words, (style, safety)) = name
        head = [code, (words[0], words[1].rstrip()), (style, f" {safety}".rstrip())]
        yield from wrapped(head, width, " " * 8)
        yield from wrapped([("", " " * 8), *summary], width, " " * 8)


@click.command()
@click.argument("code", metavar="RULE", shell_complete=complete_rules)
def explain(code: str) -> None:
    """Print a rule's page."""
    from dockslim import documents
    from dockslim.engine import registry
    from dockslim.engine.selection import suggest
    from dockslim.report.manual import show_markdown

    found = registry.load()
    rule = found.get(code)
    if rule is None:
        words = [word for each in found.rules for word in (each.code, each.name)]
        hint = suggest(code, words) or "; `dockslim rules` lists them"
        raise Mistake(f"no rule is called {code!r}{hint}")
    show_markdown(documents.page(rule))
