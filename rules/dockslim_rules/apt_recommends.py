"""SLIM202."""

from __future__ import annotations

from collections.abc import Iterator

from dockslim.api import (
    Example,
    Finding,
    Fix,
    Kind,
    Manager,
    PackageInstall,
    PackageRemove,
    Rule,
    Safety,
    Stage,
    closure,
    releases,
    role,
)
from dockslim_rules import option_behind

__all__ = ["AptRecommends"]

OPTION = "--no-install-recommends"
#: Without these, the programs behind them fetch nothing by https.
CERTIFICATES = "ca-certificates"
FETCHERS = frozenset({"aria2", "curl", "git", "wget"})
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

    The fix is unsafe: a program may lean on a package it never asked for. Where certificates came along for wget, curl
    or git, it names them, for without them nothing is fetched by https.
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
            bad="FROM debian:12\nRUN apt-get update && apt-get «install» -y wget ffmpeg\n",
            good=(
                "FROM debian:12\n"
                "RUN apt-get update && apt-get install --no-install-recommends -y wget ffmpeg ca-certificates\n"
            ),
        ),
        Example(
            allow="FROM debian:12\nRUN apt-get update && apt-get install -y wget\n",
            note="It brings the certificates that it needs, and next to nothing else.",
        ),
        Example(
            allow=(
                "FROM debian:12\nRUN apt-get update && apt-get install -y ffmpeg && ffmpeg -version "
                "&& apt-get purge -y --auto-remove ffmpeg\n"
            ),
            note="What came along goes along.",
        ),
        Example(
            allow="FROM debian:12\nRUN apt-get update && apt-get install -y curl\n",
            note="What it recommends weighs next to nothing.",
        ),
        Example(
            allow=(
                "FROM debian:12\nRUN apt-get update && apt-get install -y gcc libxml2-dev libcurl4-openssl-dev\n"
                "RUN apt-get update && apt-get install -y curl\n"
            ),
            note="What it recommends is there by then.",
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
            kept = FETCHERS.intersection(names) and CERTIFICATES in set(full.packages) - set(lean.packages) - there
            if kept:
                lean = closure([*names, CERTIFICATES], release, stage.base.knowledge_base, recommends=False)
            extra = set(full.packages) - set(lean.packages) - there
            told = any("recommends" in text.lower() for text in action.texts if text)
            told = told or written(stage, action, "Install-Recommends", *ELSEWHERE)
            before = set(there)
            there.update(lean.packages if told else full.packages)
            tools = any(role(name, release).kind in (Kind.BUILD_TOOL, Kind.DEV_HEADER) for name in names)
            most = full.size_mb - lean.size_mb  # less, where some of it is there
            if told or tools or not extra or most < LEAST or not action.complete or full.unknown:
                continue
            weight = more(stage, release, before | set(lean.packages), extra)
            if weight < LEAST or swept(stage, action) or (kept and not action.packages[-1].own_word):
                continue
            edits = [option_behind(action, action.verb, OPTION)]
            if kept:
                edits.append(option_behind(action, action.packages[-1].span, CERTIFICATES))
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
                    tuple(edits),
                    Safety.UNSAFE,
                ),
            )


def more(stage: Stage, release: str, there: set[str], extra: set[str]) -> float:
    """Return what some packages weigh beside those that are there, in decimal megabytes."""
    base = stage.base.knowledge_base
    both = closure(sorted(there | extra), release, base, recommends=False)
    return both.size_mb - closure(sorted(there), release, base, recommends=False).size_mb


def swept(stage: Stage, action: PackageInstall) -> bool:
    """Whether the same RUN removes what nothing needs any more, with one of the packages."""
    names = {word.name for word in action.packages}
    later = [each for each in stage.actions_of(action.instruction) if each.span.start > action.span.end]
    removed = [each for each in later if isinstance(each, PackageRemove)]
    gone = {word.name for each in removed for word in each.packages}
    return bool(names & gone) and any(each.automatic for each in removed)


def written(stage: Stage, action: PackageInstall, *words: str) -> bool:
    """Whether a RUN up to this one has one of some words, with which apt is configured."""
    start = action.instruction.span.start
    firsts = {each: first_with(each, words) for each in stage.lineage}
    return any(at is not None and (each is not stage or at <= start) for each, at in firsts.items())


def first_with(stage: Stage, words: tuple[str, ...]) -> int | None:
    """Return where the first RUN of a stage stands that has one of some words."""
    memory, key = stage.facts.memory, ("first RUN with", stage.index, words)
    if key not in memory:
        memory[key] = next((run.span.start for run in stage.runs if any(word in run.text for word in words)), None)
    return memory[key]  # type: ignore[return-value]
