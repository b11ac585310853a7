"""Make every safe fix on a folder of real Dockerfiles, each rule alone and all together, and hold what comes out.

    python benchmarks/fixes.py FOLDER... [--limit N] [--seed N] [--unsafe] [--select CODE,...]

A result fails when BuildKit's parser (PyPI's ``dockerfile``) took the file before and refuses it now, when the two
readings have other instructions than dockslim's own, when the guard objects, when fixing a second time changes
anything, when a rule crashes, or when fixes undo each other.  A rule runs alone only where it has a fix.
The exit code is 1 where anything failed.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import dockerfile
from precision import files_of

from dockslim.engine import registry
from dockslim.engine.fixer import FixResult, fix
from dockslim.engine.linter import Linter
from dockslim.engine.reading import Reader, UnreadableError, read_bytes
from dockslim.engine.rule import Rule
from dockslim.rewrite.edits import Fix, FixedEffect, Safety
from dockslim.rewrite.guard import check
from dockslim.syntax import parse

NOWHERE = Path("/nonexistent")


def seen_by_buildkit(data: bytes) -> list[str] | None:
    """The instructions that BuildKit's parser sees; None where it refuses the text."""
    try:
        return [each.cmd.upper() for each in dockerfile.parse_string(data.decode("utf-8", "surrogateescape"))]
    except (dockerfile.GoParseError, UnicodeEncodeError, ValueError):
        return None


def failures(data: bytes, path: Path, linter: Linter, reader: Reader, result: FixResult, unsafe: bool) -> Iterator[str]:
    """Yield all that is wrong with one result."""
    before, after = seen_by_buildkit(data), seen_by_buildkit(result.data)
    if before is not None and after is None:
        yield "BuildKit's parser refuses it"
    agreed = before == [each.name for each in parse(data).instructions]
    if after is not None and agreed and after != [each.name for each in parse(result.data).instructions]:
        yield "BuildKit's parser reads it otherwise"
    effects: frozenset[FixedEffect] = frozenset(effect for each in result.applied for effect in each.fix.effects)
    for objection in check(reader.facts(data, path), reader.facts(result.data, path), effects):
        yield f"guard: {objection}"
    again = fix(result.data, path, reader, linter, unsafe=unsafe)
    if again.data != result.data:
        yield "a second run changes it"
    for reason in result.withheld:
        if "undo each other" in reason.message or "no end" in reason.message:
            yield f"it stopped: {reason.message}"
    for finding in result.findings:
        if finding.code == "SLIM901":
            yield finding.message


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--limit", type=int, default=0)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--select", default="")
    parser.add_argument("--unsafe", action="store_true", help="the unsafe fixes, too")
    parser.add_argument("--context", action="store_true", help="the folder of each file is its build context")
    parser.add_argument("--together", action="store_true", help="all rules together only")
    arguments = parser.parse_args()
    rules = registry.load("dockslim_rules").rules
    chosen = [rule for rule in rules if not arguments.select or rule.code in arguments.select.split(",")]
    allowed = {Safety.SAFE, Safety.UNSAFE} if arguments.unsafe else {Safety.SAFE}
    own = [rule for rule in rules if rule.code.startswith("SLIM9")]
    rewriting = [rule for rule in rules if rule.rewrites]
    reader = Reader() if arguments.context else Reader(context=NOWHERE)
    together = Linter(rules, frozenset(rule.code for rule in chosen if rule.enabled) | {rule.code for rule in own})
    files, changed, failed = 0, Counter[str](), Counter[str]()

    def hold(name: str, linter: Linter, data: bytes, path: Path) -> None:
        result = fix(data, path, reader, linter, unsafe=arguments.unsafe)
        if not result.changed:
            return
        changed[name] += 1
        wrong = list(failures(data, path, linter, reader, result, arguments.unsafe))
        if wrong:
            failed[name] += 1
            print(f"{path}: {name}: {'; '.join(wrong)}")

    for path in files_of(arguments.folders, arguments.limit, arguments.seed):
        try:
            data = read_bytes(path)
        except UnreadableError:
            continue
        files += 1
        findings = together.lint(reader.facts(data, path))
        offers = {each.code for each in findings if isinstance(each.fix, Fix) and each.fix.safety in allowed}
        if offers:
            hold("all together", together, data, path)
        alone: list[Rule | type[Rule]] = [] if arguments.together else [rule for rule in chosen if rule.code in offers]
        for rule in alone:
            several = [each for each in rewriting if each is not rule] if rule.rewrites else []
            running = frozenset(each.code for each in (rule, *own, *several))
            hold(rule.code, Linter((rule, *own, *several), running), data, path)
    print(f"{files} files")
    for name in sorted(changed):
        print(f"{name:14} {changed[name]:6} files changed, {failed[name]} failures")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
