"""SLIM402."""

from __future__ import annotations

from collections.abc import Iterator

from dockslim.api import Copy, Example, Facts, Finding, Rule, luggage, needed_stages

__all__ = ["NoDockerignore"]


class NoDockerignore(Rule):
    """The whole tree is copied, and no .dockerignore says what to leave out.

    `COPY . .` takes the history of the repository, virtual environments and node_modules along: they are sent to the
    builder at each build, change the cache's key, and ship, with whatever secrets the history holds. Only folders that
    are really there are named, with their weight.

    It has no fix in the Dockerfile: write a `.dockerignore` beside it.
    """

    code = "SLIM402"
    name = "no-dockerignore"
    examples = (
        Example(
            bad="FROM python:3.12-slim\n«COPY . /app»\n",
            files={".git/config": "[core]\n", "app.py": "pass\n"},
        ),
        Example(
            allow="FROM python:3.12-slim\nCOPY . /app\n",
            files={".git/config": "[core]\n", ".dockerignore": ".git\n"},
        ),
        Example(allow="FROM python:3.12-slim\nCOPY src /app\n", files={".git/config": "[core]\n"}),
        Example(
            allow="FROM python:3.12-slim\nCOPY . /app\n",
            files={"app.py": "pass\n"},
            note="Nothing is here that had to be left out.",
        ),
    )

    def check_file(self, facts: Facts) -> Iterator[Finding]:
        """Look for the first COPY of everything in a stage that is needed, then into the folder."""
        needed = needed_stages(facts)
        for stage in facts.stages:
            if needed is not None and stage.index not in needed:
                continue
            for instruction in stage.instructions:
                if not isinstance(instruction, Copy) or instruction.from_ is not None:
                    continue
                if not any(word.raw in (".", "./") for word in instruction.sources):
                    continue
                found = luggage(stage)
                if found is None:
                    return
                weight = f"{'' if found.counted else 'more than '}{found.megabytes:.1f} MB"
                yield self.finding(
                    instruction,
                    f"takes {', '.join(found.names)} along ({weight}): there is no .dockerignore",
                    cost_mb=found.megabytes if stage.ships else None,
                    help="write a .dockerignore beside the Dockerfile",
                )
                return
