"""What the commands of a RUN do, as typed actions; every word keeps its place in the file."""

from __future__ import annotations

import enum

from dockslim.records import NamedTuple, record
from dockslim.syntax import Argument, Command, Run, Runs, Span, Statement

__all__ = [
    "Action",
    "Manager",
    "Other",
    "PackageClean",
    "PackageInstall",
    "PackageRemove",
    "PackageUpdate",
    "PackageWord",
    "PipInstall",
    "PipOption",
    "PipTarget",
    "ProjectInstall",
    "TargetKind",
    "installs_projects",
]


class Manager(enum.Enum):
    """A distribution's package manager."""

    APT = "apt"
    APK = "apk"
    RPM = "rpm"  # dnf, microdnf, yum
    ZYPPER = "zypper"


class PackageWord(NamedTuple):
    """One package named on a command line.

    ``name`` is bare (no version, suite or architecture), None where a variable is not known.  ``own_word`` says whether
    the word of the file names this package alone, so that it can be cut out there.
    """

    name: str | None
    text: str | None
    span: Span
    own_word: bool


@record(eq=False, repr=False)
class Action:
    """One command of a RUN that always, sometimes or never surely runs, with its expanded words."""

    instruction: Run
    command: Command
    statement: Statement
    arguments: tuple[Argument, ...]

    @property
    def span(self) -> Span:
        """Where the command stands."""
        return self.command.span

    @property
    def certain(self) -> bool:
        """Whether it runs on every build, at the top level of its RUN."""
        return self.command.runs is Runs.ALWAYS and self.command.depth == 0

    @property
    def texts(self) -> tuple[str | None, ...]:
        """The expanded words, the program first; None where one is not known."""
        known: tuple[str | None, ...] | None = self.__dict__.get("_texts")
        if known is None:
            known = self.__dict__["_texts"] = tuple([argument.text for argument in self.arguments])
        return known

    def has(self, *options: str) -> bool:
        """Whether one of ``options`` is among the words."""
        return not set(options).isdisjoint(self.texts)


@record(eq=False, repr=False)
class PackageInstall(Action):
    """`apt-get install …`, `apk add …`, `dnf install …`."""

    manager: Manager
    verb: Span
    packages: tuple[PackageWord, ...]
    options: tuple[str, ...]
    virtual: str | None = None  # apk add --virtual NAME

    @property
    def complete(self) -> bool:
        """Whether every package is known by name."""
        return all(package.name is not None for package in self.packages)


@record(eq=False, repr=False)
class PackageRemove(Action):
    """`apt-get purge …`, `apt-get autoremove`, `apk del …`."""

    manager: Manager
    packages: tuple[PackageWord, ...]
    automatic: bool  # what nothing needs any more goes too


@record(eq=False, repr=False)
class PackageUpdate(Action):
    """`apt-get update`, and `upgrade` where ``upgrades``."""

    manager: Manager
    upgrades: bool


@record(eq=False, repr=False)
class PackageClean(Action):
    """`apt-get clean`, `rm -rf /var/lib/apt/lists/*`: nothing but the package manager's own files goes."""

    manager: Manager


class TargetKind(enum.Enum):
    """What an argument of `pip install` names."""

    REQUIREMENTS = "requirements file"
    CONSTRAINTS = "constraints file"
    EDITABLE = "editable"
    LOCAL = "local path"
    VCS = "version control"
    URL = "URL"
    NAME = "name"
    UNKNOWN = "unknown"


class PipOption(NamedTuple):
    """An option: ``name`` in its long form, ``value`` (None for a flag or an unknown value), and its words' span."""

    name: str
    value: str | None
    span: Span


class PipTarget(NamedTuple):
    """One thing to install; ``span`` covers its option word too (`-r requirements.txt`)."""

    kind: TargetKind
    text: str | None
    span: Span
    project: str | None = None  # normalised PyPI name, of a NAME
    pinned: bool = False


@record(eq=False, repr=False)
class PipInstall(Action):
    """`pip install …`, `python -m pip install …`, `uv pip install …`.

    ``program`` spans what calls the installer (`python3 -m pip`), ``verb`` the word `install`.
    """

    installer: str  # "pip" or "uv"
    program: Span
    verb: Span
    options: tuple[PipOption, ...]
    targets: tuple[PipTarget, ...]

    BOOTSTRAP = frozenset({"pip", "setuptools", "wheel", "pip-tools", "uv", "build", "packaging"})

    @property
    def bootstraps(self) -> bool:
        """Whether it only brings the installers themselves up to date: pure Python, nothing to compile."""
        return bool(self.targets) and all(
            target.kind is TargetKind.NAME and target.project in {"pip", "setuptools", "wheel", "uv", "build"}
            for target in self.targets
        )

    def of(self, *kinds: TargetKind) -> tuple[PipTarget, ...]:
        """The targets of one of ``kinds``."""
        return tuple(target for target in self.targets if target.kind in kinds)

    def option(self, *names: str) -> PipOption | None:
        """The last option that has one of the (long) ``names``."""
        return next((option for option in reversed(self.options) if option.name in names), None)

    @property
    def complete(self) -> bool:
        """Whether every word is known."""
        return all(target.kind is not TargetKind.UNKNOWN for target in self.targets)


@record(eq=False, repr=False)
class ProjectInstall(Action):
    """`uv sync`, `poetry install`, `pipenv install`, `python setup.py install`; ``words`` follow the tool."""

    tool: str
    words: tuple[str | None, ...]


@record(eq=False, repr=False)
class Other(Action):
    """Any other command; ``program`` is its name without folders."""

    program: str | None


def installs_projects(action: Action) -> bool:
    """Whether a command installs Python packages, the installers themselves aside."""
    return isinstance(action, ProjectInstall) or (isinstance(action, PipInstall) and not action.bootstraps)
