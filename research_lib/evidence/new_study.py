"""Making a new study folder that passes the check, and adding tables that an older study lacks."""

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path

from research_lib.errors import StudyError
from research_lib.evidence.data_dictionary import write_descriptions
from research_lib.evidence.example_rows import BIBLIOGRAPHY, EXAMPLE_FINDING, example_rows, first_interview
from research_lib.evidence.settings import read_settings, require_study
from research_lib.evidence.study import open_study
from research_lib.evidence.tables import TABLES, columns
from research_lib.files.drafts import changing, new_folder
from research_lib.files.saving import save_file


def new_study(
    folder: str | Path,
    *,
    title: str = "",
    licence: str = "",
    countries: Sequence[str] = (),
    languages: Sequence[str] = ("en",),
) -> Path:
    """Make a study in a new or empty folder, with its `study.toml`, README.md and datapackage.json.

    `countries`: the ISO 3166-1 alpha-3 codes of the countries that it is about. They become places, each table that the
    first pages need gets an example row to replace, and `instruments/interview.csv` has the questions that each record
    needs; without countries the tables are empty. Raises StudyError where the folder is not empty, or a country or a
    language is unknown; nothing is overwritten.
    """
    path = Path(folder)
    require_new(path)
    stated = {"title": title, "licence": licence, "languages": list(languages), "countries": list(countries)}
    settings = "".join(_setting(*each) for each in stated.items() if each[1])
    with new_folder(path) as made:
        for name in ("raw", "curated", "tables"):
            (made / name).mkdir()
        save_file(made / "study.toml", settings + (EXAMPLE_FINDING if countries else ""))
        read_settings(made)
        add_missing_tables(made)
        known = [_country(code) for code in countries]
        examples = example_rows(known) if countries else {}
        for table, rows in examples.items():
            _append(made / f"tables/{table}.csv", rows)
        if countries:
            (made / "instruments").mkdir()
            save_file(made / "instruments/interview.csv", first_interview(known, languages))
        save_file(made / "sources.bib", BIBLIOGRAPHY if countries else "")
        save_file(made / "ERRATA.md", "# Errata\n\nContradictions in the sources, and what we did about each.\n")
        write_descriptions(made)
    return path


def require_new(path: Path) -> None:
    """Raise StudyError where something is in the folder in which a study is to be made."""
    if path.exists() and any(path.iterdir()):
        raise StudyError(f"{path} is not empty; choose a new folder, nothing was written")


def _setting(name: str, value: object) -> str:
    return f"{name} = {json.dumps(value, ensure_ascii=False)}\n"


def _append(path: Path, rows: list[dict[str, str]]) -> None:
    header = path.read_text(encoding="utf-8").strip().split(",")
    stream = io.StringIO()
    writer = csv.DictWriter(stream, header, restval="", extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    save_file(path, stream.getvalue())


def _country(code: str) -> tuple[str, str, float, float]:
    """The code, the name and a point inside of a country, from the boundaries of the world."""
    from research_lib.evidence.geography import BOUNDARIES, load_geography

    outlines = load_geography(BOUNDARIES)["countries"].drop_duplicates("iso_a3").set_index("iso_a3")
    if code not in outlines.index:
        raise StudyError(f"{code!r} is not a country; give ISO 3166-1 alpha-3 codes, such as NGA or BRA")
    point = outlines.loc[code, "geometry"].representative_point()
    return code, str(outlines.loc[code, "name"]), point.y, point.x


def add_missing_tables(folder: str | Path) -> list[str]:
    """Add the tables, empty, that a study of an earlier version lacks, and give their names.

    Raises StudyError where the folder is not a study; existing files are not changed.
    """
    require_study(Path(folder))
    with changing(Path(folder)) as draft:
        missing = [name for name in TABLES if not (draft / f"tables/{name}.csv").exists()]
        for name in missing:
            header = ",".join(column.name for column in columns(TABLES[name]))
            save_file(draft / f"tables/{name}.csv", f"{header}\n")
    return missing


_RENAMED = {
    "places": {"name_zh": "name_local"},
    "claims": {"dimension_code": "code"},
    "figures": {"dimension_code": "code"},
}


_ADDED = {"figures": {"is_headline": "true"}, "groups": {"country_code": ""}}


def _renew_columns(tables: Path) -> list[str]:
    """Give the columns that earlier versions named otherwise their names, and add those that they lacked.

    Gives the tables that were changed.
    """
    changed = []
    for table in dict.fromkeys([*_RENAMED, *_ADDED]):
        path = tables / f"{table}.csv"
        header, *rows = csv.reader(io.StringIO(path.read_text(encoding="utf-8")))
        names = [_RENAMED.get(table, {}).get(name, name) for name in header]
        added = {name: value for name, value in _ADDED.get(table, {}).items() if name not in names}
        if names != header or added:
            save_file(path, _csv([[*names, *added], *([*row, *added.values()] for row in rows if row)]))
            changed.append(table)
    return changed


def _csv(rows: Sequence[Sequence[str]]) -> str:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows(rows)
    return stream.getvalue()


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
