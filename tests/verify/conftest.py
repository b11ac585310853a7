from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dockslim.verify.engines import Engine, choose
from dockslim.verify.faults import Fault
from dockslim.verify.results import Config, Distribution, Image, Layer, Look, Package

DATA = Path(__file__).parent / "data"
BASE = "python:3.11-slim-bookworm"


def answering(name: str) -> Engine:
    """The engine, if it really answers and has the base image; else the test is skipped, saying why."""
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    try:
        engine = choose(name)
        engine.inspect(BASE)
    except Fault as fault:
        pytest.skip(f"{name}: {fault}")
    return engine


@pytest.fixture(params=["docker", "buildah"])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """Each engine in turn; it must have as many images and containers afterwards as before."""
    engine = answering(request.param)
    before = belongings(engine.name)
    yield engine
    assert belongings(engine.name) == before


@pytest.fixture
def docker() -> Iterator[Engine]:
    engine = answering("docker")
    before = belongings("docker")
    yield engine
    assert belongings("docker") == before


@pytest.fixture
def podman() -> Iterator[Engine]:
    engine = answering("podman")
    before = belongings("podman")
    yield engine
    assert belongings("podman") == before


def belongings(name: str) -> list[str]:
    """What an engine holds of ours: images by tag, containers by name."""
    images = subprocess.run(
        [name, "images", "--format", "{{.Name}}:{{.Tag}}" if name == "buildah" else "{{.Repository}}:{{.Tag}}"],
        capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    containers = (
        ["ps", "--all", "--format", "{{.Names}}"]
        if name != "buildah"
        else ["containers", "--format", "{{.ContainerName}}"]
    )
    names = subprocess.run([name, *containers], capture_output=True, text=True, check=True).stdout.split()
    return sorted(
        each
        for each in images + names
        if "working-container" in each or re.search(r"dockslim-verify/|^dockslim-[0-9a-f]{12}", each)
    )


@pytest.fixture
def blog(tmp_path: Path) -> Path:
    """A copy of the blog's case: Dockerfile, two-stage.Dockerfile, requirements.txt."""
    return Path(shutil.copytree(DATA / "blog", tmp_path / "blog"))


@pytest.fixture
def make_image() -> Callable[..., Image]:
    def make(
        *,
        size: int = 400_000_000,
        packages: tuple[str, ...] = ("libc6", "gcc"),
        distributions: tuple[tuple[str, str], ...] = (("pyodbc", "5.1.0"),),
        config: Config | None = None,
        layers: tuple[Layer, ...] | None = None,
        smoke: object = None,
        **look: object,
    ) -> Image:
        inside = Look(
            how="python",
            packages=tuple(Package(name, "1", "dpkg", 1_000_000 * (index + 1)) for index, name in enumerate(packages)),
            distributions=tuple(Distribution(name, version, size=500_000) for name, version in distributions),
            imported=len(distributions),
            **look,  # type: ignore[arg-type]
        )
        made = layers or (Layer("", size // 2), Layer("RUN apt-get install -y gcc", size - size // 2, line=2))
        return Image("localhost/x:1", sum(layer.size for layer in made), made, config or Config(), inside, smoke)  # type: ignore[arg-type]

    return make
