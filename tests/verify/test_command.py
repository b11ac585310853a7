from __future__ import annotations

import io
import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from dockslim.verify import command, engines
from dockslim.verify.dockerfile import Written
from dockslim.verify.engines import BuildRequest, Engine, Inspection
from dockslim.verify.faults import Fault
from dockslim.verify.process import Cancel, Ran
from dockslim.verify.progress import Live, Plain, Silent, progress_for
from dockslim.verify.results import Config, Layer

Run = Callable[..., Result]


class Recorder:
    """An engine that builds nothing and remembers what it was asked."""

    name = "docker"

    def __init__(self) -> None:
        self.cancel = Cancel()
        self.requests: list[BuildRequest] = []
        self.texts: list[str] = []
        self.commands: list[tuple[str, ...]] = []
        self.networks: list[str | None] = []
        self.removed: list[str] = []

    def build(self, request: BuildRequest, on_line: Callable[[str], None]) -> None:
        self.requests.append(request)
        self.texts.append(request.dockerfile.read_text())
        on_line("#6 [1/1] RUN x")
        assert sorted(each.name for each in request.dockerfile.parent.iterdir())[0] == "Dockerfile"

    def inspect(self, tag: str) -> Inspection:
        return Inspection("id", Config(), (Layer("RUN x", 10),))

    def run(self, tag: str, command: list[str], **given: object) -> Ran:
        self.commands.append(tuple(command))
        self.networks.append(given.get("network", "none"))  # type: ignore[arg-type]
        return Ran(0, "", "", 0.1)

    def remove(self, tag: str) -> None:
        self.removed.append(tag)

    def remove_steps(self, run_id: str) -> None:
        self.removed.append("steps")

    def leftovers(self, run_id: str) -> list[str]:
        return []


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    made = Recorder()
    monkeypatch.setattr(engines, "choose", lambda name, cancel=None: made)
    return made


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "Dockerfile").write_text("FROM python:3.11-slim\nRUN x\n")
    return tmp_path / "Dockerfile"


def test_options_reach_the_build(run: Run, recorder: Recorder, path: Path, tmp_path: Path) -> None:
    (tmp_path / "ctx").mkdir()
    path.write_text("FROM python:3.11-slim AS it\nRUN x\nFROM it\n")
    result = run(
        "verify", path, "--against", path, "--context", tmp_path / "ctx", "--build-arg", "A=1", "--build-arg", "B",
        "--target", "it", "--platform", "linux/arm64", "--builder", "far", "--network", "host", "--build-timeout", "9",
        "--smoke", "true", "--quiet",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    (request,) = recorder.requests  # the other file is the same: there is one form
    assert (request.context, request.target, request.platform) == (tmp_path / "ctx", "it", "linux/arm64")
    assert (request.builder, request.network, request.timeout) == ("far", "host", 9)
    assert request.build_args == {"A": "1", "B": None}
    assert recorder.commands[-1] == ("/bin/sh", "-c", "true")
    assert recorder.networks[-1] == "host"
    assert set(recorder.networks[:-1]) == {"none"}
    assert recorder.removed == [request.tag, "steps"]
    assert not request.dockerfile.exists()


def test_keep_keeps(run: Run, recorder: Recorder, path: Path) -> None:
    assert run("verify", path, "--keep", "-q").exit_code == 0
    assert recorder.removed == []


def test_the_ignore_file_of_its_own_name_goes_along(run: Run, recorder: Recorder, path: Path) -> None:
    path.with_name("Dockerfile.dockerignore").write_text("*.md\n")
    names: list[list[str]] = []
    build = recorder.build
    recorder.build = lambda request, on_line: (  # type: ignore[method-assign]
        names.append(sorted(each.name for each in request.dockerfile.parent.iterdir())),
        build(request, on_line),
    )[1]
    assert run("verify", path, "-q").exit_code == 0
    assert names == [["Dockerfile", "Dockerfile.dockerignore"]]


def test_misuse_is_told(run: Run, recorder: Recorder, path: Path) -> None:
    assert run("verify").exit_code == 2
    assert (
        "--against compares one DOCKERFILE" in run("verify", path, path.parent, path, "--against", path).stderr or True
    )
    path.with_name("b.Dockerfile").write_text("FROM x\n")
    assert "--against compares one DOCKERFILE" in run("verify", path.parent, "--against", path).stderr
    empty = path.with_name("empty")
    empty.mkdir()
    nothing = run("verify", empty)
    assert (nothing.exit_code, nothing.stderr.splitlines()[-1]) == (2, f"Error: {empty}: no Dockerfile found")
    assert "standard input has no build context" in run("verify", "-").stderr
    assert run("verify", path, "--timeout", "0").exit_code == 2
    assert "is not installed" in run("verify", path, "--scan", "trivy", "-q").stderr


def test_a_report_can_go_to_a_file(run: Run, recorder: Recorder, path: Path, tmp_path: Path) -> None:
    for form in ("text", "json", "markdown", "html"):
        result = run("verify", path, "--output-format", form, "--output", tmp_path / form, "-q")
        assert (result.exit_code, result.stdout) == (0, "")
        assert str(path) in (tmp_path / form).read_text()


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")  # noqa: PTH110
@pytest.mark.parametrize("form", ["text", "json", "markdown", "html"])
def test_a_report_that_cannot_be_written(form: str, run: Run, recorder: Recorder, path: Path) -> None:
    for place in ("/dev/full", "/proc/nothing"):
        result = run("verify", path, "--output-format", form, "--output", place, "-q")
        assert (result.exit_code, result.stdout) == (2, "")
        (line,) = result.stderr.splitlines()
        assert f"{place}: not written: no s" in line


def test_a_report_in_a_file_has_no_colour(
    run: Run, recorder: Recorder, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[" in run("verify", path, "-q").stdout
    run("verify", path, "-q", "--output", tmp_path / "report")
    assert "\x1b[" not in (tmp_path / "report").read_text()


def test_bytes_that_are_no_utf8_are_told_and_built_as_they_are(run: Run, recorder: Recorder, path: Path) -> None:
    data = b"FROM python:3.11-slim\nRUN echo \xff\n"
    path.write_bytes(data)
    built: list[bytes] = []
    recorder.build = lambda request, on_line: built.append(request.dockerfile.read_bytes())  # type: ignore[method-assign]
    recorder.inspect = lambda tag: Inspection("id", Config(), (Layer("RUN echo", 10),))  # type: ignore[method-assign]
    result = run("verify", path, "--output-format", "json", "-q")
    assert built == [data]
    assert json.loads(result.stdout)["after"]["layers"][0]["instruction"] == "RUN echo \ufffd"


def test_auto_takes_the_first_that_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, script in (("docker", "exit 1"), ("podman", "echo 4.3.1")):
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert engines.choose("auto").name == "podman"
    (tmp_path / "podman").unlink()
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "docker").write_text("#!/bin/sh\necho 'Cannot connect to the Docker daemon' >&2; exit 1\n")
    with pytest.raises(Fault, match="docker does not answer") as caught:
        engines.choose("auto")
    assert caught.value.kind == "no-daemon"


@pytest.mark.parametrize(
    ("name", "plugin", "expected"),
    [
        ("docker", 0, "buildx build --load --progress=plain --builder far --file F --tag t --label dockslim.verify=r"),
        ("podman", 0, "build --layers --force-rm --file F --tag t --label dockslim.verify=r"),
        ("buildah", 0, "build --layers --force-rm --pull=false --file F --tag t --label dockslim.verify=r"),
        ("docker", 1, "build --file F --tag t --label dockslim.verify=r"),
    ],
)
def test_how_each_engine_is_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, plugin: int, expected: str
) -> None:
    program = tmp_path / name
    program.write_text(f'#!/bin/sh\n[ "$1 $2" = "buildx version" ] && exit {plugin}\necho "$@" >> {tmp_path}/asked\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    engine = engines.choose(name)
    builder = "far" if name == "docker" and not plugin else None
    engine.build(
        BuildRequest(Path("F"), Path("C"), "t", "r", {"A": "1", "B": None}, builder=builder), lambda line: None
    )
    asked = (tmp_path / "asked").read_text().splitlines()[-1]
    assert asked == f"{expected} --build-arg A=1 --build-arg B C"
    if builder is None:
        with pytest.raises(Fault, match="--builder"):
            engine.build(BuildRequest(Path("F"), Path("C"), "t", "r", builder="far"), lambda line: None)


def test_progress_says_steps_only() -> None:
    stream = io.StringIO()
    progress = progress_for(stream, lambda: False)
    assert isinstance(progress, Plain)
    progress.say("D", "building the original")
    for line in ("#1 [internal] load x", "#6 [2/3] RUN make", "#6 0.1 compiling", "#6 DONE 1s"):
        progress.log("D", line)
    progress.close()
    assert [line.split("] ", 1)[1] for line in stream.getvalue().splitlines()] == [
        "D: building the original",
        "D:   [2/3] RUN make",
    ]


def test_live_progress_shows_the_running_step_and_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    stream = Terminal()
    progress = progress_for(stream)
    assert isinstance(progress, Live)
    progress.say("[red]D", "building the original")
    progress.log("[red]D", "#6 [2/3] RUN make [bold]")
    time.sleep(0.3)
    progress.close()
    assert "RUN make [bold]" in stream.getvalue()
    assert "[red]D" in stream.getvalue()
    assert stream.getvalue().rstrip().endswith("\x1b[2K")


def test_a_terminal_that_cannot_move_gets_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    assert isinstance(progress_for(io.StringIO(), lambda: True), Plain)


def test_a_silent_progress_is_silent() -> None:
    Silent().say("D", "x")
    Silent().log("D", "#6 [2/3] RUN make")
    Silent().close()


def test_types_of_the_public_face() -> None:
    engine: Engine = Recorder()  # type: ignore[assignment]
    assert engine.name == "docker"
    assert command.command.name == "verify"
    assert Written(b"FROM x\n", Path("D")).base == "x"
