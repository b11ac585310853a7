from __future__ import annotations

import pytest

from dockslim.verify.engines.buildlog import failure, step

BUILDKIT = """\
#0 building with "default" instance using docker driver
#1 [internal] load build definition from Dockerfile
#1 DONE 0.0s
#4 [1/3] FROM docker.io/library/python:3.11-slim-bookworm
#4 CACHED
#5 [2/3] RUN apt-get install -y nonsuch
#5 0.312 Reading package lists...
#5 0.498 E: Unable to locate package nonsuch
#5 ERROR: process "/bin/sh -c apt-get install -y nonsuch" did not complete successfully: exit code: 100
------
 > [2/3] RUN apt-get install -y nonsuch:
------
ERROR: failed to solve: process "/bin/sh -c apt-get install -y nonsuch" did not complete successfully: exit code: 100
"""

BUILDAH = """\
STEP 1/2: FROM python:3.11-slim-bookworm
STEP 2/2: RUN apt-get install -y nonsuch
Reading package lists...
E: Unable to locate package nonsuch
error: building at STEP "RUN apt-get install -y nonsuch": while running runtime: exit status 100
"""


def test_steps_are_recognised() -> None:
    assert str(step("#6 [builder 2/4] RUN apt-get update")) == "[builder 2/4] RUN apt-get update"
    assert str(step("STEP 2/4: COPY . .")) == "[2/4] COPY . ."
    assert str(step("[1/2] STEP 2/4: COPY . .")) == "[2/4] COPY . ."


@pytest.mark.parametrize(
    "line", ["#1 [internal] load .dockerignore", "#6 0.345 done", "#10 exporting to image", "", "x"]
)
def test_bookkeeping_is_no_step(line: str) -> None:
    assert step(line) is None


def test_buildkit_failure_has_step_reason_and_log() -> None:
    failed = failure(BUILDKIT)
    assert failed.step == "[2/3] RUN apt-get install -y nonsuch"
    assert failed.why.endswith("exit code: 100")
    assert failed.log.splitlines()[-1] == "E: Unable to locate package nonsuch"


def test_buildah_failure_has_step_reason_and_log() -> None:
    failed = failure(BUILDAH)
    assert failed.step == "[2/2] RUN apt-get install -y nonsuch"
    assert "exit status 100" in failed.why
    assert failed.log.splitlines()[-1] == "E: Unable to locate package nonsuch"


def test_a_cancelled_neighbour_is_not_the_cause() -> None:
    log = "#7 [a 2/2] RUN sleep 9\n#8 [b 2/2] RUN false\n#7 ERROR: context canceled\n#8 ERROR: exit code: 1\n"
    assert failure(log).step == "[b 2/2] RUN false"


def test_a_log_without_reason_still_gives_one() -> None:
    assert failure("").why == "the engine gave no reason"
