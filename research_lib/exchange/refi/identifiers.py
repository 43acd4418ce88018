"""Ids in a file, fields in a description, values of variables; and the order of things that refer to others.

A description has its body first, then a paragraph `Label: …` for each field, exactly reversible: a line of a field that
looks like the beginning of such a paragraph is written with a backslash before it.

An id that is a GUID stays itself, and any other becomes one, always the same. An id that a file names is believed where
the GUID beside it was made from it: nobody else makes such GUIDs.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

import numpy as np
import pandas as pd

from research_lib.coding.codebook import Code
from research_lib.coding.project import Losses, Value
from research_lib.errors import CodingError

ORIGIN = "research_lib"
OWN = f"{ORIGIN}: "
ID, LANGUAGE, ORIGINAL = f"{OWN}id", f"{OWN}language", f"{OWN}translation of"
RESERVED = (ID, LANGUAGE, ORIGINAL)
_HERE = UUID("6c1f0d0e-5f2b-5d0b-9a53-2f6f6a1f8f51")
_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_OF_CODE = {"Include": "include", "Exclude": "exclude", "Example": "example", "Memo": "memo", "Color": "color"}
CODE_FIELDS = tuple(_OF_CODE)
OURS = (*CODE_FIELDS, "Id", "Number")
ID_FIELD = ("Id",)
_TRUE = {"true": True, "1": True, "false": False, "0": False}
_KINDS = {"Boolean": bool, "Integer": int, "Float": float, "DateTime": datetime, "Date": date, "Text": str}
_NUMBERS = {
    "Integer": re.compile(r"\s*[+-]?[0-9]+\s*", re.ASCII),
    "Float": re.compile(r"\s*[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\s*", re.ASCII),
}
_FARTHEST = timedelta(hours=14)
_READ: dict[str, Callable[[str], Value]] = {
    "Boolean": lambda text: _TRUE[text.strip()],
    "Integer": int,
    "Float": float,
    "DateTime": lambda text: datetime.fromisoformat(text.strip()),
    "Date": lambda text: date.fromisoformat(text.strip()[:10]),
    "Text": str,
}


def is_guid(text: str) -> bool:
    """Say whether an id can stand in a file as it is: a GUID in lower case, without braces."""
    return _GUID.fullmatch(text) is not None


def derived(kind: str, key: str) -> str:
    """Make a GUID from what a thing is and its id; raises CodingError for an id that has no spelling in UTF-8."""
    try:
        return str(uuid5(_HERE, f"{kind}\x1f{key}"))
    except UnicodeEncodeError as error:
        raise CodingError(f"{kind} {key!r}: a character is half of a pair and cannot be written; replace it") from error


def guid_of(kind: str, key: str) -> str:
    """Give an id as a GUID: itself where it is one."""
    return key if is_guid(key) else derived(kind, key)


def plain(guid: str) -> str:
    """Write a GUID as all are compared here: in lower case, without braces."""
    return guid.strip("{} \t\r\n").lower()


def variable_name(attribute: str) -> str:
    """Name the variable of an attribute, so that it is never taken for one of our own."""
    return f"{OWN}{attribute}" if attribute.startswith(OWN) else attribute


def attribute_in(name: str) -> tuple[str, str] | None:
    """Read the attribute and its value in the name of a set such as `gender: female`; None in any other."""
    attribute, _, value = map(str.strip, name.partition(": "))
    return (attribute, value) if attribute and value and ":" not in attribute else None


def is_own(kind: str, guid: str, id_: str) -> bool:
    """Say whether a GUID proves that the id beside it is ours."""
    return bool(id_) and guid_of(kind, id_) == guid


def proven(kind: str, guids: Sequence[str], own: Sequence[str | None]) -> list[str]:
    """Keep those ids that their GUIDs prove; the others become empty."""
    return [id_ if id_ and is_own(kind, guid, id_) else "" for guid, id_ in zip(guids, own, strict=True)]


def ids_for(kind: str, guids: Sequence[str], own: Sequence[str | None], losses: Losses) -> list[str]:
    """Choose the id of each thing: its own where no other has it too, or else its GUID."""
    counts, known = Counter(filter(None, own)), Counter(guids)
    chosen: dict[str, None] = {}
    for number, (guid, name) in enumerate(zip(guids, own, strict=True)):
        free = name and counts[name] == 1 and known[name] == (name == guid)
        id_ = name if name and free else guid or derived(kind, str(number))
        if id_ in chosen:
            losses.add(f"{kind} {id_!r}", "GUID", "two have it; the later one has another here")
            id_ = derived(kind, f"{id_}\x1f{number}")
        chosen[id_] = None
    return list(chosen)


def in_order(above: Mapping[str, str | None]) -> tuple[list[str], list[str]]:
    """Order ids so that each stands after the one it refers to, and otherwise as they are.

    The second list has those whose reference must go, since it closes a circle.
    """
    placed: dict[str, None] = {}
    circular: list[str] = []
    for first in above:
        trail: dict[str, None] = {}
        id_: str | None = first
        while id_ is not None and id_ not in placed and id_ not in trail:
            trail[id_] = None
            id_ = above[id_]
        if id_ in trail:
            circular.append(list(trail)[-1])
        placed |= dict.fromkeys(reversed(trail))
    return list(placed), circular


def code_to_fields(code: Code) -> dict[str, str]:
    """Give the parts of a code, other than its definition, as the fields of a description."""
    return {label: getattr(code, name) for label, name in _OF_CODE.items()}


def fields_to_code(fields: Mapping[str, str]) -> dict[str, str]:
    """Give the fields of a description by the names that the parts of a code have."""
    return {name: fields.get(label, "") for label, name in _OF_CODE.items()}


def described(body: str, fields: Mapping[str, str], id_: str, *, prove: bool = False) -> str:
    """Spell a description with fields; the id stands among them where it proves that they are ours."""
    text = join_fields(body, {**fields, "Id": "" if is_guid(id_) else id_})
    return join_fields(body, {**fields, "Id": id_}) if prove or text != body else text


def taken_apart(kind: str, guid: str, text: str, labels: Sequence[str]) -> tuple[str, dict[str, str]]:
    """Take a description of ours apart into its body and its fields; that of another program stays whole."""
    body, fields = split_fields(text, labels)
    return (body, fields) if is_own(kind, guid, fields.get("Id", "")) else (text, {})


def join_fields(body: str, fields: Mapping[str, str]) -> str:
    """Put a body and its fields into one text; a field that is empty is left out."""
    labels = tuple(fields)
    parts = [f"{label}: {_escape(value, labels)}" for label, value in fields.items() if value]
    return "\n\n".join([_escape(body, labels), *parts] if body else parts)


def split_fields(text: str, labels: Sequence[str]) -> tuple[str, dict[str, str]]:
    """Take a text apart into its body and those of its fields that have one of these labels."""
    pieces = re.split(rf"(?:^|\n\n)({'|'.join(labels)}): ", text)
    fields: dict[str, list[str]] = {}
    for label, value in zip(pieces[1::2], pieces[2::2], strict=True):
        fields.setdefault(label, []).append(_unescape(value, labels))
    return _unescape(pieces[0], labels), {label: "\n\n".join(parts) for label, parts in fields.items()}


def _escape(text: str, labels: Sequence[str]) -> str:
    return re.sub(rf"(?m)^\\*(?:{'|'.join(labels)}): ", r"\\\g<0>", text)


def _unescape(text: str, labels: Sequence[str]) -> str:
    return re.sub(rf"(?m)^\\(?=\\*(?:{'|'.join(labels)}): )", "", text)


def plain_value(value: Any) -> Any:
    """Give a value of numpy as the plain value that it stands for; any other stays itself."""
    if isinstance(value, np.datetime64):
        return pd.Timestamp(value)
    return value.item() if isinstance(value, np.generic) else value


def shown(value: Any) -> str:
    """Show a value of any kind in a few words."""
    try:
        return repr(value)[:80]
    except ValueError:
        return f"of kind {type(value).__name__}"


def kind_of(value: Value) -> str:
    """Name the kind of a value as a variable has it: Text, Boolean, Integer, Float, Date or DateTime."""
    return next((kind for kind, type_ in _KINDS.items() if isinstance(value, type_)), "")


def spelled(value: Value) -> str:
    """Spell a value as XML has it; raises ValueError for what it cannot spell."""
    if value is pd.NaT or not kind_of(value):
        raise ValueError(f"a variable has a text, a number, a truth value or a date, not {type(value).__name__}")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"XML has no number {value}")
        return format(Decimal(repr(float(value))), "f")
    if isinstance(value, datetime):
        offset = value.utcoffset() or timedelta()
        if offset % timedelta(minutes=1) or abs(offset) > _FARTHEST:
            raise ValueError(f"XML has no time zone {offset} from UTC, only whole minutes up to 14 hours")
        if isinstance(value, pd.Timestamp) and value.nanosecond:
            raise ValueError("times are kept to the microsecond; round it")
    if isinstance(value, date):  # or a moment, which is one too
        return value.isoformat()
    return str.__str__(value) if isinstance(value, str) else str(int(value))


def understood(kind: str, text: str) -> Value:
    """Read a value of a kind; raises ValueError for a text that is not one."""
    is_number = kind not in _NUMBERS or _NUMBERS[kind].fullmatch(text)
    try:
        value = _READ[kind](text)
    except KeyError as error:
        raise ValueError(f"{text!r} is not of the kind {kind}") from error
    if not is_number or (isinstance(value, float) and not math.isfinite(value)):
        raise ValueError(f"{text!r} is not a number, or too large for one")
    return value
