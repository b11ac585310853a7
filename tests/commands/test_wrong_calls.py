"""Wrong configurations and wrong calls: one line each, which names the place and the remedy, and the exit code 2."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dockslim.cli import main
from dockslim.report.snippet import cells

SLIM = "FROM python:3.12-slim-bookworm\nRUN apt-get update && apt-get install -y gcc\nRUN pip install cffi==1.17.1\n"


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    Path("Dockerfile").write_text(SLIM)


def call(line: str) -> subprocess.CompletedProcess[bytes]:
    """Run a line of the shell in which `dockslim` means ours."""
    ours = line.replace("dockslim", f"{sys.executable} -m dockslim", 1)
    return subprocess.run(["bash", "-c", ours], stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)


def one_line(result: subprocess.CompletedProcess[bytes]) -> str:
    return only_line(result.returncode, result.stderr.decode())


def only_line(code: object, stderr: str) -> str:
    assert code == 2, stderr
    (line,) = stderr.splitlines()
    assert line.startswith("dockslim: error: ")
    assert "internal error" not in line
    assert "please report" not in line
    return line.removeprefix("dockslim: error: ")


@pytest.fixture
def complaint(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Call the program in this process, and give the one line that it has to say."""

    def called(*words: str) -> str:
        monkeypatch.setattr(sys, "argv", ["dockslim", *words])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        return only_line(ended.value.code, capsys.readouterr().err)

    return called


CONFIGURATIONS = [
    ('selct = ["SLIM1"]', "unknown key 'selct'; did you mean select?"),
    ("zzzz = 1", "unknown key 'zzzz'; known are select, "),
    ('select = "SLIM1"', 'select: a list of texts is expected, such as ["SLIM101"'),
    ("select = [1]", "select: a list of texts is expected"),
    ('select = [""]', "select: a list of texts is expected"),
    ('select = ["SLIM1O1"]', "select: no rule is called 'SLIM1O1'; did you mean SLIM101?"),
    ('ignore = ["nope"]', "ignore: no rule is called 'nope'; `dockslim rules` lists them"),
    ('severity = {SLIM101 = "fatal"}', "severity: SLIM101: 'fatal' is none of info, warning, error"),
    ('severity = {nope = "info"}', "severity: no rule is called 'nope'"),
    ('severity = "info"', "severity: a table of rules is expected, such as {"),
    ('fix-safety = {SLIM101 = "maybe"}', "fix-safety: SLIM101: 'maybe' is none of safe, unsafe, display"),
    ('wheel-directory = "wheels"', 'wheel-directory: a folder of the image is expected, such as "/wheels"'),
    ('wheel-transfer = "cp"', "wheel-transfer: 'cp' is none of mount, copy; did you mean copy?"),
    ('pin-release = "yes"', "pin-release: true or false is expected, not 'yes'"),
    ("target = 1", 'target: a text is expected, such as "app", not 1'),
    ('context = "nowhere"', "context: 'nowhere': no such folder beside the file"),
    ('context = "Dockerfile"', "context: 'Dockerfile': no such folder beside the file"),
    ("build-args = {A = 1}", 'build-args: a table of texts is expected, such as {PYTHON = "3.12"}'),
    ('per-file-ignores = ["A"]', "per-file-ignores: a table of patterns is expected"),
    ('per-file-ignores = {"*" = "SLIM1"}', "per-file-ignores: a list of texts is expected"),
    ('exclude = "a"', "exclude: a list of patterns is expected, as in .gitignore"),
    ('exclude = ["ok", "!"]', "exclude: '!' is no pattern as .gitignore has them"),
    ("select = [", "not TOML: "),
    ("exclude = ['[z-a]']", "exclude: '[z-a]' is no pattern as .gitignore has them"),
    ('per-file-ignores = {"[" = ["SLIM1"]}', "per-file-ignores: '[' is no pattern: a [ in it is never closed"),
    ('per-file-ignores = {"[a]/x[!]" = ["SLIM1"]}', "per-file-ignores: '[a]/x[!]' is no pattern: a [ in it is never"),
    ('per-file-ignores = {"" = ["SLIM1"]}', "per-file-ignores: '' is no pattern: it takes no file"),
    ('per-file-ignores = {"*" = ["SLIM1O1"]}', "per-file-ignores: no rule is called 'SLIM1O1'; did you mean SLIM101?"),
    ('build-args = {"" = "x"}', "build-args: '' is no name of an argument"),
    ('build-args = {"A=B" = "x"}', "build-args: 'A=B' is no name of an argument"),
    ('build-args = ["A=1"]', "build-args: a table of texts is expected"),
    ('context = "a\\u0000b"', "context: 'a\\x00b': no such folder beside the file"),
    (f'context = "{"x" * 300}"', "no such folder beside the file"),
    ('target = ""', "target: a text is expected, such as \"app\", not ''"),
    ("target = 1979-05-27", 'target: a text is expected, such as "app", not what stands there'),
    ('wheel-directory = "/"', "wheel-directory: a folder of the image is expected, such as \"/wheels\", not '/'"),
    ('known-packages = {gcc = "buildtool"}', "known-packages: gcc: role: 'buildtool' is none of build-tool, "),
    ('known-packages = {"a b" = "runtime"}', "known-packages: 'a b' is no name of a package"),
    ("known-packages = {gcc = {runtime = {bokworm = ['x']}}}", "is no release that is known; did you mean bookworm?"),
    ("Select = []", "unknown key 'Select'; did you mean select?"),
    ("per_file_ignores = {}", "unknown key 'per_file_ignores'; did you mean per-file-ignores?"),
    ("[select]", 'select: a list of texts is expected, such as ["SLIM101"'),
    ("#" * 4_000_001, "larger than 4 MB: no configuration; name another file"),
    ('target = "a"\ntarget = "b"', "not TOML: "),
    ("\0\1", "not TOML: "),
    ('[tool.dockslim]\nselect = ["SLIM1"]', "unknown key 'tool'; in dockslim.toml the keys stand at the top"),
]


@pytest.mark.parametrize(("text", "said"), CONFIGURATIONS)
def test_a_wrong_configuration(text: str, said: str, complaint: Callable[..., str]) -> None:
    Path("dockslim.toml").write_text(text)
    line = complaint("check")
    assert "/dockslim.toml: " in line
    assert said in line
    assert complaint("fix", "Dockerfile") == line


def test_a_folder_that_is_called_like_the_configuration(complaint: Callable[..., str]) -> None:
    Path("dockslim.toml").mkdir()
    assert "/dockslim.toml: a folder, where a file is expected" in complaint("check")


def test_tool_dockslim_is_a_table(complaint: Callable[..., str]) -> None:
    Path("pyproject.toml").write_text("[tool]\ndockslim = 1\n")
    assert "/pyproject.toml: tool.dockslim: a table is expected, as in [tool.dockslim]" in complaint("check")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("[tool.dockslim]\n# é\n".encode("latin-1"), "not UTF-8 (byte 19): save it as UTF-8"),
        (b"\xff\xfes\0", "UTF-16 text: save it as UTF-8"),
        (b"[[tool.dockslim]]\nselect = []\n", "tool.dockslim: a table is expected, as in [tool.dockslim]"),
        (b"[tool.dockslim\n", "not TOML: "),
        (b"[tool.dockslim]\nselct = []\n", "unknown key 'selct'; did you mean select?"),
    ],
)
def test_a_wrong_pyproject(data: bytes, said: str, complaint: Callable[..., str]) -> None:
    Path("pyproject.toml").write_bytes(data)
    line = complaint("check")
    assert "/pyproject.toml: " in line
    assert said in line


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf# nothing\n", b"\n\n"])
def test_a_configuration_that_says_nothing(data: bytes, run: Callable[..., Any]) -> None:
    Path("dockslim.toml").write_bytes(data)
    assert run("check", "Dockerfile").stdout == run("check", "--isolated", "Dockerfile").stdout


LONG = "x" * 300
CALLS = [
    (["check", "--exclude", "[z-a]"], "--exclude: '[z-a]' is no pattern as .gitignore has them"),
    (["check", "--output-format", "sarif="], "'sarif=' names no file; write sarif=FILE"),
    (["check", "--output-format", "=x"], "--output-format: '' is not one of text, "),
    (["check", "--output-format", "sarif=."], ".: a folder; name a file in it"),
    (["check", "--output-format", "sarif=no/x.sarif"], "no/x.sarif: no such folder: no; make it first"),
    (["check", "--output-format", "sarif=Dockerfile/x"], "Dockerfile/x: no such folder: Dockerfile; make it first"),
    (["check", "--output-format", f"sarif={LONG}"], "file name too long"),
    (["check", "--output-format", "sarif=x", "--output-file", "y"], "every --output-format names a file already"),
    (["check", "--output-format", "sarif=./x", "--output-format", "json=x"], "sarif and json cannot both go to x"),
    (["check", "--output-file", LONG], "file name too long"),
    (["check", "--stdin-filename", LONG, "-"], "file name too long"),
    (["check", "--config", LONG], f"--config': File '{LONG}' does not exist"),
    (["check", "--jobs", "1.5"], "--jobs': '1.5' is not a valid integer"),
    (["check", "--fail-on", "ERROR"], "'ERROR' is not one of 'info', 'warning', 'error'"),
    (["check", "--select", "SLIM101,,nope"], "--select: no rule is called 'nope'"),
    (["check", "--baseline", "."], "--baseline': File '.' is a directory"),
    (["check", "--context", "Dockerfile/.."], "--context': Directory 'Dockerfile/..' does not exist"),
    (["check", "--", "--select"], "--select: no such file or folder"),
    (["fix", "--output-format", "json=x"], "'json=x' is not one of 'text', 'json'"),
    (["verify", "Dockerfile", "--timeout", "nan"], "--timeout': nan is no number of seconds"),
    (["verify", "Dockerfile", "--build-timeout", "inf"], "--build-timeout': inf is no number of seconds"),
    (["verify", "Dockerfile", "--output", "."], "--output': File '.' is a directory"),
    (["verify", "Dockerfile", "--output", LONG], "file name too long"),
    (["why", "gcc", "--release", ""], "--release: '' is no release that is known"),
    (["config", "show", LONG], "file name too long"),
    (["config", "show", "a", "b"], "Got unexpected extra argument (b)"),
    (["explain", ""], "no rule is called ''; `dockslim rules` lists them"),
    (["baseline", "--output-file", ""], "--output-file: '' names no file"),
    (["baseline", "--output-file", "."], "--output-file': File '.' is a directory"),
    (["rules", "extra"], "Got unexpected extra argument (extra)"),
    (["check", "--config", "nope.toml"], "--config': File 'nope.toml' does not exist"),
    (["check", "--config", "."], "--config': File '.' is a directory"),
    (["check", "--config", "Dockerfile", "--isolated"], "--config and --isolated exclude each other"),
    (["check", "nope"], "nope: no such file or folder"),
    (["check", "nope/"], "nope: no such file or folder"),
    (["check", "\udce9"], "\ufffd: no such file or folder"),
    (["check", ""], "'' names no file"),
    (["fix", "--write", ""], "'' names no file"),
    (["check", "a" * 300], "file name too long"),
    (["check", "--context", "nope"], "--context': Directory 'nope' does not exist"),
    (["check", "--context", "Dockerfile"], "--context': Directory 'Dockerfile' is a file"),
    (["check", "--target", "nosuch"], "Dockerfile: no stage 'nosuch' to be its target"),
    (["check", "--target", ""], "--target: '' is empty"),
    (["check", "--build-arg", "=x"], "--build-arg: '=x' names no argument; write NAME=VALUE"),
    (["check", "--exclude", "!"], "--exclude: '!' is no pattern as .gitignore has them"),
    (["check", "--exclude", ""], "--exclude: '' is empty"),
    (["check", "--select", ""], "--select: '' names no rule"),
    (["check", "--ignore", "nope"], "--ignore: no rule is called 'nope'"),
    (["check", "--output-format", "jsn"], "did you mean json?"),
    (["check", "--output-format", "json="], "'json=' names no file; write json=FILE"),
    (["check", "--output-format", "json", "--output-format", "sarif"], "cannot both go to standard output"),
    (["check", "--output-format", "json=x", "--output-format", "sarif=x"], "cannot both go to x"),
    (["check", "--output-file", "."], ".: a folder; name a file in it"),
    (["check", "--output-file", "x/y.txt"], "x/y.txt: no such folder: x; make it first"),
    (["check", "--output-file", ""], "--output-file: '' names no file"),
    (["check", "--output-file", "Dockerfile"], "Dockerfile: was checked itself: the report is not written over it"),
    (["check", "--stdin-filename", "", "-"], "--stdin-filename: '' names no file"),
    (["check", "--stdin-filename", ".", "-"], "--stdin-filename: '.' names no file"),
    (["check", "--fail-on", "fatal"], "'fatal' is not one of 'info', 'warning', 'error'"),
    (["check", "--jobs", "0"], "--jobs': 0 is not in the range"),
    (["check", "--diff-only", "HEAD"], "no git repository: --diff-only needs one"),
    (["check", "--diff-only", ""], "--diff-only: '' is empty"),
    (["check", "--baseline", "Dockerfile"], "Dockerfile: not JSON: "),
    (["check", "--baseline", "nope"], "--baseline': File 'nope' does not exist"),
    (["check", "--selct", "x"], "--select"),
    (["chekc"], "No such command 'chekc'."),
    (["fix", "--write", "--diff"], "--write and --diff exclude each other"),
    (["fix", "--output-format", "sarif"], "'sarif' is not one of 'text', 'json'"),
    (["fix", "--smoke", "true"], "--smoke goes with --verify"),
    (["fix", "--verify", "--smoke", ""], "--smoke: '' is empty"),
    (["fix", "--verify", "--engine", "zork"], "'zork' is not one of 'auto', 'docker', 'podman', 'buildah'"),
    (["fix", "--wheel-transfer", "zip"], "'zip' is not one of 'mount', 'copy'"),
    (["verify", "Dockerfile", "--output", "x/y"], "x/y: no such folder: x; make it first"),
    (["verify", "Dockerfile", "--build-arg", "=x"], "--build-arg: '=x' names no argument; write NAME=VALUE"),
    (["verify", "Dockerfile", "--against", "nope"], "--against': File 'nope' does not exist"),
    (["explain", "SLIM1O1"], "no rule is called 'SLIM1O1'; did you mean SLIM101?"),
    (["explain", "?"], "no rule is called '?'; `dockslim rules` lists them"),
    (["why", " "], "'' names no package"),
    (["why", "gcc", "--release", "bokworm"], "did you mean bookworm?"),
    (["config", "show", "nope"], "nope: no such file or folder"),
    (["completion", "tcsh"], "'tcsh' is not one of 'bash', 'zsh', 'fish'"),
    (["baseline", "--output-file", "x/y"], "x/y: no such folder: x; make it first"),
]


@pytest.mark.parametrize(("words", "said"), CALLS, ids=[" ".join(words)[:60] for words, _ in CALLS])
def test_a_wrong_call(words: list[str], said: str, complaint: Callable[..., str]) -> None:
    assert said in complaint(*words)
    assert Path("Dockerfile").read_text() == SLIM


LINES = [
    ("dockslim check - <&-", "Dockerfile: standard input is closed"),
    ("printf '\\0' > b; dockslim check b", "b: a binary file, no Dockerfile"),
    ("iconv -t utf-16 Dockerfile > u; dockslim check u", "u: UTF-16 text: Docker reads UTF-8 only, save it as UTF-8"),
    ("head -c 4100000 /dev/zero | tr '\\0' a > b; dockslim check b", "b: larger than 4 MB: no Dockerfile"),
    ("ln -s l l; dockslim check l", "l: a symbolic link to nothing"),
    ("echo 'a: [' > compose.yaml; dockslim check compose.yaml", "compose.yaml: not YAML: "),
    ("echo '[]' > b; dockslim check --baseline b", "b: no baseline: it has no table 'findings'; write it anew"),
    (": > b; dockslim check --baseline b", "b: not JSON: "),
    ("printf '\\xff' > b; dockslim check --baseline b", "b: not JSON: "),
    ('echo \'{"schema": 9, "findings": {}}\' > b; dockslim check --baseline b', "b: schema: 9 is not 1; write it anew"),
    ("git init -q; dockslim check --diff-only=--output=x", "'--output=x' is no revision; write a commit, a branch"),
    ("git init -q; dockslim check --diff-only HEAD", "--diff-only: 'HEAD': bad revision 'HEAD'"),
    ("dockslim check --config /dev/zero", "/dev/zero: larger than 4 MB: no configuration"),
    ("DOCKSLIM_CACHE_DIR=/dev/null dockslim cache clear", "/dev/null: not a directory"),
    ("yes '[' | head -c 400000 > b; dockslim check --baseline b", "b: not JSON: "),
    ("mkdir g; cd g; rmdir ../g; dockslim check", "the current folder is no longer there"),
]


@pytest.mark.parametrize(("line", "said"), LINES, ids=[line[:60] for line, _ in LINES])
def test_a_wrong_file(line: str, said: str) -> None:
    assert said in one_line(call(line))


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")  # noqa: PTH110
@pytest.mark.parametrize(
    "words",
    [
        "check",
        "check --output-format json",
        "fix",
        "fix - < Dockerfile",
        "rules",
        "why gcc",
        "explain SLIM101",
        "--help",
    ],
)
def test_a_full_disk(words: str) -> None:
    assert one_line(call(f"dockslim {words} > /dev/full")) == "standard output: not written: no space left on device"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")  # noqa: PTH110
def test_a_report_on_a_full_disk() -> None:
    assert one_line(call("dockslim check --output-file /dev/full")) == "/dev/full: not written: no space left on device"


@pytest.mark.parametrize("command", ["check --output-format concise", "check", "fix", "rules"])
def test_a_reader_that_leaves(command: str) -> None:
    Path("Dockerfile").write_text("FROM python:3.12-slim\n" + "RUN apt-get update\n" * 3000)
    result = call(f"dockslim {command} | head -n 1")
    assert result.stderr == b""
    assert len(result.stdout.splitlines()) == 1


@pytest.mark.parametrize("command", ["check Dockerfile", "fix Dockerfile", "--version"])
def test_closed_output(command: str) -> None:
    closed = call(f"dockslim {command} >&-")
    assert (closed.returncode, closed.stderr) == (call(f"dockslim {command}").returncode, b"")
    assert call(f"dockslim {command} 2>&-").returncode == closed.returncode


def test_without_a_command_there_is_help() -> None:
    for words in ("", "config"):
        result = call(f"dockslim {words}")
        assert result.returncode in (0, 2)  # as click has it
        assert re.match(r"Usage: \S+ ", (result.stderr or result.stdout).decode())


def test_an_interruption_costs_one_word() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "dockslim", "check", "-"], stdin=subprocess.PIPE, stdout=-1, stderr=-1
    )
    time.sleep(1.5)
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=30)
    assert (process.returncode, stdout, stderr.lstrip()) == (130, b"", b"interrupted\n")


def on_terminal(words: list[str], columns: int, **environment: str) -> str:
    """What a terminal of so many columns gets."""
    ours, theirs = pty.openpty()
    base = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    process = subprocess.Popen(
        [sys.executable, "-m", "dockslim", *words],
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
        env={**base, "TERM": "xterm", "COLUMNS": str(columns), **environment},
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
    process.wait(60)
    assert process.returncode == 1
    return got.decode().replace("\r\n", "\n")


WIDE = (
    "FROM python:3.12-slim-bookworm\n# 日本語の説明 🐍 \t tabs\n"
    'LABEL 説明="日本語の長い説明がここにありますので、端末の幅を超えます 🐍🐍🐍"\n'
    "RUN apt-get update \\\n\t&& apt-get install -y\tgcc\tlibpq-dev  # é\nRUN pip install psycopg2==2.9.9\n"
)


@pytest.mark.parametrize("command", ["check", "fix"])
@pytest.mark.parametrize("columns", [1, 40, 400])
@pytest.mark.parametrize("environment", [{}, {"NO_COLOR": "1"}, {"TERM": "dumb"}, {"LC_ALL": "C"}], ids=str)
def test_any_terminal(environment: dict[str, str], columns: int, command: str) -> None:
    Path("Dockerfile").write_text(WIDE, "utf-8")
    text = on_terminal([command, "Dockerfile"], columns, **environment)
    assert "Traceback" not in text
    assert "error" not in text
    assert ("\x1b[" in text) == (not environment.keys() & {"NO_COLOR", "TERM"})
    assert "SLIM101" in text
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
    if command == "check" and columns >= 40:
        for line in plain.splitlines():
            longest = max((cells(word) for word in line.split()), default=0)
            assert cells(line) <= max(columns, longest + 4), line
