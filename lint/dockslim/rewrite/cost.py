"""What the leftovers of a stage weigh: the install as written against the install that would do."""

from __future__ import annotations

from collections.abc import Sequence

from dockslim import knowledge
from dockslim.model import Family, PackageInstall, Stage
from dockslim.records import NamedTuple
from dockslim.rewrite.culprits import Culprit, CulpritKind, culprits, packages_going

__all__ = ["Cost", "cost", "leftovers", "packages_staying"]


class Cost(NamedTuple):
    """``megabytes`` are decimal and None where not known; ``pulled_in`` counts the packages that nobody named."""

    names: tuple[str, ...]
    pulled_in: int
    megabytes: float | None


def cost(stage: Stage) -> Cost:
    """Return what the culprits of ``stage`` keep in the image."""
    memory = stage.facts.memory
    key = ("cost", stage.key)
    if key not in memory:
        memory[key] = weigh(stage)
    return memory[key]  # type: ignore[return-value]


def weigh(stage: Stage) -> Cost:
    """Compare the closures."""
    guilty = culprits(stage)
    release = stage.base.release
    names = tuple(dict.fromkeys(packages_going(guilty)))
    full = any(culprit.kind is CulpritKind.FULL_BASE for culprit in guilty)
    if release is None or release not in knowledge.releases() or (full and stage.base.family is not Family.PYTHON):
        return Cost(names, 0, None)
    base = stage.base.knowledge_base
    if full:
        held = sorted(knowledge.base_packages(release, "full") - knowledge.base_packages(release, "slim"))
        closure = knowledge.closure(held, release, "slim", recommends=False)
        return Cost(names, len(closure.packages), closure.size_mb)
    staying, recommends = packages_staying(stage, guilty)
    for name in names:
        staying += knowledge.runtime_packages(name, release) or ()
    before = knowledge.closure([*staying, *names], release, base, recommends=recommends)
    after = knowledge.closure(staying, release, base, recommends=recommends)
    if before.unknown:
        return Cost(names, 0, None)
    extra = set(before.packages) - set(after.packages)
    return Cost(names, len(extra - set(names)), before.size_mb - after.size_mb)


def packages_staying(stage: Stage, guilty: Sequence[Culprit]) -> tuple[list[str], bool]:
    """Return the packages that a stage names beside those of ``guilty``, and whether any install takes recommends."""
    going = {culprit.key for culprit in guilty}
    installs = [action for action in stage.actions if isinstance(action, PackageInstall)]
    words = [word for action in installs for word in action.packages if (word.span.start, word.name) not in going]
    recommends = not all("--no-install-recommends" in action.options for action in installs)
    return [word.name for word in words if word.name], recommends


def leftovers(stage: Stage, culprit: Culprit) -> tuple[str, float | None]:
    """Return what to say of one culprit, and what it costs in decimal megabytes.

    The first culprit of a stage speaks for all of them and carries their cost, so that a sum over findings is true.
    """
    guilty = culprits(stage)
    what = {
        CulpritKind.BUILD_TOOL: f"{culprit.name} is a build tool",
        CulpritKind.DEV_HEADER: f"{culprit.name} holds development headers",
        CulpritKind.FULL_BASE: f"{culprit.name} is a full image, with compilers and headers",
    }[culprit.kind]
    message = f"{what}: only a build needs it, yet it ships"
    if culprit.left is not None and culprit.left.removed_by is not None:
        line = stage.facts.file.source.position(culprit.left.removed_by.span.start).line
        message = f"{what}: removing it on line {line} frees nothing, the layer that installed it ships"
    if culprit is not guilty[0]:
        return message, None
    whole = cost(stage)
    if whole.megabytes is None:
        return message, None
    message += f"; your image carries {carried(culprit, whole)}, about {rounded(whole.megabytes)} MB"
    return message, whole.megabytes


def carried(culprit: Culprit, whole: Cost) -> str:
    """Name what the image carries."""
    names = ", ".join(whole.names[:6]) + (f" and {len(whole.names) - 6} more" if len(whole.names) > 6 else "")
    pulled = f"{whole.pulled_in} package{'s' * (whole.pulled_in != 1)}"
    if culprit.kind is CulpritKind.FULL_BASE:
        return f"{pulled} that the slim image does not"
    if not whole.pulled_in:
        return names
    return f"{names} and {pulled} {'they' if len(whole.names) > 1 else 'it'} pulled in"


def rounded(megabytes: float) -> str:
    """Return megabytes as a person says them."""
    if megabytes < 10:
        return f"{megabytes:.1f}"
    return str(round(megabytes))
