"""Docker (BuildKit where it has it) and Podman: one command line, two spellings."""

from __future__ import annotations

import contextlib
import functools
import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager

from dockslim.later import TYPE_CHECKING
from dockslim.verify.engines import LABEL, BuildRequest, Inspection
from dockslim.verify.engines.archive import read_archive
from dockslim.verify.engines.base import (
    CommandLine,
    config_of,
    instruction_of,
    layers_of_history,
    not_started,
    parse_json,
)
from dockslim.verify.faults import Fault
from dockslim.verify.process import Cancel, Ran, TimedOutError, run, shielded, stream
from dockslim.verify.results import Layer

if TYPE_CHECKING:
    from typing import IO, Any, ClassVar

__all__ = ["Docker", "Podman", "layers_of"]


class Docker(CommandLine):
    """The ``docker`` program; DOCKER_HOST, contexts and remote builders are its own business and simply work."""

    name = "docker"
    # An attestation would make the result an image list, which `--load` and `history` cannot take.
    env: ClassVar[Mapping[str, str]] = {"BUILDX_NO_DEFAULT_ATTESTATIONS": "1", "DOCKER_CLI_HINTS": "false"}

    def check(self) -> str:
        """Ask the daemon, not only the client, for its version."""
        return self.ask("info", "--format", "{{.ServerVersion}}", timeout=20.0).stdout.strip()

    @functools.cached_property
    def buildx(self) -> bool:
        """Whether the buildx plugin is there."""
        try:
            self.ask("buildx", "version", timeout=20.0)
        except Fault:
            return False
        return True

    def build(self, request: BuildRequest, on_line: Callable[[str], None]) -> None:
        """Build with buildx when it is there, else with the classic builder."""
        if self.buildx:
            argv = [self.name, "buildx", "build", "--load", "--progress=plain"]
            argv += ["--builder", request.builder] if request.builder else []
        elif request.builder:
            raise Fault(
                "no-engine", f"--builder {request.builder} needs docker's buildx plugin, which is not installed"
            )
        else:
            argv = [self.name, "build"]
        self.build_with([*argv, *self.common_build_options(request), str(request.context)], request, on_line)

    def inspect(self, tag: str) -> Inspection:
        """Combine ``image inspect`` and ``history``."""
        (raw,) = parse_json(self.ask("image", "inspect", tag).stdout, self.name)
        diff_ids = list((raw.get("RootFS") or {}).get("Layers") or ())
        return Inspection(raw["Id"], config_of(raw.get("Config") or {}), layers_of(self.history(tag), diff_ids))

    def history(self, tag: str) -> list[tuple[str, int]]:
        """Return (instruction, bytes), oldest first."""
        text = self.ask("history", "--no-trunc", "--human=false", "--format", "{{json .}}", tag).stdout
        entries: list[dict[str, Any]] = [json.loads(line) for line in text.splitlines() if line.strip()]
        return [(entry["CreatedBy"], int(entry["Size"])) for entry in reversed(entries)]

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
        """Run ``command`` with the image's own user and environment."""
        container = f"dockslim-{uuid.uuid4().hex[:12]}"
        options = [
            "run",
            "--rm",
            "--interactive",
            "--name",
            container,
            "--label",
            f"{LABEL}={run_id}",
            "--workdir",
            "/",
        ]
        options += ["--network", network] if network else []
        options += ["--platform", platform] if platform else []
        options += ["--pull", "never", "--entrypoint", command[0], tag, *command[1:]]
        return self._in_container(container, options, stdin, timeout)

    def _in_container(self, container: str, options: Sequence[str], stdin: bytes, timeout: float | None) -> Ran:
        try:
            argv = [self.name, *options]
            # The first process of a container ignores SIGTERM, and the client waits for it: no use to wait too.
            ran = run(argv, stdin=stdin, timeout=timeout, cancel=self.cancel, env=self.env, grace=0.5)
        except BaseException:
            # Killing the client leaves the container running: it belongs to the daemon.
            self._remove_container(container)
            raise
        if ran.exit_code in (125, 126, 127):
            self._remove_container(container)
            fault = not_started(ran, self.name)
            if fault is not None:
                raise fault
        return ran

    def _remove_container(self, container: str) -> None:
        with shielded(), contextlib.suppress(Fault, TimedOutError):
            run([self.name, "rm", "--force", "--volumes", container], timeout=60, env=self.env)

    def archive(self, tag: str) -> AbstractContextManager[IO[bytes]]:
        """Stream ``docker save``."""
        return stream([self.name, "save", tag], env=self.env)

    def leftovers(self, run_id: str) -> list[str]:
        """Remove containers that carry the run's label."""
        with contextlib.suppress(Fault):
            listed = self.ask(
                "ps", "--all", "--quiet", "--filter", f"label={LABEL}={run_id}", always=True
            ).stdout.split()
            for container in listed:
                self._remove_container(container)
            return listed
        return []


class Podman(Docker):
    """The ``podman`` program: no buildx, no progress option, history in JSON of its own."""

    name = "podman"
    env: ClassVar[Mapping[str, str]] = {}
    buildx = False

    def __init__(self, cancel: Cancel | None = None) -> None:
        super().__init__(cancel)

    def check(self) -> str:
        """Ask for the version; podman may have no daemon at all."""
        return self.ask("info", "--format", "{{.Version.Version}}", timeout=30.0).stdout.strip()

    def build(self, request: BuildRequest, on_line: Callable[[str], None]) -> None:
        """Build with layers, as ``docker build`` does."""
        if request.builder:
            raise Fault("no-engine", "--builder is docker's (buildx); podman has no such thing")
        argv = [self.name, "build", "--layers", "--force-rm", *self.common_build_options(request), str(request.context)]
        self.build_with(argv, request, self.noting(request.run_id, on_line))

    def inspect(self, tag: str) -> Inspection:
        """Read the image's record; the sizes that podman tells are those of archives, headers and all."""
        (raw,) = parse_json(self.ask("image", "inspect", tag).stdout, self.name)
        config = {**(raw.get("Config") or {})}
        if raw.get("Healthcheck"):
            config["Healthcheck"] = raw["Healthcheck"]
        with self.archive(tag) as archive:
            contents = read_archive(archive)
        return Inspection(raw["Id"], config_of(config), layers_of_history(raw.get("History") or (), contents))

    def archive(self, tag: str) -> AbstractContextManager[IO[bytes]]:
        """Stream ``podman save`` in docker's form."""
        return stream([self.name, "save", "--format", "docker-archive", tag], env=self.env)


def layers_of(history: Sequence[tuple[str, int]], diff_ids: Sequence[str]) -> tuple[Layer, ...]:
    """Return the layers of a history, oldest first; entries that made no layer (CMD, ENV) have size 0.

    Digests go to the entries with content; where their number differs from the digests', none is given: a wrong
    attribution is worse than none.
    """
    instructions = [instruction_of(created_by) for created_by, _ in history]
    names: dict[int, str] = {}
    # WORKDIR makes an (empty) layer under BuildKit and none under the classic builders: try both.
    for words in (("RUN", "COPY", "ADD", "WORKDIR"), ("RUN", "COPY", "ADD"), ()):
        filled = [i for i, (_, size) in enumerate(history) if size or instructions[i].split(" ")[0] in words]
        if len(filled) == len(diff_ids):
            names = dict(zip(filled, diff_ids, strict=True))
            break
    return tuple(Layer(instructions[index], size, diff_id=names.get(index)) for index, (_, size) in enumerate(history))
