"""A machine as one coder: it gets definitions and a passage, and gives back quotations with codes, or refuses.

It is blinded like anybody: no coding is given to it. Every run is written down before it begins (`machine_log.py`), as
a coder of its own.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from typing import Any, Protocol

import pandas as pd

from research_lib.coding.assisted.machine_log import machine_runs
from research_lib.coding.codebook import Code
from research_lib.coding.codings import as_codings
from research_lib.coding.corpus import spans
from research_lib.coding.reliability import PLACE
from research_lib.coding.storage.reflexive import require_coefficients
from research_lib.coding.storage.store import Store
from research_lib.errors import CodingError


@dataclass(frozen=True)
class Passage:
    """A stretch of a document that a machine is asked to code; `start` is where it begins there."""

    document: str
    start: int
    end: int
    text: str
    language: str


@dataclass(frozen=True)
class Quotation:
    """Words of a passage to which a machine gives a code; `start` counts from where the passage begins, if known."""

    code: str
    text: str
    start: int | None = None


@dataclass(frozen=True)
class Refusal:
    """A machine's answer that it does not code a passage, and why."""

    reason: str


Answer = Sequence[Quotation] | Refusal
Answers = Sequence[tuple[Passage, Answer]]


class Backend(Protocol):
    """A machine that codes; what `configuration` and `prompt` give is written down for good, so no keys in them."""

    name: str

    def configuration(self) -> Mapping[str, Any]:
        """Give all that decides what the machine does, such as its model and settings: texts and plain numbers."""

    def prompt(self, definitions: Sequence[Code]) -> str:
        """Give the instruction that stands before each passage."""

    def code(self, definitions: Sequence[Code], passage: Passage) -> Answer:
        """Code one passage, or refuse it."""


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
    written down first; an error on the way leaves that behind, and no coding. A quotation counts where its words stand
    in the passage at the place it names or, where it names none, at one place only; others are dropped and counted.
    Raises CodingError in a reflexive project, for an unknown document or code, and where the configuration changes.
    """
    require_coefficients(store, "machine")
    texts = [store.document(name) for name in dict.fromkeys(documents)]
    book = store.codebook()
    wanted = [code for code in book if code.is_codable] if codes is None else [book[code] for code in codes]
    definitions = [replace(code, memo="", color="") for code in wanted]
    plan = {"documents": [text.id for text in texts], "unit": unit}
    number, body = _begin(store, backend, definitions, plan=plan, by=by)
    places = [(text, start, end) for text in texts for start, end in spans(text.text, unit)]
    passages = [Passage(text.id, start, end, text.text[start:end], text.language) for text, start, end in places]
    answers = [(passage, backend.code(definitions, passage)) for passage in passages]
    if any(body[name] != now for name, now in _described(backend, definitions).items()):
        raise CodingError(f"run {number}: the machine's configuration changed on the way; nothing was kept")
    codings, dropped = _checked(answers, {code.id for code in definitions}, body["coder"])
    body |= {"passages": len(answers), "refusals": _refusals(answers), "dropped": dropped, "codings": len(codings)}
    with store.writing():
        store.add_codings(codings, coder=by)
        store.put("machine-run", str(number), {"after": body}, coder=by, is_bulk=True)
    return machine_runs(store).set_index("run").loc[number]


def _described(backend: Backend, definitions: Sequence[Code]) -> dict[str, str]:
    """Give a machine's name and the SHA-256 of its configuration, and of its prompt with the definitions."""
    told = [backend.prompt(definitions), *(asdict(code) for code in definitions)]
    hashes = {"configuration_hash": _hash(dict(backend.configuration())), "prompt_hash": _hash(told)}
    return {"backend": backend.name, **hashes}


def _hash(value: Any) -> str:
    try:
        return sha256(json.dumps(value, sort_keys=True, allow_nan=False).encode()).hexdigest()
    except (TypeError, ValueError) as error:
        raise CodingError(f"a machine's configuration is texts and plain numbers ({error!s:.99})") from error


def _begin(
    store: Store, backend: Backend, definitions: Sequence[Code], *, plan: Mapping[str, Any], by: str
) -> tuple[int, dict[str, Any]]:
    """Write down what is about to run, and give its number and what was written."""
    body = {**_described(backend, definitions), "configuration": dict(backend.configuration()), **plan}
    body |= {"prompt": backend.prompt(definitions), "codes": [code.id for code in definitions]}
    with store.writing():
        number = 1 + max((int(event.entity) for event in store.events("kind = 'machine-run'")), default=0)
        last = store.rows("SELECT hash FROM events ORDER BY seq DESC LIMIT 1")[0]["hash"]
        body |= {"coder": f"machine {number}: {backend.name}", "store_hash": last}
        store.put("machine-run", str(number), {"after": body}, coder=by, is_bulk=True)
    return number, body


def _refusals(answers: Answers) -> list[dict[str, Any]]:
    refused = [(passage, answer.reason) for passage, answer in answers if isinstance(answer, Refusal)]
    return [{name: getattr(passage, name) for name in PLACE} | {"reason": reason} for passage, reason in refused]


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
    return as_codings(pd.DataFrame(sorted(rows), columns=[*PLACE, "code", "coder"])), dict(dropped)


def _place(text: str, quotation: Quotation) -> int | str:
    """Where a quotation begins in its passage, or why it cannot be used."""
    words, start = quotation.text, quotation.start
    if start is not None:
        return start if words and start >= 0 and text.startswith(words, start) else "not_found"
    first = text.find(words)
    if first < 0 or not words:
        return "not_found"
    return first if text.find(words, first + 1) < 0 else "several_places"
