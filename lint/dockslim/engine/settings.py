"""Configuration: ``[tool.dockslim]`` in pyproject.toml, or dockslim.toml, the nearest above each Dockerfile."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from dockslim.engine.finding import Severity
from dockslim.engine.selection import suggest

__all__ = ["DEFAULT", "WHEEL_TRANSFERS", "ConfigurationError", "Settings", "nearest", "parse"]

#: How wheels reach the final stage: by a bind mount (no bytes stay), or by COPY for builders that have no mounts.
WHEEL_TRANSFERS = ("mount", "copy")

NAMES = ("dockslim.toml", "pyproject.toml")


class ConfigurationError(ValueError):
    """The configuration cannot be used; the message names file, key and remedy."""


class Settings(NamedTuple):
    """What a configuration file says; ``source`` is that file, None for the defaults."""

    source: Path | None = None
    select: tuple[str, ...] | None = None
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    per_file_ignores: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    severity: Mapping[str, Severity] = MappingProxyType({})
    wheel_transfer: str | None = None
    target: str | None = None

    def ignored_in(self, path: Path) -> tuple[str, ...]:
        """The selectors that ``per-file-ignores`` takes out for one file."""
        if not self.per_file_ignores:
            return ()
        from fnmatch import fnmatchcase

        forms = {path.name, path.as_posix()}
        if self.source is not None:
            forms.add(Path(os.path.relpath(path, self.source.parent)).as_posix())
        return tuple(
            selector
            for pattern, selectors in self.per_file_ignores.items()
            if any(fnmatchcase(form, pattern) for form in forms)
            for selector in selectors
        )


DEFAULT = Settings()


def nearest(folder: Path, cache: dict[Path, Settings]) -> Settings:
    """Return the settings that hold in a folder (absolute); nothing is merged.

    A pyproject.toml without ``[tool.dockslim]`` is passed by.  ``cache`` remembers folders.  Raises ConfigurationError.
    """
    known = cache.get(folder)
    if known is not None:
        return known
    for name in NAMES:
        path = folder / name
        if path.is_file():
            settings = _load(path)
            if settings is not None:
                break
    else:
        settings = DEFAULT if folder.parent == folder else nearest(folder.parent, cache)
    cache[folder] = settings
    return settings


def _load(path: Path) -> Settings | None:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{path}: {error.strerror or error}") from error
    if path.name == "pyproject.toml" and b"dockslim" not in data:
        return None
    try:
        import tomllib
    except ImportError:  # Python 3.10
        import tomli as tomllib  # type: ignore[no-redef, import-not-found, unused-ignore]
    try:
        table: Any = tomllib.loads(data.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: not TOML: {error}") from error
    if path.name == "pyproject.toml":
        tool = table.get("tool")
        table = tool.get("dockslim") if isinstance(tool, dict) else None
        if table is None:
            return None
        if not isinstance(table, dict):
            raise ConfigurationError(f"{path}: tool.dockslim: a table is expected, as in [tool.dockslim]")
    return parse(table, path)


def parse(table: Mapping[str, Any], path: Path) -> Settings:
    """Turn a table of TOML into settings.  Raises ConfigurationError."""
    known = {
        "select": _words,
        "extend-select": _words,
        "ignore": _words,
        "per-file-ignores": _words_by_pattern,
        "severity": _severities,
        "wheel-transfer": _transfer,
        "target": _word,
    }
    values: dict[str, Any] = {}
    for key, value in table.items():
        reader = known.get(key)
        if reader is None:
            raise ConfigurationError(f"{path}: unknown key {key!r}{suggest(key, known)}")
        try:
            values[key.replace("-", "_")] = reader(value)
        except ValueError as error:
            raise ConfigurationError(f"{path}: {key}: {error}") from error
    return Settings(source=path, **values)


def _word(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("a text is expected")
    return value


def _words(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise ValueError('a list of texts is expected, such as ["SLIM101", "SLIM2"]')
    return tuple(value)


def _words_by_pattern(value: object) -> dict[str, tuple[str, ...]]:
    if not isinstance(value, dict):
        raise ValueError('a table of patterns is expected, such as {"dev/*" = ["SLIM1"]}')
    return {pattern: _words(selectors) for pattern, selectors in value.items()}


def _severities(value: object) -> dict[str, Severity]:
    if not isinstance(value, dict):
        raise ValueError('a table of rules is expected, such as {SLIM202 = "info"}')
    levels = {severity.label: severity for severity in Severity}
    for rule, level in value.items():
        if level not in levels:
            raise ValueError(f"{rule}: {level!r} is none of {', '.join(levels)}")
    return {rule: levels[level] for rule, level in value.items()}


def _transfer(value: object) -> str:
    if value not in WHEEL_TRANSFERS:
        raise ValueError(f"{value!r} is none of {', '.join(WHEEL_TRANSFERS)}")
    return str(value)
