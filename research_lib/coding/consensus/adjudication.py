"""What a team decides where coders differ: each decision is a record by a named person, with its reason, undoable.

The coders' own codings, and so their agreement, never change by a decision. The consensus is a coding of its own: what
all readers agree on, and what was decided.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

import pandas as pd

from research_lib.coding.codings import as_codings, no_codings
from research_lib.coding.consensus.differences import Comparison, compare_codings, difference_id
from research_lib.coding.project import Coder, Project
from research_lib.coding.storage.log import body_of
from research_lib.coding.storage.store import Store
from research_lib.coding.storage.transfer import project_of
from research_lib.coding.teamwork.assignments import assignments
from research_lib.coding.teamwork.progress import without_second_codings
from research_lib.errors import CodingError

CONSENSUS = "consensus"
_KIND = "decision"
_SEGMENTS = 'SELECT id, document, start, "end", code, coder FROM codings WHERE NOT is_removed'
_TRAIL = ["outcome", "by", "at", "reason"]
_HERE = UUID("5b0ad6a6-3a8e-5b5c-9e3d-0c6a1f7e2b44")
Segment = tuple[int, int, str]


def differences_of(store: Store, *, document: str | None = None, by: str | None = None) -> pd.DataFrame:
    """List where coders differ, worst first, each with what was decided: outcome, by, at and reason.

    The columns are those of `Comparison.differences`; `outcome` is segments, none, deferred, or empty where nothing is
    decided yet. Only documents that two coders have read to the end count, and nobody's second coding. `document`: only
    this one. `by`: without the documents that this person is still coding, so that they see nothing of others there.
    """
    found = _compared(store, document).differences
    if by is not None:
        found = found[~found["document"].isin(still_coding(store, by))].reset_index(drop=True)
    decided = _decisions(store)
    for name in _TRAIL:
        found[name] = [decided.get(key, {}).get(name, "") for key in found["difference"]]
    return found


def decide(
    store: Store,
    difference: str,
    *,
    document: str,
    by: str,
    take: Iterable[str] = (),
    segments: Iterable[Segment] = (),
    reason: str = "",
    defer: bool = False,
) -> None:
    """Decide a difference: `take` codings of coders, add `segments` of one's own, or neither, so that nothing is coded.

    `segments`: start, end and code. `defer` leaves it for later, with a reason. `by`: who decides; the store's `undo`
    takes their last decision back. Raises CodingError where the difference is not there (any more), a coding is not one
    of its own, a segment lies outside the document or has no code of the codebook, or the person still codes the
    document or is to code it.
    """
    with store.writing():
        found = differences_of(store, document=document).set_index("difference")
        if difference not in found.index:
            raise CodingError(f"{document!r} has no such difference now; list the differences again")
        if document in still_coding(store, by):
            raise CodingError(f"{by} is still coding {document!r}; read it to the end first, then decide")
        codings = store.codings(document=document).set_index("id").loc[list(found.loc[difference, "members"])]
        taken = list(dict.fromkeys(take))
        if strange := set(taken) - set(codings.index):
            raise CodingError(
                f"the coding {sorted(strange)[0]!r} is not part of this difference; choose one of its own"
            )
        chosen = [*_segments(codings.loc[taken]), *_own(store, document, segments)]
        for _, _, code in chosen:
            store.must_have_code(code)
        after = {
            "document": document,
            "outcome": "deferred" if defer else "segments" if chosen else "none",
            "segments": [] if defer else [list(one) for one in dict.fromkeys(chosen)],
            "taken_from": sorted(set(codings.loc[taken, "coder"])),
            "reason": reason,
            "by": by,
            "at": datetime.now(UTC).isoformat(timespec="microseconds"),
            "gave": [[str(one.Index), one.start, one.end, one.code, one.coder] for one in codings.itertuples()],
            "readers": list(found.loc[difference, "readers"]),
        }
        store.set_record(_KIND, difference, after, coder=by)


def _segments(codings: pd.DataFrame) -> list[Segment]:
    return [(one.start, one.end, one.code) for one in codings[["start", "end", "code"]].itertuples(index=False)]


def consensus_codings(store: Store) -> pd.DataFrame:
    """Give the consensus as a table of codings by the coder `consensus`, each row with where it comes from.

    Further columns: difference ("" where all readers agree), decided_by, taken_from and reason. What is deferred or not
    decided is not in it, and a decision whose segments have changed since counts no more.
    """
    compared, decided = _compared(store), _decisions(store)
    rows = [(one.document, one.start, one.end, one.code, None, "", "", "", "") for one in compared.agreed.itertuples()]
    for key in compared.differences["difference"]:
        if key in decided:
            made = decided[key]
            trail = (made["at"], key, made["by"], ";".join(made["taken_from"]), made["reason"])
            rows += [(made["document"], *segment, *trail) for segment in made["segments"]]
    columns = ["document", "start", "end", "code", "time", "difference", "decided_by", "taken_from", "reason"]
    frame = pd.DataFrame(rows, columns=columns).drop_duplicates(["document", "start", "end", "code"])
    if frame.empty:
        return no_codings().assign(**dict.fromkeys(columns[5:], pd.Series(dtype="str")))
    places = frame[["document", "start", "end", "code"]].itertuples(index=False)
    ids = [str(uuid5(_HERE, "\x1f".join(map(str, place)))) for place in places]
    return as_codings(frame.assign(id=ids, coder=CONSENSUS, memo=frame["reason"])).sort_values(
        ["document", "start", "end", "code"], ignore_index=True
    )


def consensus_project(store: Store) -> Project:
    """Give the consensus as a project of its own, ready to be written for another tool; coders' codings stay outside.

    Its description says how many segments all readers agree on, how many were decided, by whom, and what is open.
    """
    codings, listed = consensus_codings(store), differences_of(store)
    by = sorted({name for name in codings["decided_by"] if name})
    open_ = int((~listed["outcome"].isin(["segments", "none"])).sum())
    agreed = int((codings["difference"] == "").sum())
    said = f"Segments on which all readers agree: {agreed}; decided: {len(codings) - agreed}"
    said += f" by {', '.join(by)}" if by else ""
    whole = project_of(store)
    return replace(
        whole,
        name=f"{whole.name}, consensus",
        description=f"{whole.description}\n{said}; differences not decided: {open_}.".strip(),
        codings=codings[[*no_codings()]],
        coders=(Coder(CONSENSUS, "Consensus"),),
        cases=tuple(replace(case, codings=()) for case in whole.cases),
    )


def decision_trail(store: Store) -> pd.DataFrame:
    """List all decisions in their order: seq, at, by, difference, document, outcome, segments, reason and state.

    `state`: stands; undone or changed (a later event is shown); outdated (its segments or readers changed since).
    """
    shown = {row["id"]: row["seq"] for row in store.rows("SELECT id, seq FROM records WHERE kind = ?", (_KIND,))}
    now, standing = set(_compared(store).differences["difference"]), set(_decisions(store))
    rows = []
    for event in store.events("kind = ? AND undoes IS NULL", (_KIND,)):
        with body_of(event) as body:
            made = body["after"] or {}
        stands = shown.get(event.entity) == event.seq and event.entity in standing
        state = "changed" if not stands else "stands" if event.entity in now else "outdated"
        told = [f"{code} {start}–{end}" for start, end, code in made.get("segments", ())]
        rows.append(
            {"seq": event.seq, "at": event.time, "by": event.coder, "difference": event.entity}
            | {name: made.get(name, "") for name in ("document", "outcome", "reason")}
            | {"segments": "; ".join(told), "state": state}
        )
    return pd.DataFrame(
        rows, columns=["seq", "at", "by", "difference", "document", "outcome", "segments", "reason", "state"]
    )


def carry_decisions(store: Store, code_id: str, *, into: str, coder: str) -> None:
    """Keep the decisions on a code that was merged into another: they stand for the segments as they are now."""
    for key, made in store.records(_KIND).items():
        gave, segments = ([_recoded(part, code_id, into) for part in made[name]] for name in ("gave", "segments"))
        if gave != made["gave"] or segments != made["segments"]:
            new = difference_id([tuple(part) for part in gave], made["readers"])
            store.set_record(_KIND, key, None, coder=coder)
            store.set_record(_KIND, new, made | {"gave": gave, "segments": segments}, coder=coder)


def _recoded(part: list[Any], code_id: str, into: str) -> list[Any]:
    place = len(part) - 1 if len(part) == 3 else 3
    return [into if number == place and value == code_id else value for number, value in enumerate(part)]


def _compared(store: Store, document: str | None = None) -> Comparison:
    readers = without_second_codings(store.finished())
    if (readers["coder"] == CONSENSUS).any():
        raise CodingError(f"{store.path}: a coder is called {CONSENSUS!r}, as the consensus is; give them another name")
    if document is not None:
        readers = readers[readers["document"] == document]
    where, values = ("", ()) if document is None else (" AND document = ?", (document,))
    return compare_codings(store.table(f"{_SEGMENTS}{where}", values), readers)


def _decisions(store: Store) -> dict[str, dict[str, Any]]:
    with store.reading():
        return store.records(_KIND)


def _own(store: Store, document: str, segments: Iterable[Segment]) -> list[Segment]:
    characters = len(store.document(document).text)
    own = [(int(start), int(end), str(code)) for start, end, code in segments]
    for start, end, _ in own:
        if not 0 <= start <= end <= characters:
            raise CodingError(f"{document!r} has {characters} characters; {start}–{end} is not a stretch of it")
    return own


def still_coding(store: Store, coder: str) -> set[str]:
    """Name the documents that a coder has begun to code, or is to code, and has not read to the end."""
    finished, assigned = store.finished(), assignments(store)
    begun = {row["document"] for row in store.rows("SELECT DISTINCT document FROM codings WHERE coder = ?", (coder,))}
    own = begun | set(assigned[assigned["coder"] == coder]["document"])
    return own - set(finished[finished["coder"] == coder]["document"])
