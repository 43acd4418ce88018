"""The suggestions that a coder is shown, from a store."""

from collections.abc import Collection

import numpy as np
import pandas as pd

from research_lib.coding.assisted.coded_units import coded_units_of, texts_of
from research_lib.coding.assisted.suggest import learn
from research_lib.coding.assisted.suggestion_log import answered_suggestions, held_out
from research_lib.coding.corpus import Corpus
from research_lib.coding.reliability import PLACE, ratings
from research_lib.coding.storage.reflexive import require_coefficients
from research_lib.coding.storage.store import Store

_SHOWN = [*PLACE, "text", "code", "score", "words", "nearest_document", "nearest_start", "nearest_end", "nearest_text"]


def suggestions(
    store: Store,
    *,
    coder: str,
    is_blind: bool,
    unit: str = "sentence",
    most: int = 10,
    has_meanings: bool | None = None,
) -> pd.DataFrame:
    """List, for each code that can be learned, the passages that may carry it, best first.

    `is_blind`: a coder from whom others are hidden gets none, since suggestions say what others coded. None are in
    documents that stay without suggestions or that the coder has finished, nor where somebody gave the code or the
    coder rejected it. Gives document, start, end, text, code, score, and as the reason words and the nearest passage
    that carries the code. Raises CodingError in a reflexive project, UnfitDataError where too little is coded.
    """
    require_coefficients(store, "suggestions")
    if is_blind:
        return pd.DataFrame(columns=_SHOWN)
    suggester = learn(coded_units_of(store, unit=unit), has_meanings=has_meanings)
    corpus, finished = store.corpus(), store.finished()
    without = held_out(store) | set(finished["document"][finished["coder"] == coder])
    asked = Corpus(tuple(document for document in corpus if document.id not in without))
    places = texts_of(asked, corpus, unit) if len(asked) else pd.DataFrame(columns=[*PLACE, "text"])
    scores = suggester.scores(list(places["text"]))
    scores[_done(store, places, coder, suggester.codes)] = -np.inf
    rows = []
    for code in suggester.codes:
        best = scores[code][scores[code] > 0].nlargest(most)
        for at, score in best.items():
            place = places.loc[at]
            reason = suggester.reason(code, place["text"])
            near = {f"nearest_{name}": reason[name] for name in (*PLACE, "text")}
            rows.append({**place[[*PLACE, "text"]], "code": code, "score": score, "words": reason["words"], **near})
    return pd.DataFrame(rows, columns=_SHOWN)


def _done(store: Store, places: pd.DataFrame, coder: str, codes: Collection[str]) -> np.ndarray:
    """Where somebody has given a code already, or the coder rejected it, shape (units, codes)."""
    given = [answered_suggestions(store).query("coder == @coder"), store.codings()]
    known = pd.concat([part[[*PLACE, "code", "coder"]] for part in given]).assign(coder=coder)
    readers = places[["document"]].drop_duplicates().assign(coder=coder)
    index = pd.MultiIndex.from_frame(places[PLACE])
    each = [ratings(known, places, code=code, readers=readers).reindex(index).to_numpy() > 0 for code in codes]
    return np.hstack(each) if len(places) else np.zeros((0, len(codes)), dtype=bool)
