"""Every table of a study by its name, and its columns with their constraints; the classes stand in `schema/`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from research_lib.evidence.schema import help_tables, journeys_tables
from research_lib.evidence.schema.column_kinds import SourcedTable, Table

__all__ = ["OPTIONAL_TABLES", "TABLES", "Column", "Table", "columns"]

_IN_THE_FOLDER = ("glossary", "contacts")
_CLASSES: dict[str, type[Table]] = {
    re.sub(r"(?<=[a-z])(?=[A-Z])", "_", each.__name__).lower(): each
    for module in (journeys_tables, help_tables)
    for each in vars(module).values()
    if isinstance(each, type) and issubclass(each, Table) and each not in (Table, SourcedTable)
}
TABLES = {name: each for name, each in _CLASSES.items() if name not in _IN_THE_FOLDER}
OPTIONAL_TABLES = {name: _CLASSES[name] for name in _IN_THE_FOLDER}
_TYPES = {"bool": "boolean", "int": "integer", "float": "number"}


@dataclass(frozen=True)
class Column:
    """One column, its type and its constraints."""

    name: str
    description: str
    type: str
    is_required: bool
    is_unique: bool
    codes: Mapping[str, str] = field(default_factory=dict)
    table: str = ""
    key: str = ""
    has_many: bool = False
    has_references: bool = False
    pattern: str = ""
    minimum: float | None = None
    maximum: float | None = None
    allowed: tuple[float, ...] = ()

    def sentence(self) -> str:
        """Give the constraints as one readable sentence."""
        parts = [
            "required" if self.is_required else "may be empty",
            "unique" if self.is_unique else "",
            "several separated by `;`" if self.has_many else "",
            f"one of {', '.join(f'`{code}`' for code in self.codes)}" if self.codes else "",
            f"names a row of `{self.table}` by its `{self.key}`" if self.table else "",
            *(limit for name, limit in self.limits().items() if name != "allowed"),
        ]
        return "; ".join(part for part in parts if part)

    def limits(self) -> dict[str, str]:
        """Give what a value must be, by the name of the constraint; empty for one that the column does not have."""
        return {
            "pattern": f"matches `{self.pattern}`" if self.pattern else "",
            "minimum": f"at least {self.minimum:g}" if self.minimum is not None else "",
            "maximum": f"at most {self.maximum:g}" if self.maximum is not None else "",
            "allowed": f"one of {', '.join(map(str, self.allowed))}",
        }


def columns(model: type[Table]) -> list[Column]:
    """List the columns of a table class, in the order of the file."""
    return list(_columns(model))


@cache
def _columns(model: type[Table]) -> tuple[Column, ...]:
    return tuple(_column(name, column) for name, column in model.to_schema().columns.items())


def _column(name: str, column: Any) -> Column:
    metadata = column.metadata or {}
    checks = {check.name: check.statistics for check in column.checks}
    return Column(
        name=name,
        description=column.description,
        type=next((kind for prefix, kind in _TYPES.items() if str(column.dtype).lower().startswith(prefix)), "string"),
        is_required=not column.nullable,
        is_unique=bool(column.unique),
        codes=metadata.get("codes", {}),
        table=metadata.get("table", ""),
        key=metadata.get("key", ""),
        has_many=metadata.get("many", False),
        has_references=metadata.get("references", False),
        pattern=checks.get("str_matches", {}).get("pattern", ""),
        minimum=checks.get("greater_than_or_equal_to", {}).get("min_value"),
        maximum=checks.get("less_than_or_equal_to", {}).get("max_value"),
        allowed=tuple(checks.get("isin", {}).get("allowed_values", ())),
    )
