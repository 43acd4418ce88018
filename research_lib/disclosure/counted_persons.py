"""Persons counted in place of records: each person once, with the answers of one record."""

import ibis
import pandas as pd
from ibis import _

from research_lib.disclosure.case_counts import IS_COUNTED, as_table
from research_lib.methods.missing import MISSING


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
    last = cases.mutate(at=ibis.row_number().over(latest)).filter(_.at == 0).drop("at")
    sources = cases.select("person_id", met_by=_.source_id).distinct()
    rows = last.join(sources, "person_id")
    return rows.mutate(source_id=_.met_by, **{IS_COUNTED: _.met_by == _.source_id}).drop("met_by")
