"""Clusters: sort persons by their answers, and read whether two methods find the same groups, and how firm they are."""

from functools import cached_property
from pathlib import Path
from typing import Any

import ipywidgets as widgets
import pandas as pd

from research_lib.disclosure.demonstration import RELEASE, demonstration_cases
from research_lib.evidence.study import Study
from research_lib.interviews import answer_table
from research_lib.interviews.cases import Cases, Variable, columns_of
from research_lib.interviews.synthetic.target_shares import DEMONSTRATION
from research_lib.show.live.answers_clustered import FEWEST, MOST, Clustered, Typical, cluster
from research_lib.show.live.live_page import LivePage, NotYetChosenError, dropdown, grid, keep, many, rendered
from research_lib.show.live.own_file import MOST_BYTES, read_own

_DEMONSTRATION, _OWN = "demonstration", "own"
_NUMBERS = (2, 3, 4, 5, 6)
_ANSWERED, _FIRST = 0.6, 8  # the least share of answers of a question that is offered, and how many are chosen first


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
        return cluster(told, self.number.value, is_synthetic=self._is_synthetic)

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
        file = self.upload.value[0]
        records = read_own(file["name"], bytes(file["content"]), self.words)
        return records.frame[list(records.questions)]

    @property
    def _is_synthetic(self) -> bool:
        if self.source.value == _DEMONSTRATION:
            return True
        file = self.upload.value[0]
        return read_own(file["name"], bytes(file["content"]), self.words).is_synthetic

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
        share, of_all = map(self._share, (each.share, each.of_all))
        asked = {"question": self._question(each.question), "answer": self._answer(each)}
        return self.words("clusters.typical", **asked, share=share, all=of_all)

    def _share(self, value: float) -> str:
        return self.words.number(round(100 * value))
