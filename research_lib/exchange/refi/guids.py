"""The GUIDs in a file: an id that is one stays itself, and any other becomes one, always the same."""

import re
from uuid import UUID, uuid5

from research_lib.errors import CodingError

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
