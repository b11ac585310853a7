"""Builds that compose and bake files declare: which Dockerfile, which target stage, which build arguments."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

__all__ = ["Build", "BuildsError", "builds", "names_builds"]

_COMPOSE = re.compile(r"(docker-)?compose([.-][\w.-]+)?\.ya?ml", re.IGNORECASE)
_BAKE = re.compile(r"docker-bake(\.[\w-]+)?\.(json|hcl)", re.IGNORECASE)
#: What is built for work at the desk ships nowhere: neither its target nor its arguments say what ships.
_DESK = re.compile(r"(^|[._-])(override|dev|devel|develop|development|debug|tests?|testing|ci|lint|local)([._-]|$)")
_INNER = _DESK.pattern + r"|^(build|builder|base|deps|dependencies)$"
#: No compose file is larger (bytes).
LARGEST = 1_000_000


class BuildsError(Exception):
    """A file that cannot be read for its builds; the message says why."""


class Build(NamedTuple):
    """One declared build; ``origin`` is the file that declares it."""

    dockerfile: Path
    context: Path
    target: str | None
    args: Mapping[str, str]
    origin: Path


def names_builds(name: str) -> bool:
    """Whether a file of this name is taken for a compose or bake file."""
    return bool(_COMPOSE.fullmatch(name) or _BAKE.fullmatch(name))


def builds(path: Path) -> list[Build]:
    """Return the builds that a compose or bake file declares, each once.  Raises BuildsError."""
    if path.suffix.lower() == ".hcl":
        raise BuildsError("HCL is not read; name the JSON that `docker buildx bake --print` gives, or the Dockerfile")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BuildsError((error.strerror or str(error)).lower()) from error
    if len(data) > LARGEST:
        raise BuildsError(f"larger than {LARGEST // 1_000_000} MB: no compose file")
    lookup = _variables(path.parent)
    declared = _bake(_json(data), lookup) if path.suffix.lower() == ".json" else _compose(_yaml(data), lookup)
    found: list[Build] = []
    for context, dockerfile, target, args in declared:
        if "://" in context or context.startswith(("git@", "github.com/")):
            continue
        folder = Path(os.path.normpath(path.parent / context))
        if _DESK.search(path.stem.lower()) or (target is not None and re.search(_INNER, target.lower())):
            target, args = None, {}
        build = Build(Path(os.path.normpath(folder / dockerfile)), folder, target, args, path)
        if build not in found:
            found.append(build)
    return found


_Declared = tuple[str, str, "str | None", dict[str, str]]
_Lookup = Callable[[str], "str | None"]


def _compose(document: object, lookup: _Lookup) -> Iterator[_Declared]:
    services = document.get("services") if isinstance(document, dict) else None
    for service in services.values() if isinstance(services, dict) else ():
        build = service.get("build") if isinstance(service, dict) else None
        if isinstance(build, str):
            build = {"context": build}
        if not isinstance(build, dict) or "dockerfile_inline" in build:
            continue
        yield from _declared(build, lookup)


def _bake(document: object, lookup: _Lookup) -> Iterator[_Declared]:
    if not isinstance(document, dict):
        return
    targets = document.get("target")
    targets = targets if isinstance(targets, dict) else {}
    variables = document.get("variable")
    variables = variables if isinstance(variables, dict) else {}

    def known(name: str) -> str | None:
        variable = variables.get(name)
        default = variable.get("default") if isinstance(variable, dict) else None
        value = lookup(name)
        return value if value is not None else None if default is None else _text(default)

    for name in targets:
        build = _inherited(name, targets, ())
        if "dockerfile-inline" not in build:
            yield from _declared(build, known)


def _inherited(name: str, targets: Mapping[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    own = targets.get(name)
    if not isinstance(own, dict) or name in path:
        return {}
    merged: dict[str, Any] = {}
    parents = own.get("inherits")
    parents = [parents] if isinstance(parents, str) else parents if isinstance(parents, list) else []
    for each in [*(_inherited(str(parent), targets, (*path, name)) for parent in parents), own]:
        args = {**_table(merged.get("args")), **_table(each.get("args"))}
        merged = {**merged, **each, "args": args}
    return merged


def _declared(build: Mapping[str, Any], lookup: _Lookup) -> Iterator[_Declared]:
    context = _expanded(build.get("context", "."), lookup)
    dockerfile = _expanded(build.get("dockerfile", "Dockerfile"), lookup)
    if not context or not dockerfile:
        return
    target = _expanded(build["target"], lookup) if build.get("target") else None
    args: dict[str, str] = {}
    for name, value in _table(build.get("args")).items():
        text = lookup(name) if value is None else _expanded(value, lookup)
        if text is not None:
            args[name] = text
    yield context, dockerfile, target or None, args


def _table(value: object) -> dict[str, Any]:
    """A mapping, also where it is written as a list of NAME=VALUE."""
    if isinstance(value, list):
        pairs = (str(each).partition("=") for each in value)
        return {name: text if equals else None for name, equals, text in pairs}
    return {str(name): each for name, each in value.items()} if isinstance(value, dict) else {}


_REFERENCE = re.compile(r"\$(?:(?P<dollar>\$)|(?P<bare>\w+)|\{(?P<name>\w+)(?:(?P<sign>:?[-?+])(?P<word>[^}]*))?\})")


def _expanded(value: object, lookup: _Lookup) -> str | None:
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


def _variables(folder: Path) -> _Lookup:
    """As compose finds variables: the environment, then the .env file beside the compose file."""
    beside: dict[str, str] | None = None

    def lookup(name: str) -> str | None:
        nonlocal beside
        if name in os.environ:
            return os.environ[name]
        if beside is None:
            beside = {}
            try:
                lines = (folder / ".env").read_text("utf-8", "replace").splitlines()
            except OSError:
                lines = []
            for line in lines:
                key, equals, text = line.strip().removeprefix("export ").partition("=")
                if equals and not key.startswith("#"):
                    beside[key.strip()] = text.strip().strip("\"'")
        return beside.get(name)

    return lookup


def _json(data: bytes) -> object:
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise BuildsError(f"not JSON: {error}") from error


def _yaml(data: bytes) -> object:
    try:
        import yaml
    except ImportError as error:  # pragma: no cover - it is a dependency
        raise BuildsError("PyYAML is missing: pip install PyYAML") from error

    class Loader(yaml.SafeLoader):
        """Takes compose's own tags (!reset, !override) for what they stand before."""

    def untagged(loader: Any, suffix: str, node: Any) -> Any:
        if suffix == "reset":
            return None
        if isinstance(node, yaml.MappingNode):
            return loader.construct_mapping(node, deep=True)
        if isinstance(node, yaml.SequenceNode):
            return loader.construct_sequence(node, deep=True)
        return loader.construct_scalar(node)

    Loader.add_multi_constructor("!", untagged)
    try:
        return yaml.load(data, Loader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise BuildsError(f"not YAML: {' '.join(str(error).split())}") from error
