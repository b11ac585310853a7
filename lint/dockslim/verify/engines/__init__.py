"""The engines that build and run images: one protocol, and the choice of one."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Protocol

from dockslim.verify.faults import Fault
from dockslim.verify.process import Cancel, Ran
from dockslim.verify.results import Config, Layer

__all__ = ["ENGINES", "LABEL", "BuildRequest", "Engine", "Inspection", "choose"]

# Everything that is made carries this label, so that a user can find what a killed run left behind.
LABEL = "dockslim.verify"
ENGINES = ("docker", "podman", "buildah")
OnLine = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class BuildRequest:
    """One image to build: ``dockerfile`` may lie outside of ``context``; ``run_id`` is the label's value."""

    dockerfile: Path
    context: Path
    tag: str
    run_id: str
    build_args: Mapping[str, str | None] = field(default_factory=dict)
    target: str | None = None
    platform: str | None = None
    network: str | None = None
    builder: str | None = None
    timeout: float | None = None


@dataclass(frozen=True, slots=True)
class Inspection:
    """What the engine itself says about an image."""

    id: str
    config: Config
    layers: tuple[Layer, ...]

    @property
    def size(self) -> int:
        """The sum of the uncompressed layers, whatever the engine's store reports."""
        return sum(layer.size for layer in self.layers)


class Engine(Protocol):
    """What dockslim asks of a container engine.  Every method may raise a Fault; none leaves a container behind."""

    name: str
    cancel: Cancel

    def check(self) -> str:
        """Make sure that the engine answers and return its version."""

    def build(self, request: BuildRequest, on_line: OnLine) -> None:
        """Build and tag an image; raise Fault("build-failed") with the failing step and the log's tail."""

    def inspect(self, tag: str) -> Inspection:
        """Return the image's configuration and layers."""

    def run(
        self,
        tag: str,
        command: Sequence[str],
        *,
        run_id: str,
        stdin: bytes = b"",
        network: str | None = "none",
        platform: str | None = None,
        timeout: float | None = None,
    ) -> Ran:
        """Run ``command`` instead of the entrypoint in a container that is gone afterwards."""

    def archive(self, tag: str) -> AbstractContextManager[IO[bytes]]:
        """Give the image as a stream in ``docker save`` form."""

    def remove(self, tag: str) -> None:
        """Remove the tag; the build cache stays as it is."""

    def remove_steps(self, run_id: str) -> None:
        """Remove the images that builds committed on their way to the tag, where the engine makes such."""

    def leftovers(self, run_id: str) -> list[str]:
        """Return the names of containers that this run left, and remove them."""


def choose(name: str, cancel: Cancel | None = None) -> Engine:
    """Return the engine called ``name``; "auto" takes the first installed one that answers.

    Raises Fault: no engine installed, or why the only one does not answer.
    """
    from dockslim.verify.engines.buildah import Buildah
    from dockslim.verify.engines.docker import Docker, Podman

    made: dict[str, type[Docker | Buildah]] = {"docker": Docker, "podman": Podman, "buildah": Buildah}
    cancel = cancel or Cancel()
    if name != "auto":
        chosen: Engine = made[name](cancel)
        chosen.check()
        return chosen
    first: Fault | None = None
    for candidate in ENGINES:
        if shutil.which(candidate) is None:
            continue
        engine: Engine = made[candidate](cancel)
        try:
            engine.check()
        except Fault as fault:
            first = first or fault
            continue
        return engine
    if first is not None:
        raise first
    raise Fault("no-engine", f"no container engine found: none of {', '.join(ENGINES)} is installed")
