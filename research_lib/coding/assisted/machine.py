"""A machine as one coder: it gets definitions and a passage, and gives back quotations with codes, or refuses.

It is blinded like anybody: what it may learn from are people's codings of other documents than those it codes, and of
no translation of these. Every run is written down before it begins (`machine_log.py`), as a coder of its own.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from types import MappingProxyType
from typing import Any

import pandas as pd
import sklearn

from research_lib.coding.assisted import machine_log
from research_lib.coding.assisted.coded_units import CodedUnits, coded_units_of, relatives
from research_lib.coding.assisted.machine_backend import (
    Answer,
    Answers,
    Backend,
    LearningBackend,
    Passage,
    Quotation,
    Refusal,
)
from research_lib.coding.assisted.suggest import Suggester, learn
from research_lib.coding.assisted.suggestion_quality import suggestion_quality
from research_lib.coding.codebook import Code
from research_lib.coding.codings import as_codings, no_codings
from research_lib.coding.corpus import spans
from research_lib.coding.storage.reflexive import require_coefficients
from research_lib.coding.storage.store import Store
from research_lib.errors import CodingError


@dataclass(frozen=True, eq=False)
class ClassifierBackend:
    """The classifiers of the suggestions as a coder: of the sentences it learns from, it would code as many as people.

    `margin`: by how much more a score must be, in standard deviations. It refuses a passage in a language from which it
    has learned nothing, unless it knows meanings (the extra `suggest`).
    """

    margin: float = 0.0
    has_meanings: bool = False
    name: str = "classifier"
    suggester: Suggester | None = None
    least: Mapping[str, float] = MappingProxyType({})

    def configuration(self) -> Mapping[str, Any]:
        """Give the settings of the classifier."""
        return {"scikit-learn": sklearn.__version__, "margin": self.margin, "has_meanings": self.has_meanings}

    def prompt(self, definitions: Sequence[Code]) -> str:
        """Name the codes: nothing else is asked of a classifier."""
        return "\n".join(code.id for code in definitions)

    def learned(self, examples: CodedUnits, definitions: Sequence[Code]) -> "ClassifierBackend":
        """Learn the codes; raises UnfitDataError for a code with too few examples."""
        codes = [code.id for code in definitions]
        suggester = learn(examples, codes=codes, has_meanings=self.has_meanings)
        unseen = suggestion_quality(examples, has_meanings=self.has_meanings).scores
        least = {code: unseen[code].nlargest(int(examples.labels[code].sum())).iloc[-1] + self.margin for code in codes}
        return replace(self, suggester=suggester, least=least)

    def code(self, definitions: Sequence[Code], passage: Passage) -> Answer:
        """Give the codes of each sentence of a passage."""
        if self.suggester is None:
            raise CodingError("the classifier has learned nothing yet; let run_machine run it")
        if not self.has_meanings and passage.language not in set(self.suggester.examples.units["language"]):
            return Refusal(f"it has learned from no text in {passage.language}")
        places = spans(passage.text, "sentence")
        scores = self.suggester.scores([passage.text[start:end] for start, end in places])
        return [
            Quotation(code.id, passage.text[start:end], start)
            for at, (start, end) in enumerate(places)
            for code in definitions
            if scores[code.id].iloc[at] >= self.least[code.id]
        ]


def run_machine(
    store: Store,
    backend: Backend,
    *,
    documents: Sequence[str],
    by: str,
    codes: Sequence[str] | None = None,
    unit: str = "paragraph",
) -> "pd.Series[Any]":
    """Let a machine code some documents, and give the row of `machine_log.machine_runs` that tells what came of it.

    `by`: who starts it. `codes`: by default all that can be given. `unit`: what one passage is. What is about to run is
    written down before the first passage; an error on the way leaves that behind, and no coding. A quotation counts
    where its words stand in the passage at the place it names or, where it names none, at one place only; others are
    dropped and counted. Raises CodingError in a reflexive project, for an unknown document or code, and where the
    configuration changes on the way.
    """
    require_coefficients(store, "machine")
    texts = [store.document(name) for name in dict.fromkeys(documents)]
    book = store.codebook()
    wanted = [code for code in book if code.is_codable] if codes is None else [book[code] for code in codes]
    definitions = [replace(code, memo="", color="") for code in wanted]
    number, body = machine_log.begin(
        store, backend, definitions, plan={"documents": [text.id for text in texts], "unit": unit}, by=by
    )
    ready = backend
    if isinstance(backend, LearningBackend):
        corpus = store.corpus()
        others = {document.id for document in corpus} - relatives(corpus, documents)
        ready = backend.learned(coded_units_of(store, documents=others), definitions)
    places = [(text, start, end) for text in texts for start, end in spans(text.text, unit)]
    passages = [Passage(text.id, start, end, text.text[start:end], text.language) for text, start, end in places]
    answers = [(passage, ready.code(definitions, passage)) for passage in passages]
    if any(body[name] != now for name, now in machine_log.described(backend, definitions).items()):
        raise CodingError(f"run {number}: the machine's configuration changed on the way; nothing was kept")
    codings, dropped = _checked(answers, {code.id for code in definitions}, body["coder"])
    found = {**body, "passages": len(answers), "refusals": _refusals(answers), "dropped": dropped}
    machine_log.end(store, number, found, codings=codings, by=by)
    return machine_log.machine_runs(store).set_index("run").loc[number]


def _refusals(answers: Answers) -> list[dict[str, Any]]:
    refused = [(passage, answer.reason) for passage, answer in answers if isinstance(answer, Refusal)]
    names = ("document", "start", "end")
    return [{name: asdict(passage)[name] for name in names} | {"reason": reason} for passage, reason in refused]


def _checked(answers: Answers, codes: set[str], coder: str) -> tuple[pd.DataFrame, dict[str, int]]:
    """The quotations that stand where they should, as codings, and how many others there are, by reason."""
    rows, dropped = set(), Counter({"not_found": 0, "several_places": 0, "unknown_code": 0})
    for passage, answer in answers:
        for quotation in () if isinstance(answer, Refusal) else answer:
            place = _place(passage.text, quotation) if quotation.code in codes else "unknown_code"
            if isinstance(place, str):
                dropped[place] += 1
            else:
                start = passage.start + place
                rows.add((passage.document, start, start + len(quotation.text), quotation.code, coder))
    frame = pd.DataFrame(sorted(rows), columns=["document", "start", "end", "code", "coder"])
    return as_codings(frame) if rows else no_codings(), dict(dropped)


def _place(text: str, quotation: Quotation) -> int | str:
    """Where a quotation begins in its passage, or why it cannot be used."""
    words, start = quotation.text, quotation.start
    if start is not None:
        return start if words and start >= 0 and text.startswith(words, start) else "not_found"
    first = text.find(words)
    if first < 0 or not words:
        return "not_found"
    return first if text.find(words, first + 1) < 0 else "several_places"
