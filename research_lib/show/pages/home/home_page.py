"""The home page as a value: what this is, the findings that matter most, and how much stands behind them."""

from collections.abc import Mapping
from dataclasses import dataclass

from geopandas import GeoDataFrame

from research_lib.compare.routes import leg_table
from research_lib.evidence.study import Study
from research_lib.show.drawing.map import MapDrawing, draw_map
from research_lib.show.drawing.projection import journeys_frame
from research_lib.show.pages.shared.cards import Card, Source, claim_cards, figure_cards, source_list
from research_lib.show.pages.shared.default_journeys import shown_journeys
from research_lib.show.words import Words


@dataclass(frozen=True)
class Finding:
    """One finding with the cards that it rests on."""

    title: str
    text: str
    cards: tuple[Card, ...]


@dataclass(frozen=True)
class HomePage:
    """Everything that the home page shows."""

    findings: tuple[Finding, ...]
    counts: tuple[tuple[str, str], ...]
    cards: tuple[Card, ...]
    sources: tuple[Source, ...]
    map: MapDrawing
    notebooks: int

    def options(self) -> dict[str, list[str]]:
        """The home page has no choices of its own."""
        return {}


def home_page(study: Study, geography: Mapping[str, GeoDataFrame], words: Words) -> HomePage:
    """Assemble the home page in one language."""
    cards = claim_cards(study, words) | figure_cards(study, words)
    findings = tuple(
        Finding(
            words(f"finding.{each.id}.title"), words(f"finding.{each.id}.text"), tuple(cards[c] for c in each.claims)
        )
        for each in study.settings.findings
    )
    shown = tuple(card for finding in findings for card in finding.cards)
    counts = tuple(
        (words.number(count), words.plural(f"home.count_{table}", count))
        for table in ("claims", "figures", "sources", "places", "routes", "provisions", "organisations")
        if (count := len(study[table]))
    )
    legs = leg_table(study)
    legs = legs[legs["kind"].isin(shown_journeys(study))]
    drawing = draw_map(journeys_frame(study), {"countries": geography["countries"]}, study, legs, words=words)
    notebooks = len(list((study.path.parent / "notebooks").glob("*.ipynb")))
    return HomePage(findings, counts, shown, tuple(source_list(study, shown)), drawing, notebooks)
