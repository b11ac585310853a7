"""A real engine for the image tests, or the reason why there is none."""

from __future__ import annotations

import shutil
import subprocess

import pytest


def run(*words: str, timeout: float = 900, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, capture_output=True, text=True, timeout=timeout, check=False, input=stdin)


@pytest.fixture(scope="session")
def docker() -> str:
    """The docker command, once an engine has answered."""
    command = shutil.which("docker")
    if command is None:
        pytest.skip("no docker command on PATH")
    answer = run(command, "info", timeout=60)
    if answer.returncode:
        said = answer.stderr.strip().splitlines() or ["docker info failed"]
        pytest.skip(f"no engine answers: {said[-1]}")
    return command


@pytest.fixture(scope="session")
def base_image(docker: str):
    """A function that makes sure of a base image, or skips with the reason."""

    def wanted(name: str) -> int:
        if run(docker, "image", "inspect", name).returncode:
            pulled = run(docker, "pull", name)
            if pulled.returncode:
                pytest.skip(f"the base image {name} is not in the engine's store and cannot be pulled")
        size = run(docker, "image", "inspect", "-f", "{{.Size}}", name)
        return int(size.stdout)

    return wanted
