"""SLIM101."""

from __future__ import annotations

from collections.abc import Iterator

from dockslim.api import CulpritKind, Example, Finding, Rule, Safety, Stage, culprits, leftovers, rewrite

__all__ = ["BuildToolsInFinalStage"]


class BuildToolsInFinalStage(Rule):
    """Build tools are left in the image that ships.

    Compilers, make and their like are needed while wheels are built from source; the finished image never calls them.
    There they cost hundreds of megabytes, bring most of the image's known vulnerabilities, and give an intruder a
    workbench. Removing them in a later RUN frees nothing: the bytes stay in the layer that brought them.

    The fix builds the wheels in a stage of their own and installs them in a clean one, with the runtime libraries that
    the development packages stood for. It is safe where every obligation it lists is proven; where one is open it is
    unsafe and says which; where one is contradicted (a CMD that compiles, say) dockslim declines and says why.
    """

    code = "SLIM101"
    name = "build-tools-in-final-stage"
    safety = Safety.SAFE
    rewrites = True
    examples = (
        Example(
            bad=(
                "FROM python:3.12-slim-bookworm\n"
                "RUN apt-get update && apt-get install -y «gcc»\n"
                "RUN pip install cffi==1.17.1\n"
            ),
            good=(
                "FROM python:3.12-slim-bookworm AS builder\n"
                "RUN apt-get update && apt-get install -y gcc\n"
                "RUN pip wheel --wheel-dir=/wheels cffi==1.17.1\n"
                "\n"
                "FROM python:3.12-slim-bookworm\n"
                "RUN --mount=type=bind,from=builder,source=/wheels,target=/wheels \\\n"
                "    pip install --no-index --find-links=/wheels cffi==1.17.1\n"
            ),
        ),
        Example(
            note="Removed again in the same RUN: no layer holds them.",
            allow=(
                "FROM python:3.12-slim-bookworm\n"
                "RUN apt-get update && apt-get install -y gcc && pip install cffi && apt-get purge -y gcc\n"
            ),
        ),
        Example(
            note="A builder stage may hold what it likes.",
            allow=(
                "FROM python:3.12-slim-bookworm AS builder\n"
                "RUN apt-get update && apt-get install -y gcc\n"
                "RUN pip wheel --wheel-dir=/wheels cffi\n"
                "FROM python:3.12-slim-bookworm\n"
                "RUN --mount=type=bind,from=builder,source=/wheels,target=/wheels pip install /wheels/*.whl\n"
            ),
        ),
        Example(
            note="make is called when the container starts.",
            bad=(
                "FROM python:3.12-slim-bookworm\n"
                "RUN apt-get update && apt-get install -y «gcc»\n"
                "RUN pip install cffi==1.17.1\n"
                'CMD ["gcc", "--version"]\n'
            ),
            refused="compiles",
        ),
    )

    def check_stage(self, stage: Stage) -> Iterator[Finding]:
        """Name each build tool left; the first finding carries what all leftovers weigh."""
        for culprit in culprits(stage):
            if culprit.kind is CulpritKind.BUILD_TOOL:
                message, megabytes = leftovers(stage, culprit)
                yield self.finding(culprit, message, cost_mb=megabytes, fix=rewrite(stage))
