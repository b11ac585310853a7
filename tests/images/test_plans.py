"""Corpus cases planned on other releases, without an engine: planned as at home, with packages that the release has."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from dockslim import knowledge
from dockslim.engine.reading import Reader
from dockslim.model import PackageInstall
from dockslim.testing import Case, cases, observe

from .releases import Release

CORPUS = Path(__file__).parents[2] / "corpus"
CASES = [case for case in cases(CORPUS) if case.folder.joinpath("image.json").exists()]
RELEASES = [Release("3.13", "trixie"), Release("3.9", "bullseye")]


@pytest.mark.parametrize("release", RELEASES, ids=str)
@pytest.mark.parametrize("case", CASES, ids=[case.folder.name for case in CASES])
def test_a_plan_moves(case: Case, release: Release, tmp_path: Path) -> None:
    data = release.dockerfile(case.data.decode()).encode()
    folder = tmp_path / case.folder.name
    shutil.copytree(case.folder, folder)
    (folder / "Dockerfile").write_bytes(data)
    observed = observe(case._replace(folder=folder, data=data))
    result = observed.result
    assert result.rewrite == case.expected["rewrite"]
    assert (result.safety.value if result.safety else None) == case.expected["safety"]
    assert observed.again.data == result.data

    facts = Reader().facts(result.data, folder / "Dockerfile")
    installed = {
        word.name
        for stage in facts.stages
        for action in stage.actions
        if isinstance(action, PackageInstall)
        for word in action.packages
        if word.name
    }
    assert [name for name in sorted(installed) if not knowledge.exists(name, release.suite)] == []
