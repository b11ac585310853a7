"""Programs that the application's sources name."""

from __future__ import annotations

from pathlib import Path

import pytest

from dockslim.model import Context, read
from dockslim.rewrite import Fix, apply_edits, culprits, rewrite
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
