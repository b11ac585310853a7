"""Compose files: the builds of their services, with what ``extends`` and ``include`` bring in from other files.

Profiles are not looked at: what is built under one is built.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from dockslim.records import NamedTuple

__all__ = ["ComposeError", "Declared", "Lookup", "expanded", "services", "variables"]

#: No compose file is larger (bytes).
LARGEST = 1_000_000

#: The value of a variable, None for one that is not set.
Lookup = Callable[[str], "str | None"]
Say = Callable[[str], None]


class ComposeError(Exception):
    """A file that cannot be read as a compose file; the message says why."""


class Declared(NamedTuple):
    """A build as it is declared; ``origin`` is the file whose service it is."""

    context: str
    dockerfile: str
    target: str | None
    args: dict[str, str]
    origin: Path


class _File(NamedTuple):
    """A compose file; relative paths in it start from ``folder``."""

    path: Path
    folder: Path
    services: Mapping[str, Any]
    include: list[Any]
    lookup: Lookup
    documents: dict[Path, object]


class _Reset:
    """Stands for what ``!reset`` takes away."""


class _Override(dict[str, Any]):
    """A mapping that ``!override`` puts in the place of another."""


def services(path: Path, say: Say) -> Iterator[Declared]:
    """Yield the builds of a file's services, and of those of the files that it includes.

    ``say`` hears of what cannot be followed.  Raises ComposeError where the file itself cannot be read.
    """
    yield from _declared(_read(path, path.parent, variables(path.parent), {}), (), set(), say)


def _declared(file: _File, path: tuple[Path, ...], seen: set[Path], say: Say) -> Iterator[Declared]:
    path = (*path, _place(file.path))
    for entry in file.include:
        for included in _included(entry, file, path, say):
            place = _place(included.path)
            if place not in seen:  # what two files include is there once
                seen.add(place)
                yield from _declared(included, path, seen, say)
    for name in file.services:
        try:
            build = _build(file, name, ())
        except ComposeError as error:
            say(f"service {name!r}: {error}")
            continue
        if build is not None and "dockerfile_inline" not in build:
            yield from _resolved(build, file)


def _included(entry: object, file: _File, path: tuple[Path, ...], say: Say) -> Iterator[_File]:
    """The files of one entry of ``include``; of several in one entry the later ones are laid over the first."""
    entry = entry if isinstance(entry, dict) else {"path": entry}
    names = [expanded(name, file.lookup) for name in _texts(entry.get("path"))]
    home: Path | None = None
    found: list[_File] = []
    for name in names:
        if name is None or _remote(name):
            say(f"include: {name or 'a path with a variable that is not set'} is not read")
            continue
        place = file.folder / name
        if _place(place) in path:
            circle = " → ".join(each.name for each in (*path[path.index(_place(place)) :], place))
            say(f"include: a circle of files: {circle}")
            continue
        if home is None:
            folder = entry.get("project_directory")
            home = file.folder / str(folder) if folder else place.parent
        beside = [file.folder / name for name in _texts(entry.get("env_file"))] or [home / ".env"]
        try:
            found.append(_read(place, home, _either(file.lookup, _dot_env(beside)), file.documents))
        except ComposeError as error:
            say(f"include: {name}: {error}")
    if found:
        first = found[0]
        merged: dict[str, Any] = dict(first.services)
        for other in found[1:]:
            for service, value in other.services.items():
                merged[service] = _merged_service(merged.get(service), value)
        yield first._replace(services=merged, include=[each for one in found for each in one.include])


def _merged_service(base: object, own: object) -> object:
    if not isinstance(base, dict) or not isinstance(own, dict):
        return own
    if isinstance(own.get("build"), _Reset):
        return {**base, **own}
    build = _merged(_table_of(base.get("build")), own.get("build")) if "build" in own else base.get("build")
    return {**base, **own, "build": build}


def _build(file: _File, name: str, path: tuple[tuple[Path, str], ...]) -> dict[str, Any] | None:
    """The build of a service with what it extends, contexts from the folders of the files that name them."""
    here = (_place(file.path), name)
    if here in path:
        circle = " → ".join(f"{each} ({place.name})" for place, each in (*path[path.index(here) :], here))
        raise ComposeError(f"extends: a circle of services: {circle}")
    service = file.services.get(name)
    if not isinstance(service, dict):
        if path:
            raise ComposeError(f"extends: {file.path.name} has no service {name!r}")
        return None
    extends = service.get("extends")
    base = None
    if extends is not None:
        extends = extends if isinstance(extends, dict) else {"service": extends}
        base = _build(_extended(extends, file), str(extends.get("service")), (*path, here))
    own = service.get("build")
    if isinstance(own, _Reset):
        return None
    return _merged(base, _placed(own, file))


def _extended(extends: Mapping[str, Any], file: _File) -> _File:
    named = extends.get("file")
    if not named:
        return file
    name = expanded(named, file.lookup)
    if name is None or _remote(name):
        raise ComposeError(f"extends: {named} is not read")
    place = file.folder / name
    if _place(place) == _place(file.path):
        return file
    try:
        return _read(place, place.parent, file.lookup, file.documents)
    except ComposeError as error:
        raise ComposeError(f"extends: {name}: {error}") from error


def _placed(build: object, file: _File) -> object:
    """A build whose context is told from the working folder on; one with a variable that is not set stays."""
    if isinstance(build, str):
        build = {"context": build}
    if not isinstance(build, dict) or not build.get("context"):
        return build
    context = expanded(build["context"], file.lookup)
    if context is None or _remote(context):
        return build
    return type(build)({**build, "context": str(file.folder / context).replace("$", "$$")})


def _merged(base: dict[str, Any] | None, own: object) -> dict[str, Any] | None:
    if isinstance(own, _Override):
        return own
    if isinstance(own, str):
        own = {"context": own}
    if not isinstance(own, dict):
        return base
    if base is None:
        return own
    return {**base, **own, "args": {**_table(base.get("args")), **_table(own.get("args"))}}


def _resolved(build: Mapping[str, Any], file: _File) -> Iterator[Declared]:
    context = expanded(build.get("context") or str(file.folder).replace("$", "$$"), file.lookup)
    dockerfile = expanded(build.get("dockerfile") or "Dockerfile", file.lookup)
    if not context or not dockerfile:
        return
    target = expanded(build["target"], file.lookup) if build.get("target") else None
    args: dict[str, str] = {}
    for name, value in _table(build.get("args")).items():
        text = file.lookup(name) if value is None else expanded(value, file.lookup)
        if text is not None:
            args[name] = text
    yield Declared(context, dockerfile, target or None, args, file.path)


def _remote(name: str) -> bool:
    return "://" in name or name.startswith(("git@", "github.com/", "oci:"))


def _place(path: Path) -> Path:
    return Path(os.path.normpath(path.absolute()))


def _texts(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else [] if value is None else [str(value)]


def _table_of(build: object) -> dict[str, Any] | None:
    return {"context": build} if isinstance(build, str) else build if isinstance(build, dict) else None


def _table(value: object) -> dict[str, Any]:
    """A mapping, also where it is written as a list of NAME=VALUE."""
    if isinstance(value, list):
        pairs = (str(each).partition("=") for each in value)
        return {name: text if equals else None for name, equals, text in pairs}
    return {str(name): each for name, each in value.items()} if isinstance(value, dict) else {}


def _read(path: Path, folder: Path, lookup: Lookup, documents: dict[Path, object]) -> _File:
    place = _place(path)
    if place not in documents:
        try:
            size = path.stat().st_size
            data = path.read_bytes() if size <= LARGEST else b""
        except OSError as error:
            raise ComposeError((error.strerror or str(error)).lower()) from error
        if size > LARGEST:
            raise ComposeError(f"larger than {LARGEST // 1_000_000} MB: no compose file")
        documents[place] = _yaml(data)
    document = documents[place]
    document = document if isinstance(document, dict) else {}
    declared, include = document.get("services"), document.get("include")
    services = {str(name): each for name, each in declared.items()} if isinstance(declared, dict) else {}
    return _File(path, folder, services, include if isinstance(include, list) else [], lookup, documents)


_REFERENCE = re.compile(r"\$(?:(?P<dollar>\$)|(?P<bare>\w+)|\{(?P<name>\w+)(?:(?P<sign>:?[-?+])(?P<word>[^}]*))?\})")


def expanded(value: object, lookup: Lookup) -> str | None:
    """The text with its variables put in; None where one is not known."""
    unknown = False

    def put(match: re.Match[str]) -> str:
        nonlocal unknown
        if match["dollar"]:
            return "$"
        found = lookup(match["bare"] or match["name"])
        sign = match["sign"] or ""
        there = bool(found) if ":" in sign else found is not None
        if sign.endswith("-"):
            return found or "" if there else match["word"]
        if sign.endswith("+"):
            return match["word"] if there else ""
        unknown = unknown or found is None
        return found or ""

    text = _REFERENCE.sub(put, _text(value))
    return None if unknown or "${" in text else text


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def variables(folder: Path) -> Lookup:
    """As compose finds variables: the environment, then the .env file beside the compose file."""
    return _either(os.environ.get, _dot_env([folder / ".env"]))


def _either(first: Lookup, second: Lookup) -> Lookup:
    def lookup(name: str) -> str | None:
        value = first(name)
        return second(name) if value is None else value

    return lookup


def _dot_env(paths: list[Path]) -> Lookup:
    found: dict[str, str] | None = None

    def lookup(name: str) -> str | None:
        nonlocal found
        if found is None:
            found = {}
            for path in paths:
                try:
                    lines = path.read_text("utf-8", "replace").splitlines()
                except OSError:
                    lines = []
                for line in lines:
                    key, equals, text = line.strip().removeprefix("export ").partition("=")
                    if equals and not key.startswith("#"):
                        found[key.strip()] = text.strip().strip("\"'")
        return found.get(name)

    return lookup


def _yaml(data: bytes) -> object:
    try:
        import yaml
    except ImportError as error:  # pragma: no cover - it is a dependency
        raise ComposeError("PyYAML is missing: pip install PyYAML") from error

    class Loader(yaml.SafeLoader):
        """Takes compose's own tags (!reset, !override) for what they stand before."""

    def untagged(loader: Any, suffix: str, node: Any) -> Any:
        if suffix == "reset":
            return _Reset()
        if isinstance(node, yaml.MappingNode):
            mapping = loader.construct_mapping(node, deep=True)
            return _Override(mapping) if suffix == "override" else mapping
        if isinstance(node, yaml.SequenceNode):
            return loader.construct_sequence(node, deep=True)
        return loader.construct_scalar(node)

    Loader.add_multi_constructor("!", untagged)
    try:
        return yaml.load(data, Loader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ComposeError(f"not YAML: {' '.join(str(error).split())}") from error
