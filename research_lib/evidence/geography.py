"""Geography: the outlines for maps, and the places and legs of a study as points and lines."""

from pathlib import Path

import geopandas
import pandas as pd
import shapely

from research_lib.errors import RebuildError

WGS_84 = "EPSG:4326"
LAYERS = ("countries", "world", "provinces")
BOUNDARIES = Path(__file__).resolve().parents[2] / "data/curated/geography"


def load_geography(folder: Path) -> dict[str, geopandas.GeoDataFrame]:
    """Read the outlines of countries, the world and provinces from the folder of a study.

    The keys are `countries`, `world` and `provinces`; the frames have a name, ISO codes and an outline in longitude and
    latitude (EPSG:4326). Raises RebuildError when a file is missing.
    """
    return {layer: _read_layer(folder / f"{layer}.geojson") for layer in LAYERS}


def points_of(places: pd.DataFrame) -> geopandas.GeoDataFrame:
    """Give the table of places with a point for each, in EPSG:4326."""
    points = geopandas.points_from_xy(places["longitude"], places["latitude"])
    return geopandas.GeoDataFrame(places, geometry=points, crs=WGS_84)


def lines_of(legs: pd.DataFrame, places: pd.DataFrame) -> geopandas.GeoDataFrame:
    """Give the table of legs with a straight line from place to place for each, in EPSG:4326.

    A leg whose ends are drawn at the same point has a line of no length.
    """
    at = places.set_index("id")[["longitude", "latitude"]].astype("float64")
    ends = zip(at.loc[legs["from_id"]].to_numpy(), at.loc[legs["to_id"]].to_numpy(), strict=True)
    return geopandas.GeoDataFrame(legs, geometry=[shapely.LineString(pair) for pair in ends], crs=WGS_84)


def _read_layer(path: Path) -> geopandas.GeoDataFrame:
    if not path.exists():
        raise RebuildError(f"{path} is missing; write it again with {path.with_name('rebuild_boundaries.py')}")
    return geopandas.read_file(path)
