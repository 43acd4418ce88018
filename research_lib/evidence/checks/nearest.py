"""The nearest known word to one that is not known."""

from collections.abc import Collection, Iterable, Iterator
from difflib import get_close_matches

LONGEST, MOST_WORDS, MOST_SUGGESTIONS = 100, 5_000, 20


def nearest(word: str, known: Collection[str]) -> str:
    """Give `; the nearest is …` for messages, or nothing where no known word is near.

    A long word, or one among more than 5,000, is not compared, since that takes time.
    """
    is_short = len(word) <= LONGEST and len(known) <= MOST_WORDS
    near = get_close_matches(word, known, n=1, cutoff=0.7) if is_short else []
    return f"; the nearest is {near[0]!r}" if near else ""


def with_nearest(words: Iterable[str], known: Collection[str]) -> Iterator[tuple[str, str]]:
    """Pair unknown words with what `nearest` gives, the first 20 only."""
    for number, word in enumerate(words):
        yield word, nearest(word, known) if number < MOST_SUGGESTIONS else ""
