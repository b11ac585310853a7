"""Python packages that another stage of the file built: what arrives is compiled already."""

from __future__ import annotations

import re

from dockslim.model import PipInstall, Stage, TargetKind
from dockslim.syntax import Copy

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
ARRIVAL = re.compile(r"wheel|whl|venv|virtualenv|site-packages|\.local|/usr/local|/install|/deps|dist")


def arrivals(stage: Stage) -> list[str]:
    """Return the names of the stages from which Python packages are copied."""
    names: list[str] = []
    for instruction in stage.instructions:
        if isinstance(instruction, Copy) and instruction.from_ is not None:
            source = stage.facts.source_stage(instruction, stage)
            words = " ".join(word.raw for word in (*instruction.sources, instruction.destination))
            if source is not None and (source.pip_installs or source.actions) and ARRIVAL.search(words):
                names.append(source.name or str(source.index))
    return list(dict.fromkeys(names))
