"""Which commands matter to what the builder makes, and which surely do not.

Unknown counts as mattering: a RUN before the last install is left out of the builder only where everything that the
builder keeps behind it is known not to rely on it.
"""

from __future__ import annotations

import re

from dockslim.later import later
from dockslim.model import Action, Other, PackageInstall, PipInstall, ProjectInstall, TargetKind
from dockslim.rewrite import programs

__all__ = ["PREPARING", "Wants", "as_another", "fetches_data", "opaque", "wipes_secrets"]

#: Programs that only name users and owners, or print.
PEOPLE = frozenset("useradd groupadd adduser addgroup usermod groupmod deluser chown chgrp passwd chpasswd ls".split())

#: Programs that make folders, files and locales: wheels of named packages are not built from those.
FILES = frozenset("locale-gen update-locale mkdir touch rmdir".split())

#: Commands that mean nothing alone: they only prepare those that follow in the same RUN.
PREPARING = frozenset({"set", "export", "true", ":", "cd"})

#: What `rm` may clear away without anybody missing it in a builder.
RUBBISH = later(r"/var/(lib/apt/lists|cache|tmp|log)|^/tmp|\.cache|__pycache__|/usr/share/(doc|man|locale)")

#: Where settings and credentials lie: rights and contents there matter to whoever fetches.
SETTINGS = later(r"^(/root|~|\$\{?HOME)|/etc/|\.ssh|netrc|pip\.conf|token|secret|credential", re.IGNORECASE)


def operands(action: Other) -> list[str]:
    """Return the words of a command that are no options."""
    return [text or "" for text in action.texts[1:] if not (text or "").startswith("-")]


class Wants:
    """What the commands that the builder keeps may want of those before them, gathered from the last one backwards.

    ``paths`` says that a folder or file may be wanted, ``anything`` that programs run of which nothing is known, or
    which run as another user: then nothing before them may be left out.
    """

    def __init__(self, *, whole: bool) -> None:
        self.whole = whole  # the builder makes more than wheels of named packages: a project's folder, say
        self.paths = whole
        self.anything = False

    def copy(self) -> Wants:
        """Return another one that knows as much."""
        other = Wants(whole=self.whole)
        other.paths, other.anything = self.paths, self.anything
        return other

    def add(self, action: Action) -> None:
        """Take in a command that the builder keeps."""
        self.paths |= not self_contained(action)
        self.anything |= opaque(action)

    def spares(self, action: Action) -> bool:
        """Whether the builder does as well without a command, though the image that ships keeps it."""
        if not isinstance(action, Other) or action.program is None or action.command.redirects or self.anything:
            return False
        if action.has("venv", "virtualenv"):  # python -m venv: the installs may run in it
            return False
        program, words = action.program, operands(action)
        if program in PEOPLE:
            return True
        if program == "rm":
            return bool(words) and all(RUBBISH.search(word) for word in words)
        if program == "chmod":
            return not any(SETTINGS.search(word) for word in words[1:])
        if program in FILES:
            return not self.paths
        return not self.whole and fetches_data(action)

    def idle(self, action: Action) -> bool:
        """Whether a command alone is no reason to keep its RUN."""
        if not isinstance(action, Other) or action.command.redirects:
            return False
        return action.program in PREPARING or action.program == "echo" or self.spares(action)


def fetches_data(action: Other) -> bool:
    """Whether a command only fetches models and the like for the application: no wheel is built from those."""
    words = [text for text in action.texts[1:] if text is not None]
    if action.program in ("spacy", "playwright", "nltk"):
        return words[:1] in (["download"], ["install"], ["install-deps"])
    if (action.program or "").startswith("python"):
        return words[:3] == ["-m", "spacy", "download"] or words[:2] in (
            ["-m", "nltk.downloader"], ["-m", "playwright"], ["-m", "compileall"],
        )  # fmt: skip
    return False


def self_contained(action: Action) -> bool:
    """Whether a command reads and writes no file of which an earlier RUN would have to take care."""
    if any("/dev/null" not in redirect.raw and "&" not in redirect.raw for redirect in action.command.redirects):
        return False
    if isinstance(action, PackageInstall):
        return not any("/" in (word.text or "/") for word in action.packages)
    if isinstance(action, PipInstall):
        return not action.of(TargetKind.LOCAL, TargetKind.EDITABLE, TargetKind.UNKNOWN)
    if isinstance(action, Other):
        return action.program in PREPARING - {"cd"} or action.program in ("echo", "printf", "rm", "sleep")
    return not isinstance(action, ProjectInstall)


#: Programs that do something as another user.
AS_ANOTHER = frozenset("su sudo gosu su-exec runuser setpriv install".split())


def as_another(action: Action) -> bool:
    """Whether a command runs as another user than its RUN: behind `su`, `gosu` or `sudo -u`."""
    wrappers = set(action.command.wrappers)
    if "sudo" in wrappers:
        wrappers.discard("sudo")
        text = action.instruction.script.text
        if re.search(r"\bsudo\b[^;&|]*\s(-u|--user)\b", text):
            return True
    return bool(wrappers & AS_ANOTHER)


def opaque(action: Action) -> bool:
    """Whether a command may do anything at all: a script, a program of which nothing is known, another user's."""
    if as_another(action):
        return True
    if not isinstance(action, Other):
        return False
    program = action.program
    if program is None or program in AS_ANOTHER or not programs.harmless(program):
        return True
    return programs.delegates(program, action.texts)


def wipes_secrets(action: Action) -> bool:
    """Whether a command takes settings or credentials away again: a builder's layers are kept in caches."""
    if not isinstance(action, Other):
        return False
    if action.program == "git":
        return action.has("config") and action.has("--unset", "--unset-all", "--remove-section")
    return action.program in ("rm", "shred") and any(SETTINGS.search(word) for word in operands(action))
