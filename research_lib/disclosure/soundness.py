"""Records to count: each stands once, each value is a code, all are real or all synthetic; persons count once."""

from dataclasses import replace
from datetime import date

import ibis
import pandas as pd
from ibis import _

from research_lib.disclosure.case_counts import IS_COUNTED, CountingError, as_table
from research_lib.disclosure.planning.plan import PERSONS, Plan
from research_lib.errors import StudyError
from research_lib.interviews.cases import FIXED, Cases, for_release, may_be_published, problems
from research_lib.methods.missing import MISSING

MARK = "is_synthetic"
SCOPE = "consent_scope"
REQUIRED = ("case_id", "person_id", "source_id", MARK)
CODE = r"^[A-Za-z0-9_.-]{1,200}$"
_PLACE, _MET_BY = f"{IS_COUNTED}_place", f"{IS_COUNTED}_source"
type Records = Cases | pd.DataFrame | ibis.Table


def require_sound(cases: Records, plan: Plan) -> bool:
    """Check that records can be counted, and give whether they are synthetic, as each record states.

    Raises StudyError for cases that have problems; CountingError for a table without the columns of cases, with a
    column that is not text, without rows, with a case twice, with an id that is not a code, or with real and synthetic
    records; and for a plan that counts persons where no record says whose it is.
    """
    if isinstance(cases, Cases):
        if found := problems(cases):
            raise StudyError("these cases cannot be released as they stand:", found)
        cases = cases.frame
    if isinstance(cases, pd.DataFrame) and not cases.columns.is_unique:
        raise CountingError(f"the column {cases.columns[cases.columns.duplicated()][0]!r} stands twice; keep one")
    plain = [str(name).casefold() for name in cases.columns]
    if alike := [name for name, each in zip(cases.columns, plain, strict=True) if plain.count(each) > 1]:
        reason = "a database takes them for one; give one of the questions another name in the form, and import again"
        raise CountingError(f"the columns {alike[0]!r} and {alike[1]!r} differ in capitals only: {reason}")
    table = as_table(cases)
    if absent := [name for name in (*REQUIRED, SCOPE) if name not in table.columns]:
        raise CountingError(f"the cases have no column {absent[0]!r}; a release needs {', '.join(FIXED)}")
    for name in (*REQUIRED, SCOPE, *plan.columns):
        if name in table.columns and not table[name].type().is_string():
            raise CountingError(f"the column {name!r} is {table[name].type()}, not text; give codes as text")
    found = table.aggregate(
        records=_.count(),
        cases=_.case_id.nunique(),
        marked=(_[MARK] == "yes").sum(),
        real=(_[MARK] == "no").sum(),
        whose=(_.person_id != _.case_id).sum(),
        **{f"wrong_{name}": (~_[name].cast("string").re_search(CODE)).fill_null(True).sum() for name in REQUIRED},
    ).to_pandas()
    numbers = {name: int(value or 0) for name, value in found.iloc[0].items()}
    is_synthetic = _require_consistent(numbers)
    if plan.counts == PERSONS and not numbers["whose"]:
        raise CountingError(
            "the plan counts persons, and no record says whose it is: each has its case_id as its person_id. Name the "
            'persons at the import, with --persons; or write counts = "records" into the plan'
        )
    return is_synthetic


def records_to_count(cases: Records, plan: Plan) -> pd.DataFrame | ibis.Table:
    """Give the records that a release counts, with the coarser variables of its plan.

    Where the plan counts persons, each is there with the answers of the last record. Every answer of persons without
    consent to published tables is withheld; their records are still counted.
    """
    if plan.counts == PERSONS:
        is_plain = isinstance(cases, pd.DataFrame | ibis.Table)
        cases = one_answer_a_person(cases) if is_plain else replace(cases, frame=one_answer_a_person(cases.frame))
    if isinstance(cases, Cases):
        return plan.add_coarser(for_release(cases).frame)
    return plan.add_coarser(_withhold_without_consent(cases, plan))


def _withhold_without_consent(cases: pd.DataFrame | ibis.Table, plan: Plan) -> pd.DataFrame | ibis.Table:
    columns = [name for name in plan.columns if name in cases.columns]
    if isinstance(cases, pd.DataFrame):
        has_consent = may_be_published(cases)
        return cases.assign(**{name: cases[name].where(has_consent, "withheld") for name in columns})
    has_consent = (" " + cases[SCOPE] + " ").contains(" published_tables ")
    return cases.mutate(**{name: has_consent.ifelse(cases[name], "withheld") for name in columns})


def one_answer_a_person[Table: (pd.DataFrame, ibis.Table)](cases: Table) -> Table:
    """Give each person the answers of the last record: of the latest interview_year, then of the last case_id.

    One row for each person and each source that met the person, all with the same answers, since each of these sources
    knows the person; IS_COUNTED says which row counts, one a person. A year that is missing comes before all others.
    """
    if isinstance(cases, pd.DataFrame):
        return _rows(as_table(cases)).order_by("person_id", "source_id").to_pandas().astype(cases.dtypes.to_dict())
    return _rows(cases)


def _rows(cases: ibis.Table) -> ibis.Table:
    year = cases["interview_year"] if "interview_year" in cases.columns else ibis.literal("")
    latest = ibis.window(
        group_by="person_id", order_by=[ibis.desc(year.isin(MISSING).ifelse("", year)), ibis.desc("case_id")]
    )
    last = cases.mutate(**{_PLACE: ibis.row_number().over(latest)}).filter(_[_PLACE] == 0).drop(_PLACE)
    sources = cases.select("person_id", **{_MET_BY: _.source_id}).distinct()
    rows = last.join(sources, "person_id")
    return rows.mutate(source_id=_[_MET_BY], **{IS_COUNTED: _[_MET_BY] == _.source_id}).drop(_MET_BY)


def require_within_retention(cases: Records, day: date) -> None:
    """Raise CountingError where a record is past its retention date, since it must be removed first."""
    frame = cases.frame if isinstance(cases, Cases) else cases
    if "retention_date" in frame.columns:
        table = as_table(frame)
        late = table.filter(table.retention_date.cast("string") < day.isoformat()).count().to_pandas()
        if late:
            raise CountingError(f"{late} records are past their retention date; remove them with: research-lib purge")


def _require_consistent(found: dict[str, int]) -> bool:
    records = found["records"]
    if not records:
        raise CountingError("there are no records; bring them in with: research-lib import")
    if wrong := [name for name in REQUIRED if found[f"wrong_{name}"]]:
        raise CountingError(f"{found[f'wrong_{wrong[0]}']} records have no code as {wrong[0]!r}; use a-z, 0-9, _ and -")
    if found["cases"] != records:
        raise CountingError(f"{records - found['cases']} records have the case_id of another; keep one record a case")
    if found["marked"] + found["real"] != records or (found["marked"] and found["real"]):
        raise CountingError(f"real and synthetic records stand together; {MARK} must be yes in all, or no in all")
    return bool(found["marked"])
