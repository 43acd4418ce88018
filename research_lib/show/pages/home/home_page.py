"""The home page as a value: how much the study holds, and the findings that matter most, each with its drawing."""

from dataclasses import dataclass

from research_lib.evidence.study import Study
from research_lib.show.pages.home.findings_shown import ShownFinding, shown_findings
from research_lib.show.pages.shared.cards import Card, Source, claim_cards, figure_cards, source_list
from research_lib.show.words import Words


@dataclass(frozen=True)
class HomePage:
    """Everything that the home page shows."""

    findings: tuple[ShownFinding, ...]
    cards: tuple[Card, ...]
    sources: tuple[Source, ...]
    notebooks: tuple[str, ...]

    def options(self) -> dict[str, list[str]]:
        """The home page has no choices of its own."""
        return {}


def home_page(study: Study, words: Words) -> HomePage:
    """Assemble the home page in one language."""
    findings = shown_findings(study, words, claim_cards(study, words) | figure_cards(study, words))
    shown = tuple(card for finding in findings for card in finding.cards)
    root = study.path.parent
    notebooks = tuple(path.relative_to(root).as_posix() for path in sorted((root / "notebooks").glob("*.ipynb")))
    return HomePage(findings, shown, tuple(source_list(study, shown)), notebooks)
