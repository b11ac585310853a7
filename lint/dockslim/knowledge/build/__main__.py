"""Compile the package knowledge: ``python -m dockslim.knowledge.build [--tables] [SUITE...]``."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from dockslim.knowledge.build.compile import compile_suite
from dockslim.knowledge.build.indexes import FetchError, fetch, read_indexes
from dockslim.knowledge.build.projects import fetch_mapping
from dockslim.knowledge.curated import COMPILED, read_tables

SUITES = ("forky", "trixie", "bookworm", "bullseye")


def write_tables() -> None:
    """Compile the curated TOML tables to the JSON file that the look-ups read, a table a line."""
    COMPILED.parent.mkdir(exist_ok=True)
    tables = (
        f"{json.dumps(name)}:{json.dumps(rows, sort_keys=True, separators=(',', ':'), ensure_ascii=False)}"
        for name, rows in sorted(read_tables().items())
    )
    COMPILED.write_text('{"tables":{\n' + ",\n".join(tables) + "\n}}\n", encoding="utf-8")


def fetched(suite: str, folder: Path) -> Path:
    """Return the private root with a suite's indexes, fetching them where they are not there yet."""
    root = folder / suite
    if not (root / "lists").is_dir():
        fetch(suite, root)
    return root


def newest_mapping(folder: Path) -> dict[str, str]:
    """Return Debian's names of projects from the newest suite that can be had, whichever suites are compiled."""
    told: Exception = FetchError("no suite is known")
    for suite in SUITES:
        try:
            return fetch_mapping(fetched(suite, folder))
        except (FetchError, OSError, subprocess.SubprocessError) as error:
            told = error
    raise FetchError(f"no suite's table of projects can be had: {told}")


def weigh_suite(suite: str, root: Path, count: int) -> None:
    """Open the heaviest packages of a suite, and note their shares beside those known already."""
    from dockslim.knowledge.build import sizes
    from dockslim.knowledge.build.compile import read_universe
    from dockslim.knowledge.build.weigh import heaviest, weigh_packages

    universe = read_universe(suite, read_indexes(suite, root))
    table = {name: dict(packages) for name, packages in sizes.weighed().items()}
    table.setdefault(suite, {}).update(weigh_packages(heaviest(universe, count), universe, root))
    lines = (
        f" {json.dumps(name)}: {{\n"
        + ",\n".join(f"  {json.dumps(package)}: {json.dumps(shares)}" for package, shares in sorted(packages.items()))
        + "\n }"
        for name, packages in sorted(table.items())
    )
    sizes.WEIGHED.write_text('{"suites": {\n' + ",\n".join(lines) + "\n}}\n", encoding="utf-8")
    sizes.weighed.cache_clear()
    sizes.relatives.cache_clear()


def main(arguments: list[str]) -> int:
    """Fetch the indexes and write the data files; a suite that cannot be had is said, and its old file stays."""
    parser = argparse.ArgumentParser(prog="python -m dockslim.knowledge.build", description=main.__doc__)
    parser.add_argument("suites", nargs="*", default=SUITES, help="suites to compile (default: all that ship)")
    parser.add_argument("--tables", action="store_true", help="compile the curated tables only; no network")
    parser.add_argument(
        "--weigh", type=int, metavar="N", help="open the N heaviest packages a suite first (much to load)"
    )
    parser.add_argument("--root", type=Path, help="keep the indexes here, and use those that are here already")
    options = parser.parse_args(arguments)
    write_tables()
    if options.tables:
        return 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.root or Path(temporary)
        try:
            mapping = newest_mapping(folder)
        except FetchError as error:
            print(f"package data left as it was: {error}", file=sys.stderr)
            return 0
        for suite in options.suites:
            try:
                root = fetched(suite, folder)
                if options.weigh:
                    weigh_suite(suite, root, options.weigh)
                path = COMPILED.parent / f"{suite}.sqlite"
                # a suite's own table still has the projects that left Debian since
                known = {**fetch_mapping(root), **mapping}
                count = compile_suite(suite, read_indexes(suite, root), known, path)
            except (FetchError, OSError, subprocess.SubprocessError) as error:
                print(f"{suite}: left as it was: {error}", file=sys.stderr)
                continue
            print(f"{suite}: {count} packages, {path.stat().st_size / 1e6:.2f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
