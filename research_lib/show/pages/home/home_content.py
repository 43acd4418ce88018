"""What the template, the browser module and the saved table of the home page each need."""

from collections.abc import Iterable

from research_lib.evidence.study import Study
from research_lib.show.material import Material
from research_lib.show.pages.home.findings_shown import ShownFinding, shown_findings
from research_lib.show.pages.shared.cards import source_list
from research_lib.show.pages.shared.content import PageContent, Table, amount_and_unit, counted_claims
from research_lib.show.words import Words


def home_content(material: Material, words: Words) -> PageContent:
    """Give the home page in one language: how much the study holds, and the findings that matter most."""
    study, root = material.study, material.study.path.parent
    findings = shown_findings(study, words)
    context = {
        "findings": findings,
        "sources_shown": source_list(study, [card for finding in findings for card in finding.cards]),
        "notebooks": [path.relative_to(root).as_posix() for path in sorted((root / "notebooks").glob("*.ipynb"))],
        "lede": counted_claims("home", study, words),
        "questions": [each for each in material.pages if each not in ("home", "cases")],
    }
    phrases = {name: words.phrases[f"evidence.{name}"] for name in ("copied", "copy_yourself")}
    return PageContent(context, {}, model={"phrases": phrases}, table=_table(findings, study, words))


def _table(findings: Iterable[ShownFinding], study: Study, words: Words) -> Table:
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
                *(card.id, card.text, amount_and_unit(card), words.listed(card.informants)),
                *(words(f"certainty.{card.certainty}"), f"{source[card.id]} {card.lines}".strip()),
            ],
        )
        for finding in findings
        for card in finding.cards
    ]
    return Table("findings", columns, rows)
