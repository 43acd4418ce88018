"""What the template, the browser module and the saved table of the routes page each need."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from research_lib.evidence.study import Study
from research_lib.show.drawing.organiser_panels import ALL, ORGANISERS
from research_lib.show.material import Material
from research_lib.show.pages.routes.routes_page import RoutesPage, routes_page
from research_lib.show.pages.shared.content import PageContent, Table, amount_and_unit
from research_lib.show.words import Words

_ROWS = 8  # of the table, as in `routes.css`, before the others are asked for
_MANY = 200  # rows


def routes_content(material: Material, words: Words) -> PageContent:
    """Give the routes page in one language."""
    study = material.study
    page = routes_page(study, material.geography, words)
    amounts = {card.id: amount_and_unit(card) for card in page.cards if card.amount}
    hidden = {leg.id for leg in page.legs if not page.is_shown(leg)}
    context = {
        "page": page,
        "chain": _chain(page, words),
        "near": _near(page, study),
        "headlines": {card.id: amounts[card.id] for card in page.cards if card.is_headline},
        "said": _said(page, words),
        "steps_of": _steps_of(page),
        "box": next(each.box for each in page.map.organisers if each.id == page.first),
        "counted": lambda cell: sum(leg not in hidden for leg in cell),
        "local_language": study.settings.local_language,
        "hidden": hidden,
        "gathered": _gathered(page),
        "first_rows": _first_rows(page),
    }
    table = _table(page, amounts, study, words)
    return PageContent(context, page.options(), model=_model(page, study, words), table=table, default=page.default)


def _first_rows(page: RoutesPage) -> int:
    """How many rows of the table stand in the page: all, or of very many those up to the last that is seen at first."""
    seen = [place for place, leg in enumerate(page.legs) if page.is_shown(leg)]
    return seen[_ROWS - 1] + 1 if len(page.legs) > _MANY and len(seen) >= _ROWS else len(page.legs)


def _model(page: RoutesPage, study: Study, words: Words) -> dict[str, Any]:
    """What the browser needs beside the marks of the map."""
    return {
        "items": _items(page),
        "views": page.views,
        "journeys": {route: [each.places, each.legs] for route, each in page.journeys.items()},
        "elsewhere": words.phrases["routes.elsewhere"],
        "on_line": words.phrases["routes.on_line"],
        "filters": words("filters.title"),
        "gathered": _gathered(page),
        "ends": _ends(page, study, words),
        "boxes": {each.id: each.box for each in page.map.organisers},
        "first": page.first,
        "titles": page.titles,
        "count": words.phrases["routes.count"],
        "enclosed": words.phrases["routes.enclosed"],
        "only": words.phrases["routes.name_only"],
        "organised": words.phrases["routes.organisers"],
        "nobody": words.phrases["routes.no_organiser"],
        "sure": words.phrases["routes.how_sure"],
        "some": words.phrases["filters.some"],
        "said": words.phrases["panel.steps"],
        "statuses": {code: words(f"status.{code}") for code in page.statuses},
        "certainties": {
            leg.facets["certainty"][0]: words(f"certainty.{leg.facets['certainty'][0]}") for leg in page.legs
        },
        "papers": words("fact.status"),
        "more": words.phrases["evidence.more"],
        "rows": _ROWS,
        "organisers": {panel: words(f"panel.{panel}") for panel in (*ORGANISERS, ALL)},
        "steps": [*(facet.name for facet in page.facets), "map", "select", "view", "zoom"],
    }


def _gathered(page: RoutesPage) -> list[str]:
    """The maps with lines that join countries."""
    return [each.id for each in page.map.organisers if each.is_by_country]


def _ends(page: RoutesPage, study: Study, words: Words) -> dict[str, str]:
    """The names of the places that lines lead from and to, where some join countries."""
    used = {place for each in page.map.organisers for step in each.steps for place in (step.start, step.end)}
    rows = study["places"][study["places"]["id"].isin(used)] if _gathered(page) else study["places"][:0]
    return {row.id: words.of(row, "name") for row in rows.itertuples()}


def _near(page: RoutesPage, study: Study) -> list[tuple[str, str]]:
    """The destinations abroad that the study's map names first, and their names."""
    places = study["places"]
    home = {*places.loc[places["country_code"].isin(study.settings.home_countries), "id"]}
    first = {*study.settings.map.labels_first} - home
    return [
        option for facet in page.facets if facet.name == "destination" for option in facet.options if option[0] in first
    ]


def _chain(page: RoutesPage, words: Words) -> str:
    """Say how many steps there are, how many are shown at first and name no organiser, and what adds the others."""
    every, shown, unnamed = page.counts["all"], page.counts["kinds"], _steps_of(page).get("unnamed", 0)
    said = words("routes.chain" if shown < every else "routes.count", all=every, shown=shown, others=every - shown)
    return f"{words.sentence(said)} {words('routes.unnamed', count=unnamed)}" if unnamed else said


def _steps_of(page: RoutesPage) -> dict[str, int]:
    """How many steps each organiser arranges, of those that are shown at first."""
    of = Counter(page.map.kinds[leg.id][0] for leg in page.legs if page.is_shown(leg))
    return {**of, ALL: of.total()}


def _said(page: RoutesPage, words: Words) -> str:
    """Say how many steps the first map shows, and how many of each legal status."""
    kinds = (page.map.kinds[leg.id] for leg in page.legs if page.is_shown(leg))
    of = Counter(status for organiser, status in kinds if organiser == page.first)
    parts = (f"{count} {words(f'status.{code}')}" for code, count in of.most_common())
    return words("panel.steps", count=of.total(), parts=words.listed(parts) or "–")


def _items(page: RoutesPage) -> list[dict[str, Any]]:
    """What the browser filters, and lists on a phone."""
    return [
        {
            "id": f"leg:{leg.id}",
            "facets": leg.facets,
            "panel": page.map.kinds[leg.id][0],
            "status": page.map.kinds[leg.id][1],
            "route": leg.route_id,
        }
        for leg in page.legs
    ]


def _table(page: RoutesPage, amounts: Mapping[str, str], study: Study, words: Words) -> Table:
    source = study["legs"].set_index("id")["source"]
    labels = ["route", "from", "to"]
    columns = [*(words(f"table.{label}") for label in labels), *page.fact_names]
    rows = [
        (
            leg.facets,
            [
                leg.title,
                leg.start,
                leg.end,
                *(value for _, value in leg.facts),
                "; ".join(amounts[key] for key in leg.figures),
                leg.text,
                study.cite(source[leg.id]).replace("\n", " "),
            ],
        )
        for leg in page.legs
    ]
    more = [words("table.figure"), words("table.text"), words("table.source")]
    return Table("routes", [*columns, *more], rows)
