"""SLIM207."""

from __future__ import annotations

from collections.abc import Iterator

from dockslim.api import (
    Action,
    Example,
    Finding,
    Fix,
    Manager,
    Other,
    PackageClean,
    PackageInstall,
    PackageUpdate,
    Rule,
    Run,
    Safety,
    Stage,
    append_command,
    without_statements,
)
from dockslim_rules import option_behind

__all__ = ["PackageCacheLeft"]

#: Where each manager keeps what it fetched, and the command that removes it.
CACHES = {
    Manager.APK: ("/var/cache/apk", "/etc/apk/cache"),
    Manager.RPM: ("/var/cache/dnf", "/var/cache/yum", "/var/cache/libdnf5"),
    Manager.ZYPPER: ("/var/cache/zypp",),
}


class PackageCacheLeft(Rule):
    """The cache of apk, dnf, yum or zypper stays in the image.

    apk keeps its index (about 2 MB) unless it is told `--no-cache`; dnf and yum keep the metadata of all repositories,
    often a hundred megabytes; zypper keeps that and the packages. A later RUN that removes them frees nothing. (For
    apt-get see SLIM201.)

    The fix writes `--no-cache` and drops an `apk update` that is then idle, or cleans up at the end of the RUN. The
    same packages are installed, so it is safe.
    """

    code = "SLIM207"
    name = "package-cache-left"
    safety = Safety.SAFE
    aliases = ("DL3019", "DL3032", "DL3036", "DL3040")
    examples = (
        Example(
            bad="FROM python:3.12-alpine\nRUN apk «add» curl\n",
            good="FROM python:3.12-alpine\nRUN apk add --no-cache curl\n",
        ),
        Example(
            bad="FROM python:3.12-alpine\nRUN apk update && apk «add» curl\n",
            good="FROM python:3.12-alpine\nRUN apk add --no-cache curl\n",
        ),
        Example(
            bad="FROM rockylinux:9\nRUN dnf «install» -y \\\n        gcc\n",
            good="FROM rockylinux:9\nRUN dnf install -y \\\n        gcc && dnf clean all\n",
        ),
        Example(
            bad="FROM rockylinux:9\nRUN yum -y update \\\n && yum «install» -y gcc\n",
            good="FROM rockylinux:9\nRUN yum -y update \\\n && yum install -y gcc \\\n && yum clean all\n",
        ),
        Example(allow="FROM python:3.12-alpine\nRUN apk add --no-cache curl\n"),
        Example(allow="FROM python:3.12-alpine\nRUN apk add curl && rm -rf /var/cache/apk/*\n"),
        Example(allow="FROM python:3.12-alpine\nRUN --mount=type=cache,target=/var/cache/apk apk add curl\n"),
        Example(allow="FROM rockylinux:9\nRUN dnf install -y gcc && dnf clean all\n"),
        Example(
            allow=(
                "FROM python:3.12-alpine AS builder\nRUN apk add gcc\nFROM python:3.12-alpine\n"
                "COPY --from=builder /out /out\n"
            ),
            note="A builder stage does not ship.",
        ),
    )

    def check_stage(self, stage: Stage) -> Iterator[Finding]:
        """Look at the last install of each RUN, and at what follows it."""
        managers = {each.manager for each in stage.actions if isinstance(each, PackageInstall)} & set(CACHES)
        for run in stage.runs if managers else ():
            actions = stage.actions_of(run)
            for manager in managers:
                installs = [each for each in actions if isinstance(each, PackageInstall) and each.manager is manager]
                if not installs or mounted(run, manager):
                    continue
                after = actions[actions.index(installs[-1]) + 1 :]
                if any(cleans(each, manager) for each in after):
                    continue
                if manager is Manager.APK:
                    yield from self.about_apk(stage, run, installs)
                elif not any(each.has("--setopt=keepcache=0") for each in installs):
                    yield self.about_rpm(stage, run, installs[-1])

    def about_apk(self, stage: Stage, run: Run, installs: list[PackageInstall]) -> Iterator[Finding]:
        """Flag each `apk add` that keeps the index."""
        loud = [each for each in installs if not each.has("--no-cache", "--cache-dir", "--root", "-p", "--no-network")]
        if not loud:
            return
        edits = [option_behind(each, each.verb, "--no-cache") for each in loud]
        updates = [
            each
            for each in stage.actions_of(run)
            if isinstance(each, PackageUpdate) and each.manager is Manager.APK and not each.upgrades
        ]
        upgrades = any(isinstance(each, PackageUpdate) and each.upgrades for each in stage.actions_of(run))
        if updates and not upgrades and all(each.statement.kind == "command" for each in updates):
            edits.extend(without_statements(run, [each.statement for each in updates]) or ())
        fix = Fix(f"SLIM207-{run.span.start}", "write --no-cache", tuple(edits))
        for number, each in enumerate(loud):
            weight = None if number else 2.0
            yield self.finding(each.verb, "apk's index stays in the image", cost_mb=weight, fix=fix)

    def about_rpm(self, stage: Stage, run: Run, install: PackageInstall) -> Finding:
        """Flag the last install of a RUN that nothing cleans up after."""
        program = (install.texts[0] or "").rpartition("/")[2]
        root = "sudo " if "sudo" in install.command.wrappers else ""
        command = f"{root}{program} clean {'-a' if install.manager is Manager.ZYPPER else 'all'}"
        edit = append_command(stage.facts.file, run, command) if install.certain else None
        fix = None
        if edit is not None:
            fix = Fix(f"SLIM207-{run.span.start}", f"clean up with `{command}`", (edit,), phase=2)
        message = f"what {program} fetched about its repositories stays in the image"
        return self.finding(install.verb, message, help=f"end the RUN with `{command}`", fix=fix)


def mounted(run: Run, manager: Manager) -> bool:
    """Whether the cache is written to a mount."""
    return any(
        mount.type in ("cache", "tmpfs") and str(mount.target).startswith(("/var/cache", *CACHES[manager]))
        for mount in run.mounts
    )


def cleans(action: Action, manager: Manager) -> bool:
    """Whether a command removes the cache (or cannot be read, so that it may)."""
    if isinstance(action, PackageClean):
        return action.manager is manager
    if action.texts[:1] in ((None,), ()):
        return True
    return isinstance(action, Other) and any(
        text is None or text.startswith((*CACHES[manager], "/var/cache/*", "/var/{", "/var/cache/{"))
        for text in action.texts[1:]
        if action.program in ("rm", "find")
    )
