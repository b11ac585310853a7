"""``dockslim config``: the settings that hold for a file, where each came from, and their JSON schema."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from dockslim.commands.calling import session_of
from dockslim.commands.mistake import Mistake
from dockslim.commands.options import configuring
from dockslim.later import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from dockslim.engine.settings import Settings

__all__ = ["config"]

#: Options that take the place of a key, or add to it.
OPTIONS = {
    "select": "select",
    "extend-select": "extend_select",
    "ignore": "ignore",
    "target": "target",
    "context": "context",
    "build-args": "build_args",
}


@click.group()
def config() -> None:
    """Show the settings that hold, or their JSON schema."""


@config.command()
def schema() -> None:
    """Print the JSON schema of dockslim.toml, for editors."""
    import json

    from dockslim.engine.keys import schema as made

    click.echo(json.dumps(made(), indent=2, ensure_ascii=False))


@config.command(short_help="Print the settings that hold, and where each came from.")
@click.argument("path", type=click.Path(path_type=Path), default=Path())
@configuring
@click.option("--output-format", type=click.Choice(("text", "json")), default="text", show_default=True)
def show(path: Path, output_format: str, **chosen: Any) -> None:
    """Print the settings that hold for PATH (a file or a folder), and where each came from."""
    from dockslim.engine.selection import SelectorError
    from dockslim.engine.settings import ConfigurationError
    from dockslim.report.page import clean, width_of
    from dockslim.report.page import show as printed
    from dockslim.report.snippet import cells
    from dockslim.report.wrapping import wrapped

    session = session_of({**chosen, "paths": []})
    try:
        place = path / "Dockerfile" if path.is_dir() else path
        if not path.exists():
            raise Mistake(f"{path}: no such file or folder")
    except OSError as error:
        raise Mistake(f"{path}: {(error.strerror or str(error)).lower()}") from error
    try:
        settings = session.settings(place)
        running = session.running(place)
    except (ConfigurationError, SelectorError) as error:
        raise Mistake(str(error)) from error
    rows = list(_rows(settings, chosen))
    if output_format == "json":
        import json

        values = {key: {"value": value, "source": source} for key, value, source in rows}
        file = str(settings.source) if settings.source is not None else None
        click.echo(json.dumps({"schema": 1, "file": file, "settings": values, "rules": sorted(running)}, indent=2))
        return
    columns = width_of(sys.stdout)
    texts = [(key, clean(f" = {_toml(value)}"), f"  # {clean(source)}") for key, value, source in rows]
    short = [len(key + text) for key, text, comment in texts if len(text) < 40]
    room = (columns or 1000) - max(len(comment) for _, _, comment in texts)
    width = max((size for size in short if size <= room), default=0)
    for key, text, comment in texts:
        blanks = " " * (width - cells(key + text))
        printed(wrapped([("bold", key), ("", text + blanks), ("dim", comment)], columns, toml=True))
    told = [("dim", f"# {len(running)} rules run: "), ("", " ".join(sorted(running)))]
    printed(wrapped(told, columns, "# ", style="dim"))


def _rows(settings: Settings, chosen: dict[str, Any]) -> Any:
    """Each key with its value and the word for where it came from."""
    from dockslim.engine.keys import KEYS
    from dockslim.engine.settings import DEFAULT

    for key in KEYS:
        field = key.replace("-", "_")
        value = getattr(settings, field)
        source = "default" if value == getattr(DEFAULT, field) else str(settings.source)
        option = chosen.get(OPTIONS.get(key, ""))
        if option:
            if key == "build-args":
                option = {**value, **option}
            value, source = option, "command line"
        yield key, _plain(value), source


def _plain(value: Any) -> Any:
    """A setting as JSON has it."""
    import enum

    from dockslim.engine.finding import Severity

    if isinstance(value, Severity):
        return value.label
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, Path):
        return value.as_posix()
    if hasattr(value, "items"):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value


def _toml(value: Any) -> str:
    import json

    if value is None:
        return "(unset)"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(name)} = {_toml(each)}" for name, each in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False)
