"""By name or by path: how the wheels of one install are installed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from dockslim.model import Family, PipInstall, Requirements, Stage, TargetKind
from dockslim.rewrite.between import named_by
from dockslim.rewrite.of_the_distribution import of_the_distribution
from dockslim.rewrite.pip_settings import own_options, settings_files
from dockslim.rewrite.plan import RefusalError
from dockslim.rewrite.provenance import ContextReader
from dockslim.rewrite.surroundings import environment_of, environments_made
from dockslim.syntax import Span

__all__ = ["all_hashed", "needs_path", "without_own"]


def needs_path(
    stage: Stage, install: PipInstall, requirements: Requirements, names: Mapping[Span, str]
) -> tuple[bool, str]:
    """Return whether the wheels must be installed by path, and why.

    ``names`` gives the project of a folder that is installed, where that is known: then it goes by name too.
    On an image with Python packages of its own, such an install would replace them: there it is by name or not at all.
    """
    by_path, why = wants_path(stage, install, requirements, names)
    others = by_path and not all_hashed(requirements) and of_the_distribution(stage, install, whole=True)
    if not by_path or (stage.base.family not in (Family.ACCELERATOR, Family.UNKNOWN) and not others):
        return by_path, why
    if why == UNREAD:
        return False, ""
    raise RefusalError(install.span, f"{why}, and by path the packages of the base image would be replaced")


UNREAD = "what the requirements file holds is not known"


def wants_path(
    stage: Stage, install: PipInstall, requirements: Requirements, names: Mapping[Span, str]
) -> tuple[bool, str]:
    """Return what the install itself asks for."""
    files = install.of(TargetKind.REQUIREMENTS)
    if files and not requirements.readable:
        return True, UNREAD
    if any(line.hashed for line in requirements.requirements) or install.option("--require-hashes"):
        return True, "hashes of source distributions do not fit the wheels built from them"
    if install.option("--no-binary") or requirements.option("--no-binary"):
        return True, "`--no-binary` would reject the wheels"
    if own_options(requirements, ContextReader(stage, install.instruction)):
        return True, "a requirement has options of its own, which would reject its wheel"
    if requirements.option("--find-links", "--index-url", "--extra-index-url", "--require-hashes"):
        return True, "the requirements file names an index of its own"
    for target in named_by(install, requirements):
        if target.kind in (TargetKind.VCS, TargetKind.URL):
            return True, "`--no-index` would still fetch from a URL"
        if target.kind in (TargetKind.LOCAL, TargetKind.EDITABLE) and target.span not in names:
            return True, "a folder is installed as its wheel"
    if re.search(r"no[-_.]binary", stage.facts.file.text, re.IGNORECASE):
        return True, "the file speaks of `no-binary`, which would reject the wheels"
    if configured(stage, install):
        return True, "a configuration file of pip's speaks of where packages come from"
    for name in ("PIP_NO_BINARY", "PIP_FIND_LINKS", "PIP_CONFIG_FILE"):
        if name in environment_of(stage, install):
            return True, f"{name} is set"
    return False, ""


def configured(stage: Stage, install: PipInstall) -> bool:
    """Whether a settings file of the context, copied before an install, may reject wheels or name a place of them."""
    texts = settings_files(stage, install)
    return any(re.search(r"no-binary|find-links|no-index", text) for text in texts)


def all_hashed(requirements: Requirements) -> bool:
    """Whether every requirement carries a hash: then it is a full lock."""
    return bool(requirements.requirements) and all(line.hashed for line in requirements.requirements)


def without_own(stage: Stage, install: PipInstall, asked: Sequence[str], folder: str) -> str:
    """Return a command that takes away the wheels of what is there already and was not asked for; empty without need.

    pip leaves such as it is where it satisfies; wheels by their path would replace it by the newest.
    """
    if replaces(stage, install):
        return ""
    own = [name for name in there_already(stage, install) if name not in asked]
    return f"rm -f {' '.join(f'{folder}/{name}-[0-9]*.whl' for name in own)}" if own else ""


def replaces(stage: Stage, install: PipInstall) -> bool:
    """Whether an install takes the newest of all that is needed, whatever is there."""
    if install.option("--force-reinstall", "--ignore-installed", "--upgrade-strategy"):
        return True
    return bool(
        {"PIP_FORCE_REINSTALL", "PIP_IGNORE_INSTALLED", "PIP_UPGRADE_STRATEGY"} & set(environment_of(stage, install))
    )


def there_already(stage: Stage, install: PipInstall) -> list[str]:
    """Return which of the installers are there before an install: the image's own, an environment's, a distribution's.

    Python brings setuptools up to 3.11, the official images wheel, too; a fresh environment has no wheel.
    """
    official = stage.base.family is Family.PYTHON
    old = re.match(r"3\.(\d|10|11)(\.|$)", stage.base.python or "") is not None
    distributed = stage.base.family in (Family.DEBIAN, Family.UBUNTU) and not environments_made(stage, install)
    found = ["pip"] if official else []
    found += ["pip", "setuptools", "wheel"] if distributed else []
    if official and old:
        found += ["setuptools"] if environments_made(stage, install) else ["setuptools", "wheel"]
    before = [other for other in stage.pip_installs if other.bootstraps and other.span.start < install.span.start]
    found += [target.project for other in before for target in other.targets if target.project in INSTALLERS]
    return sorted(set(found))


#: What an install may need although an image has it already.
INSTALLERS = frozenset({"pip", "setuptools", "wheel"})
