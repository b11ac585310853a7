from __future__ import annotations

import pickle
from typing import ClassVar

import pytest

from dockslim.records import NamedTuple, field, record


@record()
class Place:
    KIND: ClassVar[str] = "place"
    name: str
    size: int = 3
    notes: list[str] = field(default_factory=list)
    seen: bool = field(default=False, compare=False)

    def __post_init__(self) -> None:
        self.name = self.name.lower()


@record()
class Town(Place):
    mayor: str = ""


@record(eq=False, repr=False)
class Plain:
    name: str


def test_defaults_are_made_anew() -> None:
    one, other = Place("A"), Place(name="b", size=4, notes=["x"])
    one.notes.append("y")
    assert (Place("a").notes, other.notes, other.size, one.name) == ([], ["x"], 4, "a")


def test_comparison() -> None:
    assert Place("a") == Place("A", seen=True)
    assert Place("a") != Place("a", 4)
    assert Place("a") != Town("a")
    assert Plain("a") != Plain("a")
    assert len({Plain("a"), Plain("a")}) == 2


def test_inherited_fields_come_first() -> None:
    town = Town("a", 1, [], True, "B")
    assert (town.size, town.mayor) == (1, "B")
    assert repr(town) == "Town(name='a', size=1, notes=[], seen=True, mayor='B')"


@pytest.mark.parametrize("values", [(), ("a", 1, [], True, 5)])
def test_wrong_values(values: tuple[object, ...]) -> None:
    with pytest.raises(TypeError, match="Place"):
        Place(*values)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="colour"):
        Place("a", colour=1)  # type: ignore[call-arg]


class Spot(NamedTuple):
    """Where."""

    row: int
    column: int = 1

    @property
    def text(self) -> str:
        return f"{self.row}:{self.column}"


def test_a_named_tuple_is_one() -> None:
    place = Spot(2)
    assert (place, place.text, place._replace(column=3)) == ((2, 1), "2:1", Spot(2, 3))
    assert isinstance(place, tuple)
    assert Spot._fields == ("row", "column")
    assert (Spot.__module__, Spot.__qualname__, Spot.__doc__) == (__name__, "Spot", "Where.")
    assert pickle.loads(pickle.dumps(place)) == place
    assert repr(place) == "Spot(row=2, column=1)"
    with pytest.raises(TypeError):
        Spot()  # type: ignore[call-arg]
