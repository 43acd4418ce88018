"""What people have coded, unit by unit: what a classifier learns from."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from research_lib.coding.codebook import Codebook
from research_lib.coding.corpus import Corpus
from research_lib.coding.reliability import PLACE, covering, units_of
from research_lib.coding.storage.store import Store
from research_lib.errors import UnfitDataError


@dataclass(frozen=True, eq=False)
class CodedUnits:
    """Units with their text, and whether somebody gave each code to them.

    `units`: document, start, end, text, language and group, which a document shares with its translations. `labels`:
    one column a code, True or False, rows as in `units`. `definitions`: what the codebook says of each code.
    """

    units: pd.DataFrame
    labels: pd.DataFrame
    definitions: Mapping[str, str]


def coded_units(
    corpus: Corpus, codings: pd.DataFrame, codebook: Codebook, *, readers: pd.DataFrame, unit: str = "sentence"
) -> CodedUnits:
    """Cut the documents that somebody has read to their end into units, and say which codes these readers gave.

    `readers`: document, coder. A unit that a reader left without a code is an example too, which is why documents that
    are only begun do not count. Raises UnfitDataError where nobody has finished a document.
    """
    units = texts_of(corpus, unit, documents=set(readers["document"]))
    if units.empty:
        raise UnfitDataError("nobody has read a document to its end; finish some, so that what has no code counts too")
    own = codings.merge(readers[["document", "coder"]].drop_duplicates(), on=["document", "coder"])
    covered = covering(units)
    labels = {code: covered(own[own["code"] == code]) for code in sorted(own["code"].unique())}
    return CodedUnits(units, pd.DataFrame(labels, index=units.index), definitions_of(codebook))


def drawn(examples: CodedUnits, most: int, *, each: int = 50, seed: int = 1) -> CodedUnits:
    """Draw some units where there are more: first up to `each` that carry a code, then any others."""
    if len(examples.units) <= most:
        return examples
    mixed = np.random.default_rng(seed).permutation(len(examples.units))
    labels = examples.labels.to_numpy()[mixed]
    is_first = (labels & (labels.cumsum(axis=0) <= each)).any(axis=1)
    chosen = np.sort(mixed[np.argsort(~is_first, kind="stable")[:most]])
    units, labels = (frame.iloc[chosen].reset_index(drop=True) for frame in (examples.units, examples.labels))
    return CodedUnits(units, labels, examples.definitions)


def coded_units_of(store: Store, *, unit: str = "sentence") -> CodedUnits:
    """Give what people have coded in the documents that they finished; no machine finishes any."""
    return coded_units(store.corpus(), store.codings(), store.codebook(), readers=store.finished(), unit=unit)


def texts_of(corpus: Corpus, unit: str, *, documents: Collection[str] | None = None) -> pd.DataFrame:
    """Cut documents, some or all, into units: document, start, end, text, language and group."""
    units = units_of(corpus, unit, documents=documents)[[*PLACE, "language"]]
    texts = [corpus[row.document].text[row.start : row.end] for row in units.itertuples(index=False)]
    return units.assign(
        text=pd.Series(texts, units.index, dtype="str"), group=units["document"].map(_originals(corpus))
    )


def _originals(corpus: Corpus) -> dict[str, str]:
    found: dict[str, str] = {}
    for document in corpus:
        found[document.id] = found.get(document.translation_of or document.id, document.translation_of or document.id)
    return found


def definitions_of(codebook: Codebook) -> dict[str, str]:
    """Put into words what each code means; not its example, which may come from a document that is to be coded."""
    return {code.id: ". ".join(filter(None, (code.name, code.definition, code.include))) for code in codebook}
