"""SLIM304."""

from __future__ import annotations

from collections.abc import Iterator

from dockslim.api import Example, Facts, Finding, Rule, Severity, needed_stages, references

__all__ = ["UnusedStage"]

#: Names of stages that are there for others to copy from.
SERVANTS = ("build", "builder", "compile", "compiler", "wheels", "deps", "dependencies")


class UnusedStage(Rule):
    """Nothing uses a stage, and it is not made to be built by itself.

    BuildKit skips it, so its commands do nothing: a COPY from it was forgotten, or the stage outlived its use.

    Flagged are stages without a name, and those called `builder` and the like, which serve others by their name. A
    stage called `test` or `dev` is a target of its own. It has no fix.
    """

    code = "SLIM304"
    name = "unused-stage"
    severity = Severity.INFO
    examples = (
        Example(
            bad='FROM debian:12 AS «builder»\nRUN make\nFROM debian:12\nCMD ["app"]\n',
        ),
        Example(bad='FROM «debian:12»\nRUN make\nFROM debian:12 AS final\nCMD ["app"]\n'),
        Example(allow="FROM debian:12 AS builder\nRUN make\nFROM debian:12\nCOPY --from=builder /out /out\n"),
        Example(allow='FROM debian:12 AS test\nRUN make test\nFROM debian:12\nCMD ["app"]\n', note="A target."),
        Example(
            allow="FROM debian:12 AS build\nRUN make\nFROM debian:12\nRUN --mount=from=build,target=/b cp /b/a /\n",
        ),
        Example(
            allow="FROM debian:12 AS builder\nRUN make\nFROM debian:12\nARG WHICH\nCOPY --from=$WHICH /o /o\n",
            note="Who knows which stage that is.",
        ),
    )

    def check_file(self, facts: Facts) -> Iterator[Finding]:
        """Look at the stages that no other one reads."""
        needed = needed_stages(facts)
        if needed is None or facts.target is not None:
            return
        used = {stage.parent.index for stage in facts.stages if stage.parent is not None}
        for stage in facts.stages:
            if stage.index in needed or stage.index in used or not stage.instructions:
                continue
            if stage.name is None:
                yield self.finding(stage.from_.image, "nothing uses this stage, and it has no name to be built by")
            elif stage.name in SERVANTS and not read(facts, stage.index):
                place = stage.from_.stage_name or stage.from_.image
                yield self.finding(place, f"nothing uses what stage {stage.name} makes")


def read(facts: Facts, index: int) -> bool:
    """Whether any stage at all reads this one."""
    return any(
        reference.stage is not None and reference.stage.index == index
        for stage in facts.stages
        for reference in references(stage)
    )
