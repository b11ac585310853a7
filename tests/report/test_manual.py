"""A rule's page on a terminal and in a pipe."""

from __future__ import annotations

import io
import re
import sys

import pytest

from dockslim import documents
from dockslim.report.manual import show_markdown
from dockslim.report.snippet import cells
from dockslim.testing import rules_of

PAGE = """\
# SLIM999 a-rule

A `sentence` with /a/path/that/is/longer/than/forty/columns/and/so/wider/than/the/terminal/itself.bin in it,
and `# code of several words` that ends.

## Example

```dockerfile
FROM a AS `b`  # «a» line that is far longer than forty columns are, and is there to be copied

RUN «make»
```

- an item with /a/path/that/is/longer/than/forty/columns/and/so/wider/than/the/terminal/itself.bin in it
"""
PATH = re.findall(r"/a/path\S+", PAGE)[0]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _plain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    for name in ("NO_COLOR", "FORCE_COLOR", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)


def on_terminal(page: str, columns: int, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("COLUMNS", str(columns))
    stream = Terminal()
    show_markdown(page, stream)
    return stream.getvalue()


def in_pipe(page: str) -> str:
    stream = io.StringIO()
    show_markdown(page, stream)
    return stream.getvalue()


def undone(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def test_a_pipe_gets_the_page_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    assert in_pipe(PAGE) == PAGE
    monkeypatch.setenv("FORCE_COLOR", "1")
    for term in ("xterm", "dumb"):
        monkeypatch.setenv("TERM", term)
        assert undone(in_pipe(PAGE)) == PAGE
        assert "\x1b[" in in_pipe(PAGE)


@pytest.mark.parametrize("environment", [{}, {"NO_COLOR": "1"}, {"TERM": "dumb"}], ids=str)
def test_a_terminal(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    text = on_terminal(PAGE, 40, monkeypatch)
    assert ("\x1b" in text) is (not environment)
    lines = [line.rstrip() for line in undone(text).splitlines()]
    assert lines[0] == "SLIM999 a-rule"
    # Where there is no colour the ticks set code apart.
    said = ["A sentence with", PATH, "in it, and # code of several words that", "ends."]
    if environment:
        said = ["A `sentence` with", PATH, "in it, and `# code of several words`", "that ends."]
    assert lines[2 : lines.index("Example") - 1] == said
    code = next(number for number, line in enumerate(lines) if line.endswith("is there to be copied"))
    assert lines[code].startswith("    FROM a AS `b`  # «a» line")
    assert lines[code + 1 : code + 3] == ["", "    RUN «make»"]
    # In a list rich breaks what is too wide: nothing is lost.
    assert PATH in "".join(line.strip(" •") for line in lines[code + 3 :])


def test_nothing_lies_on_a_ground_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("COLORTERM", "TERM"):
        monkeypatch.setenv(name, "truecolor" if name == "COLORTERM" else "xterm-256color")
    codes = {
        code for each in re.findall(r"\x1b\[([0-9;]*)m", on_terminal(PAGE, 80, monkeypatch)) for code in each.split(";")
    }
    assert codes <= {"0", "1", "2", "4", "31", "35"}


@pytest.mark.parametrize("columns", [40, 80, 100, 200])
def test_every_rule(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    for rule in rules_of("dockslim_rules"):
        page = documents.page(rule)
        text = on_terminal(page, columns, monkeypatch)
        said = re.sub(r"^(#+ |```\w*$)", "", page, flags=re.MULTILINE)
        said = re.sub(r" \*([^*\n]+)\*([ .,])", r" \1\2", said)  # emphasis
        assert text.split() == said.split(), rule
        for line in text.splitlines():
            assert line.startswith("    ") or cells(line) <= min(columns, 100) or len(line.split()) == 1, line


def test_standard_output_is_where_it_goes(capsys: pytest.CaptureFixture[str]) -> None:
    show_markdown(PAGE)
    assert capsys.readouterr().out == PAGE
    assert not sys.stdout.isatty()
