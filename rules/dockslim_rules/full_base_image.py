"""SLIM103."""

from __future__ import annotations

from collections.abc import Iterator

from dockslim.api import CulpritKind, Example, Finding, Rule, Safety, Stage, culprits, leftovers, rewrite

__all__ = ["FullBaseImage"]


class FullBaseImage(Rule):
    """The image that ships starts from the full Python image.

    `python:3.12` holds a compiler, some forty -dev packages, three version control systems and ImageMagick, so that
    anything can be built in it. `python:3.12-slim` has the same Python and none of that.

    The fix builds the wheels on the full image and starts the final stage from its slim twin. What only the full image
    carried and the file still uses (curl in a HEALTHCHECK, git in a RUN, libraries that the requirements are known to
    load) is installed by name. It is safe only where the requirements are a full lock whose projects are all known;
    otherwise it is unsafe, and `dockslim verify` can prove it.
    """

    code = "SLIM103"
    name = "full-base-image"
    safety = Safety.UNSAFE
    rewrites = True
    examples = (
        Example(
            bad="FROM «python:3.12-bookworm»\nRUN pip install flask==3.0.3\n",
            good=(
                "FROM python:3.12-bookworm AS builder\n"
                "RUN pip wheel --wheel-dir=/wheels flask==3.0.3\n"
                "\n"
                "FROM python:3.12-slim-bookworm\n"
                "RUN --mount=type=bind,from=builder,source=/wheels,target=/wheels \\\n"
                "    pip install --no-index --find-links=/wheels flask==3.0.3\n"
            ),
            unsafe=True,
        ),
        Example(
            note="A slim image.",
            allow="FROM python:3.12-slim-bookworm\nRUN pip install flask==3.0.3\n",
        ),
        Example(
            note="Only the builder starts from the full image.",
            allow=(
                "FROM python:3.12 AS builder\n"
                "RUN pip wheel --wheel-dir=/wheels flask\n"
                "FROM python:3.12-slim\n"
                "RUN --mount=type=bind,from=builder,source=/wheels,target=/wheels pip install /wheels/*.whl\n"
            ),
        ),
    )

    def check_stage(self, stage: Stage) -> Iterator[Finding]:
        """Name the image of the FROM line."""
        for culprit in culprits(stage):
            if culprit.kind is CulpritKind.FULL_BASE:
                message, megabytes = leftovers(stage, culprit)
                yield self.finding(culprit, message, cost_mb=megabytes, fix=rewrite(stage))
