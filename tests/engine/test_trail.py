from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dockslim.engine.trail import Trail
from dockslim.rewrite.edits import Edit, apply_edits
from dockslim.syntax.span import Span


def test_back_over_two_passes() -> None:
    trail = Trail()
    first = "abcdef"
    edits = [Edit(Span(2, 3), ""), Edit(Span(4, 4), "XYZ")]
    second = apply_edits(first, edits)
    trail.add(edits)
    assert second == "abdXYZef"
    assert [trail.back(offset) for offset in range(8)] == [0, 1, 3, 4, 4, 4, 4, 5]
    trail.add([Edit(Span(0, 1), "12")])
    assert trail.back(3) == 3


@given(st.text(alphabet="abc\n", max_size=20), st.data())
def test_what_stayed_is_found_again(text: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6, unique=True)))
    edits = [
        Edit(Span(start, end), data.draw(st.text(alphabet="XY", max_size=3)))
        for start, end in zip(cuts[::2], cuts[1::2], strict=False)
    ]
    trail = Trail()
    trail.add(edits)
    after = apply_edits(text, edits)
    for offset, letter in enumerate(after):
        if letter not in "XY":
            assert text[trail.back(offset)] == letter
