"""The words of statements in the study's other languages, so that a search finds them on a page in one language."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import takewhile

# Signs of a number: it ends with one of the first 64; those before it are of the others.
_SIGNS = "".join(chr(code) for code in range(ord("!"), ord("~")) if chr(code) not in '"<\\')
_LAST, _BEFORE = _SIGNS[:64], _SIGNS[64:]
_LONGEST_LEFT_OUT = 2
_MOST_SHARED = 9


def folded(text: str) -> str:
    """Write a text without case and accents, as the search compares it."""
    parts = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in parts if not unicodedata.combining(sign)).casefold()


def words_elsewhere(shown: Sequence[str], others: Sequence[str]) -> tuple[str, str]:
    """List the words that texts have in another language and not in what is shown, and the places where each stands.

    A word of two Latin letters is left out, and one that is a part of another word of its text. Each word is written as
    the number of letters that it shares with the word before it, and the others. Its places are steps from one to the
    next.
    """
    places: dict[str, list[int]] = {}
    for place, (text, other) in enumerate(zip(shown, others, strict=True)):
        known = folded(text)
        plain = {word: folded(word) for word in _words(other)}
        for word, letters in plain.items():
            if letters not in known and not any(letters in each for each in plain.values() if each != letters):
                places.setdefault(word, []).append(place)
    found = sorted(places)
    shared = [_shared(before, word) for before, word in zip(["", *found], found, strict=False)]
    written = (f"{length}{word[length:]}" for length, word in zip(shared, found, strict=True))
    return " ".join(written), " ".join("".join(_steps(places[word])) for word in found)


def _words(text: str) -> Iterable[str]:
    each = dict.fromkeys(re.split(r"[^\w-]+", text.lower()))
    return (word for word in each if len(word) > _LONGEST_LEFT_OUT or not word.isascii())


def _shared(before: str, word: str) -> int:
    pairs = zip(before, word, strict=False)
    return min(_MOST_SHARED, sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs)))


def _steps(places: Sequence[int]) -> Iterable[str]:
    return (_signs(place - before) for before, place in zip([0, *places], places, strict=False))


def _signs(number: int) -> str:
    rest, last = divmod(number, len(_LAST))
    return _before(rest) + _LAST[last]


def _before(number: int) -> str:
    rest, sign = divmod(number, len(_BEFORE))
    return (_before(rest) if rest else "") + _BEFORE[sign] if number else ""
