"""The swap of a base image's release: what is asked for, and what it makes of a Dockerfile."""

from __future__ import annotations

import pytest

from .releases import Release, read

TRIXIE = Release("3.12", "trixie")


def test_releases_are_read() -> None:
    assert read("3.12-trixie,3.10-bookworm 3.9-bullseye") == [
        TRIXIE,
        Release("3.10", "bookworm"),
        Release("3.9", "bullseye"),
    ]
    assert read("") == []


@pytest.mark.parametrize("text", ["3.12", "trixie", "3.12-slim-trixie", "python:3.12-trixie", "3.12-nowhere"])
def test_what_is_no_release_is_told(text: str) -> None:
    with pytest.raises(ValueError, match="is no release"):
        read(text)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("FROM python:3.11-slim-bookworm AS base\n", "FROM python:3.12-slim-trixie AS base\n"),
        ("FROM --platform=linux/amd64 python:3.11-bookworm\r\n", "FROM --platform=linux/amd64 python:3.12-trixie\r\n"),
        ("FROM python:3.11\n", "FROM python:3.12\n"),
        ("FROM python:3.11-slim\n", "FROM python:3.12-slim\n"),
        ("FROM debian:bookworm-slim\n", "FROM debian:trixie-slim\n"),
        (
            "ARG PYTHON_VERSION=3.11\nFROM python:${PYTHON_VERSION}-slim-bookworm\n",
            "ARG PYTHON_VERSION=3.12\nFROM python:${PYTHON_VERSION}-slim-trixie\n",
        ),
        ("FROM scratch\nRUN echo bookworm python:3.11\n", "FROM scratch\nRUN echo bookworm python:3.11\n"),
    ],
)
def test_a_dockerfile_moves(old: str, new: str) -> None:
    assert TRIXIE.dockerfile(old) == new


def test_a_floating_tag_that_stands_for_another_suite_says_which() -> None:
    assert Release("3.12", "bookworm").dockerfile("FROM python:3.11-slim\n") == "FROM python:3.12-slim-bookworm\n"
