"""The multi-stage rewrite and the other fixes give the same final stage, whichever comes first."""

from __future__ import annotations

from pathlib import Path

import pytest

from dockslim.engine import registry
from dockslim.engine.fixer import fix
from dockslim.engine.linter import Linter
from dockslim.engine.own import OWN_RULES
from dockslim.engine.reading import Reader
from dockslim.testing import Case, cases

CORPUS = Path(__file__).parent.parent.parent / "corpus"
RULES = registry.load("dockslim_rules").rules
REWRITE = frozenset(rule.code for rule in RULES if rule.rewrites)
OTHERS = frozenset(rule.code for rule in RULES if rule.enabled and not rule.rewrites and rule not in OWN_RULES)


def final_stage(case: Case, *order: frozenset[str]) -> list[str]:
    """What the stage that ships says, after some fixes in turn."""
    options = dict(case.expected.get("options", {}))
    unsafe = options.pop("unsafe", False)
    reader, data = Reader(**options), case.data
    for codes in order:
        rewriting = codes == REWRITE
        data = fix(data, case.path, reader, Linter(RULES, codes), unsafe=unsafe and rewriting).data
    stage = reader.facts(data, case.path).final_stage
    texts = [" ".join(each.text.split()) for each in (stage.from_, *stage.instructions)]
    # Beside --no-index it says nothing more: nothing is downloaded.
    return [text.replace(" --no-cache-dir", "") if "--no-index" in text else text for text in texts]


@pytest.mark.parametrize("case", cases(CORPUS), ids=lambda case: case.folder.name)
def test_either_order(case: Case) -> None:
    first = final_stage(case, REWRITE, OTHERS)
    assert final_stage(case, OTHERS, REWRITE, OTHERS) == first
    if not case.expected.get("options", {}).get("unsafe"):  # which would let the others' unsafe fixes in, too
        assert final_stage(case, REWRITE | OTHERS, OTHERS) == first
