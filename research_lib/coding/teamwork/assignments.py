"""Work divided: who codes which document, and which documents several people code, drawn by a seed."""

from collections.abc import Collection, Mapping, Sequence
from math import ceil

import numpy as np
import pandas as pd

from research_lib.coding.storage.store import Store
from research_lib.errors import CodingError, quoted

KIND = "assignment"
_COLUMNS = ["document", "coder", "is_shared", "seed"]


def divide(
    documents: pd.DataFrame,
    coders: Sequence[str],
    *,
    seed: int,
    share: float = 0.2,
    together: int = 2,
    load: Mapping[str, int] | None = None,
) -> pd.DataFrame:
    """Divide documents among coders, so that all have about as many characters: document, coder, is_shared, seed.

    `documents`: document, characters. `share`: how many of them `together` coders code, from 0 to 1, drawn by `seed`
    and rounded up; these are divided first, so that each coder has about as much of them. `load`: characters that
    coders have already. Raises CodingError for fewer coders than `together`, one given twice, or another share.
    """
    if len(set(coders)) < len(coders) or not 1 <= together <= len(coders) or not 0 <= share <= 1:
        reason = f"{len(set(coders))} coders, {together} of them together, a share of {share}"
        raise CodingError(f"work cannot be divided like this: {reason}; name each coder once, and give 0 to 1")
    random = np.random.default_rng(seed)
    drawn = documents.iloc[random.permutation(len(documents))]
    is_shared = np.arange(len(drawn)) < ceil(round(share * len(drawn), 9))
    queue = drawn.assign(is_shared=is_shared).sort_values(["is_shared", "characters"], ascending=False, kind="stable")
    loads = {coders[place]: (load or {}).get(coders[place], 0) for place in random.permutation(len(coders))}
    taken = dict[str, list[tuple[str, bool]]]()
    for row in queue.itertuples(index=False):
        own = sorted(loads, key=loads.__getitem__)[: together if row.is_shared else 1]
        loads |= {coder: loads[coder] + row.characters for coder in own}
        taken[row.document] = [(coder, bool(row.is_shared)) for coder in coders if coder in own]
    rows = [(name, coder, is_double, seed) for name in documents["document"] for coder, is_double in taken[name]]
    return pd.DataFrame(rows, columns=_COLUMNS)


def assign(
    store: Store,
    coders: Sequence[str],
    *,
    coder: str,
    seed: int,
    share: float = 0.2,
    together: int = 2,
    documents: Collection[str] | None = None,
) -> pd.DataFrame:
    """Assign documents to coders as `divide` does, and give these assignments; one undo of `coder` takes them back.

    `documents`: these, also where they are assigned already; without it, all that nobody has yet. What coders have
    already counts. Raises CodingError for a document that is not there, and as `divide` does.
    """
    with store.one_action():
        there, held = store.documents()[["document", "characters"]], assignments(store)
        if documents is not None and (unknown := sorted(set(documents) - set(there["document"]))):
            raise CodingError(f"{store.path}: there is no document {quoted(unknown[0])} to assign; add it first")
        chosen = set(there["document"]) - set(held["document"]) if documents is None else set(documents)
        kept = held[~held["document"].isin(chosen)].merge(there, on="document")
        load = kept.groupby("coder")["characters"].sum().to_dict()
        own = there[there["document"].isin(chosen)]
        made = divide(own, coders, seed=seed, share=share, together=together, load=load)
        for document, rows in made.groupby("document", sort=False):
            is_shared = bool(rows["is_shared"].iloc[0])
            after = {"document": document, "coders": list(rows["coder"]), "is_shared": is_shared, "seed": seed}
            store.set_record(KIND, str(document), after, coder=coder)
    return made


def assignments(store: Store) -> pd.DataFrame:
    """List who is to code what: document, coder, is_shared (drawn for several coders), seed."""
    held = store.records(KIND).values()
    rows = [(each["document"], coder, each["is_shared"], each["seed"]) for each in held for coder in each["coders"]]
    return pd.DataFrame(rows, columns=_COLUMNS).astype({"is_shared": bool})
