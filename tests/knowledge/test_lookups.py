import pytest

from dockslim import knowledge
from dockslim.knowledge import Kind
from dockslim.knowledge.store import SUITES


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("gcc", Kind.BUILD_TOOL),
        ("g++", Kind.BUILD_TOOL),
        ("build-essential", Kind.BUILD_TOOL),
        ("make", Kind.BUILD_TOOL),
        ("cmake", Kind.BUILD_TOOL),
        ("pkg-config", Kind.BUILD_TOOL),
        ("swig", Kind.BUILD_TOOL),
        ("patch", Kind.BUILD_TOOL),
        ("cargo", Kind.BUILD_TOOL),
        ("golang-go", Kind.BUILD_TOOL),
        ("default-jdk", Kind.BUILD_TOOL),
        ("gettext", Kind.BUILD_TOOL),
        ("libpq-dev", Kind.DEV_HEADER),
        ("python3-dev", Kind.DEV_HEADER),
        ("libjpeg-dev", Kind.DEV_HEADER),
        ("linux-headers-amd64", Kind.DEV_HEADER),
        ("git", Kind.FETCH_TOOL),
        ("curl", Kind.FETCH_TOOL),
        ("gnupg", Kind.FETCH_TOOL),
        ("python3-pip", Kind.FETCH_TOOL),
        ("libpq5", Kind.RUNTIME),
        ("ffmpeg", Kind.RUNTIME),
        ("ca-certificates", Kind.RUNTIME),
        ("procps", Kind.RUNTIME),
        ("stress", Kind.RUNTIME),
        ("shellcheck", Kind.RUNTIME),
        ("google-perftools", Kind.RUNTIME),
        ("microsoft-edge-dev", Kind.RUNTIME),
        ("manpages-dev", Kind.RUNTIME),
        ("gcc-12-base", Kind.RUNTIME),
        ("autotools-dev", Kind.BUILD_TOOL),
        ("gcc-12", Kind.BUILD_TOOL),
        ("msodbcsql17", Kind.UNKNOWN),
        ("no-such-package", Kind.UNKNOWN),
    ],
)
def test_role(suite: str, name: str, kind: Kind) -> None:
    found = knowledge.role(name, suite)
    assert found.kind is kind
    assert found.reason


def test_role_without_a_release() -> None:
    assert knowledge.role("gcc", None).kind is Kind.BUILD_TOOL
    assert knowledge.role("libfoo-dev", "plan9").kind is Kind.DEV_HEADER
    assert knowledge.role("thing", None) == knowledge.Role(Kind.UNKNOWN, "no release is known")


def test_softened_roles() -> None:
    assert knowledge.role("gettext", "bookworm").soften
    assert knowledge.role("binutils", "bookworm").soften
    assert knowledge.role("cmake", "bookworm").soften is None


@pytest.mark.parametrize(
    ("name", "suite", "runtime"),
    [
        ("libpq-dev", "bookworm", ("libpq5",)),
        ("unixodbc-dev", "bullseye", ("libodbc1", "odbcinst1debian2", "odbcinst")),
        ("unixodbc-dev", "trixie", ("libodbc2", "libodbccr2", "libodbcinst2", "odbcinst")),
        ("default-libmysqlclient-dev", "bookworm", ("libmariadb3",)),
        ("libxmlsec1-dev", "bookworm", ("libxmlsec1", "libxmlsec1-openssl")),
        ("libssl-dev", "bookworm", ()),
        ("libffi-dev", "trixie", ()),
        ("python3-dev", "bookworm", ()),
        ("make", "bookworm", ()),
        ("gcc", "bookworm", ("libgomp1",)),
        ("gfortran", "bookworm", ("libgfortran5", "libgomp1")),
        ("libeigen3-dev", "bookworm", ()),
        ("libcurl4-openssl-dev", "bookworm", ("libcurl4",)),
        ("no-such-dev", "bookworm", None),
        ("curl", "bookworm", None),
        ("libpq-dev", "plan9", None),
        ("libpq-dev", "alpine", ("libpq",)),
        ("postgresql-dev", "alpine", ("libpq",)),
        ("libpq-devel", "rpm", ("libpq",)),
        ("libssl-dev", "noble", ("libssl3t64",)),
        ("python3-dev", "noble", ()),
        ("cmake", "alpine", ()),
        ("strange-dev", "alpine", None),
    ],
)
def test_runtime_packages(name: str, suite: str, runtime: tuple[str, ...] | None) -> None:
    assert knowledge.runtime_packages(name, suite) == runtime


def test_headers_of_python_depend_on_whose_python_it_is() -> None:
    assert knowledge.runtime_packages("python3-dev", "bookworm", "slim") == ()
    assert knowledge.runtime_packages("python3-dev", "bookworm", "debian") == ("python3", "libpython3.11")


@pytest.mark.parametrize("suite", SUITES)
def test_runtime_packages_exist_and_are_not_in_the_base(suite: str) -> None:
    for name in (
        "libpq-dev",
        "libxml2-dev",
        "libjpeg-dev",
        "libgdal-dev",
        "libhdf5-dev",
        "libmagickwand-dev",
        "libkrb5-dev",
    ):
        for runtime in knowledge.runtime_packages(name, suite) or ():
            assert knowledge.exists(runtime, suite)
            assert runtime not in knowledge.base_packages(suite, "slim")


def test_closure_of_the_blog_post() -> None:
    found = knowledge.closure(["gcc", "g++", "unixodbc-dev"], "bookworm", "slim", True)
    assert len(found.packages) == 77
    assert found.size_mb == pytest.approx(293, rel=0.03)
    assert found.lists_mb == pytest.approx(19.9, abs=0.3)
    assert found.unknown == ()
    lean = knowledge.closure(["gcc", "g++", "unixodbc-dev"], "bookworm", "slim", False)
    assert set(lean.packages) < set(found.packages)
    assert lean.size_mb < found.size_mb


def test_closure_of_what_is_there_is_nothing() -> None:
    found = knowledge.closure(["gcc", "git", "curl"], "bookworm", "full", False)
    assert found.packages == ()
    assert found.size_mb == 0


def test_closure_names_what_it_does_not_know() -> None:
    found = knowledge.closure(["msodbcsql17", "curl"], "bookworm")
    assert found.unknown == ("msodbcsql17",)
    assert "curl" in found.packages
    assert knowledge.closure(["gcc"], "alpine") == knowledge.Closure((), 0.0, 0.0, ("gcc",))


@pytest.mark.parametrize("suite", SUITES)
def test_bases_hold_each_other(suite: str) -> None:
    debian, slim, full = (knowledge.base_packages(suite, base) for base in ("debian", "slim", "full"))
    assert {"apt", "libc6", "bash", "dpkg"} <= debian < slim < full
    assert {"ca-certificates", "netbase", "tzdata"} <= slim
    assert {"gcc", "git", "libpq-dev", "tk-dev"} <= full
    assert not {"gcc", "perl", "python3"} & slim


def test_exists() -> None:
    assert knowledge.exists("gcc", "bookworm") is True
    assert knowledge.exists("python-pip", "bookworm") is False
    assert knowledge.exists("gcc", "alpine") is None
    assert knowledge.exists("gcc", "plan9") is None
    # headers of Haskell are left out of the data, but not forgotten
    assert knowledge.exists("libghc-lens-dev", "bookworm") is None


@pytest.mark.parametrize(
    ("name", "suite", "to"),
    [
        ("python-pip", "bookworm", "python3-pip"),
        ("libmysqlclient-dev", "trixie", "default-libmysqlclient-dev"),
        ("libatlas-base-dev", "trixie", "libopenblas-dev"),
        ("libatlas-base-dev", "bookworm", None),
        ("libpcre3-dev", "trixie", "libpcre2-dev"),
        ("no-such-package", "trixie", None),
        ("python-pip", "alpine", None),
    ],
)
def test_successor(name: str, suite: str, to: str | None) -> None:
    assert knowledge.successor(name, suite) == to


def test_commands() -> None:
    assert knowledge.package_of_command("xz", "bookworm") == "xz-utils"
    assert knowledge.package_of_command("/usr/bin/make", "bookworm") == "make"
    assert knowledge.package_of_command("ps", "bookworm") == "procps"
    assert knowledge.package_of_command("cc", "bookworm") == "gcc"
    assert knowledge.package_of_command("no-such-command", "bookworm") is None
    assert knowledge.package_of_command("xz", "alpine") == "xz"
    brought = knowledge.commands_of_packages(knowledge.closure(["build-essential"], "bookworm").packages, "bookworm")
    assert {"gcc", "g++", "make", "xz", "bzip2", "patch"} <= brought
    full = knowledge.full_image_commands("bookworm")
    assert {"git", "curl", "wget", "gcc", "make", "unzip", "ps"} <= full
    assert "bash" not in full


@pytest.mark.parametrize("suite", SUITES)
def test_full_image_libraries(suite: str) -> None:
    libraries = knowledge.full_image_runtime_libraries(suite)
    assert {"libpq5", "libmariadb3", "libgomp1"} <= set(libraries)
    assert any(name.startswith("libmagickwand") for name in libraries)
    assert not any(name.endswith(("-dev", "-perl")) for name in libraries)


def test_hidden_tools() -> None:
    assert "build-essential" in knowledge.hidden_tools("python3-pip")
    assert knowledge.hidden_tools("curl") == ()


def test_data_date() -> None:
    year, month, day = knowledge.data_date().split("-")
    assert (len(year), len(month), len(day)) == (4, 2, 2)
