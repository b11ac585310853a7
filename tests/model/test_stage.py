from __future__ import annotations

import pytest

from dockslim.model import Facts, Manager, PackageInstall, PipInstall, ProjectInstall, TargetKind, read
from dockslim.syntax import parse


def facts(text: str, **options: object) -> Facts:
    return read(parse(text), **options)  # type: ignore[arg-type]


def test_stages_names_and_lineage() -> None:
    found = facts("ARG V=3.12\nFROM python:${V}-slim AS Base\nFROM base\nUSER app\n")
    first, last = found.stages
    assert (first.name, first.base.reference) == ("base", "python:3.12-slim")
    assert last.lineage == [first, last]
    assert last.is_final
    assert first.ships


def test_a_build_argument_wins_over_its_default() -> None:
    found = facts("ARG V=3.12\nFROM python:${V}-slim\n", build_arguments={"V": "3.11"})
    assert found.final_stage.base.python == "3.11"


def test_an_argument_without_value_is_unknown_not_empty() -> None:
    assert facts("ARG V\nFROM python:${V}-slim\n").final_stage.base.reference is None


def test_target() -> None:
    found = facts("FROM python:3.12 AS build\nFROM scratch\n", target="build")
    assert found.final_stage.name == "build"
    with pytest.raises(LookupError):
        _ = facts("FROM scratch\n", target="nowhere").final_stage


def test_left_is_what_the_same_run_does_not_remove() -> None:
    stage = facts(
        "FROM debian:12\nRUN apt-get install -y gcc curl && apt-get purge -y gcc\n"
        "RUN apt-get install -y make\nRUN apt-get purge -y make\n"
        "FROM alpine\nRUN apk add --virtual .b gcc && apk del .b\n"
    ).stages[0]
    assert [(left.package.name, left.removed_by is not None) for left in stage.left] == [
        ("curl", False),
        ("make", True),
    ]


def test_virtual_packages_of_apk() -> None:
    assert facts("FROM alpine\nRUN apk add --no-cache --virtual .b gcc && apk del .b\n").final_stage.left == ()


def test_a_command_in_a_variable_is_recognised() -> None:
    (action,) = (
        facts('FROM python:3.12\nARG P="pip install --no-cache-dir"\nRUN $P -r requirements.txt\n').stages[0].actions
    )
    assert isinstance(action, PipInstall)
    assert [target.text for target in action.of(TargetKind.REQUIREMENTS)] == ["requirements.txt"]


@pytest.mark.parametrize(
    "command",
    [
        "pip install six",
        "pip3.11 install six",
        "/opt/venv/bin/pip install six",
        "python -m pip install six",
        "python3 -u -m pip install six",
        "pip --no-cache-dir install six",
        "pip -q --timeout 60 install six",
        "uv pip install --system six",
        "sudo -H pip install six",
        "PIP_RETRIES=3 pip install six",
    ],
)
def test_spellings_of_pip_install(command: str) -> None:
    (action,) = facts(f"FROM python:3.12\nRUN {command}\n").final_stage.actions
    assert isinstance(action, PipInstall)
    assert [target.project for target in action.targets] == ["six"]


@pytest.mark.parametrize("command", ["pip list", "pip uninstall -y six", "python -m venv install", "pipx install six"])
def test_what_is_no_pip_install(command: str) -> None:
    actions = facts(f"FROM python:3.12\nRUN {command}\n").final_stage.actions
    assert not any(isinstance(action, PipInstall) for action in actions)


def test_options_and_targets_of_pip() -> None:
    (action,) = facts(
        "FROM python:3.12\nRUN pip install -qU -rbase.txt -c c.txt --index-url=https://e.org 'six>=1' -e . ./a\n"
    ).final_stage.actions
    assert isinstance(action, PipInstall)
    assert [option.name for option in action.options] == ["--quiet", "--upgrade", "--index-url"]
    assert [(target.kind, target.text) for target in action.targets] == [
        (TargetKind.REQUIREMENTS, "base.txt"),
        (TargetKind.CONSTRAINTS, "c.txt"),
        (TargetKind.NAME, "six>=1"),
        (TargetKind.EDITABLE, "."),
        (TargetKind.LOCAL, "./a"),
    ]


@pytest.mark.parametrize(
    ("command", "manager", "names"),
    [
        ("apt-get install -y --no-install-recommends gcc=12 libpq-dev:amd64", Manager.APT, ["gcc", "libpq-dev"]),
        ("apt-get -y -o Dpkg::Use-Pty=0 install gcc", Manager.APT, ["gcc"]),
        ("apk add --no-cache -t .b gcc musl-dev", Manager.APK, ["gcc", "musl-dev"]),
        ("microdnf install -y gcc python3-devel", Manager.RPM, ["gcc", "python3-devel"]),
    ],
)
def test_package_installs(command: str, manager: Manager, names: list[str]) -> None:
    (action,) = facts(f"FROM debian:12\nRUN {command}\n").final_stage.actions
    assert isinstance(action, PackageInstall)
    assert (action.manager, [package.name for package in action.packages]) == (manager, names)


def test_packages_from_a_variable_share_its_word() -> None:
    (action,) = facts('FROM debian:12\nENV P="gcc curl"\nRUN apt-get install -y $P\n').final_stage.actions
    assert isinstance(action, PackageInstall)
    assert [(package.name, package.own_word) for package in action.packages] == [("gcc", False), ("curl", False)]


@pytest.mark.parametrize("command", ["uv sync --frozen", "poetry install --no-root", "python setup.py install"])
def test_project_installs(command: str) -> None:
    (action,) = facts(f"FROM python:3.12\nRUN {command}\n").final_stage.actions
    assert isinstance(action, ProjectInstall)


def test_configuration_is_inherited_and_a_new_entrypoint_forgets_the_inherited_command() -> None:
    found = facts(
        'FROM python:3.12 AS a\nENV A=1\nWORKDIR /x\nCMD ["a"]\nFROM a\nWORKDIR y\nENV B=${A}2\nENTRYPOINT ["e"]\n'
    )
    last = found.final_stage.configuration
    assert (last.workdir, last.env, last.cmd) == ("/x/y", {"A": "1", "B": "12"}, ())
