"""What the template, the browser module and the saved table of the assessment page each need."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from research_lib.compare import palermo
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
    told = [case for case in page.situations if case.verdicts[page.first].verdict == "trafficking"]
    context = {
        "situations": page,
        "told": len(told),
        "set_in": set_in(study, told, words),
        "where": {case.fact.id: _where(case.countries, words) for case in page.situations},
        "sentences": {case.fact.id: _told_of(case, words) for case in page.situations},
        "agreements": Counter(case.agreement for case in page.situations),
        "said_of_untold": sum(case.agreement != "silent" for case in page.untold),
        "page_sources": _sources(study, page),
    }
    model = {**assessment_model(page, words), "steps": "situation"} if page.situations else {}
    return PageContent(context, page.options(), _SINGLE, model, _table(study, page, words))


def _where(countries: Iterable[str], words: Words) -> str:
    return ", ".join(words.phrases.get(f"country.{code}", code) for code in dict.fromkeys(countries))


def _told_of(case: Situation, words: Words) -> str:
    """Say which of act, means and purpose are met, not met and unknown."""
    names: dict[str, list[str]] = {}
    for element in ("act", "means", "purpose"):
        names.setdefault(case.told(element), []).append(words(f"element.{element}").lower())
    parts = (
        words(f"assess.row_{value}", elements=", ".join(names[value])) for value in palermo.VALUES if value in names
    )
    return " ".join(parts)


def set_in(study: Study, cases: Sequence[Situation], words: Words) -> str:
    """Say how many of some situations are set outside the countries of the study, and where; empty if none is."""
    own = [case for case in cases if {*case.countries} & {*study.countries}]
    elsewhere = [case for case in cases if case.countries and case not in own]
    if not elsewhere:
        return ""
    own_names, names = (_where(chain(*(case.countries for case in each)), words) for each in (own, elsewhere))
    counts = {"count": len(cases), "own": len(own), "elsewhere": len(elsewhere)}
    key = "assessment.set_in" if own else "assessment.set_elsewhere"
    return words(key, own_names=own_names, names=names, **counts)


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
    yield _where(case.countries, words)
    yield words(f"definition.{code}")
    yield words(f"verdict.{found.verdict}")
    for element in ("act", "means", "purpose"):
        yield words(f"light.{case.told(element, code)}")
    yield words(f"conclusion.{case.conclusion}")


def _sources(study: Study, page: Situations) -> list[Source]:
    stated = [fact for case in page.situations for fact in (case.fact, *(each.fact for each in case.indicators))]
    return fact_sources(study, [fact for fact in stated if fact])
