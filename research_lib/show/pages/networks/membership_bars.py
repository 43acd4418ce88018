"""The members of networks by family of agencies: organisations by name are counted, groups without names are words.

Families stand in one order and in columns of their own, so that an empty place shows whose members are missing. A group
is a kind, not a count: it is never drawn beside the blocks.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from research_lib.show.words import Words

MOST_IN_A_LINE = 3
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
UNIT = 6
_COUNT, _NARROWEST = 24, 84


@dataclass(frozen=True)
class Group:
    """Members that the source does not name: what they are, and how many where it tells."""

    name: str
    count: int | None


@dataclass(frozen=True)
class Segment:
    """The members of one family: the organisations by their names, and the groups."""

    family: str
    organisations: tuple[str, ...]
    groups: tuple[Group, ...]


def segments(members: Iterable[tuple[str, str, int | None, bool]]) -> tuple[Segment, ...]:
    """Sort members into families; each as type of agency, name, count, and whether it is a group without names."""
    named: dict[str, list[str]] = {family: [] for family in FAMILIES}
    groups: dict[str, list[Group]] = {family: [] for family in FAMILIES}
    for kind, name, count, is_group in members:
        if is_group:
            groups[FAMILY_OF[kind]].append(Group(name, count))
        else:
            named[FAMILY_OF[kind]].append(name)
    return tuple(Segment(family, tuple(named[family]), tuple(groups[family])) for family in FAMILIES)


def column_widths(bars: Sequence[Sequence[Segment]]) -> tuple[int, ...]:
    """Give each family the pixels that its longest row of blocks takes with its number."""
    longest = [max((len(bar[at].organisations) for bar in bars), default=0) for at in range(len(FAMILIES))]
    return tuple(max(_NARROWEST, UNIT * count + _COUNT) for count in longest)


def group_names(bar: Sequence[Segment], words: Words) -> tuple[str, ...]:
    """Write each group of a network after its number, the largest first, those whose number is not told last."""
    groups = sorted(chain(*(part.groups for part in bar)), key=lambda group: -(group.count or 0))
    return tuple(group.name if group.count is None else f"{words.number(group.count)} {group.name}" for group in groups)


def unnamed(bar: Sequence[Segment], words: Words) -> str:
    """Say in one line which groups have no names; of many only how many they are, and the largest number told."""
    names = group_names(bar, words)
    if not names:
        return ""
    kind = "also" if any(part.organisations for part in bar) else "only"
    if len(names) <= MOST_IN_A_LINE:
        return words(f"networks.unnamed_{kind}", names=" · ".join(names))
    is_told = any(group.count is not None for part in bar for group in part.groups)
    largest = words("networks.unnamed_largest", name=names[0]) if is_told else ""
    return words(f"networks.unnamed_{kind}_many", count=len(names)) + largest
