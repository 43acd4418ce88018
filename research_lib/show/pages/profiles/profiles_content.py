"""What the template, the browser module and the saved table of the profiles page each need."""

import pandas as pd

from research_lib.evidence.study import Study
from research_lib.show.drawing.evidence_charts.official_figures import stock_figures
from research_lib.show.material import Material
from research_lib.show.pages.profiles.profiles_page import ProfilesPage, profiles_page
from research_lib.show.pages.shared.content import PageContent, Table, amount_and_unit
from research_lib.show.words import Words


def profiles_content(material: Material, words: Words) -> PageContent:
    """Give the profiles page in one language."""
    study = material.study
    page = profiles_page(study, words)
    cells = {(cell.profile, cell.country, cell.dimension): list(cell.cards) for cell in page.cells}
    unknown = {
        code: words(f"profiles.{'unknown' if code in study.field_work else 'no_field_work'}")
        for code, _ in page.countries
    }
    model = {
        "profiles": {p.id: [p.name, p.definition] for p in page.profiles},
        "countries": dict(page.countries),
        "cells": {" ".join(key): ids for key, ids in cells.items()},
        "unknown": unknown,
        "nothing": words("profiles.nothing_more"),
        "choose": words("profiles.choose"),
    }
    context = {
        "page": page,
        "default": page.default,
        "cells": cells,
        "unknown": unknown,
        "cards": {card.id: card for card in page.cards},
        "stock_rows": _stock_rows(study, page, words),
    }
    return PageContent(context, page.options(), model=model, table=_table(page, study, words), default=page.default)


def _table(page: ProfilesPage, study: Study, words: Words) -> Table:
    names = {p.id: p.name for p in page.profiles}
    countries, cards = dict(page.countries), {card.id: card for card in page.cards}
    titles = {dimension: title for dimension, title, _ in page.dimensions}
    sources = {**study["claims"].set_index("id")["source"], **study["figures"].set_index("id")["source"]}
    rows = [
        (
            {"profile": [cell.profile], "country": [cell.country]},
            [
                names[cell.profile],
                countries[cell.country],
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


def _stock_rows(study: Study, page: ProfilesPage, words: Words) -> list[tuple[int, list[str]]]:
    table = stock_figures(study).pivot(index="year", columns="country_code", values="value")
    years = table.reindex(columns=[code for code, _ in page.countries]).iterrows()
    return [(int(str(year)), ["" if pd.isna(value) else words.number(value) for value in row]) for year, row in years]
