"""``dockslim rules`` and ``dockslim explain``: the catalogue, and a rule's page."""

from __future__ import annotations

import click

from dockslim.commands.options import Mistake, complete_rules

__all__ = ["explain", "rules"]


@click.command()
@click.pass_context
def rules(ctx: click.Context) -> None:
    """List all rules, a line each."""
    from dockslim.engine import registry
    from dockslim.report.page import show

    found = registry.load()
    width = max(len(rule.name) for rule in found.rules)
    for rule in found.rules:
        safety = f"fix {rule.safety.value}" if rule.safety else ""
        state = "" if rule.enabled else " (off by default)"
        name = f"{rule.name:{width}}"
        show(
            [
                [
                    ("bold yellow", rule.code),
                    ("bold", f" {name} "),
                    ("dim", f"{safety:10} "),
                    ("", rule.summary() + state),
                ]
            ]
        )
    for error in found.errors:
        click.echo(f"dockslim: error: {error}", err=True)
    ctx.exit(2 if found.errors else 0)


@click.command()
@click.argument("code", metavar="RULE", shell_complete=complete_rules)
def explain(code: str) -> None:
    """Print a rule's page."""
    from dockslim import documents
    from dockslim.engine import registry
    from dockslim.engine.selection import suggest
    from dockslim.report.page import show_markdown

    found = registry.load()
    rule = found.get(code)
    if rule is None:
        words = [word for each in found.rules for word in (each.code, each.name)]
        hint = suggest(code, words) or "; `dockslim rules` lists them"
        raise Mistake(f"no rule is called {code!r}{hint}")
    show_markdown(documents.page(rule))
