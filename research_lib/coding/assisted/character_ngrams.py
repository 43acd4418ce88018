"""Runs of characters: within a word and its edges, or in Chinese and Japanese, which have no spaces, up to a sign."""

import re
import unicodedata
from functools import lru_cache

from research_lib.coding.corpus import HAN, LETTER

_SHORTEST, _LONGEST, _LONGEST_HAN = 2, 5, 3
_WORD = re.compile(rf"[{HAN}]+|{LETTER}+")
_IS_HAN = re.compile(rf"[{HAN}]")


def ngrams(text: str) -> list[str]:
    """List the runs of characters of a text, folded: two to five within a word and its edges, one to three of Chinese.

    Case and accents do not count, so that words that languages share stay alike.
    """
    return [gram for word in words(text) for gram in word_ngrams(word)]


def words(text: str) -> list[str]:
    """List the words of a text as they stand there; Chinese and Japanese up to the next sign is one."""
    return [match.group() for match in _WORD.finditer(unicodedata.normalize("NFC", text))]


@lru_cache(maxsize=50_000)
def word_ngrams(word: str) -> tuple[str, ...]:
    """List the runs of characters of one word."""
    is_han = bool(_IS_HAN.match(word))
    shortest, longest = (1, _LONGEST_HAN) if is_han else (_SHORTEST, _LONGEST)
    folded = folded_word(word) if is_han else f" {folded_word(word)} "
    sizes = range(shortest, min(longest, len(folded)) + 1)
    return tuple(folded[at : at + size] for size in sizes for at in range(len(folded) - size + 1))


def folded_word(word: str) -> str:
    """Write a word in small letters, without accents and without other forms of the same sign."""
    parts = unicodedata.normalize("NFKD", word.casefold())
    return unicodedata.normalize("NFC", "".join(sign for sign in parts if not unicodedata.combining(sign)))
