"""The configuration file, as its user meets it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from dockslim.engine.keys import KEYS
from dockslim.engine.settings import DEFAULT

SLIM = "FROM python:3.12-slim-bookworm\nRUN apt-get update && apt-get install -y gcc\nRUN pip install cffi==1.17.1\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("Dockerfile").write_text(SLIM)
    return tmp_path


def codes(result: Any) -> list[str]:
    return sorted({finding["code"] for finding in json.loads(result.stdout)["findings"]})


JSON = ("--output-format", "json")


def test_config_takes_the_place_of_the_nearest(run: Any) -> None:
    Path("dockslim.toml").write_text('select = ["SLIM9"]\n')
    Path("other").mkdir()
    Path("other/strict.toml").write_text('select = ["SLIM101"]\n[per-file-ignores]\n"../*.x" = ["ALL"]\n')
    Path("Dockerfile.x").write_text(SLIM)
    assert codes(run("check", *JSON)) == []
    result = run("check", *JSON, "--config", "other/strict.toml")
    assert codes(result) == ["SLIM101"]
    assert {finding["path"] for finding in json.loads(result.stdout)["findings"]} == {"Dockerfile"}
    assert run("check", "--config", "other/strict.toml", "--isolated").exit_code == 2


def test_fix_safety(run: Any) -> None:
    Path("dockslim.toml").write_text('select = ["SLIM101"]\nfix-safety = {build-tools-in-final-stage = "unsafe"}\n')
    (finding,) = json.loads(run("check", *JSON).stdout)["findings"]
    assert finding["fix"]["safety"] == "unsafe"
    (file,) = json.loads(run("fix", *JSON).stdout)["files"]
    assert not file["changed"]
    (file,) = json.loads(run("fix", *JSON, "--unsafe-fixes").stdout)["files"]
    assert file["changed"]
    Path("dockslim.toml").write_text('select = ["SLIM101"]\nfix-safety = {SLIM1 = "display"}\n')
    (file,) = json.loads(run("fix", *JSON, "--unsafe-fixes").stdout)["files"]
    assert not file["changed"]


def test_wheel_directory(run: Any) -> None:
    Path("dockslim.toml").write_text('select = ["SLIM101"]\nwheel-directory = "/var/wheels/"\n')
    (file,) = json.loads(run("fix", *JSON).stdout)["files"]
    assert "/var/wheels" in file["text"]
    assert "/wheels/" not in file["text"].replace("/var/wheels", "")


def test_target_and_build_arguments_and_context(run: Any) -> None:
    Path("sub").mkdir()
    Path("sub/Dockerfile").write_text("ARG TAG\nFROM python:$TAG AS app\nRUN apt-get install -y gcc\nFROM scratch\n")
    Path("sub/dockslim.toml").write_text(
        'select = ["SLIM101"]\ntarget = "app"\ncontext = ".."\nbuild-args = {TAG = "3.12-slim-bookworm"}\n'
    )
    assert codes(run("check", *JSON, "sub")) == ["SLIM101"]
    assert run("check", "sub", "--target", "nowhere").exit_code == 2
    shown = json.loads(run("config", "show", "sub", *JSON).stdout)["settings"]
    assert Path(shown["context"]["value"]).resolve() == Path.cwd()


def test_exclude(run: Any) -> None:
    Path("examples").mkdir()
    Path("examples/Dockerfile").write_text(SLIM)
    Path("dockslim.toml").write_text('select = ["SLIM101"]\nexclude = ["examples/"]\n')

    def paths(*arguments: str) -> list[str]:
        return [finding["path"] for finding in json.loads(run("check", *JSON, *arguments).stdout)["findings"]]

    assert paths() == ["Dockerfile"]
    assert paths("examples/Dockerfile") == ["examples/Dockerfile"]
    assert paths("examples/Dockerfile", "--force-exclude") == []
    assert paths("--exclude", "/Dockerfile") == []
    assert paths("--isolated", "--select", "SLIM101", "--exclude", "examples") == ["Dockerfile"]
    # As pre-commit calls it: excluded files are no reason to complain.
    result = run("fix", "--write", "--force-exclude", "examples/Dockerfile")
    assert result.exit_code == 0
    assert Path("examples/Dockerfile").read_text() == SLIM


def test_show(run: Any) -> None:
    Path("pyproject.toml").write_text(
        '[tool.dockslim]\nselect = ["SLIM1"]\nseverity = {SLIM101 = "error"}\nbuild-args = {A = "1"}\n'
    )
    result = run("config", "show", "--target", "app", "--build-arg", "B=2")
    lines = {line.partition(" = ")[0]: line for line in result.stdout.splitlines()}
    file = str(Path.cwd() / "pyproject.toml")
    assert lines["select"].split("  # ") == ['select = ["SLIM1"]'.ljust(len(lines["select"].split("  # ")[0])), file]
    assert lines["severity"].startswith('severity = {"SLIM101" = "error"}')
    assert lines["target"].endswith("# command line")
    assert lines["build-args"].startswith('build-args = {"A" = "1", "B" = "2"}')
    assert lines["ignore"].endswith("# default")
    document = json.loads(run("config", "show", "Dockerfile", *JSON).stdout)
    assert document["file"] == file
    assert document["settings"]["select"] == {"value": ["SLIM1"], "source": file}
    assert "SLIM101" in document["rules"]
    assert "SLIM201" not in document["rules"]
    assert list(document["settings"]) == list(KEYS)


def test_the_schema_is_one_and_takes_what_dockslim_takes(run: Any) -> None:
    schema = json.loads(run("config", "schema").stdout)
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    assert set(schema["properties"]) == set(KEYS) == {name.replace("_", "-") for name in DEFAULT._fields[1:]}
    tomllib = pytest.importorskip("tomllib", reason="Python 3.11 reads TOML by itself")
    for name, key in KEYS.items():
        text = f"{name} = {key.example}\n"
        validator.validate(tomllib.loads(text))
        Path("dockslim.toml").write_text(text)
        assert run("config", "show").exit_code == 0
    for wrong in ({"selekt": []}, {"select": "SLIM1"}, {"severity": {"SLIM101": "fatal"}}, {"wheel-directory": "w"}):
        assert not validator.is_valid(wrong)


WRONG_FILES = [
    ('selct = ["SLIM1"]', "unknown key 'selct'; did you mean select?"),
    ('extend_select = ["SLIM1"]', "unknown key 'extend_select'; did you mean extend-select?"),
    ("zzz = 1", "unknown key 'zzz'; known are select, "),
    ("[tool.dockslim]\nselect = []", "unknown key 'tool'"),
    ('select = "SLIM1"', "select: a list of texts is expected, such as"),
    ("ignore = [1]", "ignore: a list of texts is expected"),
    ('ignore = [""]', "ignore: a list of texts is expected"),
    ('select = ["SLIM1O1"]', "select: no rule is called 'SLIM1O1'; did you mean SLIM101?"),
    (
        'extend-select = ["apt-list-left"]',
        "extend-select: no rule is called 'apt-list-left'; did you mean apt-lists-left?",
    ),
    ('ignore = ["E501"]', "ignore: no rule is called 'E501'; `dockslim rules` lists them"),
    ('per-file-ignores = ["a"]', "per-file-ignores: a table of patterns is expected"),
    ('per-file-ignores = {"a" = "b"}', "per-file-ignores: a list of texts"),
    ('per-file-ignores = {"other" = ["SLIM1O1"]}', "per-file-ignores: no rule is called 'SLIM1O1'"),
    ('severity = {SLIM101 = "eror"}', "severity: SLIM101: 'eror' is none of info, warning, error; did you mean error?"),
    ('severity = "info"', "severity: a table of rules is expected"),
    ('severity = {SLIM1O1 = "info"}', "severity: no rule is called 'SLIM1O1'"),
    ("severity = {SLIM101 = 3}", "severity: SLIM101: 3 is none of info, warning, error"),
    ('fix-safety = {SLIM101 = "never"}', "fix-safety: SLIM101: 'never' is none of safe, unsafe, display"),
    ('fix-safety = {nothing = "safe"}', "fix-safety: no rule is called 'nothing'"),
    ('wheel-transfer = "teleport"', "wheel-transfer: 'teleport' is none of mount, copy"),
    ('wheel-directory = "/w;rm"', "wheel-directory: a folder of the image is expected, such as"),
    ('wheel-directory = "wheels"', "wheel-directory: a folder of the image is expected, such as"),
    ('pin-release = "yes"', "pin-release: true or false is expected, not 'yes'"),
    ("target = 3", "target: a text is expected"),
    ('context = "nowhere"', "context: 'nowhere': no such folder"),
    ("build-args = {A = 1}", "build-args: a table of texts is expected"),
    ('exclude = "x"', "exclude: a list of patterns is expected"),
    ("select = [", "not TOML: "),
    ('select = ["A"]\nselect = ["B"]', "not TOML: "),
    (b'target = "caf\xe9"', "not UTF-8 (byte 14): save it as UTF-8"),
]


@pytest.mark.parametrize(("text", "said"), WRONG_FILES)
def test_a_wrong_file_costs_one_line(text: str | bytes, said: str, run: Any) -> None:
    path = Path("dockslim.toml")
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    for arguments in (["check"], ["check", "--config", "dockslim.toml"], ["config", "show"]):
        result = run(*arguments)
        assert result.exit_code == 2
        assert len(result.stderr.splitlines()) == 1
        assert "dockslim.toml: " in result.stderr
        assert said in result.stderr


WRONG_CALLS = [
    (["check", "--select", "SLIM1O1"], "--select: no rule is called 'SLIM1O1'; did you mean SLIM101?"),
    (["check", "--extend-select", "SLIM1O1"], "--extend-select: no rule is called"),
    (["check", "--ignore", "E501"], "--ignore: no rule is called 'E501'; `dockslim rules` lists them"),
    (["check", "--selct", "SLIM101"], "No such option"),
    (["check", "--output-format", "jsn"], "--output-format: 'jsn' is not one of text, concise, json"),
    (["check", "--output-format", "jsn"], "did you mean json?"),
    (["check", "--output-format", "json="], "'json=' names no file; write json=FILE"),
    (
        ["check", "--output-format", "json", "--output-format", "text"],
        "json and text cannot both go to standard output",
    ),
    (["check", "--output-format", "json=a", "--output-format", "text=a"], "json and text cannot both go to a"),
    (["check", "--output-format", "json=a", "--output-file", "b"], "--output-file: every --output-format names a file"),
    (["check", "--output-file", "no/where.txt"], "no such folder: no; make it first"),
    (["check", "--output-file", "."], "a folder; name a file in it"),
    (["check", "--fail-on", "fatal"], "'fatal' is not one of 'info', 'warning', 'error'"),
    (["check", "--context", "nowhere"], "does not exist"),
    (["check", "--config", "nowhere.toml"], "does not exist"),
    (["check", "--config", "pyproject.toml"], "pyproject.toml: has no [tool.dockslim]; add it, or name another file"),
    (["check", "--config", "dockslim.toml", "--isolated"], "--config and --isolated exclude each other"),
    (["check", "--build-arg", "=x"], "--build-arg: '=x' names no argument; write NAME=VALUE"),
    (["check", "--baseline", "nowhere.json"], "does not exist"),
    (["check", "--diff-only", "HEAD"], "no git repository"),
    (["check", "--target", "nowhere"], "Dockerfile: no stage 'nowhere'"),
    (["check", "nowhere"], "nowhere: no such file or folder"),
    (["chekc"], "No such command 'chekc'"),
    (["explain"], "Missing argument"),
    (["explain", "SLIM1O1"], "did you mean SLIM101?"),
    (["fix", "--write", "--diff"], "--write and --diff exclude each other"),
    (["fix", "--smoke", "x"], "--smoke goes with --verify"),
    (["fix", "--wheel-transfer", "post"], "'post' is not one of 'mount', 'copy'"),
    (["config", "show", "nowhere"], "nowhere: no such file or folder"),
    (["config", "shwo"], "No such command 'shwo'"),
    (["completion", "tcsh"], "'tcsh' is not one of 'bash', 'zsh', 'fish'"),
    (["baseline", "--output-file", "no/where.json"], "no/where.json: no such folder: no; make it first"),
]


@pytest.mark.parametrize(("arguments", "said"), WRONG_CALLS, ids=[" ".join(words) for words, _ in WRONG_CALLS])
def test_a_wrong_call_costs_one_line(
    arguments: list[str], said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from dockslim.cli import main

    Path("pyproject.toml").write_text("[project]\nname = 'dockslim-user'\n")
    Path("dockslim.toml").write_text("")
    monkeypatch.setattr("sys.argv", ["dockslim", *arguments])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("dockslim: error: ")
    assert said in line
