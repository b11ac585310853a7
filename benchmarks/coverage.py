"""How much of a folder of Dockerfiles the rewrite covers, and whether what it writes holds.

    python benchmarks/coverage.py FOLDER [--limit N] [--reasons] [--show refused|unsafe|broken]

Counts files that have something to slim (build tools, -dev packages or a full base in the final stage, counted here
and not by the planner), how many are rewritten safely or unsafely, refused (by reason) or left alone, and how many
results fail BuildKit's parser, dockerfile-parse's reading, the guard, or a second run.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections import Counter
from pathlib import Path

import dockerfile

from dockslim.model import Context, Facts, Options, read
from dockslim.rewrite import Fix, Refused, Safety, apply_edits, culprits, rewrite
from dockslim.rewrite import guard as the_guard
from dockslim.rewrite.second_reader import agrees
from dockslim.syntax import parse

TOOLS = re.compile(
    r"(?<![\w./-])(build-essential|gcc(-\d+)?|g\+\+(-\d+)?|make|cmake|clang|gfortran|pkg-config|[a-z0-9.+-]+-dev|build-base|"
    r"[a-z0-9.+-]+-devel|musl-dev)(?![\w.-])"
)


NO_DOCKERFILES = (".dockerignore", ".md", ".py")


def something_to_slim(text: str) -> bool:
    """An independent, rough count: the text behind the last FROM, read with regular expressions."""
    joined = re.sub(r"\\[ \t]*\r?\n(\s*#.*\n)*", " ", text)
    froms = list(re.finditer(r"(?im)^\s*FROM\s+(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?", joined))
    if not froms:
        return False
    last = froms[-1]
    image, body = last[1], joined[last.end() :]
    names = {match[2].lower(): match for match in froms[:-1] if match[2]}
    while image.lower() in names:
        match = names.pop(image.lower())
        image = match[1]
        following = [other.start() for other in froms if other.start() > match.start()]
        body = joined[match.end() : min(following)] + body
    variables = dict(re.findall(r"(?im)^\s*ARG\s+(\w+)=[\"']?([^\s\"']+)", joined[: last.start()]))
    image = re.sub(r"\$\{?(\w+)(?::-[^}]*)?\}?", lambda match: variables.get(match[1], match[0]), image)
    name, _, tag = image.rpartition("/")[2].partition(":")
    official = not re.match(r"(?:[^/]+\.[^/]+/)?(?!library/|docker/library/)[^/.]+/python", image)
    if name == "python" and official and not re.search(r"slim|alpine|windows|nanoserver", tag.partition("@")[0]):
        return True
    if "devel" in tag:
        return True
    for line in re.findall(r"(?im)^\s*RUN\b.*$", body):
        for install in re.finditer(r"(?:apt-get|apt|apk|dnf|yum|microdnf)\b[^;&|]*\b(?:install|add)\b([^;&|]*)", line):
            found = TOOLS.search(install[1])
            rest = line[install.end() :]
            if found and not re.search(r"\b(purge|remove|del)\b", rest):
                return True
    return False


def buildkit_reads(text: bytes) -> bool:
    """Whether BuildKit's parser takes it."""
    try:
        dockerfile.parse_string(text.decode("utf-8", "surrogateescape"))
    except (dockerfile.GoParseError, UnicodeEncodeError, ValueError):
        return False
    return True


class Outcome:
    """What became of one file."""

    def __init__(self, path: Path, context: Path | None, options: Options) -> None:
        self.path = path
        data = path.read_bytes()
        self.broken: list[str] = []
        self.reason = ""
        self.open: list[str] = []
        file = parse(data, str(path))
        facts = read(file, Context(context) if context else None, options=options)
        self.kind = "left alone"
        self.slim = something_to_slim(file.text)
        if not facts.stages or file.template:
            self.kind = "template" if file.template else "no stage"
            return
        fixes: list[Fix] = []
        guilty = 0
        for stage in facts.final_stage.lineage:
            guilty += len(culprits(stage))
            answer = rewrite(stage)
            if isinstance(answer, Refused):
                self.kind, self.reason = "refused", answer.reason
                return
            if answer is not None:
                fixes.append(answer)
        if not fixes:
            return
        if len({fix.id for fix in fixes}) > 1:
            self.kind, self.reason = "refused", "two stages of one lineage carry leftovers"
            return
        fix = fixes[0]
        self.kind = "safe" if fix.safety is Safety.SAFE else "unsafe"
        self.open = [each.name for each in fix.obligations if each.proof.value != "proven"]
        self.judge(facts, fix, data, context, options)

    def judge(self, facts: Facts, fix: Fix, data: bytes, context: Path | None, options: Options) -> None:
        """Hold the result to what every result must meet."""
        text = apply_edits(facts.file.text, fix.edits)
        self.text = text
        new = parse(facts.file.source.encode(text), str(self.path))
        after = read(new, Context(context) if context else None, options=options)
        if buildkit_reads(data) and not buildkit_reads(new.data):
            self.broken.append("buildkit")
        if agrees(facts.file) and not agrees(new):
            self.broken.append("dockerfile-parse")
        objections = the_guard.check(facts, after, fix.effects)
        if objections:
            self.broken.append(f"guard: {objections[0]}")
        for stage in after.final_stage.lineage:
            if culprits(stage):
                self.broken.append(f"still carries {culprits(stage)[0].name}")
                break


def context_of(path: Path, top: Path) -> Path:
    """The build context: the nearest folder above the file in which everything is that COPY names."""
    text = path.read_text("utf-8", "replace")
    sources = [
        word
        for line in re.findall(r"(?im)^\s*COPY\s+(?!.*--from)(?:--\S+\s+)*(.*)$", text)
        for word in line.split()[:-1]
        if re.fullmatch(r"[\w./-]+", word)
    ]
    folder = path.parent
    while folder != top:
        if all((folder / source.lstrip("/")).exists() for source in sources):
            return folder
        folder = folder.parent
    return path.parent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--limit", type=int, default=0)
    parser.add_argument("--show", choices=["refused", "unsafe", "broken", "missed", "safe"])
    parser.add_argument("--context", action="store_true", help="each Dockerfile's folder is its build context")
    arguments = parser.parse_args()
    folder = arguments.folder
    pattern = "**/*" if arguments.context else "*"
    paths = sorted(
        path
        for path in folder.glob(pattern)
        if path.is_file() and "dockerfile" in path.name.lower() and not path.name.endswith(NO_DOCKERFILES)
    )
    if arguments.limit:
        paths = paths[: arguments.limit]
    kinds: Counter[str] = Counter()
    slim_kinds: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    opened: Counter[str] = Counter()
    broken: Counter[str] = Counter()
    started = time.perf_counter()
    for path in paths:
        try:
            outcome = Outcome(path, context_of(path, folder) if arguments.context else None, Options())
        except Exception as error:  # a crash is a figure here
            kinds["crashed"] += 1
            print(f"CRASH {path}: {type(error).__name__}: {error}", file=sys.stderr)
            continue
        kinds[outcome.kind] += 1
        if outcome.slim:
            slim_kinds[outcome.kind] += 1
        if outcome.kind == "refused":
            reasons[re.sub(r"`[^`]*`|\S*[/:.]\S*", "…", outcome.reason)] += 1
        opened.update(outcome.open)
        for what in outcome.broken:
            broken[what.partition(":")[0].partition(" carries")[0]] += 1
        show = arguments.show
        if show == "broken" and outcome.broken:
            print(f"{path}: {outcome.broken}")
        elif show == "missed" and outcome.slim and outcome.kind == "left alone":
            print(path)
        elif show == outcome.kind:
            print(f"{path}: {outcome.reason or outcome.open}")
    seconds = time.perf_counter() - started
    total = sum(slim_kinds.values())
    done = slim_kinds["safe"] + slim_kinds["unsafe"]
    print(f"{len(paths)} files in {seconds:.1f} s: {dict(kinds.most_common())}")
    print(f"with something to slim: {total}: {dict(slim_kinds.most_common())}")
    if total:
        print(f"rewritten of those: {done} ({100 * done / total:.1f} %); safe of the rewritten: {slim_kinds['safe']}")
    print(f"broken results: {dict(broken)}")
    print("refusals:")
    for reason, count in reasons.most_common(40):
        print(f"  {count:5} {reason}")
    print(f"open obligations: {dict(opened.most_common())}")


if __name__ == "__main__":
    main()
