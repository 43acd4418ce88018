"""Suggestions in a store: who sees which, what became of them, and how far they shift what people code.

A suggestion counts for nothing until somebody accepts it. What was accepted or rejected stays known, so that agreement
can leave it out: a coder who was shown a suggestion is not independent there.
"""

import json
from collections.abc import Collection, Mapping
from hashlib import sha256
from typing import Any

import pandas as pd

from research_lib.coding.assisted.clustered_differences import clustered_means
from research_lib.coding.assisted.coded_units import texts_of
from research_lib.coding.reliability import PLACE, ratings
from research_lib.coding.storage.reflexive import require_coefficients
from research_lib.coding.storage.store import Coding, Store
from research_lib.errors import CodingError, UnfitDataError

_ANSWER = [*PLACE, "code", "coder", "score", "is_accepted"]
_SHARE, _SEED = 0.2, 1
_SETTING = "suggestions"


def held_out_documents(documents: Collection[str], share: float = _SHARE, seed: int = _SEED) -> set[str]:
    """Draw the documents that stay without suggestions: each by itself, with a probability of `share`.

    What is drawn for a document does not change when others are added. Raises CodingError for a share outside 0 to 1.
    """
    if not 0 <= share <= 1:
        raise CodingError(f"the share of documents without suggestions is {share!r}; give a number from 0 to 1")
    hashes = {name: sha256(json.dumps([seed, name]).encode()).digest() for name in documents}
    return {name for name, digest in hashes.items() if int.from_bytes(digest[:7]) / 2**56 < share}


def set_held_out(store: Store, *, share: float, seed: int, coder: str) -> None:
    """Say once for all coders which share of documents stays without suggestions, and by which seed it is drawn."""
    held_out_documents((), share, seed)
    store.set_record("setting", _SETTING, {"share": share, "seed": seed}, coder=coder)


def held_out(store: Store) -> set[str]:
    """Name the documents that stay without suggestions; a translation follows its original."""
    setting = store.records("setting").get(_SETTING, {"share": _SHARE, "seed": _SEED})
    groups = texts_of(store.corpus(), "paragraph")[["document", "group"]].drop_duplicates()
    drawn = held_out_documents(set(groups["group"]), setting["share"], setting["seed"])
    return set(groups["document"][groups["group"].isin(drawn)])


def accept(store: Store, suggestion: Mapping[str, Any], *, coder: str) -> Coding:
    """Make a suggestion a coding of one's own, which stays marked; one undo takes both back."""
    state = _state(store, suggestion, coder)
    with store.one_action():
        coding = store.add(*(state[name] for name in (*PLACE, "code")), coder=coder)
        store.set_record("suggested", coding.id, state, coder=coder)
    return coding


def reject(store: Store, suggestion: Mapping[str, Any], *, coder: str) -> None:
    """Say no to a suggestion, so that it does not come back; undo takes this back."""
    state = _state(store, suggestion, coder)
    key = sha256(json.dumps([state[name] for name in (*PLACE, "code", "coder")]).encode()).hexdigest()[:32]
    store.set_record("rejection", key, state, coder=coder)


def _state(store: Store, suggestion: Mapping[str, Any], coder: str) -> dict[str, Any]:
    """What is kept of an answer; raises CodingError in a reflexive project."""
    require_coefficients(store, "suggestions")
    place = {"document": str(suggestion["document"]), **{name: int(suggestion[name]) for name in ("start", "end")}}
    score, words = round(float(suggestion["score"]), 4), ", ".join(suggestion.get("words", ()))
    return {**place, "code": str(suggestion["code"]), "score": score, "reason": words, "coder": coder}


def answered_suggestions(store: Store) -> pd.DataFrame:
    """List the suggestions that were accepted or rejected: document, start, end, code, coder, score, is_accepted.

    With `left_out=answered_suggestions(store)`, `reliability.by_code` leaves those places out for that coder and code.
    """
    kinds = {"suggested": True, "rejection": False}
    rows = [{**body, "is_accepted": said} for kind, said in kinds.items() for body in store.records(kind).values()]
    return pd.DataFrame(rows, columns=_ANSWER)


def suggestion_shift(codings: pd.DataFrame, units: pd.DataFrame, without: Collection[str]) -> pd.DataFrame:
    """Compare documents with and without suggestions: how many codes a unit carries, over all codes and for each.

    `units`: of the documents that were coded while suggestions were shown. `without`: those that had none. Gives code
    ("" for all), with_suggestions, without, difference (with less without), low, high (95 %, over documents). Not for
    documents that somebody chose: they must be drawn. Raises UnfitDataError where either kind has one document or none.
    """
    codes = sorted(codings["code"].unique())
    each = {code: ratings(codings, units, code=code).sum(axis=1) for code in codes}
    counts = pd.DataFrame(each, index=pd.MultiIndex.from_frame(units[PLACE])).fillna(0.0)
    counts.insert(0, "", counts.sum(axis=1))
    documents = counts.index.get_level_values("document").to_series(index=counts.index)
    is_without = documents.isin(without)
    if is_without.all() or not is_without.any():
        raise UnfitDataError("documents with and without suggestions are both needed; take another share or seed")
    means = clustered_means(counts, is_without, documents)
    rows = [(code, means.means[0, at], means.means[1, at], *means.difference(0, at)) for at, code in enumerate(counts)]
    return pd.DataFrame(rows, columns=["code", "with_suggestions", "without", "difference", "low", "high"])
