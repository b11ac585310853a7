"""Write a file whole or not at all."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

__all__ = ["WriteError", "create", "write"]


class WriteError(Exception):
    """The file was left as it was; the message says why."""


def write(path: Path, data: bytes, before: bytes) -> None:
    """Replace a file's bytes, which are known to be ``before``.

    A temporary file in the same folder is filled, synced and renamed over the old one; its mode and, where allowed, its
    owner stay.  A symbolic link is followed only inside its own folder.  Raises WriteError: then nothing has changed.
    """
    import tempfile

    place = _place(path)
    temporary = None
    try:
        if place.exists() and not place.is_file():
            raise WriteError("is no regular file: not written")
        if place.read_bytes() != before:
            raise WriteError("changed while it was being read: not written")
        if not os.access(place, os.W_OK):
            raise WriteError("is read-only: not written")
        status = place.stat()
        handle, temporary = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.", suffix=".tmp")
        with open(handle, "wb") as file:  # noqa: PTH123 - a descriptor, not a path
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, status.st_mode & 0o7777)  # noqa: PTH101 - beside its siblings
        _keep_owner(temporary, status)
        os.replace(temporary, place)  # noqa: PTH105
        temporary = None
        _sync_folder(place.parent)
    except OSError as error:
        raise WriteError(f"not written: {(error.strerror or str(error)).lower()}") from error
    finally:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)


def create(path: Path, data: bytes) -> None:
    """Write a file of our own, whole or not at all; into what is no regular file (a device, a pipe) just so.

    Raises WriteError.
    """
    import tempfile

    try:
        if path.exists() and not path.is_file():
            # Never to be read, for it may have no end, nor to be replaced, for others need it.
            with path.open("wb") as stream:
                stream.write(data)
            return
        if path.exists():
            write(path, data, path.read_bytes())
            return
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
        try:
            with open(handle, "wb") as file:  # noqa: PTH123 - a descriptor, not a path
                file.write(data)
            os.chmod(temporary, 0o666 & ~_umask())  # noqa: PTH101
            os.replace(temporary, path)  # noqa: PTH105
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise WriteError(f"not written: {(error.strerror or str(error)).lower()}") from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _place(path: Path) -> Path:
    """Where the bytes go.  Raises WriteError for a link that leads out of its folder."""
    if not path.is_symlink():
        return path
    try:
        place = path.resolve(strict=True)
    except (OSError, RuntimeError) as error:
        raise WriteError("a symbolic link that leads nowhere: not written") from error
    if path.parent.resolve() not in place.parents:
        raise WriteError(f"a symbolic link out of its folder, to {place}: not written")
    return place


def _keep_owner(temporary: str, status: os.stat_result) -> None:
    if hasattr(os, "chown") and (status.st_uid, status.st_gid) != (os.getuid(), os.getgid()):
        with contextlib.suppress(PermissionError):
            os.chown(temporary, status.st_uid, status.st_gid)


def _sync_folder(folder: Path) -> None:
    """Make the rename itself last, where the system can (Windows cannot open folders)."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    with contextlib.suppress(OSError):
        os.fsync(handle)
    os.close(handle)
