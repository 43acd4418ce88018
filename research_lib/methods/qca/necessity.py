"""Necessary conditions, without which the outcome does not occur: single conditions, and combinations of them.

Source: Schneider and Wagemann (2012), Set-Theoretic Methods for the Social Sciences, chapters 3 and 9.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from research_lib.methods.options import need_share, need_whole
from research_lib.methods.qca.combinations import Layout
from research_lib.methods.qca.set_membership import Sets, necessity, read_sets

_ROUNDING = 1e-9


def necessary_conditions(data: pd.DataFrame, *, outcome: str, conditions: Sequence[str]) -> pd.DataFrame:
    """Measure how far each condition, and its absence, is necessary for the outcome.

    One row a literal: expression, consistency (share of the outcome within it), relevance (RoN), coverage. `data` as
    for `truth_table`, and it raises the same errors.

    Not for: conditions that nearly every case shows; their relevance is low, and their consistency says nothing.
    """
    sets = read_sets(data, outcome, conditions)
    return pd.DataFrame(
        [_measured(sets, text, sets.membership(combination)) for text, combination in _literals(sets.layout)]
    )


def necessary_combinations(
    data: pd.DataFrame,
    *,
    outcome: str,
    conditions: Sequence[str],
    consistency: float = 0.9,
    relevance: float = 0.5,
    most: int = 2,
) -> pd.DataFrame:
    """Search for combinations of up to `most` conditions that are needed for the outcome, by and (*) and by or (+).

    A combination by "or" is listed only where no part of it is needed alone. Columns as in `necessary_conditions`, the
    most relevant first. Raises UnfitDataError for thresholds outside 0 to 1, and as `truth_table` does.

    Not for: combinations by "or" that no concept holds together; with enough of them, one always fits.
    """
    need_whole("most", most, 1)
    need_share("consistency", consistency)
    need_share("relevance", relevance)
    sets = read_sets(data, outcome, conditions)
    found = [*_alternatives(sets, most, consistency), *_conjunctions(sets, most)]
    table = pd.DataFrame(found, columns=["expression", "consistency", "relevance", "coverage"])
    kept = table[(table["consistency"] >= consistency - _ROUNDING) & (table["relevance"] >= relevance - _ROUNDING)]
    return kept.sort_values(["relevance", "expression"], ascending=[False, True]).reset_index(drop=True)


def _literals(layout: Layout) -> list[tuple[str, int]]:
    combinations = [
        layout.everything & ~part | 1 << (offset + level)
        for part, offset, size in zip(layout.parts, layout.offsets, layout.levels, strict=True)
        for level in reversed(range(size))
    ]
    return [(layout.text(combination), combination) for combination in combinations]


def _measured(sets: Sets, text: str, degrees: np.ndarray) -> dict[str, Any]:
    return {"expression": text} | asdict(necessity(degrees, sets.outcome))


def _conjunctions(sets: Sets, most: int) -> Iterator[dict[str, Any]]:
    literals = _literals(sets.layout)
    for size in range(2, most + 1):
        for chosen in itertools.combinations(literals, size):
            combination = sets.layout.everything
            for _, literal in chosen:
                combination &= literal
            if not sets.layout.is_empty(combination):
                yield _measured(sets, sets.layout.text(combination), sets.membership(combination))


def _alternatives(sets: Sets, most: int, consistency: float) -> Iterator[dict[str, Any]]:
    literals = _literals(sets.layout)
    enough: list[set[str]] = []
    for size in range(1, most + 1):
        for chosen in itertools.combinations(literals, size):
            names = {text for text, _ in chosen}
            combinations = [combination for _, combination in chosen]
            if _is_trivial(sets.layout, combinations) or any(part <= names for part in enough):
                continue
            row = _measured(sets, " + ".join(text for text, _ in chosen), sets.union(combinations))
            if row["consistency"] >= consistency - _ROUNDING:
                enough.append(names)
                yield row


def _is_trivial(layout: Layout, combinations: list[int]) -> bool:
    """Whether an alternative holds for every case by itself, such as A + ~A."""
    return any(
        sum(combination & part for combination in combinations if combination & part != part) == part
        for part in layout.parts
    )
