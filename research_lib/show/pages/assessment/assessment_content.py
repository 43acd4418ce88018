"""What the template, the browser module and the saved table of the assessment page each need."""

from collections.abc import Iterator

from research_lib.evidence.study import Study
from research_lib.show.material import Material
from research_lib.show.pages.assessment.situations_assessed import (
    Situation,
    Situations,
    assessment_model,
    situations,
)
from research_lib.show.pages.shared.cards import Source
from research_lib.show.pages.shared.content import PageContent, Row, Table
from research_lib.show.pages.shared.facts import fact_sources
from research_lib.show.words import Words

_SINGLE = ("situation", "definition")
_COLUMNS = ("situation", "country", "definition", "verdict", "act", "means", "purpose", "conclusion", "text", "source")


def assessment_content(material: Material, words: Words) -> PageContent:
    """Give the assessment page in one language."""
    study, page = material.study, situations(material.study, words)
    told = sum(case.verdicts[page.first].verdict == "trafficking" for case in page.situations)
    context = {"situations": page, "told": told, "page_sources": _sources(study, page)}
    model = {**assessment_model(page, words), "steps": "situation"} if page.situations else {}
    return PageContent(context, page.options(), _SINGLE, model, _table(study, page, words))


def _table(study: Study, page: Situations, words: Words) -> Table:
    """Give every situation under every definition."""
    sources = study["situations"].set_index("id")["source"].map(study.cite).str.replace("\n", " ")
    rows: list[Row] = [
        ({}, [*_cells(case, code, words), case.fact.text, sources[case.fact.id]])
        for case in page.situations
        for code in page.definitions
    ]
    return Table("assessment", [words(f"assessment.column_{name}") for name in _COLUMNS], rows)


def _cells(case: Situation, code: str, words: Words) -> Iterator[str]:
    found = case.verdicts[code]
    yield case.fact.title
    yield ", ".join(words.phrases.get(f"country.{country}", country) for country in case.countries)
    yield words(f"definition.{code}")
    yield words(f"verdict.{found.verdict}")
    for element in ("act", "means", "purpose"):
        yield words(f"light.{case.told(element, code)}")
    yield words(f"conclusion.{case.conclusion}")


def _sources(study: Study, page: Situations) -> list[Source]:
    stated = [fact for case in page.situations for fact in (case.fact, *(each.fact for each in case.indicators))]
    return fact_sources(study, [fact for fact in stated if fact])
