from __future__ import annotations

import pytest

from dockslim.verify.engines.base import CommandLine, not_started
from dockslim.verify.faults import Fault, classify, tail
from dockslim.verify.process import Ran


@pytest.mark.parametrize(
    ("said", "kind", "word"),
    [
        (
            "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock",
            "no-permission",
            "socket",
        ),
        ("Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?", "no-daemon", "not running"),
        ("failed to connect to the docker API at unix:///x; check if the path is correct", "no-daemon", "not running"),
        ("write /var/lib/docker/tmp/x: no space left on device", "disk-full", "disk space"),
        (
            "ERROR: failed to solve: nonsuch:1: failed to resolve source metadata for docker.io/library/nonsuch:1: "
            "pull access denied",
            "base-unavailable",
            "docker.io/library/nonsuch:1",
        ),
        ("Error: creating build container: nonsuch:1: image not known", "base-unavailable", "nonsuch:1"),
        (
            'error: creating build container: short-name "nonsuch:1" did not resolve to an alias',
            "base-unavailable",
            "nonsuch:1",
        ),
        (
            "initializing source docker://nonsuch:1: pinging container registry: dial tcp: lookup",
            "base-unavailable",
            "nonsuch:1",
        ),
        ("ERROR: error reading from server: EOF", "engine-lost", "stopped answering"),
        ("rpc error: code = Unavailable desc = transport is closing", "engine-lost", "stopped answering"),
    ],
)
def test_engine_prose_becomes_a_kind(said: str, kind: str, word: str) -> None:
    fault = classify(said, "docker", "during the build")
    assert fault is not None
    assert fault.kind == kind
    assert word in fault.message
    assert fault.details == said


def test_a_full_disk_while_pulling_is_a_full_disk() -> None:
    fault = classify("failed to resolve source metadata for x: write: no space left on device", "docker")
    assert fault is not None
    assert fault.kind == "disk-full"


def test_other_output_is_no_fault_of_the_machine() -> None:
    assert classify('process "/bin/sh -c make" did not complete successfully: exit code: 2', "docker") is None


def test_a_program_that_is_not_there_is_named() -> None:
    class Missing(CommandLine):
        name = "nonsuch-engine"

    with pytest.raises(Fault, match="nonsuch-engine is not installed") as caught:
        Missing().check()
    assert caught.value.kind == "no-engine"


def test_tail_keeps_the_last_lines_that_say_something() -> None:
    assert tail("a\n\nb\n\n\nc\n", 2) == "b\nc"


NOT_FOUND = (
    "docker: Error response from daemon: failed to create task for container: failed to create shim task: OCI runtime "
    "create failed: runc create failed: unable to start container process: exec: \"{}\n\nRun 'docker run --help'\n"
)


@pytest.mark.parametrize(
    ("code", "said", "kind"),
    [
        (127, NOT_FOUND.format('python3": executable file not found in $PATH'), None),
        (127, NOT_FOUND.format('/v/python": stat /v/python: no such file or directory'), None),
        (126, NOT_FOUND.format('/etc/passwd": permission denied'), None),
        (127, "/bin/sh: 1: nonsuch: not found\n", None),
        (0, "docker: just a warning\n", None),
        (1, "Error: runc is a word that my program prints\n", None),
        (125, "docker: Error response from daemon: unknown or invalid runtime name: x\n", "cannot-run"),
        (
            126,
            "Error: runc: runc create failed: unable to start container process: error setting rlimit type 7: "
            "operation not permitted: OCI permission denied\n",
            "cannot-run",
        ),
        (125, "docker: Error response from daemon: write /x: no space left on device\n", "disk-full"),
    ],
)
def test_an_engine_that_cannot_run_is_no_empty_image(code: int, said: str, kind: str | None) -> None:
    fault = not_started(Ran(code, "", said, 1.0), "docker")
    assert (fault.kind if fault else None) == kind
