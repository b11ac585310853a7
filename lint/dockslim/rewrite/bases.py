"""The images of builder and final stage: the same one, or the full image and its slim twin."""

from __future__ import annotations

from dockslim import knowledge
from dockslim.later import later
from dockslim.model import Family, Stage, split_reference
from dockslim.rewrite.culprits import Culprit, CulpritKind
from dockslim.rewrite.plan import Bases, RefusalError

__all__ = ["base_known", "choose_bases", "supported"]


#: Distributions whose package names dockslim knows.
DISTRIBUTIONS = frozenset({Family.DEBIAN, Family.UBUNTU, Family.ALPINE, Family.RPM})


#: What an image is called that brings build tools of its own, so that nothing would be won.
WORKSHOPS = later(
    r"build|devel|toolchain|s2i|basekit|complete|cimg/|devcontainers|oss-fuzz|golang|rust|gcc|clang|jenkins|(^|[-_/:.])(dev|sdk|ci)([-_/:.]|$)"
    r"|(^|/)(node|ruby|php|perl|openjdk|maven|gradle|r-base|oryx)([/:]|$)"
)


def supported(stage: Stage) -> None:
    """Raise a refusal where the stage's base is none that the rewrite knows, nor one that both stages can share.

    An image of which nothing is known serves as well as another where builder and final stage start from it as it is:
    what cannot be told of it stays open.
    """
    base = stage.base
    span = stage.from_.image.word.span
    if base.family is Family.CONDA:
        raise RefusalError(span, f"images of the family {base.family.value} are not rewritten yet")
    if base_known(stage):
        return
    if base.family in (Family.PYTHON, Family.ACCELERATOR) and base.variant:
        return  # the release alone is not known
    reference = base.reference or "that comes from a variable"
    if WORKSHOPS.search(stage.from_.image.word.raw) or WORKSHOPS.search(reference):
        raise RefusalError(span, f"what the image {reference} holds is not known, and it may bring build tools itself")
    if "airflow" in reference:
        raise RefusalError(span, f"in the image {reference} pip refuses to run as root, as a builder's does")


def base_known(stage: Stage) -> bool:
    """Whether it is known what the base holds: its family, its release and the packages of that."""
    base = stage.base
    official = base.family is Family.PYTHON and base.variant in ("slim", "full", "alpine")
    family = official or base.family in DISTRIBUTIONS or base.family is Family.ACCELERATOR
    return base.reference is not None and family and base.release in knowledge.releases()


def choose_bases(stage: Stage, guilty: tuple[Culprit, ...], *, names_differ: bool) -> Bases:
    """Return the images of both stages.

    A floating tag is pinned to the release of the knowledge data when ``names_differ`` says that the runtime packages
    to be installed have other names in other releases.
    """
    base = stage.base
    word = stage.from_.image.word
    written = word.raw
    slimmed = any(culprit.kind is CulpritKind.FULL_BASE for culprit in guilty)
    pin = names_differ and bool(base.release) and not base.release_in_tag and stage.facts.options.pin_release
    if not base_known(stage) and not slimmed:
        return Bases(written, written, base.release)
    repository, tag, digest = split_written(written)
    value = split_reference(base.reference or written)[1]
    whole = not tag and bool(value)  # the tag is inside a variable, and so not ours to change
    if stage.parent is not None or (not slimmed and (digest or whole or not pin)):
        floating = names_differ and not base.release_in_tag and not digest
        return Bases(written, written, base.release, floating=floating)
    if whole:
        raise RefusalError(word.span, "the image comes whole from a variable, its tag included")
    if digest:
        raise RefusalError(word.span, "its digest pins the full image, and that of the slim one is not known")
    builder = pin_tag(tag, base.release) if pin and base.release else tag
    if base.family is Family.ACCELERATOR:
        if "devel" not in tag:
            raise RefusalError(word.span, "which part of its tag says `devel` comes from a variable")
        return Bases(written, f"{repository}:{tag.replace('devel', 'runtime')}", base.release)
    if tag.startswith("python"):  # uv's images say it at the end
        return Bases(written, f"{repository}:{tag}-slim", base.release)
    final = slim_tag(builder, pin_tag(value, base.release) if pin and base.release else value)
    if slimmed and final is None:
        raise RefusalError(word.span, "which part of its tag is the version comes from a variable")
    names = [f"{repository}:{name}" if name else repository for name in (builder, final if slimmed else builder)]
    floating = names_differ and not base.release_in_tag and not pin
    return Bases(names[0], names[1], base.release, base.release if pin else None, floating)


VARIABLE = later(r"\$\{[^}]*\}|\$\w+")


def split_written(written: str) -> tuple[str, str, str]:
    """Split an image reference as written into repository, tag and digest; a `:` inside `${…}` is no separator."""
    masked = VARIABLE.sub(lambda match: "x" * len(match[0]), written)
    repository, tag, digest = split_reference(masked)
    at = len(repository) + 1 if tag else len(repository)
    return (
        written[: len(repository)],
        written[at : at + len(tag)],
        written[len(written) - len(digest) :] if digest else "",
    )


def slim_tag(written: str, value: str) -> str | None:
    """Return the slim twin of a full image's tag: `3.11` and `3.11-bookworm` give `3.11-slim…`.

    ``value`` is the tag with its variables expanded.  None where a variable holds more than the version.
    """
    if not written or written == "latest":
        return "slim"
    variables = list(VARIABLE.finditer(written))
    if not variables:
        version, dash, rest = written.partition("-")
        return f"{version}-slim{dash}{rest}" if version[0].isdigit() else f"slim-{written}"
    head, suffix = written[: variables[-1].end()], written[variables[-1].end() :]
    number, dash, rest = suffix.partition("-")
    if "-" in value.removesuffix(suffix) or not value[:1].isdigit():
        return None
    return f"{head}{number}-slim{dash}{rest}"


def pin_tag(tag: str, release: str) -> str:
    """Return the tag with the release in it: `3.12-slim` gives `3.12-slim-bookworm`."""
    if not tag or tag == "latest":
        return release
    return f"{tag}-{release}"
