"""The home page as a value: what this is, the findings that matter most, and how much stands behind them."""

from collections.abc import Mapping
from dataclasses import dataclass

from geopandas import GeoDataFrame

from research_lib.compare.routes import leg_table
from research_lib.evidence.study import Study
from research_lib.show.drawing.map import MapDrawing, draw_map
from research_lib.show.drawing.projection import EURASIA
from research_lib.show.pages.shared.cards import Card, Source, claim_cards, figure_cards, source_list
from research_lib.show.pages.shared.default_journeys import DEFAULT
from research_lib.show.words import Words

FINDINGS = {
    "papers": ("c-3-3-1-c-05", "c-3-3-1-c-07", "c-3-3-4-1-34", "c-3-3-4-1-37", "c-3-3-1-c-09"),
    "dongbei": ("c-3-3-2-a-02", "c-3-3-2-a-03", "c-3-3-2-a-05", "c-3-3-2-a-06", "c-3-3-4-1-08", "c-3-3-3-c-17"),
    "trafficking": ("c-3-3-4-1-39", "c-3-3-2-b-17", "c-3-3-2-a-27", "c-3-3-2-b-18", "c-3-3-4-2-64"),
    "network": ("c-3-3-4-1-25", "c-3-3-4-1-27", "c-3-3-4-1-29", "c-3-3-4-1-30", "c-3-3-4-1-41"),
    "trust": ("c-3-3-2-a-11", "c-3-3-2-b-14", "c-3-3-2-b-06", "c-3-3-3-c-06", "c-3-3-1-d-19"),
}


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
        Finding(words(f"finding.{name}.title"), words(f"finding.{name}.text"), tuple(cards[key] for key in keys))
        for name, keys in FINDINGS.items()
    )
    shown = tuple(card for finding in findings for card in finding.cards)
    counts = tuple(
        (words.number(len(study[table])), words(f"home.count_{table}"))
        for table in ("claims", "figures", "sources", "places", "routes", "provisions", "organisations")
    )
    legs = leg_table(study)
    legs = legs[legs["kind"].isin(DEFAULT["kind"])]
    drawing = draw_map(EURASIA, {"countries": geography["countries"]}, study["places"], legs, words=words)
    notebooks = len(list((study.path.parent / "notebooks").glob("*.ipynb")))
    return HomePage(findings, counts, shown, tuple(source_list(study, shown)), drawing, notebooks)
