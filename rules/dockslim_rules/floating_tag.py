"""SLIM504."""

from __future__ import annotations

from collections.abc import Iterator

from dockslim.api import Example, Facts, Family, Finding, Rule, needed_stages

__all__ = ["FloatingTag"]


class FloatingTag(Rule):
    """A base image has no tag, or `latest`.

    What it means changes without notice, and with it Python's version, the distribution and the names of its packages.
    Off by default: a tag that moves is what some want. `--extend-select SLIM504` turns it on.

    It has no fix: which version you meant only you can say.
    """

    code = "SLIM504"
    name = "floating-tag"
    enabled = False
    aliases = ("DL3006", "DL3007")
    examples = (
        Example(bad="FROM «python»\nRUN pip --version\n"),
        Example(bad="FROM «python:latest»\nRUN pip --version\n"),
        Example(allow="FROM python:3.12-slim\nRUN pip --version\n"),
        Example(allow=f"FROM python@sha256:{'ab' * 32}\nRUN pip --version\n"),
        Example(allow="FROM debian:12 AS base\nFROM base\nRUN id\n", note="A stage has no tag."),
        Example(allow="FROM scratch\nCOPY app /app\n"),
    )

    def check_file(self, facts: Facts) -> Iterator[Finding]:
        """Look at each image that the stage that ships needs."""
        needed = needed_stages(facts)
        for stage in facts.stages:
            if stage.parent is not None or (needed is not None and stage.index not in needed):
                continue
            reference = stage.base.reference
            if reference is None or stage.base.family is Family.SCRATCH or "@" in reference:
                continue
            tag = reference.rpartition("/")[2].partition(":")[2]
            if tag in ("", "latest"):
                yield self.finding(stage.from_.image, "what this image is changes without notice: name a version")
