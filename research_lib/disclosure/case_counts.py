"""Counting: the database engine that holds the cases counts them into the tables of a plan."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product

import ibis
import numpy as np
import pandas as pd
from ibis import _

from research_lib.disclosure.linked.linked_tables import PublishedTable, Vector
from research_lib.disclosure.planning.plan import APART, Plan, PlannedTable
from research_lib.errors import ResearchError
from research_lib.files.spreadsheet import guarded
from research_lib.methods.missing import MISSING, NO_ANSWER

MEASURES = ("records", "persons", "sources", "largest", "largest_two")
IS_COUNTED = "is_counted"
NO_TABLE = -1
LONGEST_VALUE = 200
Values = Mapping[str, tuple[str, ...]]
Progress = Callable[[str], object]


class CountingError(ResearchError):
    """The cases cannot be counted as the plan requires."""


@dataclass(frozen=True)
class CountedTable:
    """One table with every possible cell: its variables, then records, persons, sources, largest, largest_two.

    `records`: what the plan counts, records or persons; `largest` and `largest_two`: those of the largest source of a
    cell, and of its two largest. Where it is protected, then `rule`, which hides the cell, empty where it is shown;
    and of each companion `protects`, the name of the cell that it is hidden for, and `hidden_for`, the number of that
    cell's table, or NO_TABLE.
    """

    plan: PlannedTable
    cells: pd.DataFrame

    @property
    def values(self) -> dict[str, tuple[str, ...]]:
        """The values of each side."""
        return {side: tuple(dict.fromkeys(self.cells[name])) for side, name in self.plan.sides.items()}

    @property
    def is_hidden(self) -> Vector:
        """Which cells are hidden; none where no rule has been tried."""
        return (self.cells["rule"] != "").to_numpy(bool) if "rule" in self.cells else np.zeros(len(self.cells), bool)

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
            raise CountingError(f"table {planned.name}: the cases have no column {unknown[0]!r}; correct the plan")
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
    index = pd.MultiIndex.from_tuples(product(*domain), names=planned.variables)
    if not isinstance(cells.index, pd.MultiIndex):
        cells.index = pd.MultiIndex.from_arrays([cells.index], names=planned.variables)
    if len(strange := cells.index.difference(index)):
        raise CountingError(f"table {planned.name}: {strange[0]!r} is not among the values of the variables")
    return cells.reindex(index, fill_value=0)[list(MEASURES)].astype("int64").reset_index()
