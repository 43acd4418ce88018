"""Passages that may carry a code, from what has been coded: a list to read, not a decision.

Each code has a linear classifier on runs of characters and, with the extra `suggest`, one on what a sentence means in
any language; beside them stands how near a passage is to the code's definition. The score is the mean of these.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, ClassVar, cast

import numpy as np
import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.preprocessing import StandardScaler, normalize

from research_lib.coding.assisted.coded_units import CodedUnits
from research_lib.coding.assisted.sentence_embeddings import embeddings, has_model
from research_lib.coding.corpus import HAN, LETTER
from research_lib.errors import UnfitDataError

FEWEST_EXAMPLES, FEWEST_DOCUMENTS = 10, 3
_MOST_WORDS, _LONGEST_SHOWN = 3, 12
_SHORTEST, _LONGEST, _LONGEST_HAN = 2, 5, 3
_WORD = re.compile(rf"[{HAN}]+|{LETTER}+")
_IS_HAN = re.compile(rf"[{HAN}]")
Texts = Sequence[str]


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
    """List the runs of characters of one word, in small letters, without accents and other forms of the same sign."""
    parts = unicodedata.normalize("NFKD", word.casefold())
    plain = unicodedata.normalize("NFC", "".join(sign for sign in parts if not unicodedata.combining(sign)))
    is_han = _IS_HAN.match(word)
    folded, shortest, longest = (plain, 1, _LONGEST_HAN) if is_han else (f" {plain} ", _SHORTEST, _LONGEST)
    sizes = range(shortest, min(longest, len(folded)) + 1)
    return tuple(folded[at : at + size] for size in sizes for at in range(len(folded) - size + 1))


class Characters:
    """Texts as runs of characters, weighed by how rare they are."""

    # The dual form is far quicker where runs outnumber texts.
    strength: ClassVar = {"C": 10.0, "dual": True, "max_iter": 1000}

    def __init__(self, texts: Texts):
        """Learn which runs there are."""
        self.vectorizer = TfidfVectorizer(analyzer=ngrams, sublinear_tf=True, min_df=min(2, len(texts))).fit(texts)

    def vectors(self, texts: Texts) -> Any:
        """Give each text as a row."""
        return self.vectorizer.transform(texts)

    def nearness(self, texts: Texts, others: Texts, _: Texts = ()) -> np.ndarray:
        """Say how alike texts (rows) and others (columns) are, from 0 to 1."""
        return (self.vectors(texts) @ self.vectors(others).T).toarray()


class Meanings:
    """Texts as what they mean, by a model that knows many languages."""

    strength: ClassVar = {"C": 0.003}

    def __init__(self, texts: Texts):
        """Learn what these texts have in common, so that it can be left out."""
        self.scaler = StandardScaler().fit(embeddings(texts))

    def vectors(self, texts: Texts) -> Any:
        """Give each text as a row."""
        return self.scaler.transform(embeddings(texts))

    def nearness(self, texts: Texts, others: Texts, usual: Texts = ()) -> np.ndarray:
        """Say how alike texts (rows) and others (columns) are, from -1 to 1, without what is usual among the others."""
        middle = embeddings(usual).mean(axis=0) if len(usual) > 2 else self.scaler.mean_
        return normalize(embeddings(texts) - self.scaler.mean_) @ normalize(embeddings(others) - middle).T


@dataclass(frozen=True, eq=False)
class Suggester:
    """What was learned of some codes."""

    codes: tuple[str, ...]
    examples: CodedUnits
    views: tuple[tuple[Characters | Meanings, Any], ...]
    middle: np.ndarray
    spread: np.ndarray

    def scores(self, texts: Texts) -> pd.DataFrame:
        """Score texts (rows) for each code (columns), in standard deviations above an average text learned from."""
        if not len(texts):
            return pd.DataFrame(columns=list(self.codes), dtype=float)
        found = (self._raw(texts) - self.middle) / self.spread
        return pd.DataFrame(found.mean(axis=0), columns=list(self.codes))

    def _raw(self, texts: Texts) -> np.ndarray:
        """The score of each classifier and the nearness to the definition, shape (V + 1, N, C)."""
        each = [classifier.decision_function(view.vectors(texts)) for view, classifier in self.views]
        said = self.examples.definitions
        wanted = [said.get(code, "") for code in self.codes]
        near = self.views[-1][0].nearness(texts, wanted, list(said.values())) * [bool(one) for one in wanted]
        return np.stack([*(one.reshape(len(texts), -1) for one in each), near])

    def reason(self, code: str, text: str) -> dict[str, Any]:
        """Give `words` that speak most for a code, and the `nearest_` document, start, end and text that carries it."""
        carrying = self.examples.units[self.examples.labels[code].to_numpy()]
        near = self.views[-1][0].nearness([text], list(carrying["text"]))[0]
        nearest = carrying.iloc[int(near.argmax())][["document", "start", "end", "text"]]
        return {"words": self._weighty(code, text), **nearest.add_prefix("nearest_")}

    def _weighty(self, code: str, text: str) -> list[str]:
        """The words, or in long ones such as Chinese without spaces the runs of characters, that speak for a code."""
        view, classifier = self.views[0]
        weights = classifier.estimators_[self.codes.index(code)].coef_.ravel()
        vectorizer = cast(Characters, view).vectorizer
        known, rarity = vectorizer.vocabulary_, vectorizer.idf_
        weight = {gram: weights[at] * rarity[at] for gram in set(ngrams(text)) if (at := known.get(gram)) is not None}
        sums: dict[str, float] = {}
        for word in words(text):
            grams = word_ngrams(word)
            if len(word) > _LONGEST_SHOWN:
                sums |= {gram.strip(): weight.get(gram, 0.0) for gram in grams}
            else:
                sums[word] = sum(weight.get(gram, 0.0) for gram in grams)
        return [word for word in sorted(sums, key=sums.__getitem__, reverse=True)[:_MOST_WORDS] if sums[word] > 0]


def learn(examples: CodedUnits, *, codes: Sequence[str] | None = None, has_meanings: bool | None = None) -> Suggester:
    """Learn codes from what people have coded.

    `codes`: by default all that have 10 examples in 3 documents; a document and its translations are one.
    `has_meanings`: with the model of the extra `suggest`, by default where it is installed. Raises UnfitDataError for a
    code with too few examples, or where no code has enough. Not for counting: at best half of a list is right.
    """
    return fit(examples, learnable(examples, codes)[0], has_meanings=has_meanings)


def learnable(examples: CodedUnits, codes: Sequence[str] | None = None) -> tuple[list[str], dict[str, str]]:
    """Part codes into those that can be learned and those that cannot, each with a sentence that says why."""
    wanted = list(examples.labels) if codes is None else list(codes)
    refused = {code: said for code in wanted if (said := _too_few(examples, code))}
    able = [code for code in wanted if code not in refused]
    if not able or (refused and codes is not None):
        raise UnfitDataError(next(iter(refused.values()), "nothing is coded in finished documents; code some first"))
    return able, refused


def _too_few(examples: CodedUnits, code: str) -> str:
    carries = examples.labels[code] if code in examples.labels else pd.Series(False, examples.labels.index)
    count, documents = int(carries.sum()), examples.units["group"][carries].nunique()
    if count < FEWEST_EXAMPLES or documents < FEWEST_DOCUMENTS:
        need = f"suggestions need {FEWEST_EXAMPLES} units in {FEWEST_DOCUMENTS}; code more first"
        return f"{code!r} stands in {count} units of {documents} finished documents, and {need}"
    return f"{code!r} stands in every unit; there is nothing to tell apart" if carries.all() else ""


def fit(examples: CodedUnits, codes: Sequence[str], *, has_meanings: bool | None = None) -> Suggester:
    """Learn codes, however few examples they have; each needs a unit that carries it and one that does not."""
    texts, labels = list(examples.units["text"]), examples.labels[list(codes)].to_numpy(dtype=int)
    with_model = has_model() if has_meanings is None else has_meanings
    views: list[Characters | Meanings] = [Characters(texts), *([Meanings(texts)] if with_model else [])]
    learned = []
    for view in views:
        one = LogisticRegression(class_weight="balanced", solver="liblinear", random_state=0, **view.strength)
        learned.append((view, OneVsRestClassifier(one).fit(view.vectors(texts), labels)))
    plain = Suggester(tuple(codes), examples, tuple(learned), np.zeros(1), np.ones(1))
    raw = plain._raw(texts)
    spread = raw.std(axis=1, keepdims=True)
    return replace(plain, middle=raw.mean(axis=1, keepdims=True), spread=np.where(spread > 0, spread, 1.0))
