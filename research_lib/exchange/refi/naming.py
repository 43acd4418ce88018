"""What a project here has and a file has no field for: variables of our own, and ids that are no GUIDs.

An id that a file names is believed where the GUID beside it was made from it: nobody else makes such GUIDs.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from research_lib.exchange.refi.guids import derived, guid_of, is_guid
from research_lib.exchange.refi.losses import Losses
from research_lib.exchange.refi.paragraphs import join, split

ORIGIN = "research_lib"
OWN = f"{ORIGIN}: "
ID, LANGUAGE, ORIGINAL = f"{OWN}id", f"{OWN}language", f"{OWN}translation of"
RESERVED = (ID, LANGUAGE, ORIGINAL)


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


def described(body: str, fields: Mapping[str, str], id_: str, *, prove: bool = False) -> str:
    """Spell a description with fields; the id stands among them where it proves that they are ours."""
    text = join(body, {**fields, "Id": "" if is_guid(id_) else id_})
    return join(body, {**fields, "Id": id_}) if prove or text != body else text


def taken_apart(kind: str, guid: str, text: str, labels: Sequence[str]) -> tuple[str, dict[str, str]]:
    """Take a description of ours apart into its body and its fields; that of another program stays whole."""
    body, fields = split(text, labels)
    return (body, fields) if is_own(kind, guid, fields.get("Id", "")) else (text, {})


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
