"""How long dockslim takes to start, beside `python -c pass` in the same run: medians and their ratios.

    python benchmarks/startup.py [RUNS]

The limits are 8x for `dockslim --help` and 12x for `dockslim check` of one file.  Bytecode may be written, as it is by
pip when a wheel is installed.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

DOCKSLIM = [str(Path(sys.executable).with_name("dockslim"))]
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
DOCKERFILE = """\
FROM python:3.11-slim-bookworm
RUN apt-get update && apt-get install -y gcc g++ unixodbc-dev
COPY requirements.txt .
RUN pip3 install -r requirements.txt
"""


def seconds(command: list[str]) -> float:
    """How long one run takes."""
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=ENVIRONMENT, check=False)
    return time.perf_counter() - start


def main() -> int:
    """Measure; the exit code is 1 where a median ratio is over its limit."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 25
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "Dockerfile"
        file.write_text(DOCKERFILE)
        (Path(folder) / "requirements.txt").write_text("pyodbc==5.1.0\n")
        commands = {
            "dockslim --help": ([*DOCKSLIM, "--help"], 8.0),
            "dockslim check, one file": ([*DOCKSLIM, "check", str(file)], 12.0),
        }
        late = False
        for name, (command, limit) in commands.items():
            seconds(command)  # bytecode and page cache
            # Turn about, so that a busy moment of the machine hits both.
            pairs = [(seconds([sys.executable, "-c", "pass"]), seconds(command)) for _ in range(runs)]
            ratios = sorted(ours / bare for bare, ours in pairs)
            middle = statistics.median(ratios)
            late = late or middle > limit
            bare, ours = (1000 * statistics.median(column) for column in zip(*pairs, strict=True))
            print(
                f"{name}: {ours:.0f} ms, python -c pass: {bare:.0f} ms; "
                f"ratio min {ratios[0]:.1f}, median {middle:.1f}, max {ratios[-1]:.1f} (limit {limit:.0f})"
            )
    return 1 if late else 0


if __name__ == "__main__":
    sys.exit(main())
