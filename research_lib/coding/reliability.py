"""From coded segments to agreement: what each coder gave to each unit, by code and site; where coders disagree.

A table of units has document, start and end, and any column to compare by. A coder counts in a document that they have
read: where nobody says who read what, that is everyone who coded anything there.
"""

from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np
import pandas as pd

from research_lib.coding.agreement import Agreement, krippendorff_alpha
from research_lib.coding.codebook import Codebook
from research_lib.coding.corpus import Corpus, spans
from research_lib.errors import CodingError

PLACE = ["document", "start", "end"]
_FAR = 2**31  # characters; no document has as many
_COMPARED = [*PLACE, "coder", "other_coder"]
_FOUND = ["value", "low", "high", "units", "coders", "given", "unit", "level"]


def units_of(corpus: Corpus, unit: str, *, documents: Collection[str] | None = None) -> pd.DataFrame:
    """Cut documents into characters, tokens, sentences or paragraphs: document, start, end, its attributes.

    `documents`: the ids of some, by default all.
    """
    chosen = [each for each in corpus if documents is None or each.id in documents]
    rows = [(document.id, *span) for document in chosen for span in spans(document.text, unit)]
    attributes = corpus.frame().drop(columns=["name", "translation_of", "characters"])
    return pd.DataFrame(rows, columns=PLACE).merge(attributes, on="document", how="left")


def rolled_up(codings: pd.DataFrame, codebook: Codebook, *, depth: int = 0) -> pd.DataFrame:
    """Put in place of each code the one above it at a depth of the tree, 0 for the topmost."""
    above = {code.id: codebook.path(code.id)[: depth + 1][-1].id for code in codebook}
    return codings.assign(code=codings["code"].map(above))


def ratings(
    codings: pd.DataFrame,
    units: pd.DataFrame,
    *,
    code: str,
    readers: pd.DataFrame | None = None,
    left_out: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Say of each unit whether each coder gave it a code: rows units, in their order, columns coders; 1, 0, or NaN.

    A unit has a code where a segment of that code shares a character with it; NaN where the coder has not read.
    `readers`: document, coder. Segments of which nobody knows who coded them do not count. `left_out`: document, start,
    end, code, coder; what a coder gave or did not give there does not count (NaN), such as an accepted suggestion.
    """
    known = codings[(codings["coder"] != "") & (codings["code"] == code)]
    read = readers if readers is not None else codings.loc[codings["coder"] != "", ["document", "coder"]]
    covered, values = covering(units), {}
    for coder, documents in read.groupby("coder")["document"]:
        given = covered(known[known["coder"] == coder]).astype(float)
        if left_out is not None:
            given[covered(left_out[(left_out["code"] == code) & (left_out["coder"] == coder)])] = np.nan
        values[coder] = np.where(units["document"].isin(documents), given, np.nan)
    return pd.DataFrame(values, index=pd.MultiIndex.from_frame(units[PLACE]))


def covering(units: pd.DataFrame) -> Callable[[pd.DataFrame], np.ndarray]:
    """Give what says of each unit whether it shares a character with a segment.

    All documents stand on one line, far from each other. A unit shares a character where more segments began before its
    end than were over at its start.
    """
    numbers = {document: number for number, document in enumerate(units["document"].unique())}
    offset = units["document"].map(numbers).to_numpy(dtype=int) * _FAR
    starts, ends = (offset + units[edge].to_numpy() for edge in ("start", "end"))

    def covered(segments: pd.DataFrame) -> np.ndarray:
        filled = segments[(segments["start"] < segments["end"]) & segments["document"].isin(numbers)]
        at = filled["document"].map(numbers).to_numpy(dtype=int) * _FAR
        begun = np.searchsorted(np.sort(at + filled["start"].to_numpy()), ends, side="left")
        over = np.searchsorted(np.sort(at + filled["end"].to_numpy()), starts, side="right")
        return begun > over

    return covered


def by_code(
    codings: pd.DataFrame,
    units: pd.DataFrame,
    *,
    unit: str,
    by: Sequence[str] | str = (),
    codes: Sequence[str] | None = None,
    readers: pd.DataFrame | None = None,
    clusters: str | None = None,
    left_out: pd.DataFrame | None = None,
    coefficient: Callable[..., Agreement] = krippendorff_alpha,
) -> pd.DataFrame:
    """Say how far coders agree on each code, and within each language, site or other column of the units.

    `unit`: what the units are called. Gives code, the columns of `by`, value, low, high, units, coders, given (how many
    units carry the code, by anyone), unit and level; the value is NaN where only one coder read, or nobody gave it.
    `clusters`: for α, a column such as document within which units are not independent. `left_out`: see `ratings`.
    """
    by = [by] if isinstance(by, str) else list(by)
    if len(twice := units[units.duplicated(PLACE)]):
        raise CodingError(f"units: {twice.iloc[0]['document']!r} has a unit twice; keep each once")
    if missing := [name for name in [*by, *([clusters] if clusters else [])] if name not in units]:
        raise CodingError(f"units: there is no column {missing[0]!r}; add it to the documents' attributes")
    rows, units = [], units.reset_index(drop=True)
    keys = units[by].astype(object).fillna("")
    groups: list[tuple[Any, pd.DataFrame]] = list(units.groupby([keys[name] for name in by])) if by else [((), units)]
    for code in codes if codes is not None else sorted(codings["code"].unique()):
        table = ratings(codings, units, code=code, readers=readers, left_out=left_out)
        for key, part in groups:
            options = {"unit": unit} | ({"clusters": part[clusters]} if clusters else {})
            found = _row(table.iloc[part.index], coefficient, options)
            rows.append({"code": code, **dict(zip(by, key, strict=True)), "unit": unit, **found})
    return pd.DataFrame(rows, columns=["code", *by, *_FOUND])


def _row(table: pd.DataFrame, coefficient: Callable[..., Agreement], options: dict[str, Any]) -> dict[str, Any]:
    part = table.dropna(axis=1, how="all")
    given = int((part == 1).any(axis=1).sum())
    row: dict[str, Any] = {"units": len(part), "coders": part.shape[1], "given": given}
    if given and (part.notna().sum(axis=1) > 1).any():
        found = coefficient(part, **options)
        row |= {name: getattr(found, name) for name in ("value", "low", "high", "units", "coders", "level")}
    return row


def disagreements(table: pd.DataFrame) -> pd.DataFrame:
    """List the units on which coders disagree, the most evenly split first; `parted` is the share of pairs that do."""
    coded, gave = table.notna().sum(axis=1), table.sum(axis=1)
    pairs = coded * (coded - 1) / 2
    parted = (gave * (coded - gave) / pairs.where(pairs > 0)).fillna(0.0)
    return table.assign(parted=parted)[parted > 0].sort_values("parted", ascending=False, kind="stable")


def pairs_of_codes(codings: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """Pair the codes that two coders gave to the same unit; `in_common` says whether any code there is the same.

    One row a unit, pair of coders and pair of codes: document, start, end, coder, code, other_coder, other_code.
    """
    covered, known = covering(units), codings[codings["coder"] != ""]
    parts = [
        units.loc[covered(segments), PLACE].assign(coder=coder, code=code)
        for (coder, code), segments in known.groupby(["coder", "code"])
    ]
    given = pd.concat([units[PLACE].iloc[:0].assign(coder="", code=""), *parts], ignore_index=True)
    pairs = given.merge(given.rename(columns={"coder": "other_coder", "code": "other_code"}), on=PLACE)
    pairs = pairs[pairs["coder"] < pairs["other_coder"]].sort_values(_COMPARED, kind="stable", ignore_index=True)
    same = pairs["code"] == pairs["other_code"]
    return pairs.assign(in_common=same.groupby([pairs[name] for name in _COMPARED]).transform("any"))
