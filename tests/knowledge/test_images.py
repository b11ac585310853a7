import pytest

from dockslim.knowledge import PythonImage, python_image, runtime_tag


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("3.11-slim", PythonImage("3.11", "trixie", "slim", False)),
        ("3.12", PythonImage("3.12", "trixie", "full", False)),
        ("3.12-slim-bookworm", PythonImage("3.12", "bookworm", "slim", True)),
        ("3.12-bookworm", PythonImage("3.12", "bookworm", "full", True)),
        ("3.8-slim", PythonImage("3.8", "bookworm", "slim", False)),
        ("3.8.12-slim", PythonImage("3.8", "bullseye", "slim", False)),
        ("3.11.3", PythonImage("3.11", "bullseye", "full", False)),
        ("3.11.4", PythonImage("3.11", "bookworm", "full", False)),
        ("3.11.13-slim", PythonImage("3.11", "trixie", "slim", False)),
        ("3.6", PythonImage("3.6", "bullseye", "full", False)),
        ("2.7", PythonImage("2.7", "buster", "full", False)),
        ("2", PythonImage("2.7", "buster", "full", False)),
        ("", PythonImage("3.14", "trixie", "full", False)),
        ("latest", PythonImage("3.14", "trixie", "full", False)),
        ("slim", PythonImage("3.14", "trixie", "slim", False)),
        ("3", PythonImage("3.14", "trixie", "full", False)),
        ("3-slim-bookworm", PythonImage("3.14", "bookworm", "slim", True)),
        ("bookworm", PythonImage("3.14", "bookworm", "full", True)),
        ("3.15-rc-slim", PythonImage("3.15", "trixie", "slim", False)),
        ("3.12.0b1-slim", PythonImage("3.12", "trixie", "slim", False)),
        ("3.12-alpine3.19", PythonImage("3.12", "alpine3.19", "alpine", True)),
        ("3.12-alpine", PythonImage("3.12", "alpine", "alpine", False)),
        ("alpine", PythonImage("3.14", "alpine", "alpine", False)),
        ("3.14-windowsservercore-ltsc2025", PythonImage("3.14", None, "windows", False)),
        ("3.99-slim", PythonImage("3.99", None, "slim", False)),
        ("3.4-onbuild", PythonImage("3.4", "stretch", "onbuild", False)),
    ],
)
def test_python_image(tag: str, expected: PythonImage) -> None:
    assert python_image(tag) == expected


@pytest.mark.parametrize("tag", ["nonsense", "3.12-custom", "${TAG}", "1.2.3.4", "-", "3.12-", "9"])
def test_not_a_python_tag(tag: str) -> None:
    assert python_image(tag) is None


@pytest.mark.parametrize(
    ("tag", "runtime"),
    [
        ("12.1.0-devel-ubuntu22.04", "12.1.0-runtime-ubuntu22.04"),
        ("12.1.0-cudnn8-devel-ubuntu22.04", "12.1.0-cudnn8-runtime-ubuntu22.04"),
        ("2.1.0-cuda12.1-cudnn8-devel", "2.1.0-cuda12.1-cudnn8-runtime"),
        ("12.1.0-runtime-ubuntu22.04", None),
        ("latest", None),
    ],
)
def test_runtime_tag(tag: str, runtime: str | None) -> None:
    assert runtime_tag(tag) == runtime
