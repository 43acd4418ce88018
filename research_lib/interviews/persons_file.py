"""Who is who: a file that names the person of each record, where one person has several."""

import re
from pathlib import Path

from research_lib.errors import ResearchError
from research_lib.interviews.case_files import read_rows

_COLUMNS = ["case_code", "person"]
_CODE = re.compile(r"[a-z0-9_-]{1,100}")


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
