"""The look-ups against what was measured: installs really made, apt's own answers, packages really opened."""

import hashlib
import json
import re
import statistics
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import pytest

from dockslim import knowledge
from dockslim.knowledge.store import DATA, SUITES, open_suite

STORED = Path(__file__).parent / "data"


def records(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (STORED / name).read_text(encoding="utf-8").splitlines()]


def test_sizes() -> None:
    errors = []
    for row in records("layers.jsonl"):
        found = knowledge.closure(row["what"].split(), row["suite"], row["base"], row["recommends"])
        errors.append(abs(found.size_mb / row["layer_mb_without_lists"] - 1))
        assert found.lists_mb == pytest.approx(row["lists_mb"], rel=0.03)
    assert len(errors) >= 14
    assert statistics.fmean(errors) <= 0.03
    assert max(errors) <= 0.08


@pytest.mark.parametrize("suite", SUITES)
def test_closures(suite: str) -> None:
    date = open_suite(suite).meta("date")
    rows = [row for row in records("installs.jsonl") if row["suite"] == suite]
    if any(row["date"] != date for row in rows):
        pytest.skip("apt was asked on other indexes than those of the data: python benchmarks/knowledge.py --apt 100")
    right = 0
    for row in rows:
        found = knowledge.closure(row["names"], suite, "slim", row["recommends"])
        digest = hashlib.sha256("\n".join(sorted(found.packages)).encode()).hexdigest()[:16]
        right += digest == row["digest"]
    assert len(rows) >= 30
    assert right / len(rows) >= 0.95


def test_runtime_packages() -> None:
    rows = [row for row in records("symlinks.jsonl") if "libraries" in row]
    wrong = []
    for row in rows:
        suite = row["suite"]
        runtime = knowledge.runtime_packages(row["package"], suite)
        if runtime is None:
            wrong.append(row["package"])
            continue
        held = knowledge.base_packages(suite, "slim")
        found = {*held, *runtime, *knowledge.closure(runtime, suite, "slim", False).packages}
        if set(row["libraries"]) - found:
            wrong.append(row["package"])
    assert len(wrong) <= 0.05 * max(1, len(rows)), wrong


def test_common_projects_are_known() -> None:
    names = (STORED / "projects.txt").read_text(encoding="utf-8").split()
    for suite in ("bookworm", "trixie"):
        known = [knowledge.python_needs(name, suite).known for name in names]
        assert sum(known[:300]) >= 0.95 * 300
        assert sum(known[:1000]) >= 0.9 * 1000


def test_the_data_is_small_and_names_no_host() -> None:
    files = sorted(DATA.iterdir())
    assert {path.stem for path in files if path.suffix == ".sqlite"} == set(SUITES)
    assert sum(len(zlib.compress(path.read_bytes(), 6)) for path in files) < 2_200_000
    for suite in SUITES:
        sources = json.loads(open_suite(suite).meta("sources"))
        assert all(re.fullmatch(r"[0-9a-f]{64}", digest) for _, _, digest in sources)
        assert not re.search(r"://|\.(org|com|net)\b", json.dumps(sources))


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of memory is read from /proc")
def test_nothing_is_read_before_it_is_asked_for() -> None:
    program = (
        "import sys; from dockslim import knowledge\n"
        "assert 'sqlite3' not in sys.modules and 'json' not in sys.modules\n"
        "knowledge.python_image('3.12-slim'); knowledge.package_name('gcc=1')\n"
        "assert 'sqlite3' not in sys.modules\n"
        "knowledge.role('gcc', 'bookworm'); knowledge.closure(['gcc'], 'bookworm')\n"
        "print(next((line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')), 0))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 60_000
