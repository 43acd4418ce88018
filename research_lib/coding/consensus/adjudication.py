"""What a team decides where coders differ: each decision is a record by a named person, with its reason, undoable.

The coders' own codings, and so their agreement, never change by a decision. The consensus is a coding of its own: what
all readers agree on, and what was decided. Decisions also say which codes are taken for which, and how near each coder
is to the consensus.
"""

from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID, uuid5

import pandas as pd

from research_lib.coding.codings import as_codings, no_codings
from research_lib.coding.consensus.differences import Comparison, compare_codings, difference_id
from research_lib.coding.project import Coder, Project
from research_lib.coding.reliability import by_code, units_of
from research_lib.coding.storage.events import now
from research_lib.coding.storage.log import body_of
from research_lib.coding.storage.reflexive import require_coefficients
from research_lib.coding.storage.store import Store
from research_lib.coding.storage.transfer import project_of
from research_lib.coding.teamwork.assignments import assignments
from research_lib.coding.teamwork.progress import without_second_codings
from research_lib.errors import CodingError

CONSENSUS = "consensus"
_KIND = "decision"
_SEGMENTS = 'SELECT id, document, start, "end", code, coder FROM codings WHERE NOT is_removed'
_PLACE = ["document", "start", "end", "code"]
_SOURCE = ["difference", "decided_by", "taken_from", "reason"]
_TRAIL = ["seq", "at", "by", "difference", "document", "outcome", "segments", "reason", "state"]
_NEAR = ["coder", "code", "value", "low", "high", "units", "given"]
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
    decided = store.records(_KIND)
    for name in ("outcome", "by", "at", "reason"):
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
        if strange := sorted(set(taken) - set(codings.index)):
            raise CodingError(f"the coding {strange[0]!r} is not part of this difference; choose one of its own")
        theirs = codings.loc[taken, ["start", "end", "code"]].itertuples(index=False, name=None)
        chosen = [*theirs, *_own(store, document, segments)]
        for _, _, code in chosen:
            store.must_have_code(code)
        after = {
            "document": document,
            "outcome": "deferred" if defer else "segments" if chosen else "none",
            "segments": [] if defer else [list(one) for one in dict.fromkeys(chosen)],
            "taken_from": sorted(set(codings.loc[taken, "coder"])),
            "reason": reason,
            "by": by,
            "at": now(),
            "gave": [[str(one.Index), one.start, one.end, one.code, one.coder] for one in codings.itertuples()],
            "readers": list(found.loc[difference, "readers"]),
        }
        store.set_record(_KIND, difference, after, coder=by)


def consensus_codings(store: Store) -> pd.DataFrame:
    """Give the consensus as a table of codings by the coder `consensus`, each row with where it comes from.

    Further columns: difference ("" where all readers agree), decided_by, taken_from and reason. What is deferred or not
    decided is not in it, and a decision whose segments have changed since counts no more.
    """
    compared, decided = _compared(store), store.records(_KIND)
    rows = [(one.document, one.start, one.end, one.code, None, "", "", "", "") for one in compared.agreed.itertuples()]
    for key in compared.differences["difference"]:
        if key in decided:
            made = decided[key]
            trail = (made["at"], key, made["by"], ";".join(made["taken_from"]), made["reason"])
            rows += [(made["document"], *segment, *trail) for segment in made["segments"]]
    frame = pd.DataFrame(rows, columns=[*_PLACE, "time", *_SOURCE]).drop_duplicates(_PLACE)
    ids = [str(uuid5(_HERE, "\x1f".join(map(str, place)))) for place in frame[_PLACE].itertuples(index=False)]
    codings = as_codings(frame.assign(id=ids, coder=CONSENSUS, memo=frame["reason"]))
    return codings.sort_values(_PLACE, ignore_index=True).astype(dict.fromkeys(_SOURCE, "str"))


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
    now, standing = set(_compared(store).differences["difference"]), set(store.records(_KIND))
    rows = []
    for event in store.events("kind = ? AND undoes IS NULL", (_KIND,)):
        with body_of(event) as body:
            made = body["after"] or {}
        stands = shown.get(event.entity) == event.seq and event.entity in standing
        state = "changed" if not stands else "stands" if event.entity in now else "outdated"
        told = "; ".join(f"{code} {start}–{end}" for start, end, code in made.get("segments", ()))
        document, outcome, reason = (made.get(name, "") for name in ("document", "outcome", "reason"))
        head = (event.seq, event.time, event.coder, event.entity)
        rows.append((*head, document, outcome, told, reason, state))
    return pd.DataFrame(rows, columns=_TRAIL)


def code_confusions(store: Store) -> pd.DataFrame:
    """Count, for each code that was decided on, what coders had given there: decided, given, count, documents.

    A code is "" where nothing was decided, or where a coder gave nothing. One row a pair of codes, the most frequent
    first; `count` is of coders at differences. The definitions of both codes stand beside them, as a pair that often
    differs has definitions that do not part them.
    """
    rows = []
    for made in store.records(_KIND).values():
        if made["outcome"] == "deferred":
            continue
        decided = {code for _, _, code in made["segments"]}
        for reader in made["readers"]:
            given = {code for _, _, _, code, coder in made["gave"] if coder == reader}
            rows += [(*pair, made["document"]) for pair in _pairs(decided, given)]
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
    units, own, consensus = units_of(store.corpus(), unit), store.codings(), consensus_codings(store)
    parts = []
    for coder, read in readers.groupby("coder"):
        both = pd.concat([own[own["coder"] == coder], consensus])
        both = both[both["document"].isin(read["document"])]
        pair = pd.concat([read, read.assign(coder=CONSENSUS)])
        here = units[units["document"].isin(read["document"])]
        parts.append(by_code(both, here, unit=unit, readers=pair).assign(coder=coder))
    return pd.concat(parts, ignore_index=True)[_NEAR] if parts else pd.DataFrame(columns=_NEAR)


def carry_decisions(store: Store, code_id: str, *, into: str, coder: str) -> None:
    """Keep the decisions on a code that was merged into another: they stand for the segments as they are now."""
    now_called = {code_id: into}
    for key, made in store.records(_KIND).items():
        gave = [[*place, now_called.get(code, code), by] for *place, code, by in made["gave"]]
        segments = [[*place, now_called.get(code, code)] for *place, code in made["segments"]]
        if (moved := made | {"gave": gave, "segments": segments}) != made:
            store.set_record(_KIND, key, None, coder=coder)
            store.set_record(_KIND, difference_id(gave, made["readers"]), moved, coder=coder)


def _compared(store: Store, document: str | None = None) -> Comparison:
    readers = without_second_codings(store.finished())
    if (readers["coder"] == CONSENSUS).any():
        raise CodingError(f"{store.path}: a coder is called {CONSENSUS!r}, as the consensus is; give them another name")
    if document is not None:
        readers = readers[readers["document"] == document]
    where, values = ("", ()) if document is None else (" AND document = ?", (document,))
    return compare_codings(store.table(f"{_SEGMENTS}{where}", values), readers)


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
