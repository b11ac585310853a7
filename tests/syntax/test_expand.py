"""Variable expansion, held against what BuildKit's shell lexer answers."""

from __future__ import annotations

import pytest

from dockslim.syntax import UNSET, Unset, Word, expand
from dockslim.syntax.span import Span

VALUES: dict[str, str | None] = {"x": "abc", "path": "/usr/local/lib", "file": "a.tar.gz", "empty": "", "secret": None}


def lookup(name: str) -> str | Unset | None:
    return VALUES.get(name, UNSET)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("plain", "plain"),
        ("$x", "abc"),
        ("${x}", "abc"),
        ("a${x}b$x.c", "aabcbabc.c"),
        ("$unset", ""),
        ("${unset}", ""),
        ("${x:-y}", "abc"),
        ("${unset:-y}", "y"),
        ("${empty:-y}", "y"),
        ("${empty-y}", ""),
        ("${unset-y}", "y"),
        ("${unset-}", ""),
        ("${x:+y}", "y"),
        ("${unset:+y}", ""),
        ("${empty:+y}", ""),
        ("${empty+y}", "y"),
        ("${x:?wrong}", "abc"),
        ("${unset:?wrong}", None),
        ("${empty:?wrong}", None),
        ("${empty?wrong}", ""),
        ("${unset:-${x}}", "abc"),
        ("${unset:-a${unset:-b${unset:-c}}}", "abc"),
        ("${path#/usr}", "/local/lib"),
        ("${path#*/}", "usr/local/lib"),
        ("${path##*/}", "lib"),
        ("${file%.*}", "a.tar"),
        ("${file%%.*}", "a"),
        ("${file%.zip}", "a.tar.gz"),
        ("${file/./-}", "a-tar.gz"),
        ("${file//./-}", "a-tar-gz"),
        ("${file//./}", "atargz"),
        ("${path//\\//-}", "-usr-local-lib"),
        ("${x/*/z}", "z"),
        ("${x//*/z}", "z"),
        ("${x/?/z}", "zbc"),
        ("'$x'", "$x"),
        ('"$x"', "abc"),
        ('"\\$x"', "$x"),
        ("\\$x", "$x"),
        ("a\\b", "ab"),
        ('"a\\b"', "a\\b"),
        ("it's", None),
        ('"open', None),
        ("${x", None),
        ("${}", None),
        ("${x:y}", None),
        ("${x:=y}", None),
        ("$", "$"),
        ("$.", "$."),
        ("$$", ""),
        ("$1x", "x"),
        ("${x}}", "abc}"),
        ("$secret", None),
        ("a${secret}b", None),
        ("${secret:-y}", None),
        ("${secret+y}", "y"),
        ("${secret:+y}", None),
        ("${x:-$secret}", "abc"),
        ("${unset:-$secret}", None),
        ("${x:+$secret}", None),
    ],
)
def test_value(text: str, value: str | None) -> None:
    assert expand(text, lookup) == value


def test_escape_character_is_the_files_own() -> None:
    assert expand("C:\\dir\\$x", lookup, "`") == "C:\\dir\\abc"
    assert expand("`$x", lookup, "`") == "$x"


def test_an_unknown_value_is_never_an_empty_string() -> None:
    assert expand("$secret", lookup) is None
    assert expand("$unset", lookup) == ""


def test_nesting_needs_no_recursion() -> None:
    depth = 20_000
    assert expand("${unset:-" * depth + "y" + "}" * depth, lookup) == "y"


@pytest.mark.parametrize(
    ("raw", "variables", "literal"),
    [
        ("a", (), "a"),
        ('"a b"', (), "a b"),
        ("$a-${b:-$c}-$a", ("a", "b", "c"), None),
        ("'$a'", (), "$a"),
        ("\\$a", (), "$a"),
        ("$1", (), ""),
        ("'open", (), None),
    ],
)
def test_word(raw: str, variables: tuple[str, ...], literal: str | None) -> None:
    word = Word(Span(0, len(raw)), raw)
    assert word.variables == variables
    assert word.literal == literal
