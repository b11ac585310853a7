from __future__ import annotations

import pytest

from dockslim.model import Family, classify, split_reference


@pytest.mark.parametrize(
    ("reference", "parts"),
    [
        ("python", ("python", "", "")),
        ("python:3.12", ("python", "3.12", "")),
        ("host:5000/python", ("host:5000/python", "", "")),
        ("host:5000/python:3.12@sha256:ab", ("host:5000/python", "3.12", "sha256:ab")),
    ],
)
def test_split(reference: str, parts: tuple[str, str, str]) -> None:
    assert split_reference(reference) == parts


@pytest.mark.parametrize(
    ("reference", "family", "variant", "release"),
    [
        ("python:3.8-slim-bullseye", Family.PYTHON, "slim", "bullseye"),
        ("python:3.11-bookworm", Family.PYTHON, "full", "bookworm"),
        ("library/python:3.11-slim-bookworm", Family.PYTHON, "slim", "bookworm"),
        ("registry.example/python:3.11-slim-bookworm", Family.PYTHON, "slim", "bookworm"),
        ("registry.example/docker/library/python:3.11-slim-bookworm", Family.PYTHON, "slim", "bookworm"),
        ("arm64v8/python:3.11-slim-bookworm", Family.PYTHON, "slim", "bookworm"),
        ("ghcr.example/astral-sh/uv:python3.12-bookworm-slim", Family.PYTHON, "slim", "bookworm"),
        ("ghcr.example/astral-sh/uv:python3.12-bookworm", Family.PYTHON, "full", "bookworm"),
        ("debian:bookworm-slim", Family.DEBIAN, "slim", "bookworm"),
        ("debian:12", Family.DEBIAN, "", "bookworm"),
        ("ubuntu:22.04", Family.UBUNTU, "", "jammy"),
        ("alpine:3.20", Family.ALPINE, "", "alpine"),
        ("nvidia/cuda:12.4.1-cudnn-devel-ubuntu22.04", Family.ACCELERATOR, "devel", "jammy"),
        ("rockylinux:9", Family.RPM, "", "rpm"),
        ("registry.access.example/ubi9/ubi-minimal:latest", Family.RPM, "", None),
        ("continuumio/miniconda3", Family.CONDA, "", None),
        ("scratch", Family.SCRATCH, "", None),
    ],
)
def test_known(reference: str, family: Family, variant: str, release: str | None) -> None:
    image = classify(reference)
    assert (image.family, image.variant, image.release) == (family, variant, release)


@pytest.mark.parametrize("reference", [None, "someone/python:3.12", "cloud.example/lambda/python:3.12", "my/app"])
def test_unknown_is_never_guessed(reference: str | None) -> None:
    assert classify(reference).family is Family.UNKNOWN
