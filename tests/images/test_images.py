"""Corpus cases built for real, before and after: they work alike, and the new one is as small as it says.

A case takes part by an `image.json`: the base image of the result, a command that must succeed in both images, and what
the images may weigh above the base (decimal MB).  `arguments` go to `dockslim fix`.
"""

from __future__ import annotations

import json
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from dockslim.cli import cli

from .conftest import run

CORPUS = Path(__file__).parents[2] / "corpus"
CASES = sorted(path.parent for path in CORPUS.glob("*/image.json"))
CONFIG = "{{json .Config}}"
IGNORED = {"Hostname", "Image", "Labels", "OnBuild"}

pytestmark = pytest.mark.image


class Image:
    """One built image."""

    def __init__(self, docker: str, tag: str) -> None:
        self.docker, self.tag = docker, tag
        self.size = int(run(docker, "image", "inspect", "-f", "{{.Size}}", tag).stdout)
        config = json.loads(run(docker, "image", "inspect", "-f", CONFIG, tag).stdout)
        self.config = {key: value for key, value in config.items() if key not in IGNORED}

    def shell(self, command: str) -> tuple[int, str]:
        words = ("run", "--rm", "--network", "none", "--user", "0", "--entrypoint", "/bin/sh", self.tag, "-c", command)
        done = run(self.docker, *words)
        return done.returncode, (done.stdout + done.stderr).strip()

    def freeze(self) -> list[str]:
        """Names and versions of what is installed, however it was."""
        script = (
            "import importlib.metadata as m; "
            "print('\\n'.join(sorted({f'{d.metadata[\"Name\"].lower()}=={d.version}' for d in m.distributions()})))"
        )
        code, text = self.shell(f'python3 -c "{script.replace(chr(34), chr(92) + chr(34))}"')
        assert code == 0, text
        return text.splitlines()


def warnings(docker: str, dockerfile: Path, context: Path) -> set[tuple[str, str]]:
    """What BuildKit's own checks (`docker build --check`) have to say of a file: rule and detail."""
    done = run(docker, "build", "--call=check,format=json", "-f", str(dockerfile), str(context))
    found = json.loads(done.stdout[done.stdout.index("{") :])["warnings"] or []
    return {(each["ruleName"], each.get("detail", "")) for each in found}


@pytest.fixture
def build(docker: str) -> Iterator[object]:
    """A function that builds a Dockerfile and gives the Image; all that it made is removed at the end."""
    tags: list[str] = []

    def made(dockerfile: Path, context: Path) -> Image:
        tag = f"dockslim-test:{uuid.uuid4().hex}"
        tags.append(tag)
        # The lab has no registry: a `# syntax=` line would ask one for the frontend.
        plain = dockerfile.with_name("Dockerfile.plain")
        lines = dockerfile.read_text().splitlines(keepends=True)
        plain.write_text("".join(line for line in lines if not line.startswith("# syntax=")))
        words = ("build", "--network", "host", "--progress", "plain", "-f", str(plain), "-t", tag, str(context))
        done = run(docker, *words)
        assert done.returncode == 0, done.stderr[-3000:]
        return Image(docker, tag)

    yield made
    for tag in tags:
        run(docker, "image", "rm", "--force", tag)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_built_before_and_after(case: Path, docker: str, build, base_image, tmp_path: Path) -> None:
    wanted = json.loads((case / "image.json").read_text())
    base = base_image(wanted["base"])
    for image in wanted.get("needs", ()):
        base_image(image)
    context = tmp_path / case.name
    shutil.copytree(case, context)
    before = build(context / "Dockerfile", context)
    warned = warnings(docker, context / "Dockerfile.plain", context)
    done = CliRunner().invoke(cli, ["fix", "--write", *wanted.get("arguments", ()), str(context / "Dockerfile")])
    assert done.exit_code == 0, done.output
    after = build(context / "Dockerfile", context)
    assert warnings(docker, context / "Dockerfile.plain", context) <= warned

    for image in (before, after):
        code, text = image.shell(wanted["check"])
        assert code == 0, f"{image.tag}: {text}"
    assert after.freeze() == before.freeze()
    assert after.config == before.config
    assert after.size < before.size
    megabytes = 1_000_000
    assert after.size - base <= wanted["after_at_most"] * megabytes, (after.size - base) / megabytes
    assert before.size - base >= wanted["before_at_least"] * megabytes, (before.size - base) / megabytes


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("libodbc2 libodbccr2 libodbcinst2 odbcinst", "ca-certificates"),
        ("COPY requirements.txt .\nRUN pip wheel", "RUN pip wheel"),
        (" --mount=type=bind,from=builder,source=/wheels,target=/wheels \\\n   ", ""),
        (" AS builder\n", " AS other\n"),
    ],
    ids=["a runtime library", "a COPY", "the mount", "the stage's name"],
)
def test_what_a_rewrite_loses_is_noticed(old: str, new: str, docker: str, build, base_image, tmp_path: Path) -> None:
    """The same measure, held to a rewrite that was damaged in one place: the build fails, or the check does."""
    base_image("python:3.11-slim-bookworm")
    case = CORPUS / "pyodbc-bookworm"
    context = tmp_path / "case"
    shutil.copytree(case, context)
    text = (case / "Dockerfile.fixed").read_text()
    assert old in text
    (context / "Dockerfile").write_text(text.replace(old, new))
    try:
        image = build(context / "Dockerfile", context)
    except AssertionError:
        return
    code, _ = image.shell(json.loads((case / "image.json").read_text())["check"])
    assert code != 0
