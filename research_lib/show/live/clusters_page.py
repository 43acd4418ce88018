"""Clusters: sort persons by their answers, and read whether two methods find the same groups, and how firm they are."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import ipywidgets as widgets
import pandas as pd
from sklearn.cluster import AgglomerativeClustering
from sklearn.metrics import adjusted_rand_score

from research_lib.disclosure.demonstration import RELEASE
from research_lib.errors import UnfitDataError
from research_lib.evidence.study import Study
from research_lib.interviews import answer_table
from research_lib.interviews.cases import Cases, Variable, columns_of
from research_lib.interviews.synthetic.synthetic_cases import DEMONSTRATION, demonstration_cases
from research_lib.methods.clustering import gower_distances, prediction_strength
from research_lib.methods.latent_classes import LatentClassModel
from research_lib.show.live.comparable_data import MOST_BYTES, OwnRecords, read_own
from research_lib.show.live.live_page import LivePage, NotYetChosenError, dropdown, grid, keep, many, rendered

FEWEST, MOST = 20, 2_000
_STARTS, _HALVINGS, _TYPICAL = 5, 10, 3
_DEMONSTRATION, _OWN = "demonstration", "own"
_NUMBERS = (2, 3, 4, 5, 6)
_ANSWERED, _FIRST = 0.6, 8  # the least share of answers of a question that is offered, and how many are chosen first


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
    classes = _by_size(pd.Series(LatentClassModel(number, n_init=_STARTS).fit(told).predict(told), told.index))
    strength = prediction_strength(distances, clusters=[number], halvings=_HALVINGS)
    return Clustered(
        persons=len(told),
        crossed=pd.crosstab(clusters, classes),
        alike=float(adjusted_rand_score(clusters, classes)),
        strength=float(strength["strength"].iloc[0]),
        typical={int(each): _typical_of(told, clusters == each) for each in sorted(clusters.unique())},
        is_synthetic=is_synthetic,
    )


def _by_size(labels: pd.Series) -> pd.Series:
    """Number groups from the largest, 1, to the smallest."""
    order = labels.value_counts().sort_index(kind="stable").sort_values(ascending=False, kind="stable").index
    return labels.map({label: number for number, label in enumerate(order, 1)})


def _typical_of(told: pd.DataFrame, chosen: "pd.Series[bool]") -> tuple[Typical, ...]:
    """The answers whose share in a cluster is most above that of all persons."""
    found = [
        Typical(str(question), str(answer), float(share), float(told[question].value_counts(normalize=True)[answer]))
        for question in told
        for answer, share in told.loc[chosen, question].value_counts(normalize=True).items()
    ]
    above = sorted(found, key=lambda each: (each.of_all - each.share, each.question, each.answer))
    return tuple(each for each in above[:_TYPICAL] if each.share > each.of_all)


class Clusters(LivePage):
    """Persons sorted by their answers, from the study's demonstration records or from a visitor's own table.

    The choices are the widgets `source`, `upload`, `number` and `questions`; `result` is a `Clustered`.
    """

    def __init__(self, study: Study | Path | str | None = None, *, language: str | None = None):
        """Show a study: an opened one, a folder, or the one that is served; in a language that it has."""
        super().__init__(study, language=language)
        words = self.words
        self.source, self.number = dropdown(words("compare.data")), dropdown(words("clusters.number"))
        self.questions = many(words("clusters.questions"), 8)
        self.questions.add_class("live-wide")
        self.upload = widgets.FileUpload(accept=".csv,text/csv", description=words("compare.upload"))
        self._own = widgets.VBox([self.upload, widgets.HTML(f"<p>{words('compare.own', most=MOST_BYTES // 1000)}</p>")])
        keep(self.source, self._sources())
        keep(self.number, [(str(number), number) for number in _NUMBERS], 3)
        self.lay_out(
            grid(self.source, self.number), self._own, self.state, self.picture, grid(self.questions), self.below
        )
        self.listen(self.source, self.number, self.questions, self.upload)
        self.refresh()

    def offer(self) -> None:
        """Offer the questions of the chosen records."""
        self._own.layout.display = "flex" if self.source.value == _OWN else "none"
        told = self._told()
        fullest = told.notna().mean().sort_values(ascending=False, kind="stable").index[:_FIRST]
        keep(self.questions, [(self._question(str(name)), str(name)) for name in told], list(fullest))

    def work_out(self) -> Clustered:
        """Cluster the records by the chosen questions, without persons who answered less than half of them."""
        told = self._told()[list(self.questions.value)]
        told = told[told.notna().sum(axis=1) > told.shape[1] / 2]
        is_synthetic = self.source.value == _DEMONSTRATION or self._uploaded().is_synthetic
        return cluster(told, self.number.value, is_synthetic=is_synthetic)

    def drawing(self) -> str:
        """The result as HTML: the sentence, the two methods side by side, and what marks each cluster."""
        most = int(self.result.crossed.to_numpy().max())
        return rendered(
            "clusters.html.j2",
            found=self.result,
            most=most,
            words=self.words,
            typical=self._typical,
            is_translated=self._is_translated,
        )

    def warnings(self) -> list[str]:
        """What holds of every clustering."""
        return [self.words(f"clusters.caution_{name}") for name in ("real", "kinds", "gaps", "persons")]

    def _sources(self) -> list[tuple[str, str]]:
        has_records = (self.folder / RELEASE).is_dir()
        own = [(self.words("compare.data_own"), _OWN)]
        return [*([(self.words("clusters.demonstration"), _DEMONSTRATION)] if has_records else []), *own]

    def _told(self) -> pd.DataFrame:
        if self.source.value == _DEMONSTRATION:
            return self._demonstration
        if not self.upload.value:
            raise NotYetChosenError(self.words("clusters.wanted", fewest=FEWEST, most=MOST))
        records = self._uploaded()
        return records.frame[list(records.questions)]

    def _uploaded(self) -> OwnRecords:
        file = self.upload.value[0]
        return read_own(file["name"], bytes(file["content"]), self.words)

    @property
    def _is_translated(self) -> bool:
        used = self.questions.value if self.source.value == _DEMONSTRATION else ()
        return all(self.words.language in self._variables[name].labels for name in used)

    @cached_property
    def _cases(self) -> Cases:
        return demonstration_cases()

    @cached_property
    def _demonstration(self) -> pd.DataFrame:
        """The questions with one answer that most were asked."""
        single = [variable.name for variable in self._cases.variables if columns_of(variable) == (variable.name,)]
        records = answer_table.answers(self._cases, single, also=())
        told = answer_table.group_answers(records, pd.read_csv(DEMONSTRATION / "answer_groups.csv"))
        return told.loc[:, told.notna().mean() >= _ANSWERED]

    @cached_property
    def _variables(self) -> dict[str, Variable]:
        return {variable.name: variable for variable in self._cases.variables}

    def _question(self, name: str) -> str:
        if self.source.value == _DEMONSTRATION:
            return str(self.words.among(self._variables[name].labels, name))
        return name.replace("_", " ")

    def _answer(self, each: Typical) -> str:
        labels = self._variables[each.question].choice_labels if self.source.value == _DEMONSTRATION else {}
        return str(self.words.among(labels.get(each.answer, {}), each.answer))

    def _typical(self, each: Typical) -> Any:
        share, of_all = (self.words.number(round(100 * part)) for part in (each.share, each.of_all))
        asked = {"question": self._question(each.question), "answer": self._answer(each)}
        return self.words("clusters.typical", **asked, share=share, all=of_all)
