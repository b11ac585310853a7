"""Rows behave as `collections.namedtuple` has them, the first ones of a class and all later ones."""

from __future__ import annotations

import copy
import pickle

import pytest

from dockslim.records import NamedTuple

#: Fewer rows than have a constructor of their own compiled, and more.
EARLIER = (0, 50)


def row_class() -> type:
    class Row(NamedTuple):
        """A row."""

        name: str
        size: int = 1

        @property
        def twice(self) -> int:
            return 2 * self.size

    return Row


class Point(NamedTuple):
    """Pickled by its name."""

    x: int
    y: int = 0


@pytest.mark.parametrize("earlier", EARLIER)
def test_what_rows_do(earlier: int) -> None:
    row = row_class()
    for _ in range(earlier):
        row("x")
    first = row("a")
    assert first == ("a", 1) == row(name="a") == row("a", size=1) == row._make(["a", 1])
    assert repr(first) == "Row(name='a', size=1)"
    assert (first.name, first.size, first.twice, first[0]) == ("a", 1, 2, "a")
    assert first._replace(size=3) == row(size=3, name="a")
    assert first._asdict() == {"name": "a", "size": 1}
    assert hash(first) == hash(("a", 1))
    assert (row._fields, row._field_defaults, row.__doc__) == (("name", "size"), {"size": 1}, "A row.")
    match first:
        case row(name, size):
            assert (name, size) == ("a", 1)
    more = type("More", (row,), {"__slots__": ()})
    assert isinstance(more("a"), more)
    assert not isinstance(row("a"), more)


@pytest.mark.parametrize("earlier", EARLIER)
@pytest.mark.parametrize(
    ("values", "named"), [((), {}), (("a", 1, 2), {}), (("a",), {"name": "b"}), (("a",), {"other": 1})]
)
def test_what_is_no_row(earlier: int, values: tuple[object, ...], named: dict[str, object]) -> None:
    row = row_class()
    for _ in range(earlier):
        row("x")
    with pytest.raises(TypeError, match=r"__new__\(\)"):
        row(*values, **named)
    assert row("a") == ("a", 1)


def test_a_row_stays_as_it_is() -> None:
    with pytest.raises(AttributeError):
        row_class()("a").name = "b"
    with pytest.raises(ValueError, match="unexpected field names"):
        row_class()("a")._replace(other=1)


def test_copies() -> None:
    point = Point(1, 2)
    assert copy.copy(point) == copy.deepcopy(point) == pickle.loads(pickle.dumps(point)) == point
    assert type(pickle.loads(pickle.dumps(point))) is Point
