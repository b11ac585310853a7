"""Python projects that the distribution's own packages bring: pip takes them for installed, `pip wheel` does not."""

from __future__ import annotations

import re

from dockslim import knowledge
from dockslim.later import later
from dockslim.model import Family, PackageInstall, PipInstall, Stage
from dockslim.rewrite.surroundings import environments_made

__all__ = ["built_again", "of_the_distribution"]

#: A package that brings a Python project, by its name.
NAME = later(r"(?:python3|py3)-([a-z0-9][a-z0-9.+-]*)$")
#: Parts of Python itself and of its installers.
OF_PYTHON = frozenset(
    "all dbg dev devel distutils doc full lib2to3 libs minimal pip pip-whl pkg-resources setuptools setuptools-whl "
    "stdlib tk tkinter venv virtualenv wheel wheel-whl".split()
)

#: Packages that are not called after their project.
CALLED = {
    "bs4": "beautifulsoup4",
    "dateutil": "python-dateutil",
    "dotenv": "python-dotenv",
    "gi": "pygobject",
    "jwt": "pyjwt",
    "ldap": "python-ldap",
    "magic": "python-magic",
    "mysqldb": "mysqlclient",
    "nacl": "pynacl",
    "opencv": "opencv-python",
    "openssl": "pyopenssl",
    "pil": "pillow",
    "serial": "pyserial",
    "sklearn": "scikit-learn",
    "usb": "pyusb",
    "yaml": "pyyaml",
    "zmq": "pyzmq",
}


def of_the_distribution(stage: Stage, install: PipInstall, *, whole: bool = False) -> list[str]:
    """Return the projects that packages of the stage bring for the Python that an install fills, as they are called.

    With ``whole`` those that come along unasked, too.  An environment sees them only where it is told to.
    """
    if stage.base.family is Family.PYTHON:
        return []
    if environments_made(stage, install) and "--system-site-packages" not in stage.facts.file.text:
        return []
    names = [
        word.name
        for holder in stage.lineage
        for action in holder.actions
        if isinstance(action, PackageInstall) and action.span.start < install.span.start
        for word in action.packages
        if word.name
    ]
    if whole and stage.release in knowledge.releases():
        names += knowledge.closure(names, stage.release, stage.base.knowledge_base).packages
    found = [match[1] for name in names if (match := NAME.match(name)) is not None]
    return sorted(set(found) - OF_PYTHON)


def built_again(stage: Stage, install: PipInstall) -> str:
    """Return a package of the distribution whose project `pip wheel` may have to compile, where pip had not."""
    for name in of_the_distribution(stage, install):
        needs = knowledge.python_needs(CALLED.get(name) or re.sub(r"[._-]+", "-", name), stage.release)
        if needs.compiled is not False and not needs.bundled:
            return f"python3-{name}" if stage.base.family is not Family.ALPINE else f"py3-{name}"
    return ""
