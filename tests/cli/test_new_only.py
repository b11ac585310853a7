"""Only what is new: since a git revision, or beside a baseline."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

SLIM = "FROM python:3.12-slim-bookworm\nRUN apt-get update && apt-get install -y gcc\nRUN pip install cffi==1.17.1\n"
OLD = SLIM.replace("-y gcc", "-y \\\n    gcc \\\n    make")
SELECT = ("--select", "SLIM101", "--output-format", "concise")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def git(*arguments: str) -> None:
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", *identity, *arguments], check=True, capture_output=True)


@pytest.fixture
def repository() -> None:
    Path("a b").mkdir()
    Path("a b/Dockerfile").write_text(OLD)
    Path("Dockerfile").write_text(OLD)
    git("init")
    git("add", ".")
    git("commit", "-m", "one")


def places(result: Any) -> list[str]:
    return [line.split(" SLIM")[0] for line in result.stdout.splitlines() if " SLIM" in line]


@pytest.mark.usefixtures("repository")
class TestDiffOnly:
    def test_nothing_changed(self, run: Any) -> None:
        result = run("check", *SELECT, "--diff-only", "HEAD")
        assert result.exit_code == 0
        assert result.stdout == "Nothing to report in 2 files. (4 more are left out)\n"

    def test_a_changed_line(self, run: Any) -> None:
        Path("a b/Dockerfile").write_text(OLD.replace("    gcc", "    g++ \\\n    gcc"))
        result = run("check", *SELECT, "--diff-only", "HEAD")
        assert result.exit_code == 1
        assert places(result) == ["a b/Dockerfile:3:5:"]
        git("commit", "-am", "two")
        assert places(run("check", *SELECT, "--diff-only", "HEAD")) == []
        assert places(run("check", *SELECT, "--diff-only", "HEAD~1")) == ["a b/Dockerfile:3:5:"]

    def test_from_a_folder_below(self, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        Path("a b/Dockerfile").write_text(OLD.replace("gcc", "g++"))
        monkeypatch.chdir("a b")
        assert places(run("check", *SELECT, "--diff-only", "main")) == ["Dockerfile:3:5:"]

    def test_a_file_that_git_does_not_know_is_new(self, run: Any) -> None:
        Path("new.Dockerfile").write_text(SLIM)
        assert places(run("check", *SELECT, "--diff-only", "HEAD")) == ["new.Dockerfile:2:42:"]

    def test_a_renamed_file_is_not(self, run: Any) -> None:
        git("mv", "Dockerfile", "é.Dockerfile")
        assert places(run("check", *SELECT, "--diff-only", "HEAD")) == []
        Path("é.Dockerfile").write_text(OLD.replace("make", "cmake"))
        assert places(run("check", *SELECT, "--diff-only", "HEAD")) == ["é.Dockerfile:4:5:"]

    def test_lines_that_look_like_headers(self, run: Any) -> None:
        Path("Dockerfile").write_text(OLD + "RUN <<E\n++ b/x\n+++ new/Dockerfile\n@@ -1 +1,9 @@\nE\n")
        assert places(run("check", *SELECT, "--diff-only", "HEAD")) == []

    def test_the_users_git_settings_do_not_matter(self, run: Any) -> None:
        for key, value in (
            ("diff.noprefix", "true"),
            ("diff.mnemonicPrefix", "true"),
            ("color.ui", "always"),
            ("diff.external", "false"),
        ):
            git("config", key, value)
        Path("Dockerfile").write_text(OLD.replace("gcc", "g++"))
        assert places(run("check", *SELECT, "--diff-only", "HEAD")) == ["Dockerfile:3:5:"]

    @pytest.mark.parametrize("revision", ["nowhere", "--output=x", ""])
    def test_a_revision_that_is_none(self, revision: str, run: Any) -> None:
        result = run("check", f"--diff-only={revision}")
        assert result.exit_code == 2
        assert "--diff-only: " in result.stderr
        assert not Path("x").exists()

    def test_standard_input(self, run: Any) -> None:
        result = run("check", "--diff-only", "HEAD", "-", stdin=SLIM.encode())
        assert result.exit_code == 2
        assert "standard input has no history" in result.stderr


def test_no_repository(run: Any) -> None:
    Path("Dockerfile").write_text(SLIM)
    result = run("check", "--diff-only", "HEAD")
    assert result.exit_code == 2
    assert "no git repository" in result.stderr


def test_a_baseline(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("a").mkdir()
    Path("a/Dockerfile").write_text(OLD)
    written = run("baseline", "--select", "SLIM101")
    assert written.exit_code == 0
    assert written.stdout == "dockslim-baseline.json: 2 findings written down\n"
    baseline = Path("dockslim-baseline.json")
    assert list(json.loads(baseline.read_text())["findings"]) == ["a/Dockerfile"]
    known = ("check", *SELECT, "--baseline", baseline.absolute())
    result = run(*known)
    assert result.exit_code == 0
    assert "(2 more are left out)" in result.stdout
    # Edits elsewhere change nothing: lines above, another package, another order.
    Path("a/Dockerfile").write_text("# a comment\n" + OLD.replace("    gcc \\\n", "    curl \\\n    gcc  \\\n"))
    assert places(run(*known)) == []
    # From another folder it is the same file.
    monkeypatch.chdir("a")
    assert places(run(*known)) == []
    # What is new is told, also where the same words are marked already.
    Path("Dockerfile").write_text(OLD.replace("make", "make cmake gcc"))
    assert places(run(*known)) == ["Dockerfile:4:10:", "Dockerfile:4:16:"]


def test_a_baseline_on_standard_output(run: Any) -> None:
    Path("Dockerfile").write_text(SLIM)
    result = run("baseline", "--select", "SLIM101", "--output-file", "-")
    assert list(json.loads(result.stdout)["findings"]) == ["Dockerfile"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "not JSON"),
        ("[]", "it has no table 'findings'"),
        ('{"schema": 2, "findings": {}}', "schema: 2 is not 1"),
        ('{"schema": 1, "findings": {"a": 1}}', "it has no table 'findings'"),
    ],
)
def test_what_is_no_baseline(text: str, said: str, run: Any) -> None:
    Path("base.json").write_text(text)
    result = run("check", "--baseline", "base.json")
    assert result.exit_code == 2
    assert "base.json: " in result.stderr
    assert said in result.stderr
    assert "dockslim baseline" in result.stderr
