"""Which of many shapes are near a point: an index to which shapes can be added."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely


@dataclass(frozen=True)
class _Block:
    """Some of the shapes, each with the number of its owner."""

    shapes: np.ndarray
    owners: np.ndarray

    @cached_property
    def tree(self) -> shapely.STRtree:
        return shapely.STRtree(self.shapes)

    def joined(self, other: "_Block") -> "_Block":
        return _Block(np.concatenate([self.shapes, other.shapes]), np.concatenate([self.owners, other.owners]))


class NearShapes:
    """Shapes with owners, in trees of which each is larger than the next."""

    def __init__(self) -> None:
        self._blocks: list[_Block] = []

    def add(self, shapes: Sequence[shapely.Geometry] | np.ndarray, owner: int) -> None:
        """Add the shapes of an owner."""
        block = _Block(np.asarray(shapes), np.full(len(shapes), owner))
        while self._blocks and len(self._blocks[-1].shapes) <= len(block.shapes):
            block = self._blocks.pop().joined(block)
        self._blocks.append(block)

    def near(self, points: np.ndarray, distance: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Give each pair of a point and a shape less than a distance apart: the point's place, the owner, the shape."""
        found = [(np.empty(0, int), np.empty(0, int), np.empty(0, object))]
        for block in self._blocks:
            ats, places = block.tree.query(points, predicate="dwithin", distance=np.nextafter(distance, 0))
            found.append((ats, block.owners[places], block.shapes[places]))
        ats, owners, shapes = (np.concatenate(part) for part in zip(*found, strict=True))
        return ats, owners, shapes


def segments(lines: shapely.Geometry) -> np.ndarray:
    """Cut a line, or several, at their points."""
    points, of = shapely.get_coordinates(shapely.get_parts(lines), return_index=True)
    inner = of[:-1] == of[1:]
    return np.asarray(shapely.linestrings(np.stack([points[:-1][inner], points[1:][inner]], axis=1)))
