"""Search in all documents: words, phrases and regular expressions, as keyword in context.

Case, accents, width and ligatures make no difference to words and phrases (`folded_text`). Chinese, Japanese and Thai
have no spaces: there a word is found wherever it stands. Positions count code points of the original text.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

import numpy as np
import pandas as pd

from research_lib.coding.codings import as_codings
from research_lib.coding.corpus import LETTER, Corpus, spans, words_around
from research_lib.coding.retrieval.folded_text import composed, folded
from research_lib.coding.retrieval.pattern_worker import SECONDS, matches
from research_lib.errors import CodingError

MODES = ("words", "phrase", "regex")
COLUMNS = ["document", "name", "language", "start", "end", "text", "before", "after"]
_UNSPACED = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
_SPACED = rf"(?:(?![{_UNSPACED}]){LETTER})"
_IS_SPACED = re.compile(_SPACED)
Stretch = tuple[int, int]


def search(
    corpus: Corpus,
    query: str,
    mode: str = "words",
    *,
    documents: Iterable[str] | None = None,
    context: int = 60,
    seconds: float = SECONDS,
) -> pd.DataFrame:
    """Find a query in all documents, or in some: document, name, language, start, end, text, before, after.

    `mode`: words (all of them in one sentence, in any order; a hit is each shortest stretch that holds them), phrase
    (these words one after the other), or regex (as Python's `re` has it, case ignored, accents kept). A word with `*`
    behind it may go on: `migr*`. `context`: characters before and after, cut where a word ends. Hits stand in the
    order of the documents and of their places; an empty stretch is no hit. Raises CodingError for an empty query, an
    unknown mode, an expression that is none, and one that takes more than `seconds` in a process of its own.
    """
    if mode not in MODES:
        raise CodingError(f"a mode of search is {', '.join(MODES)}, not {mode!r}")
    if not query.strip():
        raise CodingError("the query is empty; write what is to be found")
    kept = list(corpus) if documents is None else [corpus[document] for document in dict.fromkeys(documents)]
    texts = [document.text for document in kept]
    places = _found_by_regex(texts, query, seconds) if mode == "regex" else _found(texts, query, mode)
    rows = [
        (one.id, one.name, one.language, low, high, one.text[low:high], *words_around(one.text, low, high, context))
        for one, stretches in zip(kept, places, strict=True)
        for low, high in stretches
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def _found(texts: Iterable[str], query: str, mode: str) -> list[list[Stretch]]:
    words = folded(query).text.split()
    parts = [words] if mode == "phrase" else [[word] for word in dict.fromkeys(words)]
    patterns = [_pattern(part) for part in parts if any(word.strip("*") for word in part)]
    if not patterns:
        raise CodingError(f"the query {query!r} has no word; write what is to be found")
    return [_in_text(patterns, text) for text in texts]


def _in_text(patterns: Sequence[re.Pattern[str]], text: str) -> list[Stretch]:
    made = folded(text)
    if not all(pattern.search(made.text) for pattern in patterns):
        return []
    places = [[made.stretch(*found.span()) for found in pattern.finditer(made.text)] for pattern in patterns]
    return places[0] if len(places) == 1 else _together(text, places)


def _pattern(words: Sequence[str]) -> re.Pattern[str]:
    """The words one after the other, with their ends where a word begins and ends.

    What must not stand before is looked for behind the first word, so that its letters are found quickly.
    """
    first = re.escape(words[0].rstrip("*"))
    not_before = rf"(?<!{_SPACED}{first})" if _IS_SPACED.match(words[0]) else ""
    others = [re.escape(word.rstrip("*")) + _ending(word) for word in words[1:]]
    return re.compile(r"\s+".join([first + not_before + _ending(words[0]), *others]))


def _ending(word: str) -> str:
    if word.endswith("*"):
        return f"{_SPACED}*+"
    return f"(?!{_SPACED})" if _IS_SPACED.match(word[-1]) else ""


def _together(text: str, stretches: Sequence[Sequence[Stretch]]) -> list[Stretch]:
    """The shortest stretches, none over another, that hold one of each kind within one sentence."""
    marks = sorted((low, high, kind) for kind, places in enumerate(stretches) for low, high in places)
    found: list[Stretch] = []
    ends = iter(spans(text, "sentence"))
    until, last = -1, dict[int, Stretch]()
    for low, high, kind in marks:
        if low >= until:
            until, last = next((end for _, end in ends if end > low), len(text)), {}
        last[kind] = (low, high)
        if len(last) == len(stretches):
            found.append((min(place[0] for place in last.values()), max(place[1] for place in last.values())))
            last = {}
    return found


def _found_by_regex(texts: Iterable[str], query: str, seconds: float) -> list[list[Stretch]]:
    made = [composed(text) for text in texts]
    found = matches(composed(query).text, [text.text for text in made], seconds=seconds)
    places = zip(made, found, strict=True)
    return [list(dict.fromkeys(text.stretch(*place) for place in stretches)) for text, stretches in places]


def hits_as_codings(
    hits: pd.DataFrame, corpus: Corpus, code: str, *, coder: str, unit: str = "sentence"
) -> pd.DataFrame:
    """Make a coding of every hit, or of the sentences that it touches; one stretch is coded once.

    `unit`: sentence or hit; raises CodingError for another. See `not_yet_coded`.
    """
    if unit not in ("sentence", "hit"):
        raise CodingError(f"hits are coded by sentence or by hit, not by {unit!r}")
    places = hits[["document", "start", "end"]]
    if unit == "sentence":
        rows = (_sentences(corpus[name].text, part, name) for name, part in places.groupby("document", sort=False))
        places = pd.DataFrame(chain.from_iterable(rows), columns=list(places))
    return as_codings(places.drop_duplicates().assign(code=code, coder=coder))


def not_yet_coded(made: pd.DataFrame, codings: pd.DataFrame) -> pd.DataFrame:
    """Leave out, of codings that are to be made, those of which the same coder gave the stretch the code already."""
    keys = ["document", "start", "end", "code", "coder"]
    return made.merge(codings[keys], how="left_anti", on=keys).reset_index(drop=True)


def _sentences(text: str, hits: pd.DataFrame, document: str) -> Iterator[tuple[str, int, int]]:
    """The stretch of the sentences that each hit touches; a hit on white space alone is coded with its neighbour."""
    starts, ends = np.array(spans(text, "sentence") or [(0, len(text))]).T
    first = np.searchsorted(ends, hits["start"], side="right").clip(max=len(ends) - 1)
    last = (np.searchsorted(starts, hits["end"], side="left") - 1).clip(min=0)
    for low, high in zip(np.minimum(first, last), np.maximum(first, last), strict=True):
        yield document, int(starts[low]), int(ends[high])
