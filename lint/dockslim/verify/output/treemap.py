"""A treemap as inline SVG: squarified rectangles in percent, so that labels keep their size at any width."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from dockslim.verify.output.words import megabytes

__all__ = ["Box", "Tile", "squarify", "svg"]

_MOST = 60
# Pixels across: what labels are measured against on a wide and on a narrow page.
_WIDE, _NARROW = 1000, 360


@dataclass(frozen=True, slots=True)
class Tile:
    """One thing to draw: ``kind`` becomes its CSS class."""

    name: str
    size: int
    kind: str


@dataclass(frozen=True, slots=True)
class Box:
    """A placed tile; all four numbers in the unit of the area given."""

    tile: Tile
    x: float
    y: float
    width: float
    height: float


def squarify(tiles: Sequence[Tile], width: float, height: float) -> list[Box]:
    """Place ``tiles`` in a rectangle, areas by size, shapes as square as a greedy row by row layout makes them.

    After Bruls, Huizing and van Wijk, "Squarified treemaps" (2000).
    """
    todo = sorted((tile for tile in tiles if tile.size > 0), key=lambda tile: (-tile.size, tile.name))
    total = sum(tile.size for tile in todo)
    boxes: list[Box] = []
    x = y = 0.0
    while todo:
        scale = width * height / total
        row: list[Tile] = []
        side = min(width, height)
        while todo and (not row or _worst([*row, todo[0]], scale, side) <= _worst(row, scale, side)):
            row.append(todo.pop(0))
        area = sum(tile.size for tile in row) * scale
        thick = area / side if side else 0.0
        along = 0.0
        for tile in row:
            length = tile.size * scale / thick if thick else 0.0
            if width >= height:
                boxes.append(Box(tile, x, y + along, thick, length))
            else:
                boxes.append(Box(tile, x + along, y, length, thick))
            along += length
        total -= sum(tile.size for tile in row)
        if width >= height:
            x, width = x + thick, max(width - thick, 0.0)
        else:
            y, height = y + thick, max(height - thick, 0.0)
        if total <= 0:
            break
    return boxes


def _worst(row: Sequence[Tile], scale: float, side: float) -> float:
    areas = [tile.size * scale for tile in row]
    total = sum(areas)
    if total <= 0 or side <= 0:
        return float("inf")
    return max(side * side * max(areas) / (total * total), total * total / (side * side * min(areas)))


def svg(tiles: Sequence[Tile], label: str, height: int = 340) -> str:
    """Return the map as an ``<svg>``, ``height`` pixels high; beyond the sixty largest, tiles of a kind are one."""
    aspect = _WIDE / height
    boxes = squarify(_merged(tiles), 100 * aspect, 100)
    body = "".join(_box(box, aspect, height) for box in boxes)
    return f'<svg class="treemap" role="img" aria-label="{escape(label)}" width="100%" height="{height}">{body}</svg>'


def _merged(tiles: Sequence[Tile]) -> list[Tile]:
    ordered = sorted(tiles, key=lambda tile: -tile.size)
    result, rest = ordered[:_MOST], dict[str, list[Tile]]()
    for tile in ordered[_MOST:]:
        rest.setdefault(tile.kind, []).append(tile)
    for kind, group in rest.items():
        result.append(Tile(f"{len(group)} more", sum(tile.size for tile in group), kind))
    return result


def _box(box: Box, aspect: float, pixels: int) -> str:
    x, width = box.x / aspect, box.width / aspect
    tile = box.tile
    title = f"{tile.name}, {megabytes(tile.size)}"
    inner = "".join(_label(box, width, pixels))
    return (
        f'<svg x="{x:.2f}%" y="{box.y:.2f}%" width="{width:.2f}%" height="{box.height:.2f}%">'
        f'<title>{escape(title)}</title><rect class="{tile.kind}" width="100%" height="100%"/>{inner}</svg>'
    )


def _label(box: Box, width: float, pixels: int) -> Iterator[str]:
    height = box.height * pixels / 100
    size = megabytes(box.tile.size) if height > 36 else ""
    need = max(len(box.tile.name), len(size)) * 6.8 + 10
    if height < 18 or need > width * _WIDE / 100:
        return
    wide = "" if need <= width * _NARROW / 100 else ' class="wide"'  # hidden where there is no room for it
    yield f'<text x="5" y="15"{wide}>{escape(box.tile.name)}</text>'
    if size:
        yield f'<text x="5" y="30"{wide}>{size}</text>'
