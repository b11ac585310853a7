"""Where images are built and weighed: everything made for one file, and its certain removal."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dockslim.verify.dockerfile import Written
from dockslim.verify.engines import BuildRequest, Engine
from dockslim.verify.faults import Fault
from dockslim.verify.look import look
from dockslim.verify.process import TimedOutError, shielded
from dockslim.verify.progress import Progress, Silent
from dockslim.verify.results import Config, Image, Look, Smoke

__all__ = ["Bench", "Form", "Options"]

_SMOKE_OUTPUT = 4000


@dataclass(frozen=True, slots=True)
class Options:
    """How to build and what to run.

    ``timeout`` (seconds) holds for the smoke command and for each single import; ``build_timeout`` for one build.
    ``network`` is for builds and the smoke command; the look inside never has one.
    """

    context: Path | None = None
    build_args: Mapping[str, str | None] = field(default_factory=dict)
    target: str | None = None
    platform: str | None = None
    network: str | None = None
    builder: str | None = None
    smoke: str | None = None
    timeout: float = 60.0
    build_timeout: float = 3600.0
    keep: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """One built form of a file: the text it came from and its image."""

    name: str
    written: Written
    image: Image


class Bench:
    """Builds forms of one Dockerfile with one engine.  Leaving the ``with`` block removes every image and container."""

    def __init__(
        self, engine: Engine, path: Path, options: Options | None = None, progress: Progress | None = None
    ) -> None:
        self.engine, self.path, self.options = engine, path, options or Options()
        self.progress: Progress = progress or Silent()
        self.run_id = uuid.uuid4().hex[:12]
        self._tags: list[str] = []
        self._folder: Path | None = None

    def __enter__(self) -> Bench:
        self._folder = Path(tempfile.mkdtemp(prefix="dockslim-"))
        return self

    def __exit__(self, *error: object) -> None:
        with shielded():
            try:
                kept = self.options.keep and error[0] is None
                for tag in [] if kept else self._tags:
                    self.engine.remove(tag)
                if not kept:
                    self.engine.remove_steps(self.run_id)
                if error[0] is not None:
                    self.engine.leftovers(self.run_id)
            finally:
                if self._folder is not None:
                    shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def context(self) -> Path:
        """The build context: what was chosen, else the Dockerfile's folder."""
        return self.options.context or self.path.parent

    def form(self, name: str, data: bytes, path: Path | None = None) -> Form:
        """Build ``data``, weigh it, look inside, run the smoke command.  Raises Fault; its message names the form.

        ``path`` is where the text stands when that is not the bench's own file.
        """
        options = self.options
        written = Written(data, path or self.path, self.context, options.build_args, options.target)
        started = time.monotonic()
        self.progress.say(str(self.path), f"building the {name}")
        tag = self.build(name, written)
        seconds = time.monotonic() - started
        self.progress.say(str(self.path), f"looking into the {name}")
        inspection = self.engine.inspect(tag)
        inside = self._look(tag, inspection.config)
        smoke = self._smoke(name, tag) if self.options.smoke else None
        layers = written.attribute(inspection.layers)
        image = Image(tag, inspection.size, layers, inspection.config, inside, smoke, seconds)
        return Form(name, written, image)

    def build(self, name: str, written: Written, target: str | None = None) -> str:
        """Build a text (up to ``target``) and return the image's tag."""
        slug = name.split()[0]
        tag = f"localhost/dockslim-verify/{slug}:{self.run_id}" + (f"-{len(self._tags)}" if target else "")
        while tag in self._tags:
            tag += "x"
        self._tags.append(tag)  # before the build: an interrupted one may have tagged already
        options = self.options
        with self._file(written) as dockerfile:
            request = BuildRequest(
                dockerfile=dockerfile,
                context=self.context,
                tag=tag,
                run_id=self.run_id,
                build_args=options.build_args,
                target=target or options.target,
                platform=options.platform,
                network=options.network,
                builder=options.builder,
                timeout=options.build_timeout,
            )
            try:
                self.engine.build(request, lambda line: self.progress.log(str(self.path), line))
            except Fault as fault:
                raise replace_message(fault, name) from None
        return tag

    @contextlib.contextmanager
    def _file(self, written: Written) -> Iterator[Path]:
        assert self._folder is not None, "a Bench is used in a with block"
        folder = Path(tempfile.mkdtemp(dir=self._folder))
        dockerfile = folder / written.path.name
        dockerfile.write_bytes(written.data)
        # BuildKit prefers NAME.dockerignore beside the Dockerfile; ours stands elsewhere, so it takes it along.
        ignore = written.path.with_name(written.path.name + ".dockerignore")
        if ignore.is_file():
            shutil.copyfile(ignore, folder / ignore.name)
        yield dockerfile

    def _look(self, tag: str, config: Config) -> Look:
        options = self.options
        return look(self.engine, tag, config, run_id=self.run_id, timeout=options.timeout, platform=options.platform)

    def _smoke(self, name: str, tag: str) -> Smoke:
        options = self.options
        assert options.smoke is not None
        self.progress.say(str(self.path), f"running the smoke command in the {name}")
        try:
            ran = self.engine.run(
                tag,
                ["/bin/sh", "-c", options.smoke],
                run_id=self.run_id,
                network=options.network or "none",
                platform=options.platform,
                timeout=options.timeout,
            )
        except TimedOutError as error:
            message = f"the smoke command did not end within {options.timeout:g} s in the {name}"
            raise Fault("timeout", message, error.output) from None
        return Smoke(ran.exit_code, ran.output[-_SMOKE_OUTPUT:], ran.seconds)


def replace_message(fault: Fault, name: str) -> Fault:
    """Return the fault with words that say whose it is: the original's failure is not the rewrite's."""
    if fault.kind != "build-failed":
        return Fault(fault.kind, f"{fault.message} ({name})", fault.details)
    why = fault.message.removeprefix("the build failed")
    if name == "original":
        message = f"the original does not build, before dockslim changed anything: it failed{why}"
    else:
        message = f"the {name} does not build, and the original does: it failed{why}"
    return Fault(fault.kind, message, fault.details)
