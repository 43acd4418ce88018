"""What the template, the browser module and the saved table of the profiles page each need."""

import pandas as pd

from research_lib.evidence.study import Study
from research_lib.show.drawing.evidence_charts.official_figures import stock_figures
from research_lib.show.material import Material
from research_lib.show.pages.profiles.profiles_page import ProfilesPage, profiles_page
from research_lib.show.pages.shared.content import PageContent, Table, amount_and_unit
from research_lib.show.state import ViewState
from research_lib.show.words import Words


def profiles_content(material: Material, words: Words) -> PageContent:
    """Give the profiles page in one language."""
    study = material.study
    page = profiles_page(study, material.geography, words)
    model = {
        "profiles": {p.id: [p.name, p.definition] for p in page.profiles},
        "countries": page.countries,
        "cells": {f"{c.profile} {c.country} {c.dimension}": c.cards for c in page.cells if c.cards},
        "slots": {f"{p.id}.{name}": slot.statements for p in page.profiles for name, slot in p.slots.items()},
        "steps": "profile",
        "phrases": {
            name: words(f"profiles.{name}")
            for name in ("one_more", "compare", "two_chosen", "unknown", "nothing", "more", "copied", "copy_yourself")
        },
    }
    context = {
        "page": page,
        "example": ViewState("profiles", page.example).to_query(),
        "names": {p.id: p.name for p in page.profiles},
        "countries": list(page.countries.values()),
        "stock_rows": _stock_rows(study, words),
        "stock_countries": list(dict.fromkeys(stock_figures(study)["country_code"])),
    }
    return PageContent(context, page.options(), single=("slot",), model=model, table=_table(page, study, words))


def _table(page: ProfilesPage, study: Study, words: Words) -> Table:
    names = {p.id: p.name for p in page.profiles}
    cards = {card.id: card for card in page.cards}
    titles = {dimension: title for dimension, title, _ in page.dimensions}
    sources = {**study["claims"].set_index("id")["source"], **study["figures"].set_index("id")["source"]}
    rows = [
        (
            {"profile": [cell.profile], "country": [cell.country]},
            [
                names[cell.profile],
                page.countries[cell.country],
                titles[cell.dimension],
                amount_and_unit(cards[key]),
                cards[key].text,
                ", ".join(cards[key].informants),
                words(f"certainty.{cards[key].certainty}"),
                study.cite(sources[key]).replace("\n", " "),
            ],
        )
        for cell in page.cells
        for key in cell.cards
    ]
    labels = ("profile", "country", "dimension", "figure", "text", "informant", "certainty", "source")
    return Table("profiles", [words(f"table.{label}") for label in labels], rows)


def _stock_rows(study: Study, words: Words) -> list[tuple[int, list[str]]]:
    figures = stock_figures(study)
    table = figures.pivot(index="year", columns="country_code", values="value")
    years = table.reindex(columns=[*dict.fromkeys(figures["country_code"])]).iterrows()
    return [(int(str(year)), ["" if pd.isna(value) else words.number(value) for value in row]) for year, row in years]
