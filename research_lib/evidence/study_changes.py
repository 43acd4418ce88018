"""What changed between two versions of a study: rows added, changed and withdrawn, and what the study says of why."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import pandas as pd

from research_lib.errors import StudyError
from research_lib.evidence.bibliography import authors
from research_lib.evidence.settings import Finding
from research_lib.evidence.sources.latex_text import shown
from research_lib.evidence.study import Study
from research_lib.evidence.tables import OPTIONAL_TABLES, TABLES, typed_codings
from research_lib.files.opening import MB, read_text
from research_lib.files.toml_files import read_toml

CHANGE_COLUMNS = ("table", "id", "change", "column", "before", "after", "reason")
_Rows = dict[str, dict[str, str]]
_Change = tuple[str, str, str, str, str]
_WORDS = ("text", "name", "title", "meaning", "definition")
_LEFT_OUT = ("profiles", "keywords")  # what is made from other tables, and what states nothing
_KEYS = {"glossary": ["term"], "contacts": ["country", "service"], "renamed": ["since", "variable", "code", "new_code"]}
_BESIDE = ("findings", "version_date")


def study_changes(old: Study, new: Study) -> pd.DataFrame:
    """List what changed from one version of a study to the next, in the order of the tables and of their new rows.

    Each changed cell has a row, with its text `before` and `after`; an added or withdrawn row has one, with what it
    says. Where all but the id of a row is the same, its id has changed. `reason` names the entry of `ERRATA.md` that
    is new and has the row's id; it is empty where there is none. `settings`, `findings` and `sources` stand among the
    tables. What `rebuild` derives is left out: profiles, and the curator's codings of claims.

    Raises StudyError where a table, or the sources, of one of the two cannot be read.
    """
    before, after = _rows_by_table(old), _rows_by_table(new)
    reasons = _new_errata(old.path, new.path)
    found = [(table, *change) for table, rows in after.items() for change in _changes(before[table], rows)]
    told = [reasons.get(each[1]) or (reasons.get(each[4], "") if each[3] == "id" else "") for each in found]
    rows = [(*each, reason) for each, reason in zip(found, told, strict=True)]
    return pd.DataFrame(rows, columns=[*CHANGE_COLUMNS], dtype="str")


def _rows_by_table(study: Study) -> dict[str, _Rows]:
    """The rows of each table, by what names them."""
    files = {**study.table_files, **study.optional_files}
    problems = [problem for table in files.values() for problem in table.problems]
    if problems or not study.source_file.is_read:
        said = f"{study.path} cannot be compared as it stands; mend it, or a copy of it, until the check finds nothing"
        raise StudyError(f"{said}: research-lib check {study.path}", problems or [*study.source_file.problems])
    tables = {name: study[name] for name in (*TABLES, *OPTIONAL_TABLES) if name not in _LEFT_OUT}
    tables["codings"] = typed_codings(tables["codings"])
    keyed = {name: _named(table, _KEYS.get(name, ["id"])) for name, table in tables.items()}
    return {**_stated(study), **keyed, "sources": _cited(study)}


def _stated(study: Study) -> dict[str, _Rows]:
    """What `study.toml` states: one row of settings, and the findings; of a part, such as `map`, each setting."""
    path, settings = study.path / "study.toml", study.settings.model_dump(mode="json")
    stated = read_toml(path, error=StudyError) if path.exists() else {}
    given = {name: settings[name] for name in settings if name in stated and name not in _BESIDE}
    findings = pd.DataFrame(settings["findings"], columns=[*Finding.model_fields])
    return {
        "settings": _named(pd.json_normalize({"id": "study", **given}), ["id"]),
        "findings": _named(findings, ["id"]),
    }


def _cited(study: Study) -> _Rows:
    """The sources with all their fields, as readers see them, in whatever format they are written."""
    rows = [
        {name: shown(text) for name, text in entry.fields.items()}
        | {"id": key, "entry_type": entry.type, "author": authors(entry)}
        for key, entry in study.bibliography.entries.items()
    ]
    return _named(pd.DataFrame(rows), ["id"])


def _named(table: pd.DataFrame, key: Sequence[str]) -> _Rows:
    """Rows by what their key says, with a number from the second on where the key is no id and says the same twice."""
    rows: _Rows = {}
    for record in table.to_dict("records"):
        cells = {str(column): _as_text(value) for column, value in record.items()}
        name = " ".join(filter(None, (cells.pop(column) for column in key)))
        names = (name if number == 1 else f"{name} ({number})" for number in count(1))
        rows[next(each for each in names if each not in rows)] = cells
    return rows


def _as_text(value: Any) -> str:
    if isinstance(value, list):
        is_plain = all(isinstance(each, str) for each in value)
        return ";".join(value) if is_plain else json.dumps(value, ensure_ascii=False)
    if isinstance(value, bool):
        return str(value).lower()
    return "" if pd.isna(value) else str(value).removesuffix(".0") if isinstance(value, float) else str(value)


def _changes(before: _Rows, after: _Rows) -> Iterator[_Change]:
    """Each change of one table: the row's id, what happened to it, the column, its text before and after."""
    renamed = _renamed(before, after)
    for name, cells in after.items():
        if name in before:
            for column in dict.fromkeys([*cells, *before[name]]):
                was, now = before[name].get(column, ""), cells.get(column, "")
                if was != now:
                    yield name, "changed", column, was, now
        elif name in renamed:
            yield name, "changed", "id", renamed[name], name
        else:
            column, text = _what_it_says(cells)
            yield name, "added", column, "", text
    for name in [each for each in before if each not in after and each not in renamed.values()]:
        column, text = _what_it_says(before[name])
        yield name, "withdrawn", column, text, ""


def _renamed(before: _Rows, after: _Rows) -> dict[str, str]:
    """The old id of each new row of which all cells stood under an id that is gone."""
    gone = defaultdict[frozenset[tuple[str, str]], list[str]](list)
    for name in [each for each in before if each not in after]:
        gone[frozenset(before[name].items())].append(name)
    new = {name: frozenset(cells.items()) for name, cells in after.items() if name not in before}
    return {name: gone[cells].pop(0) for name, cells in new.items() if gone[cells]}


def _what_it_says(cells: dict[str, str]) -> tuple[str, str]:
    """The column that says what a row is, and its text; where no such column is filled, no column and all its cells."""
    column = next((each for each in _WORDS if cells.get(each)), "")
    filled = (f"{name}: {text}" for name, text in cells.items() if text and name not in ("source", "lines"))
    return column, cells[column] if column else "; ".join(filled)


def _new_errata(old: Path, new: Path) -> dict[str, str]:
    """The heading below which a line of `ERRATA.md` stands that is new, by each id that the line names in backticks."""
    before, after = (
        read_text(folder / "ERRATA.md", limit=MB).splitlines() if (folder / "ERRATA.md").exists() else []
        for folder in (old, new)
    )
    known, heading, reasons = {*before}, "", dict[str, str]()
    for line in after:
        heading = line.lstrip("# ") if line.startswith("#") else heading
        for name in re.findall(r"`([^`]+)`", line) if line not in known else ():
            reasons.setdefault(name, f"ERRATA.md, {heading}".rstrip(", "))
    return reasons
