from __future__ import annotations

from pathlib import Path

import pytest

from dockslim.verify.dockerfile import Written
from dockslim.verify.results import Layer


def read(text: str, target: str | None = None) -> Written:
    return Written(text.encode(), Path("Dockerfile"), target=target)


LOWER = "run apt-get update && apt-get install -y --no-install-recommends libodbc2 && rm -rf /var/lib/apt/lists/*"
LIBRARY = "RUN apt-get update && apt-get install -y --no-install-recommends libodbc2 && rm -rf /var/lib/apt/lists/*"

ADDED = [
    ("a new RUN after FROM", "FROM python:3.11-slim\nCMD x\n", f"FROM python:3.11-slim\n{LIBRARY}\nCMD x\n", 2),
    (
        "the last word of an install that is there",
        "FROM python:3.11-slim\nRUN apt-get update && apt-get install -y curl && rm -rf /x\n",
        "FROM python:3.11-slim\nRUN apt-get update && apt-get install -y curl libodbc2 && rm -rf /x\n",
        2,
    ),
    (
        "one package a line stays so",
        "FROM python:3.11-slim\nRUN apt-get install -y \\\n    # why\n    curl \\\n    git \\\n && rm -rf /x\n",
        "FROM python:3.11-slim\nRUN apt-get install -y \\\n    # why\n    curl \\\n    git \\\n    libodbc2 \\\n"
        " && rm -rf /x\n",
        6,
    ),
    (
        "only the final stage counts",
        "FROM python:3.11-slim AS builder\nRUN apt-get install -y gcc\nFROM python:3.11-slim\n",
        f"FROM python:3.11-slim AS builder\nRUN apt-get install -y gcc\nFROM python:3.11-slim\n{LIBRARY}\n",
        4,
    ),
    (
        "an install that is purged again is no place",
        "FROM python:3.11-slim\nRUN apt-get install -y gcc && apt-get purge -y gcc\n",
        f"FROM python:3.11-slim\n{LIBRARY}\nRUN apt-get install -y gcc && apt-get purge -y gcc\n",
        2,
    ),
    (
        "a stage that starts as another user",
        "FROM python:3.11-slim AS base\nUSER app\nFROM base\nCMD x\n",
        f"FROM python:3.11-slim AS base\nUSER app\nFROM base\nUSER root\n{LIBRARY}\nUSER app\nCMD x\n",
        5,
    ),
    ("keywords in the file's case", "from python:3.11-slim\n", f"from python:3.11-slim\n{LOWER}\n", 2),
    ("no final newline", "FROM python:3.11-slim", f"FROM python:3.11-slim\n{LIBRARY}", 2),
    ("CRLF", "FROM python:3.11-slim\r\nCMD x\r\n", f"FROM python:3.11-slim\r\n{LIBRARY}\r\nCMD x\r\n", 2),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "line"), [case[1:] for case in ADDED], ids=[case[0] for case in ADDED])
def test_a_package_is_added(before: str, after: str, line: int) -> None:
    addition = read(before).with_packages(["libodbc2"], "dpkg")
    assert addition.data.decode() == after
    assert addition.line == line
    assert addition.text in after.splitlines()[line - 1]
    assert read(after).packages()["libodbc2"] == line


def test_other_package_managers() -> None:
    assert read("FROM python:3.11-alpine\n").with_packages(["b", "a"], "apk").text == "RUN apk add --no-cache a b"
    text = read("FROM fedora\n").with_packages(["a"], "microdnf").text
    assert text == "RUN microdnf install -y a && microdnf clean all"


def test_a_package_that_is_there_is_not_added_twice() -> None:
    written = read("FROM python:3.11-slim\nRUN apt-get install -y curl\n")
    assert b"curl libodbc2\n" in written.with_packages(["curl", "libodbc2"], "dpkg").data


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("RUN apt-get install -y aa bb cc\n", "RUN apt-get install -y aa cc\n"),
        ("RUN apt-get install -y aa \\\n    bb \\\n    cc\n", "RUN apt-get install -y aa \\\n    cc\n"),
        ("RUN apt-get install -y aa \\\n    bb\n", "RUN apt-get install -y aa\n"),
        ("RUN apt-get install -y bb\n", "RUN apt-get install -y bb\n"),
    ],
)
def test_a_package_is_taken_out(before: str, after: str) -> None:
    from_ = "FROM python:3.11-slim\n"
    assert read(from_ + before).without_packages(["bb"]).decode() == from_ + after


def test_layers_get_their_lines_and_the_files_words() -> None:
    written = read(
        "FROM python:3.11-slim AS base\nRUN a \\\n  # why\n  && b\n\nFROM base\nARG X\nCOPY x .\nRUN c\nCMD d\n"
    )
    history = ["", 'CMD ["python3"]', "RUN a   && b", "ARG X", "COPY file:1f4e in .", "RUN c", "CMD d", "LABEL l=1"]
    found = written.attribute([Layer(text, 1) for text in history])
    assert [layer.line for layer in found] == [None, None, 2, 7, 8, 9, 10, None]
    assert found[2].instruction == "RUN a && b"
    assert found[4].instruction == "COPY x ."


def test_a_history_that_does_not_fit_gets_no_lines() -> None:
    found = read("FROM x\nRUN a\nRUN b\n").attribute([Layer("RUN a", 1)])
    assert [layer.line for layer in found] == [None]


def test_base_and_settings() -> None:
    written = read('FROM python:3.11 AS x\nENV A=1 "B"=2\nFROM x\nENV C d\nLABEL "e.f"=g\n')
    assert written.base == "python:3.11"
    assert written.settings() == {"A", "B", "C", "e.f"}


def test_other_stages_nearest_first() -> None:
    text = "FROM a AS one\nFROM b\nFROM c AS base\nFROM base\n"
    assert read(text).other_stages() == ["1", "one"]
    assert read(text, target="base").other_stages() == ["1", "one"]
