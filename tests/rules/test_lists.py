"""Which RUN an install leans on for its package lists."""

from __future__ import annotations

from pathlib import Path

import pytest

from dockslim.engine.fixer import fix
from dockslim.engine.linter import Linter
from dockslim.engine.reading import Reader
from dockslim.testing import rules_of

RULES = rules_of("dockslim_rules")
FIRST = "FROM debian:12\nRUN apt-get update && apt-get install -y curl\n"


def fixed(text: str) -> str:
    """What the fix makes of a file, as far as it is safe."""
    linter = Linter(RULES, frozenset({"SLIM201"}))
    return fix(text.encode(), Path("Dockerfile"), Reader(), linter).data.decode()


def test_the_last_fetch_before_an_install_is_the_one_it_leans_on() -> None:
    more = "RUN apt-get update && apt-get install -y jq\nRUN apt-get install -y xz-utils\n"
    assert fixed(FIRST + more) == FIRST.rstrip() + " && rm -rf /var/lib/apt/lists/*\n" + more


@pytest.mark.parametrize(
    "more",
    [
        "RUN apt-get install -y jq\n",
        "RUN test -e /x || apt-get update\nRUN apt-get install -y jq\n",
        "RUN apt-get update -o Dir::Etc::sourcelist=/etc/apt/sources.list.d/x.list\nRUN apt-get install -y jq\n",
    ],
)
def test_what_fetches_nothing_or_a_part_leaves_it_leaning(more: str) -> None:
    assert FIRST in fixed(FIRST + more)


def test_stages_on_top_lean_each_for_itself() -> None:
    text = FIRST.replace("12", "12 AS base") + "FROM base AS a\nRUN apt-get update && apt-get install -y jq\n"
    text += "FROM base\nRUN apt-get install -y xz-utils\n"
    assert fixed(text) == text
