"""The folder that an install fills, where it is handed over as a whole: each of these lost its packages once."""

from __future__ import annotations

from pathlib import Path

import pytest

from dockslim.model import Context, read
from dockslim.rewrite import Fix, Refused, apply_edits, rewrite
from dockslim.syntax import parse

BASE = "FROM python:3.12-slim-trixie\nRUN apt-get update && apt-get install -y gcc\n"
PROJECT = '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n[project]\nname = "x"\n'
EDITABLE = "COPY . /src\nRUN pip install -e /src\n"


def answer(text: str, folder: Path) -> Fix | Refused | None:
    (folder / "pyproject.toml").write_text(PROJECT + 'version = "1"\n')
    return rewrite(read(parse(text), Context(folder)).final_stage)


@pytest.mark.parametrize(
    ("before", "copied"),
    [
        ("", "/usr/local/lib/python3.12/site-packages"),
        ('RUN python -m venv /opt/venv\nENV PATH="/opt/venv/bin:$PATH"\n', "/opt/venv"),
        ("ENV VIRTUAL_ENV=/opt/x\nRUN python -m venv $VIRTUAL_ENV\nENV PATH=$VIRTUAL_ENV/bin:$PATH\n", "/opt/x"),
        ("RUN python -m venv /opt/x\nENV PATH=/root/.local/bin:/opt/x/bin:${PATH}\n", "/opt/x"),
        ("RUN virtualenv /opt/x\nENV PATH /opt/x/bin:$PATH\nENV PATH /root/.local/bin:$PATH\n", "/opt/x"),
        ("WORKDIR /opt\nRUN python -m venv x\nENV PATH=/opt/x/bin:$PATH\n", "/opt/x"),
        (
            "RUN python -m venv /opt/x\nENV PATH=/usr/local/bin:/opt/x/bin:$PATH\n",
            "/usr/local/lib/python3.12/site-packages",
        ),
        ("RUN python -m venv /opt/x\nENV PATH=$PATH:/opt/x/bin\n", "/usr/local/lib/python3.12/site-packages"),
        ("ENV PATH=/root/.local/bin:$PATH\n", "/usr/local/lib/python3.12/site-packages"),
    ],
)
def test_the_environment_that_is_first_on_path(before: str, copied: str, tmp_path: Path) -> None:
    text = BASE + before + EDITABLE
    fix = answer(text, tmp_path)
    assert isinstance(fix, Fix), fix
    assert f"COPY --from=builder {copied} {copied}\n" in apply_edits(text, fix.edits)


@pytest.mark.parametrize(
    "text",
    [
        "ARG ENVIRONMENT\n" + BASE + "ARG ENVIRONMENT\nENV PATH=$ENVIRONMENT/bin:$PATH\n" + EDITABLE,
        BASE + "COPY . /src\nRUN python -m venv /x && export PATH=/x/bin:$PATH && pip install -e /src\n",
    ],
)
def test_a_path_that_is_not_known(text: str, tmp_path: Path) -> None:
    found = answer(text, tmp_path)
    assert isinstance(found, Refused)
    assert "which environment it fills is not known" in found.reason
