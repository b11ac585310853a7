"""How right the package knowledge is: ``python benchmarks/knowledge.py [--apt N] [--open N] [--install]``.

Without options it compares the look-ups with measurements that were stored (``tests/knowledge/data``) and with those of
``../shared/data`` where that folder is at hand.  The options measure anew, through the machine's own apt configuration:
``--apt N`` asks apt about N install sets a suite, ``--open N`` opens N -dev packages a suite, ``--install`` really
installs sets in minimal roots (root rights and mmdebstrap; minutes).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import resource
import statistics
import subprocess
import sys
import time
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from dockslim import knowledge
from dockslim.knowledge.lookups import rows_that_fit
from dockslim.knowledge.store import DATA, SUITES, open_suite

ROOT = Path(__file__).parent.parent
STORED = ROOT / "tests" / "knowledge" / "data"
SHARED = ROOT.parent / "shared" / "data"

# The -dev packages that people build these source distributions with.
SDISTS = {
    "psycopg2": ["libpq-dev"],
    "mysqlclient": ["default-libmysqlclient-dev"],
    "pyodbc": ["unixodbc-dev"],
    "lxml": ["libxml2-dev", "libxslt1-dev"],
    "pycurl": ["libcurl4-openssl-dev"],
    "Pillow": "libjpeg-dev zlib1g-dev libtiff-dev libfreetype6-dev liblcms2-dev libwebp-dev libopenjp2-7-dev".split(),
    "cffi": ["libffi-dev"],
}  # fmt: skip


def records(path: Path) -> list[dict[str, Any]]:
    """Return the lines of a measurement file; none where it is not at hand."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.is_file() else []


def closed(names: Iterable[str], suite: str) -> set[str]:
    """Return packages and what they depend on, the slim base's own included."""
    names = list(names)
    return {*names, *knowledge.closure(names, suite, "slim", False).packages, *knowledge.base_packages(suite, "slim")}


def wheels() -> None:
    """Compare -dev -> runtime with what wheels that were really built link."""
    rows = records(SHARED / "wheels.jsonl")
    if not rows:
        print("wheels: ../shared/data is not at hand")
        return
    right = 0
    for row in rows:
        runtime = [
            name for dev in SDISTS.get(row["sdist"], ()) for name in knowledge.runtime_packages(dev, row["suite"]) or ()
        ]
        missing = sorted(set(row["needs"]) - closed(runtime, row["suite"]))
        needs = knowledge.python_needs(row["sdist"], row["suite"])
        lacking = (
            sorted(set(row["needs"]) - closed((*needs.linked, *needs.loaded), row["suite"])) if needs.known else ["?"]
        )
        right += not missing
        if missing or lacking:
            print(
                f"  {row['sdist']} on {row['suite']}: -dev list lacks {missing}; the project's own row lacks {lacking}"
            )
    print(f"wheels really built: -dev list covers {right} of {len(rows)}")


def symlinks() -> float:
    """Compare -dev -> runtime with the packages that own what the .so links of opened -dev packages point to."""
    share = 1.0
    for suite in SUITES:
        rows = [row for row in records(STORED / "symlinks.jsonl") if row["suite"] == suite and "libraries" in row]
        right = 0
        for row in rows:
            base = knowledge.base_packages(suite, "slim")
            runtime = knowledge.runtime_packages(row["package"], suite)
            missing = sorted(set(row["libraries"]) - base - closed(runtime or (), suite))
            right += not missing and runtime is not None
            if missing or runtime is None:
                why = next((rule["reason"] for rule in rows_that_fit("runtime.override", row["package"])), "")
                print(f"  {row['package']} on {suite}: lacks {' '.join(missing)}{'; ' if why else ''}{why}")
        if rows:
            share = min(share, right / len(rows))
            print(f"-dev packages opened on {suite}: {right} of {len(rows)} right")
    return share


REPEATS = 7
BASES = {"slim": "slim", "not slimmed": "debian", "debian": "debian"}


def sizes() -> tuple[float, float]:
    """Compare the size estimate with installs that were really made and weighed."""
    rows = records(SHARED / "layers.jsonl") + records(STORED / "layers.jsonl")
    errors = []
    for row in rows:
        found = knowledge.closure(row["what"].split(), row["suite"], BASES[row["base"]], row["recommends"])
        error = found.size_mb / row["layer_mb_without_lists"] - 1
        errors.append(abs(error))
        with_or_without = "with" if row["recommends"] else "without"
        print(
            f"  {row['suite']:9} {row['base']:11} {row['what'][:52]:52} {with_or_without:7} "
            f"{row['layer_mb_without_lists']:8.2f} MB, estimate {found.size_mb:8.2f} ({error:+.1%}); "
            f"lists {row['lists_mb']:.1f}, estimate {found.lists_mb:.1f}"
        )
    mean, most = statistics.fmean(errors), max(errors)
    print(f"size of {len(rows)} installs: mean error {mean:.1%}, largest {most:.1%}")
    return mean, most


def digest(names: Iterable[str]) -> str:
    """Return a short digest of a set of names."""
    return hashlib.sha256("\n".join(sorted(names)).encode()).hexdigest()[:16]


def installs() -> float:
    """Compare closures with apt's own answers that were stored, where they were given on the same indexes."""
    share = 1.0
    for suite in SUITES:
        rows = [row for row in records(STORED / "installs.jsonl") if row["suite"] == suite]
        fresh = [row for row in rows if row["date"] == open_suite(suite).meta("date")]
        right = 0
        for row in fresh:
            found = knowledge.closure(row["names"], suite, "slim", row["recommends"])
            same = digest(found.packages) == row["digest"]
            right += same
            if not same:
                print(
                    f"  {suite}: {' '.join(row['names'])[:90]}: {len(found.packages)} packages, apt {row['packages']}"
                )
        if fresh:
            share = min(share, right / len(fresh))
            print(f"closure on {suite}: {right} of {len(fresh)} the same as apt's ({right / len(fresh):.1%})")
        elif rows:
            print(f"closure on {suite}: the stored answers are of other indexes; use --apt")
    return share


def speed() -> None:
    """Time the first and the later look-ups, each suite in a process of its own, and weigh memory and files."""
    for suite in SUITES:
        program = (
            "import time\n"
            "start = time.perf_counter()\n"
            "from dockslim import knowledge\n"
            "imported = time.perf_counter()\n"
            f"knowledge.runtime_packages('libpq-dev', {suite!r}); knowledge.role('gcc', {suite!r})\n"
            "first = time.perf_counter()\n"
            f"knowledge.closure(['gcc', 'g++', 'unixodbc-dev'], {suite!r})\n"
            "whole = time.perf_counter()\n"
            f"for name in ('libxml2-dev', 'git', 'cmake', 'libjpeg-dev'): knowledge.role(name, {suite!r}); "
            f"knowledge.runtime_packages(name, {suite!r})\n"
            "later = (time.perf_counter() - whole) / 8\n"
            "status = open('/proc/self/status').read().split()\n"
            "peak = int(status[status.index('VmHWM:') + 1]) / 1024\n"
            "times = (imported - start, first - imported, whole - first, later)\n"
            "print(*(round(1000 * time, 2) for time in times), round(peak, 1))\n"
        )
        runs = [
            subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
            for _ in range(REPEATS)
        ]
        imported, first, whole, later, peak = (
            statistics.median(float(run[place]) for run in runs) for place in range(5)
        )
        print(
            f"{suite}: import {imported} ms, first look-up {first} ms, first closure {whole} ms, later {later} ms; "
            f"peak {peak} MB (medians of {REPEATS} processes)"
        )
    files = sorted(DATA.iterdir())
    zipped = sum(len(zlib.compress(path.read_bytes(), 6)) for path in files)
    plain = sum(path.stat().st_size for path in files)
    print(f"data: {plain / 1e6:.2f} MB, {zipped / 1e6:.2f} MB zipped, of {knowledge.data_date()}")


def projects() -> None:
    """Say how many of the projects that requirements files name most are known."""
    names = (STORED / "projects.txt").read_text(encoding="utf-8").split() if (STORED / "projects.txt").is_file() else []
    for suite in SUITES:
        known = [knowledge.python_needs(name, suite).known for name in names]
        shares = ", ".join(
            f"{sum(known[:count]) / count:.0%} of the first {count}" for count in (100, 300, 1000) if known
        )
        print(f"projects known on {suite}: {shares}")


def main(arguments: list[str]) -> int:
    """Print every comparison; exit 1 where a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--apt", type=int, metavar="N", help="ask apt about N install sets a suite, and store its answers"
    )
    parser.add_argument("--open", type=int, metavar="N", help="open N -dev packages a suite, and store what they link")
    parser.add_argument("--install", action="store_true", help="install sets in minimal roots, and store their weight")
    options = parser.parse_args(arguments)
    if options.apt or options.open or options.install:
        import knowledge_measure

        knowledge_measure.measure(options.apt, options.open, options.install)
    wheels()
    opened = symlinks()
    mean, most = sizes()
    same = installs()
    projects()
    speed()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory of this run, all suites: {peak:.0f} MB; {time.process_time():.1f} s")
    goals = {
        "-dev packages right": opened >= 0.95,
        "mean size error": mean <= 0.03,
        "largest": most <= 0.08,
        "closure": same >= 0.95,
    }
    missed = [goal for goal, met in goals.items() if not met]
    print("every goal is met" if not missed else f"missed: {', '.join(missed)}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
