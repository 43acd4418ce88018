"""What decisions say of coders and codebook: which codes are taken for which, and how near each coder is."""

import pandas as pd

from research_lib.coding.consensus.adjudication import CONSENSUS, consensus_codings, differences_of
from research_lib.coding.reliability import by_code, units_of
from research_lib.coding.storage.reflexive import require_coefficients
from research_lib.coding.storage.store import Store
from research_lib.coding.teamwork.progress import without_second_codings


def code_confusions(store: Store) -> pd.DataFrame:
    """Count, for each code that was decided on, what coders had given there: decided, given, count, documents.

    A code is "" where nothing was decided, or where a coder gave nothing. One row a pair of codes, the most frequent
    first; `count` is of coders at differences. The definitions of both codes stand beside them, as a pair that often
    differs has definitions that do not part them.
    """
    rows = []
    for made in store.records("decision").values():
        if made["outcome"] == "deferred":
            continue
        decided = {code for _, _, code in made["segments"]}
        for reader in made["readers"]:
            given = {code for _, _, _, code, coder in made["gave"] if coder == reader}
            rows += [(one, other, made["document"]) for one, other in _pairs(decided, given)]
    frame = pd.DataFrame(rows, columns=["decided", "given", "document"])
    counted = frame.groupby(["decided", "given"], as_index=False).agg(
        count=("document", "size"), documents=("document", "nunique")
    )
    meaning = {"": "", **{code.id: code.definition for code in store.codebook()}}
    for name in ("decided", "given"):
        counted[f"definition_{name}"] = counted[name].map(meaning).fillna("")
    return counted.sort_values(["count", "decided", "given"], ascending=[False, True, True], ignore_index=True)


def _pairs(decided: set[str], given: set[str]) -> list[tuple[str, str]]:
    """The codes of a decision beside those of a coder: what they share as such, and the rest with each other."""
    same = [(code, code) for code in sorted(decided & given)]
    only_decided, only_given = sorted(decided - given) or [""], sorted(given - decided) or [""]
    rest = [(one, other) for one in only_decided for other in only_given if one or other]
    return [*same, *rest]


def beside_consensus(store: Store, *, unit: str = "sentence") -> pd.DataFrame:
    """Say how near each coder is to the consensus, by code: coder, code, value (α), low, high, units and given.

    Only documents count of which every difference is decided. A coder helped to make the consensus, so this is no
    agreement between independent coders: it says who moved, and where. Raises CodingError for a
    reflexive project, which has no coefficients.
    """
    require_coefficients(store, "agreement")
    listed = differences_of(store)
    open_ = set(listed[~listed["outcome"].isin(["segments", "none"])]["document"])
    readers = without_second_codings(store.finished())
    shared = readers.groupby("document")["coder"].transform("size") > 1
    readers = readers[shared & ~readers["document"].isin(open_)]
    units = units_of(store.corpus(), unit)
    units = units[units["document"].isin(readers["document"])]
    own, consensus = store.codings(), consensus_codings(store)
    parts = []
    for coder, read in readers.groupby("coder"):
        both = pd.concat([own[own["coder"] == coder], consensus])
        both = both[both["document"].isin(read["document"])]
        pair = pd.concat([read, read.assign(coder=CONSENSUS)])
        here = units[units["document"].isin(read["document"])]
        parts.append(by_code(both, here, unit=unit, readers=pair).assign(coder=coder))
    columns = ["coder", "code", "value", "low", "high", "units", "given"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)
