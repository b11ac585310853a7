"""SLIM302."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockslim.api import Action, Annotation, Copy, Example, Finding, Rule, Severity, Stage, references

__all__ = ["StagesDiffer"]

#: Debian's releases, in their order.
ORDER = ("stretch", "buster", "bullseye", "bookworm", "trixie", "forky")
PACKAGES = r"wheel|whl|venv|virtualenv|site-packages|\.local(/|$)|^/install(/|$)|^/root/\.cache"
#: Pure data of the interpreter: where it comes along, its version does not matter.
INTERPRETER = r"^/usr/local/?$|^/usr/?$|^/usr/local/bin/?\S*$|^/opt/python|^/python|share/uv|^/$"


class StagesDiffer(Rule):
    """Python packages are copied between stages that do not fit each other.

    What was built for Python 3.11 is not found by Python 3.12; what was built on Alpine (musl) does not load on Debian
    (glibc); what was built on a newer Debian may ask for a newer glibc. The build succeeds, the import fails.

    It has no fix: which of the two images is right only you can say.
    """

    code = "SLIM302"
    name = "stages-differ"
    severity = Severity.ERROR
    examples = (
        Example(
            bad=(
                "FROM python:3.11-slim AS builder\nRUN python -m venv /venv && /venv/bin/pip install flask\n"
                "FROM python:3.12-slim\nCOPY --from=builder «/venv» /venv\n"
            ),
        ),
        Example(
            bad=(
                "FROM python:3.12-alpine AS builder\nRUN pip wheel --wheel-dir=/wheels cffi\n"
                "FROM python:3.12-slim\nCOPY --from=builder «/wheels» /wheels\nRUN pip install /wheels/*.whl\n"
            ),
        ),
        Example(
            bad=(
                "FROM python:3.12-bookworm AS builder\nRUN pip install --user cffi\n"
                "FROM python:3.12-slim-bullseye\nCOPY --from=builder «/root/.local» /root/.local\n"
            ),
        ),
        Example(
            allow=(
                "FROM python:3.12-bookworm AS builder\nRUN pip install --user cffi\n"
                "FROM python:3.12-slim-bookworm\nCOPY --from=builder /root/.local /root/.local\n"
            ),
        ),
        Example(
            allow=(
                "FROM node:22-alpine AS web\nRUN npm ci && npm run build\n"
                "FROM python:3.12-slim\nCOPY --from=web /app/dist /app/static\n"
            ),
            note="Nothing of Python's.",
        ),
        Example(
            allow=(
                "FROM python:3.11-slim AS builder\nRUN pip install flask\n"
                "FROM debian:12\nCOPY --from=builder /usr/local /usr/local\n"
            ),
            note="The interpreter comes along.",
        ),
        Example(
            allow=(
                "FROM python:3.11-slim AS builder\nRUN pip wheel --wheel-dir=/wheels cffi\n"
                'FROM alpine:3.20\nCOPY --from=builder /wheels /wheels\nCMD ["ls", "/wheels"]\n'
            ),
            note="The wheels are only handed on.",
        ),
    )

    def check_stage(self, stage: Stage) -> Iterator[Finding]:
        """Look at each COPY of Python packages."""
        for each in stage.instructions:
            brings = each.sources if isinstance(each, Copy) and each.from_ is not None else ()
            if any(re.search(INTERPRETER, word.raw) for word in brings):
                return
        for reference in references(stage):
            source, copy = reference.stage, reference.instruction
            if source is None or not isinstance(copy, Copy):
                continue
            # Last, what takes long: the commands of a stage that does not ship are read for this alone.
            if not any(re.search(PACKAGES, word.raw) for word in copy.sources) or not source.actions:
                continue
            if re.search("wheel|whl", copy.sources[0].raw) and not stage.pip_installs:
                continue
            why = difference(source, stage)
            if why:
                place = source.lineage[0].from_.image.span
                yield self.finding(
                    copy.sources[0],
                    f"built on {source.base.reference}, used on {stage.base.reference}: {why}",
                    annotations=(Annotation(place, "built on this"),),
                )


def difference(source: Stage, final: Stage) -> str:
    """Say how two stages do not fit; empty where they do, or nobody knows."""
    built, used = source.base, final.base
    if any(
        "uv" in (action.texts[0] or "") and action.has("--python", "-p", "python") for action in all_actions(source)
    ):
        return ""
    if any(name.startswith(("UV_PYTHON", "PYENV")) for name in source.end.environment):
        return ""
    if built.python and used.python and built.python != used.python:
        return f"Python {used.python} does not find what was made for {built.python}"
    if built.libc and used.libc and built.libc != used.libc:
        return f"what is compiled for {built.libc} does not load with {used.libc}"
    if built.release in ORDER and used.release in ORDER and ORDER.index(built.release) > ORDER.index(used.release):
        return f"{built.release} has a newer glibc than {used.release}"
    return ""


def all_actions(stage: Stage) -> Iterator[Action]:
    """Yield the actions of a stage and of those it starts from."""
    for each in stage.lineage:
        yield from (action for action in each.actions if action.texts)
