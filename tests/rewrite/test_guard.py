"""The guard notices what a plan must never do: take a plan's result, break it in one place, and see it refused."""

from __future__ import annotations

import pytest

from dockslim.model import read
from dockslim.rewrite import Fix, FixedEffect, apply_edits, guard, rewrite
from dockslim.syntax import parse

BEFORE = """\
# syntax=docker/dockerfile:1
FROM python:3.12-slim-bookworm
# the tools
RUN apt-get update && apt-get install -y gcc libpq-dev
ARG VERSION=1
ENV MODE=fast
WORKDIR /app
COPY requirements.txt .
RUN pip install -r requirements.txt && echo $VERSION
RUN date > /built
LABEL a=b
USER nobody
EXPOSE 80
HEALTHCHECK CMD python -V
ENTRYPOINT ["python"]
CMD ["-V"]
"""


def rewritten() -> str:
    fix = rewrite(read(parse(BEFORE)).final_stage)
    assert isinstance(fix, Fix)
    return apply_edits(BEFORE, fix.edits)


def objections(after: str, before: str = BEFORE, effects: frozenset[FixedEffect] = frozenset()) -> list[str]:
    return guard.check(read(parse(before)), read(parse(after)), effects)


def test_the_rewrite_passes() -> None:
    assert objections(rewritten()) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('CMD ["-V"]\n', "", "CMD changed"),
        ('ENTRYPOINT ["python"]\n', "", "ENTRYPOINT changed"),
        ("USER nobody\n", "", "USER changed"),
        ("EXPOSE 80\n", "", "EXPOSE changed"),
        ("LABEL a=b\n", "", "LABEL changed"),
        ("HEALTHCHECK CMD python -V\n", "", "HEALTHCHECK changed"),
        ("# the tools\n", "", "comment would be lost"),
        ("# syntax=docker/dockerfile:1\n", "", "directives"),
        ("from=builder,", "from=7,", "no stage before"),
        ("AS builder\n", "AS other\n", "nothing uses"),
        ("RUN pip wheel", "RUNN pip wheel", "does not parse"),
    ],
)
def test_a_broken_result_is_refused(old: str, new: str, said: str) -> None:
    text = rewritten()
    assert old in text
    broken = objections(text.replace(old, new))
    assert any(said in objection for objection in broken), broken


@pytest.mark.parametrize(
    "line", ["ARG VERSION=1\n", "ENV MODE=fast\n", "WORKDIR /app\n", "COPY requirements.txt .\n", "RUN date > /built\n"]
)
def test_a_lost_line_of_the_final_stage_is_noticed(line: str) -> None:
    text = rewritten()
    at = text.rindex(line)
    assert objections(text[:at] + text[at + len(line) :])


def test_a_declared_effect_is_allowed() -> None:
    text = rewritten().replace("EXPOSE 80\n", "")
    assert objections(text, effects=frozenset({FixedEffect.EXPOSE})) == []
