"""HCL expressions and blocks, as bake files use them."""

from __future__ import annotations

from typing import Any

import pytest

from dockslim.engine.hcl import parse, template
from dockslim.engine.hcl_cursor import HclError
from dockslim.engine.hcl_functions import UnknownError

NAMES: dict[str, Any] = {
    "tag": "1.2",
    "on": True,
    "none": None,
    "list": ["a", "b"],
    "map": {"k": "v", "n": 3},
    "a-b": 1,
}


def scope(name: str) -> Any:
    if name not in NAMES:
        raise UnknownError(f"no {name}")
    return NAMES[name]


def value(text: str) -> Any:
    return parse(f"x = {text}\n").attributes["x"](scope)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"plain"', "plain"),
        ('""', ""),
        (r'"a\"b\\c\nd\u00e9"', 'a"b\\c\ndé'),
        ('"${tag}"', "1.2"),
        ('"v${tag}-x"', "v1.2-x"),
        ('"${on}"', True),
        ('"is ${on}"', "is true"),
        ('"$${tag} 5$ 100%"', "${tag} 5$ 100%"),
        ('"%%{if}"', "%{if}"),
        ('"${on ? "yes ${tag}" : "no"}"', "yes 1.2"),
        ('"${~ tag ~}"', "1.2"),
        ("3", 3),
        ("-3", -3),
        ("2.5e1", 25.0),
        ("true", True),
        ("null", None),
        ("1 + 2 * 3 - 4 / 2", 5),
        ("(1 + 2) * 3 % 5", 4),
        ('"n ${7 / 2}"', "n 3.5"),
        ('"1" + 2', 3),
        ("a-b", 1),
        ('tag == "1.2" && !(2 > 3) || false', True),
        ('tag != "1.2"', False),
        ("1 == 1.0", True),
        ("1 <= 1 && 2 >= 3", False),
        ('equal(tag, "1.2") ? "same" : "other"', "same"),
        ('false ? nobody : "lazy"', "lazy"),
        ('["a", tag, ]', ["a", "1.2"]),
        ("[\n  1, # one\n  2 // two\n  /* three\n */\n]", [1, 2]),
        ('{ a = 1, "b" = 2, (tag) = 3, c-d: 4 }', {"a": 1, "b": 2, "1.2": 3, "c-d": 4}),
        ("{\n  a = 1\n  tag = 2\n}", {"a": 1, "tag": 2}),
        ("{}", {}),
        ("list[1]", "b"),
        ("map.k", "v"),
        ('map["n"]', 3),
        ("list.0", "a"),
        ("[for each in list : upper(each)]", ["A", "B"]),
        ('[for n, each in list : "${n}${each}" if each != "a"]', ["1b"]),
        ("{for k, v in map : v => k}", {"v": "k", "3": "n"}),
        ("<<EOT\none ${tag}\ntwo\nEOT", "one 1.2\ntwo\n"),
        ("<<-EOT\n    one\n      two\n    EOT", "one\n  two\n"),
        ('join(",", concat(list, ["c"]))', "a,b,c"),
        ('replace(lower("A.B"), ".", "-")', "a-b"),
        ('coalesce(none, "", "x")', ""),
        ('split(".", tag)[0]', "1"),
        ('trimsuffix(trimprefix("v1-x", "v"), "-x")', "1"),
        ('lookup(map, "gone", "else")', "else"),
        ('merge(map, {k = "w"}).k', "w"),
        ("length(list)", 2),
        ("and(on, not(false))", True),
        ("concat([list, list]...)", ["a", "b", "a", "b"]),
    ],
)
def test_values(text: str, expected: Any) -> None:
    found = value(text)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nobody", "no nobody"),
        ('"v${nobody}"', "no nobody"),
        ("timestamp()", r"no timestamp\(\)"),
        ('"v${none}"', "not set"),
        ('"v${list}"', "a list"),
        ("list[7]", "nothing stands at"),
        ("list[*]", "not evaluated"),
        ("list.*.name", "not evaluated"),
        ("1 / 0", "zero"),
        ('"a" * 2', "no number"),
        ("upper(3)", r"upper\(\) is not evaluated"),
        ("upper()", r"upper\(\) is not evaluated"),
        ('replace("a", "/b/", "c")', "regular expression"),
        ('"%{ if on }a%{ endif }"', "not evaluated"),
        ("coalesce(none)", "coalesce"),
        ("[for each in tag : each]", "lists and objects only"),
    ],
)
def test_what_has_no_value_says_why(text: str, said: str) -> None:
    with pytest.raises(UnknownError, match=said):
        value(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('target "x" {', "line 1: '}' is missing at the end"),
        ("x = \n", "line 1: a name is expected"),
        ("\nx = 1 2\n", "line 2: the end of the line is expected"),
        ('x = "open\n"', "line 1: a text ends with its line"),
        ('x = "open', "line 1: a text is not closed"),
        (r'x = "\q"', r"line 1: \\q is no escape"),
        (r'x = "\uzzzz"', "is no escape"),
        ("x = [1", "line 1: ']' is missing at the end"),
        ("x = <<EOT\nno end\n", "EOT is missing"),
        ('x = "${1"', "'}' is expected"),
        ('target "${x}" {}', "a label is a plain text"),
        ("= 1", "a name is expected"),
        ("x = [for a list : a]", "'in' is expected"),
    ],
)
def test_what_is_no_hcl_says_where(text: str, said: str) -> None:
    with pytest.raises(HclError, match=said):
        parse(text)


def test_blocks() -> None:
    body = parse(
        '\ufefftarget "web" {\r\n  args = { A = "1" }\r\n  inner "x" y { z = 1 }\r\n}\r\n'
        'group "default" { targets = ["web"] }\n'
    )
    assert [(block.kind, block.labels) for block in body.blocks] == [("target", ("web",)), ("group", ("default",))]
    assert body.blocks[0].body.blocks[0].labels == ("x", "y")
    assert body.blocks[0].body.attributes["args"](scope) == {"A": "1"}


def test_a_template_stands_alone_in_json() -> None:
    assert template('say "${tag}"\n\\')(scope) == 'say "1.2"\n\\'


def test_deep_nesting_ends() -> None:
    with pytest.raises(RecursionError):
        parse("x = " + "[" * 5000)
