"""Buildah: builds without a daemon, and runs commands in working containers."""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager

from dockslim.later import TYPE_CHECKING
from dockslim.verify.engines import BuildRequest, Inspection
from dockslim.verify.engines.archive import read_archive
from dockslim.verify.engines.base import CommandLine, config_of, layers_of_history, parse_json
from dockslim.verify.faults import Fault, classify, tail
from dockslim.verify.process import Ran, TimedOutError, run, shielded, stream

if TYPE_CHECKING:
    from typing import IO, Any

__all__ = ["Buildah"]


class Buildah(CommandLine):
    """The ``buildah`` program.  BUILDAH_ISOLATION and the storage settings are honoured by buildah itself."""

    name = "buildah"

    def check(self) -> str:
        """Ask for what the store says: `buildah version` answers even where nothing works."""
        self.ask("images", "--quiet", timeout=60.0)
        return self.ask("--version", timeout=20.0).stdout.strip().removeprefix("buildah version ").split(" ")[0]

    def build(self, request: BuildRequest, on_line: Callable[[str], None]) -> None:
        """Build with layers, so that each instruction's size can be told and the second build is quick."""
        if request.builder:
            raise Fault("no-engine", "--builder is docker's (buildx); buildah has no such thing")
        options = ["build", "--layers", "--force-rm", "--pull=false", *self.common_build_options(request)]
        self.build_with([self.name, *options, str(request.context)], request, self.noting(request.run_id, on_line))

    def inspect(self, tag: str) -> Inspection:
        """Read the image's own record; sizes come from its layers, for buildah's store keeps none that can be asked."""
        raw = parse_json(self.ask("inspect", "--type", "image", tag).stdout, self.name)
        image: dict[str, Any] = raw["OCIv1"]
        # The OCI form has no healthcheck; buildah keeps it in the docker form of the same image.
        config = {**(raw.get("Docker", {}).get("config") or {}), **{k: v for k, v in image["config"].items() if v}}
        with self.archive(tag) as archive:
            contents = read_archive(archive)
        return Inspection(
            raw["FromImageID"], config_of(config), layers_of_history(image.get("history") or (), contents)
        )

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
        """Run ``command`` in a working container; with chroot isolation the network cannot be taken away."""
        with self._container(tag, run_id) as container:
            options = ["run", "--network", network] if network and not _chroot() else ["run"]
            argv = [self.name, *options, "--workingdir", "/", container, "--", *command]
            ran = run(argv, stdin=stdin, timeout=timeout, cancel=self.cancel)
        last = ran.stderr.rstrip().rpartition("\n")[2]
        # Its last line tells the command's failure ("exit status 1") from its own.
        if ran.exit_code != 0 and last.startswith("Error: ") and not last.startswith("Error: exit status"):
            raise classify(ran.stderr, self.name, "while looking into the image") or Fault(
                "cannot-run", f"buildah cannot run a container: {last.removeprefix('Error: ')}", tail(ran.stderr)
            )
        return ran

    @contextlib.contextmanager
    def _container(self, tag: str, run_id: str) -> Iterator[str]:
        container = f"dockslim-{run_id}-{uuid.uuid4().hex[:12]}"
        try:
            self.ask("from", "--pull-never", "--name", container, tag)
            yield container
        finally:
            with shielded(), contextlib.suppress(Fault, TimedOutError):
                run([self.name, "rm", container], timeout=120)

    def archive(self, tag: str) -> AbstractContextManager[IO[bytes]]:
        """Stream the image; buildah writes archives to a path, and standard output has one."""
        return stream([self.name, "push", "--quiet", tag, f"docker-archive:/dev/stdout:{tag}"])

    def leftovers(self, run_id: str) -> list[str]:
        """Remove working containers named after the run."""
        with contextlib.suppress(Fault):
            listed = self.ask("containers", "--format", "{{.ContainerName}}", always=True).stdout.split()
            mine = [name for name in listed if name.startswith(f"dockslim-{run_id}-")]
            for name in mine:
                with contextlib.suppress(Fault):
                    self.ask("rm", name, always=True)
            return mine
        return []


def _chroot() -> bool:
    return os.environ.get("BUILDAH_ISOLATION") == "chroot"
