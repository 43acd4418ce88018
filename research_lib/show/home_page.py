"""The home page as a value: what this is, the findings that matter most, and how much stands behind them."""

from dataclasses import dataclass

from research_lib.evidence.study import Study
from research_lib.show.cards import Card, Source, claim_cards, figure_cards, source_list
from research_lib.show.words import Words

FINDINGS: dict[str, tuple[str, ...]] = {}


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

    def options(self) -> dict[str, list[str]]:
        """The home page has no choices of its own."""
        return {}


def home_page(study: Study, words: Words) -> HomePage:
    """Assemble the home page in one language."""
    cards = claim_cards(study, words) | figure_cards(study, words)
    findings = tuple(
        Finding(words(f"finding.{key}.title"), words(f"finding.{key}.text"), tuple(cards[id] for id in ids))
        for key, ids in FINDINGS.items()
    )
    shown = tuple(card for finding in findings for card in finding.cards)
    counts = tuple(
        (words.number(len(study[table])), words(f"home.count_{table}"))
        for table in ("claims", "figures", "sources", "places", "routes")
    )
    return HomePage(findings, counts, shown, tuple(source_list(study, shown)))
