"""What the template, the module and the kernel of the routes page each need."""

from collections.abc import Mapping
from typing import Any

from research_lib.evidence.study import Study
from research_lib.evidence.vocabulary import journeys as vocabulary
from research_lib.show.material import Material
from research_lib.show.pages.routes.routes_page import VIEWS, RoutesPage, routes_page
from research_lib.show.pages.shared.default_journeys import DEFAULT
from research_lib.show.pages.shared.view import View, amount_and_unit, view_of
from research_lib.show.words import Words


def routes_view(material: Material, words: Words) -> View:
    """Give the routes page in one language."""
    study = material.study
    page = routes_page(study, material.geography, words)
    amounts = {card.id: amount_and_unit(card) for card in page.cards if card.amount}
    rows = _route_rows(page, amounts, study, words)
    ends = {f"leg:{line.id}": [f"place:{line.start}", f"place:{line.end}"] for line in page.maps[0].lines}
    items = [{"id": row["id"], "facets": row["facets"], "places": ends[row["id"]]} for row in rows["rows"]]
    legend = (
        ("status", _used(page, "status", vocabulary.LEGAL_STATUSES), "status"),
        ("actor", _used(page, "actor", vocabulary.ACTORS), "actor"),
        ("certainty", _used(page, "certainty", vocabulary.CERTAINTIES), "certainty"),
    )
    context = {
        "page": page,
        "views": VIEWS,
        "amounts": amounts,
        "legend": legend,
        "default": DEFAULT,
        "hidden": {f"leg:{leg.id}" for leg in page.legs if not leg.is_shown},
    }
    phrases = {"count": words.phrases["routes.count"], "some": words.phrases["filters.some"]}
    return view_of(context, rows, words, items=items, **phrases)


def _route_rows(page: RoutesPage, amounts: Mapping[str, str], study: Study, words: Words) -> dict[str, Any]:
    source = study["legs"].set_index("id")["source"]
    labels = ["route", "from", "to"]
    columns = [*(words(f"table.{label}") for label in labels), *page.fact_names]
    rows = [
        {
            "id": f"leg:{leg.id}",
            "facets": leg.facets,
            "cells": [
                leg.title,
                leg.start,
                leg.end,
                *(value for _, value in leg.facts),
                "; ".join(amounts[key] for key in leg.figures),
                leg.text,
                study.cite(source[leg.id]).replace("\n", " "),
            ],
        }
        for leg in page.legs
    ]
    more = [words("table.figure"), words("table.text"), words("table.source")]
    return {"options": page.options(), "columns": [*columns, *more], "rows": rows}


def _used(page: RoutesPage, attribute: str, codes: Mapping[str, str]) -> list[str]:
    used = {getattr(line, attribute) for drawing in page.maps for line in drawing.lines}
    return [code for code in codes if code in used]
