"""Which commands matter to what the builder makes, and which surely do not."""

from __future__ import annotations

import re

from dockslim.model import Action, Other

__all__ = ["irrelevant", "serves", "wipes_secrets"]

#: Programs that only name users and owners, or print.
PEOPLE = frozenset("useradd groupadd adduser addgroup usermod groupmod deluser chown chgrp passwd chpasswd ls".split())

#: Programs that touch files and locales; no wheel is built from those, a project's folder may be.
FILES = frozenset("locale-gen update-locale touch rmdir".split())

#: The application's own commands: what they make belongs into the image that ships.
APPLICATION = frozenset(
    "python python3 playwright spacy flask django-admin celery gunicorn uvicorn nltk alembic streamlit".split()
)

#: Commands that mean nothing alone: they only prepare those that follow in the same RUN.
PREPARING = frozenset({"set", "export", "true", ":", "cd"})

#: What `rm` may clear away without anybody missing it in a builder.
RUBBISH = re.compile(r"/var/(lib/apt/lists|cache|tmp|log)|^/tmp|\.cache|__pycache__|/usr/share/(doc|man|locale)")

#: Where settings and credentials lie: rights and contents there matter to whoever fetches.
SETTINGS = re.compile(r"^(/root|~|\$\{?HOME)|/etc/|\.ssh|netrc|pip\.conf|token|secret|credential", re.IGNORECASE)


def operands(action: Other) -> list[str]:
    """Return the words of a command that are no options."""
    return [text or "" for text in action.texts[1:] if not (text or "").startswith("-")]


def irrelevant(action: Action, *, whole: bool) -> bool:
    """Whether a command surely does not matter to the builder.

    ``whole`` says that the builder makes more than wheels of named packages: a project's folder, or an environment.
    """
    if not isinstance(action, Other) or action.program is None or action.command.redirects:
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
    return not whole and program in FILES | APPLICATION


def serves(action: Action, *, whole: bool) -> bool:
    """Whether a RUN that holds this command may be needed for it."""
    if not isinstance(action, Other) or action.command.redirects:
        return True
    if action.program in PREPARING or (action.program in ("echo", "mkdir") and not whole):
        return False
    return not irrelevant(action, whole=whole)


def wipes_secrets(action: Action) -> bool:
    """Whether a command takes settings or credentials away again: a builder's layers are kept in caches."""
    if not isinstance(action, Other):
        return False
    if action.program == "git":
        return action.has("config") and action.has("--unset", "--unset-all", "--remove-section")
    return action.program in ("rm", "shred") and any(SETTINGS.search(word) for word in operands(action))
