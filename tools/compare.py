"""What fixers leave behind: ``python -m tools.compare FOLDER --tools BIN [--limit N] [--seed N]``.

FOLDER holds Dockerfiles, BIN is the ``bin`` folder of an environment with tally-cli and dockerfile-doctor (hadolint has
no fixes).  Each tool is given a copy of its own of each file, alone in a folder, and asked for what it calls safe
fixes.  Told is how many files it changed, how many of those BuildKit took before and refuses now (its parser, PyPI's
``dockerfile``, does, or an instruction is none that it knows), and how many have more stages than before.  Files that
BuildKit refuses from the start are left out.
dockslim is shown the folder that a file came from as its build context, which the others do not ask for.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import dockerfile

from dockslim.engine.discovery import is_dockerfile

COMMANDS = {
    "dockslim": ("fix", "--write", "--isolated"),
    "tally": ("lint", "--fix", "--no-config", "--slow-checks", "off"),
    "dockerfile-doctor": ("--fix",),
}
INSTRUCTIONS = frozenset(
    "ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL MAINTAINER ONBUILD RUN SHELL STOPSIGNAL USER VOLUME "
    "WORKDIR".split()
)


class Outcome(NamedTuple):
    """How many files a tool changed, broke, and split into more stages."""

    changed: int = 0
    refused: int = 0
    split: int = 0


def stages(data: bytes) -> int | None:
    """The number of stages that BuildKit sees; None where it refuses the text."""
    try:
        names = [each.cmd.upper() for each in dockerfile.parse_string(data.decode())]
    except (dockerfile.GoParseError, ValueError):
        return None
    return names.count("FROM") if INSTRUCTIONS.issuperset(names) else None


def fixed(program: Path, arguments: Sequence[str | Path], data: bytes) -> bytes:
    """What a tool makes of a text, whatever its exit code is."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "Dockerfile")
        path.write_bytes(data)
        environment = {**os.environ, "DOCKSLIM_CACHE_DIR": folder}
        command = [program, *arguments, path.name]
        subprocess.run(command, cwd=folder, env=environment, capture_output=True, timeout=60, check=False)
        return path.read_bytes()


def after(outcome: Outcome, before: bytes, now: bytes) -> Outcome:
    """Count one file."""
    if now == before:
        return outcome
    count = stages(now)
    more = count is not None and count > (stages(before) or 0)
    return Outcome(outcome.changed + 1, outcome.refused + (count is None), outcome.split + more)


def main() -> None:
    """Print a line for each tool."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tools", type=Path, default=Path("/nonexistent"))
    parser.add_argument("--limit", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    paths = sorted(path for path in chosen.folder.rglob("*") if path.is_file() and is_dockerfile(path.name))
    if 0 < chosen.limit < len(paths):
        paths = sorted(random.Random(chosen.seed).sample(paths, chosen.limit))
    texts = [(path.parent.absolute(), data) for path in paths if stages(data := path.read_bytes())]
    print(f"{len(paths)} files, {len(texts)} of which BuildKit takes")
    for name, arguments in COMMANDS.items():
        program = Path(sys.executable).with_name(name) if name == "dockslim" else chosen.tools.absolute() / name
        if not program.exists():
            print(f"{name}: not in {program.parent}")
            continue
        outcome = Outcome()
        for folder, data in texts:
            more = ("--context", folder) if name == "dockslim" else ()
            outcome = after(outcome, data, fixed(program, (*arguments, *more), data))
        print(f"{name}: changed {outcome.changed}, refused afterwards {outcome.refused}, more stages {outcome.split}")


if __name__ == "__main__":
    main()
