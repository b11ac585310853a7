"""Packages that must come into the final stage although no word that goes stood for them."""

from __future__ import annotations

import re

from dockslim import knowledge
from dockslim.later import later
from dockslim.model import Family, Stage
from dockslim.rewrite.bases import base_known
from dockslim.rewrite.culprits import Culprit, CulpritKind, packages_going
from dockslim.rewrite.installs import InstallSet
from dockslim.rewrite.packages import (
    DISTRIBUTION_PYTHON,
    GOMP_SOURCES,
    Replacements,
    brought_along,
    comes_and_goes,
)
from dockslim.rewrite.shipped import of_the_image

__all__ = ["keep_what_came_along", "needs_gomp", "new_packages"]


def needs_gomp(stage: Stage, guilty: tuple[Culprit, ...], installs: InstallSet) -> bool:
    """Whether the compilers' OpenMP library must be expected to be linked."""
    if not any(culprit.name in GOMP_SOURCES for culprit in guilty):
        return False
    if not installs.readable:
        return True
    for project in installs.projects():
        needs = knowledge.python_needs(project, stage.release)
        if not needs.known or "libgomp1" in (*needs.linked, *needs.loaded):
            return True
    return installs.nameless


def new_packages(
    stage: Stage,
    guilty: tuple[Culprit, ...],
    installs: InstallSet,
    replacements: Replacements,
    kept: list[str],
) -> tuple[str, ...]:
    """Return the packages that need an install of their own: what the full image had and the file still uses."""
    placed = {name for names in replacements.by_word.values() for name in names}
    wanted: list[str] = [name for name in kept if name not in placed]
    if any(culprit.kind is CulpritKind.FULL_BASE for culprit in guilty):
        for project in installs.projects():
            needs = knowledge.python_needs(project, stage.release)
            wanted += [name for name in (*needs.linked, *needs.loaded) if name not in placed]
        if stage.base.family is Family.PYTHON and base_known(stage):
            held = knowledge.base_packages(stage.release, "full")  # what it had not, nothing missed
            wanted = [name for name in wanted if name in held or name in kept]
        wanted += wanted_by_sources(stage, installs)
    present = knowledge.base_packages(stage.release, "slim")
    names = [name for name in dict.fromkeys(wanted) if name not in present and not DISTRIBUTION_PYTHON.match(name)]
    replacements.names_differ |= tied_to_the_release(stage, names)
    return tuple(names)


def tied_to_the_release(stage: Stage, names: list[str]) -> bool:
    """Whether a floating tag may come to stand for a release that does not have one of these packages."""
    return not stage.base.release_in_tag and any(comes_and_goes(name) for name in names)


def keep_what_came_along(
    stage: Stage, guilty: tuple[Culprit, ...], installs: InstallSet, replacements: Replacements
) -> None:
    """Add to the replacements what the packages that go brought along unasked, and the application uses."""
    wanted: list[str] = []
    for project in installs.projects():
        needs = knowledge.python_needs(project, stage.release)
        wanted += [*needs.loaded, *(() if needs.bundled else needs.linked)]
    context = stage.facts.context
    if asks_for_types(stage, installs):
        wanted.append("media-types")  # the distribution's Python brings it, and many headers bring that
    if {"pygobject", "pygobject-stubs"} & set(installs.projects()) or not installs.readable:
        wanted += descriptions(stage, guilty)
    wanted += loaded_by_name(stage, guilty)
    if context is not None and of_the_image(stage.facts).fonts:
        wanted += ["fonts-dejavu-core"]  # headers of the C library bring it by way of their tools
    came = brought_along(stage, guilty, replacements, wanted) if wanted else []
    replacements.names_differ |= tied_to_the_release(stage, came)
    for name in came:
        source = bringer(stage, [culprit for culprit in guilty if culprit.left is not None], name)
        at = source.span.start
        replacements.by_word[at] = (*replacements.by_word.get(at, ()), name)
        replacements.came_along.append((name, source.name))


def descriptions(stage: Stage, guilty: tuple[Culprit, ...]) -> list[str]:
    """Return the descriptions of libraries by which PyGObject calls them, as far as what goes brings them."""
    return [name for name in brought(stage, guilty) if name.startswith("gir1.2-")]


#: A library that is loaded, or looked for, by its name: `CDLL("libX11.so.6")`, `find_library("X11")`.
NAMED = later(r"""["'](?:/[\w./-]*/)?lib([\w+-]+)\.so\.(\d+)|find_library\(\s*["']([\w+-]+)["']""")


def loaded_by_name(stage: Stage, guilty: tuple[Culprit, ...]) -> list[str]:
    """Return the packages of libraries that sources load by their names, as far as what goes brings them unasked."""
    context = stage.facts.context
    if context is None:
        return []
    found = of_the_image(stage.facts)
    texts = [context.read(path) or "" for path in {found.loads, found.find_library} if path]
    names = [
        f"{plain(match[1])}{match[2]}(?![0-9])" if match[1] else f"{plain(match[3])}([0-9]|$)"
        for text in texts
        for match in NAMED.finditer(text)
    ]
    if not names:
        return []
    pattern = re.compile("lib(" + "|".join(names) + ")")
    libraries = (name for name in brought(stage, guilty) if name.startswith("lib") and not name.endswith("-dev"))
    return [name for name in libraries if pattern.match(plain(name))]


def plain(name: str) -> str:
    """Return a library's name as its package's may be compared with it."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def brought(stage: Stage, guilty: tuple[Culprit, ...]) -> tuple[str, ...]:
    """Return the packages that those which go bring; none where the release is not known."""
    names = packages_going(guilty)
    if stage.release not in knowledge.releases() or not names:
        return ()
    return knowledge.closure(names, stage.release, stage.base.knowledge_base).packages


def bringer(stage: Stage, going: list[Culprit], name: str) -> Culprit:
    """Return which of the packages that go brought another one along."""
    for culprit in going:
        if name in knowledge.closure([culprit.name], stage.release, stage.base.knowledge_base).packages:
            return culprit
    return going[0]


def wanted_by_sources(stage: Stage, installs: InstallSet) -> list[str]:
    """Return what of the full image the application's own sources use beside programs, as far as they are at hand."""
    if stage.facts.context is None or stage.base.family is not Family.PYTHON:
        return []
    found = of_the_image(stage.facts)
    wanted = ["libtk8.6"] if found.tkinter or OPENS_WINDOWS.intersection(installs.projects()) else []
    wanted += ["fonts-dejavu-core"] if found.fonts else []
    return [*wanted, "media-types"] if asks_for_types(stage, installs) else wanted


#: Projects that import tkinter, which is Python's own and finds its library in the full image alone.
OPENS_WINDOWS = frozenset(
    """
    customtkinter easygui freesimplegui guizero mouseinfo pyautogui pygubu pymsgbox pysimplegui tkcalendar tkinterdnd2
    ttkbootstrap ttkthemes
    """.split()
)

#: uwsgi's options by which it serves files.
SERVES_FILES = later(r"static-(map|index|safe|gzip)|check-static|mime-?file")


#: Projects that ask by themselves for the types of files, which they serve or send.
ASK_FOR_TYPES = frozenset(
    """
    awscli chainlit cherrypy datasette django-filer django-storages gradio gsutil mkdocs mlflow nicegui panel
    python-telegram-bot s3cmd streamlit tornado twisted voila wagtail yagmail
    """.split()
)


def asks_for_types(stage: Stage, installs: InstallSet) -> bool:
    """Whether /etc/mime.types is read: by Python's mimetypes, or by uwsgi where it serves files."""
    context = stage.facts.context
    if context is None:
        return False
    served = "http.server" in stage.facts.file.text or ASK_FOR_TYPES.intersection(installs.projects())
    if served or of_the_image(stage.facts).mime_types:
        return True
    if "uwsgi" not in installs.projects():
        return False
    texts = [stage.facts.file.text, *(context.read(path) or "" for path in context.glob("**/*.ini"))]
    return any(SERVES_FILES.search(text) for text in texts)
