from __future__ import annotations

import json
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from dockslim.verify.look import read_look
from dockslim.verify.probe import MARKER, binaries, distributions, importer, packages, script, shell_script
from dockslim.verify.results import Config

IMPORTER = Path(importer.__file__)
OLD_PYTHONS = sorted(Path.home().glob(".pyenv/versions/3.[678].*/bin/python3"))


def import_with(tmp_path: Path, *modules: str, timeout: float = 10) -> dict[str, tuple[str | None, list[str]]]:
    asked = {"modules": list(modules), "paths": [str(tmp_path)], "timeout": timeout}
    done = subprocess.run(
        [sys.executable, "-B", str(IMPORTER), repr(asked)], capture_output=True, text=True, check=True
    )
    lines = [eval(line) for line in done.stdout.splitlines()]
    return {module: (error, mapped) for module, error, mapped in lines}


def module(folder: Path, name: str, text: str) -> str:
    (folder / f"{name}.py").write_text(text)
    return name


def test_each_import_stands_for_itself(tmp_path: Path) -> None:
    names = [
        module(tmp_path, "fine", "print('noise')\nimport sys; print('noise', file=sys.stderr)"),
        module(tmp_path, "broken", "import nonsuch_module"),
        module(tmp_path, "leaves", "raise SystemExit(0)"),
        module(tmp_path, "dies", "import os; os.kill(os.getpid(), 11)"),
        module(tmp_path, "quits", "import os; os._exit(4)"),
        module(tmp_path, "wordy", "raise ImportError('Bad git executable.\\n\\nsee the docs')"),
        module(tmp_path, "spoils", "import sys; sys.modules['fine'] = None"),
        module(tmp_path, "after_all_that", "import fine"),
    ]
    results = {name: error for name, (error, _) in import_with(tmp_path, *names).items()}
    assert results == {
        "fine": None,
        "broken": "ModuleNotFoundError: No module named 'nonsuch_module'",
        "leaves": "SystemExit: 0",
        "dies": "the process was killed by signal 11",
        "quits": "the process exited with 4",
        "wordy": "ImportError: Bad git executable. see the docs",
        "spoils": None,
        "after_all_that": None,
    }


def test_an_import_that_hangs_is_ended_with_what_it_started(tmp_path: Path) -> None:
    module(tmp_path, "hangs", "import subprocess; subprocess.call(['sleep', '97531'])")
    assert import_with(tmp_path, "hangs", timeout=1)["hangs"][0] == "did not end within 1 s"
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert "sleep 97531" not in listed.splitlines()


def test_libraries_that_an_import_maps_are_told(tmp_path: Path) -> None:
    name = module(tmp_path, "maps", "import sqlite3")
    error, mapped = import_with(tmp_path, name)["maps"]
    assert error is None
    assert any("sqlite3" in path for path in mapped)


def make_elf(path: Path, needed: list[str], runpath: str = "", machine: int = 62) -> Path:
    """Write a 64-bit little-endian ELF file with nothing in it but a dynamic section."""
    strings = b"\0" + b"".join(name.encode() + b"\0" for name in [*needed, runpath])
    offsets = [1 + sum(len(name) + 1 for name in needed[:index]) for index in range(len(needed) + 1)]
    entries = [(1, offsets[index]) for index in range(len(needed))]
    entries += [(29, offsets[-1])] if runpath else []
    entries += [(5, 0x10000), (0, 0)]
    dynamic = b"".join(struct.pack("<qQ", tag, value) for tag, value in entries)
    at = 64 + 2 * 56
    loads = struct.pack("<IIQQQQQQ", 1, 5, at + len(dynamic), 0x10000, 0, len(strings), len(strings), 1)
    dyn = struct.pack("<IIQQQQQQ", 2, 6, at, 0x20000, 0, len(dynamic), len(dynamic), 8)
    head = (
        b"\x7fELF\x02\x01\x01"
        + bytes(9)
        + struct.pack("<HHIQQQIHHHHHH", 3, machine, 1, 0, 64, 0, 0, 64, 56, 2, 0, 0, 0)
    )
    path.write_bytes(head + loads + dyn + dynamic + strings)
    return path


def test_the_elf_reader_knows_needs_and_search_path(tmp_path: Path) -> None:
    read = binaries.elf(str(make_elf(tmp_path / "x.so", ["libodbc.so.2", "libc.so.6"], "$ORIGIN/../libs:/opt/lib")))
    assert read is not None
    assert read.needed == ["libodbc.so.2", "libc.so.6"]
    assert read.search == [f"{tmp_path}/../libs", "/opt/lib"]


def test_the_elf_reader_agrees_with_a_real_binary() -> None:
    read = binaries.elf(str(Path(sys.executable).resolve()))
    assert read is not None
    assert "libc.so.6" in read.needed


@pytest.mark.parametrize("data", [b"", b"\x7fELF", b"\x7fELF\x02\x01" + b"\xff" * 200, b"#!/bin/sh\n" * 50])
def test_what_is_no_elf_file_is_none(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x").write_bytes(data)
    read = binaries.elf(str(tmp_path / "x"))
    assert read is None or read.needed == []


def test_linkage_without_ldd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "ask_ldd", lambda paths: None)
    monkeypatch.setattr(binaries, "library_folders", lambda: [str(tmp_path / "lib")])
    (tmp_path / "lib").mkdir()
    (tmp_path / "own").mkdir()
    there = make_elf(tmp_path / "lib" / "libhere.so.1", [])
    bundled = make_elf(tmp_path / "own" / "libown.so.3", [])
    make_elf(tmp_path / "lib" / "libarm.so.1", [], machine=183)
    needs = ["libhere.so.1", "libown.so.3", "libgone.so.2", "libarm.so.1"]
    extension = make_elf(tmp_path / "ext.so", needs, "$ORIGIN/own")
    # What one bundled library needs of another, the search path of the extension finds.
    inner = make_elf(tmp_path / "own" / "libinner.so.1", ["libext.so"])
    outer = make_elf(tmp_path / "libext.so", [])
    links, missing = binaries.linkage([str(extension), str(inner), str(outer)])
    assert links == {str(there): [str(extension)], str(bundled): [str(extension)]}
    assert missing == [("libgone.so.2", str(extension), "not found"), ("libarm.so.1", str(extension), "not found")]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("\tlibodbc.so.2 => not found\n\tlibc.so.6 => /lib/libc.so.6 (0x1)\n", [("libodbc.so.2", "not found")]),
        (
            "/x.so: /lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.38' not found (required by /x.so)\n",
            [("libc.so.6", "has no version GLIBC_2.38")],
        ),
        (
            "Error loading shared library libodbc.so.2: No such file or directory (needed by /x.so)\n"
            "Error relocating /x.so: PyList_New: symbol not found\n",
            [("libodbc.so.2", "not found")],
        ),
        ("\tnot a dynamic executable\n", []),
    ],
)
def test_what_ldd_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, expected: list[tuple[str, str]]
) -> None:
    (tmp_path / "said").write_text(said)
    (tmp_path / "ldd").write_text(f"#!/bin/sh\ncat {tmp_path}/said\n")
    (tmp_path / "ldd").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert binaries.ask_ldd(["/x.so"]) == ({"/x.so": expected} if expected else {})


def dist_info(folder: Path, name: str, files: dict[str, str]) -> None:
    info = folder / f"{name}.dist-info"
    info.mkdir(parents=True)
    for file, text in files.items():
        (info / file).write_text(text)


def test_distributions_modules_and_scripts(tmp_path: Path) -> None:
    site = tmp_path / "lib/python3/site-packages"
    record = (
        "demo/__init__.py,sha256=x,100\n_demo.cpython-311.so,,50\ndemo/sub/x.py,,1\n"
        "../../../bin/demo,,9\ndemo-1.0.dist-info/RECORD,,\n"
    )
    points = "[console_scripts]\ndemo = demo:main\nother = demo:other\n[demo.plugins]\nx = y\n"
    dist_info(
        site, "demo-1.0", {"METADATA": "Name: demo\nVersion: 1.0\n", "RECORD": record, "entry_points.txt": points}
    )
    dist_info(site, "old-2", {"METADATA": "Name: old\nVersion: 2\n", "top_level.txt": "old\nold_too\n"})
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/demo").write_text("#!/nonsuch/python\n")
    (tmp_path / "bin/demo").chmod(0o755)
    python = {"paths": [str(site)], "scripts": str(tmp_path / "bin")}
    found, scripts = distributions.distributions(python, [])
    assert [(each["name"], each["version"], each["size"], each["modules"]) for each in found] == [
        ("demo", "1.0", 160, ["_demo", "demo"]),
        ("old", "2", 0, ["old", "old_too"]),
    ]
    # "other" is declared and was never installed: pip's own wheel does so.
    problem = "its interpreter /nonsuch/python is not there"
    assert scripts == [{"name": "demo", "path": str(tmp_path / "bin/demo"), "problem": problem}]


def test_dpkg_apk_and_owners(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    status = tmp_path / "status"
    status.write_text(
        "Package: libodbc2\nStatus: install ok installed\nInstalled-Size: 10\nVersion: 2.3\n"
        "Description: x\n Package: no\n\n"
        "Package: gone\nStatus: deinstall ok config-files\nVersion: 1\n"
    )
    apk = tmp_path / "installed"
    apk.write_text(
        "P:musl\nV:1.2.4-r2\nI:600\nF:lib\nR:libc.musl.so.1\n\nP:unixodbc\nV:2.3\nF:usr/lib\nR:libodbc.so.2\n"
    )
    monkeypatch.setattr(packages, "DPKG", str(status))
    monkeypatch.setattr(packages, "APK", (str(apk),))
    assert packages.installed() == [
        {"name": "libodbc2", "version": "2.3", "manager": "dpkg", "size": 10240},
        {"name": "musl", "version": "1.2.4-r2", "manager": "apk", "size": 600},
        {"name": "unixodbc", "version": "2.3", "manager": "apk", "size": 0},
    ]
    monkeypatch.setattr(packages.glob, "glob", lambda pattern: [])
    assert packages.owners(["/usr/lib/libodbc.so.2", "/nonsuch"]) == {"/usr/lib/libodbc.so.2": "unixodbc"}
    assert packages.contents("unixodbc") == ["/usr/lib/libodbc.so.2"]


@pytest.mark.parametrize("python", [Path(sys.executable), *OLD_PYTHONS], ids=lambda path: str(path).split("/")[-3])
def test_the_joined_script_runs_alone(python: Path) -> None:
    request = {"mode": "owners", "libraries": ["libc.so.6", "libnonsuch.so.9"], "programs": ["sh"], "packages": []}
    done = subprocess.run([str(python), "-I", "-"], input=script(request), capture_output=True, check=True)
    answer = json.loads(done.stdout.decode().strip().removeprefix(MARKER))
    assert answer["places"]["libnonsuch.so.9"] is None
    if shutil.which("dpkg"):
        assert answer["owners"]["libc.so.6"] == "libc6"


@pytest.mark.parametrize("python", OLD_PYTHONS, ids=lambda path: str(path).split("/")[-3])
def test_every_part_compiles_on_old_pythons(python: Path) -> None:
    program = script({"mode": "look", "import_timeout": 1})
    check = (
        "import sys; compile(sys.stdin.buffer.read(), 'probe', 'exec'); compile(open(sys.argv[1]).read(), 'i', 'exec')"
    )
    subprocess.run([str(python), "-c", check, str(IMPORTER)], input=program, check=True)


def test_the_shell_probe_lists_packages() -> None:
    text = shell_script().decode().replace("find / ", "find /nonsuch ")
    done = subprocess.run(["/bin/sh", "-s"], input=text, capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()
    assert lines[-1] == "done\tdockslim"
    if shutil.which("dpkg"):
        assert any(line.startswith("package\tdpkg\tlibc6\t") for line in lines)


def test_an_answer_becomes_a_look() -> None:
    answer = {
        "packages": [{"name": "b", "version": "1", "manager": "dpkg", "size": 1}],
        "distributions": [
            {"name": "d", "version": "1", "location": "/x", "size": 3, "modules": ["d"], "system": False}
        ],
        "imported": 1, "import_failures": [], "binaries": 2, "setuid": ["/bin/su"], "uid": 5, "writable": ["/app"],
        "missing_libraries": [{"library": "l", "needed_by": "/b", "why": "not found"}],
        "libraries": [{"soname": "s", "path": "/s", "package": None, "needed_by": ["/b"], "linked": True}],
        "scripts": [{"name": "n", "path": "/n", "problem": None}], "programs": ["sh"], "seconds": 0.5,
    }  # fmt: skip
    look = read_look(answer, Config(user="app"))
    assert (look.how, look.user, look.uid, look.libraries[0].needed_by) == ("python", "app", 5, ("/b",))
