"""Groups without names as words: what each is, after its number where the source tells one."""

from collections.abc import Sequence
from itertools import chain

from research_lib.show.drawing.membership_bars import Segment
from research_lib.show.words import Words

MOST_IN_A_LINE = 3


def group_names(bar: Sequence[Segment], words: Words) -> tuple[str, ...]:
    """Write each group of a network after its number, the largest first, those whose number is not told last."""
    groups = sorted(chain(*(part.groups for part in bar)), key=lambda group: -(group.count or 0))
    return tuple(group.name if group.count is None else f"{words.number(group.count)} {group.name}" for group in groups)


def unnamed(bar: Sequence[Segment], words: Words, is_whole: bool = False) -> str:
    """Say in one line which groups have no names; of many only how many they are, and the largest number told."""
    names = group_names(bar, words)
    if not names:
        return ""
    kind = "also" if any(part.organisations for part in bar) else "only"
    if is_whole or len(names) <= MOST_IN_A_LINE:
        return words(f"networks.unnamed_{kind}", names=" · ".join(names))
    is_told = any(group.count is not None for part in bar for group in part.groups)
    largest = words("networks.unnamed_largest", name=names[0]) if is_told else ""
    return words(f"networks.unnamed_{kind}_many", count=len(names)) + largest
