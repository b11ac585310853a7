"""What each command prints on terminals of all widths, and in a pipe: no word broken, no colour that was not wanted."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from dockslim.cli import cli
from dockslim.report.snippet import cells

pty = pytest.importorskip("pty", reason="no pseudo-terminals here")

CONFIGURATION = """\
exclude = ["tests/fixtures/docker files/**", "vendor/", "services/legacy/deployment/containers/*.dockerfile"]
build-args = {IMAGE = "registry.example.com/team/a-rather-long-name/python:3.12-slim-bookworm", SAID = "a b c d"}
[known-packages.acme-dev]
role = "dev-header"
runtime = ["acme"]
"""
COMMANDS = {
    "rules": ["rules"],
    "why": ["why", "--release", "bookworm", "gcc", "unixodbc-dev", "libpq-dev"],
    "config": ["config", "show"],
    "explain": ["explain", "SLIM101"],
}


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("dockslim.toml").write_text(CONFIGURATION)


def surroundings(**more: str) -> dict[str, str]:
    left_out = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "TERM", "COLORTERM")
    return {**{name: value for name, value in os.environ.items() if name not in left_out}, "TERM": "xterm", **more}


def piped(words: list[str], **environment: str) -> str:
    command = [sys.executable, "-m", "dockslim", *words]
    done = subprocess.run(command, env=surroundings(**environment), stdin=subprocess.DEVNULL, capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout.decode()


def on_terminal(words: list[str], columns: int, ending: int = 0, **environment: str) -> str:
    """What a terminal of so many columns gets; the size is the terminal's own, no variable tells of it."""
    import fcntl
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-m", "dockslim", *words],
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
        env=surroundings(**environment),
    )
    os.close(theirs)
    got = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        got += piece
    os.close(ours)
    assert process.wait(60) == ending
    return got.decode().replace("\r\n", "\n")


def undone(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


@pytest.mark.parametrize(
    ("columns", "environment"),
    [(40, {}), (80, {}), (400, {}), (80, {"NO_COLOR": "1"}), (80, {"TERM": "dumb"})],
    ids=str,
)
@pytest.mark.parametrize("name", COMMANDS)
def test_no_word_is_broken(name: str, columns: int, environment: dict[str, str]) -> None:
    text = on_terminal(COMMANDS[name], columns, **environment)
    assert ("\x1b" in text) is (not environment)
    plain = piped(COMMANDS[name])
    assert "\x1b" not in plain
    lines = undone(text).splitlines()
    if name != "explain":
        # The same words in the same order, but for the sign that begins a comment.
        assert [word for word in undone(text).split() if word != "#"] == [word for word in plain.split() if word != "#"]
        if columns == 400:
            assert undone(text) == plain
    code = [line for line in lines if line.startswith("    ")] if name == "explain" else []  # a file's own lines
    for line in lines:
        whole = line.strip()
        alone = len(whole.split()) == 1 or re.fullmatch(r'[\[{]*"[^"]*"( = [\[{]*"[^"]*")*[\]},]*', whole)
        assert cells(line) <= columns or line in code or alone or whole.startswith("# /"), line


FAINT = {"33", "34", "36", "93", "94", "96"}  # yellow and cyan on white, blue on black


@pytest.mark.parametrize("words", [*COMMANDS.values(), ["check"], ["fix", "--unsafe-fixes"]], ids=" ".join)
def test_no_colour_is_lost_on_a_light_or_a_dark_terminal(words: list[str]) -> None:
    Path("Dockerfile").write_text("FROM python:3.12\nADD x x\nCOPY . .\n" + SLIM)
    text = on_terminal(words, 80, 0 if words in COMMANDS.values() else 1)
    codes = {code for each in re.findall(r"\x1b\[([0-9;]*)m", text) for code in each.split(";")}
    assert "1" in codes
    assert not codes & FAINT


@pytest.mark.parametrize("name", COMMANDS)
def test_colour_in_a_pipe_changes_no_letter(name: str) -> None:
    plain = piped(COMMANDS[name])
    for term in ("xterm", "dumb"):
        coloured = piped(COMMANDS[name], FORCE_COLOR="1", TERM=term)
        assert "\x1b[" in coloured
        assert undone(coloured) == plain
        assert piped(COMMANDS[name], FORCE_COLOR="1", NO_COLOR="1", TERM=term) == plain
    assert piped(COMMANDS[name], COLUMNS="40") == plain


def test_a_value_of_the_configuration_is_in_one_piece() -> None:
    lines = undone(on_terminal(["config", "show"], 80)).splitlines()
    assert '    {"IMAGE" = "registry.example.com/team/a-rather-long-name/python:3.12-slim-bookworm",' in lines
    (said,) = [line for line in lines if '"SAID"' in line]
    assert '"SAID" = "a b c d"}' in said
    (first,) = [line for line in lines if line.startswith("exclude")]
    assert '"tests/fixtures/docker files/**",' in first


SLIM = "FROM python:3.12-slim-bookworm\nRUN apt-get update && apt-get install -y gcc libpq-dev\nRUN pip install cffi\n"
WRONG = [["--output-format", "yaml"], ["--selct"], ["no-such-file-of-a-rather-long-name-that-is"], ["--config", "x"]]


@pytest.mark.parametrize("words", [*WRONG, ["--target", "nosuch", "Dockerfile"]], ids=" ".join)
def test_an_error_is_one_line_but_on_a_terminal(words: list[str]) -> None:
    Path("Dockerfile").write_text(SLIM)
    command = [sys.executable, "-m", "dockslim", "check", *words]
    done = subprocess.run(command, env=surroundings(), stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    for columns in (40, 80):
        lines = on_terminal(["check", *words], columns, 2).splitlines()
        assert " ".join(" ".join(lines).split()) == line
        assert all(cells(each) <= columns or len(each.split()) == 1 for each in lines)


def test_a_concise_report_is_a_line_each_but_on_a_terminal() -> None:
    Path("Dockerfile").write_text(SLIM)
    words = ["check", "--isolated", "--output-format", "concise", "Dockerfile"]
    wide, narrow = (undone(on_terminal(words, columns, 1)) for columns in (400, 60))
    assert all(line.startswith("Dockerfile:") for line in wide.splitlines()[:-1])
    assert narrow.split() == wide.split()
    assert all(cells(line) <= 60 for line in narrow.splitlines())


def commands(group: click.Group, ctx: click.Context, before: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = [before]
    for name in group.list_commands(ctx):
        command = group.get_command(ctx, name)
        if isinstance(command, click.Group):
            found += commands(command, ctx, (*before, name))
        else:
            found.append((*before, name))
    return found


@pytest.mark.parametrize("words", commands(cli, click.Context(cli)), ids=" ".join)
def test_help_breaks_no_word(words: tuple[str, ...]) -> None:
    def shown(columns: int) -> str:
        return CliRunner().invoke(cli, [*words, "--help"], terminal_width=columns).stdout

    wide = shown(1000)
    assert wide.startswith("Usage: ")
    assert "\ue000" not in wide
    for columns in (72, 80):
        narrow = shown(columns)
        # Options stand in a column of their own, so that the words come in another order; none is broken.
        assert sorted(set(narrow.split())) == sorted(set(wide.split()))
        assert all(len(line) <= columns for line in narrow.splitlines())
