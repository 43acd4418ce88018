"""The labels in a release: what each variable of its tables is about, and what its values mean."""

from collections.abc import Mapping
from typing import Any

import ibis
import pandas as pd

from research_lib.disclosure.plan import Plan
from research_lib.interviews.cases import Cases, Variable, columns_of

YES_NO = ("yes", "no")


def form_values(cases: Cases, plan: Plan) -> dict[str, tuple[str, ...]]:
    """Give the values that the form has for each variable of a plan, in the order of the form."""
    columns = _columns(cases)
    return {
        name: YES_NO if columns[name].is_split else columns[name].choices for name in plan.variables if name in columns
    }


def labels_of(
    cases: Cases | pd.DataFrame | ibis.Table, values: Mapping[str, tuple[str, ...]]
) -> dict[str, dict[str, Any]]:
    """Give for each variable its dimension, its labels by language, its question, and the labels of its values."""
    columns = _columns(cases) if isinstance(cases, Cases) else {}
    return {name: _labels(name, columns.get(name), given) for name, given in values.items()}


def _labels(name: str, variable: Variable | None, values: tuple[str, ...]) -> dict[str, Any]:
    if variable is None:
        return {"dimension": "", "labels": {}, "question": name, "choice_labels": {}, "values": values}
    choice = name.removeprefix(f"{variable.name}__")
    return {
        "dimension": variable.dimension,
        "labels": variable.labels,
        "question": variable.name,
        "choice_labels": {choice: variable.choice_labels.get(choice, {})}
        if variable.is_split
        else variable.choice_labels,
        "values": values,
    }


def _columns(cases: Cases) -> dict[str, Variable]:
    return {column: variable for variable in cases.variables for column in columns_of(variable)}
