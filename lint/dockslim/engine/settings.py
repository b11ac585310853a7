"""Configuration: ``[tool.dockslim]`` in pyproject.toml, or dockslim.toml, the nearest above each Dockerfile."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from dockslim.later import TYPE_CHECKING
from dockslim.records import NamedTuple

if TYPE_CHECKING:
    from typing import Any

    from dockslim.engine.finding import Severity
    from dockslim.rewrite.edits import Safety

__all__ = ["DEFAULT", "WHEEL_TRANSFERS", "ConfigurationError", "Settings", "load", "matches", "nearest", "no_pattern"]

#: How wheels reach the final stage: by a bind mount (no bytes stay), or by COPY for builders that have no mounts.
WHEEL_TRANSFERS = ("mount", "copy")

NAMES = ("dockslim.toml", "pyproject.toml")
_LARGEST = 4_000_000
_NOTHING: Mapping[str, Any] = MappingProxyType({})


class ConfigurationError(ValueError):
    """The configuration cannot be used; the message names file, key and remedy."""


class Settings(NamedTuple):
    """What a configuration file says; ``source`` is that file, None for the defaults."""

    source: Path | None = None
    select: tuple[str, ...] | None = None
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    per_file_ignores: Mapping[str, tuple[str, ...]] = _NOTHING
    exclude: tuple[str, ...] = ()
    severity: Mapping[str, Severity] = _NOTHING
    fix_safety: Mapping[str, Safety] = _NOTHING
    wheel_directory: str = "/wheels"
    wheel_transfer: str = WHEEL_TRANSFERS[0]
    pin_release: bool = True
    target: str | None = None
    context: Path | None = None
    build_args: Mapping[str, str] = _NOTHING
    known_packages: Mapping[str, Mapping[str, Any]] = _NOTHING

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

    def excludes(self, path: Path) -> bool:
        """Whether ``exclude`` leaves a file alone."""
        return self.source is not None and matches(self.exclude, path, self.source.parent)


DEFAULT = Settings()


def matches(patterns: tuple[str, ...], path: Path, folder: Path) -> bool:
    """Whether one of the patterns, read as those of a .gitignore in ``folder``, takes a file below it."""
    if not patterns:
        return False
    from pathspec import GitIgnoreSpec

    relative = Path(os.path.relpath(path, folder)).as_posix()
    return not relative.startswith("../") and GitIgnoreSpec.from_lines(patterns).match_file(relative)


def no_pattern(patterns: tuple[str, ...]) -> str | None:
    """Return the first of the patterns that is none, as .gitignore has them."""
    if patterns:
        import re

        from pathspec import GitIgnoreSpec

        for pattern in patterns:
            try:
                GitIgnoreSpec.from_lines([pattern])
            except (ValueError, re.error):  # the latter of a range like [z-a]
                return pattern
    return None


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
            settings = _read(path)
            if settings is not None:
                break
        elif path.is_symlink() and not path.exists():
            raise ConfigurationError(f"{path}: a symbolic link to nothing; mend it or take it away")
        elif path.is_dir() and name == NAMES[0]:
            raise ConfigurationError(f"{path}: a folder, where a file is expected; give it another name")
    else:
        settings = DEFAULT if folder.parent == folder else nearest(folder.parent, cache)
    cache[folder] = settings
    return settings


def load(path: Path) -> Settings:
    """Return the settings of one file, named by the user.  Raises ConfigurationError."""
    settings = _read(path)
    if settings is None:
        raise ConfigurationError(f"{path}: has no [tool.dockslim]; add it, or name another file")
    return settings


def _read(path: Path) -> Settings | None:
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST + 1)
    except OSError as error:
        raise ConfigurationError(f"{path}: {(error.strerror or str(error)).lower()}") from error
    if len(data) > _LARGEST:
        raise ConfigurationError(f"{path}: larger than {_LARGEST // 1_000_000} MB: no configuration; name another file")
    text = _decoded(data, path)
    if path.name == "pyproject.toml" and "dockslim" not in text:
        return None
    try:
        import tomllib
    except ImportError:  # Python 3.10
        import tomli as tomllib  # type: ignore[no-redef, import-not-found, unused-ignore]
    from dockslim.engine.keys import parse

    try:
        table: Any = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigurationError(f"{path}: not TOML: {error}") from error
    if path.name == "pyproject.toml":
        tool = table.get("tool")
        table = tool.get("dockslim") if isinstance(tool, dict) else None
        if table is None:
            return None
        if not isinstance(table, dict):
            raise ConfigurationError(f"{path}: tool.dockslim: a table is expected, as in [tool.dockslim]")
    elif "tool" in table:
        raise ConfigurationError(
            f"{path}: unknown key 'tool'; in {path.name} the keys stand at the top, without tool.dockslim"
        )
    settings = parse(table, path)
    strange = no_pattern(settings.exclude)
    if strange is not None:
        raise ConfigurationError(f"{path}: exclude: {strange!r} is no pattern as .gitignore has them")
    return settings


def _decoded(data: bytes, path: Path) -> str:
    """The text of a file, whether or not it speaks of dockslim: what cannot be read might."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ConfigurationError(f"{path}: UTF-16 text: save it as UTF-8")
    try:
        return data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path}: not UTF-8 (byte {error.start + 1}): save it as UTF-8") from error
