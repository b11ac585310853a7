from __future__ import annotations

import pytest

from dockslim.engine.rule import Example, Rule
from dockslim.engine.selection import SelectorError, Selectors, choose


def rule(code: str, name: str, **attributes: object) -> type[Rule]:
    basis = {"__doc__": "A rule.", "code": code, "name": name, "examples": (Example(allow="FROM a\n"),)}
    return type(name.title(), (Rule,), {**basis, **attributes})


RULES = (
    rule("SLIM101", "one"),
    rule("SLIM102", "two", aliases=("DL9999",)),
    rule("SLIM201", "three"),
    rule("SLIM202", "four", enabled=False),
)


@pytest.mark.parametrize(
    ("layers", "running"),
    [
        ([], "101 102 201"),
        ([Selectors()], "101 102 201"),
        ([Selectors(select=["SLIM1"])], "101 102"),
        ([Selectors(select=["two"])], "102"),
        ([Selectors(select=["DL9999"])], "102"),
        ([Selectors(select=["ALL"])], "101 102 201 202"),
        ([Selectors(extend=["SLIM202"])], "101 102 201 202"),
        ([Selectors(ignore=["SLIM1"])], "201"),
        ([Selectors(ignore=["one", "three"])], "102"),
        ([Selectors(select=["SLIM101"], ignore=["SLIM1"])], "101"),  # the more specific wins
        ([Selectors(select=["SLIM1"], ignore=["SLIM101"])], "102"),
        ([Selectors(select=["SLIM1"], ignore=["SLIM1"])], ""),  # a draw: ignored
        ([Selectors(select=["SLIM2"]), Selectors()], "201 202"),
        ([Selectors(select=["SLIM2"]), Selectors(select=["SLIM101"])], "101"),  # the command line replaces
        ([Selectors(ignore=["SLIM101"]), Selectors(extend=["SLIM101"])], "101 102 201"),
        ([Selectors(select=["SLIM1"]), Selectors(ignore=["SLIM101"])], "102"),
    ],
)
def test_choose(layers: list[Selectors], running: str) -> None:
    assert choose(RULES, layers) == {f"SLIM{number}" for number in running.split()}


@pytest.mark.parametrize(
    ("selector", "said"),
    [
        ("SLM201", "did you mean SLIM201?"),
        ("thre", "did you mean three?"),
        ("slim101", "mean SLIM101?"),
        ("E501", "'E501'"),
        ("", "''"),
    ],
)
def test_what_means_no_rule_is_an_error(selector: str, said: str) -> None:
    with pytest.raises(SelectorError) as error:
        choose(RULES, [Selectors(ignore=[selector])])
    assert said in str(error.value)
