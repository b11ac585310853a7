"""The keys of the configuration: how each is read, what it means, and its JSON schema."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from dockslim.engine import known
from dockslim.engine.finding import Severity
from dockslim.engine.selection import suggest
from dockslim.engine.settings import DEFAULT, WHEEL_TRANSFERS, ConfigurationError, Settings
from dockslim.records import NamedTuple
from dockslim.rewrite.edits import Safety

__all__ = ["KEYS", "Key", "parse", "schema"]

Read = Callable[[object, Path], Any]


class Key(NamedTuple):
    """One key: ``read`` turns a value of the file (whose folder it is given) into the setting, or raises ValueError."""

    read: Read
    schema: Mapping[str, Any]
    example: str
    doc: str


def _word(value: object, folder: Path) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError(f'a text is expected, such as "app", not {_shown(value)}')
    return value


def _truth(value: object, folder: Path) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"true or false is expected, not {_shown(value)}")
    return value


def _absolute(value: object, folder: Path) -> str:
    word = _word(value, folder)
    if not re.fullmatch(r"/[\w./-]*", word) or word.strip("/") == "":  # it is written into commands of the shell
        raise ValueError(f'a folder of the image is expected, such as "/wheels", not {_shown(value)}')
    return word.rstrip("/")


def _folder(value: object, folder: Path) -> Path:
    place = folder / _word(value, folder)
    try:
        known = place.is_dir()
    except OSError:  # a name that is too long
        known = False
    if not known:
        raise ValueError(f"{_shown(value)}: no such folder beside the file")
    return place


def _words(value: object, folder: Path) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(each, str) and each for each in value):
        raise ValueError('a list of texts is expected, such as ["SLIM101", "SLIM2"]')
    return tuple(value)


def _patterns(value: object, folder: Path) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(each, str) and each for each in value):
        raise ValueError('a list of patterns is expected, as in .gitignore: ["examples/", "*.dev"]')
    return tuple(value)


#: What is closed of a pattern as fnmatch has it: a ] at the start is a letter.
_RANGE = r"\[(?:!\]|!(?!\])|\]|[^!\]])[^\]]*\]"


def _words_by_pattern(value: object, folder: Path) -> dict[str, tuple[str, ...]]:
    if not isinstance(value, dict):
        raise ValueError('a table of patterns is expected, such as {"dev/*" = ["SLIM1"]}')
    for pattern in value:
        if not pattern or "[" in re.sub(_RANGE, "", pattern):
            why = "a [ in it is never closed" if pattern else "it takes no file"
            raise ValueError(f'{pattern!r} is no pattern: {why}; write one such as "dev/*"')
    return {pattern: _words(selectors, folder) for pattern, selectors in value.items()}


def _texts_by_name(value: object, folder: Path) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(each, str) for each in value.values()):
        raise ValueError('a table of texts is expected, such as {PYTHON = "3.12"}')
    for name in value:
        if not name or "=" in name:
            raise ValueError(f'{name!r} is no name of an argument; write it as in {{PYTHON = "3.12"}}')
    return dict(value)


def _one_of(value: object, known: Mapping[str, Any], where: str = "") -> Any:
    if not isinstance(value, str) or value not in known:
        near = suggest(value, known) if isinstance(value, str) else ""
        raise ValueError(f"{where}{_shown(value)} is none of {', '.join(known)}{near}")
    return known[value]


SEVERITIES = {severity.label: severity for severity in Severity}
SAFETIES = {safety.value: safety for safety in Safety}


def _by_rule(known: Mapping[str, Any], example: str) -> Read:
    def read(value: object, folder: Path) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise ValueError(f"a table of rules is expected, such as {example}")
        return {rule: _one_of(word, known, f"{rule}: ") for rule, word in value.items()}

    return read


def _transfer(value: object, folder: Path) -> Any:
    return _one_of(value, {word: word for word in WHEEL_TRANSFERS})


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return repr(value) if isinstance(value, str | int | float) else "what stands there"


_TEXT = {"type": "string", "minLength": 1}
_TEXTS = {"type": "array", "items": _TEXT}


def _table(values: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": values}


KEYS: dict[str, Key] = {
    "select": Key(
        _words, _TEXTS, '["SLIM1", "apt-lists-left"]', "Run these rules only: codes, names, prefixes of codes, ALL."
    ),
    "extend-select": Key(_words, _TEXTS, '["SLIM103"]', "Run these rules too."),
    "ignore": Key(_words, _TEXTS, '["SLIM202"]', "Leave these rules out."),
    "per-file-ignores": Key(
        _words_by_pattern,
        _table(_TEXTS),
        '{"dev/*" = ["SLIM1"]}',
        "Leave rules out in files that match a pattern: their path from the configuration file, or their name.",
    ),
    "exclude": Key(
        _patterns,
        _TEXTS,
        '["examples/", "*.dev"]',
        "Files to leave alone, in the patterns of .gitignore, from the configuration file's folder. "
        "A file named on the command line is checked all the same, unless --force-exclude is given.",
    ),
    "severity": Key(
        _by_rule(SEVERITIES, '{SLIM202 = "info"}'),
        _table({"enum": list(SEVERITIES)}),
        '{SLIM202 = "info"}',
        "The severity of a rule's findings, in place of the rule's own.",
    ),
    "fix-safety": Key(
        _by_rule(SAFETIES, '{SLIM204 = "unsafe"}'),
        _table({"enum": list(SAFETIES)}),
        '{SLIM204 = "unsafe"}',
        "How far a rule's fixes are trusted, in place of their own safety: safe ones are applied by `dockslim fix`, "
        "unsafe ones with --unsafe-fixes, display ones never.",
    ),
    "wheel-directory": Key(
        _absolute,
        {"type": "string", "pattern": "^/[\\w./-]*[\\w.-]/*$"},
        '"/wheels"',
        "Where a rewrite puts the wheels in the image.",
    ),
    "wheel-transfer": Key(
        _transfer,
        {"enum": list(WHEEL_TRANSFERS)},
        '"copy"',
        "How a rewrite brings the wheels to the final stage: by a bind mount, or by COPY for builders without mounts.",
    ),
    "pin-release": Key(
        _truth,
        {"type": "boolean"},
        "false",
        "Whether a rewrite may write the distribution's release into the tag of a FROM line where it depends on it.",
    ),
    "target": Key(_word, _TEXT, '"production"', "The stage that ships, if it is not the last."),
    "context": Key(
        _folder,
        _TEXT,
        '".."',
        "The build context, from the configuration file's folder; else each Dockerfile's own folder.",
    ),
    "build-args": Key(
        _texts_by_name, _table({"type": "string"}), '{PYTHON = "3.12"}', "Build arguments, as --build-arg gives them."
    ),
    "known-packages": Key(
        known.read,
        known.SCHEMA,
        known.EXAMPLE,
        "Packages that dockslim does not know, or knows wrongly: their role (build-tool, dev-header or runtime), and "
        "the packages that go in their place at run time, for every release or by release: "
        '`runtime = {bookworm = ["libacme2"], trixie = ["libacme2t64"]}`. What is not said is left to what dockslim '
        "knows.",
    ),
}


def parse(table: Mapping[str, Any], path: Path) -> Settings:
    """Turn a table of TOML into settings.  Raises ConfigurationError, which names file, key and remedy."""
    values: dict[str, Any] = {}
    for name, value in table.items():
        key = KEYS.get(name)
        if key is None:
            hint = suggest(name, KEYS) or f"; known are {', '.join(KEYS)}"
            raise ConfigurationError(f"{path}: unknown key {name!r}{hint}")
        try:
            values[name.replace("-", "_")] = key.read(value, path.parent)
        except ValueError as error:
            raise ConfigurationError(f"{path}: {name}: {error}") from error
    return Settings(source=path, **values)


def schema() -> dict[str, Any]:
    """The JSON schema of dockslim.toml, and of the table tool.dockslim in pyproject.toml."""
    properties: dict[str, Any] = {}
    for name, key in KEYS.items():
        properties[name] = {**key.schema, "description": key.doc}
        default = getattr(DEFAULT, name.replace("-", "_"))
        if isinstance(default, str | bool):
            properties[name]["default"] = default
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "dockslim",
        "description": "dockslim.toml, or the table tool.dockslim in pyproject.toml",
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    }
