"""Every rule keeps the word that its examples give."""

from __future__ import annotations

import pytest

from dockslim.api import Example, Rule
from dockslim.engine.own import OWN_RULES
from dockslim.testing import complaints, examples

CASES = [*examples("dockslim_rules"), *((rule, example) for rule in OWN_RULES for example in rule.examples)]


@pytest.mark.parametrize(
    ("rule", "example"), CASES, ids=[f"{rule.code}-{number}" for number, (rule, _) in enumerate(CASES)]
)
def test_example(rule: type[Rule], example: Example) -> None:
    assert list(complaints(rule, example)) == []


def test_every_rule_shows_what_it_does_not_flag() -> None:
    silent = {rule.code for rule, _ in CASES} - {rule.code for rule, example in CASES if example.allow}
    assert silent == set()
