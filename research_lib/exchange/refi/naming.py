"""What a project here has and a file has no field for: variables of our own, and ids that are no GUIDs."""

from collections import Counter
from collections.abc import Sequence

from research_lib.exchange.refi.guids import derived
from research_lib.exchange.refi.losses import Losses

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


def ids_for(kind: str, guids: Sequence[str], own: Sequence[str | None], losses: Losses) -> list[str]:
    """Choose the id of each thing: its own where no other has it too, or else its GUID."""
    counts, known = Counter(filter(None, own)), set(guids)
    chosen: dict[str, None] = {}
    for number, (guid, name) in enumerate(zip(guids, own, strict=True)):
        free = name and counts[name] == 1 and name not in known
        id_ = name if name and free else guid or derived(kind, str(number))
        if id_ in chosen:
            losses.add(f"{kind} {id_!r}", "GUID", "two have it; the later one has another here")
            id_ = derived(kind, f"{id_}\x1f{number}")
        chosen[id_] = None
    return list(chosen)
