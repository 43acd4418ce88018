"""What the template, the browser module and the saved table of the networks page each need."""

from typing import Any

import pandas as pd

from research_lib.compare import roles
from research_lib.compare.survey import OPTIONS
from research_lib.evidence.study import Study
from research_lib.evidence.vocabulary.cooperation import UNANSWERED
from research_lib.show.drawing.wheel import FAMILIES
from research_lib.show.material import Material
from research_lib.show.pages.networks.networks_page import SHOWN, NetworksPage, networks_page
from research_lib.show.pages.shared.cards import written_lines
from research_lib.show.pages.shared.content import PageContent, Table
from research_lib.show.words import Words

_COLUMNS = ("country", "network", "member", "type", "part", "count", "lines", "source")
_GAP = 14


def networks_content(material: Material, words: Words) -> PageContent:
    """Give the networks page in one language."""
    study = material.study
    page = networks_page(study, words)
    default = max(page.networks, key=lambda each: each.measures["named"]).id
    order = list(dict.fromkeys(respondent.country for respondent in page.respondents))
    has = {
        "countries": True,
        "networks": True,
        "survey": page.respondents,
        "roles": page.matrix,
        "exchange": page.flows,
        "practices": page.practices or page.recommendations,
    }
    context = {
        "page": page,
        "parts": [part for part, content in has.items() if content],
        "main_source": study.settings.main_source,
        "main_source_name": study.settings.main_source_name,
        "default": default,
        "families": tuple(FAMILIES),
        "respondents": [respondent.country for respondent in page.respondents],
        "gaps": {country: _GAP * place for place, country in enumerate(order)},
        "answers": _answers(study, words),
        "flows": _flows(study, words),
    }
    table = _table(study, page, words)
    return PageContent(context, page.options(), ["network"], {"default": default}, table)


def _table(study: Study, page: NetworksPage, words: Words) -> Table:
    names = dict(page.countries)
    sources = study["networks"].set_index("id")["source"]
    rows = [
        (
            {"network": [network.id], "country": [network.country]},
            [
                names.get(network.country, network.country),
                network.fact.title,
                member.name,
                words(f"agency.{member.type}"),
                words(f"member.{member.role}"),
                member.count or "1",
                member.lines,
                study.cite(sources[network.id]).replace("\n", " "),
            ],
        )
        for network in page.networks
        for member in network.members
    ]
    return Table("networks", [words(f"networks.column_{name}") for name in _COLUMNS], rows)


def _answers(study: Study, words: Words) -> list[tuple[str, str, str, str]]:
    """Every answer that the report states, in the order of the questions."""
    names = study["organisations"].set_index("id")["name"]
    return [
        (names[row.organisation_id], row.question.upper(), _answer(row, words), written_lines(row.lines, words))
        for row in study["survey_answers"].itertuples()
    ]


def _answer(row: Any, words: Words) -> str:
    chosen = ""
    if row.answer == UNANSWERED:
        chosen = words("networks.square_unanswered")
    elif pd.notna(row.answer):
        known = row.question in SHOWN and row.answer in OPTIONS[row.question]
        chosen = words(f"option.{row.question}.{row.answer}") if known else row.answer
    text = words.of(row, "text")
    return " – ".join(part for part in (chosen, text) if isinstance(part, str) and part)


def _flows(study: Study, words: Words) -> dict[str, dict[str, str]]:
    table = roles.exchange_flows(study)
    return {
        sender: {host: words.number(count) if pd.notna(count) else "–" for host, count in row.items()}
        for sender, row in table.to_dict("index").items()
    }
