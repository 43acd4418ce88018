"""The words of statements in the study's other languages, so that a search finds them on a page in one language."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_LONGEST_LEFT_OUT = 2


def folded(text: str) -> str:
    """Write a text without case and accents, as the search compares it."""
    parts = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in parts if not unicodedata.combining(sign)).casefold()


def words_elsewhere(shown: Sequence[str], others: Sequence[str]) -> tuple[str, str]:
    """List the words that texts have in another language and not in the one shown, and the places where each stands.

    A word of two Latin letters is left out. Each word has its places as steps from one to the next, in base 36.
    """
    places: dict[str, list[int]] = {}
    for place, (text, other) in enumerate(zip(shown, others, strict=True)):
        known = folded(text)
        for word in _words(other):
            if folded(word) not in known:
                places.setdefault(word, []).append(place)
    found = sorted(places)
    return " ".join(found), " ".join(",".join(_steps(places[word])) for word in found)


def _words(text: str) -> Iterable[str]:
    each = dict.fromkeys(re.split(r"[^\w-]+", text.lower()))
    return (word for word in each if len(word) > _LONGEST_LEFT_OUT or not word.isascii())


def _steps(places: Sequence[int]) -> Iterable[str]:
    return (_in_base_36(place - before) for before, place in zip([0, *places], places, strict=False))


def _in_base_36(number: int) -> str:
    rest, digit = divmod(number, len(_DIGITS))
    return (_in_base_36(rest) if rest else "") + _DIGITS[digit]
