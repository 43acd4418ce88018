"""A study of nothing but places and journeys, made from two frames, for who has no study folder and wants a map."""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
from geopandas import GeoDataFrame

from research_lib.errors import Problem, StudyError, UnfitDataError
from research_lib.evidence.checks.column_constraints import columns
from research_lib.evidence.new_study import new_study
from research_lib.evidence.study import Study, open_study
from research_lib.evidence.tables import TABLES, Table
from research_lib.files.saving import save_file

_BIBLIOGRAPHY = """@misc{frames,
  title = {Journeys given as frames in Python},
  author = {{No source}},
  kind = {data},
  informant = {not-stated}
}
"""
_SAID = "Given as a frame in Python; no statement of a source stands behind it."
_SOURCE = {"source": "frames"}
_CLAIM = {
    "id": "c-frames",
    "text": _SAID,
    "informant": "not-stated",
    "certainty": "not-stated",
    "code": "journey",
}
_CODE = {"id": "journey", "name": "Journey", "name_fr": "Trajet", "definition": "Journeys given as frames."}
_PLACE = {"kind": "city", "located_by": "city"}
_UNSTATED = {"mode": "not-stated", "actor": "not-stated", "legal_status": "not-stated", "purpose": "travel"}
_LEG = {**_UNSTATED, "certainty": "not-stated", "informant": "not-stated", "text": _SAID, "claim_id": "c-frames"}
_ROUTE = {"kind": "migration", "mode_of_entry": "not-stated"}


def study_from_frames(places: GeoDataFrame, legs: pd.DataFrame) -> Study:
    """Make a study of journeys between places, all of it in memory.

    `places`: points, with `name`, and `id` or the index as ids; `kind` and others where known. `legs`: `from_id` and
    `to_id`, each a place; `name`, `kind`, `actor`, `mode`, `legal_status`, `certainty`, `start_year`, `end_year`,
    `text` and others where known, with the codes of a study's tables. Raises UnfitDataError where a frame lacks ids,
    names or points, StudyError with all problems where a cell does not fit.
    """
    at = _places(places)
    journeys = _legs(legs, dict(zip(at["id"], at["name"], strict=True)))
    tables = {
        "codebook": pd.DataFrame([_CODE]),
        "claims": pd.DataFrame([{**_CLAIM, "place_id": ";".join(at["id"])}]),
        "places": at,
        "routes": journeys.assign(
            id=journeys["route_id"], origin_id=journeys["from_id"], destination_id=journeys["to_id"]
        ),
        "legs": journeys,
    }
    with TemporaryDirectory() as beside:
        folder = new_study(Path(beside) / "frames", title="Journeys")
        save_file(folder / "sources.bib", _BIBLIOGRAPHY)
        for name, table in tables.items():
            _write(table, folder / f"tables/{name}.csv")
        study = open_study(folder)
    if problems := [_of_frame(each) for each in study.problems() if each.file != "tables/routes.csv"]:
        raise StudyError("places and legs cannot be drawn as they stand; the number is the row, from 1:", problems)
    return study


def _of_frame(problem: Problem) -> Problem:
    """Say a problem of a table as one of the frame that it comes from."""
    reason = problem.reason.partition("; or add it in vocabularies")[0]
    return Problem(problem.file.removeprefix("tables/").removesuffix(".csv"), problem.line - 1, problem.column, reason)


def _places(places: GeoDataFrame) -> pd.DataFrame:
    if not isinstance(places, GeoDataFrame) or not places.geometry.geom_type.eq("Point").all():
        raise UnfitDataError("places has to be a GeoDataFrame of points; make one with geopandas.points_from_xy")
    if places.empty:
        raise UnfitDataError("places is empty, so that there is nothing to draw")
    if "name" not in places:
        raise UnfitDataError("places has no column 'name'; add one, such as places.assign(name=places['id'])")
    _require_known(places.drop(columns=places.geometry.name), "places", TABLES["places"])
    points = places.geometry if places.crs is None else places.geometry.to_crs(4326)
    named = pd.DataFrame(places.drop(columns=places.geometry.name)).reset_index(names="index")
    named = named if "id" in named else named.assign(id=named["index"].astype("str"))
    named = named.assign(latitude=points.y.to_numpy(), longitude=points.x.to_numpy())
    return _with_usual(named, _PLACE)


def _legs(legs: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    if absent := [name for name in ("from_id", "to_id") if name not in legs]:
        raise UnfitDataError(f"legs has no column {absent[0]!r}; it says from which place to which each leads")
    if legs.empty:
        raise UnfitDataError("legs is empty, so that there is nothing to draw")
    _require_known(legs, "legs", TABLES["legs"], TABLES["routes"])
    numbers = [str(number) for number in range(1, len(legs) + 1)]
    ids = {"id": [f"leg-{number}" for number in numbers], "route_id": [f"journey-{number}" for number in numbers]}
    given = legs.reset_index(drop=True)
    start, end = (
        given[name].astype("str").map(lambda place: str(names.get(place, place))) for name in ("from_id", "to_id")
    )
    usual = {"name": start + " – " + end, "leg_order": "1"}
    return _with_usual(given, {**ids, **usual, **_ROUTE, **_LEG})


def _require_known(frame: pd.DataFrame, name: str, *tables: type[Table]) -> None:
    """Refuse a column that would be dropped without a word."""
    known = {column.name for table in tables for column in columns(table)}
    if unknown := [str(column) for column in frame.columns if column not in known]:
        names = ", ".join(sorted(known))
        raise UnfitDataError(
            f"{name} has a column {unknown[0]!r:.60} that a map does not use; drop it, or name it {names}"
        )


def _with_usual(frame: pd.DataFrame, usual: Mapping[str, object]) -> pd.DataFrame:
    """Add the columns that are missing, and fill the empty cells of the others, with what is usual."""
    filled = frame.assign(**{name: value for name, value in usual.items() if name not in frame})
    return filled.fillna({name: value for name, value in usual.items() if isinstance(value, str) and name in frame})


def _write(table: pd.DataFrame, path: Path) -> None:
    header = path.read_text(encoding="utf-8").strip().split(",")
    english = {f"{name}_fr": table[name] for name in ("name", "text") if name in table}
    save_file(path, table.assign(**english, **_SOURCE).reindex(columns=header).to_csv(index=False))
