"""How often each rule speaks over a folder of Dockerfiles, and a sample of what it says, to be read by a person.

    python benchmarks/precision.py FOLDER... [--limit N] [--sample N] [--seed N] [--select CODE,...] [--context]

Counts findings and files by rule (the default set; --select chooses others), by severity and by whether a fix comes
along, and prints the time for one file.  ``--sample`` prints so many findings, spread evenly over the rules, with the
lines around each: what is wrong of them is to be mended and kept as an example of its rule.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter
from pathlib import Path

from dockslim.engine import registry
from dockslim.engine.finding import Finding
from dockslim.engine.linter import Linter
from dockslim.engine.reading import Reader, UnreadableError, read_bytes
from dockslim.model import Facts
from dockslim.rewrite.edits import Fix


def files_of(folders: list[Path], limit: int, seed: int) -> list[Path]:
    """The Dockerfiles below some folders: all, or a random choice of ``limit``."""
    found = sorted(
        path
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file() and "dockerfile" in path.name.lower() and path.suffix not in (".md", ".py", ".dockerignore")
    )
    return sorted(random.Random(seed).sample(found, limit)) if 0 < limit < len(found) else found


def spread(found: list[tuple[Facts, Finding]], wanted: int, seed: int) -> list[tuple[Facts, Finding]]:
    """Take findings in turn from each rule, none twice from one file."""
    chance = random.Random(seed)
    by_rule: dict[str, list[tuple[Facts, Finding]]] = {}
    for each in chance.sample(found, len(found)):
        by_rule.setdefault(each[1].code, []).append(each)
    taken: list[tuple[Facts, Finding]] = []
    seen: set[tuple[str, str]] = set()
    while by_rule and len(taken) < wanted:
        for code in sorted(by_rule):
            while by_rule[code]:
                facts, finding = by_rule[code].pop()
                if (code, facts.file.path) not in seen:
                    seen.add((code, facts.file.path))
                    taken.append((facts, finding))
                    break
            if not by_rule[code]:
                del by_rule[code]
            if len(taken) == wanted:
                break
    return sorted(taken, key=lambda each: (each[1].code, each[0].file.path))


def show(facts: Facts, finding: Finding, around: int) -> None:
    """Print one finding with its lines."""
    source = facts.file.source
    first, last = source.position(finding.span.start), source.position(finding.span.end)
    print(f"\n=== {finding.code} {facts.file.path}:{first.line}:{first.column}\n    {finding.message}")
    for line in range(max(1, first.line - around), min(source.line_count, last.line + around) + 1):
        mark = ">" if first.line <= line <= last.line else " "
        print(f"  {mark} {line:4} {source.line_text(line)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--limit", type=int, default=0)
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--around", type=int, default=6)
    parser.add_argument("--select", default="")
    parser.add_argument("--context", action="store_true", help="the folder of each file is its build context")
    arguments = parser.parse_args()
    rules = registry.load("dockslim_rules").rules
    running = frozenset(arguments.select.split(",")) if arguments.select else None
    linter = Linter(rules, running)
    found: list[tuple[Facts, Finding]] = []
    files, findings, fixes = 0, Counter[str](), Counter[str]()
    touched: Counter[str] = Counter()
    spent = 0.0
    nowhere = Path("/nonexistent")
    for path in files_of(arguments.folders, arguments.limit, arguments.seed):
        try:
            data = read_bytes(path)
        except UnreadableError:
            continue
        start = time.perf_counter()
        reader = Reader() if arguments.context else Reader(context=nowhere)
        facts, judged = linter.judge(reader.facts(data, path))
        spent += time.perf_counter() - start
        files += 1
        findings.update(finding.code for finding in judged)
        touched.update({finding.code for finding in judged})
        fixes.update(f"{finding.code} {finding.fix.safety.value}" for finding in judged if isinstance(finding.fix, Fix))
        found.extend((facts, finding) for finding in judged)
    print(f"{files} files, {sum(findings.values())} findings, {1000 * spent / max(files, 1):.2f} ms a file")
    for rule in rules:
        if findings[rule.code]:
            safe, unsafe = fixes[f"{rule.code} safe"], fixes[f"{rule.code} unsafe"]
            print(
                f"{rule.code} {rule.name:34} {findings[rule.code]:6} findings in {touched[rule.code]:5} files"
                f"{f', {safe} safe fixes' if safe else ''}{f', {unsafe} unsafe' if unsafe else ''}"
            )
    if arguments.sample:
        for facts, finding in spread(found, arguments.sample, arguments.seed):
            show(facts, finding, arguments.around)


if __name__ == "__main__":
    main()
