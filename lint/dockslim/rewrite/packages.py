"""What takes the place of each package that goes: the runtime libraries it stood for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from dockslim import knowledge
from dockslim.later import later
from dockslim.model import Action, Family, Manager, PackageClean, PackageInstall, PackageUpdate, PackageWord, Stage
from dockslim.records import field, record
from dockslim.rewrite.cost import packages_staying
from dockslim.rewrite.culprits import Culprit, packages_going
from dockslim.rewrite.edits import Edit
from dockslim.rewrite.pip_words import before_word
from dockslim.syntax import Span

__all__ = ["Replacements", "brought_along", "choose_replacements", "install_edits", "only_serves_packages"]

#: A distribution's own Python has no place in an image of the official one.
DISTRIBUTION_PYTHON = later(r"(lib)?python3")
LISTS = later(r"/var/(lib/apt/lists|cache/(apt|apk|yum|dnf))")
PYTHON_HEADERS = later(r"(lib)?python[0-9.]*(-all)?-dev(el)?")

#: Compilers whose run-time library a binary may link although nobody names it.
GOMP_SOURCES = frozenset({"gcc", "g++", "build-essential", "clang", "gfortran"})


@record()
class Replacements:
    """For each package word that goes, by the offset it starts at, the packages that come in its place.

    ``unknown`` are packages whose runtime libraries are not known; ``names_differ`` whether a name that comes in is
    another in another release.
    """

    by_word: dict[int, tuple[str, ...]] = field(default_factory=dict)
    added: list[tuple[str, str]] = field(default_factory=list)  # package, what it stands for
    came_along: list[tuple[str, str]] = field(default_factory=list)  # package, what brought it unasked
    unknown: list[str] = field(default_factory=list)
    names_differ: bool = False


def choose_replacements(
    stage: Stage, guilty: Sequence[Culprit], kept_tools: Iterable[str], *, needs_gomp: bool
) -> Replacements:
    """Decide what comes in the place of each package of ``guilty``; a package comes once only.

    ``kept_tools`` are packages whose commands later instructions use; they are put in the place of the first one.
    """
    release = stage.release
    going = {culprit.key for culprit in guilty}
    base = "slim" if stage.base.family is Family.PYTHON else stage.base.knowledge_base
    present = set(knowledge.base_packages(release, base)) if release else set()
    for action in stage.actions:
        if isinstance(action, PackageInstall):
            present |= {
                word.name for word in action.packages if word.name and (word.span.start, word.name) not in going
            }
    result = Replacements()
    tools = list(kept_tools)
    for culprit in guilty:
        if culprit.left is None:
            continue
        runtime = runtime_of(culprit, release, base)
        if stage.base.family is Family.PYTHON and PYTHON_HEADERS.fullmatch(culprit.name):
            runtime = ()  # the distribution's headers serve its own Python, not the image's
        if runtime is None:
            if culprit.kind.value != "build tool":
                result.unknown.append(culprit.name)
            runtime = ()
        elif culprit.name in GOMP_SOURCES and not needs_gomp:
            runtime = tuple(name for name in runtime if name not in ("libgomp1", "libgomp"))
        wanted = [(name, culprit.name) for name in runtime] + [(name, "") for name in tools]
        tools = []
        chosen: list[str] = []
        for name, source in wanted:
            if stage.base.family is Family.PYTHON and DISTRIBUTION_PYTHON.match(name):
                continue
            if name not in present:
                present.add(name)
                chosen.append(name)
                result.added.append((name, source))
                result.names_differ |= bool(source) and differs(culprit.name)
        result.by_word[culprit.span.start] = (*result.by_word.get(culprit.span.start, ()), *chosen)
    return result


#: Releases whose names stand for those of a release that is not known, where they all have the same.
STAND_INS = {
    Manager.APT: ("bullseye", "bookworm", "trixie", "jammy", "noble"),
    Manager.APK: ("alpine",),
    Manager.RPM: ("rpm",),
}


def runtime_of(culprit: Culprit, release: str, base: str) -> tuple[str, ...] | None:
    """Return the runtime packages of what goes; where the release is not known, those that are alike in all.

    ``base`` is the image that holds some of them already, as `dockslim.knowledge` calls it.
    """
    if release in knowledge.releases() or culprit.left is None:
        return java_runtime(culprit.name, release, base)
    names = STAND_INS.get(culprit.left.action.manager, ())
    answers = {java_runtime(culprit.name, name, base) for name in names}
    return answers.pop() if len(answers) == 1 else None


def java_runtime(name: str, release: str, base: str) -> tuple[str, ...] | None:
    """Return what runs the programs that a Java compiler made, by its name; as is known where it is none.

    A JDK brings the whole runtime, fonts and windows included; one that is called headless brings the rest of it.
    """
    if re.search(r"-jdk(-headless)?$", name) and release != "alpine":
        return (name.replace("-jdk", "-jre"),)
    if re.fullmatch(r"openjdk\d+(-jdk)?", name):
        return (name.removesuffix("-jdk") + "-jre",)
    if re.fullmatch(r"java-.*openjdk-devel", name):
        return (name.removesuffix("-devel"),)
    return knowledge.runtime_packages(name, release, base)


def brought_along(
    stage: Stage, guilty: Sequence[Culprit], replacements: Replacements, wanted: Iterable[str]
) -> list[str]:
    """Return those of ``wanted`` that only the packages which go brought into the image, unasked."""
    release = stage.release
    if release not in knowledge.releases() or not packages_going(guilty):
        return []
    base = stage.base.knowledge_base
    staying, recommends = packages_staying(stage, guilty)
    staying += [name for names in replacements.by_word.values() for name in names]
    everything = [*staying, *packages_going(guilty)]
    before = knowledge.closure(everything, release, base, recommends=recommends)
    after = knowledge.closure(staying, release, base, recommends=recommends)
    return [name for name in dict.fromkeys(wanted) if name in before.packages and name not in after.packages]


#: The releases that a floating tag of the Python image has stood for.
DEBIAN = ("bullseye", "bookworm", "trixie")


def differs(package: str) -> bool:
    """Whether the runtime packages of ``package`` have other names in some release."""
    return len({knowledge.runtime_packages(package, release) for release in DEBIAN}) > 1


def comes_and_goes(package: str) -> bool:
    """Whether some releases have a package of this name and others have not."""
    return len({knowledge.exists(package, release) for release in DEBIAN}) > 1


def install_edits(
    text: str, install: PackageInstall, gone: set[tuple[int, str]], replacements: Replacements
) -> tuple[list[Edit], bool]:
    """Return the edits that take the packages of ``gone`` (word offset, name) out, and whether none stay.

    A package's runtime libraries take its own word's place.  A word that several packages come from (a variable) is
    replaced as a whole by those that stay.
    """
    words: dict[Span, list[PackageWord]] = {}
    for package in install.packages:
        words.setdefault(package.span, []).append(package)
    edits: list[Edit] = []
    remaining = 0
    for span, packages in words.items():
        kept = [package.text or "" for package in packages if (span.start, package.name) not in gone]
        if len(kept) == len(packages):
            remaining += len(packages)
            continue
        chosen = [*kept, *replacements.by_word.get(span.start, ())]
        remaining += len(chosen)
        before = before_word(text, span.start)
        if chosen:
            separator = text[before : span.start]
            edits.append(Edit(span, (separator if "\n" in separator else " ").join(chosen)))
        else:
            edits.append(Edit(Span(before, span.end), ""))
    return edits, remaining == 0


def only_serves_packages(action: Action) -> bool:
    """Whether a command is of use only beside a package install: update, clean, removal of lists."""
    if isinstance(action, PackageUpdate):
        return not action.upgrades
    if isinstance(action, PackageClean):
        return True
    texts = action.texts
    return bool(texts) and (texts[0] or "").endswith("rm") and any(LISTS.search(text or "") for text in texts)
