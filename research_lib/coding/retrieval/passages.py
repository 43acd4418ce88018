"""Retrieval: the passages of codes with their context, by coder, attribute, case and by what lies near or around them.

Overlaps are normal, and what two coders gave the same words is two passages.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from research_lib.coding.codebook import Codebook
from research_lib.coding.corpus import Corpus, words_around
from research_lib.coding.project import Case, Project
from research_lib.coding.retrieval.relations import RELATIONS, holds
from research_lib.coding.storage.store import Store
from research_lib.coding.storage.transfer import cases_of
from research_lib.errors import CodingError, quoted

Names = str | Iterable[str]
_PLACE = ["id", "document", "start", "end", "code", "coder", "memo"]
COLUMNS = ["id", "document", "name", "language", "coder", "code", "start", "end", "text", "before", "after", "memo"]


@dataclass(frozen=True)
class Coded:
    """What passages are taken from: codebook, corpus, cases and codings; of a store, only what is asked for is read."""

    codebook: Codebook
    corpus: Corpus
    cases: tuple[Case, ...]
    source: Project | Store

    def codings(
        self, codes: Iterable[str] | None = None, coders: Names | None = None, columns: Iterable[str] = _PLACE
    ) -> pd.DataFrame:
        """Give id, document, start, end, code, coder and memo of all codings, or of those of some codes and coders."""
        wanted = {name: _names(names) for name, names in (("code", codes), ("coder", coders)) if names is not None}
        if isinstance(self.source, Project):
            frame = self.source.codings
            for name, names in wanted.items():
                frame = frame[frame[name].isin(names)]
            return frame[list(columns)].reset_index(drop=True)
        parts = ["NOT is_removed", *(f"{name} IN ({', '.join('?' * len(names))})" for name, names in wanted.items())]
        values = tuple(value for names in wanted.values() for value in names)
        asked = ", ".join(f'"{name}"' for name in columns)
        return self.source.table(f"SELECT {asked} FROM codings WHERE {' AND '.join(parts)}", values)


def coded(source: Project | Store | Coded) -> Coded:
    """Open a project or a store for several questions, so that its texts are read once."""
    if isinstance(source, Coded):
        return source
    if isinstance(source, Project):
        return Coded(source.codebook, source.corpus, source.cases, source)
    return Coded(source.codebook(), source.corpus(), cases_of(source), source)


def retrieve(
    source: Project | Store | Coded,
    *,
    codes: Names | None = None,
    with_sub_codes: bool = True,
    coders: Names | None = None,
    documents: Names | None = None,
    cases: Names | None = None,
    where: Mapping[str, Names] | None = None,
    near: Names | None = None,
    inside: Names | None = None,
    overlapping: Names | None = None,
    without: Names | None = None,
    distance: int = 100,
    by_one_coder: bool = True,
    context: int | None = 80,
) -> pd.DataFrame:
    """List the passages of codes: id, document, name, language, coder, code, start, end, text, before, after, memo.

    The documents' attributes follow as columns. `codes`: all unless given; those under them count too, unless
    `with_sub_codes` is False. `coders`, `documents`, `cases`: only theirs. `where`: attributes of documents, such as
    `{"country": "FRA"}`; several values are either-or. `near`, `inside`, `overlapping`: only passages that lie at most
    `distance` characters from, within, or over a segment of these codes (or of those under them); `without`: only those
    that no such segment overlaps. A passage is never beside itself. `by_one_coder`: the other segment is by the same
    coder. `context`: characters before and after; None gives places alone (see `with_context`). Passages stand in
    the order of codebook and documents. Raises CodingError for an unknown code, document, case or attribute.
    """
    held = coded(source)
    family = codes if codes is None else _family(held.codebook, codes, with_sub_codes)
    found = chosen(held, codes=family, coders=coders, documents=documents, cases=cases, where=where)
    for relation, others in zip(RELATIONS, (near, inside, overlapping, without), strict=True):
        if others is not None:
            other = held.codings(_family(held.codebook, others, with_sub_codes), coders)
            found = found[holds(relation, found, other, distance=distance, by_one_coder=by_one_coder)]
    ordered = _in_order(found, held)
    return ordered if context is None else with_context(ordered, held.corpus, context)


def chosen(
    held: Coded,
    *,
    codes: Iterable[str] | None = None,
    coders: Names | None = None,
    documents: Names | None = None,
    cases: Names | None = None,
    where: Mapping[str, Names] | None = None,
    columns: Iterable[str] = _PLACE,
) -> pd.DataFrame:
    """Give the codings that fit, without their texts, in no order; see `retrieve`."""
    found = held.codings(codes, coders, columns)
    if documents is not None:
        found = found[found["document"].isin([held.corpus[name].id for name in _names(documents)])]
    if where:
        found = found[found["document"].isin(_documents_where(held.corpus, where))]
    if cases is not None:
        found = found[found["id"].isin(case_codings(found, held.cases, cases)["id"])]
    return found


def case_codings(codings: pd.DataFrame, cases: Iterable[Case], names: Names | None = None) -> pd.DataFrame:
    """List which coding is of which case: id, document, code, case; one of a case's documents or its own.

    `names`: ids of cases, all unless given; raises CodingError for one that is not there.
    """
    known = {case.id: case for case in cases}
    wanted = list(known) if names is None else _names(names)
    if unknown := next((name for name in wanted if name not in known), None):
        raise CodingError(f"there is no case {quoted(unknown)}; there are {len(known)}")
    whole = [(name, document) for name in wanted for document in known[name].documents]
    single = [(name, coding) for name in wanted for coding in known[name].codings]
    rows = codings[["id", "document", "code"]]
    parts = [(whole, "document"), (single, "id")]
    kept = [rows.merge(pd.DataFrame(part, columns=["case", key], dtype="str"), on=key) for part, key in parts]
    return pd.concat(kept, ignore_index=True).drop_duplicates(["id", "case"], ignore_index=True)


def _documents_where(corpus: Corpus, where: Mapping[str, Names]) -> list[str]:
    documents = corpus.frame()
    for name, values in where.items():
        if name not in documents:
            there = ", ".join(list(documents)[5:]) or "none"
            raise CodingError(f"no document has the attribute {quoted(name)}; there are: {there}")
        documents = documents[documents[name].isin(_names(values))]
    return list(documents["document"])


def _family(codebook: Codebook, codes: Names, with_sub_codes: bool) -> list[str]:
    """The codes and, where wanted, all under them; raises CodingError for one that is not there."""
    below = [codebook.below(code) if with_sub_codes else [codebook[code]] for code in _names(codes)]
    return list(dict.fromkeys(code.id for family in below for code in family))


def _names(names: Names) -> list[str]:
    return [names] if isinstance(names, str) else list(names)


def _in_order(found: pd.DataFrame, held: Coded) -> pd.DataFrame:
    codes = {code.id: place for place, code in enumerate(held.codebook.in_tree_order())}
    documents = {document.id: place for place, document in enumerate(held.corpus)}
    keyed = found.assign(_code=found["code"].map(codes), _document=found["document"].map(documents))
    by = ["_code", "_document", "start", "end", "coder", "id"]
    return keyed.sort_values(by, ignore_index=True).drop(columns=["_code", "_document"])


def with_context(found: pd.DataFrame, corpus: Corpus, characters: int = 80) -> pd.DataFrame:
    """Add the words of each coding, what stands around them, and what is known of the documents; see `retrieve`."""
    texts = {document.id: document.text for document in corpus}
    rows: list[Any] = [
        (texts[name][start:end], *words_around(texts[name], start, end, characters))
        for name, start, end in zip(found["document"], found["start"], found["end"], strict=True)
    ]
    words = pd.DataFrame(rows, columns=["text", "before", "after"], index=found.index, dtype="str")
    documents = corpus.frame().drop(columns=["translation_of", "characters"])
    joined = found.join(words).merge(documents, on="document", how="left", validate="many_to_one")
    return joined[[*COLUMNS, *(name for name in joined if name not in COLUMNS)]]
