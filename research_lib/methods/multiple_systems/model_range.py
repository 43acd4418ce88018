"""The uncertainty about the model: the range over all that can be defended.

It is the only form in which the result may be shown.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from research_lib.errors import UnfitDataError
from research_lib.methods.multiple_systems.estimates import (
    MAIN_EFFECTS,
    STEPWISE,
    THRESHOLD,
    describe,
    label,
    terms_of,
)
from research_lib.methods.multiple_systems.log_linear_models import Terms, fit_many
from research_lib.methods.multiple_systems.overlapping_lists import Histories, read_histories
from research_lib.methods.options import is_number, need_level, need_whole

_MOST_MODELS = 33_000
Criterion = Literal["aic", "bic"]


def published_criticism() -> pd.DataFrame:
    """List what scholars object to in estimates of hidden people from overlapping lists.

    One row a work: authors, year, objection (in our words), source. The list is a selection, not a review.

    Not for: a verdict on any one estimate; it lists the questions to put to each.
    """
    return pd.read_csv(Path(__file__).with_name("published_criticism.csv"))


@dataclass(frozen=True)
class Span:
    """The range of the estimates of all defensible models, in people.

    `lowest` and `highest`: the smallest and the largest estimate. `low` and `high`: the smallest lower and the largest
    upper limit. `tried`, `refused`, `defensible`: how many models. `models`: one row a model, the best first and those
    refused last, with model, terms (how many), total, low, high, aic, bic, delta (distance from the best by the
    `criterion`), deviance, df, chosen (main effects, stepwise or empty), is_defensible, refused (the reason).
    `criticism`: what has been published against such estimates, to be shown beside them.
    """

    lowest: float
    highest: float
    low: float
    high: float
    seen: int
    tried: int
    refused: int
    defensible: int
    criterion: str
    within: float
    level: float
    models: pd.DataFrame
    criticism: pd.DataFrame


def span(
    frame: pd.DataFrame,
    *,
    count: Hashable = "count",
    lists: Sequence[Hashable] | None = None,
    most: int | None = None,
    criterion: Criterion = "aic",
    within: float = 10.0,
    threshold: float = THRESHOLD,
    level: float = 0.95,
) -> Span:
    """Show how far apart the estimates of all defensible models lie: quote this range, never one number alone.

    Tried are all models with up to `most` pairs of lists that may depend on each other (without it, as many as 33,000
    models allow: all of them for up to six lists), the stepwise choice, and every model one pair away from it.
    Defensible are those `within` so much of the best by AIC or BIC (farther than 10 the data hardly support a model, by
    the rule of thumb of Burnham and Anderson 2002), and main effects and the stepwise choice always. Models are refused
    as in `estimate`, and stay in the table with the reason.

    That the same lists give very different totals is published: for the United Kingdom 11,313, 13,444, 20,232 or 23,016
    by four methods (Binette and Steorts 2021, README of MSETools), from 2,744 people seen. What fits those seen best
    need not be right about those unseen, and no criterion shows it (Aleshin-Guendel, Sadinle and Wakefield 2021).

    Not for: a range to be halved; the truth may lie outside it, when every model is wrong in the same way, as when all
    lists miss the same people. Nor for what `estimate` is not for.
    """
    histories = read_histories(frame, count=count, lists=lists)
    need_level(level)
    if criterion not in ("aic", "bic") or not is_number(within) or not within >= 0:
        raise UnfitDataError(f"criterion is {criterion!r}, within is {within!r}; write 'aic' or 'bic', and 0 or more")
    chosen = terms_of(histories, STEPWISE, threshold)
    columns = ["total", "low", "high", "aic", "bic", "deviance", "df"]
    rows = []
    for model in fit_many(histories, _candidates(histories, chosen, most)):
        described = None if model.refused else describe(histories, model, level)
        numbers = [np.nan if described is None else getattr(described, name) for name in columns]
        reasons = [MAIN_EFFECTS] * (not model.terms) + [STEPWISE] * (set(model.terms) == set(chosen))
        rows.append([label(model.terms), len(model.terms), *numbers, ", ".join(reasons), model.refused])
    table = pd.DataFrame(rows, columns=["model", "terms", *columns, "chosen", "refused"])
    table["delta"] = table[criterion] - table[criterion].min()
    table["is_defensible"] = (table["refused"] == "") & ((table["delta"] <= within) | (table["chosen"] != ""))
    kept = table[table["is_defensible"]]
    return Span(
        lowest=float(kept["total"].min()),
        highest=float(kept["total"].max()),
        low=float(kept["low"].min()),
        high=float(kept["high"].max()),
        seen=histories.seen,
        tried=len(table),
        refused=int((table["refused"] != "").sum()),
        defensible=len(kept),
        criterion=criterion,
        within=within,
        level=level,
        models=table.sort_values(["delta", "terms", "model"], na_position="last", ignore_index=True),
        criticism=published_criticism(),
    )


def _candidates(histories: Histories, chosen: Terms, most: int | None) -> list[Terms]:
    """All models up to a size, and the neighbours of the chosen one."""
    pairs = histories.pairs
    models = np.cumsum([comb(len(pairs), number) for number in range(len(pairs) + 1)])
    if most is None:
        size = int(np.flatnonzero(models <= _MOST_MODELS).max())
    else:
        size = min(need_whole("most", most, 0), len(pairs))
        if models[size] > _MOST_MODELS:
            raise UnfitDataError(
                f"most is {most}, which makes {models[size]:,} models; "
                f"write less, so that there are at most {_MOST_MODELS:,}"
            )
    found = {frozenset(terms) for number in range(size + 1) for terms in combinations(pairs, number)}
    found |= {frozenset(chosen), *(frozenset(chosen) ^ {pair} for pair in pairs)}
    return [tuple(pair for pair in pairs if pair in terms) for terms in found]
