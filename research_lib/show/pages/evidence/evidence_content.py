"""What the template, the browser module and the saved table of the evidence page each need."""

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from itertools import pairwise
from pathlib import Path
from string import ascii_lowercase, ascii_uppercase
from typing import Any

from research_lib.evidence.bibliography import bibtex
from research_lib.evidence.study import Study
from research_lib.files.spreadsheet import guarded, write_text
from research_lib.show.drawing.labels import shortened
from research_lib.show.material import Material
from research_lib.show.pages.evidence.evidence_page import EvidencePage, evidence_page
from research_lib.show.pages.evidence.names_of_codes import folded
from research_lib.show.pages.evidence.statement_rows import COLUMNS, Dependent, Statement
from research_lib.show.pages.shared.content import WOMEN, PageContent, Table
from research_lib.show.phrase_files import TERMS
from research_lib.show.words import Words

FIRST, _LONGEST = 15, 24
_SEARCHED = ("about", "informant", "country", "place", "group")
_PHRASES = (
    *("cell", "own_part", "cite_lines", "cite_section", "copied", "copy_yourself", "count", "missing", "more"),
    *("nothing_rests", "by_table", "rests_count", "said", "shown_of"),
    *("as_written", "further", "meant", "near", "partial", "unknown"),
)
_AS_WRITTEN = ("name", "text", "number", "presence", "law", "period", "place", "group", "source")
_NAMED = ("about", "informant", "certainty", "country")
_LONGEST_LEFT_OUT = 2
_WIDE = 5  # countries in the matrix that leave their bars room for the share of the women's own words
_CUT = 6  # letters of a word that are kept, as in `search.mjs`
_LETTERS = len(ascii_lowercase)
_RANGE = re.compile(r"(\d+)(?:-(\d+))?")
_LAST_NUMBER = re.compile(r"[0-9]{0,9}$")
_PLURAL = re.compile(r"(?<=\w{5})s$")


def evidence_content(material: Material, words: Words) -> PageContent:
    """Give the evidence page in one language."""
    study = material.study
    page = evidence_page(study, words)
    rows = [({**each.facets}, [each.cells[name] for name in COLUMNS]) for each in page.statements]
    own = page.count("claim", WOMEN)
    context = {
        "page": page,
        "first": page.ordered[:FIRST],
        "nothing": {"id": "", "shown": "", "cells": dict.fromkeys(COLUMNS, ""), "facets": {"certainty": []}},
        "lede": words.plural("evidence.lede", len(page.statements)),
        "counts": {option.value: page.count(option.value) for option in page.filters["kind"]},
        "own": own,
        "is_narrow": len(page.countries) > _WIDE,
        "said": _said(page),
        "order": words.listed(_order(page, words), "semicolon"),
        "bibtex": {source.key: bibtex(study.bibliography, source.key) for source in page.sources},
        "labels": {each.id: [page.references[name] for name in each.references] for each in page.ordered[:FIRST]},
    }
    table = Table("evidence", labels := [words(f"evidence.column_{name}") for name in COLUMNS], rows)
    model, packed = _model(page, study, words), packed_rows(page.statements, labels)
    search = _search(page, _search_words(words))
    return PageContent(context, page.options(), ["q", "statement"], model, table, packed=packed, search=search)


def _search(page: EvidencePage, known: Mapping[str, Any]) -> dict[str, Any]:
    """What a search reads beside the statements: what words are also called, and words of the other languages."""
    shown = [_searched(each, page) for each in page.statements]
    languages = [others for others in zip(*(each.others for each in page.statements), strict=True) if any(others)]
    return {**known, "words": [words_elsewhere(shown, others, **known) for others in languages]}


def _said(page: EvidencePage) -> list[tuple[str, str, int]]:
    """Give each who says statements, the women themselves first, and how many."""
    return [(code, page.names(f"informant.{code}"), page.count("claim", code)) for code in page.informants]


def _order(page: EvidencePage, words: Words) -> list[str]:
    """Say in which order the statements stand."""
    parts = [words("evidence.order_findings")] if page.findings else []
    parts += [words("evidence.order_said", informant=words(f"informant.{WOMEN}"))] if page.count("claim", WOMEN) else []
    return [*parts, words("evidence.order_rest")]


def _model(page: EvidencePage, study: Study, words: Words) -> dict[str, Any]:
    """What the browser searches and shows beside the packed rows, whose cells are not written twice."""
    options = {name: values for name, values in page.options().items() if name != "statement"}
    book = study["codebook"].dropna(subset=["parent_id"])
    return {
        "options": options,
        "steps": "statement",
        "first": FIRST,
        "findings": page.findings,
        "own": WOMEN,
        "largest": page.largest,
        "countries": study.countries,
        "above": dict(zip(book["id"], book["parent_id"], strict=True)),
        "abouts": _names_beyond_filters(page),
        "definitions": dict(zip(book["id"], book["definition"], strict=True)),
        "kinds": {option.value: words(f"evidence.kind_{option.value}") for option in page.filters["kind"]},
        "terms": page.terms,
        "labels": page.labels,
        "sections": page.sections,
        "rests": [[words(f"evidence.table_{table}"), *_rests(rows)] for table, rows in page.dependents.items()],
        "informants": {who: page.names(f"informant.{who}") for who in page.informants},
        "meanings": {each.value: words(f"certainty_meaning.{each.value}") for each in page.filters["certainty"]},
        "phrases": {name: words.phrases[f"evidence.{name}"] for name in _PHRASES}
        | {"lines": words.phrases["card.lines"], "women": words("informant.women")},
        "title": study.settings.title,
        "told": "en" if words.is_told_in_english else words.language,
        "some": words.phrases["filters.some"],
    }


def _search_words(words: Words) -> dict[str, Any]:
    """The words of a search with what they are also called, each side joined by `|`, and the words that say nothing.

    Where the statements are in English only, the terms of the glossary lead from the other languages to the English.
    """
    with Path(__file__).with_name("search_words.csv").open(encoding="utf-8", newline="") as file:
        rows = [(folded(row["words"]), row["means"]) for row in csv.DictReader(file)]
    stop = [word for found, means in rows if not means for word in found.split("|")]
    terms = (
        _terms_in_english({each for found, _ in rows for each in found.split("|")}) if words.is_told_in_english else {}
    )
    return {"means": {found: means for found, means in rows if means} | terms, "stop": stop}


def _terms_in_english(known: Set[str]) -> dict[str, str]:
    """The words for each term in the other languages, joined by `|`, with the English; without those that are known."""
    found = defaultdict[str, dict[str, list[str]]](lambda: defaultdict(list))
    with TERMS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            of = "en" if row["language"] == "en" else "others"
            found[row["term"]][of] += [folded(word.strip()) for word in row["word"].split(";")]
    new = {term: [word for word in dict.fromkeys(each["others"]) if word not in known] for term, each in found.items()}
    return {"|".join(words): "|".join(found[term]["en"]) for term, words in new.items() if words}


def _searched(each: Statement, page: EvidencePage) -> str:
    """Everything in which the search looks beside the words of other languages."""
    names = [name for column in _SEARCHED for name in each.cells[column].split(page.names.words("list.semicolon"))]
    more = [page.terms.get(name, "") for name in names] + [page.sections.get(name, "") for name in each.references]
    return "\n".join([each.row_id, each.shown, *names, *more])


def _names_beyond_filters(page: EvidencePage) -> dict[str, str]:
    """The names of what statements are about, without those that stand beside the boxes of the filter by theme."""
    boxes = {f"codebook.{option.value}" for option in page.filters["code"]}
    terms = (term for each in page.statements for term in each.terms["about"] if term not in boxes)
    return {term: page.names(term) for term in terms}


def _rests(rows: tuple[Dependent, ...]) -> list[Any]:
    """The names of rows, cut where they are long; the statements that each names; the one that each is itself."""
    names = [shortened(each.name, _LONGEST) if each.itself is None else "" for each in rows]
    own = [each.itself for each in rows]
    return [names, [each.statements for each in rows], own if any(each is not None for each in own) else []]


def packed_rows(statements: Sequence[Statement], labels: Sequence[str]) -> dict[str, Any]:
    """Give the cells of statements by column; `labels` are the names of the columns in the saved table.

    An id that only counts on from the one before is empty. Of a range of lines the first number is the step from where
    the range before began, and the second is how many lines follow: `12+19`.
    """
    return {
        "stem": "evidence",
        "header": write_text([labels]),
        "labels": labels,
        "id": _ids([each.row_id for each in statements]),
        "kind": [each.kind for each in statements],
        "lines": _steps_of_lines([each.line_numbers for each in statements]),
        **{name: [each.cells[name] for each in statements] for name in _AS_WRITTEN},
        **{name: [";".join(each.terms[name]) for each in statements] for name in _NAMED},
        "guarded": _guarded(statements),
    }


def _ids(ids: Sequence[str]) -> list[str]:
    return ["" if own == _next_id(before) else own for before, own in pairwise(["", *ids])]


def _next_id(before: str) -> str:
    number = _LAST_NUMBER.findall(before)[0]
    return f"{before.removesuffix(number)}{int(number or 0) + 1:0{len(number)}d}"


def _steps_of_lines(cells: Sequence[str]) -> list[str]:
    before = 0

    def written(numbers: re.Match[str]) -> str:
        nonlocal before
        first, last = int(numbers[1]), numbers[2] and int(numbers[2])
        step, before = first - before, first
        return f"{step}+{last - first}" if last else f"{step}"

    return [_RANGE.sub(written, cell) for cell in cells]


def _guarded(statements: Iterable[Statement]) -> dict[int, dict[str, str]]:
    """The cells that the saved table writes otherwise, so that a spreadsheet computes none of them."""
    found = {
        place: {name: safe for name in COLUMNS if (safe := guarded(each.cells[name])) != each.cells[name]}
        for place, each in enumerate(statements)
    }
    return {place: cells for place, cells in found.items() if cells}


def words_elsewhere(
    shown: Sequence[str], others: Sequence[str], *, stop: Sequence[str] = (), means: Mapping[str, str] | None = None
) -> tuple[str, str]:
    """List the words that texts have in another language and not in what is shown, and the places where each stands.

    Words are written as the search compares them, of a long one the first letters; see `_cut`. One of two Latin letters
    is left out, one of `stop`, one that another word of its text begins with, and one of which the shown text has what
    it `means`, since the search looks for that too. The places of a word are steps from one to the next, each a number
    to the base of 26 in letters, of which the last is small; a space ends those of a word.
    """
    meant = {word: others for words, others in (means or {}).items() for word in words.split("|")}
    places: dict[str, list[int]] = {}
    for place, (text, other) in enumerate(zip(map(folded, shown), others, strict=True)):
        begun = " " + re.sub(r"[^\w-]+", " ", text)
        for word in _new_words(begun, other, stop, meant):
            places.setdefault(word, []).append(place)
    found = sorted(places)
    steps = ("".join(_lettered(at - before) for before, at in pairwise([0, *places[word]])) for word in found)
    return " ".join(found), " ".join(steps)


def _new_words(begun: str, other: str, stop: Sequence[str], meant: Mapping[str, str]) -> set[str]:
    told = {*filter(_is_told, map(folded, re.split(r"[^\w-]+", other)))} - {*stop}
    plain = {_PLURAL.sub("", word) for word in told}
    new = {_cut(word) for word in plain if not any(f" {each}" in begun for each in _found_by(word, meant))}
    return {word for word in new if not any(each.startswith(word) and each != word for each in new)}


def _cut(word: str) -> str:
    """Write of a word at most the first letters; one that has just as many ends in a point."""
    return word[:_CUT] + "." * (len(word) == _CUT)


def _found_by(word: str, meant: Mapping[str, str]) -> list[str]:
    return [word[:_CUT], *(each for each in meant.get(word, "").split("|") if each)]


def _lettered(number: int) -> str:
    """Write a number to the base of 26: the last digit as a small letter, those before it as capitals."""
    before, last = divmod(number, _LETTERS)
    capitals = ""
    while before:
        before, digit = divmod(before, _LETTERS)
        capitals = ascii_uppercase[digit] + capitals
    return capitals + ascii_lowercase[last]


def _is_told(word: str) -> bool:
    return len(word) > _LONGEST_LEFT_OUT or not word.isascii()
