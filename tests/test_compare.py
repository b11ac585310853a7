"""How fixers are compared: what counts as broken, and what as split."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

pytest.importorskip("dockerfile", reason="BuildKit's parser is not here")

from tools.compare import Outcome, after, fixed, stages


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (b"FROM a\nRUN x\n", 1),
        (b"FROM a AS b\nFROM c\n", 2),
        (b"FROM a\nRUN <<EOF\nnone of BuildKit's words\nEOF\n", 1),
        (b"from a\nrun x\n", 1),
        (b"FROM a\nRUN x \\\n    y \\\n\n    && z\n", 1),
        (b"FROM a\nRUN x\n    && z\n", None),
        (b'RUN x\nFROM\n"\n', None),
        (b"FROM a\nLABEL x=\xff\n", None),
    ],
)
def test_what_buildkit_takes(text: bytes, count: int | None) -> None:
    assert stages(text) == count


def test_outcomes_add_up() -> None:
    before = b"FROM a\nRUN x\n"
    outcome = Outcome()
    for now in (before, b"FROM a\nRUN y\n", b"FROM a\nRUN x\n&& y\n", b"FROM a AS b\nFROM c\n"):
        outcome = after(outcome, before, now)
    assert outcome == Outcome(changed=3, refused=1, split=1)


def test_a_tool_works_on_a_copy() -> None:
    script = "import pathlib, sys; pathlib.Path(sys.argv[1]).write_text('FROM b\\n'); sys.exit(1)"
    assert fixed(Path(sys.executable), ("-c", script), b"FROM a\n") == b"FROM b\n"
