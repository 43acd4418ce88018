"""What machines did, for good: every run is written down before it begins, so that nobody runs ten and reports one."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pandas as pd

from research_lib.coding.codebook import Code
from research_lib.coding.reliability import by_code, units_of
from research_lib.coding.storage.reflexive import require_coefficients
from research_lib.coding.storage.store import Store
from research_lib.coding.teamwork.progress import without_second_codings
from research_lib.errors import CodingError

if TYPE_CHECKING:
    from research_lib.coding.assisted.machine_backend import Backend

_DROPPED = ("not_found", "several_places", "unknown_code")
_RUN = [
    *("run", "coder", "backend", "configuration_hash", "prompt_hash", "by", "begun", "ended", "documents"),
    *("passages", "refused", "coverage", *_DROPPED, "codings"),
]


def described(backend: "Backend", definitions: Sequence[Code]) -> dict[str, str]:
    """Give a machine's name and the SHA-256 of its configuration, and of its prompt with the definitions."""
    told = [backend.prompt(definitions), *(asdict(code) for code in definitions)]
    hashes = {"configuration_hash": _hash(dict(backend.configuration())), "prompt_hash": _hash(told)}
    return {"backend": backend.name, **hashes}


def _hash(value: Any) -> str:
    try:
        return sha256(json.dumps(value, sort_keys=True, allow_nan=False).encode()).hexdigest()
    except (TypeError, ValueError) as error:
        raise CodingError(f"a machine's configuration is texts and plain numbers ({error!s:.99})") from error


def begin(
    store: Store, backend: "Backend", definitions: Sequence[Code], *, plan: Mapping[str, Any], by: str
) -> tuple[int, dict[str, Any]]:
    """Write down what is about to run, and give its number and what was written."""
    body = {**described(backend, definitions), "configuration": dict(backend.configuration()), **plan}
    body |= {"prompt": backend.prompt(definitions), "codes": [code.id for code in definitions]}
    with store.writing():
        number = 1 + max((int(event.entity) for event in _events(store)), default=0)
        last = store.rows("SELECT hash FROM events ORDER BY seq DESC LIMIT 1")[0]["hash"]
        body |= {"coder": f"machine {number}: {backend.name}", "store_hash": last}
        store.put("machine-run", str(number), {"after": body}, coder=by, is_bulk=True)
    return number, body


def end(store: Store, number: int, body: Mapping[str, Any], *, codings: pd.DataFrame, by: str) -> None:
    """Keep what a run gave, its codings and its counts; all of it or nothing, and no undo takes it back."""
    with store.writing():
        store.add_codings(codings, coder=by)
        after = {**body, "codings": len(codings)}
        store.put("machine-run", str(number), {"after": after}, coder=by, is_bulk=True)


def _events(store: Store) -> list[Any]:
    return store.events("kind = 'machine-run'")


def machine_runs(store: Store) -> pd.DataFrame:
    """List every run that was begun: run, coder, backend, hashes, by, begun, ended, documents, counts and coverage.

    Counts: passages, how many the machine refused, how many quotations were dropped (not_found, several_places,
    unknown_code), codings. `coverage`: the share of passages that it did not refuse. They are empty where a run did not
    come to its end.
    """
    rows: dict[str, dict[str, Any]] = {}
    for event in _events(store):
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
    columns of `reliability.by_code` with intervals over documents. A passage that a machine refused does not count.
    `left_out`: places that do not count for a coder and code, such as those of `answered_suggestions`. Raises
    CodingError in a reflexive project.
    """
    require_coefficients(store, "agreement")
    units, codings, finished = units_of(store.corpus(), unit), store.codings(), without_second_codings(store.finished())
    pairs = [("", "", 1.0, finished, codings, left_out)]
    for run in machine_runs(store).dropna(subset="ended").itertuples(index=False):
        body = store.records("machine-run")[str(run.run)]
        gaps = [{**each, "code": code, "coder": run.coder} for each in body["refusals"] for code in body["codes"]]
        without = pd.concat([pd.DataFrame(gaps, columns=["document", "start", "end", "code", "coder"]), left_out])
        own = codings[codings["code"].isin(body["codes"])]
        for person, read in finished[finished["document"].isin(body["documents"])].groupby("coder"):
            pairs.append(
                (run.coder, person, run.coverage, pd.concat([read, read.assign(coder=run.coder)]), own, without)
            )
    parts = []
    for coder, other, coverage, readers, given, without in pairs:
        shared = readers[readers.groupby("document")["coder"].transform("nunique") > 1]
        both = given.merge(shared, on=["document", "coder"])
        here = units[units["document"].isin(shared["document"])]
        table = by_code(both, here, unit=unit, readers=shared, clusters="document", left_out=without)
        parts.append(table.assign(coder=coder, other=other, coverage=coverage))
    found = pd.concat(parts, ignore_index=True)
    return found[["coder", "other", "coverage", *found.columns[:-3]]]
