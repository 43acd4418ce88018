"""A network as a wheel: who leads in the middle, members around it, those of one type of agency side by side."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from research_lib.evidence.vocabulary.cooperation import AGENCY_TYPES

SIZE = 320
_RINGS = ((92, 18), (122, 26), (150, 34))
FAMILIES = {
    "civil": ("ngo", "social-co-operative", "womens-group", "advocacy", "federation"),
    "religious": ("religious",),
    "public": (
        *("municipality", "province", "region", "ministry", "prefecture"),
        *("education-office", "equality-office", "labour-office", "social-services"),
    ),
    "justice": ("police", "judiciary"),
    "health": ("health",),
    "economy": ("employers", "enterprise", "trade-union", "training"),
    "other": ("research", "international", "other"),
}
FAMILY_OF = {kind: family for family, kinds in FAMILIES.items() for kind in kinds}


@dataclass(frozen=True)
class Spoke:
    """One member: where it stands, its family of agencies, and how many an unnamed group holds."""

    id: str
    name: str
    family: str
    x: float
    y: float
    radius: float
    is_group: bool
    count: str
    role: str


@dataclass(frozen=True)
class Wheel:
    """One network drawn: its members around the middle."""

    size: int
    spokes: tuple[Spoke, ...]


def draw_wheel(members: Sequence[tuple[str, str, str, str, int | None, bool]]) -> Wheel:
    """Draw members; the lead stands in the middle.

    Each as id, name, agency type, role, count, and whether it is an unnamed group.
    """
    order = {kind: (list(FAMILIES).index(FAMILY_OF[kind]), rank) for rank, kind in enumerate(AGENCY_TYPES)}
    lead = [member for member in members if member[3] == "lead"]
    around = sorted((m for m in members if m[3] != "lead"), key=lambda m: (*order[m[2]], m[5], m[1]))
    middle = [_spoke(member, (SIZE / 2 + 30 * i, SIZE / 2)) for i, member in enumerate(lead)]
    return Wheel(SIZE, (*middle, *map(_spoke, around, _seats(len(around)))))


def _seats(count: int) -> Iterable[tuple[float, float]]:
    """Places around the middle in the order of the angle, on as many rings as are needed."""
    rings = next((i for i in range(1, len(_RINGS)) if sum(most for _, most in _RINGS[:i]) >= count), len(_RINGS))
    for i in range(count):
        radius = _RINGS[i % rings][0] if rings > 1 else 112
        angle = 2 * math.pi * i / (count + 0.7) - math.pi / 2
        yield SIZE / 2 + radius * math.cos(angle), SIZE / 2 + radius * math.sin(angle)


def _spoke(member: tuple[str, str, str, str, int | None, bool], at: tuple[float, float]) -> Spoke:
    id_, name, kind, role, count, is_group = member
    radius = 7 + min(math.sqrt(count or 3), 9) if is_group else 12 if role == "lead" else 6
    label = "" if not is_group else "?" if count is None else str(count)
    return Spoke(id_, name, FAMILY_OF[kind], round(at[0], 1), round(at[1], 1), round(radius, 1), is_group, label, role)
