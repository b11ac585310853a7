"""What the engines' command lines have in common."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Mapping, Sequence

from dockslim.later import TYPE_CHECKING
from dockslim.verify.engines import LABEL, BuildRequest
from dockslim.verify.engines.archive import LayerContent
from dockslim.verify.engines.buildlog import failure
from dockslim.verify.faults import Fault, classify, tail
from dockslim.verify.process import Cancel, Ran, TimedOutError, run
from dockslim.verify.results import Config, Layer

if TYPE_CHECKING:
    from typing import Any, ClassVar

__all__ = ["CommandLine", "config_of", "environment", "instruction_of", "layers_of_history", "not_started"]

_CHECK_SECONDS = 20.0


class CommandLine:
    """An engine that is spoken to through the program ``name``."""

    name = ""
    env: ClassVar[Mapping[str, str]] = {}

    def __init__(self, cancel: Cancel | None = None) -> None:
        self.cancel = cancel or Cancel()
        self._made: dict[str, list[str]] = {}

    def ask(self, *arguments: str, timeout: float | None = 600.0, during: str = "", always: bool = False) -> Ran:
        """Run a short command; raise a Fault where it fails for a reason of the machine's.

        ``always``: even when all was told to stop, as cleaning up must.
        """
        try:
            cancel = None if always else self.cancel
            ran = run([self.name, *arguments], timeout=timeout, cancel=cancel, env=self.env)
        except TimedOutError as error:
            raise Fault(
                "no-daemon", f"{self.name} does not answer: no reply to `{arguments[0]}`", error.output
            ) from None
        if ran.exit_code != 0:
            raise classify(ran.stderr, self.name, during) or Fault(
                "engine-failed", f"{self.name} {arguments[0]} failed: {_last_line(ran.stderr)}", tail(ran.stderr)
            )
        return ran

    def build_with(self, argv: Sequence[str], request: BuildRequest, on_line: Callable[[str], None]) -> None:
        """Run a build command; raise a Fault that says which step failed, or what of the machine did."""
        log: list[str] = []

        def take(line: str) -> None:
            log.append(line)
            on_line(line)

        try:
            ran = run(argv, timeout=request.timeout, on_line=take, cancel=self.cancel, env=self.env)
        except TimedOutError as error:
            raise Fault("timeout", f"the build did not end within {request.timeout:g} s", tail(error.output)) from None
        if ran.exit_code == 0:
            return
        whole = "\n".join(log)
        # An engine that died leaves a log that looks like any failure; what it says now tells them apart.
        known = classify(whole, self.name, "during the build")
        failed = failure(whole)
        if known is not None and (known.kind != "engine-lost" or not failed.step or not self.answers()):
            raise known
        step = f" at {failed.step}" if failed.step else ""
        raise Fault("build-failed", f"the build failed{step}: {failed.why}", failed.log or tail(whole))

    def answers(self) -> bool:
        """Whether the engine still replies."""
        try:
            self.check()
        except Fault:
            return False
        return True

    def check(self) -> str:
        """Make sure that the engine answers and return its version."""
        return self.ask("version", timeout=_CHECK_SECONDS).stdout.strip()

    def noting(self, run_id: str, on_line: Callable[[str], None]) -> Callable[[str], None]:
        """Return ``on_line``, noting the images that a build with layers commits on its way (BuildKit has none)."""

        def take(line: str) -> None:
            made = re.match(r"--> ([0-9a-f]{11,64})$", line.strip())
            if made is not None:
                self._made.setdefault(run_id, []).append(made[1])
            on_line(line)

        return take

    def remove(self, tag: str) -> None:
        """Remove the tag.  Never raises: an image that is gone is what was wanted."""
        with contextlib.suppress(Fault):
            self.ask("rmi", "--force", tag, always=True)

    def remove_steps(self, run_id: str) -> None:
        """Remove what our builds committed on their way, newest first; what something else was built on stays."""
        for image in reversed(self._made.pop(run_id, [])):
            with contextlib.suppress(Fault):
                self.ask("rmi", image, always=True)

    def common_build_options(self, request: BuildRequest) -> list[str]:
        """Options that every engine's build spells the same."""
        options = ["--file", str(request.dockerfile), "--tag", request.tag, "--label", f"{LABEL}={request.run_id}"]
        for name, value in request.build_args.items():
            options += ["--build-arg", name if value is None else f"{name}={value}"]
        for flag, given in (
            ("--target", request.target),
            ("--platform", request.platform),
            ("--network", request.network),
        ):
            if given:
                options += [flag, given]
        return options


# How engines say that a container could not be started, and that it was only for want of the program.
_ENGINE_SPEAKS = re.compile(
    r"^(docker: |Error: (runc|crun|OCI|container|creating|preparing|error|unable|failed))", re.M
)
_NO_PROGRAM = re.compile(r"executable file not found|exec[^\n]*: (no such file or directory|permission denied)")


def not_started(ran: Ran, engine: str) -> Fault | None:
    """Return why a container could not be started at all; None where it was, or only the program is not there.

    Without this an engine that can build and not run would look like an image with nothing in it.
    """
    if ran.exit_code not in (125, 126, 127) or not _ENGINE_SPEAKS.search(ran.stderr):
        return None
    fault = classify(ran.stderr, engine, "while looking into the image")
    if fault is not None and fault.kind != "base-unavailable":
        return fault
    if _NO_PROGRAM.search(ran.stderr):
        return None
    said = next((line for line in ran.stderr.splitlines() if _ENGINE_SPEAKS.match(line)), "").partition(": ")[2]
    return Fault("cannot-run", f"{engine} cannot run a container: {said}", tail(ran.stderr))


def config_of(raw: Mapping[str, Any]) -> Config:
    """Return a Config from the ``Config`` object of ``image inspect`` (or the OCI one, which spells the same)."""
    healthcheck = raw.get("Healthcheck") or {}
    test = tuple(healthcheck.get("Test") or ())
    timing = tuple(
        f"{name}={healthcheck[name]}"
        for name in ("Interval", "Timeout", "StartPeriod", "StartInterval", "Retries")
        if healthcheck.get(name)
    )
    labels = {name: value for name, value in (raw.get("Labels") or {}).items() if name != LABEL}
    labels.pop("io.buildah.version", None)
    return Config(
        entrypoint=tuple(raw.get("Entrypoint") or ()),
        command=tuple(raw.get("Cmd") or ()),
        user=raw.get("User") or "",
        env=environment(raw.get("Env") or ()),
        workdir=raw.get("WorkingDir") or "",
        ports=tuple(sorted(raw.get("ExposedPorts") or ())),
        labels=labels,
        volumes=tuple(sorted(raw.get("Volumes") or ())),
        healthcheck=test + timing,
        stop_signal=raw.get("StopSignal") or "",
        shell=tuple(raw.get("Shell") or ()),
        onbuild=tuple(raw.get("OnBuild") or ()),
    )


def instruction_of(created_by: str) -> str:
    """Return a history entry as the instruction reads in a Dockerfile.

    BuildKit writes ``RUN |1 X=1 /bin/sh -c make # buildkit``, the classic builders ``/bin/sh -c make`` and
    ``/bin/sh -c #(nop) CMD ["x"]``.
    """
    text = " ".join(created_by.removesuffix(" # buildkit").split())
    if text.startswith("/bin/sh -c #(nop)"):
        return text.removeprefix("/bin/sh -c #(nop)").strip()
    text = re.sub(r"^RUN (?:\|\d+ .*?)?/bin/sh -c ", "RUN ", text)
    text = re.sub(r"^(?:\|\d+ .*?)?/bin/sh -c ", "RUN ", text)
    return text


def layers_of_history(history: Sequence[Mapping[str, Any]], contents: Sequence[LayerContent]) -> tuple[Layer, ...]:
    """Return the layers of an OCI history (it says which entries made none), oldest first."""
    left = list(contents)
    layers = []
    for entry in history:
        content = None if entry.get("empty_layer") or not left else left.pop(0)
        text = instruction_of(entry.get("created_by") or "")
        layers.append(Layer(text, content.size, diff_id=content.diff_id) if content else Layer(text, 0))
    return (*layers, *(Layer("", content.size, diff_id=content.diff_id) for content in left))


def environment(entries: Sequence[str]) -> dict[str, str]:
    """Return NAME=value entries as a dictionary."""
    return dict(entry.partition("=")[::2] for entry in entries)


def parse_json(text: str, engine: str) -> Any:
    """Return parsed JSON; a Fault names the engine whose answer could not be read."""
    try:
        return json.loads(text)
    except ValueError as error:
        raise Fault("engine-failed", f"{engine} gave an answer that is no JSON: {error}", text[:400]) from error


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "no message"
