"""Data that is missing, damaged or of another version is said in one line."""

import shutil
from pathlib import Path

import pytest

from dockslim.knowledge import KnowledgeError, curated, store
from dockslim.knowledge.store import DATA, Suite


def damaged(path: Path, change: object) -> Path:
    copy = path / "bookworm.sqlite"
    shutil.copy(DATA / "bookworm.sqlite", copy)
    if isinstance(change, bytes):
        copy.write_bytes(change)
    return copy


def use(path: Path) -> None:
    suite = Suite(path)
    number = suite.number("libpq-dev")
    assert number is not None
    suite.facts(number)
    suite.runtime(number)
    suite.weight([number], slim=True)
    suite.held("slim")
    suite.project("lxml")


def test_the_real_file_works(tmp_path: Path) -> None:
    use(damaged(tmp_path, None))


def test_missing(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match="missing"):
        Suite(tmp_path / "none.sqlite")


@pytest.mark.parametrize("content", [b"", b"not a database", b"SQLite format 3\0" + b"\0" * 200])
def test_not_a_database(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(KnowledgeError) as told:
        use(damaged(tmp_path, content))
    assert "\n" not in str(told.value)
    assert "bookworm.sqlite" in str(told.value)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_cut_short(tmp_path: Path, share: float) -> None:
    data = (DATA / "bookworm.sqlite").read_bytes()
    with pytest.raises(KnowledgeError) as told:
        use(damaged(tmp_path, data[: int(len(data) * share)]))
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("start", range(100, 1_000_000, 65_536))
def test_overwritten_somewhere(tmp_path: Path, start: int) -> None:
    data = bytearray((DATA / "bookworm.sqlite").read_bytes())
    data[start : start + 65_536] = b"\xff" * len(data[start : start + 65_536])
    try:
        suite = Suite(damaged(tmp_path, bytes(data)))
        for name in ("libpq-dev", "gcc", "a", "zlib1g-dev", "~"):
            number = suite.number(name)
            if number is not None:
                suite.facts(number)
                suite.weight([number], slim=True)
    except KnowledgeError:
        pass  # told in one line; any other error would fail this test


def test_another_format(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "FORMAT", 999)
    with pytest.raises(KnowledgeError, match="another version"):
        Suite(damaged(tmp_path, None))


def test_damaged_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "curated.json"
    monkeypatch.setattr(curated, "COMPILED", path)
    whole = curated.compiled()
    for content, message in (
        (None, "cannot be read"),
        (b"{", "damaged"),
        (b"[]", "damaged"),
        (whole[:-100], "damaged"),
        (whole.replace(b'"since"', b'"since', 1), "damaged"),
        (whole.replace(b'"images.version":', b'"images.versions":'), "holds no table images.version"),
    ):
        if content is not None:
            path.write_bytes(content)
        curated.compiled.cache_clear()
        curated.rows.cache_clear()
        with pytest.raises(KnowledgeError, match=message):
            curated.rows("images.version")
    curated.compiled.cache_clear()
