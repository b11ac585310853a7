"""`pip install` in all its spellings, read from expanded words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dockslim.later import later
from dockslim.model.actions import PipInstall, PipOption, PipTarget, TargetKind
from dockslim.syntax import Argument, Command, Run, Span, Statement

__all__ = ["classify_target", "normalise", "recognise_pip"]

#: Short spellings and aliases, to the long name.
LONG = {
    "-r": "--requirement",
    "--requirements": "--requirement",
    "-c": "--constraint",
    "--constraints": "--constraint",
    "-e": "--editable",
    "-t": "--target",
    "-i": "--index-url",
    "--pypi-url": "--index-url",
    "-f": "--find-links",
    "-U": "--upgrade",
    "-I": "--ignore-installed",
    "-C": "--config-settings",
    "--config-setting": "--config-settings",
    "-q": "--quiet",
    "-v": "--verbose",
    "--default-timeout": "--timeout",
    "-p": "--python",
    "-b": "--build",
}

#: Long names of the options that take a value.
VALUED = frozenset(
    {
        "--requirement",
        "--constraint",
        "--editable",
        "--target",
        "--platform",
        "--python-version",
        "--implementation",
        "--abi",
        "--root",
        "--prefix",
        "--src",
        "--build",
        "--upgrade-strategy",
        "--upgrade-package",
        "--config-settings",
        "--global-option",
        "--install-option",
        "--build-option",
        "--progress-bar",
        "--root-user-action",
        "--report",
        "--no-binary",
        "--only-binary",
        "--no-binary-package",
        "--index-url",
        "--extra-index-url",
        "--find-links",
        "--trusted-host",
        "--allow-insecure-host",
        "--cache-dir",
        "--log",
        "--log-file",
        "--proxy",
        "--retries",
        "--timeout",
        "--exists-action",
        "--cert",
        "--client-cert",
        "--python",
        "--use-feature",
        "--use-deprecated",
        "--keyring-provider",
        "--group",
        "--index",
        "--default-index",
        "--index-strategy",
        "--resolution",
        "--prerelease",
        "--link-mode",
        "--extra",
        "--override",
        "--overrides",
        "--exclude-newer",
        "--torch-backend",
        "--build-constraint",
        "--build-constraints",
    }
)
TARGETS = {
    "--requirement": TargetKind.REQUIREMENTS,
    "--constraint": TargetKind.CONSTRAINTS,
    "--editable": TargetKind.EDITABLE,
}
NAME = later(r"^([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(\[[^\]]*\])?\s*(.*)$", re.DOTALL)
PIP = later(r"pip[0-9.]*")
PYTHON = later(r"(python|pypy)[0-9.]*")
ARCHIVE = later(r"\.(whl|tar\.gz|tgz|zip|tar\.bz2|tar\.xz)(#.*)?$", re.IGNORECASE)


def normalise(name: str) -> str:
    """Return a project name as PyPI compares it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def recognise_pip(
    run: Run, command: Command, statement: Statement, arguments: tuple[Argument, ...]
) -> PipInstall | None:
    """Return the install that a command is, None when it is none."""
    found = installer_of(arguments)
    if found is None:
        return None
    installer, verb_at = found
    options: list[PipOption] = []
    targets: list[PipTarget] = []
    last_of_program = verb_at - 1
    # `pip --no-cache-dir install`: options before the verb are options all the same
    first_option = next((i for i in range(1, verb_at) if (arguments[i].text or "").startswith("--")), verb_at)
    if installer == "pip":
        last_of_program = first_option - 1
        read_words(arguments[first_option:verb_at], options, targets)
    read_words(arguments[verb_at + 1 :], options, targets)
    program = arguments[0].span.join(arguments[last_of_program].span)
    return PipInstall(
        run,
        command,
        statement,
        arguments,
        installer,
        program,
        arguments[verb_at].span,
        tuple(options),
        tuple(targets),
    )


def installer_of(arguments: Sequence[Argument]) -> tuple[str, int] | None:
    """Return the installer's name and where its word `install` stands."""
    texts = [argument.text for argument in arguments]
    program = (texts[0] or "").rsplit("/", 1)[-1]
    if PIP.fullmatch(program):
        start = 1
    elif PYTHON.fullmatch(program):
        at = next((i for i in range(1, len(texts) - 1) if texts[i] == "-m" and texts[i + 1] in ("pip", "uv")), None)
        if at is None or any(not (text or "").startswith("-") for text in texts[1:at]):
            return None
        if texts[at + 1] == "uv":
            return ("uv", at + 3) if texts[at + 2 : at + 4] == ["pip", "install"] else None
        start = at + 2
    elif program == "uv":
        at = next((i for i, text in enumerate(texts) if text == "pip"), 0)
        if at and texts[at + 1 : at + 2] == ["install"]:
            return "uv", at + 1
        return None
    else:
        return None
    index = start
    while index < len(texts):
        text = texts[index]
        if text == "install":
            return "pip", index
        if text is None or not text.startswith("-"):
            return None
        index += 2 if LONG.get(text, text) in VALUED else 1
    return None


def read_words(arguments: Sequence[Argument], options: list[PipOption], targets: list[PipTarget]) -> None:
    """Sort the words behind `install` into ``options`` and ``targets``."""
    index = 0
    while index < len(arguments):
        argument = arguments[index]
        index += 1
        text = argument.text
        if text is None:
            targets.append(PipTarget(TargetKind.UNKNOWN, None, argument.span))
        elif not text.startswith("-") or text == "-":
            targets.append(classify_target(text, argument.span))
        else:
            for name, value in split_option(text):
                span = argument.span
                if value is None and name in VALUED and index < len(arguments):
                    value = arguments[index].text
                    span = span.join(arguments[index].span)
                    index += 1
                add_option(name, value, span, options, targets)


def split_option(text: str) -> list[tuple[str, str | None]]:
    """Return the options that one word holds: `--a=b`, `-rfile`, `-qU`."""
    if text.startswith("--"):
        name, equals, value = text.partition("=")
        return [(LONG.get(name, name), value if equals else None)]
    found: list[tuple[str, str | None]] = []
    letters = text[1:]
    for at, letter in enumerate(letters):
        name = LONG.get(f"-{letter}", f"-{letter}")
        if name in VALUED:
            found.append((name, letters[at + 1 :].removeprefix("=") or None))
            break
        found.append((name, None))
    return found


def add_option(name: str, value: str | None, span: Span, options: list[PipOption], targets: list[PipTarget]) -> None:
    """Add one option; those that name something to install become targets."""
    kind = TARGETS.get(name)
    if kind is None:
        options.append(PipOption(name, value, span))
    elif value is None:
        targets.append(PipTarget(TargetKind.UNKNOWN, None, span))
    elif kind is TargetKind.EDITABLE:
        inner = classify_target(value, span)
        targets.append(PipTarget(kind, value, span, inner.project))
    else:
        targets.append(PipTarget(kind, value, span))


def classify_target(text: str, span: Span) -> PipTarget:
    """Return what one word (or one line of a requirements file) names."""
    bare = text.strip()
    direct = bare.partition(" @ ")[2].strip() if " @ " in bare else bare.partition("@")[2] if "@" in bare else ""
    location = direct if "://" in direct and "://" not in bare.partition("@")[0] else bare
    if re.match(r"(git|hg|svn|bzr)\+", location):
        return PipTarget(TargetKind.VCS, text, span, egg_name(bare))
    if re.match(r"https?://|ftp://", location):
        return PipTarget(TargetKind.URL, text, span, egg_name(bare))
    if bare.startswith((".", "/", "file:", "~")) or ARCHIVE.search(bare):
        return PipTarget(TargetKind.LOCAL, text, span)
    match = NAME.match(bare)
    if match is None or match[3].startswith("/"):
        return PipTarget(TargetKind.LOCAL if "/" in bare else TargetKind.UNKNOWN, text, span)
    pinned = bool(re.match(r"===?\s*[^*]+$", match[3].partition(";")[0].strip()))
    return PipTarget(TargetKind.NAME, text, span, normalise(match[1]), pinned)


def egg_name(text: str) -> str | None:
    """Return the project name that a URL line gives, by `name @` or `#egg=`."""
    match = re.match(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*@", text) or re.search(
        r"[#&]egg=([A-Za-z0-9._-]+)", text
    )
    return normalise(match[1]) if match else None
