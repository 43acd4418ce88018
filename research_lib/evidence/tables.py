"""Every table of a study by its name, and its columns with their constraints; the classes stand in `schema/`."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from research_lib.evidence.schema import help_tables, journeys_tables
from research_lib.evidence.schema.column_kinds import Column, SourcedTable, Table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CURATOR", "OPTIONAL_TABLES", "TABLES", "Column", "Table", "columns", "typed_codings"]

CURATOR = "curator"
_IN_THE_FOLDER = ("glossary", "contacts", "keywords", "renamed")
_CLASSES: dict[str, type[Table]] = {
    re.sub(r"(?<=[a-z])(?=[A-Z])", "_", each.__name__).lower(): each
    for module in (journeys_tables, help_tables)
    for each in vars(module).values()
    if isinstance(each, type) and issubclass(each, Table) and each not in (Table, SourcedTable)
}
TABLES = {name: each for name, each in _CLASSES.items() if name not in _IN_THE_FOLDER}
OPTIONAL_TABLES = {name: _CLASSES[name] for name in _IN_THE_FOLDER}


def _columns(model: type[Table]) -> Iterator[Column]:
    for each in model.__mro__:  # the table's own columns, then those of its base
        for name, found in vars(each).items():
            match found:
                case Column():
                    yield replace(found, name=name)
                case (Column() as english, Column() as french):
                    yield from (replace(english, name=name), replace(french, name=f"{name}_fr"))


_COLUMNS = {model: tuple(_columns(model)) for model in _CLASSES.values()}


def columns(model: type[Table]) -> tuple[Column, ...]:
    """List the columns of a table class, in the order of the file."""
    return _COLUMNS[model]


def typed_codings(codings: "pd.DataFrame") -> "pd.DataFrame":
    """Leave out the curator's codings, which `rebuild` derives from the codes that the claims name."""
    return codings[codings["coder"] != CURATOR]
