"""``dockslim lsp``: the language server, on standard input and output."""

from __future__ import annotations

import click

from dockslim.commands.calling import session_of
from dockslim.commands.mistake import Mistake
from dockslim.commands.options import configuring
from dockslim.later import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

__all__ = ["lsp"]


@click.command()
@configuring
def lsp(**chosen: Any) -> None:
    """Serve an editor over standard input and output: diagnostics, fixes, hover.

    Needs the extra: pip install 'dockslim[lsp]'.
    """
    choices = session_of({**chosen, "paths": []}).choices  # a wrong option is told before the editor waits
    try:
        from dockslim.lsp.server import make
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in ("pygls", "lsprotocol"):
            raise
        raise Mistake("the language server needs pygls; pip install 'dockslim[lsp]'") from error
    make(choices).start_io()
