"""Corpus cases built for real, before and after: they work alike, and the new one is as small as it says.

A case takes part by an `image.json`: the base image of the result, a command that must succeed in both images, and what
the images may weigh above the base (decimal MB).  `arguments` go to `dockslim fix`, `python` is the interpreter that
sees what is installed (else `python3`).

`DOCKSLIM_IMAGES_ON=3.12-trixie,3.10-bookworm` builds all of them on other releases instead: a case that cannot be built
there as it is written is skipped, and the reason says so.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from dockslim.cli import cli

from .conftest import run
from .releases import Release, read

CORPUS = Path(__file__).parents[2] / "corpus"
#: All of them, or those that `DOCKSLIM_IMAGES` names (a CI server has no hour for all).
CASES = sorted(path.parent for path in CORPUS.glob("*/image.json"))
if NAMED := os.environ.get("DOCKSLIM_IMAGES", "").split():
    if unknown := set(NAMED) - {case.name for case in CASES}:
        raise ValueError(f"DOCKSLIM_IMAGES names what has no image.json in corpus/: {', '.join(sorted(unknown))}")
    CASES = [case for case in CASES if case.name in NAMED]
RELEASES = read(os.environ.get("DOCKSLIM_IMAGES_ON", "")) or [None]
INSIDE = Path(__file__).with_name("inside.py")
CONFIG = "{{json .Config}}"
IGNORED = {"Hostname", "Image", "Labels", "OnBuild"}

pytestmark = pytest.mark.image


class BuildError(Exception):
    """The engine could not build a Dockerfile; its argument is what it said."""


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

    def inside(self, python: str) -> dict[str, object]:
        """Names and versions of what is installed, however it was, and how the modules of it take being imported."""
        words = ("run", "--rm", "-i", "--network", "none", "--user", "0", "--entrypoint", python, self.tag, "-")
        done = run(self.docker, *words, stdin=INSIDE.read_text())
        assert done.returncode == 0, done.stderr
        seen: dict[str, object] = json.loads(done.stdout)
        return seen


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
        if done.returncode:
            raise BuildError(done.stderr)
        return Image(docker, tag)

    yield made
    for tag in tags:
        run(docker, "image", "rm", "--force", tag)


TELLING = (r"\.(c|cc|cpp|h|pyx|rs)[:\d]*: (fatal )?error: .*", r"ERROR: .*", r"\bE: .*", r"error: .*")


def first_complaint(text: str) -> str:
    """Of what a failed build said, the words that say most: a compiler's first, then pip's, then apt's."""
    found = (re.search(pattern, text) for pattern in TELLING)
    return next((match[0].lstrip(".") for match in found if match), text[-200:])


@pytest.mark.parametrize("release", RELEASES, ids=lambda release: str(release or "as-written"))
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_built_before_and_after(
    case: Path, release: Release | None, docker: str, build, base_image, tmp_path: Path
) -> None:
    wanted = json.loads((case / "image.json").read_text())
    names = [wanted["base"], *wanted.get("needs", ())]
    context = tmp_path / case.name
    shutil.copytree(case, context)
    dockerfile = context / "Dockerfile"
    if release:
        names = [release.tag(name) for name in names]
        dockerfile.write_bytes(release.dockerfile(dockerfile.read_bytes().decode()).encode())
    written = dockerfile.read_bytes()
    base, *_ = [base_image(name) for name in names]
    try:
        before = build(dockerfile, context)
    except BuildError as failed:
        if release is None:
            raise
        # Old sources and a new compiler or Python: nothing that a rewrite could be held to.
        pytest.skip(f"{case.name} cannot be built as it is on {release}: {first_complaint(str(failed))}")
    warned = warnings(docker, context / "Dockerfile.plain", context)
    done = CliRunner().invoke(cli, ["fix", "--write", *wanted.get("arguments", ()), str(dockerfile)])
    assert done.exit_code == 0, done.output
    assert dockerfile.read_bytes() != written, done.output
    after = build(dockerfile, context)
    assert warnings(docker, context / "Dockerfile.plain", context) <= warned

    for image in (before, after):
        code, text = image.shell(wanted["check"])
        assert code == 0, f"{image.tag}: {text}"
    python = wanted.get("python", "python3")
    assert after.inside(python) == before.inside(python)
    assert after.config == before.config
    assert after.size < before.size
    megabytes = 1_000_000
    assert after.size - base <= wanted["after_at_most"] * megabytes, (after.size - base) / megabytes
    if release is None:  # what a compiler weighs differs from one release to the next
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
    except BuildError:
        return
    code, _ = image.shell(json.loads((case / "image.json").read_text())["check"])
    assert code != 0
