"""One file that runs: what is packed, how it unpacks itself, and where it says that it cannot."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from tools import zipapp

ROOT = Path(__file__).parents[1]
PROGRAM = "import os\nimport sys\n\n\ndef main():\n    print(os.path.dirname(__file__), *sys.argv[1:])\n    return 1\n"


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    """An archive with a program of three lines in the place of dockslim."""
    folder = tmp_path / "modules"
    (folder / "dockslim").mkdir(parents=True)
    (folder / "dockslim" / "__init__.py").write_text("")
    (folder / "dockslim" / "start.py").write_text(PROGRAM)
    output = tmp_path / "dockslim.pyz"
    zipapp.pack(output, folder, sorted((folder / "dockslim").iterdir()))
    return output


def call(archive: Path, cache: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DOCKSLIM_CACHE_DIR": str(cache)}
    command = [sys.executable, "-I", str(archive), *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=cache.parent, check=False)


def test_it_unpacks_itself_once(packed: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    first = call(packed, cache, "check", "x")
    assert (first.returncode, first.stderr) == (1, "")
    (place,) = cache.iterdir()
    assert first.stdout.split() == [str(place / "dockslim"), "check", "x"]
    (place / "dockslim" / "mark").write_text("")
    assert call(packed, cache).returncode == 1
    assert (place / "dockslim" / "mark").exists()


def test_the_same_files_give_the_same_bytes(packed: Path, tmp_path: Path) -> None:
    folder = tmp_path / "modules"
    again = tmp_path / "again.pyz"
    os.utime(folder / "dockslim" / "start.py", (1, 1))
    zipapp.pack(again, folder, sorted(path for path in (folder / "dockslim").iterdir() if path.suffix == ".py"))
    assert again.read_bytes() == packed.read_bytes()


def test_elsewhere_it_says_what_it_was_made_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "modules"
    folder.mkdir()
    with monkeypatch.context() as patched:
        patched.setattr(sysconfig, "get_platform", lambda: "toaster-9")
        zipapp.pack(tmp_path / "x.pyz", folder, [])
    result = call(tmp_path / "x.pyz", tmp_path / "cache")
    assert result.returncode == 2
    assert len(result.stderr.splitlines()) == 1
    assert "on toaster-9; this is Python" in result.stderr
    assert not (tmp_path / "cache").exists()


def test_where_it_cannot_unpack_it_says_so(packed: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    result = call(packed, tmp_path / "cache")
    assert result.returncode == 2
    assert len(result.stderr.splitlines()) == 1
    assert "name a folder in DOCKSLIM_CACHE_DIR" in result.stderr


def test_the_whole_program(tmp_path: Path) -> None:
    archive = tmp_path / "dist" / "dockslim.pyz"
    command = [sys.executable, "-m", "tools.zipapp", str(archive), "--no-build-isolation"]
    made = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    if made.returncode and not archive.exists():
        pytest.skip(f"pip could not install what goes in: {(made.stderr.strip().splitlines() or ['?'])[-1]}")
    (tmp_path / "work").mkdir()
    cache = tmp_path / "work" / "cache"
    version = call(archive, cache, "--version")
    assert (version.returncode, version.stdout.split()[0]) == (0, "dockslim,")
    for arguments in (("check",), ("check", "--jobs", "2", "--output-format", "concise")):
        result = call(archive, cache, *arguments, str(ROOT / "corpus" / "blog-pyodbc" / "Dockerfile"))
        assert (result.returncode, result.stderr) == (1, "")
        assert "SLIM102 unixodbc-dev" in result.stdout  # the rules are found, and the compiled parser is loaded
