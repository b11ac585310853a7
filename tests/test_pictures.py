"""The pictures of the terminal, and how ``make docs`` holds them to what the program prints."""

from __future__ import annotations

import os
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from tools import documents, pictures

pytestmark = pytest.mark.skipif(os.name != "posix", reason="pictures are drawn on a pseudo-terminal")


def luminance(colour: tuple[int, int, int]) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (each / 255 for each in colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: tuple[int, int, int], other: tuple[int, int, int]) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def words(svg: str) -> str:
    root = ElementTree.fromstring(svg)
    return " ".join(text for each in root.iter("{http://www.w3.org/2000/svg}text") for text in each.itertext())


@pytest.mark.parametrize("name", pictures.PICTURES)
def test_a_picture_shows_a_real_run(name: str) -> None:
    arguments = pictures.PICTURES[name]
    svg = pictures.drawn(name, arguments)
    assert svg == pictures.drawn(name, arguments)  # nothing in it differs from one run to the next
    shown = words(svg).replace("\xa0", " ")
    assert "dockslim " + " ".join(arguments) in shown
    assert "SLIM101" in shown
    assert "url(http" not in svg  # a picture fetches nothing
    assert str(Path.home()) not in svg


@pytest.mark.parametrize("name", pictures.PICTURES)
def test_each_colour_is_legible(name: str) -> None:
    svg = pictures.drawn(name, pictures.PICTURES[name])
    used = {tuple(bytes.fromhex(each)) for each in re.findall(r"-r\d+ \{ fill: #([0-9a-f]{6})", svg)}
    ground = pictures.THEME.background_color
    assert len(used) > 3
    assert all(contrast(colour, ground) >= 4.5 for colour in used)


def test_what_is_out_of_date_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "docs" / "pictures"
    monkeypatch.setattr(documents, "ROOT", tmp_path)
    monkeypatch.setattr(documents, "wanted", lambda: {folder / "check.svg": "<svg/>\n"})
    monkeypatch.setattr("sys.argv", ["documents", "--check"])
    assert documents.main() == 1
    monkeypatch.setattr("sys.argv", ["documents"])
    assert documents.main() == 0
    monkeypatch.setattr("sys.argv", ["documents", "--check"])
    capsys.readouterr()
    assert documents.main() == 0
    (folder / "check.svg").write_text("<svg>drawn by hand</svg>\n")
    (folder / "gone.svg").write_text("<svg/>\n")
    assert documents.main() == 1
    assert re.findall(r"(\w+)\.svg: out of date", capsys.readouterr().out) == ["check", "gone"]
