"""Whether records may be counted at all: each once, each value a code, and all of them real or all made up."""

from datetime import date

import ibis
import pandas as pd
from ibis import _

from research_lib.disclosure.case_counts import CountingError, as_table
from research_lib.disclosure.plan import Plan
from research_lib.errors import StudyError
from research_lib.interviews.cases import FIXED, Cases, problems

MARK = "is_synthetic"
SCOPE, WILLING = "consent_scope", "published_tables"
NEEDED = ("case_id", "person_id", "source_id", MARK)
CODE = r"^[A-Za-z0-9_.-]{1,200}$"
type Records = Cases | pd.DataFrame | ibis.Table


def require_sound(cases: Records, plan: Plan) -> bool:
    """Make sure that records can be counted, and say whether they are synthetic, as each of them says itself.

    Raises StudyError for cases that have problems, CountingError for a table without the columns of cases, with one
    that is no text, without rows, with a case twice, with an id that is no code, or with real and synthetic records
    together.
    """
    if isinstance(cases, Cases):
        if found := problems(cases):
            raise StudyError("these cases cannot be released as they stand:", found)
        cases = cases.frame
    if isinstance(cases, pd.DataFrame) and not cases.columns.is_unique:
        raise CountingError(f"the column {cases.columns[cases.columns.duplicated()][0]!r} stands twice; keep one")
    table = as_table(cases)
    if absent := [name for name in (*NEEDED, SCOPE) if name not in table.columns]:
        raise CountingError(f"the cases have no column {absent[0]!r}; a release needs {', '.join(FIXED)}")
    for name in (*NEEDED, SCOPE, *plan.variables):
        if name in table.columns and not table[name].type().is_string():
            raise CountingError(f"the column {name!r} is {table[name].type()} and no text; give codes as text")
    found = table.aggregate(
        records=_.count(),
        cases=_.case_id.nunique(),
        marked=(_[MARK] == "yes").sum(),
        real=(_[MARK] == "no").sum(),
        **{f"wrong_{name}": (~_[name].cast("string").re_search(CODE)).fill_null(True).sum() for name in NEEDED},
    ).to_pandas()
    return _judged({name: int(value or 0) for name, value in found.iloc[0].items()})


def without_the_unwilling(cases: pd.DataFrame | ibis.Table, plan: Plan) -> pd.DataFrame | ibis.Table:
    """Withhold every answer of those who did not agree to published tables; their records stay, to be counted."""
    columns = [name for name in plan.variables if name in cases.columns]
    if isinstance(cases, pd.DataFrame):
        is_willing = cases[SCOPE].str.split().map(lambda scopes: WILLING in scopes).astype(bool)
        return cases.assign(**{name: cases[name].where(is_willing, "withheld") for name in columns})
    willing = (" " + cases[SCOPE] + " ").contains(f" {WILLING} ")
    return cases.mutate(**{name: willing.ifelse(cases[name], "withheld") for name in columns})


def require_kept(cases: Records, day: date) -> None:
    """Make sure that no record is past its retention date; raises CountingError, since it should be gone."""
    frame = cases.frame if isinstance(cases, Cases) else cases
    if "retention_date" in frame.columns:
        table = as_table(frame)
        late = table.filter(table.retention_date.cast("string") < day.isoformat()).count().to_pandas()
        if late:
            raise CountingError(f"{late} records are past their retention date; remove them with: research-lib purge")


def _judged(found: dict[str, int]) -> bool:
    records = found["records"]
    if not records:
        raise CountingError("there are no records; bring them in with: research-lib import")
    if wrong := [name for name in NEEDED if found[f"wrong_{name}"]]:
        raise CountingError(f"{found[f'wrong_{wrong[0]}']} records have no code as {wrong[0]!r}; use a-z, 0-9, _ and -")
    if found["cases"] != records:
        raise CountingError(f"{records - found['cases']} records have the case_id of another; keep one record a case")
    if found["marked"] + found["real"] != records or (found["marked"] and found["real"]):
        raise CountingError(
            f"real and synthetic records stand together; {MARK} must be yes in all of them, or no in all"
        )
    return bool(found["marked"])
