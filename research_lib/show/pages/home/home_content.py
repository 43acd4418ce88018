"""What the template, the browser module and the saved table of the home page each need."""

from dataclasses import dataclass

from research_lib.evidence.study import Study
from research_lib.show.material import Material
from research_lib.show.pages.home.findings_shown import ShownFinding, shown_findings
from research_lib.show.pages.shared.cards import Card, Source, claim_cards, figure_cards, source_list
from research_lib.show.pages.shared.content import PageContent, Table, amount_and_unit, counted_claims
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


def home_content(material: Material, words: Words) -> PageContent:
    """Give the home page in one language."""
    study = material.study
    page = home_page(study, words)
    context = {
        "page": page,
        "lede": counted_claims("home", study, words),
        "questions": [each for each in material.pages if each not in ("home", "cases")],
    }
    phrases = {name: words.phrases[f"evidence.{name}"] for name in ("copied", "copy_yourself")}
    return PageContent(context, page.options(), model={"phrases": phrases}, table=_table(page, study, words))


def _table(page: HomePage, study: Study, words: Words) -> Table:
    """What each finding rests on, a line a statement."""
    columns = [
        words(f"home.column_{name}") for name in ("finding", "id", "text", "number", "said", "certainty", "source")
    ]
    source = {row.id: row.source for table in ("claims", "figures") for row in study[table].itertuples()}
    rows: list[tuple[dict[str, list[str]], list[object]]] = [
        (
            {},
            [
                finding.title,
                *(card.id, card.text, amount_and_unit(card), ", ".join(card.informants)),
                *(words(f"certainty.{card.certainty}"), f"{source[card.id]} {card.lines}".strip()),
            ],
        )
        for finding in page.findings
        for card in finding.cards
    ]
    return Table("findings", columns, rows)
