"""The same classes in several groups, such as countries: fitted with answers and shares equal or free, and compared."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from research_lib.errors import UnfitDataError
from research_lib.methods.latent_classes.answer_patterns import Answers, read_answers
from research_lib.methods.latent_classes.fitting import Fit, Search, Spec, fit, memberships, reorder
from research_lib.methods.latent_classes.latent_class_model import ModelFit, answer_table, measure, membership_table
from research_lib.methods.latent_classes.number_of_classes import bootstrap_ratio
from research_lib.methods.options import need_whole


@dataclass(frozen=True)
class LatentClassesBy(ModelFit):
    """Classes across groups, numbered alike in all: from the largest to the smallest share over all persons.

    `items`, `shares_are`: which of answers and shares are `equal` in all groups, or `free`. `shares`: a row a group, a
    column a class. `answers`: group, class, variable, answer, probability. `membership`: a row for each row given.
    Where both are free, groups are fitted apart, `reached` is that of the group with the fewest, and a class of one
    group has the number of the most similar class of all persons pooled: similar, not the same.
    """

    by: Any
    items: str
    shares_are: str
    shares: pd.DataFrame
    answers: pd.DataFrame
    membership: pd.DataFrame


def latent_classes_by(
    frame: pd.DataFrame,
    *,
    by: Any,
    classes: int = 2,
    items: str = "equal",
    shares: str = "free",
    seed: int = 1,
    starts: int = 20,
    weights: Any = None,
    questions: Sequence[Any] | None = None,
) -> LatentClassesBy:
    """Find classes in several countries at once, and how large each is in each.

    `by`: the column that says to which country a row belongs. `items`: `equal` where a class answers alike everywhere,
    `free` where it may answer differently. `shares`: `equal` or `free` sizes of the classes. Other options as in
    `latent_classes`. With items free and shares equal a class is known across countries by its size alone.
    Not for: comparing shares where `same_across` rejects equal items, since the classes are then not the same
    thing; countries with few persons (the smallest should carry the classes by itself).
    Raises UnfitDataError as `latent_classes` does, for rows without a group, a single group, and a group with fewer
    different patterns than classes.
    Source: Clogg and Goodman (1984), Journal of the American Statistical Association 79, 762-771.
    """
    answers = read_answers(frame, by=by, weights=weights, questions=questions, classes=classes)
    for option, value in (("items", items), ("shares", shares)):
        if value not in ("free", "equal"):
            raise UnfitDataError(f"{option} are 'free' or 'equal', not {value!r}")
    spec, search = Spec(classes, items_free=items == "free", shares_free=shares == "free"), Search(seed, starts)
    found = _with_common_numbers(answers, spec, fit(answers, spec, search), search)
    layout = spec.layout(answers)
    parts = [layout.take(found.theta, [place], [place])[:, 0] for place in range(len(answers.groups))]
    tables = {name: answer_table(answers, part[:, 1:]) for name, part in zip(answers.groups, parts, strict=True)}
    return LatentClassesBy(
        **asdict(measure(answers, spec, found, starts)),
        by=by,
        items=items,
        shares_are=shares,
        shares=pd.DataFrame(
            [part[:, 0] for part in parts],
            index=pd.Index(answers.groups, name=by),
            columns=pd.RangeIndex(1, classes + 1, name="class"),
        ),
        answers=pd.concat(tables, names=["group"]).reset_index("group").reset_index(drop=True),
        membership=membership_table(answers, memberships(layout, found.theta)),
    )


def same_across(
    frame: pd.DataFrame,
    *,
    by: Any,
    classes: int,
    seed: int = 1,
    resamples: int = 99,
    starts: int = 20,
    weights: Any = None,
    questions: Sequence[Any] | None = None,
) -> pd.DataFrame:
    """Test whether countries have the same classes, and then whether these are equally large.

    Two rows. `items`: classes answer alike everywhere, against each country with classes of its own; shares are free in
    both. `shares`: classes are equally large everywhere, against shares free; items are equal in both. Columns:
    compared, equal_log_likelihood, free_log_likelihood, statistic (twice the gain), df (parameters more), p_value,
    exceeded, resamples, equal_bic, free_bic, reached_equal, reached_free, starts. A small p_value and a lower free_bic
    are evidence against equality; p_value is (1 + exceeded) / (1 + resamples), from answers drawn under equality.
    Not for: reading the second row where the first rejects equal items; proving that countries are the same (few
    persons never show a difference). Options and errors as in `latent_classes_by`.
    Source: Clogg and Goodman (1984); Eid, Langeheine and Diener (2003), Journal of Cross-Cultural Psychology 34,
    195-210; the bootstrap as in McLachlan and Peel (2000), section 6.4.
    """
    need_whole("resamples", resamples, 1)
    answers = read_answers(frame, by=by, weights=weights, questions=questions, classes=classes)
    search = Search(seed, starts)
    models = [(Spec(classes), fit(answers, Spec(classes), search))]
    for spec in (Spec(classes, shares_free=True), Spec(classes, items_free=True, shares_free=True)):
        # From random starts and from the simpler model, so that the freer one fits no worse.
        (narrow, found), freer = models[-1], spec.layout(answers)
        places = range(len(freer.share_rows)), range(len(freer.item_rows))
        guess = narrow.layout(answers).take(found.theta, *places)
        models.append((spec, fit(answers, spec, search, guess=guess)))
    all_equal, shares_free, all_free = models
    rows = []
    for name, simple, rich in (("items", shares_free, all_free), ("shares", all_equal, shares_free)):
        test = bootstrap_ratio(answers, simple, rich, search, resamples=resamples)
        equal, free = (measure(answers, *model, starts) for model in (simple, rich))
        rows.append(
            {
                "compared": name,
                "equal_log_likelihood": equal.log_likelihood,
                "free_log_likelihood": free.log_likelihood,
                "statistic": test.statistic,
                "df": free.parameters - equal.parameters,
                "p_value": test.p_value,
                "exceeded": test.exceeded,
                "resamples": resamples,
                "equal_bic": equal.bic,
                "free_bic": free.bic,
                "reached_equal": equal.reached,
                "reached_free": free.reached,
                "starts": starts,
            }
        )
    return pd.DataFrame(rows)


def _with_common_numbers(answers: Answers, spec: Spec, found: Fit, search: Search) -> Fit:
    """Number the classes alike in all groups: by size, or by likeness to those of all persons pooled."""
    layout, groups = spec.layout(answers), len(answers.groups)
    if not (spec.items_free and spec.shares_free):
        sizes = answers.counts @ memberships(layout, found.theta)
        orders = [np.argsort(-sizes, kind="stable")] * groups
    else:
        whole = fit(answers, Spec(spec.classes), search).theta[:, 0]
        whole = whole[np.argsort(-whole[:, 0], kind="stable")]
        orders = []
        for place in range(groups):
            own = layout.take(found.theta, [place], [place])[:, 0]
            # For each pooled class the own class whose answers differ least, each taken once.
            apart = np.abs(whole[:, None, 1:] - own[None, :, 1:]).sum(axis=-1)
            orders.append(linear_sum_assignment(apart)[1])
    return replace(found, theta=reorder(layout, found.theta, orders))
