from __future__ import annotations

import pytest

from dockslim.rewrite.bases import pin_tag, slim_tag, split_written


@pytest.mark.parametrize(
    ("written", "value", "slim"),
    [
        ("3.11", "3.11", "3.11-slim"),
        ("3.11.4-bookworm", "3.11.4-bookworm", "3.11.4-slim-bookworm"),
        ("bookworm", "bookworm", "slim-bookworm"),
        ("latest", "latest", "slim"),
        ("", "", "slim"),
        ("3", "3", "3-slim"),
        ("3.13-rc-bookworm", "3.13-rc-bookworm", "3.13-slim-rc-bookworm"),
        ("${V}", "3.11", "${V}-slim"),
        ("${V:-3.11}-bookworm", "3.11-bookworm", "${V:-3.11}-slim-bookworm"),
        ("$V.1", "3.11.1", "$V.1-slim"),
        ("${TAG}", "3.11-bookworm", None),
    ],
)
def test_slim_twin(written: str, value: str, slim: str | None) -> None:
    assert slim_tag(written, value) == slim


@pytest.mark.parametrize(
    ("written", "parts"),
    [
        ("python:${V:-3.11}", ("python", "${V:-3.11}", "")),
        ("${REGISTRY:-docker.io}/python:3", ("${REGISTRY:-docker.io}/python", "3", "")),
        ("python", ("python", "", "")),
        ("python:3@sha256:ab", ("python", "3", "sha256:ab")),
    ],
)
def test_split_as_written(written: str, parts: tuple[str, str, str]) -> None:
    assert split_written(written) == parts


def test_pin() -> None:
    assert pin_tag("3.12-slim", "bookworm") == "3.12-slim-bookworm"
    assert pin_tag("latest", "trixie") == "trixie"
