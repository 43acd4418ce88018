"""Tables joined: which tables share variables, and so which cells must have equal sums."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
import pandas as pd
from scipy import sparse

from research_lib.disclosure.linked.cell_bounds import LinkedTables, PublishedTable, Sides, Vector
from research_lib.disclosure.linked.hierarchies import (
    AnsweredQuestion,
    Hierarchies,
    answered_questions,
    counts_answered,
    joint_sides,
)
from research_lib.disclosure.linked.structural_zeros import Relation
from research_lib.disclosure.planning.plan import APART
from research_lib.missing_answers import MISSING, NO_ANSWER
from research_lib.published_cells import count_bounds


def link_tables(
    tables: Sequence[PublishedTable], relations: Sequence[Relation] = (), *, base: int = 1, persons: int = 1
) -> LinkedTables:
    """Link the tables of a release as they are printed: shown counts are known within their rounding; see `CellLayout`.

    `relations`: what an intruder knows besides the tables. `base`: of the rounding. `persons`: the fewest that a shown
    cell stands for.
    """
    layout = CellLayout(tuple(tables), tuple(relations))
    low, high = np.zeros(layout.width), np.full(layout.width, np.inf)
    suppressed, fixed = np.zeros(layout.width, bool), np.ones(layout.width, bool)
    for table in tables:
        where, shown = layout.cells_of(table), table.shown
        low[where], high[where] = count_bounds(
            shown, is_shown=shown > 0, is_hidden=table.suppressed, base=base, fewest=persons
        )
        suppressed[where], fixed[where] = table.suppressed, False
    return layout.link(low, high, suppressed, fixed)


@dataclass(frozen=True)
class CellLayout:
    """The position of each cell of all tables of a study.

    Tables agree on every variable that they share. No total is published: an intruder sums what is shown. `relations`:
    what an intruder knows besides the tables; `broken`: what held at earlier releases only. `margins`: the sets of
    sides that carry sums, with a block of cells each.
    """

    tables: tuple[PublishedTable, ...]
    relations: tuple[Relation, ...] = ()
    broken: tuple[Relation, ...] = ()

    @cached_property
    def published(self) -> set[Sides]:
        """The sets of sides of all published tables."""
        return {table.sides for table in self.tables}

    @cached_property
    def unpublished(self) -> set[Sides]:
        """Tables that are not published but must be possible: of related variables, and of tables in a ring."""
        answered = (sides for each in self.answered for sides in each.tables)
        return {*related_sides(self.published, (*self.relations, *self.broken), self.levels), *self.rings, *answered}

    @cached_property
    def answered(self) -> tuple[AnsweredQuestion, ...]:
        """The questions of which an intruder knows that whoever answers says yes to at least one choice."""
        return tuple(answered_questions(self.published, self.relations, self.levels))

    @cached_property
    def rings(self) -> set[Sides]:
        """Of these, the joint tables where published ones close a ring."""
        return joint_sides(self.published, self.levels, self.size) - self.published

    @cached_property
    def values(self) -> dict[str, tuple[str, ...]]:
        """The values of each side in all tables."""
        found: dict[str, dict[str, None]] = {}
        for table in self.tables:
            for side, values in table.values.items():
                found.setdefault(side, {}).update(dict.fromkeys(values))
                merged = [NO_ANSWER if value in MISSING else value for value in values]
                found.setdefault(side.removesuffix(APART), {}).update(dict.fromkeys(merged))
        return {side: tuple(values) for side, values in found.items()}

    @cached_property
    def levels(self) -> Hierarchies:
        """Which sides are coarser than others."""
        return Hierarchies.read(self.values, self.relations)

    @cached_property
    def margins(self) -> tuple[Sides, ...]:
        """All sets of sides that are published, or that two tables share; the most detailed first."""
        found = new = self.published | self.unpublished
        while new:
            new = {self.levels.shared(one, other) for one in new for other in found} - found
            found |= new
        number_apart = {sides: sum(side.endswith(APART) for side in sides) for sides in found}
        return tuple(sorted(found, key=lambda sides: (-len(sides), -number_apart[sides], sorted(sides))))

    @cached_property
    def blocks(self) -> dict[Sides, int]:
        """The first cell of each margin."""
        starts = np.cumsum([0, *(self.size(sides) for sides in self.margins)])
        return dict(zip(self.margins, map(int, starts), strict=False))

    @cached_property
    def width(self) -> int:
        """How many cells there are in all, with the surpluses of answered questions at the end."""
        return self._surplus_start + sum(self.size(each.common) for each in self.answered)

    @cached_property
    def _surplus_start(self) -> int:
        return sum(map(self.size, self.margins))

    @cached_property
    def surplus(self) -> sparse.csr_array:
        """The rows that add the cells of each question up to its surplus, shape (U, N), without the surplus."""
        entries, height = list[_Entries](), 0
        for each in self.answered:
            for number, (choice, sides) in enumerate(zip(each.choices, each.tables, strict=True)):
                columns, cells = self.columns(sides), self.cells(sides)
                signs = counts_answered(self.values[choice], columns[choice], is_first=number == 0)
                entries.append((height + self.places(each.common, columns), cells, signs))
            height += self.size(each.common)
        return _rows(entries, height, self.width)

    def shape(self, sides: Sides) -> tuple[int, ...]:
        """How many values each side of a margin has, in the order of its cells."""
        return tuple(len(self.values[side]) for side in sorted(sides))

    def size(self, sides: Sides) -> int:
        """How many cells a margin has."""
        return int(np.prod(self.shape(sides), dtype=int))

    def cells(self, sides: Sides) -> Vector:
        """The numbers of the cells of a margin."""
        return self.blocks[sides] + np.arange(self.size(sides))

    def places(self, sides: Sides, columns: Mapping[str, Vector]) -> Vector:
        """The cell of a margin for each row of the sides' value numbers."""
        if not sides:
            return np.zeros(len(next(iter(columns.values()))), int)
        return np.ravel_multi_index([columns[side] for side in sorted(sides)], self.shape(sides))

    def numbered(self, frame: pd.DataFrame, sides: Sides) -> pd.DataFrame:
        """Give rows with a column for each side the number of their cell; values that no table has are left out."""
        numbers = {side: frame[side].map({v: n for n, v in enumerate(self.values[side])}) for side in sorted(sides)}
        kept = frame[pd.DataFrame(numbers, index=frame.index).notna().all(axis=1)]
        columns = {side: each[kept.index].to_numpy(int) for side, each in numbers.items()}
        places = self.places(sides, columns) if sides else np.zeros(len(kept), int)
        return kept.drop(columns=[*sides]).assign(cell=self.blocks[sides] + places)

    def columns(self, sides: Sides) -> dict[str, Vector]:
        """The value numbers of every cell of a margin, also at coarser levels."""
        numbers = np.unravel_index(np.arange(self.size(sides)), self.shape(sides)) if sides else ()
        columns = dict(zip(sorted(sides), numbers, strict=True))
        merged = {
            coarser: numbers[columns[side]] for side in columns for coarser, numbers in self.levels.merged[side].items()
        }
        return {**merged, **columns}

    def steps(self) -> list[tuple[Sides, Sides]]:
        """Each margin with the next coarser ones: sums go step by step, so that none stands twice."""
        is_within = self.levels.is_within
        below = {
            large: [
                small
                for at, small in enumerate(self.margins)
                if small != large and is_within(small, large) and (at > place or not is_within(large, small))
            ]
            for place, large in enumerate(self.margins)
        }
        return [
            (large, small)
            for large, smaller in below.items()
            for small in smaller
            if not any(small in below[between] for between in smaller)
        ]

    @cached_property
    def sums(self) -> sparse.csr_array:
        """The rows that give zero: a margin's cells less the next coarser cell."""
        entries, height = list[_Entries](), 0
        for large, small in self.steps():
            target, every = self.places(small, self.columns(large)), np.arange(self.size(small))
            entries.append((height + target, self.cells(large), np.ones(len(target))))
            entries.append((height + every, self.cells(small), -np.ones(len(every))))
            height += len(every)
        margins = _rows(entries, height, self.width)
        if not self.answered:
            return margins
        left = sparse.eye_array(self.surplus.shape[0], self.width, k=self._surplus_start, format="csr")
        return sparse.csr_array(sparse.vstack([margins, self.surplus - left]))

    def link(self, low: Vector, high: Vector, suppressed: Vector, fixed: Vector) -> LinkedTables:
        """Give all tables as one value, with what an intruder knows of each cell, shape (N,); see `LinkedTables`."""
        low, high, suppressed, fixed = (each.copy() for each in (low, high, suppressed, fixed))
        empty = self.empty_cells(self.relations)
        high[empty], suppressed[empty], fixed[empty] = low[empty], False, True
        sizes = [*(self.size(sides) for sides in self.margins), self.width - self._surplus_start]
        joint = np.repeat([*(sides in self.rings for sides in self.margins), False], sizes)
        return LinkedTables(self.names, low, high, suppressed, fixed, joint, self.sums)

    def empty_cells(self, relations: Sequence[Relation]) -> Vector:
        """Give the numbers of the cells that some relations make empty."""
        cells = [np.zeros(0, int)]
        for sides, start in self.blocks.items():
            values = {side: self.values[side] for side in sorted(sides)}
            cells.append(start + np.flatnonzero(known_to_be_empty(values, relations)))
        return np.concatenate(cells)

    def cells_of(self, table: PublishedTable) -> Vector:
        """Give the number, among all cells, of each cell of a table."""
        numbers = [[self.values[side].index(value) for value in values] for side, values in table.values.items()]
        every = map(np.ravel, np.meshgrid(*numbers, indexing="ij"))
        columns = dict(zip(table.values, every, strict=True))
        return self.blocks[table.sides] + self.places(table.sides, columns)

    @cached_property
    def names(self) -> tuple[tuple[str, ...], ...]:
        """What each cell is called: each of its sides with its value."""
        margins = (name for sides in self.margins for name in self._names_of(sides))
        surpluses = ((each.choices[0], *name) for each in self.answered for name in self._names_of(each.common))
        return (*margins, *surpluses)

    def _names_of(self, sides: Sides) -> Iterator[tuple[str, ...]]:
        if not sides:
            return iter([("all",)])
        columns = self.columns(sides)
        parts = [[f"{side}={self.values[side][n]}" for n in columns[side]] for side in sorted(sides)]
        return zip(*parts, strict=True)


type _Entries = tuple[Vector, Vector, Vector]


def _rows(entries: Sequence[_Entries], height: int, width: int) -> sparse.csr_array:
    """The rows that have these entries: row, cell and sign."""
    nothing = (np.zeros(0, int), np.zeros(0, int), np.zeros(0))
    rows, cells, signs = (np.concatenate(each) for each in zip(nothing, *entries, strict=True))
    found = sparse.coo_array((signs, (rows, cells)), (height, width)).tocsr()
    found.eliminate_zeros()
    return found


def known_to_be_empty(values: Mapping[str, tuple[str, ...]], relations: Sequence[Relation]) -> Vector:
    """Give for each cell of a table with these sides whether the relations make it empty."""
    shape = tuple(len(each) for each in values.values())
    empty = np.zeros(shape, bool)
    for relation in relations:
        axes = [[at for at, side in enumerate(values) if side.removesuffix(APART) == name] for name in relation.names]
        for one, other in product(*axes):
            sides = list(values.values())
            never = np.array([[relation.excludes(a, b) for b in sides[other]] for a in sides[one]])
            across = [len(sides[at]) if at in (one, other) else 1 for at in range(len(shape))]
            empty |= (never if one < other else never.T).reshape(across)
    return empty.ravel()


def related_sides(published: set[Sides], relations: Sequence[Relation], levels: Hierarchies) -> Iterator[Sides]:
    """Give for each relation, and two tables with one of its variables each, both variables and the shared sides.

    Where one variable is a coarser level of the other, their tables add up to each other as they are.
    """
    for relation in relations:
        holding = [
            [(side, sides) for sides in published for side in sides if side.removesuffix(APART) == name]
            for name in relation.names
        ]
        for (one, first), (other, second) in product(*holding):
            if one not in levels.merged[other] and other not in levels.merged[one]:
                yield frozenset({one, other}) | levels.shared(first - {one}, second - {other})
