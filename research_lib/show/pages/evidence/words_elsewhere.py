"""The words of statements in the study's other languages, so that a search finds them on a page in one language."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

_LONGEST_LEFT_OUT = 2


def folded(text: str) -> str:
    """Write a text without case and accents, as the search compares it."""
    parts = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in parts if not unicodedata.combining(sign)).casefold()


def words_elsewhere(shown: Sequence[str], others: Sequence[str]) -> tuple[list[str], list[list[int]]]:
    """List the words that texts have in another language and not in what is shown, and for each text which it has.

    A word of two Latin letters is left out, and one that is a part of another word of its text. The words of a text are
    steps through the list, which are shorter than places.
    """
    own = [list(_new_words(folded(text), other)) for text, other in zip(shown, others, strict=True)]
    found = sorted({word for words in own for word in words})
    places = {word: place for place, word in enumerate(found)}
    return found, [_steps(sorted(places[word] for word in words)) for words in own]


def _new_words(known: str, other: str) -> Iterable[str]:
    plain = {word: folded(word) for word in re.split(r"[^\w-]+", other.lower()) if _is_told(word)}
    for word, letters in plain.items():
        if letters not in known and not any(letters in each for each in plain.values() if each != letters):
            yield word


def _steps(places: Sequence[int]) -> list[int]:
    return [place - before for before, place in zip([0, *places], places, strict=False)]


def _is_told(word: str) -> bool:
    return len(word) > _LONGEST_LEFT_OUT or not word.isascii()
