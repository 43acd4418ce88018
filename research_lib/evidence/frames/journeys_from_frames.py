"""A study of nothing but places and journeys, made from two frames, for who has no study folder and wants a map."""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
from geopandas import GeoDataFrame

from research_lib.errors import Problem, StudyError, UnfitDataError
from research_lib.evidence.frames.frame_columns import (
    CANNOT_BE_DRAWN,
    ends_found,
    id_text,
    notes_of,
    plain_ids,
    with_text_columns,
)
from research_lib.evidence.frames.frame_weights import WEIGHT_COLUMNS, bibliography_of, figures_of, with_weights
from research_lib.evidence.new_study import new_study
from research_lib.evidence.study import Study, open_study
from research_lib.evidence.tables import TABLES, Table, columns
from research_lib.files.saving import save_file

MOST_LEGS = 500
_SAID = "Given as a frame in Python; no statement of a source stands behind it."
_SOURCE = {"source": "frames"}
_CLAIM = {"text": _SAID, "informant": "not-stated", "certainty": "not-stated", "code": "journey"}
_CODE = {"id": "journey", "name": "Journey", "name_fr": "Trajet", "definition": "Journeys given as frames."}
_PLACE = {"kind": "city", "located_by": "city"}
_UNSTATED = {"mode": "not-stated", "actor": "not-stated", "legal_status": "not-stated", "purpose": "travel"}
_LEG = {**_UNSTATED, "certainty": "not-stated", "informant": "not-stated", "text": _SAID, "claim_id": "c-frames"}
_ROUTE = {"kind": "migration", "mode_of_entry": "not-stated"}
_DECIMALS = 7  # of a degree: a centimetre
# Columns of a study that name rows of its other tables, and so say something else in a frame.
_OURS = {"source", "lines", "leg_order", "route_id", "origin_id", "destination_id"}
_OURS |= {"claim_id", "figure_id", "group_id"}


def study_from_frames(places: GeoDataFrame, legs: pd.DataFrame) -> Study:
    """Make a study of journeys between places, all of it in memory.

    `places`: points, with `name`, and `id` or the index as ids; `kind` and others where known. `legs`: `from_id` and
    `to_id`, each a place; `name`, `kind`, `actor`, `mode`, `legal_status`, `certainty`, `start_year`, `end_year`,
    `text` and others where known, with the codes of a study's tables. Ids may be anything; as text they have small
    letters, digits, `_` and `-`. Further columns are notes, in the text of a leg and among the statements on a place.

    `weight`, `weight_unit` and `weight_source` say of a leg a number, what is counted, and who says so; without them a
    line is no number of persons. Raises UnfitDataError where a frame lacks ids, names or points, has two columns of one
    name, has a weight without unit or source, or has more than 500 legs; StudyError with all problems where a cell does
    not fit.
    """
    at, ids = _places(places)
    journeys = _legs(legs, ids, dict(zip(at["id"], at["name"], strict=True)))
    noted = at[at["noted"] != ""]
    claims = [{**_CLAIM, "id": "c-frames", "place_id": ";".join(at["id"])}]
    claims += [
        {**_CLAIM, "id": f"c-place-{number}", "place_id": row.id, "text": row.noted}
        for number, row in enumerate(noted.itertuples(), start=1)
    ]
    tables = {
        "codebook": pd.DataFrame([_CODE]),
        "claims": pd.DataFrame(claims),
        "places": at,
        "figures": figures_of(journeys),
        "routes": journeys.assign(
            id=journeys["route_id"], origin_id=journeys["from_id"], destination_id=journeys["to_id"]
        ),
        "legs": journeys,
    }
    with TemporaryDirectory() as beside:
        folder = new_study(Path(beside) / "frames", title="Journeys")
        save_file(folder / "sources.bib", bibliography_of(journeys))
        for name, table in tables.items():
            _write(table, folder / f"tables/{name}.csv")
        study = open_study(folder)
    if problems := [_of_frame(each) for each in study.problems() if each.file != "tables/routes.csv"]:
        raise StudyError(CANNOT_BE_DRAWN, problems)
    return study


def _of_frame(problem: Problem) -> Problem:
    """Say a problem of a table as one of the frame that it comes from."""
    reason = problem.reason.partition("; or add it in vocabularies")[0]
    return Problem(problem.file.removeprefix("tables/").removesuffix(".csv"), problem.line - 1, problem.column, reason)


def _places(places: GeoDataFrame) -> tuple[pd.DataFrame, dict[str, str]]:
    """The table of places, and their ids there by those of the frame."""
    if not isinstance(places, GeoDataFrame) or not places.geometry.geom_type.eq("Point").all():
        raise UnfitDataError("places has to be a GeoDataFrame of points; make one with geopandas.points_from_xy")
    if places.empty:
        raise UnfitDataError("places is empty, so that there is nothing to draw")
    points = places.geometry if places.crs is None else places.geometry.to_crs(4326)
    given = with_text_columns(pd.DataFrame(places.drop(columns=places.geometry.name)), "places")
    if "name" not in given:
        raise UnfitDataError("places has no column 'name'; add one, such as places.assign(name=places['id'])")
    named = given if "id" in given else given.assign(id=places.index)
    ids = plain_ids(named["id"], "places")
    known = _known(TABLES["places"])
    named = named.assign(
        noted=notes_of(named, known),
        id=named["id"].map(id_text).map(ids),
        latitude=points.y.round(_DECIMALS).to_numpy(),
        longitude=points.x.round(_DECIMALS).to_numpy(),
    )
    if "parent_id" in named:
        named["parent_id"] = named["parent_id"].map(id_text).map(lambda parent: ids.get(parent, parent) or None)
    return _with_usual(named, _PLACE), ids


def _legs(legs: pd.DataFrame, ids: Mapping[str, str], names: Mapping[str, str]) -> pd.DataFrame:
    given = with_text_columns(pd.DataFrame(legs), "legs")
    if absent := [name for name in ("from_id", "to_id") if name not in given]:
        raise UnfitDataError(f"legs has no column {absent[0]!r}; it says from which place to which each leads")
    if given.empty:
        raise UnfitDataError("legs is empty, so that there is nothing to draw")
    if len(given) > MOST_LEGS:
        raise UnfitDataError(
            f"legs has {len(given):,} rows, and a map shows at most {MOST_LEGS}; keep some of them, such as the "
            "largest: legs.nlargest(100, 'weight')"
        )
    known = _known(TABLES["legs"], TABLES["routes"]) | (set(WEIGHT_COLUMNS) if "weight" in given else set())
    notes = notes_of(given, known)
    numbers = [str(number) for number in range(1, len(given) + 1)]
    own = {"id": [f"leg-{number}" for number in numbers], "route_id": [f"journey-{number}" for number in numbers]}
    if "id" in given:
        given["id"] = given["id"].map(id_text).map(plain_ids(given["id"], "legs"))
    given = with_weights(ends_found(given.drop(columns=[*_OURS.intersection(given)]), ids))
    start, end = (given[name].map(names).astype("str") for name in ("from_id", "to_id"))
    usual = {"name": start + " – " + end, "leg_order": "1"}
    filled = _with_usual(given, {**own, **usual, **_ROUTE, **_LEG, **_SOURCE})
    both = [text if not note else f"{text} {note}" for text, note in zip(filled["text"], notes, strict=True)]
    return filled.assign(text=both)


def _known(*tables: type[Table]) -> set[str]:
    """The columns of a frame that mean what they mean in a study's tables; `geometry` is that of lines."""
    return {column.name for table in tables for column in columns(table)} - _OURS | {"geometry"}


def _with_usual(frame: pd.DataFrame, usual: Mapping[str, object]) -> pd.DataFrame:
    """Add the columns that are missing, and fill the empty cells of the others, with what is usual."""
    filled = frame.assign(**{name: value for name, value in usual.items() if name not in frame})
    return filled.fillna({name: value for name, value in usual.items() if isinstance(value, str) and name in frame})


def _write(table: pd.DataFrame, path: Path) -> None:
    header = path.read_text(encoding="utf-8").strip().split(",")
    english = {f"{name}_fr": table[name] for name in ("name", "text") if name in table and f"{name}_fr" not in table}
    save_file(path, _with_usual(table.assign(**english), _SOURCE).reindex(columns=header).to_csv(index=False))
