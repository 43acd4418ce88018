"""What machines did, for good: every run is written down before it begins, so that nobody runs ten and reports one."""

from typing import Any

import pandas as pd

from research_lib.coding.reliability import PLACE, by_code, units_of
from research_lib.coding.storage.reflexive import require_coefficients
from research_lib.coding.storage.store import Store
from research_lib.coding.teamwork.progress import without_second_codings

_RUN = [
    *("run", "coder", "backend", "configuration_hash", "prompt_hash", "by", "begun", "ended", "documents"),
    *("passages", "refused", "coverage", "not_found", "several_places", "unknown_code", "codings"),
]


def machine_runs(store: Store) -> pd.DataFrame:
    """List every run that was begun: run, coder, backend, hashes, by, begun, ended, documents, counts and coverage.

    Counts, empty where a run did not come to its end: passages, how many the machine refused, quotations dropped
    (not_found, several_places, unknown_code), codings. `coverage`: the share of passages that it did not refuse.
    """
    rows: dict[str, dict[str, Any]] = {}
    for event in store.events("kind = 'machine-run'"):
        body = event.body["after"]
        row = rows.setdefault(event.entity, {"run": int(event.entity), "by": event.coder, "begun": event.time})
        row |= {name: body[name] for name in _RUN[1:5]} | {"documents": len(body["documents"])}
        if "passages" in body:
            refused = len(body["refusals"])
            row |= {"ended": event.time, "passages": body["passages"], "refused": refused, **body["dropped"]}
            row |= {"codings": body["codings"], "coverage": 1 - refused / max(body["passages"], 1)}
    return pd.DataFrame(list(rows.values()), columns=_RUN)


def machine_agreement(store: Store, *, unit: str = "sentence", left_out: pd.DataFrame | None = None) -> pd.DataFrame:
    """Say how far people agree with each other, and each machine with each of them, on the documents they share.

    Gives coder (the machine, or "" for people among themselves), other (a person, or "" for all), coverage, and the
    columns of `reliability.by_code` with intervals over documents. A passage that a machine refused does not count, nor
    what is `left_out` (see `reliability.ratings`). Raises CodingError in a reflexive project.
    """
    require_coefficients(store, "agreement")
    units, codings, finished = units_of(store.corpus(), unit), store.codings(), without_second_codings(store.finished())

    def agreement(
        readers: pd.DataFrame, given: pd.DataFrame, without: pd.DataFrame | None, **told: Any
    ) -> pd.DataFrame:
        shared = readers[readers.groupby("document")["coder"].transform("nunique") > 1]
        both = given.merge(shared, on=["document", "coder"])
        here = units[units["document"].isin(shared["document"])]
        return by_code(both, here, unit=unit, readers=shared, clusters="document", left_out=without).assign(**told)

    parts = [agreement(finished, codings, left_out, coder="", other="", coverage=1.0)]
    for run in machine_runs(store).dropna(subset="ended").itertuples(index=False):
        body = store.records("machine-run")[str(run.run)]
        gaps = [{**each, "code": code, "coder": run.coder} for each in body["refusals"] for code in body["codes"]]
        without = pd.concat([pd.DataFrame(gaps, columns=[*PLACE, "code", "coder"]), left_out])
        own = codings[codings["code"].isin(body["codes"])]
        for person, read in finished[finished["document"].isin(body["documents"])].groupby("coder"):
            readers = pd.concat([read, read.assign(coder=run.coder)])
            parts.append(agreement(readers, own, without, coder=run.coder, other=person, coverage=run.coverage))
    found = pd.concat(parts, ignore_index=True)
    return found[["coder", "other", "coverage", *found.columns[:-3]]]
