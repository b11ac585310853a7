"""The commonest calls of ``check`` and ``fix`` read without click, whose import takes longer than checking a file.

Only what is beyond doubt is read here; every other call, and every mistake in one, is click's to read and to explain.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from dockslim.later import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

__all__ = ["plain_call"]

_SELECTING: dict[str, Any] = {
    "paths": (),
    "select": (),
    "extend_select": (),
    "ignore": (),
    "target": None,
    "context": None,
    "build_args": {},
    "config": None,
    "isolated": False,
    "exclude": (),
    "force_exclude": False,
    "stdin_filename": "Dockerfile",
    "jobs": None,
    "no_cache": False,
    "verbose": False,
}
#: What the commands are called with where an option is not given; a test holds it to click's own.
_DEFAULTS: dict[str, dict[str, Any]] = {
    "check": _SELECTING
    | {
        "output_format": (),
        "output_file": None,
        "statistics": False,
        "diff_only": None,
        "baseline": None,
        "exit_zero": False,
        "fail_on": "info",
    },
    "fix": _SELECTING
    | {
        "diff": False,
        "write": False,
        "unsafe_fixes": False,
        "wheel_transfer": None,
        "verify": False,
        "engine": None,
        "network": None,
        "smoke": None,
        "output_format": "text",
    },
}
_SHARED = ("--force-exclude", "--no-cache", "--isolated")
_SWITCHES = {
    "check": (*_SHARED, "--exit-zero", "--statistics"),
    "fix": (*_SHARED, "--diff", "--write", "--unsafe-fixes"),
}
#: Options with a word, and the words that are taken; None: any, to be read further on as click hands it on.
_CHOICES: dict[str, dict[str, tuple[str, ...] | None]] = {
    "check": {"--fail-on": ("info", "warning", "error"), "--output-format": None},
    "fix": {"--wheel-transfer": ("mount", "copy"), "--output-format": ("text", "json")},
}
_RULES = ("--select", "--extend-select", "--ignore")


def plain_call(arguments: Sequence[str]) -> tuple[str, dict[str, Any]] | None:
    """The command and its options, named as click names them; None for a call that click must read."""
    command = arguments[0] if arguments else ""
    if command not in _DEFAULTS or "_DOCKSLIM_COMPLETE" in os.environ:
        return None
    chosen = dict(_DEFAULTS[command])
    paths: list[str] = []
    words = iter(arguments[1:])
    for word in words:
        if not word.startswith("-") or word == "-":
            paths.append(word)
            continue
        if word in _SWITCHES[command]:
            chosen[_named(word)] = True
            continue
        option, equals, value = word.partition("=")
        value = value if equals else next(words, "")
        # An empty word, or one that looks like the next option, is most likely a mistake.
        if not value or value.startswith("-") or not _take(command, chosen, option, value):
            return None
    if "" in paths:
        return None
    from pathlib import Path

    chosen["paths"] = tuple(map(Path, paths))
    return command, chosen


def _take(command: str, chosen: dict[str, Any], option: str, value: str) -> bool:
    """Put an option's value down; whether it could be read."""
    name = _named(option)
    if option in _RULES:
        codes = [code for code in map(str.strip, value.split(",")) if code]
        chosen[name] += tuple(codes)
        return bool(codes)
    if option == "--jobs":
        if not (value.isascii() and value.isdigit() and len(value) < 10 and int(value)):
            return False
        chosen[name] = int(value)
        return True
    taken = _CHOICES[command].get(option, ())
    if taken is not None and value not in taken:
        return False
    chosen[name] = (*chosen[name], value) if isinstance(chosen[name], tuple) else value
    return True


def _named(option: str) -> str:
    return option[2:].replace("-", "_")
