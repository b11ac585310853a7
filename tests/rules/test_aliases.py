"""What other linters are told counts for our rule that says the same, and their codes select it."""

from __future__ import annotations

from pathlib import Path

import pytest

from dockslim.api import Rule
from dockslim.engine.selection import resolve
from dockslim.testing import findings, rules_of, unmarked

RULES = rules_of("dockslim_rules")
ALIASES = [(rule, alias) for rule in RULES for alias in rule.aliases]


@pytest.mark.parametrize(("rule", "alias"), ALIASES, ids=[f"{rule.code}-{alias}" for rule, alias in ALIASES])
def test_alias(rule: type[Rule], alias: str, tmp_path: Path) -> None:
    assert rule.code in resolve(alias, RULES)
    text = unmarked(next(example.bad for example in rule.examples if example.bad))
    assert findings(rule, text, tmp_path)
    comment = f"# hadolint global ignore={alias}" if alias.startswith("DL") else f"# check=skip={alias}"
    assert findings(rule, f"{comment}\n{text}", tmp_path) == []


def test_no_two_rules_share_an_alias() -> None:
    aliases = [alias for _, alias in ALIASES]
    assert len(aliases) == len(set(aliases))
