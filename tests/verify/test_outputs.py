from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from dockslim.report.snippet import cells
from dockslim.verify.faults import Fault
from dockslim.verify.output import document, html, markdown
from dockslim.verify.output.text import print_fault, print_outcomes
from dockslim.verify.output.treemap import Tile, squarify
from dockslim.verify.results import (
    Complaint,
    Image,
    ImportFailure,
    Layer,
    MissingLibrary,
    Remedy,
    SeverityCounts,
    Verification,
    Vulnerability,
)

Make = Callable[..., Image]
RUN = "RUN apt-get update && apt-get install -y --no-install-recommends libodbc2 && rm -rf /var/lib/apt/lists/*"


@pytest.fixture
def bad(make_image: Make) -> Verification:
    failure = ImportFailure("pyodbc", "pyodbc", "ImportError: libodbc.so.2: <no> | such")
    missing = MissingLibrary("libodbc.so.2", "/x.so")
    layers = (Layer("", 120_000_000), Layer("RUN echo `a|b` <x>", 19_000_000, line=9), Layer("CMD x", 0, line=10))
    after = make_image(packages=("libc6",), layers=layers, import_failures=(failure,), missing_libraries=(missing,))
    fix = Remedy("install libodbc2 in the final stage", "libodbc2", 8, RUN)
    lost = Complaint("library", "libodbc.so.2 is missing: needed by /x.so", fix)
    scan = SeverityCounts(
        {"high": 2, "low": 1}, (Vulnerability("CVE-1", "gcc", "1", "high", 2, "RUN x", True),), "trivy"
    )
    return Verification("a/Dockerfile", "docker", make_image(), after, (lost,), (), ("a note",), scan, None)


def printed(*outcomes: tuple[str, Verification | Fault]) -> str:
    stream = io.StringIO()
    print_outcomes(outcomes, stream)
    return stream.getvalue()


def test_text_says_what_where_and_what_to_do(bad: Verification) -> None:
    text = printed(("a/Dockerfile", bad))
    assert "Image size" in text
    assert "400 MB" in text
    assert "139 MB" in text
    assert "−65 %" in text
    assert "regression (library): libodbc.so.2 is missing: needed by /x.so" in text
    assert f"line 8: {RUN}" in text
    assert "packages gone: 1 (gcc)" in text
    assert "line 9" in text
    assert "\x1b" not in text


def test_text_of_several_ends_with_one_table(bad: Verification) -> None:
    text = printed(("a/Dockerfile", bad), ("b", Fault("disk-full", "docker ran out of disk space")))
    assert text.splitlines()[-3].split() == ["file", "before", "after", "regressions", "problems", "verdict"]
    assert text.splitlines()[-2].split()[:6] == ["a/Dockerfile", "400", "MB", "139", "MB", "1"]
    assert "not verified: docker ran out of disk space" in text.splitlines()[-1]


def test_text_of_a_fault_has_its_log() -> None:
    stream = io.StringIO()
    print_fault("x/Dockerfile", Fault("build-failed", "the original does not build", "E: [bold]nonsuch"), stream)
    assert stream.getvalue() == "dockslim: error: x/Dockerfile: the original does not build\n  │ E: [bold]nonsuch\n"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def everything(bad: Verification) -> list[tuple[str, Verification | Fault]]:
    long = "services/with/a/rather/long/path/of/folders/Dockerfile.production"
    module = "/usr/local/lib/python3.11/site-packages/a-rather-long-name.cpython-311-x86_64-linux-gnu.so"
    wide = (
        Layer("", 120_000_000),
        Layer("RUN echo " + "日本語の長い説明がここ" * 4, 1, line=9),
    )
    lost = Complaint("library", f"libodbc.so.2 is missing: needed by {module}", bad.regressions[0].fix)
    other = replace(bad, path=long, regressions=(lost,), after=replace(bad.after, layers=wide))
    one = replace(bad, path="one", before=None, regressions=(), problems=(Complaint("import", "[b] fails", None),))
    fault = Fault("build-failed", "the original does not build: step 3 of 7, RUN pip install nosuch, ended with 1")
    return [("a/Dockerfile", bad), (long, other), ("one", one), ("c", fault)]


def on_terminal(outcomes: Sequence[tuple[str, Verification | Fault]], columns: int, monkeypatch: Any) -> str:
    stream = Terminal()
    monkeypatch.setenv("COLUMNS", str(columns))
    print_outcomes(outcomes, stream)
    return stream.getvalue()


def undone(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


@pytest.mark.parametrize("columns", [40, 60, 79, 80, 100, 132, 200, 400])
@pytest.mark.parametrize("environment", [{}, {"NO_COLOR": "1"}, {"TERM": "dumb"}], ids=str)
def test_text_on_a_terminal_breaks_no_word(
    everything: Any, columns: int, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    text = on_terminal(everything, columns, monkeypatch)
    assert ("\x1b" in text) is (not environment)
    lines = undone(text).splitlines()
    longest = len(everything[1][0]) + 6
    assert all(cells(line.rstrip()) <= max(columns, longest) or len(line.split()) == 1 for line in lines)
    complaint = everything[1][1].regressions[0]
    words = set(undone(text).split())
    assert set(f"{complaint.what} line 8: {RUN} {everything[1][0]} {everything[3][1].message}".split()) <= words
    assert any("…" in line for line in lines if "日本" in line) is (columns < 132)


def test_text_on_a_wide_terminal_is_that_of_a_pipe(everything: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    monkeypatch.setenv("NO_COLOR", "1")
    wide = on_terminal(everything, 400, monkeypatch)
    assert [line.rstrip() for line in wide.splitlines()] == printed(*everything).splitlines()


def test_colour_in_a_pipe_changes_no_letter(everything: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    plain = printed(*everything)
    monkeypatch.setenv("FORCE_COLOR", "1")
    coloured = printed(*everything)
    assert "\x1b[" in coloured
    assert [line.rstrip() for line in undone(coloured).splitlines()] == plain.splitlines()


def test_the_last_table_has_room_or_is_none(everything: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    full, short, none = (on_terminal(everything, columns, monkeypatch) for columns in (250, 130, 80))
    assert "not verified: the original" in full.splitlines()[-1]
    assert short.splitlines()[-1].split() == ["c", "not", "verified"]
    assert re.search(r"^one +139 MB +0 +1 +1 problem *$", short, re.MULTILINE)
    assert "regressions  problems" in full
    assert "regressions  problems" in short
    assert "regressions  problems" not in none
    assert "\na/Dockerfile: 400 MB → 139 MB, 1 regression\n" in none
    assert "\none: 139 MB, 1 problem\n" in none


def test_json_of_one_file_has_the_promised_keys(bad: Verification) -> None:
    found = json.loads(document.render([("a/Dockerfile", bad)]))
    assert found["schema"] == 1
    promised = {
        "image",
        "size",
        "layers",
        "packages",
        "distributions",
        "import_failures",
        "missing_libraries",
        "config",
    }
    assert promised <= found["before"].keys()
    assert promised <= found["after"].keys()
    assert found["before"]["size"] == sum(layer["size"] for layer in found["before"]["layers"])
    (regression,) = found["regressions"]
    assert regression["kind"] == "library"
    assert regression["fix"] == {
        "title": "install libodbc2 in the final stage",
        "package": "libodbc2",
        "line": 8,
        "text": RUN,
    }
    assert found["problems"] == []
    assert found["errors"] == []
    assert found["vulnerabilities"]["before"]["removed"] == 1


def test_json_of_a_fault_and_of_several(bad: Verification) -> None:
    fault = ("b", Fault("no-daemon", "docker does not answer"))
    alone = json.loads(document.render([fault]))
    assert (alone["before"], alone["after"], alone["errors"][0]["kind"]) == (None, None, "no-daemon")
    both = json.loads(document.render([("a", bad), fault]))
    assert len(both["files"]) == 1
    assert both["errors"] == [{"path": "b", "kind": "no-daemon", "message": "docker does not answer", "details": ""}]


def test_markdown_is_a_table_that_nothing_breaks(bad: Verification) -> None:
    text = markdown.render([("a/Dockerfile", bad)])
    assert "| Image size | 400 MB | 139 MB | −65 % |" in text
    assert "| after | 19.0 MB | 9 | `` RUN echo `a\\|b` <x> `` |" in text
    assert f"line 8: `{RUN}`" in text
    for line in text.splitlines():
        if line.startswith("| after"):
            assert line.replace("\\|", "").count("|") == 5


class Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.addresses: list[str] = []
        self.tags: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag not in ("meta", "br", "link"):
            self.open.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href", "xlink:href")]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_html_is_one_page_that_asks_for_nothing(bad: Verification) -> None:
    text = html.render([("a/<b>Dockerfile", bad), ("c", Fault("timeout", "hung", "log & more"))])
    page = Page()
    page.feed(text)
    assert page.open == []
    assert page.addresses == []
    assert not page.tags & {"script", "img", "iframe", "link", "object"}
    assert "url(" not in text
    assert "@import" not in text
    assert "400 MB → 139 MB" in page.text
    assert RUN in page.text
    assert "a/<b>Dockerfile" in page.text


def test_one_form_alone_is_told(make_image: Make) -> None:
    result = Verification("D", "docker", None, make_image())
    assert "only one form to verify: all well" in printed(("D", result))
    assert "| Image size | 400 MB |" in markdown.render([("D", result)])
    Page().feed(html.render([("D", result)]))


@pytest.mark.parametrize("count", [0, 1, 2, 7, 200])
def test_treemap_covers_its_area_without_overlap(count: int) -> None:
    tiles = [Tile(str(index), (index * 37) % 91 + 1, "kept") for index in range(count)]
    boxes = squarify(tiles, 220, 100)
    assert len(boxes) == count
    if count:
        assert sum(box.width * box.height for box in boxes) == pytest.approx(22_000)
    assert all(box.x >= -1e-6 and box.x + box.width <= 220 + 1e-6 for box in boxes)
    assert all(box.y >= -1e-6 and box.y + box.height <= 100 + 1e-6 for box in boxes)
    for index, one in enumerate(boxes):
        for other in boxes[index + 1 :]:
            wide = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
            high = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
            assert min(wide, high) < 1e-6
