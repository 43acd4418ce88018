"""How much more is hidden than needed: small tables beside the cheapest choice that is proved to be one.

Two-way tables of random counts with both margins, twenty of 19 to 24 cells and twenty of 41 to 48; cells below ten are
hidden, and each hidden cell must stay open by ten persons to a reader who knows which hidden cells are not empty. The
optimum is that of an integer programme, with a constraint for each way in which a hidden cell is not open enough, until
there is none; once for the number of hidden cells, and once for what our search makes small: large counts, and zeros
above all, are dear. Prints a Markdown table of means.
Source: Fischetti & Salazar-González (2001), Solving the Cell Suppression Problem on Tabular Data with Linear
Constraints, Management Science 47, 1008-1027.
"""

import time
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from research_lib.disclosure.linked.cell_bounds import LinkedTables, PublishedTable
from research_lib.disclosure.linked.table_joins import CellLayout
from research_lib.disclosure.suppression.secondary_cells import suppression_costs
from research_lib.disclosure.suppression.secondary_suppression import suppress

EACH, OPEN, FEWEST, NEAR = 20, 10, 10, 1e-6
SHAPES = {"19 to 24 cells": [(3, 4), (4, 4)], "41 to 48 cells": [(5, 6), (6, 6)]}
Vector = np.ndarray


@dataclass(frozen=True)
class Instance:
    """Linked tables whose small cells are hidden, and the counts of all cells, shape (N,)."""

    tables: LinkedTables
    counts: Vector

    @classmethod
    def draw(cls, shape: tuple[int, int], seed: int) -> "Instance":
        counts = np.random.default_rng(seed).lognormal(3.2, 1.1, shape).astype(int)
        counts[0, 0] = 1 + seed % (FEWEST - 1)
        parts = {"a b": counts.ravel(), "a": counts.sum(axis=1), "b": counts.sum(axis=0)}
        codes = {name: tuple(f"{name}{n}" for n in range(size)) for name, size in zip("ab", shape, strict=True)}
        published = [
            PublishedTable(names, {name: codes[name] for name in names.split()}, shown, (shown < FEWEST) & (shown > 0))
            for names, shown in parts.items()
        ]
        layout = CellLayout(tuple(published))
        every = np.full(layout.width, float(counts.sum()))
        hidden, fixed = np.zeros(layout.width, bool), np.ones(layout.width, bool)
        for table in published:
            at = layout.cells_of(table)
            every[at], hidden[at], fixed[at] = table.shown, table.suppressed, False
        is_known = ~(hidden | fixed)
        low, high = np.where(is_known, every, 0), np.where(is_known, every, np.inf)
        return cls(layout.link(low, high, hidden, fixed), every)

    @property
    def known(self) -> Vector:
        return np.minimum(self.counts, 1)

    @cached_property
    def most(self) -> Vector:
        """No cell needs to be thought larger: a change of ten in one cell changes no other by more in such tables."""
        return self.counts + 2 * OPEN


def optimum(instance: Instance, price: Vector) -> Vector:
    """Which cells to hide at the lowest price, proved."""
    tables, rows = instance.tables, [np.zeros(len(price))]
    price = np.where(tables.fixed, 0, price)
    bounds = Bounds((tables.suppressed | tables.fixed).astype(float), np.ones(len(price)))
    while True:
        constraints = LinearConstraint(np.array(rows), 0, np.inf)
        found = milp(price, integrality=np.ones(len(price)), bounds=bounds, constraints=constraints)
        hidden = found.x > 0.5
        new = [
            row
            for cell in np.flatnonzero(hidden & ~tables.fixed)
            if (row := broken(instance, hidden, cell)) is not None
        ]
        if not new:
            return hidden & ~tables.fixed
        rows += new


def broken(instance: Instance, hidden: Vector, cell: int) -> Vector | None:
    """The constraint that a hidden cell breaks: what others must be hidden so that it can be open enough."""
    (up, most), (down, least) = (end(instance, hidden, cell, sign) for sign in (1, -1))
    if most + least >= OPEN - NEAR:
        return None
    row: Vector = np.minimum(up + down, OPEN)
    row[cell] -= OPEN
    return row


def end(instance: Instance, hidden: Vector, cell: int, sign: int) -> tuple[Vector, float]:
    """How far a hidden cell can rise (1) or fall (-1), and how far each other lets it where that is hidden, at most."""
    counts, cost = instance.counts, np.zeros(len(hidden))
    cost[cell] = -sign
    low, high = np.where(hidden, instance.known, counts), np.where(hidden, instance.most, counts)
    sums = sparse.csr_array(instance.tables.sums)
    found = linprog(cost, A_eq=sums, b_eq=np.zeros(sums.shape[0]), bounds=np.column_stack([low, high]))
    slope = found.lower.marginals + found.upper.marginals
    room = np.where(slope < 0, -slope * (instance.most - counts), slope * (counts - instance.known))
    return room, abs(found.x[cell] - counts[cell])


def compared(instance: Instance) -> dict[str, float]:
    """Our choice beside both optima: all hidden cells, and the companions of the cells that a rule hides."""
    by_rule, started = instance.tables.suppressed, time.process_time()
    found = suppress(instance.tables, intruders=[instance.known], protection_interval=OPEN).tables.suppressed
    measured = {"seconds": time.process_time() - started, "by a rule": by_rule.sum(), "hidden": found.sum()}
    for name, value in {"number": np.ones(len(found)), "price": suppression_costs(instance.counts)}.items():
        best = optimum(instance, value)
        measured[f"{name}, at the least"] = value[best].sum()
        measured[f"{name}, ratio"] = value[found].sum() / value[best].sum() if best.any() else 1
    return measured


def main() -> None:
    print("| two-way tables with margins | hidden by a rule | in all | proved | ratio | ratio of prices | seconds |")
    print("|---|---|---|---|---|---|---|", flush=True)
    every = []
    for words, shapes in SHAPES.items():
        every += [compared(Instance.draw(shapes[seed % len(shapes)], seed)) for seed in range(EACH)]
        print(line(f"{EACH} of {words}", pd.DataFrame(every[-EACH:])), flush=True)
    print(line("all", pd.DataFrame(every)))


def line(words: str, found: pd.DataFrame) -> str:
    columns = ["by a rule", "hidden", "number, at the least", "number, ratio", "price, ratio", "seconds"]
    return f"| {words} | " + " | ".join(f"{found[name].mean():.3g}" for name in columns) + " |"


if __name__ == "__main__":
    main()
