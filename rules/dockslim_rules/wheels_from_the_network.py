"""SLIM306."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from dockslim.api import (
    Copy,
    Example,
    Finding,
    Fix,
    Rule,
    Safety,
    Stage,
    TargetKind,
    references,
    working_directory,
)
from dockslim_rules import option_behind

__all__ = ["WheelsFromTheNetwork"]


class WheelsFromTheNetwork(Rule):
    """An install from wheels may still go to the network.

    `--find-links=/wheels` adds a place to look in; the index stays another. A newer version there wins over the wheel
    that the builder made, and one that has to be compiled is compiled, or fails, in a stage without a compiler. With
    `--no-index` it is the builder's wheels or an error at once.

    The fix writes `--no-index`. It is unsafe: where the wheels were not complete, the build now says so.
    """

    code = "SLIM306"
    name = "wheels-from-the-network"
    safety = Safety.UNSAFE
    examples = (
        Example(
            bad=(
                "FROM python:3.12-slim AS builder\nRUN pip wheel --wheel-dir=/wheels flask\n"
                "FROM python:3.12-slim\nCOPY --from=builder /wheels /wheels\n"
                "RUN pip «install» --find-links=/wheels flask\n"
            ),
            good=(
                "FROM python:3.12-slim AS builder\nRUN pip wheel --wheel-dir=/wheels flask\n"
                "FROM python:3.12-slim\nCOPY --from=builder /wheels /wheels\n"
                "RUN pip install --no-index --find-links=/wheels flask\n"
            ),
        ),
        Example(
            allow=(
                "FROM python:3.12-slim AS builder\nRUN pip wheel --wheel-dir=/wheels flask\n"
                "FROM python:3.12-slim\nCOPY --from=builder /wheels /wheels\n"
                "RUN pip install --no-index --find-links=/wheels flask\n"
            ),
        ),
        Example(
            allow=(
                "FROM python:3.12-slim AS builder\nRUN pip wheel --wheel-dir=/wheels flask\n"
                "FROM python:3.12-slim\nCOPY --from=builder /wheels /wheels\nRUN pip install /wheels/*.whl\n"
            ),
            note="By path: pip takes these files.",
        ),
        Example(
            allow="FROM python:3.12-slim\nRUN pip install --find-links=https://data.pyg.org/whl/ torch-scatter\n",
            note="A page of links, no folder.",
        ),
        Example(
            allow=(
                "FROM python:3.12-slim AS builder\nRUN pip wheel --wheel-dir=/wheels ./lib\n"
                "FROM python:3.12-slim\nCOPY --from=builder /wheels /wheels\nENV PIP_NO_INDEX=1\n"
                "RUN pip install --find-links=/wheels flask\n"
            ),
        ),
    )

    def check_stage(self, stage: Stage) -> Iterator[Finding]:
        """Look at each install that is given a folder of another stage."""
        for action in stage.pip_installs:
            option = action.option("--find-links")
            if option is None or not option.value or "://" in option.value or action.option("--no-index") is not None:
                continue
            if (
                stage.scope(action.instruction).environment.get("PIP_NO_INDEX")
                or "PIP_NO_INDEX" in action.instruction.text
            ):
                continue
            if action.option("--index-url", "--extra-index-url", "--default-index", "--index") is not None:
                continue
            folder = working_directory(stage, action)
            if folder is None or action.of(TargetKind.UNKNOWN):
                continue
            if posixpath.normpath(posixpath.join(folder, option.value)) not in arrived(stage):
                continue
            edit = option_behind(action, action.verb, "--no-index")
            yield self.finding(
                action.verb,
                f"the index is asked, too: what is newer there wins over the wheels in {option.value}",
                help="write --no-index",
                fix=Fix(f"SLIM306-{action.verb.start}", "write --no-index", (edit,), Safety.UNSAFE),
            )


def arrived(stage: Stage) -> set[str]:
    """Return the folders that come from other stages."""
    found: set[str] = set()
    for reference in references(stage):
        instruction = reference.instruction
        if reference.stage is None:
            continue
        if isinstance(instruction, Copy):
            targets = [instruction.destination.expand(stage.scope(instruction).lookup)]
        else:
            targets = [mount.target for mount in instruction.mounts if mount.from_ is not None]  # type: ignore[attr-defined]
        found.update(
            posixpath.normpath(posixpath.join(stage.workdir(instruction), target)) for target in targets if target
        )
    return found
