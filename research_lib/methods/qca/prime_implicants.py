"""Prime implicants: the shortest combinations that hold only what may go with the outcome.

Two ways lead to them. Where everything that no case shows may be used, those that hold a positive row p are the
minimal hitting sets of {p XOR n : n negative}. Where only some rows may be used, they are found by repeated consensus,
that is, by taking out the condition in which two combinations differ (Quine 1955; for several levels, Miller 1965).
"""

from collections.abc import Iterable, Sequence

import numpy as np

from research_lib.methods.qca.combinations import Layout, widest

_ONE = np.int64(1)


def against(layout: Layout, positive: Sequence[int], negative: Sequence[int]) -> list[int]:
    """Find all prime implicants that hold a positive row and meet no negative combination.

    `positive`: single combinations. `negative`: combinations of any width. The result is sorted; it is empty for a
    positive row that lies within a negative combination.
    """
    parts = np.array(layout.parts, dtype=np.int64)
    excluded = np.array(negative, dtype=np.int64)
    found = [_prime_implicants_of_row(parts, row, excluded) for row in positive]
    return np.unique(np.concatenate(found)).tolist() if found else []


def _prime_implicants_of_row(parts: np.ndarray, row: int, negative: np.ndarray) -> np.ndarray:
    """The prime implicants that hold one row: in each, a minimal set of conditions keeps every negative one out."""
    conditions = _ONE << np.arange(len(parts))
    differs = (negative[:, None] & (row & parts)) == 0
    sets = np.unique((differs * conditions).sum(axis=1))
    kept = minimal_hitting_sets(sets)
    fixed = (kept[:, None] & conditions) != 0
    return np.where(fixed, row & parts, parts).sum(axis=1)


def minimal_hitting_sets(sets: np.ndarray) -> np.ndarray:
    """Find every smallest-by-inclusion set that shares an element with each of several sets (bits of integers).

    Sets are taken in one at a time, the smallest first (Berge 1989); what an element adds must be needed by some set
    that nothing else hits. Empty where one of the sets is empty.
    """
    sets = _smallest(sets)
    found = np.zeros(1, dtype=np.int64)
    for done, elements in enumerate(sets, start=1):
        hit = (found & elements) != 0
        bits = _ONE << np.flatnonzero(elements >> np.arange(62) & 1)
        wider = (found[~hit][:, None] | bits).ravel()
        found = np.concatenate([found[hit], wider[_all_needed(wider, sets[:done])]])
    return found


def _smallest(sets: np.ndarray) -> np.ndarray:
    """Leave out every set that holds another, and sort the rest by size."""
    distinct = np.unique(sets)
    holds = (distinct[:, None] & distinct) == distinct
    kept = distinct[holds.sum(axis=1) == 1]
    return np.asarray(kept[np.argsort(np.bitwise_count(kept), kind="stable")])


def _all_needed(candidates: np.ndarray, sets: np.ndarray) -> np.ndarray:
    shared = candidates[:, None] & sets
    alone = np.where(shared & (shared - 1), 0, shared)
    return np.asarray(np.bitwise_or.reduce(alone, axis=1) == candidates)


def among(layout: Layout, combinations: Iterable[int]) -> list[int]:
    """Find all prime implicants of a union of combinations, each with one level, or all levels, of every condition."""
    found = _closed_under_consensus(layout, widest(combinations))
    return sorted(widest(single for combination in found for single in _single_levels(layout, combination)))


def _closed_under_consensus(layout: Layout, combinations: list[int]) -> list[int]:
    parts = np.array(layout.parts, dtype=np.int64)
    found = fresh = np.array(combinations, dtype=np.int64)
    while len(fresh):
        kept = np.array(widest(np.concatenate([found, _consensus(parts, fresh, found)])), dtype=np.int64)
        fresh, found = np.setdiff1d(kept, found), kept
    return [int(each) for each in found]


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
