from __future__ import annotations

import errno
import os
import threading
from pathlib import Path

import pytest

from dockslim.engine.writing import WriteError, create, write


def test_mode_and_bytes(tmp_path: Path) -> None:
    path = tmp_path / "Dockerfile"
    path.write_bytes(b"FROM a\r\n")
    path.chmod(0o640)
    write(path, b"FROM b\r\n\xff", b"FROM a\r\n")
    assert path.read_bytes() == b"FROM b\r\n\xff"
    assert path.stat().st_mode & 0o777 == 0o640
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_leaves_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "Dockerfile"
    path.write_bytes(b"old")

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(WriteError, match="no space left on device"):
        write(path, b"new", b"old")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_inside_its_folder_is_kept(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    real = tmp_path / "sub" / "real"
    real.write_bytes(b"old")
    link = tmp_path / "Dockerfile"
    link.symlink_to(real)
    write(link, b"new", b"old")
    assert link.is_symlink()
    assert real.read_bytes() == b"new"


def test_a_link_out_of_its_folder_is_refused(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(b"old")
    (tmp_path / "tree").mkdir()
    link = tmp_path / "tree" / "Dockerfile"
    link.symlink_to(outside)
    with pytest.raises(WriteError, match="out of its folder"):
        write(link, b"new", b"old")
    assert outside.read_bytes() == b"old"


def test_a_file_that_changed_meanwhile_is_left(tmp_path: Path) -> None:
    path = tmp_path / "Dockerfile"
    path.write_bytes(b"newer")
    with pytest.raises(WriteError, match="changed"):
        write(path, b"new", b"old")
    assert path.read_bytes() == b"newer"


def test_a_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(WriteError, match="no such file"):
        write(tmp_path / "no" / "Dockerfile", b"new", b"old")


def test_what_is_no_regular_file_is_written_into_and_stays(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()
    create(pipe, b"report")
    reader.join(10)
    assert got == [b"report"]
    assert pipe.is_fifo()
    with pytest.raises(WriteError, match="is no regular file: not written"):
        write(pipe, b"x", b"")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")  # noqa: PTH110
def test_a_full_device_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*given: object, **options: object) -> None:
        raise AssertionError("a device is never replaced")

    monkeypatch.setattr(os, "replace", refuse)
    monkeypatch.setattr(Path, "read_bytes", refuse)  # it has no end
    with pytest.raises(WriteError, match="not written: no space left on device"):
        create(Path("/dev/full"), b"report")
    create(Path("/dev/null"), b"report")
