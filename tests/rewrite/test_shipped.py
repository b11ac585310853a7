"""Programs that the application's sources name."""

from __future__ import annotations

from pathlib import Path

import pytest

from dockslim.model import Context, read
from dockslim.rewrite import Fix, Proof, Refused, apply_edits, culprits, rewrite
from dockslim.syntax import parse

TEXT = (
    "FROM python:3.11-slim-bookworm\n"
    "RUN apt-get update && apt-get install -y --no-install-recommends gcc libpq-dev {}\n"
    "RUN pip install six==1.16.0\nCOPY app.py .\nCMD python app.py\n"
)


def rewritten(text: str, source: str, folder: Path) -> str:
    (folder / "app.py").write_text(source)
    found = rewrite(read(parse(text), Context(folder)).final_stage)
    assert isinstance(found, Fix)
    return apply_edits(text, found.edits)


@pytest.mark.parametrize(
    ("named", "source"),
    [
        ("gettext", "import subprocess\nsubprocess.run(['msgfmt', 'x.po'])\n"),
        ("patch", "import subprocess\nsubprocess.run('patch -p1', shell=True)\n"),
    ],
)
def test_what_the_sources_call_stays_and_is_no_leftover(named: str, source: str, tmp_path: Path) -> None:
    new = rewritten(TEXT.format(named), source, tmp_path)
    final = read(parse(new), Context(tmp_path)).final_stage
    assert f"{named}\n" in new[new.rindex("FROM ") :]
    assert culprits(final) == ()
    assert rewrite(final) is None


def test_a_word_that_is_also_a_program_of_builds_keeps_no_headers(tmp_path: Path) -> None:
    source = "import subprocess\nsettings = {'pg_config': 1}\nsubprocess.run(['ls'])\n"
    new = rewritten(TEXT.format(""), source, tmp_path)
    assert "libpq-dev" not in new[new.rindex("FROM ") :]


#: A slim image with a compiler in it, and a source that starts nothing itself.
TOOLS = TEXT.format("make g++").replace("CMD python app.py\n", "{}\n")
QUIET = "import six\n"


def verdict(source: str, folder: Path, start: str = "CMD python app.py") -> str:
    """Return why a rewrite is refused, or the first of its open obligations; empty where it is safe."""
    (folder / "app.py").write_text(source)
    found = rewrite(read(parse(TOOLS.format(start)), Context(folder)).final_stage)
    if isinstance(found, Refused):
        return found.reason
    assert isinstance(found, Fix)
    return next((each.why for each in found.obligations if each.proof is not Proof.PROVEN), "")


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("from os import system\nsystem('gcc x.c')\n", "app.py calls `gcc`, which compiles"),
        ("import subprocess\nsubprocess.run(['gcc-12', 'x.c'])\n", "app.py calls `gcc-12`, which compiles"),
        ("import subprocess\nsubprocess.run('CC=1 g++ x.c', shell=True)\n", "app.py calls `g++`, which compiles"),
        ("import os\nos.system('cd x && find . -exec gcc -c {} +')\n", "app.py calls `gcc`, which compiles"),
        ("def f(c):\n    import os\n    os.system(c)\nf('gcc-12 x')\n", "app.py names `gcc-12 x`"),
        ("import subprocess\nsubprocess.run(['make', 'x'])\n", "app.py calls `make x`, which may compile"),
        ("import subprocess as s, sys\ns.run([sys.executable, 'setup.py', 'build_ext'])\n", "calls `python setup.py`"),
        ("import os\nos.system('python -u setup.py build_ext')\n", "app.py calls `python -u`, which may compile"),
        ("import os, sys\nos.system(f'{sys.executable} -m pip install x')\n", "app.py installs packages"),
        ("import os\nos.system('./start')\n", "app.py starts ./start"),
        ("import os\nprint 1\nos.system('ls')\n", "and Python cannot read it"),
        ("from cffi import FFI\nf = FFI()\nf.verify('')\n", "app.py compiles at run time"),
        ("from Cython.Build import cythonize\ncythonize('x.pyx')\n", "app.py calls `cythonize`, which may compile"),
        ("from setuptools import setup\nsetup(script_args=['build_ext'])\n", "app.py compiles at run time"),
        ("from scipy import weave\n", "app.py compiles at run time"),
        ("from numba import njit, pycc\n", "app.py compiles at run time"),
        ("from dask.distributed import PipInstall\nplugin = PipInstall(packages=['x'])\n", "app.py installs packages"),
        ("ray.init(runtime_env={'pip': ['x']})\n", "app.py installs packages"),
        ("import os\nos.system('ls')\n", ""),
        (QUIET, ""),
    ],
)
def test_what_the_sources_start(source: str, why: str, tmp_path: Path) -> None:
    said = verdict(source, tmp_path)
    assert why in said if why else said == ""


@pytest.mark.parametrize(
    ("start", "why"),
    [
        ('CMD ["python", "-c", "import os; os.system(\'gcc x.c\')"]', "CMD calls `gcc`, which compiles"),
        ('CMD ["python", "-c", "import sys, os; os.system(sys.argv[1])"]', "what `python`, called by CMD"),
        ('CMD ["python", "-c", "import torch as t; t.compile(t)"]', "what `python`, called by CMD"),
        ('CMD ["python", "-Wignore", "-uc", "import os; os.system(\'gcc x\')"]', "CMD calls `gcc`, which compiles"),
        ('CMD ["python", "-c", "import importlib as i; i.import_module(\'tkinter\')"]', "what `python`, called by CMD"),
        (
            'CMD ["python", "-X", "dev", "-m", "cProfile", "setup.py", "build_ext"]',
            "CMD calls `python`, which compiles",
        ),
        ('CMD ["uv", "--offline", "--quiet", "run", "gcc"]', "CMD calls `gcc`, which compiles"),
        ("CMD curl https://example.org/x | sh", "a command of CMD"),
        ('CMD ["python", "-c", "open(\'x\').read()"]', ""),
        ('CMD ["poetry", "run", "gcc", "x.c"]', "CMD calls `gcc`, which compiles"),
        ('CMD ["bash", "-c", "poetry run make"]', "what `make`, called by CMD, builds is not known"),
        ('CMD ["uv", "run", "--with", "x", "gcc"]', "CMD calls `gcc`, which compiles"),
        ('CMD ["poetry", "run", "gunicorn", "app"]', ""),
        ('CMD ["python", "-m", "build"]', "what `python`, called by CMD"),
        ('CMD ["coverage", "run", "-m", "build"]', "what `python`, called by CMD"),
        ('CMD ["coverage", "run", "--branch", "app.py"]', ""),
        ('ENTRYPOINT ["tini", "-e", "143", "--", "gcc", "x.c"]', "ENTRYPOINT calls `gcc`, which compiles"),
        ('ENTRYPOINT ["tini", "-g", "--", "env", "A=1", "python", "app.py"]', ""),
        ('CMD ["sudo", "-u", "app", "gcc"]', "CMD calls `gcc`, which compiles"),
    ],
)
def test_what_the_container_starts(start: str, why: str, tmp_path: Path) -> None:
    said = verdict(QUIET, tmp_path, start)
    assert why in said if why else said == ""
