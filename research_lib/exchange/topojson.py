"""TopoJSON: shared borders stored once, and how outlines are put together from them."""

from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

_HALF_TURN = 180


def decode(topology: dict[str, Any], name: str) -> list[tuple[str, str, BaseGeometry]]:
    """Read one object of a TopoJSON topology: id, name and outline of each member."""
    scale, translate = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = [np.cumsum(arc, axis=0) * scale + translate for arc in topology["arcs"]]
    return [
        (member.get("id", ""), member["properties"]["name"], _outline(member, arcs))
        for member in topology["objects"][name]["geometries"]
    ]


def _outline(member: dict[str, Any], arcs: list[np.ndarray]) -> BaseGeometry:
    polygons = member["arcs"] if member["type"] == "MultiPolygon" else [member["arcs"]]
    parts = [shapely.symmetric_difference_all([_ring(ring, arcs) for ring in polygon]) for polygon in polygons]
    return shapely.make_valid(shapely.multipolygons(shapely.get_parts(parts)), method="structure")


def _ring(references: list[int], arcs: list[np.ndarray]) -> BaseGeometry:
    """Join arcs to a closed line whose longitudes run on past 180° and which closes over the pole if it circles it."""
    pieces = [arcs[i] if i >= 0 else arcs[~i][::-1] for i in references]
    points = np.vstack([pieces[0], *(piece[1:] for piece in pieces[1:])])
    points = np.column_stack([np.unwrap(points[:, 0], period=360), points[:, 1]])
    first, last = points[0, 0], points[-1, 0]
    if abs(last - first) > _HALF_TURN:
        points = np.vstack([points, [last, -90], [first, -90], points[:1]])
    return shapely.polygons(points)
