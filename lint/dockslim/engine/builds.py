"""Builds that compose and bake files declare: which Dockerfile, which target stage, which build arguments."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from dockslim.engine.bake import BakeError, targets
from dockslim.engine.compose import ComposeError, Declared, services
from dockslim.records import NamedTuple

__all__ = ["Build", "BuildsError", "builds", "names_builds"]

_COMPOSE = re.compile(r"(docker-)?compose([.-][\w.-]+)?\.ya?ml", re.IGNORECASE)
_BAKE = re.compile(r"docker-bake(\.[\w-]+)?\.(json|hcl)", re.IGNORECASE)
#: What is built for work at the desk ships nowhere: neither its target nor its arguments say what ships.
_DESK = re.compile(r"(^|[._-])(override|dev|devel|develop|development|debug|tests?|testing|ci|lint|local)([._-]|$)")
_INNER = _DESK.pattern + r"|^(build|builder|base|deps|dependencies)$"
#: No bake file is larger (bytes).
LARGEST = 1_000_000

Say = Callable[[str], None]


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


def builds(path: Path, say: Say | None = None) -> list[Build]:
    """Return the builds that a compose or bake file declares, each once.

    ``say`` hears of what cannot be followed or evaluated.  Raises BuildsError where nothing can be read.
    """
    tell = say or (lambda message: None)
    found: list[Build] = []
    for context, dockerfile, target, args, origin in _declared(path, tell):
        if "://" in context or context.startswith(("git@", "github.com/")):
            continue
        folder = Path(os.path.normpath(context))
        if _DESK.search(origin.stem.lower()) or (target is not None and re.search(_INNER, target.lower())):
            target, args = None, {}
        build = Build(Path(os.path.normpath(folder / dockerfile)), folder, target, args, origin)
        if build not in found:
            found.append(build)
    return found


def _declared(path: Path, say: Say) -> Iterator[Declared]:
    try:
        if _BAKE.fullmatch(path.name):
            yield from _baked(path, say)
        else:
            yield from services(path, say)
    except (BakeError, ComposeError) as error:
        raise BuildsError(str(error)) from error


def _baked(path: Path, say: Say) -> Iterator[Declared]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BuildsError((error.strerror or str(error)).lower()) from error
    if len(data) > LARGEST:
        raise BuildsError(f"larger than {LARGEST // 1_000_000} MB: no bake file")
    text = data.decode("utf-8", "replace")
    for target in targets(text, path.suffix.lower() == ".hcl", os.environ, say):
        if "dockerfile-inline" in target:
            continue
        context = str(target.get("context") or ".")
        if "://" not in context:
            context = str(path.parent / context)
        yield Declared(context, target.get("dockerfile") or "Dockerfile", target.get("target"), target["args"], path)
