"""Frequent words of long texts written as one sign each, so that a page is lighter; the browser writes them out."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

SIGNS = "".join(chr(code) for code in range(0x100, 0x530))
_WORD = re.compile(r" ?\w+")
_COST = 2  # of a sign in a compressed page, in letters


def frequent_words(texts: Sequence[str]) -> dict[str, str]:
    """Give the words that are worth a sign, each by a sign that no text has; the most frequent first."""
    used = {sign for text in texts for sign in text}
    free = [sign for sign in SIGNS if sign not in used]
    counted = Counter(word for text in texts for word in _WORD.findall(text))
    worth = sorted(counted, key=lambda word: -(len(word) - _COST) * counted[word])[: len(free)]
    return dict(zip(free, sorted(worth, key=lambda word: -counted[word]), strict=False))


def with_signs(texts: Sequence[str], words: Mapping[str, str]) -> list[str]:
    """Write texts with the signs of frequent words in place of these."""
    signs = {word: sign for sign, word in words.items()}
    return [_WORD.sub(lambda word: signs.get(word[0], word[0]), text) for text in texts]
