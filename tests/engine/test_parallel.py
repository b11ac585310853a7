"""Several processes give what one gives: in the same order, with the same problems, whatever becomes of them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dockslim.engine import parallel
from dockslim.engine.session import Choices, Session

TEXTS = (
    "FROM python:3.12-slim-bookworm\nRUN apt-get update && apt-get install -y gcc\nRUN pip install flask\n",
    "FROM scratch\n",
    "FROM debian:12\nRUNN x\n",
)


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    paths = []
    for number in range(120):
        path = tmp_path / f"{number:03}.Dockerfile"
        path.write_bytes(b"\0" if number % 31 == 7 else TEXTS[number % 3].encode())
        paths.append(path)
    return [*paths[:60], tmp_path / "missing", *paths[60:]]


def told(files: list[Path], jobs: int) -> tuple[list[object], list[object]]:
    session = Session(files, Choices(isolated=True))
    session.jobs = jobs
    found: list[object] = [(each.path, each.findings, each.source.text) for each in session.check()]
    return found, list(session.problems)


def test_same_as_one_process(files: list[Path]) -> None:
    assert told(files, 3) == told(files, 1)


def test_spawned(files: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel.sys, "platform", "darwin")  # type: ignore[attr-defined]
    assert told(files, 2) == told(files, 1)


def test_where_no_process_can_be_started(files: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError("no more processes")

    monkeypatch.setattr("multiprocessing.get_context", refuse)
    assert told(files, 2) == told(files, 1)


@pytest.mark.skipif(sys.platform != "linux", reason="the others are forked only there")
def test_others_that_die(files: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    here, answer = os.getpid(), parallel._answer

    def dying(session: Session, path: Path, named: bool) -> object:
        if os.getpid() != here and path.name.startswith("05"):
            os.kill(os.getpid(), signal.SIGKILL)
        return answer(session, path, named)

    expected = told(files, 1)
    monkeypatch.setattr(parallel, "_answer", dying)
    assert told(files, 3) == expected


def interrupted(command: list[str], folder: Path) -> tuple[int, str]:
    process = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    time.sleep(1.5)
    os.killpg(process.pid, signal.SIGINT)
    _, error = process.communicate(timeout=60)
    return process.returncode, error


@pytest.mark.skipif(sys.platform == "win32", reason="signals to groups")
def test_interrupted(tmp_path: Path) -> None:
    text = "FROM debian:12\n" + "RUN apt-get update && apt-get install -y gcc && make x\n" * 300
    for number in range(400):
        (tmp_path / f"{number}.Dockerfile").write_text(text)
    command = [sys.executable, "-m", "dockslim", "check", "--no-cache", "--jobs", "2", "."]
    code, error = interrupted(command, tmp_path)
    assert (code, error.strip()) == (130, "interrupted")


def test_problems_of_configuration_are_told_once(run: Callable[..., object], files: list[Path], tmp_path: Path) -> None:
    (tmp_path / "dockslim.toml").write_text('select = ["NOPE"]\n')
    one, several = (run("check", "--jobs", jobs, tmp_path) for jobs in ("1", "3"))
    assert str(one) == str(several)
    assert one.stderr == several.stderr  # type: ignore[attr-defined]
    assert one.stderr.count("NOPE") == 1  # type: ignore[attr-defined]


def test_nobody_gets_a_hundred_thousand_processes(tmp_path: Path, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(60):
        (tmp_path / f"{number}.Dockerfile").write_text("FROM scratch\n")
    monkeypatch.setattr(parallel, "MOST_PROCESSES", 2)
    began: list[object] = []
    start = parallel._start
    monkeypatch.setattr(parallel, "_start", lambda session: began.append(start(session)) or began[-1])
    assert run("check", "--no-cache", "--jobs", "100000", tmp_path).exit_code == 0
    (team,) = began
    assert len(team.workers) <= 2  # type: ignore[attr-defined]
