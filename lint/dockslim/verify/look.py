"""Looking inside one image through its engine."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from dockslim.later import TYPE_CHECKING
from dockslim.verify.engines import Engine
from dockslim.verify.faults import Fault
from dockslim.verify.probe import MARKER, script, shell_script
from dockslim.verify.process import Ran, TimedOutError
from dockslim.verify.results import (
    Config,
    Distribution,
    ImportFailure,
    Library,
    Look,
    MissingLibrary,
    Package,
    Script,
)

if TYPE_CHECKING:
    from typing import Any

__all__ = ["Owners", "find_owners", "look", "read_look"]

_OWNERS_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Owners:
    """Which package owns each name asked for, and the files of some packages."""

    owners: Mapping[str, str]
    contents: Mapping[str, Sequence[str]]


def look(engine: Engine, tag: str, config: Config, *, run_id: str, timeout: float, platform: str | None = None) -> Look:
    """Look inside the image: with its own Python, else with its shell, else not at all.

    ``timeout`` holds for one import; the whole look may take twenty times as long.  Raises Fault when it takes longer.
    """
    request = {"mode": "look", "import_timeout": timeout, "folders": _own_folders(config)}
    for python in _pythons(config):
        answer = _answer(_run(engine, tag, [python, "-"], script(request), run_id, timeout * 20, platform))
        if answer is not None:
            return read_look(answer, config)
    ran = _run(engine, tag, ["/bin/sh", "-s"], shell_script(), run_id, timeout * 20, platform)
    if "done\tdockslim" in ran.stdout.splitlines():
        return _read_shell(ran.stdout, config)
    return Look(user=config.user)


def find_owners(
    engine: Engine,
    tag: str,
    config: Config,
    *,
    run_id: str,
    libraries: Iterable[str] = (),
    programs: Iterable[str] = (),
    packages: Iterable[str] = (),
) -> Owners:
    """Ask an image which packages own these libraries and programs; an image without Python knows none."""
    request = {
        "mode": "owners",
        "libraries": sorted(set(libraries)),
        "programs": sorted(set(programs)),
        "packages": sorted(set(packages)),
    }
    for python in _pythons(config):
        answer = _answer(_run(engine, tag, [python, "-"], script(request), run_id, _OWNERS_SECONDS, None))
        if answer is not None:
            return Owners(answer["owners"], answer["contents"])
    return Owners({}, {})


def _run(
    engine: Engine,
    tag: str,
    command: Sequence[str],
    program: bytes,
    run_id: str,
    timeout: float,
    platform: str | None,
) -> Ran:
    try:
        return engine.run(tag, command, run_id=run_id, stdin=program, timeout=timeout, platform=platform)
    except TimedOutError as error:
        raise Fault("timeout", f"looking into the image did not end within {timeout:g} s", error.output) from None


def _pythons(config: Config) -> list[str]:
    """Return the interpreters to try: what PATH finds, then what the image itself starts."""
    tried = ["python3", "python"]
    started = [words[0] for words in (config.entrypoint, config.command) if words]
    tried += [program for program in started if "python" in program.rsplit("/", 1)[-1]]
    environment = config.env.get("VIRTUAL_ENV")
    if environment:
        tried.append(f"{environment}/bin/python")
    return list(dict.fromkeys([*tried, "/usr/local/bin/python3", "/usr/bin/python3", "/opt/venv/bin/python"]))


def _own_folders(config: Config) -> list[str]:
    return [config.workdir] if config.workdir.count("/") >= 1 and config.workdir not in ("", "/", "/root") else []


def _answer(ran: Ran) -> dict[str, Any] | None:
    for line in reversed(ran.stdout.splitlines()):
        if line.startswith(MARKER):
            found: dict[str, Any] = json.loads(line[len(MARKER) :])
            return found
    return None


def read_look(answer: Mapping[str, Any], config: Config) -> Look:
    """Return a Look from the script's JSON."""
    return Look(
        how="python",
        packages=tuple(sorted((Package(**entry) for entry in answer["packages"]), key=lambda package: package.name)),
        distributions=tuple(
            Distribution(**{**entry, "modules": tuple(entry["modules"])})
            for entry in sorted(answer["distributions"], key=lambda entry: str(entry["name"]).lower())
        ),
        imported=answer["imported"],
        import_failures=tuple(ImportFailure(**entry) for entry in answer["import_failures"]),
        missing_libraries=tuple(MissingLibrary(**entry) for entry in answer["missing_libraries"]),
        libraries=tuple(Library(**{**entry, "needed_by": tuple(entry["needed_by"])}) for entry in answer["libraries"]),
        binaries=answer["binaries"],
        scripts=tuple(Script(**entry) for entry in answer["scripts"]),
        setuid=tuple(answer["setuid"]),
        user=config.user,
        uid=answer["uid"],
        writable=tuple(answer["writable"]),
        programs=frozenset(answer["programs"]),
        seconds=answer["seconds"],
    )


def _read_shell(text: str, config: Config) -> Look:
    packages, setuid, uid = [], [], 0
    for line in text.splitlines():
        kind, *rest = line.split("\t")
        if kind == "package" and len(rest) == 4:
            manager, name, version, size = rest
            factor = 1024 if manager == "dpkg" else 1
            packages.append(Package(name, version, manager, int(size) * factor if size.isdigit() else 0))
        elif kind == "setuid" and rest:
            setuid.append(rest[0])
        elif kind == "uid" and rest and rest[0].isdigit():
            uid = int(rest[0])
    packages.sort(key=lambda package: package.name)
    return Look(how="sh", packages=tuple(packages), setuid=tuple(sorted(setuid)), user=config.user, uid=uid)
