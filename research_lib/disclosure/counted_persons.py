"""Persons counted in place of records: each person once, with the answers of one record."""

import ibis
import pandas as pd
from ibis import _

from research_lib.disclosure.case_counts import IS_COUNTED, as_table
from research_lib.methods.missing import MISSING

_PLACE, _MET_BY = f"{IS_COUNTED}_place", f"{IS_COUNTED}_source"


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
