"""A study of nothing but places and journeys, made from two frames, for who has no study folder and wants a map."""

import json
import re
from collections.abc import Collection, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame

from research_lib.errors import Problem, StudyError, UnfitDataError, quoted
from research_lib.evidence.checks.nearest import with_nearest
from research_lib.evidence.new_study import add_missing_tables
from research_lib.evidence.study import Study, open_study
from research_lib.evidence.tables import TABLES, Table, columns
from research_lib.files.saving import save_file

MOST_LEGS = 500
WEIGHT_COLUMNS = ("weight", "weight_unit", "weight_source")
_CANNOT_BE_DRAWN = "places and legs cannot be drawn as they stand; the number is the row, from 1:"
_OTHER_SIGNS = re.compile(r"[^a-z0-9_-]+")
_SAID = "Given as a frame in Python; no statement of a source stands behind it."
_UNSAID = {"informant": "not-stated", "certainty": "not-stated"}
_CLAIM = {"text": _SAID, "code": "journey", **_UNSAID}
_CODE = {"id": "journey", "name": "Journey", "name_fr": "Trajet", "definition": "Journeys given as frames."}
_PLACE = {"kind": "city", "located_by": "city"}
_LEG = {"mode": "not-stated", "actor": "not-stated", "legal_status": "not-stated", "purpose": "travel"}
_LEG |= {"kind": "migration", "mode_of_entry": "not-stated", "leg_order": "1", "text": _SAID, "claim_id": "c-frames"}
_LEG |= _UNSAID
_FIGURE = {"indicator": "flow", "is_approximate": "false", "is_headline": "true", "code": "journey", **_UNSAID}
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
    of_places = [
        {"id": f"c-place-{n}", "place_id": row.id, "text": row.noted} for n, row in enumerate(noted.itertuples(), 1)
    ]
    claims = [_CLAIM | each for each in [{"id": "c-frames", "place_id": ";".join(at["id"])}, *of_places]]
    ends = {"origin_id": journeys["from_id"], "destination_id": journeys["to_id"]}
    tables = {
        "codebook": pd.DataFrame([_CODE]),
        "claims": pd.DataFrame(claims),
        "places": at,
        "figures": _figures(journeys),
        "routes": journeys.assign(id=journeys["route_id"], **ends),
        "legs": journeys,
    }
    with TemporaryDirectory() as folder:
        (Path(folder) / "tables").mkdir()
        add_missing_tables(folder)
        save_file(Path(folder) / "study.toml", 'title = "Journeys"\n')
        save_file(Path(folder) / "sources.json", _sources(journeys))
        for name, table in tables.items():
            _write(table, Path(folder) / f"tables/{name}.csv")
        study = open_study(folder)
    if problems := [_of_frame(each) for each in study.problems() if each.file != "tables/routes.csv"]:
        raise StudyError(_CANNOT_BE_DRAWN, problems)
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
    given = _with_text_columns(pd.DataFrame(places.drop(columns=places.geometry.name)), "places")
    if "name" not in given:
        raise UnfitDataError("places has no column 'name'; add one, such as places.assign(name=places['id'])")
    named = given if "id" in given else given.assign(id=places.index)
    ids = _plain_ids(named["id"], "places")
    known = _known(TABLES["places"])
    named = named.assign(
        noted=_notes(named, known),
        id=named["id"].map(id_text).map(ids),
        latitude=points.y.round(_DECIMALS).to_numpy(),
        longitude=points.x.round(_DECIMALS).to_numpy(),
    )
    if "parent_id" in named:
        named["parent_id"] = named["parent_id"].map(id_text).map(lambda parent: ids.get(parent, parent) or None)
    return _with_usual(named, _PLACE), ids


def _legs(legs: pd.DataFrame, ids: Mapping[str, str], names: Mapping[str, str]) -> pd.DataFrame:
    given = _with_text_columns(pd.DataFrame(legs), "legs")
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
    notes = _notes(given, known)
    numbers = [str(number) for number in range(1, len(given) + 1)]
    own = {"id": [f"leg-{number}" for number in numbers], "route_id": [f"journey-{number}" for number in numbers]}
    if "id" in given:
        given["id"] = given["id"].map(id_text).map(_plain_ids(given["id"], "legs"))
    given = _weighed(_with_ends(given.drop(columns=[*_OURS.intersection(given)]), ids))
    start, end = (given[name].map(names).astype("str") for name in ("from_id", "to_id"))
    filled = _with_usual(given, {**own, "name": start + " – " + end, **_LEG, "source": "frames"})
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
    save_file(
        path, _with_usual(table.assign(**english), {"source": "frames"}).reindex(columns=header).to_csv(index=False)
    )


def _with_text_columns(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Number the rows from 0, and name the columns by text; raises UnfitDataError for a name that stands twice."""
    named = frame.set_axis([str(column) for column in frame.columns], axis=1).reset_index(drop=True)
    if twice := [*named.columns[named.columns.duplicated()]]:
        raise UnfitDataError(f"{name} has two columns {twice[0]!r:.60}; rename one, or drop it")
    return named


def id_text(value: Any) -> str:
    """Write an id as text, a whole number without a decimal point; empty where it is missing."""
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()


def _plain_ids(given: "pd.Series[Any]", name: str) -> dict[str, str]:
    """Give each id of a column as an address has it: small letters, digits, `_` and `-`, no two alike.

    Raises StudyError with all rows whose id is missing or stands there twice.
    """
    texts = given.map(id_text)
    wrong = dict.fromkeys(texts.index[texts == ""], "is empty; fill it")
    wrong |= {row: f"{quoted(texts[row])} stands there twice; rename one" for row in texts.index[texts.duplicated()]}
    if problems := [Problem(name, row + 1, "id", reason) for row, reason in sorted(wrong.items())]:
        raise StudyError(_CANNOT_BE_DRAWN, problems)
    taken = {text for text in texts if not _OTHER_SIGNS.search(text)}
    found = dict(zip(texts, texts, strict=True))
    for number, text in enumerate(texts, start=1):
        if text not in taken:
            plain = _OTHER_SIGNS.sub("-", text.lower()).strip("-") or str(number)
            found[text] = plain if plain not in taken else f"{plain}--{number}"
            taken.add(found[text])
    return found


def _with_ends(legs: pd.DataFrame, ids: Mapping[str, str]) -> pd.DataFrame:
    """Give the legs with the ids of `_plain_ids` at both ends; raises StudyError with all that are no place."""
    ends = {name: legs[name].map(id_text) for name in ("from_id", "to_id")}
    unknown = {text for column in ends.values() for text in column if text not in ids}
    near = dict(with_nearest(sorted(unknown), ids))
    problems = [
        Problem("legs", row + 1, name, f"{quoted(text)} stands in no row of places{near[text]}" if text else "is empty")
        for name, column in ends.items()
        for row, text in column.items()
        if text in unknown
    ]
    if problems:
        raise StudyError(_CANNOT_BE_DRAWN, sorted(problems))
    return legs.assign(**{name: column.map(ids) for name, column in ends.items()})


def _notes(frame: pd.DataFrame, known: Collection[str]) -> "pd.Series[str]":
    """Write what further columns say of each row: `year: 2015; sex: women`; an empty cell says nothing."""
    others = [column for column in frame if column not in known]
    rows = ([(name, id_text(value)) for name, value in row.items()] for row in frame[others].to_dict("records"))
    return pd.Series(["; ".join(f"{name}: {text}" for name, text in row if text) for row in rows], frame.index, "str")


def _weighed(legs: pd.DataFrame) -> pd.DataFrame:
    """Check the weights of legs, and give each leg that has one the id of its figure, the key of its source and,
    where it has no text, a sentence.

    Raises UnfitDataError where unit or source is not given, StudyError
    with all cells that are no number of something by somebody.
    """
    if "weight" not in legs:
        return legs.assign(weight=np.nan)
    for name, example in (("weight_unit", "'persons'"), ("weight_source", "'UN DESA 2020'")):
        if name not in legs:
            raise UnfitDataError(
                f"legs has a weight without {name}: say what is counted, and who says so, such as "
                f"legs.assign({name}={example})"
            )
    texts = {name: legs[name].map(id_text) for name in WEIGHT_COLUMNS}
    numbers = pd.to_numeric(texts["weight"], errors="coerce").replace([np.inf, -np.inf], np.nan)
    has_weight = texts["weight"] != ""
    problems = [
        Problem("legs", row + 1, "weight", f"{quoted(texts['weight'][row])} is not a number; write it without signs")
        for row in legs.index[has_weight & numbers.isna()]
    ]
    for name in WEIGHT_COLUMNS[1:]:
        empty = legs.index[has_weight & (texts[name] == "")]
        problems += [Problem("legs", row + 1, name, "is empty beside a weight; fill it") for row in empty]
    if problems:
        raise StudyError(_CANNOT_BE_DRAWN, sorted(problems))
    keys = {source: f"weights-{number}" for number, source in enumerate(dict.fromkeys(texts["weight_source"]), start=1)}
    ids = [f"figure-{row + 1}" if has else None for row, has in zip(legs.index, has_weight, strict=True)]
    cited = texts["weight_source"].map(keys).where(has_weight)
    said = numbers.map(_written) + " " + texts["weight_unit"] + ". " + texts["weight_source"] + "."
    text = (legs["text"] if "text" in legs else pd.Series(pd.NA, legs.index, "str")).fillna(said.where(has_weight))
    return legs.assign(**texts | {"weight": numbers}, figure_id=ids, source=cited, text=text)


def _figures(journeys: pd.DataFrame) -> pd.DataFrame:
    """The weights of journeys as rows of the table `figures`, each with its unit and source in its sentence."""
    weighed = journeys.dropna(subset="weight")
    if weighed.empty:
        return pd.DataFrame(columns=["id"])
    value = weighed["weight"].map(_written)
    said = weighed["name"] + ": " + value + " " + weighed["weight_unit"] + ". " + weighed["weight_source"]
    ends = zip(weighed["from_id"], weighed["to_id"], strict=True)
    return pd.DataFrame({"id": weighed["figure_id"], "source": weighed["source"]}).assign(
        text=said,
        value=value,
        unit=weighed["weight_unit"],
        place_id=[";".join(dict.fromkeys(each)) for each in ends],
        **_FIGURE,
    )


def _sources(journeys: pd.DataFrame) -> str:
    """The sources of weights, and the frames themselves, as CSL-JSON."""
    named = {"frames": ("Journeys given as frames in Python", "No source")}
    for row in journeys.dropna(subset="weight").itertuples():
        named[row.source] = ("Numbers of flows", row.weight_source)
    return json.dumps(
        [
            {"id": key, "type": "dataset", "title": title, "author": [{"literal": author}]}
            for key, (title, author) in named.items()
        ]
    )


def _written(number: float) -> str:
    """Write a number in twelve digits or as a whole one, without an exponent; nothing for a missing one."""
    if pd.isna(number):
        return ""
    if float(number).is_integer():
        return str(int(number))
    return np.format_float_positional(float(f"{number:.12g}"), trim="-")
