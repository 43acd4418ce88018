"""What the template, the browser module and the saved table of the routes page each need."""

from collections.abc import Mapping
from typing import Any

import shapely

from research_lib.evidence.study import Study
from research_lib.show.drawing.organiser_panels import ORGANISERS, Panel, organiser_of
from research_lib.show.material import Material
from research_lib.show.pages.routes.routes_page import RoutesPage, routes_page
from research_lib.show.pages.shared.content import PageContent, Table, amount_and_unit
from research_lib.show.pages.shared.panels_shown import said_of
from research_lib.show.words import Words

_ROWS = 8  # of the table, as in `routes.css`, before the others are asked for
_MOST = 0.9  # the share of a map that lies in a part with a name, from which on it is named after it


def routes_content(material: Material, words: Words) -> PageContent:
    """Give the routes page in one language."""
    study = material.study
    page = routes_page(study, material.geography, words)
    amounts = {card.id: amount_and_unit(card) for card in page.cards if card.amount}
    hidden = {f"leg:{leg.id}" for leg in page.legs if not page.is_shown(leg)}
    left_out = {panel.id: _left_out(page, panel) for panel in page.panels.panels}
    context = {
        "page": page,
        "chain": _chain(page, words),
        "views": page.views,
        "headlines": {card.id: amounts[card.id] for card in page.cards if card.is_headline},
        "legend": page.statuses,
        "said": {panel.id: said_of(panel, words, left_out[panel.id]["all"]) for panel in page.panels.panels},
        "left_out": left_out,
        "enlarged": {panel.id: _enlarged(page, panel, words) for panel in page.panels.panels},
        "counted": lambda cell: sum(f"leg:{leg}" not in hidden for leg in cell),
        "local_language": study.settings.local_language,
        "default": page.default,
        "hidden": hidden,
    }
    model = {
        "items": _items(page),
        "views": page.views,
        "whole": page.map.whole,
        "count": words.phrases["routes.count"],
        "only": words.phrases["routes.name_only"],
        "some": words.phrases["filters.some"],
        "said": words.phrases["panel.steps"],
        "statuses": {code: words(f"status.{code}") for code in page.statuses},
        "left": {name: words.phrases[f"panel.{name}"] for name in ("left", "left_mixed", "list_all", "shown_of")},
        "papers": words("fact.status"),
        "more": words.phrases["evidence.more"],
        "rows": _ROWS,
        "organisers": {panel: words(f"panel.{panel}") for panel in ORGANISERS},
        "steps": [*(facet.name for facet in page.facets), "select", "view", "zoom"],
    }
    table = _table(page, amounts, study, words)
    return PageContent(context, page.options(), model=model, table=table, default=page.default)


def _chain(page: RoutesPage, words: Words) -> str:
    """Say how many steps there are, how many are shown at first, and what adds the others."""
    every, kinds, shown = page.counts["all"], page.counts["kinds"], sum(map(page.is_shown, page.legs))
    numbers = {"all": every, "shown": shown, "more": kinds - shown, "others": every - kinds}
    return words("routes.chain" if shown < kinds < every else "routes.count", **numbers)


def _left_out(page: RoutesPage, panel: Panel) -> dict[str, int]:
    """How many steps a panel shows, of how many of the kinds that are shown at first."""
    kinds = set(page.default["kind"])
    legs = [leg for leg in page.legs if organiser_of(leg.facets["actor"]) == panel.id]
    every, shown = sum(not kinds.isdisjoint(leg.facets["kind"]) for leg in legs), sum(map(page.is_shown, legs))
    return {"shown": shown, "all": every, "rest": every - shown}


def _enlarged(page: RoutesPage, panel: Panel, words: Words) -> str:
    """Say that a panel shows less than the others, and of which named part of the map; empty where it does not."""
    left, top, width, height = panel.box
    if panel.box == page.panels.box:
        return ""
    strips = page.panels.panes.strips
    shift = next((each.shift for each in strips if left + width / 2 <= each.start + each.width), strips[-1].shift)
    shown = shapely.box(left + shift, top, left + shift + width, top + height)
    for name, (x, y, w, h) in page.views.items():
        is_part = shown.intersection(shapely.box(x, y, x + w, y + h)).area > _MOST * shown.area
        if is_part and name not in ("journeys", "world"):
            return words("panel.enlarged_part", part=words(f"view.{name}"))
    return words("panel.enlarged")


def _items(page: RoutesPage) -> list[dict[str, Any]]:
    """What the browser filters, and lists on a phone."""
    lines = {line.id: line for line in page.map.lines}
    return [
        {
            "id": f"leg:{leg.id}",
            "facets": leg.facets,
            "places": [f"place:{place}" for place in (lines[leg.id].start, lines[leg.id].end)],
            "panel": organiser_of(leg.facets["actor"]),
            "status": lines[leg.id].status,
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
