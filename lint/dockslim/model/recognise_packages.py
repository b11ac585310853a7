"""apt, apk, dnf and zypper commands, read from expanded words."""

from __future__ import annotations

from collections.abc import Sequence

from dockslim import knowledge
from dockslim.later import later
from dockslim.model.actions import (
    Action,
    Manager,
    PackageClean,
    PackageInstall,
    PackageRemove,
    PackageUpdate,
    PackageWord,
)
from dockslim.syntax import Argument, Command, Run, ShellWord, Statement

__all__ = ["recognise_packages"]

MANAGERS = {
    "apt-get": Manager.APT,
    "apt": Manager.APT,
    "aptitude": Manager.APT,
    "apk": Manager.APK,
    "dnf": Manager.RPM,
    "microdnf": Manager.RPM,
    "yum": Manager.RPM,
    "zypper": Manager.ZYPPER,
}
INSTALL = {"install", "add", "in", "localinstall", "reinstall", "satisfy"}
REMOVE = {"remove", "purge", "del", "erase", "rm", "autoremove", "auto-remove", "autopurge"}
UPDATE = {"update", "makecache", "check-update", "refresh", "ref"}
UPGRADE = {"upgrade", "dist-upgrade", "full-upgrade", "up", "dup"}
CLEAN = {"clean", "autoclean", "distclean", "cache"}

#: Options that take the next word as their value.
VALUED = {
    Manager.APT: {"-o", "--option", "-c", "--config-file", "-t", "--target-release", "--default-release", "-a"},
    Manager.APK: {"-t", "--virtual", "-X", "--repository", "-p", "--root", "--repositories-file", "--keys-dir"},
    Manager.RPM: {"--enablerepo", "--disablerepo", "--setopt", "--releasever", "--installroot", "-c", "-x"},
    Manager.ZYPPER: {"-r", "--repo", "-t", "--type"},
}


def recognise_packages(
    run: Run, command: Command, statement: Statement, arguments: tuple[Argument, ...]
) -> Action | None:
    """Return the package manager's action that a command is, None when it is none."""
    program = (arguments[0].text or "").rsplit("/", 1)[-1]
    manager = MANAGERS.get(program)
    if manager is None:
        return None
    options: list[str] = []
    operands: list[Argument] = []
    virtual: str | None = None
    rest = iter(arguments[1:])
    for argument in rest:
        text = argument.text
        if text is None or not text.startswith("-") or text == "-":
            operands.append(argument)
            continue
        options.append(text)
        if text in VALUED[manager]:
            value = next(rest, None)
            if manager is Manager.APK and text in ("-t", "--virtual") and value is not None:
                virtual = value.text
        elif manager is Manager.APK and text.startswith("--virtual="):
            virtual = text.partition("=")[2]
    if not operands or operands[0].text is None:
        return None
    verb, packages = operands[0], operands[1:]
    if verb.text in INSTALL:
        return PackageInstall(
            run,
            command,
            statement,
            arguments,
            manager,
            verb.span,
            package_words(packages),
            tuple(options),
            virtual,
        )
    if verb.text in REMOVE:
        automatic = (
            verb.text in ("autoremove", "auto-remove", "autopurge")
            or any(option in ("--auto-remove", "--autoremove") for option in options)
            or manager is not Manager.APT
        )
        return PackageRemove(run, command, statement, arguments, manager, package_words(packages), automatic)
    if verb.text in UPDATE:
        upgrades = manager is Manager.RPM and verb.text == "update"
        return PackageUpdate(run, command, statement, arguments, manager, upgrades)
    if verb.text in UPGRADE:
        return PackageUpdate(run, command, statement, arguments, manager, True)
    if verb.text in CLEAN:
        return PackageClean(run, command, statement, arguments, manager)
    return None


def package_words(arguments: Sequence[Argument]) -> tuple[PackageWord, ...]:
    """Return the packages that ``arguments`` name, each with the span of its word in the file."""
    spans = [argument.span for argument in arguments]
    return tuple(
        PackageWord(
            name_of(argument),
            argument.text,
            argument.span,
            spans.count(argument.span) == 1,
        )
        for argument in arguments
    )


#: A word whose version alone comes from a variable: `libpq-dev=${VERSION}`.
VERSIONED = later(r"\"?([a-z0-9][a-z0-9.+-]+)=(?!=)")


def name_of(argument: Argument) -> str | None:
    """Return the package that a word names, None where a variable hides it."""
    if argument.text is not None:
        return knowledge.package_name(argument.text)
    match = VERSIONED.match(argument.word.raw) if isinstance(argument.word, ShellWord) else None
    return match[1] if match else None
