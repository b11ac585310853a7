"""action.yml and the recipes in docs/ci: valid by their schemas, and their commands run."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

ROOT = Path(__file__).parent.parent.parent
SLIM = "FROM python:3.12-slim-bookworm\nRUN apt-get update && apt-get install -y gcc\nRUN pip install cffi==1.17.1\n"


def blocks(name: str, language: str) -> list[str]:
    text = (ROOT / "docs" / "ci" / name).read_text("utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def validate(document: Any, name: str) -> None:
    """Validate by a schema that check-jsonschema ships."""
    vendored = resources.files("check_jsonschema") / "builtin_schemas" / "vendor" / f"{name}.json"
    schema = json.loads(vendored.read_text("utf-8"))
    jsonschema.validators.validator_for(schema)(schema).validate(document)


@pytest.mark.parametrize(
    ("name", "schema"), [("github.md", "github-workflows"), ("gitlab.md", "gitlab-ci"), ("azure.md", "azure-pipelines")]
)
def test_recipes_are_valid(name: str, schema: str) -> None:
    found = blocks(name, "yaml")
    assert found
    for block in found:
        document = yaml.safe_load(block)
        document = {("on" if key is True else key): value for key, value in document.items()}
        validate(document, schema)


COMMANDS = [
    (name, command)
    for name in ("README.md", "github.md", "gitlab.md", "azure.md", "jenkins.md")
    for command in re.findall(
        r"dockslim (?:check|baseline)(?: +[^\s'`#]+| +>-)*",
        re.sub(r"\s+(?=--)", " ", (ROOT / "docs/ci" / name).read_text("utf-8")),
    )
]


@pytest.mark.parametrize(("name", "command"), COMMANDS)
def test_commands_run(name: str, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Any) -> None:
    monkeypatch.chdir(tmp_path)
    Path("Dockerfile").write_text(SLIM)
    Path("dockslim-baseline.json").write_text('{"schema": 1, "findings": {}}')
    git = ["git", "-c", "user.name=A", "-c", "user.email=a@example.org"]
    for arguments in (
        ["init", "-q"],
        ["add", "."],
        ["commit", "-qm", "one"],
        ["update-ref", "refs/remotes/origin/main", "HEAD"],
    ):
        subprocess.run([*git, *arguments], check=True)
    for variable in ("$GITHUB_BASE_REF", "$CI_MERGE_REQUEST_DIFF_BASE_SHA"):
        command = command.replace(variable, "main" if "origin" in command else "HEAD")
    command = command.replace("$(Build.ArtifactStagingDirectory)/", "").replace(
        '"$(git merge-base origin/main HEAD)"', "HEAD"
    )
    result = run(*shlex.split(command)[1:])
    assert result.exit_code in (0, 1), result.output


def test_there_are_commands() -> None:
    assert len(COMMANDS) >= 8


class TestAction:
    document = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))

    def test_is_valid(self) -> None:
        validate(self.document, "github-actions")

    def test_uses_every_input_and_no_other(self) -> None:
        text = (ROOT / "action.yml").read_text("utf-8")
        assert set(re.findall(r"inputs\.([\w-]+)", text)) == set(self.document["inputs"])

    def test_no_input_is_pasted_into_a_script(self) -> None:
        for step in self.document["runs"]["steps"]:
            assert "${{" not in step.get("run", "")

    @pytest.mark.parametrize(
        ("arguments", "code"), [("", "1"), ("--exit-zero", "0"), ("--select SLIM9", "0"), ("--oops", "2")]
    )
    def test_its_check_step_does_what_it_says(self, arguments: str, code: str, tmp_path: Path) -> None:
        """The step's own script in bash, with the environment that a runner gives it."""
        (tmp_path / "Dockerfile").write_text(SLIM)
        (step,) = (each for each in self.document["runs"]["steps"] if each.get("id") == "check")
        defaults = {name: str(each.get("default", "")) for name, each in self.document["inputs"].items()}
        values = {**defaults, "arguments": arguments}
        names = {name: re.fullmatch(r"\$\{\{ inputs\.([\w-]+) \}\}", text) for name, text in step["env"].items()}
        environment = {name: values[match[1]] for name, match in names.items() if match}
        runner = {name: str(tmp_path / name) for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            cwd=tmp_path,
            env={**environment, **runner, "RUNNER_TEMP": str(tmp_path), "PATH": path},
            capture_output=True,
            text=True,
            check=True,
        )
        assert (tmp_path / "GITHUB_OUTPUT").read_text() == f"exit-code={code}\n"
        if code == "1":
            assert "::warning title=SLIM101 build-tools-in-final-stage,file=Dockerfile,line=2,col=42" in done.stdout
            assert json.loads((tmp_path / "dockslim.sarif").read_text())["runs"][0]["results"]
            assert "### Dockerfile" in (tmp_path / "GITHUB_STEP_SUMMARY").read_text()
