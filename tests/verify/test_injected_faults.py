"""Faults that really happen: each has its message, exit code 2, and leaves nothing behind."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import Result

from dockslim.verify import Fault, Options, verify
from dockslim.verify.engines import Engine, choose

Run = Callable[..., Result]
BASE = "python:3.11-slim-bookworm"
SLIM = f"FROM {BASE}\n"


@pytest.fixture
def case(tmp_path: Path) -> Path:
    folder = tmp_path / "case"
    folder.mkdir()
    (folder / "Dockerfile").write_text(SLIM)
    return folder / "Dockerfile"


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for temporary files, so that it can be seen that none is left."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return folder


def test_no_engine_at_all(run: Run, case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonsuch")
    result = run("verify", case)
    assert result.exit_code == 2
    assert "no container engine found: none of docker, podman, buildah is installed" in result.stderr
    result = run("verify", case, "--engine", "podman")
    assert result.exit_code == 2
    assert "podman is not installed" in result.stderr


def test_a_file_that_is_not_there(run: Run, tmp_path: Path) -> None:
    result = run("verify", tmp_path / "nonsuch", "--output-format", "json")
    assert result.exit_code == 2
    assert '"kind": "bad-input"' in result.stdout


@pytest.mark.image
def test_no_daemon(run: Run, docker: Engine, case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as changed:
        changed.setenv("DOCKER_HOST", "unix:///nonsuch/socket")
        result = run("verify", case, "--engine", "docker")
    assert result.exit_code == 2
    assert "docker does not answer: its daemon is not running" in result.stderr


@pytest.mark.image
def test_a_daemon_that_never_answers(docker: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "socket"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        with monkeypatch.context() as changed:
            changed.setenv("DOCKER_HOST", f"unix://{path}")
            with pytest.raises(Fault, match="docker does not answer: no reply") as caught:
                docker.ask("info", timeout=2)  # type: ignore[attr-defined]
    assert caught.value.kind == "no-daemon"


@pytest.mark.image
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to become somebody else")
def test_no_permission_on_the_socket(docker: Engine, tmp_path: Path) -> None:
    program = "import sys; from dockslim.verify.engines import choose\ntry: choose('docker')\n"
    program += "except Exception as fault: print(fault.kind, fault); sys.exit(2)"
    done = subprocess.run(
        ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", sys.executable, "-c", program],
        env={**os.environ, "HOME": "/", "DOCKER_CONFIG": "/nonsuch"}, capture_output=True, text=True,
    )  # fmt: skip
    if "No module named" in done.stderr:
        pytest.skip("this checkout cannot be read by others")
    assert done.stdout.startswith("no-permission no permission to talk to docker"), done.stdout + done.stderr


class Daemon:
    """A Docker daemon of our own, with nothing but the base image, that may come to harm."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.host = f"unix://{folder}/sock"
        self.log = (folder / "log").open("wb")
        self.process = subprocess.Popen(
            [
                "dockerd", "--data-root", str(folder / "data"), "--exec-root", str(folder / "exec"),
                "--pidfile", str(folder / "pid"), "-H", self.host, "--iptables=false", "--ip6tables=false",
                "--ip-forward=false", "--ip-masq=false", "--userland-proxy=false", "--bridge=none",
            ],
            stdout=self.log, stderr=self.log, start_new_session=True,
        )  # fmt: skip

    def wait(self) -> None:
        for _ in range(120):
            if subprocess.run(["docker", "-H", self.host, "info"], capture_output=True).returncode == 0:
                return
            time.sleep(0.25)
        pytest.skip("a second daemon does not start here: " + (self.folder / "log").read_text()[-300:])

    def load(self, image: str) -> None:
        with subprocess.Popen(["docker", "save", image], stdout=subprocess.PIPE) as save:
            subprocess.run(["docker", "-H", self.host, "load"], stdin=save.stdout, check=True, capture_output=True)

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def close(self) -> None:
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=30)
        self.kill()
        self.log.close()


@pytest.fixture
def daemon(docker: Engine, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Daemon]:
    """A daemon; its data lie on a tmpfs of ``size`` megabytes if the test asks for that."""
    if os.geteuid() != 0 or shutil.which("dockerd") is None:
        pytest.skip("needs root and dockerd, to start a daemon of its own")
    size = getattr(request, "param", 0)
    folder = Path(tempfile.mkdtemp(prefix="second-daemon-"))
    (folder / "data").mkdir()
    made = None
    try:
        if (
            size
            and subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}m", "tmpfs", folder / "data"]).returncode
        ):
            pytest.skip("a tmpfs cannot be mounted here")
        made = Daemon(folder)
        made.wait()
        made.load(BASE)
        monkeypatch.setenv("DOCKER_HOST", made.host)
        yield made
    finally:
        monkeypatch.undo()
        if made is not None:
            made.close()
        for mount in sorted(Path("/proc/mounts").read_text().split(), reverse=True):
            if mount.startswith(str(folder)):
                subprocess.run(["umount", "-l", mount], capture_output=True)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.image
@pytest.mark.parametrize("daemon", [320], indirect=True)
def test_a_full_disk(daemon: Daemon, case: Path, temporary: Path) -> None:
    case.write_text(SLIM + "RUN dd if=/dev/zero of=/large bs=1M count=900\n")
    with pytest.raises(Fault, match="docker ran out of disk space") as caught:
        verify(case, against=case, options=Options(network="host"), engine=choose("docker"))
    assert caught.value.kind == "disk-full"
    assert list(temporary.iterdir()) == []
    listed = ["docker", "-H", daemon.host]
    tags = subprocess.run([*listed, "images", "--format", "{{.Tag}}"], capture_output=True, text=True, check=True)
    assert tags.stdout.split() == [BASE.partition(":")[2]]
    assert subprocess.run([*listed, "ps", "-aq"], capture_output=True, text=True, check=True).stdout == ""


@pytest.mark.image
def test_an_engine_that_dies_during_the_build(daemon: Daemon, case: Path, temporary: Path) -> None:
    case.write_text(SLIM + "RUN echo asleep && sleep 120\n")
    threading.Timer(6, daemon.kill).start()
    started = time.monotonic()
    with pytest.raises(Fault) as caught:
        verify(case, against=case, options=Options(network="host"), engine=choose("docker"))
    assert caught.value.kind in ("engine-lost", "no-daemon")
    assert "docker" in caught.value.message
    assert time.monotonic() - started < 60
    assert list(temporary.iterdir()) == []


def started(case: Path, *options: str) -> subprocess.Popen[str]:
    program = "import sys; from dockslim.cli import main; sys.exit(main())"
    return subprocess.Popen(
        [sys.executable, "-c", program, "verify", str(case), "--network", "host", *options],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def wait_for(process: subprocess.Popen[str], words: str) -> str:
    assert process.stderr is not None
    said = ""
    for line in process.stderr:
        said += line
        if words in line:
            return said
    raise AssertionError(said)


#: How long a sleeping command sleeps: another time in each test, for an engine runs equal steps only once.
SECONDS = itertools.count(100_000 + os.getpid())


def running(command: str) -> bool:
    """Whether a command runs on this machine, in a container or not."""
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    return any(line.startswith(command) for line in listed.splitlines())


def wait_until(condition: Callable[[], bool], seconds: float, otherwise: str) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.2)


@pytest.mark.image
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("moment", ["build", "smoke"])
def test_an_interruption_leaves_nothing(
    engine: Engine, case: Path, temporary: Path, moment: str, number: signal.Signals
) -> None:
    command = f"sleep {next(SECONDS)}"
    if moment == "build":
        case.write_text(SLIM + f"RUN echo asleep && {command}\n")
        process = started(case, "--engine", engine.name)
        wait_for(process, "RUN echo asleep")
    else:
        process = started(case, "--engine", engine.name, "--smoke", command, "--timeout", "300")
        wait_for(process, "running the smoke command")
    # A step that is cancelled while its container is being made may go on: that is the engine's own affair.
    wait_until(lambda: running(command), 60, "the command never ran")
    time.sleep(1)
    process.send_signal(number)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "interrupted" in said
    assert list(temporary.iterdir()) == []
    wait_until(lambda: not running(command), 20, "the command is still running")


@pytest.mark.image
def test_an_interruption_of_many_at_once(docker: Engine, case: Path, temporary: Path) -> None:
    commands = [f"sleep {next(SECONDS)}" for _ in range(2)]
    case.write_text(SLIM + f"RUN echo asleep && {commands[0]}\n")
    (case.parent / "other.Dockerfile").write_text(SLIM + f"RUN echo asleep too && {commands[1]}\n")
    process = started(case.parent, "--engine", "docker", "--jobs", "2")
    wait_for(process, "RUN echo asleep too")
    wait_until(lambda: all(map(running, commands)), 60, "the commands never ran")
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert list(temporary.iterdir()) == []
