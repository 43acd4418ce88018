"""What the template, the browser module and the saved table of the comparison page each need."""

from itertools import chain

from research_lib.evidence.study import Study
from research_lib.show.material import Material
from research_lib.show.pages.comparison.comparison_page import ComparisonPage, comparison_page
from research_lib.show.pages.shared.cards import Source, source_list
from research_lib.show.pages.shared.content import PageContent, Table
from research_lib.show.words import Words

KINDS = ("differs", "open", "alike", "none")
_FIRST = 4
_ABREAST, _BEGUN = 4, 3  # at most so many countries stand side by side; where a study has more, it begins with so many
_LINES = ("which", "lasts", "reflects")
_SINGLE = ("topic", "pick")
_COLUMNS = ("country", "topic", "provision", "presence", "amount", "law", "text", "source")


def comparison_content(material: Material, words: Words) -> PageContent:
    """Give the comparison page in one language."""
    study = material.study
    page = comparison_page(study, words)
    has = {
        "ways": page.ways.countries,
        "provisions": page.questions,
        "timeline": page.timeline,
        "points": page.points,
    }
    context = {
        "page": page,
        "parts": [part for part, content in has.items() if content],
        "lines": [name for name in _LINES if any(getattr(each, name) for each in page.permits)],
        "first": _FIRST,
        "abreast": _ABREAST,
        "begun": _BEGUN,
        "page_sources": _sources(study, page),
    }
    codes = [code for code, _ in page.countries]
    model = {
        "countries": codes,
        "shown": codes if len(codes) <= _ABREAST else codes[:_BEGUN],
        "most": _ABREAST,
        "back": words("comparison.back"),
        "steps": ["pick", "country"],
        "count": words.phrases["comparison.count"],
        "sheet": {part: words.phrases[f"sheet.{part}"] for part in ("address", "all", "chosen", "picked", "printed")},
    }
    return PageContent(context, _options(page), _SINGLE, model, _table(study, page, words))


def _options(page: ComparisonPage) -> dict[str, list[str]]:
    laws = [mark.id for year in page.timeline for lane in year.lanes for mark in lane]
    picks = [
        *(step.id for step in page.ways.steps),
        *(f"feature:{each.id}" for each in page.features),
        *laws,
    ]
    topics = [topic.code for question in page.questions for topic in question.topics]
    return {"country": [code for code, _ in page.countries], "topic": topics, "kind": list(KINDS), "pick": picks}


def _table(study: Study, page: ComparisonPage, words: Words) -> Table:
    """Give the provisions; comparable ones carry how the countries stand to each other."""
    kinds = {feature.id: feature.kind for feature in page.features}
    names = dict(page.countries)
    rows = [
        (
            {
                "country": [row.country_code],
                "topic": [row.topic_code],
                **({"kind": [kinds[row.feature]]} if row.feature in kinds else {}),
            },
            [
                names[row.country_code],
                words(f"topic.{row.topic_code}"),
                page.facts[row.id].title,
                words(f"presence.{row.presence}"),
                page.facts[row.id].amount,
                words.of(row, "law") if isinstance(row.law, str) else "",
                page.facts[row.id].text,
                study.cite(row.source).replace("\n", " "),
            ],
        )
        for row in study["provisions"].itertuples()
    ]
    return Table("comparison", [words(f"comparison.column_{name}") for name in _COLUMNS], rows)


def _sources(study: Study, page: ComparisonPage) -> list[Source]:
    points = [point for _, aspects in page.points for _, of_aspect in aspects for point in of_aspect]
    claims = (page.claims[claim] for point in points for claim in point.claims)
    shown = [*page.facts.values(), *page.steps.values(), *(point.fact for point in points)]
    return source_list(study, chain(shown, claims))
