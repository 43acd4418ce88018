"""Persons clustered by their answers, with a method that has a model and one that has none, and how firm that is."""

from dataclasses import dataclass

import pandas as pd
from sklearn.cluster import AgglomerativeClustering
from sklearn.metrics import adjusted_rand_score

from research_lib.errors import UnfitDataError
from research_lib.methods.clustering import gower_distances, prediction_strength
from research_lib.methods.latent_classes import LatentClassModel

FEWEST, MOST = 20, 2_000
_STARTS, _HALVINGS, _TYPICAL = 5, 10, 3


@dataclass(frozen=True)
class Typical:
    """An answer that a cluster gives much oftener than all persons: the shares of those who answered, from 0 to 1."""

    question: str
    answer: str
    share: float
    of_all: float


@dataclass(frozen=True)
class Clustered:
    """Persons in clusters and in latent classes.

    `crossed`: persons by cluster (rows) and class (columns). `alike`: the adjusted Rand index of the two, 1 where they
    are the same and 0 as by chance. `strength`: the prediction strength of the number of clusters; .8 is the usual
    limit. `typical`: by cluster, the answers that mark it. `is_synthetic`: whether a program made the records.
    """

    persons: int
    crossed: pd.DataFrame
    alike: float
    strength: float
    typical: dict[int, tuple[Typical, ...]]
    is_synthetic: bool


def cluster(told: pd.DataFrame, number: int, *, is_synthetic: bool = False) -> Clustered:
    """Sort persons by their answers; `told`: one row a person, one column a question, missing where nobody answered.

    Raises UnfitDataError for too few or too many persons, for fewer than two questions, and for persons who have no
    question in common.
    """
    if not FEWEST <= len(told) <= MOST or told.shape[1] < 2:
        raise UnfitDataError(
            f"{len(told):,} persons with {told.shape[1]} questions; clusters need {FEWEST} to {MOST:,} persons and two "
            "questions or more"
        )
    distances = gower_distances(told)
    nearest = AgglomerativeClustering(number, metric="precomputed", linkage="average").fit_predict(distances)
    clusters = _by_size(pd.Series(nearest, told.index))
    classes = _by_size(pd.Series(LatentClassModel(number, starts=_STARTS).fit(told).predict(told), told.index))
    strength = prediction_strength(distances, clusters=[number], halvings=_HALVINGS)
    return Clustered(
        persons=len(told),
        crossed=pd.crosstab(clusters, classes),
        alike=float(adjusted_rand_score(clusters, classes)),
        strength=float(strength["strength"].iloc[0]),
        typical={int(each): _typical(told, clusters == each) for each in sorted(clusters.unique())},
        is_synthetic=is_synthetic,
    )


def _by_size(labels: pd.Series) -> pd.Series:
    """Number groups from the largest, 1, to the smallest."""
    order = labels.value_counts().sort_index(kind="stable").sort_values(ascending=False, kind="stable").index
    return labels.map({label: number for number, label in enumerate(order, 1)})


def _typical(told: pd.DataFrame, chosen: "pd.Series[bool]") -> tuple[Typical, ...]:
    """The answers whose share in a cluster is most above that of all persons."""
    found = [
        Typical(str(question), str(answer), float(share), float(told[question].value_counts(normalize=True)[answer]))
        for question in told
        for answer, share in told.loc[chosen, question].value_counts(normalize=True).items()
    ]
    above = sorted(found, key=lambda each: (each.of_all - each.share, each.question, each.answer))
    return tuple(each for each in above[:_TYPICAL] if each.share > each.of_all)
