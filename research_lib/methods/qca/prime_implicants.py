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
from functools import cache

import numpy as np
from scipy.optimize import linprog

from research_lib.methods.qca.combinations import Layout, widest, within

_ONE = np.int64(1)
_SLACK = 1e-7


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
    search = _Search(np.array(list(equivalent), dtype=bool).T)
    size = next(size for size in itertools.count(1) if search.is_possible(search.whole, size))
    sets = list(itertools.islice(_distinct(search.walk(search.whole, size)), limit + 1))
    groups = list(equivalent.values())
    count = sum(math.prod(len(groups[at]) for at in chosen) for chosen in sets[:limit])
    expanded = (cover for chosen in sets for cover in itertools.product(*(groups[at] for at in chosen)))
    listed = tuple(tuple(sorted(cover)) for cover in itertools.islice(expanded, limit))
    used = sorted(prime for at in search.used(search.whole, size) for prime in groups[at])
    return ChartSolution(listed, count, len(sets) <= limit, tuple(used))


def _essential_rows(chart: np.ndarray) -> np.ndarray:
    """The rows, the rarest first, without those that are covered whenever another is (row dominance)."""
    rows = np.unique(chart, axis=0)
    implied = [any((other <= row).all() and (other != row).any() for other in rows) for row in rows]
    kept = rows[~np.array(implied)]
    return np.asarray(kept[np.argsort(kept.sum(axis=1), kind="stable")])


def _distinct(covers: Iterator[tuple[int, ...]]) -> Iterator[tuple[int, ...]]:
    seen = set()
    for cover in covers:
        if (found := tuple(sorted(cover))) not in seen:
            seen.add(found)
            yield found


class _Search:
    """Covers of the rows of a chart, one column more for the first row of each remnant; remnants are searched once."""

    def __init__(self, chart: np.ndarray):
        rows = _essential_rows(chart)
        self.columns = [sum(1 << int(at) for at in np.flatnonzero(column)) for column in rows.T]
        self.by_row = [np.flatnonzero(row).tolist() for row in rows]
        self.whole = (1 << len(rows)) - 1
        weights = linprog(-np.ones(len(rows)), A_ub=rows.T, b_ub=np.ones(rows.shape[1]), method="highs").x
        self.weights = weights.tolist()
        self.is_possible = cache(self._is_possible)
        self.used = cache(self._used)

    def _ways(self, remnant: int) -> Iterator[tuple[int, int]]:
        """Each column that covers the first row of a remnant, and what it leaves."""
        for column in self.by_row[(remnant & -remnant).bit_length() - 1]:
            yield column, remnant & ~self.columns[column]

    def _is_possible(self, remnant: int, left: int) -> bool:
        """Whether so many columns can cover a remnant."""
        if not remnant or not left:
            return not remnant
        weight = sum(weight for at, weight in enumerate(self.weights) if remnant >> at & 1)
        return weight <= left + _SLACK and any(self.is_possible(after, left - 1) for _, after in self._ways(remnant))

    def _used(self, remnant: int, left: int) -> frozenset[int]:
        """The columns of all covers of a remnant by so many."""
        ways = [way for way in self._ways(remnant) if self.is_possible(way[1], left - 1)] if remnant else []
        return frozenset().union(*({column} | self.used(after, left - 1) for column, after in ways))

    def walk(self, remnant: int, left: int) -> Iterator[tuple[int, ...]]:
        """Give every cover of a remnant by so many columns; the same set can come more than once."""
        if not remnant:
            yield ()
            return
        for column, after in self._ways(remnant):
            if self.is_possible(after, left - 1):
                yield from ((column, *others) for others in self.walk(after, left - 1))
