"""Ids in a file: GUIDs, ids that are not GUIDs, variables of our own, and the order of things that refer to others.

An id that is a GUID stays itself, and any other becomes one, always the same. An id that a file names is believed where
the GUID beside it was made from it: nobody else makes such GUIDs.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from uuid import UUID, uuid5

from research_lib.coding.project import Losses
from research_lib.errors import CodingError

ORIGIN = "research_lib"
OWN = f"{ORIGIN}: "
ID, LANGUAGE, ORIGINAL = f"{OWN}id", f"{OWN}language", f"{OWN}translation of"
RESERVED = (ID, LANGUAGE, ORIGINAL)
_HERE = UUID("6c1f0d0e-5f2b-5d0b-9a53-2f6f6a1f8f51")
_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


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


def attribute_name(variable: str) -> str:
    """Name the attribute that a variable stands for."""
    return variable.removeprefix(OWN)


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
