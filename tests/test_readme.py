"""The README shows what the program really prints and writes."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "README.md").read_text()
SHOWN = re.findall(r"```console\n\$ dockslim ([^\n]*)\n(.*?)```", TEXT, re.DOTALL)
FILES = re.findall(r"\[[^]]*\]\(([^)]*)\):\n\n```dockerfile\n(.*?)```", TEXT, re.DOTALL)
LINKS = re.findall(r"\]\(([^)#]*)[^)]*\)", TEXT)


@pytest.mark.parametrize(("command", "shown"), SHOWN, ids=[command for command, _ in SHOWN])
def test_what_is_shown_is_what_is_printed(
    command: str, shown: str, run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    assert run(*shlex.split(command)).stdout.strip() == shown.strip()


@pytest.mark.parametrize(("path", "shown"), FILES, ids=[path for path, _ in FILES])
def test_a_file_that_is_shown_is_that_file(path: str, shown: str) -> None:
    assert (ROOT / path).read_text() == shown


@pytest.mark.parametrize("path", sorted({link for link in LINKS if "://" not in link}))
def test_what_is_linked_is_there(path: str) -> None:
    assert (ROOT / path).exists()


def test_speeds_are_those_that_were_measured() -> None:
    (row,) = re.findall(r"^\| files in a second³ \|(.*)\|$", TEXT, re.MULTILINE)
    measured = (ROOT / "docs" / "performance.md").read_text()
    for figure, tool in zip(
        row.split("|"), ("dockslim, one process", "hadolint", "tally", "dockerfile-doctor"), strict=True
    ):
        assert re.search(rf"^\| {tool} \| [\d.,]+ / {re.escape(figure.strip())} / ", measured, re.MULTILINE)
