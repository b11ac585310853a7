"""SLIM206."""

from __future__ import annotations

from collections.abc import Iterator

from dockslim.api import (
    Action,
    Edit,
    Example,
    Family,
    Finding,
    Fix,
    Manager,
    PackageInstall,
    PackageRemove,
    PackageUpdate,
    Rule,
    Safety,
    Stage,
)
from dockslim_rules import option_behind

__all__ = ["InteractiveForms"]

#: What says yes beforehand, for each manager.
YES = {
    Manager.APT: ("-y", "--yes", "--assume-yes", "-qq", "--force-yes", "-s", "--dry-run", "-d", "--download-only"),
    Manager.RPM: ("-y", "--assumeyes", "--assumeno"),
    Manager.ZYPPER: ("-y", "-n", "--no-confirm", "--non-interactive"),
}
#: Images that nobody knows the configuration of: apt may be told there to take yes for an answer.
CONFIGURED = frozenset({Family.UNKNOWN, Family.CONDA})
#: What apt and apt-get both know, and do alike.
ALIKE = frozenset({"install", "update", "remove", "purge", "autoremove", "clean", "autoclean"})


class InteractiveForms(Rule):
    """A package manager is called as a person would call it.

    `apt` is made for terminals: its output and options may change with any release, and it says so in every build log.
    And an install without `-y` asks a question that nobody answers: the build stops there as soon as one more package
    comes along.

    The fix writes `apt-get` for `apt`, and `-y`. Both are safe: the same packages are installed.
    """

    code = "SLIM206"
    name = "interactive-package-manager"
    safety = Safety.SAFE
    aliases = ("DL3014", "DL3027", "DL3030", "DL3034", "DL3038")
    examples = (
        Example(
            bad="FROM debian:12\nRUN «apt» update && «apt» install -y curl\n",
            good="FROM debian:12\nRUN apt-get update && apt-get install -y curl\n",
        ),
        Example(
            bad="FROM debian:12\nRUN apt-get update && apt-get «install» --no-install-recommends ffmpeg\n",
            good="FROM debian:12\nRUN apt-get update && apt-get install -y --no-install-recommends ffmpeg\n",
        ),
        Example(allow="FROM debian:12\nRUN apt-get update && apt-get -qq install curl\n", note="-qq says yes, too."),
        Example(allow="FROM debian:12\nRUN apt-get update && yes | apt-get install curl\n"),
        Example(
            allow=(
                "FROM debian:12\n"
                "RUN echo 'APT::Get::Assume-Yes \"true\";' > /etc/apt/apt.conf.d/90yes\n"
                "RUN apt-get update && apt-get install curl\n"
            ),
        ),
        Example(
            allow="FROM cimg/base:2024.01\nRUN sudo apt-get update && sudo apt-get install google-chrome-stable\n",
            note="An image that is not known may be configured so.",
        ),
        Example(allow="FROM debian:12\nRUN apt list --installed\n", note="apt-get has no such command."),
        Example(allow="FROM oraclelinux:9-slim\nRUN microdnf install gzip\n", note="microdnf never asks."),
    )

    def check_stage(self, stage: Stage) -> Iterator[Finding]:
        """Look at each call of a package manager."""
        told = stage.base.family in CONFIGURED or any(
            "ssume-" in run.text or "ssumeyes" in run.text for each in stage.lineage for run in each.runs
        )
        for action in stage.actions:
            yield from self.about_apt(stage, action)
            if isinstance(action, PackageInstall) and action.manager in YES and not told:
                yield from self.about_yes(action)

    def about_apt(self, stage: Stage, action: Action) -> Iterator[Finding]:
        """Flag `apt`, where apt-get would do the same."""
        if not action.texts or action.texts[0] != "apt" or "list" in action.texts:
            return
        if not isinstance(action, (PackageInstall, PackageRemove, PackageUpdate)) and not action.has("clean"):
            return
        at = action.arguments[0].span
        alike = next((text for text in action.texts[1:] if text and not text.startswith("-")), None) in ALIKE
        fix = None
        patterns = any(set(text or "*") & set("*?~[^$") for text in action.texts)  # of which the two think differently
        if alike and not patterns and stage.facts.file.text[at.start : at.end] == "apt":
            fix = Fix(f"SLIM206-{at.start}", "write apt-get", (Edit(at, "apt-get"),))
        yield self.finding(at, "apt is for terminals, its interface may change: scripts call apt-get", fix=fix)

    def about_yes(self, action: PackageInstall) -> Iterator[Finding]:
        """Flag an install that asks."""
        if any(text is None or yes(text, action.manager) for text in action.texts[1:]):
            return
        program = action.texts[0] or ""
        if program.endswith(("aptitude", "microdnf")) or piped(action):  # microdnf always takes yes for the answer
            return
        at = action.verb
        fix = Fix(f"SLIM206-{at.start}", "write -y", (option_behind(action, at, "-y"),))
        yield self.finding(at, "asks as soon as one more package comes along, and nobody answers: write -y", fix=fix)


def yes(text: str, manager: Manager) -> bool:
    """Whether an option says yes, alone or among other letters (`-qy`)."""
    if text in YES[manager] or "ssume" in text:
        return True
    return text.startswith("-") and not text.startswith("--") and ("y" in text or text.startswith("-q="))


def piped(action: PackageInstall) -> bool:
    """Whether its input is a pipe or a file."""
    return action.statement.kind != "command" or any("<" in redirect.raw for redirect in action.command.redirects)
