"""Making a new study folder that passes the check, with example rows to replace, and renewing an older study."""

import csv
import io
import json
import os
from collections.abc import Sequence
from pathlib import Path

from research_lib.errors import StudyError
from research_lib.evidence.data_dictionary import write_descriptions
from research_lib.evidence.settings import TEXT_LANGUAGES, read_settings
from research_lib.evidence.study import open_study
from research_lib.evidence.study_folders import INCLUDED_STUDY, require_study
from research_lib.evidence.table_reading import LARGEST
from research_lib.evidence.tables import TABLES, columns
from research_lib.evidence.vocabulary.common_codes import DIMENSIONS
from research_lib.files.drafts import changing, new_folder
from research_lib.files.opening import UnreadableFileError, read_text
from research_lib.files.saving import save_file
from research_lib.files.spreadsheet import write_rows

type Country = tuple[str, str, float, float]

_BIBLIOGRAPHY = """@report{example2020,
  title = {Example: replace this source},
  author = {Example, Author},
  institution = {Example institution},
  year = {2020},
  kind = {report},
  informant = {researcher}
}
"""
_EXAMPLE_FINDING = """
# A finding of the home page stands below all other settings; README.md lists the drawings.
# [[findings]]
# id = "example"
# claims = ["c-example"]
# title = "Example: replace this finding"
# text = "Example: say what the claims show."
# drawing = "ways-of-entry"
"""
_MARKED = "Example: replace this row."
_DEFINITIONS = {
    "demographic": "Age, family and place of origin.",
    "socioprofessional": "Schooling and work before leaving.",
    "migration": "Why and how people left, and how they travelled.",
    "settlement": "How people live and work on arrival.",
    "prostitution": "Prostitution and exploitation, where a source speaks of it.",
}
_INTERVIEW = Path(__file__).with_name("first_interview.csv")
_LABELS = {"en": "English (en)", "fr": "French (fr)"}
# By table: the present names of columns that earlier versions named otherwise, and what a column that they lack holds.
_RENEWED = {
    "places": ({"name_zh": "name_local"}, {}),
    "claims": ({"dimension_code": "code"}, {}),
    "figures": ({"dimension_code": "code"}, {"is_headline": "true"}),
    "groups": ({}, {"country_code": ""}),
}
# A list, since the folder of a checkout may hold records of people too.
_INCLUDED = (
    *("ERRATA.md", "README.md", "contacts.csv", "datapackage.json", "glossary.csv", "keywords.csv"),
    *("renamed.csv", "sources.bib", "study.toml"),
    "curated/**/*",
    "instruments/*",
    "phrases/*",
    "raw/*",
    "release/trusted_keys.toml",
    "released/**/*",
    "tables/*",
)


def new_study(
    folder: str | Path,
    *,
    title: str = "",
    licence: str = "",
    countries: Sequence[str] = (),
    languages: Sequence[str] = ("en",),
    authors: Sequence[str] = (),
    year: int | None = None,
) -> Path:
    """Make a study in a new or empty folder, with its `study.toml`, README.md and datapackage.json.

    `authors` and `year`: of the study itself, as it is to be cited.
    `countries`: the ISO 3166-1 alpha-3 codes of the countries that it is about. They become places, each table that the
    first pages need gets an example row to replace, and `instruments/interview.csv` has the questions that each record
    needs; without countries the tables are empty. Raises StudyError where the folder is not empty, or a country or a
    language is unknown; nothing is overwritten.
    """
    path = Path(folder)
    require_new(path)
    stated: dict[str, object] = {"title": title, "licence": licence, "authors": list(authors), "year": year}
    stated |= {"languages": list(languages), "countries": list(countries)}
    settings = "".join(_setting(*each) for each in stated.items() if each[1])
    with new_folder(path) as made:
        for name in ("raw", "curated", "tables"):
            (made / name).mkdir()
        save_file(made / "study.toml", settings + (_EXAMPLE_FINDING if countries else ""))
        read_settings(made)
        add_missing_tables(made)
        known = [_country(code) for code in countries]
        if countries:
            for table, rows in _example_rows(known).items():
                names = [column.name for column in columns(TABLES[table])]
                cells = [[row.get(name, "") for name in names] for row in rows]
                save_file(made / f"tables/{table}.csv", write_rows([names, *cells]))
            (made / "instruments").mkdir()
            save_file(made / "instruments/interview.csv", _first_interview(known, languages))
        save_file(made / "sources.bib", _BIBLIOGRAPHY if countries else "")
        save_file(made / "ERRATA.md", "# Errata\n\nContradictions in the sources, and what we did about each.\n")
        write_descriptions(made)
    return path


def copy_included_study(folder: str | Path) -> Path:
    """Copy the EX-CHANGE study, which the package brings, to a new or empty folder.

    Raises StudyError where the folder is not empty, LockedError, SavingError.
    """
    path, found = Path(folder), [each for name in _INCLUDED for each in INCLUDED_STUDY.glob(name)]
    parts = [each for each in found if each.is_file() and not each.name.startswith(".")]
    require_new(path)
    with new_folder(path) as made:
        for part in parts:
            copy = made / part.relative_to(INCLUDED_STUDY)
            copy.parent.mkdir(parents=True, exist_ok=True)
            save_file(copy, part.read_bytes())
    return path


def require_new(path: Path) -> None:
    """Raise StudyError where something is in the folder in which a study is to be made."""
    if path.exists() and any(path.iterdir()):
        raise StudyError(f"{path} is not empty; choose a new folder, nothing was written")


def _setting(name: str, value: object) -> str:
    return f"{name} = {json.dumps(value, ensure_ascii=False)}\n"


def _country(code: str) -> Country:
    """The code, the name and a point inside of a country, from the boundaries of the world."""
    from research_lib.evidence.geography import load_outlines
    from research_lib.evidence.study_folders import BOUNDARIES

    outlines = load_outlines(BOUNDARIES, "countries").drop_duplicates("iso_a3").set_index("iso_a3")
    if code not in outlines.index:
        raise StudyError(f"{code!r} is not a country; give ISO 3166-1 alpha-3 codes, such as NGA or BRA")
    point = outlines.loc[code, "geometry"].representative_point()
    return code, str(outlines.loc[code, "name"]), point.y, point.x


def _example_rows(countries: Sequence[Country]) -> dict[str, list[dict[str, str]]]:
    """One or a few rows in each table that the first pages need; a journey leads from the last country to the first."""
    (code, _, latitude, longitude), origin = countries[0], countries[-1][0].lower()
    told = {"text": _MARKED, "informant": "researcher", "certainty": "stated"}
    journey = told | {"actor": "not-stated", "legal_status": "not-stated", "claim_id": "c-example"}
    town = {
        "id": "example-town",
        "name": "Example town",
        "kind": "city",
        "parent_id": code.lower(),
        "country_code": code,
    }
    about = {"country_code": code, "place_id": "example-town", "group_id": "example-group", "code": "migration"}
    route = {"id": "r-example", "name": "Example route", "kind": "migration", "mode_of_entry": "not-stated"}
    route |= {"group_id": "example-group", "origin_id": origin, "destination_id": "example-town"}
    leg = {"id": "r-example-1", "route_id": "r-example", "leg_order": "1", "from_id": origin, "to_id": "example-town"}
    tables = {
        "sections": [{"id": "example-1", "source_id": "example2020", "locator": "1", "title": _MARKED}],
        "codebook": [{"id": each, "name": each.capitalize(), "definition": _DEFINITIONS[each]} for each in DIMENSIONS],
        "places": [*map(_place, countries), town | _at(latitude + 0.5, longitude + 0.5)],
        "groups": [{"id": "example-group", "name": "Example group", "definition": _MARKED, "is_profile": "true"}],
        "claims": [{"id": "c-example"} | told | about],
        "routes": [route | journey],
        "legs": [leg | journey | {"mode": "not-stated", "purpose": "work"}],
    }
    return {table: [_translated({**row, "source": "example2020[1]"}) for row in rows] for table, rows in tables.items()}


def _place(country: Country) -> dict[str, str]:
    code, name, latitude, longitude = country
    return {"id": code.lower(), "name": name, "kind": "country", "country_code": code} | _at(latitude, longitude)


def _at(latitude: float, longitude: float) -> dict[str, str]:
    return {"latitude": f"{latitude:.2f}", "longitude": f"{longitude:.2f}", "located_by": "drawing-point"}


def _translated(row: dict[str, str]) -> dict[str, str]:
    """The row with the English text in the columns of other languages too, so that these can be overwritten."""
    others = [language for language in TEXT_LANGUAGES if language != "en"]
    words = {name: row[name] for name in ("name", "definition", "text") if name in row}
    return {**row, **{f"{name}_{other}": text for name, text in words.items() for other in others}}


def _first_interview(countries: Sequence[Country], languages: Sequence[str]) -> str:
    """The questionnaire of a new study: what each record needs, and one question of its own to begin with."""
    rows = list(csv.reader(_INTERVIEW.read_text(encoding="utf-8").splitlines()))
    choices = next(at for at, row in enumerate(rows) if row[0] == "choices") + 2
    sites = [["", "site", "other_site", "another place", "un autre lieu", "all"]]
    own = [["", "country_code", code, name, name, ""] for code, name, *_ in countries]
    texts = {f"::{name}" for code, name in _LABELS.items() if code not in languages}
    kept, left_out = list[list[str]](), set[int]()
    for row in [*rows[:choices], *own, *sites, *rows[choices:]]:
        if "name" in row:
            left_out = {at for at, name in enumerate(row) if any(name.endswith(text) for text in texts)}
        kept.append([cell for at, cell in enumerate(row) if at not in left_out or row[0]])
    return write_rows(kept)


def add_missing_tables(folder: str | Path) -> list[str]:
    """Add the tables, empty, that a study of an earlier version lacks, and give their names.

    Raises StudyError where the folder is not a study; existing files are not changed.
    """
    require_study(Path(folder))
    with changing(Path(folder)) as draft:
        missing = [name for name in TABLES if not (draft / f"tables/{name}.csv").exists()]
        for name in missing:
            save_file(draft / f"tables/{name}.csv", write_rows([[column.name for column in columns(TABLES[name])]]))
    return missing


def _renew_columns(tables: Path) -> list[str]:
    """Give the columns that earlier versions named otherwise their names, and add those that they lacked.

    Gives the tables that were changed.
    """
    changed = []
    for table, (present, lacking) in _RENEWED.items():
        path = tables / f"{table}.csv"
        with path.open(encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file)
        names = [present.get(name, name) for name in header]
        added = {name: value for name, value in lacking.items() if name not in names}
        if names != header or added:
            save_file(path, write_rows([[*names, *added], *([*row, *added.values()] for row in rows if row)]))
            changed.append(table)
    return changed


def signs_of_an_earlier_version(folder: str | Path) -> list[str]:
    """Say what a study lacks that every present one has: tables, and columns by their present names."""
    tables = Path(folder) / "tables"
    missing = [name for name in TABLES if not os.path.lexists(tables / f"{name}.csv")]
    found = [f"it has no table {', '.join(missing)}"] if missing else []
    for table, (present, lacking) in _RENEWED.items():
        names = _header(tables / f"{table}.csv")
        found += [f"tables/{table}.csv has the older name {name}" for name in present if name in names]
        found += [f"tables/{table}.csv has no column {name}" for name in lacking if names and name not in names]
    return found


def _header(path: Path) -> list[str]:
    """Give the names of a table's columns; of a file that cannot be read, none."""
    try:
        return next(csv.reader(io.StringIO(read_text(path, limit=LARGEST))), [])
    except (UnreadableFileError, csv.Error):
        return []


def upgrade_study(folder: str | Path) -> list[str]:
    """Bring a study of an earlier version to the present shape, and give the names of what was added or changed.

    Tables that it lacks are added empty, and columns get their present names. A study without `study.toml` gets
    one: its countries are those of its claims, and French is a language of it where it has French text. Nothing
    else is changed. All of it is saved, or nothing. Raises StudyError where the folder is not a study, LockedError,
    SavingError.
    """
    require_study(Path(folder))
    with changing(Path(folder)) as draft:
        added = [*add_missing_tables(draft), *_renew_columns(draft / "tables")]
        if not (draft / "study.toml").exists():
            save_file(draft / "study.toml", _first_settings(draft))
            added.append("study.toml")
    return added


def _first_settings(folder: Path) -> str:
    study = open_study(folder)
    has_french = any(study.table_files[name].frame["name_fr"].notna().any() for name in ("groups", "places", "routes"))
    stated = {"languages": ["en", "fr"] if has_french else ["en"], "countries": list(study.countries)}
    return "".join(_setting(*each) for each in stated.items() if each[1])
