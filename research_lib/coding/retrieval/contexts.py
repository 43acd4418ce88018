"""The words before and after a stretch of a text, cut where a word ends."""

import re
from functools import cache

from research_lib.coding.corpus import LETTER

_LETTERS = re.compile(LETTER)


def context(text: str, start: int, end: int, characters: int) -> tuple[str, str]:
    """Give at most so many characters before and after a stretch; a word that is longer than half of it is cut."""
    low, high = max(0, start - characters), min(len(text), end + characters)
    first, last = min(start, low + characters // 2), max(end, high - characters // 2)
    begins = next((at for at in range(low, first) if not _is_inside_a_word(text, at)), low)
    ends = next((at for at in range(high, last, -1) if not _is_inside_a_word(text, at)), high)
    return text[begins:start], text[end:ends]


def _is_inside_a_word(text: str, at: int) -> bool:
    return 0 < at < len(text) and _is_letter(text[at]) and _is_letter(text[at - 1])


@cache
def _is_letter(sign: str) -> bool:
    return bool(_LETTERS.match(sign))
