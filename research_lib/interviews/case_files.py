"""The cases of a study as files: cases.csv, variables.json and a README.txt, saved together and read whole.

And a file that names the person of each record, where one person has several.
"""

import json
import os
import re
from dataclasses import asdict, dataclass, fields, replace
from io import BytesIO
from pathlib import Path

import pandas as pd
from pydantic import TypeAdapter

from research_lib.errors import ResearchError, StudyError
from research_lib.files import spreadsheet
from research_lib.files.locking import locked
from research_lib.files.opening import MB, read_bytes, read_text
from research_lib.files.saving import finish_saving, is_unfinished, save_files
from research_lib.interviews.cases import CASES_FILE, VARIABLES_FILE, Cases, Variable, problems
from research_lib.interviews.forms.form_rows import ALONE
from research_lib.missing_answers import MISSING

README_FILE = "README.txt"
SYNTHETIC = "SYNTHETIC: every record in this folder was made by a program; no person stands behind any of them."
REAL = "CONFIDENTIAL: records of real people in danger."
README = """{first}
This folder holds the records of interviews, one a line: cases.csv has the answers, variables.json says what they mean.
It must never be published, mailed, or put into a repository: what may leave is made from it by `research-lib release`.
A record is to be destroyed when its retention_date has passed: `research-lib purge` does that.
An answer that is missing is one of: {missing}.
"""
RESTORE = "restore it from a backup"
LARGEST, LARGEST_ROWS = 64 * MB, 512 * MB
_COLUMNS = ["case_code", "person"]
_CODE = re.compile(r"[a-z0-9_-]{1,100}")


@dataclass(frozen=True)
class _Described:
    """What variables.json says of the records beside it."""

    is_synthetic: bool
    variables: tuple[Variable, ...]
    records: int | None = None


_DESCRIBED = TypeAdapter(_Described)
_FIELDS = {each.name for each in fields(Variable)}


def write_cases(cases: Cases, folder: Path | str) -> None:
    """Write cases into a folder: all three files, or none of them.

    Raises StudyError, writing nothing, where the cases have problems or the folder has cases of the other sort
    (real ones beside synthetic), LockedError where another program writes there, SavingError where the disk refuses.
    """
    folder = Path(folder)
    with locked(folder):
        save_files(folder, case_contents(cases, folder))


def case_contents(cases: Cases, folder: Path) -> dict[str, str]:
    """Give the files of cases as text, by name, for a folder that they may be written into; see `write_cases`."""
    if found := problems(cases):
        raise StudyError(f"{folder}: these cases cannot be written as they stand:", found)
    if (folder / VARIABLES_FILE).exists() and read_cases(folder).is_synthetic != cases.is_synthetic:
        raise StudyError(f"{folder}: real and synthetic cases must not take each other's place; choose another folder")
    first = SYNTHETIC if cases.is_synthetic else REAL
    described = {
        "is_synthetic": cases.is_synthetic,
        "note": first,
        "records": len(cases.frame),
        "variables": [asdict(variable) for variable in cases.variables],
    }
    return {
        README_FILE: README.format(first=first, missing=", ".join(MISSING)),
        VARIABLES_FILE: json.dumps(described, ensure_ascii=False, indent=1) + "\n",
        CASES_FILE: spreadsheet.write_plain(cases.frame[list(cases.columns)]),
    }


def read_cases(folder: Path | str) -> Cases:
    """Read the cases of a folder that `write_cases` made; what is wrong inside is listed by `problems`.

    Raises StudyError where a file is missing or cannot be read, where a row is longer than the header, and where there
    are fewer or more records than were written. What looks wrong is read again when no other program writes.
    """
    folder = Path(folder)
    try:
        if not is_unfinished(folder):
            return _read(folder)
    except StudyError:
        if not folder.is_dir() or not os.access(folder, os.W_OK):
            raise
    with locked(folder):
        finish_saving(folder)
        return _read(folder)


def _read(folder: Path) -> Cases:
    for name in (CASES_FILE, VARIABLES_FILE):
        if not (folder / name).is_file():
            is_inside = (folder / "cases" / CASES_FILE).is_file()
            fix = f"they are in {folder / 'cases'}" if is_inside else "bring them in with: research-lib import"
            raise StudyError(f"{folder} has no {name}: it holds no cases; {fix}")
    described = _described(folder / VARIABLES_FILE)
    frame, expected = read_rows(folder / CASES_FILE), described.records
    if expected not in (None, len(frame)):
        raise StudyError(
            f"{folder / CASES_FILE}: it has {len(frame)} records, and {VARIABLES_FILE} says {expected}: it was cut or "
            f'changed; {RESTORE}, or, where you removed records yourself, write "records": {len(frame)} there'
        )
    return Cases(frame, described.variables, described.is_synthetic)


def read_rows(path: Path) -> pd.DataFrame:
    """Read a CSV file of a study's records, every cell as text.

    Raises StudyError where it cannot be read whole, UnreadableFileError for something else than a file and for more
    than 512 MB.
    """
    options = {"dtype": str, "header": None, "na_filter": False, "skip_blank_lines": False, "encoding": "utf-8-sig"}
    data = read_bytes(path, limit=LARGEST_ROWS)
    if (place := data.find(b"\0")) >= 0:
        line = data.count(b"\n", 0, place) + 1
        raise StudyError(f"{path}:{line}: it has the character NUL, which no text has; {RESTORE}")
    try:
        rows = pd.read_csv(BytesIO(data), **options).fillna("")
    except (ValueError, OSError) as error:
        raise StudyError(f"{path}: it cannot be read ({error}); {RESTORE}") from error
    header = rows.iloc[0]
    if (twice := header.duplicated()).any():
        raise StudyError(f"{path}:1: the column {header[twice].iloc[0]!r} stands twice; {RESTORE}")
    return rows.iloc[1:].set_axis(pd.Index(header.tolist(), dtype="str"), axis=1).reset_index(drop=True)


def _described(path: Path) -> _Described:
    try:
        described = _DESCRIBED.validate_json(text := read_text(path, limit=LARGEST), strict=True)
    except (OSError, ValueError) as error:
        raise StudyError(f"{path}: it does not describe variables ({error}); {RESTORE}") from error
    if more := {name for each in json.loads(text)["variables"] for name in each} - _FIELDS:
        raise StudyError(f"{path}: it describes variables by {min(more)!r}, which is not known here; {RESTORE}")
    if '"alone":' in text:
        return described
    # A file of an earlier version does not say which choices stand alone: these two did.
    alone = [tuple(choice for choice in each.choices if choice in ALONE) for each in described.variables]
    variables = [replace(each, alone=own) for each, own in zip(described.variables, alone, strict=True)]
    return replace(described, variables=tuple(variables))


class PersonsError(ResearchError):
    """A file of persons cannot be read, or names two persons for one record."""


def read_persons(path: Path) -> dict[str, str]:
    """Read the person of each case code from a CSV file with the columns case_code and person.

    A person is a code from the organisation's own list, never made from anything about the person. Raises
    PersonsError, with the line, for other columns, for a code with other signs, and for a case that stands twice.
    """
    rows = read_rows(path)
    if list(rows.columns) != _COLUMNS:
        raise PersonsError(f"{path}:1: its columns are {', '.join(rows.columns)}; write {' and '.join(_COLUMNS)}")
    persons: dict[str, str] = {}
    for line, (case, person) in enumerate(rows.itertuples(index=False), start=2):
        if not _CODE.fullmatch(person):
            raise PersonsError(f"{path}:{line}: the person {person!r:.60} is not a code; use a-z, 0-9, _ and -")
        if case in persons:
            raise PersonsError(f"{path}:{line}: the case {case!r:.60} stands there already; keep one line a case")
        persons[case] = person
    return persons
