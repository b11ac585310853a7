"""Settings of pip that `pip install` reads and `pip wheel` in a builder would not, or not in the same way."""

from __future__ import annotations

import posixpath
import re

from dockslim.later import later
from dockslim.model import Other, PipInstall, Requirements, Stage
from dockslim.rewrite.plan import RefusalError
from dockslim.rewrite.provenance import origin
from dockslim.rewrite.surroundings import environment_of
from dockslim.syntax import Add, Copy

__all__ = ["check_settings", "own_options", "settings_files"]

#: Where pip looks for its settings.
CONFIGURATION = ("/etc/pip.conf", "/root/.pip/pip.conf", "/root/.config/pip/pip.conf", "/usr/local/pip.conf")
#: What only `pip install` is told, and what speaks of where packages come from or how they are built.
INSTALL_SECTION = later(
    r"(?s)\[install\][^\[]*?^\s*(index-url|extra-index-url|find-links|no-index|trusted-host|cert|client-cert|pre|"
    r"constraint|requirement|no-binary|only-binary|prefer-binary|no-build-isolation|config-settings|no-deps)\s*=",
    re.MULTILINE,
)
#: Files of a home folder that say where packages come from, or who may fetch them.
OF_A_HOME = later(r"(pip\.conf|\.?netrc|\.pip|\.config|\.config/pip|\.ssh|\.gitconfig|\.git-credentials)(/|$)")


def settings_files(stage: Stage, install: PipInstall) -> list[str]:
    """Return the texts of pip's settings files that the context brings before an install."""
    context = stage.facts.context
    if context is None:
        return []
    named = environment_of(stage, install).get("PIP_CONFIG_FILE")
    texts: list[str] = []
    for path in (*CONFIGURATION, *([named] if named and named.startswith("/") else [])):
        found = origin(stage, install.instruction, path)
        text = context.read(found.context_path) if found is not None and found.context_path is not None else None
        texts += [text] if text is not None else []
    return texts


def check_settings(stage: Stage, install: PipInstall) -> None:
    """Raise a refusal where `pip wheel`, or an install of the wheels, would not see what pip was told."""
    environment = environment_of(stage, install)
    texts = settings_files(stage, install)
    if "PIP_REQUIRE_HASHES" in environment or any(re.search(r"(?m)^\s*require-hashes\s*=", text) for text in texts):
        raise RefusalError(install.span, "pip is told to require hashes, and wheels that were built have other hashes")
    if any(INSTALL_SECTION.search(text) for text in texts):
        raise RefusalError(install.span, "pip's settings have a section for installs, which `pip wheel` does not read")
    for action in stage.actions:
        if action is install:
            break
        words = [text or "" for text in action.texts]
        if (
            isinstance(action, Other)
            and "config" in words
            and "set" in words
            and any(word.startswith("install.") or word.endswith("require-hashes") for word in words)
        ):
            raise RefusalError(action.span, "it changes settings for installs, which `pip wheel` does not read")
    refuse_home_of_another(stage, install, environment)


def refuse_home_of_another(stage: Stage, install: PipInstall, environment: dict[str, str | None]) -> None:
    """Refuse where pip runs as a user whose home holds settings: the builder is root, and reads its own."""
    user = stage.user(install.instruction)
    if user in (None, "root", "0", "root:root", "0:0") or "HOME" in environment:
        return
    places = [mount.target or f"/run/secrets/{mount.id}" for mount in install.instruction.mounts]
    for holder in stage.lineage:
        for instruction in holder.instructions:
            if isinstance(instruction, Copy | Add) and instruction.span.start < install.span.start:
                target = instruction.destination.expand(holder.scope(instruction).lookup) or instruction.destination.raw
                target = posixpath.join(holder.workdir(instruction) or "/", target)
                places += [
                    target,
                    *(posixpath.join(target, posixpath.basename(word.raw)) for word in instruction.sources),
                ]
    for action in stage.actions:
        if action is install:
            break
        places += [text for text in action.texts[1:] if text is not None]
        places += [redirect.raw.lstrip("0123456789&>< ") for redirect in action.command.redirects]
    for place in places:
        if place.startswith(("/home/", "/opt/", "/var/", "/srv/", "/app")) and OF_A_HOME.search(place):
            raise RefusalError(
                install.span, f"pip runs as the user {user}, whose home holds {posixpath.basename(place)}"
            )


#: Options of a single requirement that speak of building: pip takes no wheels for it then.
BUILDING = later(r"^[^#\n]*\s--(global-option|install-option|build-option)[ =]", re.MULTILINE)


def own_options(requirements: Requirements, read: object) -> bool:
    """Whether a requirement has options of its own by which pip would reject its wheel."""
    texts = [read(path) for path in requirements.files] if callable(read) else []
    return any(BUILDING.search(text) for text in texts if text is not None)
