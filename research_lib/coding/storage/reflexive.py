"""Reflexive projects: no suggestions, no machine and no coefficients, but memos, positions and an audit trail.

Reflexive thematic analysis takes coding for interpretation: two coders are not expected to agree, and a coefficient of
agreement would measure something that it does not claim (Braun and Clarke 2021).
"""

from typing import Any

import pandas as pd

from research_lib.coding.storage.events import Event
from research_lib.coding.storage.log import Log
from research_lib.errors import CodingError

_KIND, _ID = "setting", "reflexive"
_COLUMNS = ["seq", "at", "by", "what", "entity", "document", "before", "after", "undoes"]
_LEFT_OUT = {"text", "codes", "gave", "action"}
STATEMENT = "Reflexive project: coded without suggestions, without a machine and without coefficients of agreement."


def set_reflexive(store: Log, is_on: bool = True, *, coder: str) -> None:
    """Make a project reflexive, or no longer; it is an event, so that the trail says who decided this and when."""
    store.set_record(_KIND, _ID, {"is_on": True} if is_on else None, coder=coder)


def is_reflexive(store: Log) -> bool:
    """Say whether a project is reflexive."""
    return _ID in store.records(_KIND)


def require_coefficients(store: Log, what: str) -> None:
    """Raise CodingError where a project is reflexive and so has none of `what`."""
    if is_reflexive(store):
        raise CodingError(
            f"{store.path}: this project is reflexive and has no {what}; set_reflexive(False) changes that"
        )


def audit_trail(store: Log) -> pd.DataFrame:
    """List all that was done in a project, in its order: seq, at, by, what, entity, document, before, after and undoes.

    `what`: the kind of event, such as coding or decision. `before` and `after` say in a line what it was and became.
    """
    return pd.DataFrame(map(_told, store.events()), columns=_COLUMNS)


def _told(event: Event) -> tuple[object, ...]:
    after, before = event.body.get("after"), event.body.get("before")
    document = next((state["document"] for state in (after, before) if state and "document" in state), "")
    states = (_line(before), _line(after if "after" in event.body else event.body))
    return (event.seq, event.time, event.coder, event.kind, event.entity, document, *states, event.undoes)


def _line(state: dict[str, Any] | None) -> str:
    shown = {name: value for name, value in (state or {}).items() if name not in _LEFT_OUT}
    return "; ".join(f"{name}: {value}" for name, value in shown.items() if value not in ("", None))
