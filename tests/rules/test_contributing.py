"""CONTRIBUTING's first example is a rule that works, in the one file that it says."""

from __future__ import annotations

import importlib.util
import re
import textwrap
from pathlib import Path

from dockslim.api import Rule
from dockslim.documents import page
from dockslim.testing import complaints

ROOT = Path(__file__).parent.parent.parent


def test_add_a_rule_in_three_steps(tmp_path: Path) -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    found = re.search(r"```python\n(.*?)```", text, re.DOTALL)
    assert found is not None
    path = tmp_path / "no_maintainer.py"
    path.write_text(textwrap.dedent(found.group(1)), "utf-8")
    spec = importlib.util.spec_from_file_location("no_maintainer", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (rule,) = [
        each for each in vars(module).values() if isinstance(each, type) and issubclass(each, Rule) and each is not Rule
    ]
    assert [complaint for example in rule.examples for complaint in complaints(rule, example)] == []
    assert page(rule).startswith("# SLIM599 maintainer-instruction\n\nMAINTAINER is deprecated.\n")
