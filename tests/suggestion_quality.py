"""How good suggestions are, in documents that the classifier has not seen."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.metrics import average_precision_score, precision_score, recall_score
from sklearn.model_selection import GroupKFold

from research_lib.coding.assisted.coded_units import CodedUnits
from research_lib.coding.assisted.suggest import fit, learnable

_BEST = 10


@dataclass(frozen=True, eq=False)
class SuggestionQuality:
    """Each unit's scores (rows) by code, from what has not seen its document; `refused` says why others have none."""

    coded: CodedUnits
    scores: pd.DataFrame
    refused: Mapping[str, str]

    def by_code(self, ask: "pd.Series[bool] | None" = None) -> pd.DataFrame:
        """Say how good the suggestions are in all units, or in some, such as those of another language.

        Gives code, examples, documents, precision and recall of as many units as carry the code, average_precision,
        precision_at_10 and `at_most`, what that can be where fewer than ten units carry the code.
        """
        asked = self.coded.units.index if ask is None else self.coded.units.index[ask]
        carried = self.coded.labels.loc[asked].any()
        return pd.DataFrame(self._row(code, asked) for code in self.scores if carried[code])

    def _row(self, code: str, asked: pd.Index) -> dict[str, object]:
        carries, score = self.coded.labels.loc[asked, code], self.scores.loc[asked, code]
        count, ordered = int(carries.sum()), score.sort_values(ascending=False, kind="stable")
        is_suggested = carries.index.isin(ordered.index[:count])
        return {
            "code": code,
            "examples": count,
            "documents": self.coded.units.loc[asked, "group"][carries].nunique(),
            "precision": precision_score(carries, is_suggested),
            "recall": recall_score(carries, is_suggested),
            "average_precision": average_precision_score(carries, score.rank()),
            "precision_at_10": carries[ordered.index[:_BEST]].mean(),
            "at_most": min(count / _BEST, 1.0),
        }


def suggestion_quality(
    coded: CodedUnits, *, learn_from: "pd.Series[bool] | None" = None, has_meanings: bool | None = None, folds: int = 5
) -> SuggestionQuality:
    """Learn from some documents and suggest in others, in turn.

    Documents are never split, nor parted from their translations. `learn_from`: by default all units. Raises
    UnfitDataError where no code has enough examples. Not an estimate for other people's texts, which differ more.
    """
    teaching = np.ones(len(coded.units), dtype=bool) if learn_from is None else learn_from.to_numpy()
    codes, refused = learnable(CodedUnits(coded.units[teaching], coded.labels[teaching], coded.definitions))
    scores = pd.DataFrame(-np.inf, index=coded.units.index, columns=codes)
    times = min(folds, coded.units["group"].nunique())
    for taught, tested in GroupKFold(times).split(coded.units, groups=coded.units["group"]):
        taught_here, here = coded.units.index[taught[teaching[taught]]], coded.units.index[tested]
        part = CodedUnits(coded.units.loc[taught_here], coded.labels.loc[taught_here], coded.definitions)
        if able := [code for code in codes if 0 < part.labels[code].sum() < len(taught_here)]:
            suggester = fit(part, able, has_meanings=has_meanings)
            scores.loc[here, able] = suggester.scores(list(coded.units.loc[here, "text"])).to_numpy()
    return SuggestionQuality(coded, scores, refused)
