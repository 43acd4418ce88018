"""The suggestions that a coder is shown, from a store."""

from collections.abc import Collection, Iterator
from typing import Any

import numpy as np
import pandas as pd

from research_lib.coding.assisted.coded_units import coded_units_of, drawn, texts_of
from research_lib.coding.assisted.sentence_embeddings import has_model
from research_lib.coding.assisted.suggest import Suggester, learn
from research_lib.coding.assisted.suggestion_log import answered_suggestions, held_out
from research_lib.coding.reliability import PLACE, covering
from research_lib.coding.storage.reflexive import require_coefficients
from research_lib.coding.storage.store import Store

_MOST, _MOST_WITH_MEANINGS = 5_000, 2_000  # passages; more take minutes
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
    coder rejected it. Gives document, start, end, text, code, score, and why: words, and the nearest passage with the
    code. Of more than 5,000 passages, or 2,000 with meanings, some are drawn; `attrs` say how many of how many it
    learned from and asked about. Raises CodingError in a reflexive project, UnfitDataError where too little is coded.
    """
    require_coefficients(store, "suggestions")
    if is_blind:
        return pd.DataFrame(columns=_SHOWN)
    with_meanings = has_model() if has_meanings is None else has_meanings
    limit = _MOST_WITH_MEANINGS if with_meanings else _MOST
    examples, places = coded_units_of(store, unit=unit), _places(store, coder, unit)
    suggester = learn(drawn(examples, limit), has_meanings=with_meanings)
    asked = places.sample(limit, random_state=1) if with_meanings and len(places) > limit else places
    found = pd.DataFrame(_best(suggester, asked, _done(store, asked, coder, suggester.codes), most), columns=_SHOWN)
    found.attrs["learned_from"] = len(suggester.examples.units), len(examples.units)
    found.attrs["asked_about"] = len(asked), len(places)
    return found


def _places(store: Store, coder: str, unit: str) -> pd.DataFrame:
    """The passages of the documents that may have suggestions and that the coder has not finished."""
    corpus, finished = store.corpus(), store.finished()
    without = held_out(store) | set(finished["document"][finished["coder"] == coder])
    return texts_of(corpus, unit, documents={document.id for document in corpus} - without)


def _best(suggester: Suggester, places: pd.DataFrame, done: np.ndarray, most: int) -> Iterator[dict[str, Any]]:
    """The best passages for each code, each with its reason."""
    scores = suggester.scores(list(places["text"])).set_axis(places.index).mask(done)
    for code in suggester.codes:
        for at, score in scores[code][scores[code] > 0].nlargest(most).items():
            place = places.loc[at, [*PLACE, "text"]]
            yield {**place, "code": code, "score": score, **suggester.reason(code, place["text"])}


def _done(store: Store, places: pd.DataFrame, coder: str, codes: Collection[str]) -> np.ndarray:
    """Where somebody has given a code already, or the coder rejected it, shape (units, codes)."""
    answered, covered = answered_suggestions(store), covering(places)
    known = pd.concat([part[[*PLACE, "code"]] for part in (answered[answered["coder"] == coder], store.codings())])
    return np.stack([covered(known[known["code"] == code]) for code in codes], axis=1)
