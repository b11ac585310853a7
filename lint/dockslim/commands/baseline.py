"""``dockslim baseline``: write down what is found today."""

from __future__ import annotations

from pathlib import Path

import click

from dockslim.commands.calling import session_of
from dockslim.commands.mistake import Mistake
from dockslim.commands.options import Named, selecting
from dockslim.commands.telling import tell
from dockslim.later import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

__all__ = ["baseline"]


@click.command()
@selecting
@click.option(
    "--output-file",
    metavar="FILE",
    type=Named(path_type=Path, dir_okay=False),
    default="dockslim-baseline.json",
    show_default=True,
    help="Where to write it; - for standard output.",
)
@click.pass_context
def baseline(ctx: click.Context, /, output_file: Path, **chosen: Any) -> None:
    """Write down all findings of today, so that `dockslim check --baseline FILE` tells only of new ones.

    A finding is known by its rule, its file and the words it marks, not by its line.

    Exit code: 0 written, 2 dockslim could not do its job.
    """
    from dockslim.engine.baseline import document
    from dockslim.engine.writing import WriteError, create
    from dockslim.report.formats import no_place
    from dockslim.report.text import counted

    to_stdout = str(output_file) == "-"
    wrong = None if to_stdout else no_place(output_file)
    if wrong:
        raise Mistake(f"{output_file}: {wrong}")
    session = session_of(chosen)
    text, count = document(session.check(), Path().absolute() if to_stdout else output_file.absolute().parent)
    tell(session)
    if to_stdout:
        click.echo(text, nl=False)
    else:
        try:
            create(output_file, text.encode())
        except WriteError as error:
            raise Mistake(f"{output_file}: {error}") from error
        click.echo(f"{output_file}: {counted(count, 'finding')} written down")
    ctx.exit(2 if session.problems else 0)
