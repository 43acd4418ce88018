"""Texts made ready for searching: without case and accents, and with the way back to the text as it stands.

`É`, `é` and `e` become one, in one character or two, and so do `ﬁ` and `fi`, `Ａ` and `a`, `œ` and `oe`, `ß` and `ss`.
Signs that make another letter stay: vowels of Indian scripts and of Thai, and the voiced sounds of Japanese. The vowel
points of Hebrew and Arabic go, as writers leave them out at will.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from typing import Literal

import numpy as np

_TEXTS_KEPT = 1024
_LEFT_OUT = (*range(10, 36), *range(200, 255))  # combining classes: Hebrew and Arabic points, marks above and below
_ALIKE = {
    **{"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ı": "i"},
    **dict.fromkeys("’‘ʼ＇", "'"),
    **dict.fromkeys("‐‑－", "-"),
}
_JOINING_JAMO = range(0x1160, 0x1200)
_VARIATIONS = range(0xFE00, 0xFE10)


@dataclass(frozen=True, eq=False)
class FoldedText:
    """A text as it is searched; `places` says from which position of the original each character comes.

    `places` has one number more than the text has characters: the length of the original. None: position is position.
    """

    text: str
    places: np.ndarray | None = None

    def stretch(self, low: int, high: int) -> tuple[int, int]:
        """Give the stretch of the original, with the marks that belong to its last character."""
        if self.places is None:
            return low, high
        while high < len(self.text) and self.places[high] == self.places[high - 1]:
            high += 1
        return int(self.places[low]), int(self.places[high])


@lru_cache(_TEXTS_KEPT)
def folded(text: str) -> FoldedText:
    """Leave out case and accents of a text."""
    if text.isascii():
        return FoldedText(text.lower())
    whole = composed(text)
    signs = {sign: folded_sign(sign) for sign in set(whole.text)}
    made = whole.text.translate({ord(sign): own for sign, own in signs.items()})
    uneven = "".join(sign for sign, own in signs.items() if len(own) != 1)
    if not uneven:
        return FoldedText(made, whole.places)
    lengths = np.ones(len(whole.text) + 1, dtype=np.int32)
    for found in re.finditer(f"[{re.escape(uneven)}]", whole.text):
        lengths[found.start()] = len(signs[found.group()])
    places = np.arange(len(whole.text) + 1) if whole.places is None else whole.places
    return FoldedText(made, np.repeat(places, lengths))


def composed(text: str) -> FoldedText:
    """Join letters and the marks that follow them into one character where there is one (NFC)."""
    if unicodedata.is_normalized("NFC", text):
        return FoldedText(text)
    starts = [at for at, sign in enumerate(text) if not at or not _continues(sign)]
    pieces = [unicodedata.normalize("NFC", text[low:high]) for low, high in pairwise([*starts, len(text)])]
    places = np.repeat([*starts, len(text)], [*map(len, pieces), 1])
    return FoldedText("".join(pieces), places)


@cache
def folded_sign(sign: str) -> str:
    """Give one character without case, accent and width; an empty text for one that nobody sees."""
    if unicodedata.category(sign) == "Cf" or ord(sign) in _VARIATIONS:
        return ""
    if (lower := sign.casefold()) in _ALIKE:
        return _ALIKE[lower]
    form: Literal["NFKD", "NFD"] = "NFKD" if sign.isalnum() else "NFD"
    parts = unicodedata.normalize(form, unicodedata.normalize(form, lower).casefold())
    return unicodedata.normalize("NFC", "".join(part for part in parts if unicodedata.combining(part) not in _LEFT_OUT))


def _continues(sign: str) -> bool:
    return unicodedata.category(sign)[0] == "M" or ord(sign) in _JOINING_JAMO
