"""Prime implicants, and every way to cover all positive rows with as few of them as possible.

Two ways lead to prime implicants, the shortest combinations that hold only what may go with the outcome. Where
everything that no case shows may be used, those that hold a positive row p are the minimal hitting sets of
{p XOR n : n negative}. Where only some rows may be used, they are found by repeated consensus, that is, by taking out
the condition in which two combinations differ (Quine 1955; for several levels, Miller 1965).

In their chart, rows are covered in a fixed order, the rarest first; what is still uncovered (the remnant) is one whole
number, and the same number reached in two ways is searched once. The dual of the linear programme bounds how many
prime implicants a remnant needs: rows have weights, and those that a prime implicant covers weigh at most one together.
"""

import itertools
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog

from research_lib.errors import UnfitDataError
from research_lib.methods.qca.combinations import Layout, widest, within

_ONE = np.int64(1)
_ROWS = 62
_SLACK = 1e-7
_CHUNK = 11


def against(layout: Layout, positive: Sequence[int], negative: Sequence[int]) -> list[int]:
    """Find all prime implicants that hold a positive row and meet no negative combination.

    `positive`: single combinations. `negative`: combinations of any width. The result is sorted; it is empty for a
    positive row that lies within a negative combination.
    """
    parts, excluded = (np.array(each, dtype=np.int64) for each in (layout.parts, negative))
    conditions = _ONE << np.arange(len(parts))
    found = []
    for row in positive:
        # In each prime implicant of the row a minimal set of conditions keeps every negative combination out.
        differs = (excluded[:, None] & (row & parts)) == 0
        kept = minimal_hitting_sets(np.unique((differs * conditions).sum(axis=1)))
        fixed = (kept[:, None] & conditions) != 0
        found.append(np.where(fixed, row & parts, parts).sum(axis=1))
    return np.unique(np.concatenate(found)).tolist() if found else []


def minimal_hitting_sets(sets: np.ndarray) -> np.ndarray:
    """Find every smallest-by-inclusion set that shares an element with each of several sets (bits of integers).

    Sets are taken in one at a time, the smallest first, without those that hold another (Berge 1989); what an element
    adds must be needed by some set that nothing else hits. Empty where one of the sets is empty.
    """
    distinct = np.unique(sets)
    distinct = distinct[((distinct[:, None] & distinct) == distinct).sum(axis=1) == 1]
    sets = distinct[np.argsort(np.bitwise_count(distinct), kind="stable")]
    found = np.zeros(1, dtype=np.int64)
    for done, elements in enumerate(sets, start=1):
        hit = (found & elements) != 0
        bits = _ONE << np.flatnonzero(elements >> np.arange(62) & 1)
        wider = (found[~hit][:, None] | bits).ravel()
        shared = wider[:, None] & sets[:done]
        alone = np.where(shared & (shared - 1), 0, shared)
        found = np.concatenate([found[hit], wider[np.bitwise_or.reduce(alone, axis=1) == wider]])
    return found


def among(layout: Layout, combinations: Iterable[int]) -> list[int]:
    """Find all prime implicants of a union of combinations, each with one level, or all levels, of every condition."""
    parts = np.array(layout.parts, dtype=np.int64)
    found = fresh = np.array(widest(combinations), dtype=np.int64)
    while len(fresh):
        kept = np.array(widest(np.concatenate([found, _consensus(parts, fresh, found)])), dtype=np.int64)
        fresh, found = np.setdiff1d(kept, found), kept
    return sorted(widest(single for combination in found.tolist() for single in _single_levels(layout, combination)))


def _consensus(parts: np.ndarray, some: np.ndarray, others: np.ndarray) -> np.ndarray:
    """What each two combinations have in common once one condition is allowed to be as in either.

    They may exclude each other in one condition at most. Where they exclude each other in none, only a condition in
    which neither lies within the other gives anything new.
    """
    one, other = (side.ravel() for side in np.meshgrid(some, others))
    common = (one & other)[:, None] & parts
    apart = common == 0
    times = apart.sum(axis=1)
    crossing = (common != one[:, None] & parts) & (common != other[:, None] & parts)
    pair, part = np.nonzero(np.where((times == 1)[:, None], apart, crossing & (times == 0)[:, None]))
    return np.unique((one & other)[pair] | (one | other)[pair] & parts[part])


def _single_levels(layout: Layout, combination: int) -> list[int]:
    """Split a combination that allows some levels of a condition, but not all, into one for each level."""
    split = [combination]
    for part in layout.parts:
        if combination & part != part:
            bits = [1 << at for at in range(part.bit_length()) if combination & part & (1 << at)]
            split = [each & ~part | bit for each in split for bit in bits]
    return split


@dataclass(frozen=True)
class ChartSolution:
    """The minimal covers, each a tuple of prime implicants, at most as many as requested.

    `count`: how many there are; where `is_complete` is false, at least so many. `used`: the prime implicants of all
    minimal covers, listed or not.
    """

    listed: tuple[tuple[int, ...], ...]
    count: int
    is_complete: bool
    used: tuple[int, ...]

    @property
    def all_listed(self) -> bool:
        """Whether every minimal cover stands in the list."""
        return self.is_complete and self.count == len(self.listed)


def solve_chart(rows: Sequence[int], primes: Sequence[int], limit: int) -> ChartSolution:
    """Find all covers of the rows with the fewest prime implicants; list at most `limit`, and say how many there are.

    Prime implicants that cover the same rows are equivalent: they are searched once and counted together.
    """
    equivalent = defaultdict(list)
    for prime in primes:
        equivalent[tuple(within(row, prime) for row in rows)].append(prime)
    chart = np.array(list(equivalent), dtype=bool).T
    covers, columns = _smallest_covers(chart)
    sets = list(itertools.islice(covers, limit + 1))
    groups = list(equivalent.values())
    count = sum(math.prod(len(groups[at]) for at in chosen) for chosen in sets[:limit])
    expanded = (cover for chosen in sets for cover in itertools.product(*(groups[at] for at in chosen)))
    listed = tuple(tuple(sorted(cover)) for cover in itertools.islice(expanded, limit))
    used = sorted(prime for at in columns for prime in groups[at])
    return ChartSolution(listed, count, len(sets) <= limit, tuple(used))


def _smallest_covers(chart: np.ndarray) -> tuple[Iterator[tuple[int, ...]], set[int]]:
    """Give every smallest set of columns of which each row has one, and all columns in such sets.

    `chart`: rows by columns. A row that is covered whenever another is (row dominance) is left out.
    """
    rows = np.unique(chart, axis=0)
    implied = [any((other <= row).all() and (other != row).any() for other in rows) for row in rows]
    to_cover = rows[~np.array(implied)]
    to_cover = to_cover[np.argsort(to_cover.sum(axis=1), kind="stable")]
    if len(to_cover) > _ROWS:
        raise UnfitDataError(
            f"{len(to_cover)} rows of the truth table have to be explained, and more than {_ROWS} cannot be; "
            "ask for more cases a row (frequency), or use fewer conditions"
        )
    columns = (to_cover.astype(np.int64) * (np.int64(1) << np.arange(len(to_cover)))[:, None]).sum(axis=0)
    weights = linprog(-np.ones(len(to_cover)), A_ub=to_cover.T, b_ub=np.ones(to_cover.shape[1]), method="highs").x
    search = _Search(columns, weights)
    size = math.ceil(search.least(np.array([search.whole]))[0] - _SLACK)
    while not (levels := search.levels(size)):
        size += 1
    return _distinct(search.walk(int(search.whole), levels, ())), search.used(levels)


def _distinct(covers: Iterator[tuple[int, ...]]) -> Iterator[tuple[int, ...]]:
    seen = set()
    for cover in covers:
        if (found := tuple(sorted(cover))) not in seen:
            seen.add(found)
            yield found


class _Search:
    """All remnants that can still be covered, level by level: one prime implicant more is taken at each."""

    def __init__(self, columns: np.ndarray, weights: np.ndarray):
        self.columns = columns
        self.whole = np.int64((1 << len(weights)) - 1)
        self.by_row = [np.flatnonzero(columns >> at & 1) for at in range(len(weights))]
        padded = np.concatenate([weights, np.zeros(-len(weights) % _CHUNK)]).reshape(-1, _CHUNK)
        bits = np.arange(1 << _CHUNK)[:, None] >> np.arange(_CHUNK) & 1
        self.tables = [bits @ chunk for chunk in padded]

    def least(self, remnants: np.ndarray) -> np.ndarray:
        """How many columns each remnant needs, at least."""
        chunks = (remnants >> (_CHUNK * at) & ((1 << _CHUNK) - 1) for at in range(len(self.tables)))
        weight = np.sum([table[chunk] for table, chunk in zip(self.tables, chunks, strict=True)], axis=0)
        return np.asarray(np.maximum(weight, remnants != 0))

    def branches(self, remnants: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Give remnants by their first row, the columns that cover it, and what each of these leaves."""
        first = _lowest(remnants)
        for at in np.unique(first):
            own, columns = remnants[first == at], self.by_row[at]
            yield own, columns, own[:, None] & ~self.columns[columns]

    def levels(self, size: int) -> list[set[int]]:
        """The remnants after each choice from which a cover can be had; empty where `size` is too small."""
        levels = [np.array([self.whole])]
        for left in reversed(range(size)):
            made = [np.unique(left_over) for _, _, left_over in self.branches(levels[-1])]
            levels.append(np.unique(np.concatenate([some[self.least(some) <= left + _SLACK] for some in made])))
            if not len(levels[-1]):
                return []
        kept = [levels[-1]]
        for level in reversed(levels[:-1]):
            leading = [own[np.isin(left_over, kept[-1]).any(axis=1)] for own, _, left_over in self.branches(level)]
            kept.append(np.concatenate(leading))
        return [set(level.tolist()) for level in reversed(kept)]

    def used(self, levels: list[set[int]]) -> set[int]:
        """The columns that some way through the levels takes."""
        found: set[int] = set()
        for level, after in itertools.pairwise(levels):
            next_ = np.array(sorted(after))
            for _, columns, left_over in self.branches(np.array(sorted(level))):
                found |= set(columns[np.isin(left_over, next_).any(axis=0)].tolist())
        return found

    def walk(self, remnant: int, levels: list[set[int]], taken: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        """Give every way through the levels as the columns taken; the same set can come more than once."""
        if not remnant:
            yield taken
            return
        for column in self.by_row[_lowest(np.array([remnant]))[0]]:
            after = int(remnant & ~self.columns[column])
            if after in levels[len(taken) + 1]:
                yield from self.walk(after, levels, (*taken, int(column)))


def _lowest(remnants: np.ndarray) -> np.ndarray:
    return np.asarray(np.bitwise_count((remnants & -remnants) - 1))
