"""One file that runs: ``python -m tools.zipapp [dist/dockslim.pyz] [OPTION OF PIP...]``.

dockslim and all that it needs, installed by pip into a folder and packed.  The parser of shell is compiled, and Python
loads no compiled module out of an archive: so the file unpacks itself once, into the user's cache folder, and it runs
where it was made: on the same platform, with the same minor version of Python.  Elsewhere it says so.
"""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
#: Of no use to who runs it: caches, pip's own records, scripts.
SPARED = frozenset({"__pycache__", "RECORD", "INSTALLER", "REQUESTED", "direct_url.json"})

MAIN = '''\
"""Unpack once, then run."""

import os
import sys

PYTHON, PLATFORM, DIGEST = {python!r}, {platform!r}, {digest!r}


def unpacked():
    """The folder of the modules; whoever comes second finds it ready."""
    import shutil
    import tempfile
    import zipfile

    home = os.environ.get("DOCKSLIM_CACHE_DIR")
    if not home:
        base = os.environ.get("LOCALAPPDATA") or os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
        home = os.path.join(base, "dockslim")
    place = os.path.join(home, "pyz-" + DIGEST)
    if not os.path.isdir(place):
        os.makedirs(home, exist_ok=True)
        fresh = tempfile.mkdtemp(dir=home)
        try:
            with zipfile.ZipFile(os.path.dirname(os.path.abspath(__file__))) as archive:
                archive.extractall(fresh, [name for name in archive.namelist() if name != "__main__.py"])
            os.rename(fresh, place)
        except OSError:
            shutil.rmtree(fresh, ignore_errors=True)
            if not os.path.isdir(place):
                raise
    return place


def main():
    """Say what does not fit, or run."""
    import sysconfig

    here = "%d.%d" % sys.version_info[:2]
    if (here, sysconfig.get_platform()) != (PYTHON, PLATFORM):
        sys.stderr.write(
            "dockslim: this file was made for Python %s on %s; this is Python %s on %s: "
            "pip install dockslim there, or make the file anew\\n" % (PYTHON, PLATFORM, here, sysconfig.get_platform())
        )
        return 2
    try:
        place = unpacked()
    except OSError as error:
        sys.stderr.write("dockslim: cannot unpack itself: %s; name a folder in DOCKSLIM_CACHE_DIR\\n" % error)
        return 2
    sys.path[0] = place
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (place, os.environ.get("PYTHONPATH"))))
    from dockslim.start import main as run

    return run()


if __name__ == "__main__":
    sys.exit(main())
'''


def build(output: Path, options: list[str]) -> None:
    """Install into a folder of its own, and pack that."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"]
        subprocess.run([*pip, *options, "--target", str(folder), str(ROOT)], check=True)
        output.parent.mkdir(parents=True, exist_ok=True)
        pack(output, folder, sorted(path for path in folder.rglob("*") if path.is_file() and wanted(path, folder)))


def wanted(path: Path, folder: Path) -> bool:
    """Whether a file is needed to run."""
    parts = path.relative_to(folder).parts
    return parts[0] not in ("bin", "Scripts") and SPARED.isdisjoint(parts)


def pack(output: Path, folder: Path, files: list[Path]) -> None:
    """Write the archive; the same files give the same bytes."""
    from hashlib import sha256

    digest = sha256()
    for path in files:
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    main = MAIN.format(python=python, platform=sysconfig.get_platform(), digest=digest.hexdigest()[:16])
    with output.open("wb") as file:
        file.write(b"#!/usr/bin/env python3\n")
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(zipfile.ZipInfo("__main__.py"), main)
            for path in files:
                entry = zipfile.ZipInfo(path.relative_to(folder).as_posix())
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, path.read_bytes())
    output.chmod(0o755)


if __name__ == "__main__":
    words = sys.argv[1:]
    named = [words.pop(0)] if words and not words[0].startswith("-") else ["dist/dockslim.pyz"]
    build(Path(named[0]), words)
    print(named[0])
