"""docs/cli.md from the click commands, docs/configuration.md from the keys of the configuration."""

from __future__ import annotations

import inspect
import re

import click

from dockslim.cli import cli
from dockslim.engine.keys import KEYS
from dockslim.engine.settings import DEFAULT


def command_line() -> str:
    """Every command with its arguments and options."""
    parts = [
        "# Command line",
        "Made by `make docs` from the commands themselves; `dockslim COMMAND --help` prints the same.",
    ]
    parts.append(_described(cli))
    parts.append(_options(cli))
    parts.append("Exit codes: 0 nothing (left) to report, 1 findings, 2 dockslim could not do its job.")
    for name, command in _commands(cli, "dockslim"):
        parts.append(f"## {name}")
        arguments = " ".join(_argument(each) for each in command.params if isinstance(each, click.Argument))
        parts.append(f"`{name} [OPTIONS] {arguments}".rstrip() + "`")
        parts.append(_described(command))
        parts.append(_options(command))
    return "\n\n".join(part for part in parts if part) + "\n"


def _commands(group: click.Group, path: str) -> list[tuple[str, click.Command]]:
    context = click.Context(group, info_name=path)
    found: list[tuple[str, click.Command]] = []
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            found.extend(_commands(command, f"{path} {name}"))
        elif command is not None:
            found.append((f"{path} {name}", command))
    return found


def _described(command: click.Command) -> str:
    text = inspect.cleandoc(command.help or "")
    return re.sub(r"(?m)(?<=\S)\n(?=Exit code)", "\n\n", text)


def _argument(argument: click.Argument) -> str:
    name = (argument.metavar or (argument.name or "").upper()).rstrip(".") + ("..." if argument.nargs == -1 else "")
    return name if argument.required or argument.metavar else f"[{name}]"


def _options(command: click.Command) -> str:
    rows = []
    for option in command.params:
        if not isinstance(option, click.Option) or option.hidden:
            continue
        names = ", ".join(f"`{name}`" for name in (*option.opts, *option.secondary_opts))
        value = "" if option.is_flag else option.metavar or _kind(option)
        text = option.help or ""
        if option.show_default and option.default not in (None, ()):
            text += f" Default: `{option.default}`."
        rows.append(f"| {names} | {_cell(value)} | {_cell(text)} |")
    return "\n".join(["| option | value | |", "|---|---|---|", *rows]) if rows else ""


def _kind(option: click.Option) -> str:
    if isinstance(option.type, click.Choice):
        return " or ".join(f"`{choice}`" for choice in option.type.choices)
    return option.type.name.upper()


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def configuration() -> str:
    """Every key with its meaning, its default and an example."""
    parts = [
        "# Configuration",
        "Made by `make docs` from the keys themselves. `dockslim config show` prints what holds, and where it came "
        "from; `dockslim config schema` prints a JSON schema for editors.",
        "The nearest file above each Dockerfile holds alone: `dockslim.toml`, or a `pyproject.toml` that has the table "
        "`[tool.dockslim]`. Nothing is merged. `--config FILE` takes another one, `--isolated` none. Options of the "
        "command line go before the file, and the file goes before what a compose or bake file declares.",
        "```toml\n# pyproject.toml\n[tool.dockslim]\n"
        'ignore = ["SLIM202"]\ntarget = "production"\n\n[tool.dockslim.per-file-ignores]\n"dev/*" = ["SLIM1"]\n```',
        "In `dockslim.toml` the same keys stand at the top, without `tool.dockslim`. A key or a value that dockslim "
        "does not know is an error, with the likeliest one named.",
    ]
    for name, key in KEYS.items():
        parts.append(f"## {name}")
        parts.append(key.doc)
        default = getattr(DEFAULT, name.replace("-", "_"))
        shown = {True: "`true`", False: "`false`"}.get(default) if isinstance(default, bool) else None
        shown = shown or (f'`"{default}"`' if isinstance(default, str) else "")
        parts.append((f"Default: {shown}. " if shown else "") + f"Example: `{name} = {key.example}`")
    parts.append(COMPOSE)
    return "\n\n".join(parts) + "\n"


COMPOSE = """\
## Files that are found

Files named on the command line are checked whatever their name. Folders are searched for `Dockerfile`,
`Dockerfile.*`, `Dockerfile-*`, `*.Dockerfile`, and the same with *containerfile*, in any case; hidden folders,
`node_modules`, `vendor`, `third_party`, `venv` and what `.gitignore` names are passed by, and no symbolic link is
followed. `exclude` and `--exclude` leave more alone; with `--force-exclude` (pre-commit) also files that are named.

A compose file (`compose.yaml`, `docker-compose.yml`, `docker-compose.prod.yml`, …) or a bake file (`docker-bake.hcl`,
`docker-bake.json`) in a searched folder stands for the Dockerfiles that it builds, whatever they are called, and says
with which `target`, `args` and `context` each is read. Where one file is built more than once, what is found in any of
its builds is told. A target that is for work at the desk (`dev`, `test`, `builder`, …) and a file that is
(`compose.override.yaml`, `docker-compose.dev.yml`) say nothing of what ships: their Dockerfile is found, and read as a
plain build.

- **Compose**: `extends` and `include` are followed, across files, each path from its own file's folder. Profiles are
  not looked at: what is built under one is built. Variables come from the environment and from `.env`.
- **Bake**: `inherits`, `matrix`, variables with their defaults (the environment goes before), functions of the file,
  and of bake's own the commoner ones: `replace`, `join`, `coalesce`, … What cannot be told from the file alone, such as
  `timestamp()`, is not guessed at: an argument of that kind is left out, a target whose `dockerfile`, `context` or
  `target` is of that kind is passed by.

A search passes by what it cannot follow. Name the file, as in `dockslim check docker-bake.hcl`, and it says what that
was."""
