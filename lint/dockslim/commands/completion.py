"""``dockslim completion``: click's completion scripts."""

from __future__ import annotations

import click

__all__ = ["completion"]


@click.command()
@click.argument("shell", type=click.Choice(("bash", "zsh", "fish")))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the completion script of a shell, to be read by its start file.

    bash: eval "$(dockslim completion bash)" in ~/.bashrc.  zsh: the same in ~/.zshrc, with zsh.
    fish: dockslim completion fish > ~/.config/fish/completions/dockslim.fish
    """
    from click.shell_completion import get_completion_class

    made = get_completion_class(shell)
    assert made is not None
    click.echo(made(ctx.find_root().command, {}, "dockslim", "_DOCKSLIM_COMPLETE").source(), nl=False)
