"""What the tags of the official images stand for, and what their images hold."""

from __future__ import annotations

import functools
import re

from dockslim.knowledge.curated import rows
from dockslim.knowledge.kinds import PythonImage

__all__ = ["full_image_packages", "python_image", "runtime_tag", "slim_image_packages"]

SUITES = frozenset({"wheezy", "jessie", "stretch", "buster", "bullseye", "bookworm", "trixie", "forky", "sid"})
VERSION = re.compile(r"(\d+)(?:\.(\d+)(?:\.(\d+))?)?((?:a|b|rc|-rc)\d*)?", re.ASCII)
ALPINE = re.compile(r"alpine(\d+\.\d+)?", re.ASCII)


@functools.cache
def python_versions() -> dict[str, list[tuple[int, str]]]:
    """Return, for each minor version, the first patch version of each default suite, oldest first."""
    return {row["minor"]: [(patch, suite) for patch, suite in row["since"]] for row in rows("images.version")}


def python_image(tag: str) -> PythonImage | None:
    """Return what a tag of the official Python image stands for, None where it is no such tag.

    ``3.11-slim``, ``3.12``, ``3.12.4-slim-bookworm``, ``slim``, ``latest``, ``3.13-alpine3.21``,
    ``3.14-windowsservercore`` and their like are understood.  A tag without a suite stands for the suite that
    was the default when its version was built last, as of the date of the data.
    """
    words = tag.lower().split("-") if tag else ["latest"]
    version, patch = None, None
    match = VERSION.fullmatch(words[0])
    if match:
        version = f"{match[1]}.{match[2]}" if match[2] else aliases().get(match[1])
        patch = int(match[3]) if match[3] and not match[4] else None
        if version is None:
            return None
        words = words[1:]
        if words and re.fullmatch(r"(rc|a|b)\d*", words[0]):
            words = words[1:]
    elif words[0] == "latest":
        version, words = aliases()["latest"], words[1:]
    else:
        version = aliases()["latest"]
    variant, release = "full", None
    for word in words:
        alpine = ALPINE.fullmatch(word)
        if word == "slim":
            variant = "slim"
        elif word in SUITES:
            release = word
        elif alpine:
            variant, release = "alpine", word if alpine[1] else None
        elif word.startswith(("windows", "nanoserver", "ltsc")) or (variant == "windows" and word.isalnum()):
            variant = "windows"
        elif word == "onbuild":
            variant = "onbuild"
        else:
            return None
    if release is not None or variant == "windows":
        return PythonImage(version, release, variant, release is not None)
    if variant == "alpine":
        return PythonImage(version, "alpine", variant, False)
    return PythonImage(version, default_suite(version, patch), variant, False)


def default_suite(version: str | None, patch: int | None) -> str | None:
    """Return the suite that a Python tag without a suite stands for; a version not known yet gets None."""
    since = python_versions().get(version or "")
    if not since:
        return None
    if patch is None:
        return since[-1][1]
    held = [suite for first, suite in since if first <= patch]
    return held[-1] if held else None


@functools.cache
def aliases() -> dict[str, str]:
    """Return the tags that stand for the newest version."""
    return {row["tag"]: row["minor"] for row in rows("images.alias")}


def full_image_packages(suite: str) -> tuple[str, ...]:
    """Return the packages that the full Python image (buildpack-deps) of a suite installs by name."""
    return tuple(name for row in rows("images.full") if suite not in row.get("absent", ()) for name in row["packages"])


def slim_image_packages(suite: str) -> tuple[tuple[str, ...], ...]:
    """Return what the slim Python image adds to a suite's base, each as the alternatives of its name."""
    return tuple(
        tuple(name.split("|"))
        for row in rows("images.slim")
        if suite not in row.get("absent", ())
        for name in row["packages"]
    )


def runtime_tag(tag: str) -> str | None:
    """Return the tag of a CUDA or PyTorch image without its toolchain, None where the tag has no known twin."""
    for row in rows("images.accelerator"):
        if re.match(row["pattern"], tag):
            return re.sub(row["pattern"], row["runtime"], tag)
    return None
