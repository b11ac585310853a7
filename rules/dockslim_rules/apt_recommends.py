"""SLIM202."""

from __future__ import annotations

from collections.abc import Iterator

from dockslim.api import (
    Edit,
    Example,
    Finding,
    Fix,
    Kind,
    Manager,
    PackageInstall,
    Rule,
    Safety,
    Span,
    Stage,
    closure,
    releases,
    role,
)

__all__ = ["AptRecommends"]

OPTION = "--no-install-recommends"
#: Less is not worth a word (decimal megabytes).
LEAST = 5.0
#: Who writes one of these has apt fetch from elsewhere, where packages of the same name recommend other things.
ELSEWHERE = ("sources.list", "add-apt-repository", "nodesource", "dpkg -i", "extrepo")


class AptRecommends(Rule):
    """apt-get installs recommended packages too.

    Debian's apt adds every package that another one recommends. On a desktop that is kind; in an image most of them are
    never used. `python3-pip` alone brings a compiler this way, and grows from 34 to 462 MB.

    Only what is known to bring recommended packages of some weight is flagged; an install of build tools is left to
    SLIM101, for compilers need some of what they recommend.

    The fix is unsafe: a program may lean on a package it never asked for.
    """

    code = "SLIM202"
    name = "apt-recommends"
    safety = Safety.UNSAFE
    aliases = ("DL3015",)
    examples = (
        Example(
            bad="FROM debian:12\nRUN apt-get update && apt-get «install» -y ffmpeg\n",
            good="FROM debian:12\nRUN apt-get update && apt-get install --no-install-recommends -y ffmpeg\n",
        ),
        Example(allow="FROM debian:12\nRUN apt-get update && apt-get install -y --no-install-recommends ffmpeg\n"),
        Example(
            allow="FROM debian:12\nRUN apt-get update && apt-get -o APT::Install-Recommends=false install -y ffmpeg\n"
        ),
        Example(
            allow="FROM debian:12\nRUN apt-get update && apt-get install -y curl\n",
            note="What it recommends weighs next to nothing.",
        ),
        Example(
            allow=(
                "FROM debian:12\n"
                "RUN echo 'APT::Install-Recommends \"0\";' > /etc/apt/apt.conf.d/99lean\n"
                "RUN apt-get update && apt-get install -y ffmpeg\n"
            ),
            note="An earlier RUN told apt so.",
        ),
    )

    def check_stage(self, stage: Stage) -> Iterator[Finding]:
        """Weigh each install with and without what is recommended."""
        release = stage.base.release
        if release is None or release not in releases() or stage.base.family.name == "ALPINE":
            return
        there: set[str] = set()
        for action in stage.actions:
            if not isinstance(action, PackageInstall) or action.manager is not Manager.APT:
                continue
            names = [word.name for word in action.packages if word.name is not None]
            lean = closure(names, release, stage.base.knowledge_base, recommends=False)
            full = closure(names, release, stage.base.knowledge_base, recommends=True)
            extra = set(full.packages) - set(lean.packages) - there
            told = any("recommends" in text.lower() for text in action.texts if text)
            told = told or written(stage, action, "Install-Recommends", *ELSEWHERE)
            there.update(lean.packages if told else full.packages)
            tools = any(role(name, release).kind in (Kind.BUILD_TOOL, Kind.DEV_HEADER) for name in names)
            weight = full.size_mb - lean.size_mb
            if told or tools or not extra or weight < LEAST or not action.complete or full.unknown:
                continue
            some = ", ".join(sorted(extra)[:3]) + (", …" if len(extra) > 3 else "")
            number = f"{len(extra)} packages" if len(extra) > 1 else "1 package"
            yield self.finding(
                action.verb,
                f"installs {number} that nobody asked for, about {weight:.0f} MB: {some}",
                cost_mb=weight,
                help="write --no-install-recommends, and name what is really needed",
                fix=Fix(
                    f"SLIM202-{action.verb.start}",
                    "write --no-install-recommends",
                    (Edit(Span(action.verb.end, action.verb.end), f" {OPTION}"),),
                    Safety.UNSAFE,
                ),
            )


def written(stage: Stage, action: PackageInstall, *words: str) -> bool:
    """Whether a RUN up to this one has one of some words, with which apt is configured."""
    return any(
        any(word in run.text for word in words)
        for each in stage.lineage
        for run in each.runs
        if each is not stage or run.span.start <= action.instruction.span.start
    )
