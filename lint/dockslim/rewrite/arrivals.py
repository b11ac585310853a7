"""Python packages that another stage of the file built: what arrives is compiled already."""

from __future__ import annotations

import re

from dockslim.model import PipInstall, ProjectInstall, Stage, TargetKind
from dockslim.rewrite.destinations import destination
from dockslim.rewrite.plan import RefusalError
from dockslim.syntax import Copy
from dockslim.syntax.later import later

__all__ = ["FILES", "arrivals", "is_of_wheels"]

#: Targets that are files which name what is installed.
FILES = (TargetKind.REQUIREMENTS, TargetKind.CONSTRAINTS)


def is_of_wheels(stage: Stage, install: PipInstall) -> bool:
    """Whether an install only takes wheels that another stage built: nothing is compiled."""
    places = install.of(TargetKind.LOCAL)
    wheels = bool(places) and all(re.search(r"(\.whl|/\*)$", target.text or "") for target in places)
    others = [target for target in install.targets if target not in places and target.kind not in FILES]
    return (wheels and not others and bool(arrivals(stage))) or install.option("--no-index") is not None


#: Folders in which Python packages arrive from another stage.
ARRIVAL = later(r"wheel|whl|venv|virtualenv|site-packages|\.local|/usr/local|/install|/deps|dist")


def arrivals(stage: Stage) -> list[str]:
    """Return the names of the stages from which Python packages are copied, be it in a stage on top that ships."""
    names: list[str] = []
    for holder in stage.facts.final_stage.lineage:
        for instruction in holder.instructions if any(member in holder.lineage for member in stage.members) else ():
            if isinstance(instruction, Copy) and instruction.from_ is not None:
                source = stage.facts.source_stage(instruction, holder)
                if source is not None and source.actions and brings_packages(instruction, source):
                    names.append(source.name or str(source.index))
    return list(dict.fromkeys(names))


def brings_packages(copy: Copy, source: Stage) -> bool:
    """Whether a COPY brings Python packages: by the look of its paths, or since it brings a project's environment."""
    words = [word.raw for word in (*copy.sources, copy.destination)]
    if any(map(ARRIVAL.search, words)):
        return True
    paths = [word.expand(source.end.lookup) for word in copy.sources]
    for action in source.actions:
        if isinstance(action, ProjectInstall):
            try:
                filled = destination(source, action)
            except RefusalError:
                continue
            if any(path and f"{filled}/".startswith(path.rstrip("/") + "/") for path in paths):
                return True
    return False
