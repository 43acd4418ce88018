"""Weights of cells: what a data officer would rather show, or asks to keep, when others are hidden to protect some."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

LIGHTEST, HEAVIEST = 0.1, 100
_HOW = "write keep = true, or weight = a number from 0.1 to 100, 1 being the usual one"


@dataclass(frozen=True)
class CellWeight:
    """The weight of some cells of a table: how much it costs to hide one so that another cannot be derived.

    `cell`: values of variables of the table, for all cells that have them; none for the whole table. `weight`: 1 is the
    usual one, infinite keeps a cell. `reason`: why, for the log. No weight shows a cell that a rule hides.
    """

    table: str
    cell: Mapping[str, str]
    weight: float
    reason: str

    @property
    def keeps(self) -> bool:
        """Whether the cells must be shown."""
        return math.isinf(self.weight)

    @property
    def name(self) -> str:
        """The table, and the values of the cells."""
        return " | ".join([self.table, *(f"{name}={value}" for name, value in self.cell.items())])

    def __str__(self) -> str:
        """Write the wish for the log: the cells, what is wanted, and why."""
        return f"{self.name}: {'keep' if self.keeps else f'weight {self.weight:g}'}: {self.reason}"

    def matches(self, cells: pd.DataFrame) -> np.ndarray:
        """Say of each row of a table of cells whether it is meant."""
        meant = np.ones(len(cells), bool)
        for name, value in self.cell.items():
            meant &= (cells[name] == value).to_numpy()
        return meant

    @property
    def as_toml(self) -> list[str]:
        """The lines of a plan."""
        values = ", ".join(f"{_text(name)} = {_text(value)}" for name, value in self.cell.items())
        wanted = "keep = true" if self.keeps else f"weight = {self.weight!r}"
        head = ["[[cells]]", f"table = {_text(self.table)}", f"cell = {{ {values} }}"]
        return [*head, wanted, f"reason = {_text(self.reason)}"]


def refused_weight(entry: Any) -> str:
    """Say why an entry of a plan is no weight of cells; empty where it is one."""
    if not isinstance(entry, dict) or not entry.keys() <= {"table", "cell", "keep", "weight", "reason"}:
        return f"there are table, cell, keep or weight, and reason; this one is {entry!r:.100}"
    cell, reason = entry.get("cell", {}), entry.get("reason")
    if not isinstance(cell, dict) or not all(isinstance(value, str) for value in cell.values()):
        return 'write the cell as { country_code = "COL", practice = "street" }'
    if not isinstance(reason, str) or not reason.strip() or not reason.isprintable():
        return "give a reason in words, for the log"
    weight = entry.get("weight")
    is_weight = isinstance(weight, int | float) and not isinstance(weight, bool) and LIGHTEST <= weight <= HEAVIEST
    asked = (entry.get("keep"), is_weight) if weight is not None else (entry.get("keep"), None)
    return "" if asked in ((True, None), (None, True)) else _HOW


def cell_weight(entry: Mapping[str, Any]) -> CellWeight:
    """Give the weight of an entry that `refused_weight` does not refuse."""
    weight = math.inf if entry.get("keep") else float(entry["weight"])
    return CellWeight(str(entry.get("table")), entry.get("cell", {}), weight, entry["reason"].strip())


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
