"""The compiler, on small indexes written here."""

import shutil
import subprocess
from pathlib import Path

import pytest

from dockslim.knowledge import bloom, packing
from dockslim.knowledge.build import indexes
from dockslim.knowledge.build.__main__ import main
from dockslim.knowledge.build.compile import compile_suite, day
from dockslim.knowledge.build.control import Relation, newest, parse_relations, read_packages
from dockslim.knowledge.build.indexes import FetchError, Index
from dockslim.knowledge.build.projects import parse_mapping, project_rows
from dockslim.knowledge.build.runtime import runtime_of
from dockslim.knowledge.build.universe import Universe
from dockslim.knowledge.build.versions import compare, satisfies
from dockslim.knowledge.store import Suite

INDEX = """\
Package: base-files
Version: 12
Essential: yes
Priority: required
Section: admin
Installed-Size: 100

Package: apt
Version: 2.6
Section: admin
Installed-Size: 400
Depends: libc6 (>= 2.0)

Package: libc6
Version: 2.36-9
Section: libs
Installed-Size: 1000

Package: libdemo1
Source: demo
Version: 1.0-1
Section: libs
Installed-Size: 200
Depends: libc6 (>= 2.0)

Package: libdemo1
Source: demo
Version: 1.0-1+deb12u1
Section: libs
Installed-Size: 210
Depends: libc6 (>= 2.0)

Package: libdemo-dev
Source: demo
Version: 1.0-1+deb12u1
Section: libdevel
Installed-Size: 300
Depends: libdemo1 (= 1.0-1+deb12u1), libother-dev, tool | tool-old
Recommends: helper, mail-agent

Package: libdemo1-dev
Source: demo
Version: 1.0-1+deb12u1
Section: oldlibs
Installed-Size: 20
Depends: libdemo-dev

Package: libother-dev
Version: 3
Section: libdevel
Installed-Size: 50
Provides: libelse-dev (= 3), libmany-dev

Package: libthird-dev
Version: 3
Section: libdevel
Installed-Size: 50
Provides: libmany-dev

Package: tool
Version: 1
Section: devel
Installed-Size: 10
Description: a tool
 whose description goes on: Package: nonsense

Package: helper
Version: 1
Section: utils
Installed-Size: 5
Conflicts: tool

Package: agent-one
Version: 1
Section: mail
Installed-Size: 5
Provides: mail-agent

Package: agent-two
Version: 1
Section: mail
Installed-Size: 5
Provides: mail-agent

Package: python3-demo
Source: python-demo
Version: 1
Architecture: amd64
Section: python
Installed-Size: 60
Depends: python3 (>= 3.11), libdemo1 (>= 1.0), libc6

Package: python3-pure
Version: 1
Architecture: all
Section: python
Installed-Size: 60
Depends: python3:any, libdemo1
"""


@pytest.fixture(scope="module")
def universe() -> Universe:
    return Universe("bookworm", newest(read_packages(INDEX)))


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("1.0~rc1", "1.0"),
        ("1.0", "1.0-1"),
        ("1.0-1", "1.0-1+b1"),
        ("1.2", "1.10"),
        ("2", "1:1"),
        ("1.0a", "1.0+"),
        ("1.0~~", "1.0~"),
        ("1.0-1", "1.0-1+deb12u1"),
        ("0.9-2", "0.10-1"),
    ],
)
def test_versions(older: str, newer: str) -> None:
    assert compare(older, newer) == -1
    assert compare(newer, older) == 1
    assert compare(newer, newer) == 0


@pytest.mark.skipif(shutil.which("dpkg") is None, reason="dpkg is not on this machine")
@pytest.mark.parametrize(
    "pair", [("1.0-1", "1.0-1.1"), ("1.0+dfsg", "1.0~dfsg"), ("5:1", "4:9"), ("1.0-", "1.0"), ("a1", "a")]
)
def test_versions_as_dpkg_sees_them(pair: tuple[str, str]) -> None:
    done = subprocess.run(
        ["dpkg", "--compare-versions", pair[0], "lt", pair[1]], check=False, stderr=subprocess.DEVNULL
    )
    assert (compare(*pair) < 0) == (done.returncode == 0)


def test_relations() -> None:
    assert parse_relations("a (>= 1) | b:any, c [amd64] <!nocheck>, d:i386, ") == (
        (Relation("a", ">=", "1"), Relation("b", any_architecture=True)),
        (Relation("c"),),
    )
    assert satisfies("2", ">=", "1")
    assert satisfies("2", "", "")
    assert not satisfies("1", ">>", "1")


def test_the_newest_version_counts(universe: Universe) -> None:
    assert universe.packages["libdemo1"].installed_size == 210
    assert "nonsense" not in universe.packages


def test_closure(universe: Universe) -> None:
    base = universe.debian_base()
    assert base == {"base-files", "apt", "libc6"}
    lean = universe.closure(["libdemo-dev"], base)
    assert lean - base == {"libdemo-dev", "libdemo1", "libother-dev", "tool"}
    # a recommended package that conflicts with a needed one stays away; of two providers apt takes the one met last
    assert universe.closure(["libdemo-dev"], base, recommends=True) - lean == {"agent-two"}


def test_a_needed_package_drives_out_what_nobody_asked_for(universe: Universe) -> None:
    facts = universe.facts("helper")
    assert facts is not None
    assert facts.conflicts == ("tool",)
    assert "tool" not in universe.closure(["helper", "libdemo1"], ())


def test_virtual_names(universe: Universe) -> None:
    assert universe.real("libelse-dev") == "libother-dev"
    assert universe.real("libmany-dev") is None
    assert universe.real("nothing") is None


def test_runtime(universe: Universe) -> None:
    assert runtime_of("libdemo-dev", universe) == ("libdemo1",)
    assert runtime_of("libdemo1-dev", universe) == ("libdemo1",)
    assert runtime_of("libother-dev", universe) == ()


def test_projects(universe: Universe) -> None:
    mapping = parse_mapping("# comment\nDemo_Thing python3-demo\npure python3-pure\ngone python3-gone\n")
    demo, pure = project_rows(mapping, universe)
    assert demo == ("demo-thing", ("libdemo1",), (), True)
    assert pure == ("pure", (), ("libdemo1",), False)


def compiled(path: Path) -> bytes:
    index = Index("bookworm/main", INDEX, "0" * 64, "Mon, 23 Nov 2026 08:10:14 UTC", 1234)
    compile_suite("bookworm", [index], {"pure": "python3-pure"}, path)
    return path.read_bytes()


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    assert compiled(tmp_path / "one.sqlite") == compiled(tmp_path / "two.sqlite")
    assert not list(tmp_path.glob("*.part"))


def test_what_is_written_can_be_read(tmp_path: Path) -> None:
    compiled(tmp_path / "demo.sqlite")
    suite = Suite(tmp_path / "demo.sqlite")
    number = suite.number("libdemo-dev")
    assert number is not None
    assert suite.runtime(number) == ("libdemo1",)
    assert suite.section(number) == "l"
    assert suite.meta("date") == "2026-11-23"
    assert suite.meta("lists") == 1234
    assert '"bookworm/main"' in suite.meta("sources")
    assert suite.number("libelse-dev") == suite.number("libother-dev")
    assert suite.exists("agent-one") in (True, None)
    assert suite.exists("no-such-package") is False


def test_packing() -> None:
    groups = ((1,), (2, 3, 32767), (4,))
    assert packing.unpack_groups(packing.pack_groups(groups)) == groups
    sizes = [0, 1, 32767, 32768, 1_000_000]
    packed = packing.pack_sizes(sizes)
    assert [packing.size_at(packed, place) for place in range(5)] == pytest.approx(sizes, abs=32)


def test_a_bloom_filter_never_denies_what_it_holds() -> None:
    names = [f"package-{number}" for number in range(2000)]
    table = bloom.build(names)
    assert all(bloom.holds(table, name) for name in names)
    assert sum(bloom.holds(table, f"other-{number}") for number in range(2000)) < 300


def test_days() -> None:
    assert day("Sat, 11 Jul 2026 10:16:37 UTC") == "2026-07-11"
    assert day("") == ""


def test_sources_keep_the_machine_s_mirror(monkeypatch: pytest.MonkeyPatch) -> None:
    written = "Types: deb\nURIs: http://mirror.test/debian\nSuites: bookworm bookworm-updates\nComponents: main\n"
    monkeypatch.setattr(indexes, "configured_sources", lambda: written)
    found = indexes.sources_for("trixie")
    assert "Suites: trixie trixie-updates" in found
    assert "http://mirror.test/debian" in found
    assert "Components: main contrib" in found
    monkeypatch.setattr(indexes, "configured_sources", lambda: "deb http://mirror.test/debian bookworm main\n")
    assert indexes.sources_for("bullseye").startswith("deb http://mirror.test/debian bullseye main contrib non-free")


def test_an_unreachable_mirror_is_said_and_passes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def refuse(suite: str, root: Path) -> None:
        raise FetchError(f"{suite}: no index could be fetched: (mirror) does not answer")

    monkeypatch.setattr("dockslim.knowledge.build.__main__.fetch", refuse)
    monkeypatch.setattr("dockslim.knowledge.build.__main__.write_tables", lambda: None)
    assert main(["bookworm", "--root", str(tmp_path)]) == 0
    assert "left as it was" in capsys.readouterr().err


def test_no_address_is_told() -> None:
    assert indexes.without_host("E: cannot fetch https://mirror.test/debian/x") == "E: cannot fetch (mirror)"
