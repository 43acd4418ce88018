"""How often words occur, by document and in all, without the words that only grammar asks for.

Chinese and Japanese have no spaces, and their words are not guessed: counted are overlapping pairs of signs within one
run, and a sign that stands alone. Words of other scripts count whole, without case and with their accents.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator
from functools import cache

import pandas as pd

from research_lib.coding.corpus import HAN, LETTER, Corpus, Document
from research_lib.files.opening import package_data

_FOLDER = package_data("coding", "retrieval/stop_words")
_PART = re.compile(rf"[{HAN}]+|{LETTER}+(?:[’'-]{LETTER}+)*")
_IS_HAN = re.compile(f"[{HAN}]")
COLUMNS = ["document", "word", "count", "per_1000"]


@cache
def stop_words(language: str) -> frozenset[str]:
    """Give articles, pronouns, prepositions, auxiliaries and the like of a language: en, fr, it, sk or zh.

    `language`: a BCP 47 tag, of which the first part counts; for any other language there are none.
    """
    path = _FOLDER / f"{language.partition('-')[0].lower()}.txt"
    known = {file.name for file in _FOLDER.iterdir()}
    lines = path.read_text(encoding="utf-8").splitlines() if path.name in known else []
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


def word_counts(corpus: Corpus, *, leave_out: Collection[str] | None = None) -> pd.DataFrame:
    """Count the words of each document: document, word, count, per_1000 (of the document's words that are counted).

    `leave_out`: words not to count, in place of the stop words of each document's language; `()` for none. A pair of
    Chinese or Japanese signs with a stop word in it is left out.
    """
    rows = []
    for document in corpus:
        counts = Counter(_words(document, leave_out))
        total = counts.total()
        rows += [(document.id, word, count, 1000 * count / total) for word, count in counts.most_common()]
    return pd.DataFrame(rows, columns=COLUMNS)


def in_all(counts: pd.DataFrame) -> pd.DataFrame:
    """Add up what `word_counts` gives: word, count, documents (how many have it), per_1000, most frequent first."""
    joined = counts.groupby("word", as_index=False).agg(count=("count", "sum"), documents=("document", "nunique"))
    joined["per_1000"] = 1000 * joined["count"] / max(joined["count"].sum(), 1)
    return joined.sort_values(["count", "word"], ascending=[False, True], ignore_index=True)


def _words(document: Document, leave_out: Collection[str] | None) -> Iterator[str]:
    out = frozenset(word.casefold() for word in leave_out) if leave_out is not None else stop_words(document.language)
    for found in _PART.finditer(document.text):
        word = found.group().casefold().replace("’", "'")
        if _IS_HAN.match(word):
            pairs = (word[at : at + 2] for at in range(max(len(word) - 1, 1)))
            yield from (pair for pair in pairs if pair not in out and out.isdisjoint(pair))
        elif (left := _without_elision(word, out)) not in out:
            yield left


def _without_elision(word: str, out: Collection[str]) -> str:
    """The word without what French and Italian write before its apostrophe, such as l' and qu'."""
    head, apostrophe, rest = word.partition("'")
    return rest if apostrophe and f"{head}'" in out else word
