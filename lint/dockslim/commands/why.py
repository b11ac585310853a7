"""``dockslim why``: what packages are."""

from __future__ import annotations

import click

from dockslim.commands.options import Mistake

__all__ = ["why"]


@click.command()
@click.argument("packages", nargs=-1, required=True)
@click.option("--release", help="The suite: bookworm, trixie, noble, …; else that of python:slim.")
@click.option("--base", type=click.Choice(("slim", "full", "debian")), default="slim", show_default=True)
@click.option("--no-install-recommends", is_flag=True, help="As apt-get takes it.")
@click.option("--output-format", type=click.Choice(("text", "json")), default="text", show_default=True)
def why(
    packages: tuple[str, ...], release: str | None, base: str, no_install_recommends: bool, output_format: str
) -> None:
    """Say what PACKAGES are, what they stand for at run time, and what installing them pulls in and weighs."""
    from dockslim import knowledge
    from dockslim.knowledge.why import render
    from dockslim.knowledge.why import why as ask

    if release is None:
        image = knowledge.python_image("slim")
        release = (image.release if image else None) or "trixie"
    try:
        facts = ask(packages, release, base, not no_install_recommends)
    except knowledge.KnowledgeError as error:
        raise Mistake(str(error)) from error
    if output_format == "json":
        import json

        click.echo(json.dumps({"schema": 1, **facts}, indent=2, ensure_ascii=False))
    else:
        click.echo(render(facts), nl=False)
