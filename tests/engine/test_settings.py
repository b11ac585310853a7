from __future__ import annotations

from pathlib import Path

import pytest

from dockslim.engine.finding import Severity
from dockslim.engine.settings import DEFAULT, ConfigurationError, Settings, nearest


def write(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(text)
    return path


def test_the_nearest_file_holds_alone(tmp_path: Path) -> None:
    write(tmp_path, "pyproject.toml", '[tool.dockslim]\nselect = ["SLIM1"]\ntarget = "app"\n')
    write(tmp_path / "a", "dockslim.toml", 'ignore = ["SLIM101"]\n')
    write(tmp_path / "b", "pyproject.toml", "[tool.ruff]\n# dockslim is somebody else\n")
    cache: dict[Path, Settings] = {}
    assert nearest(tmp_path / "a" / "deep", cache).ignore == ("SLIM101",)
    assert nearest(tmp_path / "a", cache).select is None
    assert nearest(tmp_path / "b", cache).target == "app"
    assert nearest(tmp_path, cache).source == tmp_path / "pyproject.toml"


def test_none_at_all(tmp_path: Path) -> None:
    assert nearest(tmp_path, {}) is DEFAULT


def test_everything_it_can_say(tmp_path: Path) -> None:
    write(
        tmp_path,
        "dockslim.toml",
        'select = ["A"]\nextend-select = ["B"]\nignore = ["C"]\nwheel-transfer = "copy"\ntarget = "x"\n'
        '[per-file-ignores]\n"dev/*" = ["D"]\n"*.test" = ["E"]\n[severity]\nF = "error"\n',
    )
    settings = nearest(tmp_path, {})
    assert (settings.select, settings.extend_select, settings.ignore) == (("A",), ("B",), ("C",))
    assert (settings.wheel_transfer, settings.target) == ("copy", "x")
    assert settings.severity == {"F": Severity.ERROR}
    assert settings.ignored_in(tmp_path / "dev" / "Dockerfile") == ("D",)
    assert settings.ignored_in(tmp_path / "dev" / "Dockerfile.test") == ("D", "E")
    assert settings.ignored_in(tmp_path / "Dockerfile") == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('selct = ["SLIM1"]', "unknown key 'selct'; did you mean select?"),
        ("zzz = 1", "unknown key 'zzz'"),
        ('select = "SLIM1"', "select: a list of texts is expected"),
        ("ignore = [1]", "ignore: a list of texts is expected"),
        ('per-file-ignores = ["a"]', "per-file-ignores: a table"),
        ('per-file-ignores = {"a" = "b"}', "per-file-ignores: a list of texts"),
        ('severity = {SLIM101 = "fatal"}', "severity: SLIM101: 'fatal' is none of info, warning, error"),
        ('severity = "info"', "severity: a table"),
        ('wheel-transfer = "teleport"', "wheel-transfer: 'teleport' is none of mount, copy"),
        ("target = 3", "target: a text is expected"),
        ("select = [", "not TOML"),
    ],
)
def test_mistakes_name_file_key_and_remedy(text: str, said: str, tmp_path: Path) -> None:
    path = write(tmp_path, "dockslim.toml", text)
    with pytest.raises(ConfigurationError) as error:
        nearest(tmp_path, {})
    assert str(error.value).startswith(f"{path}: ")
    assert said in str(error.value)


def test_a_table_is_expected(tmp_path: Path) -> None:
    write(tmp_path, "pyproject.toml", "[tool]\ndockslim = 3\n")
    with pytest.raises(ConfigurationError, match="a table is expected"):
        nearest(tmp_path, {})


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (
            b'[project]\nname = "x"\nauthors = ["Jos\xe9"]\n',
            r"pyproject\.toml: not UTF-8 \(byte \d+\): save it as UTF-8",
        ),
        ('[tool.dockslim]\ntarget = "x"\n'.encode("utf-16"), r"pyproject\.toml: UTF-16 text: save it as UTF-8"),
    ],
)
def test_what_cannot_be_read_is_not_passed_by(data: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_bytes(data)  # whether it speaks of dockslim cannot be told
    with pytest.raises(ConfigurationError, match=said):
        nearest(tmp_path / "deep", {})


def test_a_byte_order_mark_is_no_matter(tmp_path: Path) -> None:
    (tmp_path / "dockslim.toml").write_bytes(b'\xef\xbb\xbftarget = "x"\n')
    assert nearest(tmp_path, {}).target == "x"


def test_a_link_to_nothing_is_told(tmp_path: Path) -> None:
    (tmp_path / "dockslim.toml").symlink_to("gone.toml")
    with pytest.raises(ConfigurationError, match=r"dockslim\.toml: a symbolic link to nothing"):
        nearest(tmp_path, {})
