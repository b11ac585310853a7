"""Run the properties of `tests/syntax/test_properties.py` for a while: ``python benchmarks/fuzz.py [MINUTES]``.

Each round has a new seed.  What is found is printed; put it into `tests/syntax/found/` once it is mended.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

TESTS = Path(__file__).parent.parent / "tests" / "syntax" / "test_properties.py"
EXAMPLES = 4000


def main() -> int:
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 10
    environment = {**os.environ, "DOCKSLIM_FUZZ_EXAMPLES": str(EXAMPLES)}
    end = time.monotonic() + 60 * minutes
    rounds = 0
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else int(time.time())
    while time.monotonic() < end:
        command = [sys.executable, "-m", "pytest", "-q", "-x", f"--hypothesis-seed={seed + rounds}", str(TESTS)]
        run = subprocess.run(command, env=environment, capture_output=True, text=True)
        rounds += 1
        if run.returncode:
            print(run.stdout, run.stderr)
            return 1
    print(f"{rounds} rounds of 3 times {EXAMPLES} files: nothing found")
    return 0


if __name__ == "__main__":
    sys.exit(main())
