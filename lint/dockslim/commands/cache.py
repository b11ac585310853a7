"""``dockslim cache``: where answers are kept, and how to be rid of them."""

from __future__ import annotations

import click

from dockslim.commands.mistake import Mistake

__all__ = ["cache"]


@click.group()
def cache() -> None:
    """Show or clear what `dockslim check` remembers of files that it has seen.

    DOCKSLIM_CACHE_DIR names another folder; check --no-cache does without.
    """


@cache.command("dir")
def dir_() -> None:
    """Print the folder."""
    from dockslim.engine.cache import folder

    place = folder()
    if place is None:
        raise Mistake("there is no home folder to keep a cache in; name one in DOCKSLIM_CACHE_DIR")
    click.echo(place)


@cache.command()
def clear() -> None:
    """Forget everything."""
    from dockslim.engine.cache import Cache, folder
    from dockslim.report.summary import counted

    place = folder()
    try:
        count = Cache(place).clear() if place is not None else 0
    except OSError as error:
        raise Mistake(f"{error.filename or place}: {(error.strerror or str(error)).lower()}") from error
    click.echo(f"{counted(count, 'answer')} forgotten.")
