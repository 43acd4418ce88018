"""Counting: sound records, or each person once, are counted by the engine that holds them into the tables of a plan."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

import ibis
import numpy as np
import pandas as pd
from ibis import _

from research_lib.disclosure.linked.cell_bounds import PublishedTable, Vector
from research_lib.disclosure.planning.plan import APART, PERSONS, Plan, PlannedTable
from research_lib.errors import ResearchError, StudyError
from research_lib.evidence.checks.nearest import nearest
from research_lib.files.spreadsheet import guarded
from research_lib.interviews.cases import FIXED, GIVEN, Cases, for_release, may_be_published, problems
from research_lib.missing_answers import MISSING, NO_ANSWER

MEASURES = ("records", "persons", "sources", "largest", "largest_two")
IS_COUNTED = "is_counted"
NO_TABLE = -1
LONGEST_VALUE = 200
Values = Mapping[str, tuple[str, ...]]
Progress = Callable[[str], object]
MARK = "is_synthetic"
SCOPE = "consent_scope"
REQUIRED = ("case_id", "person_id", "source_id", MARK)
CODE = r"^[A-Za-z0-9_.-]{1,200}$"
_PLACE, _MET_BY = f"{IS_COUNTED}_place", f"{IS_COUNTED}_source"
type Records = Cases | pd.DataFrame | ibis.Table


class CountingError(ResearchError):
    """The cases cannot be counted as the plan requires."""


@dataclass(frozen=True)
class CountedTable:
    """One table with every possible cell: its variables, then records, persons, sources, largest, largest_two.

    `records`: what the plan counts, records or persons; `largest` and `largest_two`: those of the largest source of a
    cell, and of its two largest. `why`: where it is protected, for each cell `rule`, which hides it, empty where it is
    shown; and of a companion `protects`, the name of the cell that it is hidden for, and `hidden_for`, the number of
    that cell's table, or NO_TABLE.
    """

    plan: PlannedTable
    cells: pd.DataFrame
    why: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def values(self) -> dict[str, tuple[str, ...]]:
        """The values of each side."""
        return {side: tuple(dict.fromkeys(self.cells[name])) for side, name in self.plan.sides.items()}

    @property
    def is_hidden(self) -> Vector:
        """Which cells are hidden; none where no rule has been tried."""
        return (self.why["rule"] != "").to_numpy(bool) if "rule" in self.why else np.zeros(len(self.cells), bool)

    def published(self) -> PublishedTable:
        """Give the table as it is published, but with its exact counts."""
        return PublishedTable(self.plan.name, self.values, self.cells["records"].to_numpy(), self.is_hidden)

    def name(self, cell: int) -> str:
        """Name a cell by its values."""
        return " | ".join(map(str, self.cells.iloc[cell][list(self.plan.variables)]))


def as_table(cases: pd.DataFrame | ibis.Table) -> ibis.Table:
    """Give cases as an ibis table, from memory or from a database."""
    return ibis.memtable(cases) if isinstance(cases, pd.DataFrame) else cases


def observed_values(table: ibis.Table, plan: Plan) -> dict[str, tuple[str, ...]]:
    """List the values of each variable of the plan, without the kinds of missing, in alphabetical order."""
    for planned in plan.tables:
        if unknown := [name for name in planned.variables if name not in table.columns]:
            near = nearest(unknown[0], table.columns)
            raise CountingError(
                f"table {planned.name}: the cases have no column {unknown[0]!r}{near}; correct the plan"
            )
    names = dict.fromkeys((*plan.variables, *plan.columns))
    found = {name: table.select(name).distinct().to_pandas()[name] for name in names}
    if empty := [name for name, values in found.items() if values.isna().any()]:
        raise CountingError(f"the column {empty[0]!r} has empty cells; write in each which kind of missing it is")
    if again := [name for name, values in found.items() if NO_ANSWER in set(values)]:
        raise CountingError(f"the column {again[0]!r} has the value {NO_ANSWER!r}; write which kind of missing it is")
    for name, values in found.items():
        if strange := sorted(value for value in map(str, values) if not _is_plain(value)):
            raise CountingError(f"the column {name!r} has the value {strange[0]!r:.60}; replace it by a code")
    return {name: tuple(sorted(set(values) - set(MISSING))) for name, values in found.items()}


def _is_plain(value: str) -> bool:
    return value.isprintable() and len(value) <= LONGEST_VALUE and guarded(value) == value


def count(cases: ibis.Table, plan: Plan, values: Values, *, progress: Progress = str) -> Iterator[CountedTable]:
    """Count every table of the plan; `values`: the possible values of each variable, in their order.

    `cases`: records, or persons as `one_answer_a_person` gives them. Raises CountingError where a case has a value that
    is not among them.
    """
    again = None if IS_COUNTED in cases.columns else _cases_of_repeated_persons(cases, plan)
    for planned in plan.tables:
        progress(planned.name)
        cells = _measures(by_source(cases, planned.sides).rename(columns=planned.sides), planned)
        repeated = 0 if again is None else _repeated_records(again, planned).reindex(cells.index, fill_value=0)
        persons = cells["records"] - repeated
        yield CountedTable(planned, _with_empty_cells(cells.assign(persons=persons), planned, values))


def by_source(cases: ibis.Table, sides: Iterable[str]) -> pd.DataFrame:
    """Give the records, or persons, that each source knows of each cell of some sides: records, and counted of them."""
    kept = [name for name in ("source_id", IS_COUNTED) if name in cases.columns]
    table = cases.select(*kept, **{side: _answers(cases, side) for side in sides})
    counted = table[IS_COUNTED].cast("int64").sum() if IS_COUNTED in kept else table.count()
    return table.group_by([*sides, "source_id"]).aggregate(records=_.count(), counted=counted).to_pandas()


def _answers(cases: ibis.Table, side: str) -> ibis.Value:
    """The values of a side: the kinds of missing apart, or merged into one."""
    column = cases[side.removesuffix(APART)]
    return column if side.endswith(APART) else column.isin(MISSING).ifelse(NO_ANSWER, column)


def _cases_of_repeated_persons(cases: ibis.Table, plan: Plan) -> ibis.Table:
    """The records of persons with several records: only they make persons fewer than records, and they are few."""
    several = cases.group_by("person_id").aggregate(records=_.count()).filter(_.records > 1)
    return cases.semi_join(several, "person_id").select("person_id", *plan.variables).cache()


def _repeated_records(cases: ibis.Table, planned: PlannedTable) -> pd.Series:
    """The number of records in each cell of persons whom the cell counts already."""
    names = list(planned.variables)
    table = cases.select("person_id", **{name: _answers(cases, side) for side, name in planned.sides.items()})
    counted = table.group_by(names).aggregate(beyond=_.count() - _.person_id.nunique()).to_pandas()
    return counted.set_index(names)["beyond"]


def _measures(by_source: pd.DataFrame, planned: PlannedTable) -> pd.DataFrame:
    cells = by_source.sort_values("records", ascending=False).groupby(list(planned.variables), sort=False)
    found = cells.agg(records=("counted", "sum"), sources=("records", "size"), largest=("records", "first"))
    two = cells.head(2).groupby(list(planned.variables))["records"].sum()
    return found.assign(largest_two=two.clip(upper=found["records"]))


def _with_empty_cells(cells: pd.DataFrame, planned: PlannedTable, values: Values) -> pd.DataFrame:
    """Give every possible cell a row, in the order of the values; a cell without records is zero."""
    domain = [
        (*values[name], *(MISSING if side.endswith(APART) else (NO_ANSWER,))) for side, name in planned.sides.items()
    ]
    index = pd.MultiIndex.from_product(domain, names=planned.variables)
    if not isinstance(cells.index, pd.MultiIndex):
        cells.index = pd.MultiIndex.from_arrays([cells.index], names=planned.variables)
    if len(strange := cells.index.difference(index)):
        raise CountingError(f"table {planned.name}: {strange[0]!r} is not among the values of the variables")
    return cells.reindex(index, fill_value=0)[list(MEASURES)].astype("int64").reset_index()


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
    return plan.add_coarser(_withhold_without_consent(cases))


def _withhold_without_consent(cases: pd.DataFrame | ibis.Table) -> pd.DataFrame | ibis.Table:
    """Withhold every answer, those too that only tables of earlier releases count."""
    columns = [name for name, kind in as_table(cases).schema().items() if kind.is_string() and name not in GIVEN]
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
        late = as_table(frame).filter(_.retention_date.cast("string") < day.isoformat()).count().to_pandas()
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
