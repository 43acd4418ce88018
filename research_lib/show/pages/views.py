"""From a page's value to its view model: what its template, its browser module and its kernel each need."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from research_lib.evidence.study import Study
from research_lib.evidence.vocabulary import journeys as vocabulary
from research_lib.show.drawing.charts import STOCK
from research_lib.show.material import Material
from research_lib.show.pages.cases.cases_view import cases_context
from research_lib.show.pages.comparison.comparison_view import comparison_context
from research_lib.show.pages.home.home_page import home_page
from research_lib.show.pages.networks.networks_view import networks_context
from research_lib.show.pages.profiles.profiles_page import DEFAULT as PROFILES_DEFAULT
from research_lib.show.pages.profiles.profiles_page import ProfilesPage, profiles_page
from research_lib.show.pages.routes.routes_page import DEFAULT as ROUTES_DEFAULT
from research_lib.show.pages.routes.routes_page import VIEWS as MAP_VIEWS
from research_lib.show.pages.routes.routes_page import RoutesPage, routes_page
from research_lib.show.pages.shared.cards import Card
from research_lib.show.words import Words


@dataclass(frozen=True)
class View:
    """One page, ready: the names that its template uses, and the rows that its kernel reads."""

    context: Mapping[str, Any]
    rows: Mapping[str, Any]


def _home(material: Material, words: Words) -> View:
    page = home_page(material.study, material.geography, words)
    rows = {"options": page.options(), "columns": [], "rows": []}
    return View({"page": page, "view_model": _model(rows, words)}, rows)


def _routes(material: Material, words: Words) -> View:
    study = material.study
    page = routes_page(study, material.geography, words)
    amounts = {card.id: _amount(card) for card in page.cards if card.amount}
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
        "views": MAP_VIEWS,
        "amounts": amounts,
        "legend": legend,
        "default": ROUTES_DEFAULT,
        "hidden": {f"leg:{leg.id}" for leg in page.legs if not leg.is_shown},
        "view_model": {
            **_model(rows, words),
            "items": items,
            "count": words.phrases["routes.count"],
            "some": words.phrases["filters.some"],
        },
    }
    return View(context, rows)


def _route_rows(page: RoutesPage, amounts: Mapping[str, str], study: Study, words: Words) -> dict[str, Any]:
    source = study["legs"].set_index("id")["source"]
    labels = ["route", "from", "to"]
    columns = [*(words(f"table.{label}") for label in labels), *(label for label, _ in page.legs[0].facts)]
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


def _profiles(material: Material, words: Words) -> View:
    study = material.study
    page = profiles_page(study, words)
    cells = {(cell.profile, cell.country, cell.dimension): list(cell.cards) for cell in page.cells}
    rows = _profile_rows(page, study, words)
    model = {
        **_model(rows, words),
        "profiles": {p.id: [p.name, p.definition] for p in page.profiles},
        "countries": dict(page.countries),
        "cells": {" ".join(key): ids for key, ids in cells.items()},
        "unknown": {
            code: words(f"profiles.{'no_field_work' if code == 'SVK' else 'unknown'}") for code, _ in page.countries
        },
        "nothing": words("profiles.nothing_more"),
        "choose": words("profiles.choose"),
    }
    context = {
        "page": page,
        "default": PROFILES_DEFAULT,
        "cells": cells,
        "cards": {card.id: card for card in page.cards},
        "stock_rows": _stock_rows(study, page, words),
        "view_model": model,
    }
    return View(context, rows)


def _profile_rows(page: ProfilesPage, study: Study, words: Words) -> dict[str, Any]:
    names = {p.id: p.name for p in page.profiles}
    countries, cards = dict(page.countries), {card.id: card for card in page.cards}
    titles = {dimension: title for dimension, title, _ in page.dimensions}
    sources = {**study["claims"].set_index("id")["source"], **study["figures"].set_index("id")["source"]}
    rows = [
        {
            "id": f"{cell.profile} {cell.country} {key}",
            "facets": {"profile": [cell.profile], "country": [cell.country]},
            "cells": [
                names[cell.profile],
                countries[cell.country],
                titles[cell.dimension],
                _amount(cards[key]),
                cards[key].text,
                ", ".join(cards[key].informants),
                words(f"certainty.{cards[key].certainty}"),
                study.cite(sources[key]).replace("\n", " "),
            ],
        }
        for cell in page.cells
        for key in cell.cards
    ]
    labels = ("profile", "country", "dimension", "figure", "text", "informant", "certainty", "source")
    return {"options": page.options(), "columns": [words(f"table.{label}") for label in labels], "rows": rows}


def _stock_rows(study: Study, page: ProfilesPage, words: Words) -> list[tuple[int, list[str]]]:
    figures = study["figures"]
    table = figures[figures["indicator"] == STOCK].pivot(index="start_year", columns="country_code", values="value")
    return [(int(year), [words.number(row[code]) for code, _ in page.countries]) for year, row in table.iterrows()]


def _cases(material: Material, words: Words) -> View:
    context, rows = cases_context(material.released, material.reasons, words)
    model = {**_model(rows, words), "default": context["default"].id, "stem": rows["stem"]}
    return View({**context, "view_model": model}, rows)


def _comparison(material: Material, words: Words) -> View:
    context, rows = comparison_context(material.study, words)
    return View({**context, "view_model": {**_model(rows, words), **context["model"]}}, rows)


def _networks(material: Material, words: Words) -> View:
    context, rows = networks_context(material.study, words)
    return View({**context, "view_model": {**_model(rows, words), **context["model"]}}, rows)


def _amount(card: Card) -> str:
    return " ".join(part for part in (card.amount, card.unit) if part)


def _used(page: RoutesPage, attribute: str, codes: Mapping[str, str]) -> list[str]:
    used = {getattr(line, attribute) for drawing in page.maps for line in drawing.lines}
    return [code for code in codes if code in used]


def _model(rows: Mapping[str, Any], words: Words) -> dict[str, Any]:
    live = {key: words(f"live.{key}") for key in ("waiting", "ready", "lost")}
    return {"options": rows["options"], "live": live}


VIEWS: dict[str, Callable[[Material, Words], View]] = {
    "home": _home,
    "routes": _routes,
    "profiles": _profiles,
    "cases": _cases,
    "comparison": _comparison,
    "networks": _networks,
}
