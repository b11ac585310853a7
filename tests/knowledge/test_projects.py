import pytest

from dockslim import knowledge


@pytest.mark.parametrize(
    ("project", "linked", "loaded"),
    [
        ("psycopg2", ("libpq5",), ()),
        ("psycopg2-binary", (), ()),
        ("pyodbc", ("libodbc2",), ()),
        ("mysqlclient", ("libmariadb3",), ()),
        ("python-magic", (), ("libmagic1",)),
        ("flask", (), ()),
        ("Django", (), ()),
        ("requests", (), ()),
        ("opencv-python", ("libgl1", "libglib2.0-0"), ()),
        ("GitPython", (), ("git",)),
        ("types-requests", (), ()),
    ],
)
def test_needs_on_bookworm(project: str, linked: tuple[str, ...], loaded: tuple[str, ...]) -> None:
    found = knowledge.python_needs(project, "bookworm")
    assert found.known
    assert (found.linked, found.loaded) == (linked, loaded)
    assert found.reason


def test_names_follow_the_suite() -> None:
    assert knowledge.python_needs("pyodbc", "bullseye").linked == ("libodbc1",)
    assert knowledge.python_needs("python-magic", "trixie").loaded == ("libmagic1t64",)


def test_wheels_that_bring_their_libraries() -> None:
    assert knowledge.python_needs("numpy", "bookworm").bundled
    assert knowledge.python_needs("lxml", "bookworm").bundled
    assert not knowledge.python_needs("pyodbc", "bookworm").bundled


def test_what_is_not_known_is_said() -> None:
    found = knowledge.python_needs("surely-no-such-project", "bookworm")
    assert not found.known
    assert found.compiled is None
    assert "surely-no-such-project" in found.reason


def test_other_releases_know_what_needs_nothing() -> None:
    assert knowledge.python_needs("flask", "alpine").known
    assert knowledge.python_needs("psycopg2-binary", "noble").known
    assert not knowledge.python_needs("psycopg2", "alpine").known


def test_just_in_time_compilers() -> None:
    assert knowledge.python_needs("triton", "bookworm").jit
    assert knowledge.python_needs("pytensor", "bookworm").jit
    assert not knowledge.python_needs("numba", "bookworm").jit
    assert not knowledge.python_needs("torch", "bookworm").jit
    assert knowledge.jit_tools("torch", only_when_used=True)
