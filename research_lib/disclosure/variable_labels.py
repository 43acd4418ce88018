"""The labels in a release: what each variable of its tables is about, and what its values mean."""

from collections.abc import Mapping
from typing import Any

import ibis
import pandas as pd

from research_lib.disclosure.planning.plan import Plan
from research_lib.interviews.cases import Cases, Variable, columns_of

YES_NO = ("yes", "no")


def form_values(cases: Cases, plan: Plan) -> dict[str, tuple[str, ...]]:
    """Give the values that the form has for each variable of a plan, in the order of the form."""
    columns = _columns(cases)
    asked = {name: columns[name] for name in plan.columns if name in columns}
    found = {name: YES_NO if each.is_split else each.choices for name, each in asked.items()}
    return found | {each.name: each.values(found[each.of]) for each in plan.coarser if each.of in found}


def labels_of(
    cases: Cases | pd.DataFrame | ibis.Table, plan: Plan, values: Mapping[str, tuple[str, ...]]
) -> dict[str, dict[str, Any]]:
    """Give for each variable its dimension, its labels by language, its question, and the labels of its values."""
    columns = _columns(cases) if isinstance(cases, Cases) else {}
    found = {name: _labels(name, columns.get(name), values[name]) for name in plan.columns}
    found |= {each.name: each.labels(found[each.of]) for each in plan.coarser if each.of in found}
    return {name: found[name] for name in plan.variables}


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
