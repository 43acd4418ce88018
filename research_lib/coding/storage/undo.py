"""Taking back what somebody did, and doing it again: an undo is an event too, so nothing is lost.

An action is one event, or several that were written as one. Each entity (a coding, a record, the codebook) shows the
event that made it what it is; an action can be taken back as long as it is shown.
"""

import json
from collections.abc import Iterator
from typing import Any

from research_lib.coding.storage.events import Event
from research_lib.coding.storage.log import RECORDS, Log, body_of

_KINDS = ("coding", "codebook", *RECORDS)
_OWN = f"coder = ? AND kind IN ({', '.join(map(repr, _KINDS))}) AND NOT is_bulk"
_UNDONE = """EXISTS (SELECT 1 FROM events AS u WHERE u.undoes = events.seq
    AND NOT EXISTS (SELECT 1 FROM events AS r WHERE r.undoes = u.seq))"""


def undo(log: Log, coder: str) -> list[Event]:
    """Take back a coder's last action that still stands, and give the events that were taken back; none is left: [].

    What somebody else has changed since stays as they left it, and what was brought in at once stays too. Raises
    CodingError where a code that would be needed again, or would be lost, is in the way.
    """
    with log.writing():
        for last in _newest(log, f"{_OWN} AND undoes IS NULL AND NOT {_UNDONE}", coder):
            if standing := [event for event in _action(log, last) if _stands(log, event)]:
                with log.one_action():
                    for event in reversed(standing):
                        body = _before(log, event) | {"shows": event.body.get("before_seq") or event.seq}
                        _put(log, event, body, coder=coder, undoes=event.seq)
                return standing
    return []


def redo(log: Log, coder: str) -> list[Event]:
    """Do again what the coder took back last, if they have done nothing else since; give the events that stand again.

    What somebody else has changed since stays as they left it.
    """
    again: list[Event] = []
    with log.writing():
        if (last := _last_undo(log, coder)) is None:
            return again
        with log.one_action():
            for taken_back in reversed(_action(log, last)):
                (event,) = log.events("seq = ?", (taken_back.undoes,))
                if _shown(log, event) == taken_back.body["shows"]:
                    body: dict[str, Any] = {name: event.body[name] for name in ("after", "codes") if name in event.body}
                    body |= {"shows": event.seq, "redo": True}
                    _put(log, event, body, coder=coder, undoes=taken_back.seq)
                    again.append(event)
    return again


def _newest(log: Log, where: str, coder: str) -> Iterator[Event]:
    """The coder's events that a condition picks, the newest first, one query each, since the first mostly serves."""
    below = 1 << 62
    while found := log.events(f"seq = (SELECT max(seq) FROM events WHERE seq < ? AND {where})", (below, coder)):
        yield found[0]
        below = found[0].seq


def _last_undo(log: Log, coder: str) -> Event | None:
    done_again = set[int | None]()
    for event in _newest(log, _OWN, coder):
        if event.undoes is None:
            return None
        if event.body.get("redo"):
            done_again.add(event.undoes)
        elif event.seq not in done_again:
            return event
    return None


def _action(log: Log, event: Event) -> list[Event]:
    """All events that were written as one with this."""
    if (first := event.body.get("action")) is None:
        return [event]
    return log.events("seq >= ? AND coder = ? AND json_extract(body, '$.action') = ?", (first, event.coder, first))


def _stands(log: Log, event: Event) -> bool:
    if event.kind == "codebook" and "before_seq" not in event.body:
        return False
    undone = log.rows(f"SELECT {_UNDONE} FROM events WHERE seq = ?", (event.seq,))
    return not undone[0][0] and _shown(log, event) == event.seq


def _shown(log: Log, event: Event) -> int | None:
    """The event that the entity of this one shows now."""
    if event.kind == "codebook":
        return log.shown_codebook()
    if event.kind == "coding":
        found = log.rows("SELECT seq FROM codings WHERE id = ?", (event.entity,))
    else:
        found = log.rows("SELECT seq FROM records WHERE kind = ? AND id = ?", (event.kind, event.entity))
    return found[0]["seq"] if found else None


def _before(log: Log, event: Event) -> dict[str, Any]:
    """What the entity was before an event, as the body of the event that takes it back."""
    with body_of(event) as body:
        if event.kind != "codebook":
            return {"after": body.get("before")}
        found = log.rows("SELECT body FROM codebooks WHERE version = ?", (int(event.entity) - 1,))
        return {"codes": json.loads(found[0]["body"]) if found else []}


def _put(log: Log, event: Event, body: dict[str, Any], *, coder: str, undoes: int) -> None:
    """Write an undo or a redo, where the codes that it needs exist."""
    if event.kind == "codebook":
        log.must_keep_codes({code["id"] for code in body["codes"]})
        log.put("codebook", str(log.latest_codebook() + 1), body, coder=coder, undoes=undoes)
        return
    if event.kind == "coding" and body["after"]:
        with body_of(event):
            log.must_have_code(body["after"]["code"])
    log.put(event.kind, event.entity, body, coder=coder, undoes=undoes)
