from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from dockslim import knowledge
from dockslim.rewrite.edits import Obligation, Proof
from dockslim.verify import Options, Verification, discharged
from dockslim.verify.completion import _NOTHING_JIT, _SHOWN
from dockslim.verify.results import Complaint, Image
from dockslim.verify.rewriting import rewritten

Make = Callable[..., Image]
NAMES = (*sorted(_SHOWN), _NOTHING_JIT, "no build tool used after the install")
OPEN = tuple(Obligation(name, Proof.OPEN, "?") for name in NAMES)


def proven(verification: Verification) -> set[str]:
    return {each.name for each in discharged(OPEN, verification) if each.proof is Proof.PROVEN}


def test_a_good_verification_proves_what_it_can(make_image: Make) -> None:
    image = make_image()
    assert proven(Verification("D", "docker", image, image)) == _SHOWN | {_NOTHING_JIT}


def test_a_jit_compiler_among_what_is_installed_proves_nothing_of_that(
    make_image: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiles = SimpleNamespace(jit=True)
    monkeypatch.setattr(knowledge, "python_needs", lambda project, release: compiles if project == "pytensor" else None)
    image = make_image(distributions=(("PyTensor", "2"),))
    assert _NOTHING_JIT not in proven(Verification("D", "docker", image, image))


def test_regressions_or_one_form_prove_nothing(make_image: Make) -> None:
    image = make_image()
    assert proven(Verification("D", "docker", image, image, (Complaint("import", "x"),))) == set()
    assert proven(Verification("D", "docker", None, image)) == set()


def test_a_contradiction_stays_one(make_image: Make) -> None:
    image = make_image()
    wrong = (Obligation("runtime libraries all known", Proof.CONTRADICTED, "x"),)
    assert discharged(wrong, Verification("D", "docker", image, image)) == wrong


def test_the_names_are_those_of_the_rewrite(blog: Path) -> None:
    rewrite = rewritten(blog / "Dockerfile", Options())
    assert rewrite.rewrite == "done"
    assert _SHOWN | {_NOTHING_JIT} <= {each.name for each in rewrite.obligations}


def test_a_clean_file_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "Dockerfile"
    path.write_text("FROM python:3.11-slim-bookworm\nCMD python3\n")
    assert rewritten(path, Options()).data == path.read_bytes()
