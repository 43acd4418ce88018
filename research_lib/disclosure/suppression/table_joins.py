"""The tables of all releases joined: which tables share variables, and so which cells must have equal sums."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, pairwise, product

import numpy as np
from scipy import sparse

from research_lib.disclosure.suppression.known_relations import Relation
from research_lib.disclosure.suppression.linked_tables import LinkedTables, Vector
from research_lib.disclosure.suppression.published_tables import APART, PublishedTable, ReleasedTables, Sides
from research_lib.methods.count_bounds import count_bounds
from research_lib.methods.missing import MISSING, NO_ANSWER

_MOST_UNPUBLISHED_CELLS = 8_000


def link_tables(releases: Sequence[ReleasedTables], relations: Sequence[Relation] = ()) -> LinkedTables:
    """Link the tables of several releases of one study, the earliest first; see `CellLayout`."""
    return CellLayout(tuple(releases), tuple(relations)).linked_tables()


def coarsened(side: str) -> str:
    """Give the side with its kinds of missing merged into one."""
    return side.removesuffix(APART)


def _is_within(small: Sides, large: Sides) -> bool:
    return all(side in large or f"{side}{APART}" in large for side in small)


def _shared_sides(one: Sides, other: Sides) -> Sides:
    shared = {coarsened(side) for side in one} & {coarsened(side) for side in other}
    return frozenset(f"{side}{APART}" if f"{side}{APART}" in one & other else side for side in shared)


@dataclass(frozen=True)
class CellLayout:
    """The position of each cell of all tables of several releases of one study, the earliest release first.

    Tables of one release agree on every variable that they share. A count of a later release is not smaller than the
    same count of an earlier one, since cases are added. Only the cells of the last release can still be suppressed. No
    total is published: a reader sums what is shown. `relations`: what a reader knows besides the tables. `margins`: the
    sets of sides that carry sums, with a block of cells in each release.
    """

    releases: tuple[ReleasedTables, ...]
    relations: tuple[Relation, ...] = ()

    @cached_property
    def published(self) -> set[Sides]:
        """The sets of sides of all published tables."""
        return {table.sides for release in self.releases for table in release.tables}

    @cached_property
    def unpublished(self) -> set[Sides]:
        """Tables that are not published but must be possible: of related variables, and of three tables in a ring."""
        return {*related_sides(self.published, self.relations), *self._rings()}

    def _rings(self) -> Iterator[Sides]:
        """The union of two tables that also holds a third, as far as it is small: all three come from one table."""
        room = _MOST_UNPUBLISHED_CELLS
        unions = {one | other for one, other in combinations(self.published, 2)}
        for union in sorted(unions, key=lambda sides: (self.size(sides), sorted(sides))):
            inside = [sides for sides in self.published if sides < union]
            tops = [sides for sides in inside if not any(sides < other for other in inside)]
            has_both_levels = len({coarsened(side) for side in union}) < len(union)
            if len(tops) > 2 and (room := room - self.size(union)) >= 0 and not has_both_levels:
                yield union

    @cached_property
    def values(self) -> dict[str, tuple[str, ...]]:
        """The values of each side in all releases."""
        found: dict[str, dict[str, None]] = {}
        for release in self.releases:
            for table in release.tables:
                for side, values in table.values.items():
                    found.setdefault(side, {}).update(dict.fromkeys(values))
                    merged = [NO_ANSWER if value in MISSING else value for value in values]
                    found.setdefault(coarsened(side), {}).update(dict.fromkeys(merged))
        return {side: tuple(values) for side, values in found.items()}

    @cached_property
    def margins(self) -> tuple[Sides, ...]:
        """All sets of sides that are published, or that two tables share; the most detailed first."""
        found = new = self.published | self.unpublished
        while new:
            new = {_shared_sides(one, other) for one in new for other in found} - found
            found |= new
        number_apart = {sides: sum(side.endswith(APART) for side in sides) for sides in found}
        return tuple(sorted(found, key=lambda sides: (-len(sides), -number_apart[sides], sorted(sides))))

    @cached_property
    def blocks(self) -> dict[tuple[int, Sides], int]:
        """The first cell of each margin of each release; the increments between releases come last."""
        keys: list[tuple[int, Sides]] = []
        for at, release in enumerate(self.releases):
            sets = [table.sides for table in release.tables]
            single = {side for sides in sets for side in (*sides, *map(coarsened, sides))}
            sets += [sides for sides in self.unpublished if sides <= single]
            keys += [(at, sides) for sides in self.margins if any(_is_within(sides, each) for each in sets)]
        every = set(keys)
        keys += [(-at - 1, sides) for at, sides in keys if (at + 1, sides) in every]
        starts = np.cumsum([0, *(self.size(sides) for _, sides in keys)])
        return dict(zip([*keys, (len(self.releases), frozenset())], map(int, starts), strict=True))

    @property
    def width(self) -> int:
        """How many cells there are in all."""
        return list(self.blocks.values())[-1]

    def shape(self, sides: Sides) -> tuple[int, ...]:
        """How many values each side of a margin has, in the order of its cells."""
        return tuple(len(self.values[side]) for side in sorted(sides))

    def size(self, sides: Sides) -> int:
        """How many cells a margin has."""
        return int(np.prod(self.shape(sides), dtype=int))

    def places(self, sides: Sides, columns: Mapping[str, Vector]) -> Vector:
        """The cell of a margin for each row of the sides' value numbers."""
        order = sorted(sides)
        if not order:
            return np.zeros(len(next(iter(columns.values()))), int)
        return np.ravel_multi_index([columns[side] for side in order], self.shape(sides))

    def columns(self, sides: Sides) -> dict[str, Vector]:
        """The value numbers of every cell of a margin, also with the kinds of missing merged."""
        numbers = np.unravel_index(np.arange(self.size(sides)), self.shape(sides)) if sides else ()
        columns = dict(zip(sorted(sides), numbers, strict=True))
        for side in [side for side in columns if side.endswith(APART)]:
            numbers_of = {value: number for number, value in enumerate(self.values[coarsened(side)])}
            merged = [numbers_of[NO_ANSWER if value in MISSING else value] for value in self.values[side]]
            columns[coarsened(side)] = np.array(merged)[columns[side]]
        return columns

    def steps(self) -> list[tuple[Sides, Sides]]:
        """Each margin with the next coarser ones: sums go step by step, so that none stands twice."""
        below = {large: [s for s in self.margins if s != large and _is_within(s, large)] for large in self.margins}
        return [
            (large, small)
            for large, smaller in below.items()
            for small in smaller
            if not any(small in below[between] for between in smaller)
        ]

    def sums(self) -> sparse.csr_array:
        """The rows that give zero: a margin's cells less the next coarser cell; old and added less new."""
        rows, cells, signs, height = [], [], [], 0
        for where, target, sign, size in self._terms():
            rows.append(height + target)
            cells.append(where)
            signs.append(np.full(len(where), sign))
            height += size
        entries = [np.concatenate([np.zeros(0, int), *part]) for part in (signs, rows, cells)]
        return sparse.coo_array((entries[0].astype(float), (entries[1], entries[2])), (height, self.width)).tocsr()

    def _terms(self) -> Iterator[tuple[Vector, Vector, float, int]]:
        """Cells, the row of each within its group of sums, their sign, and how many rows to go on by."""
        for large, small in self.steps():
            target = self.places(small, self.columns(large)) if small else np.zeros(self.size(large), int)
            for at in range(len(self.releases)):
                if (at, large) in self.blocks:
                    yield self.blocks[at, large] + np.arange(self.size(large)), target, 1.0, 0
                    yield (
                        self.blocks[at, small] + np.arange(self.size(small)),
                        np.arange(self.size(small)),
                        -1.0,
                        self.size(small),
                    )
        for (at, sides), start in self.blocks.items():
            if at < 0:
                every = np.arange(self.size(sides))
                yield self.blocks[-at - 1, sides] + every, every, 1.0, 0
                yield start + every, every, 1.0, 0
                yield self.blocks[-at, sides] + every, every, -1.0, self.size(sides)

    def linked_tables(self) -> LinkedTables:
        """Give all tables as one value."""
        low, high = np.zeros(self.width), np.full(self.width, np.inf)
        suppressed, fixed = np.zeros(self.width, bool), np.ones(self.width, bool)
        for at, release in enumerate(self.releases):
            for table in release.tables:
                where = self.cells_of(at, table)
                low[where], high[where] = count_bounds(
                    table.shown,
                    is_shown=table.shown > 0,
                    is_hidden=table.suppressed,
                    base=release.base,
                    fewest=release.persons,
                )
                suppressed[where], fixed[where] = table.suppressed, at < len(self.releases) - 1
        empty = self._known_to_be_empty()
        high[empty], suppressed[empty], fixed[empty] = low[empty], False, True
        block = np.repeat(np.arange(len(self.blocks) - 1), np.diff(list(self.blocks.values())))
        return LinkedTables(tuple(self._names()), block, low, high, suppressed, fixed, self.sums())

    def _known_to_be_empty(self) -> Vector:
        found = [np.zeros(0, int)]
        for (at, sides), start in self.blocks.items():
            if at >= 0:
                values = {side: self.values[side] for side in sorted(sides)}
                found.append(start + np.flatnonzero(known_to_be_empty(values, self.relations)))
        return np.concatenate(found)

    def cells_of(self, at: int, table: PublishedTable) -> Vector:
        """Give the number, among all cells, of each cell of a published table."""
        shape = [len(values) for values in table.values.values()]
        numbers = np.unravel_index(np.arange(len(table.shown)), shape)
        columns = {
            side: np.array([self.values[side].index(value) for value in values])[number]
            for (side, values), number in zip(table.values.items(), numbers, strict=True)
        }
        return self.blocks[at, table.sides] + self.places(table.sides, columns)

    def _names(self) -> Iterator[tuple[str, ...]]:
        for ((at, sides), start), (_, end) in pairwise(self.blocks.items()):
            release = f"release {at + 1}" if at >= 0 else f"added after release {-at}"
            order = sorted(sides)
            numbers = np.unravel_index(np.arange(end - start), self.shape(sides)) if sides else ()
            parts = [
                [f"{side}={self.values[side][n]}" for n in each] for side, each in zip(order, numbers, strict=True)
            ]
            yield from zip([release] * (end - start), *parts, strict=True)


def known_to_be_empty(values: Mapping[str, tuple[str, ...]], relations: Sequence[Relation]) -> Vector:
    """Give for each cell of a table with these sides whether the relations make it empty."""
    shape = tuple(len(each) for each in values.values())
    empty = np.zeros(shape, bool)
    for relation in relations:
        axes = [[at for at, side in enumerate(values) if coarsened(side) == name] for name in relation.names]
        for one, other in product(*axes):
            sides = list(values.values())
            never = np.array([[relation.excludes(a, b) for b in sides[other]] for a in sides[one]])
            across = [len(sides[at]) if at in (one, other) else 1 for at in range(len(shape))]
            empty |= (never if one < other else never.T).reshape(across)
    return empty.ravel()


def related_sides(published: set[Sides], relations: Sequence[Relation]) -> Iterator[Sides]:
    """Give for each relation, and two tables with one of its variables each, both variables and the shared sides."""
    for relation in relations:
        holding = [
            [(side, sides) for sides in published for side in sides if coarsened(side) == name]
            for name in relation.names
        ]
        for (one, first), (other, second) in product(*holding):
            yield frozenset({one, other}) | _shared_sides(first - {one}, second - {other})
