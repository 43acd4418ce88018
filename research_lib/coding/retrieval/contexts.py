"""The words before and after a stretch of a text, cut where a word ends."""

import re

from research_lib.coding.corpus import LETTER

_LETTERS = re.compile(LETTER)


def context(text: str, start: int, end: int, characters: int) -> tuple[str, str]:
    """Give at most so many characters before and after a stretch; a word that is longer than half of it is cut."""
    low, high = max(0, start - characters), min(len(text), end + characters)
    shortest = characters // 2
    for at in range(low, start - shortest):
        if not _is_inside_a_word(text, at):
            low = at
            break
    for at in range(high, end + shortest, -1):
        if not _is_inside_a_word(text, at):
            high = at
            break
    return text[low:start], text[end:high]


def _is_inside_a_word(text: str, at: int) -> bool:
    return 0 < at < len(text) and bool(_LETTERS.match(text, at) and _LETTERS.match(text, at - 1))
