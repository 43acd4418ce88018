"""The answers of a study as a table that the methods take."""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from research_lib.errors import UnfitDataError
from research_lib.interviews.cases import FIXED, Cases, columns_of, unknown_answers
from research_lib.methods.options import as_list
from research_lib.missing_answers import MISSING


def answers(
    cases: Cases,
    variables: Sequence[str] | str,
    *,
    also: Sequence[str] = ("country_code",),
    keep_missing: bool = False,
) -> pd.DataFrame:
    """Lay out the answers to chosen questions, one row a record.

    `variables`: names of questions, or of single choices (`reason__debt`). A question with one answer is one column; a
    question with many is one column of yes and no for each choice. `also`: columns that are not questions and come
    first, such as country_code, site, source_id or person_id. An answer that is missing is a missing cell; with
    `keep_missing` it stays what it is: not_asked, not_known, refused, withheld or not_applicable. The index is case_id.

    Raises UnfitDataError for a name that does not exist, with those that do, for cases without a record, and for an
    answer that the form does not have. Not for publication: these are records of persons; what may leave is a release.
    A person whom two organisations met has two records: where persons are to be counted, ask for person_id too and
    keep one of them.
    """
    if cases.frame.empty:
        raise UnfitDataError("these cases have no record; import some first")
    if odd := [name for name in as_list(also) if name not in FIXED]:
        raise UnfitDataError(f"{odd[0]!r} is not noted beside the answers ({', '.join(FIXED)}); name it in `variables`")
    answered = [column for name in as_list(variables) for column in _columns(cases, name)]
    chosen = list(dict.fromkeys([*as_list(also), *answered]))
    if absent := [name for name in chosen if name not in cases.frame]:
        raise UnfitDataError(f"the records lack the column {absent[0]!r} of that question; check and repair the cases")
    frame = cases.frame.set_index("case_id", drop=False)[chosen]
    if wrong := next(unknown_answers(replace(cases, frame=frame)), None):
        case = frame.index[wrong.line - 2]
        raise UnfitDataError(f"{wrong.column} of case {case}: {wrong.reason}; correct it, or say why it is missing")
    return frame if keep_missing else frame.where(~frame.isin(MISSING))


def group_answers(frame: pd.DataFrame, groups: pd.DataFrame) -> pd.DataFrame:
    """Put answers into wider groups, such as ages into three, and leave missing answers as they are.

    `groups`: one row an answer, with the columns variable, answer and group; questions that it does not name stay as
    they are. Raises UnfitDataError for an answer without a group, and for one with two.

    Not for protecting people: somebody in a wide group of few is as easily known; what may leave is a release.
    """
    wider = {}
    for variable, rows in groups[groups["variable"].isin(frame.columns)].groupby("variable"):
        if rows["answer"].duplicated().any():
            raise UnfitDataError(f"{variable}: {rows['answer'].mode()[0]!r} is in two rows of the groups; keep one")
        group_of = rows.set_index("answer")["group"]
        is_missing = frame[variable].isna() | frame[variable].isin(MISSING)
        if len(strange := frame.loc[~is_missing & ~frame[variable].isin(group_of.index), variable]):
            raise UnfitDataError(f"{variable}: {strange.iloc[0]!r} has no group; add a row for it to the groups")
        wider[variable] = frame[variable].map(group_of).where(~is_missing, frame[variable])
    return frame.assign(**wider)


def _columns(cases: Cases, name: str) -> tuple[str, ...]:
    """The columns of a question, or the one of a choice."""
    questions = {variable.name: columns_of(variable) for variable in cases.variables}
    choices = {column: (column,) for columns in questions.values() for column in columns}
    found = {**choices, **questions}.get(name)
    if found is None:
        raise UnfitDataError(f"there is no question {name!r} in these cases; there are {', '.join(questions)}")
    return found
