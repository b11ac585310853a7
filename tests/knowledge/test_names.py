import pytest

from dockslim.knowledge import normal_release, package_name, project_name
from dockslim.knowledge.names import is_development_name


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("gcc", "gcc"),
        ("g++", "g++"),
        ("gcc=4:12.2.0-3", "gcc"),
        ("gcc/bookworm-backports", "gcc"),
        ("libc6:i386", "libc6"),
        ("libc6-dev:amd64=2.36", "libc6-dev"),
        ("gcc~12", "gcc"),
        ("gcc>=12", "gcc"),
        ("gcc@edge", "gcc"),
        ("libstdc++6", "libstdc++6"),
        ("vim+", "vim"),
        ("vim-", None),
        ("unixODBC-devel", "unixODBC-devel"),
        ("./local.deb", None),
        ("/tmp/local.deb", None),
        ("local.deb", None),
        ("https://example.org/a.deb", None),
        ("libpython3*", None),
        ("php7.?-cli", None),
        ("$PACKAGES", None),
        ("lib${VERSION}-dev", None),
        ("postgresql-client-$PG", None),
        ("--no-install-recommends", None),
        ("'gcc'", None),
        ("[ab]c", None),
        ("", None),
        ("x", None),
        ("\udcff\udcfe", None),
    ],
)
def test_package_name(word: str, name: str | None) -> None:
    assert package_name(word) == name


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Flask", "flask"),
        ("ruamel.yaml", "ruamel-yaml"),
        ("zope.interface==5", "zope-interface"),
        ("uvicorn[standard]>=0.20", "uvicorn"),
        ("psycopg2_binary ; python_version<'3'", "psycopg2-binary"),
        ("demo @ file:///x", "demo"),
    ],
)
def test_project_name(written: str, name: str) -> None:
    assert project_name(written) == name


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("bookworm", "bookworm"),
        ("Bookworm-slim", "bookworm"),
        ("12", "bookworm"),
        ("12.5-slim", "bookworm"),
        ("22.04", "jammy"),
        ("alpine3.20", "alpine"),
        ("ubi9", "rpm"),
        ("fedora", "rpm"),
        ("buster", None),
        ("plan9", None),
        ("", None),
        (None, None),
    ],
)
def test_normal_release(written: str | None, name: str | None) -> None:
    assert normal_release(written) == name


def test_development_names() -> None:
    assert is_development_name("libpq-dev")
    assert is_development_name("zlib-devel")
    assert is_development_name("linux-headers")
    assert not is_development_name("devscripts")
