"""The parts of a report: findings, journeys, networks, recommendations, statements, method, limits, sources."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from research_lib.compare.routes import leg_table
from research_lib.evidence.multiple_values import split
from research_lib.show.drawing.map import draw_map, map_image
from research_lib.show.drawing.projection import journeys_frame
from research_lib.show.material import Material
from research_lib.show.pages.about.about_content import about_content
from research_lib.show.pages.home.findings_shown import ShownFinding, shown_findings
from research_lib.show.pages.networks.networks_page import Network, networks_page
from research_lib.show.pages.routes.map_titles import map_titles
from research_lib.show.pages.routes.routes_page import Leg, routes_page
from research_lib.show.pages.shared.cards import Card, claim_cards, facts, figure_cards
from research_lib.show.pages.shared.content import amount_and_unit, counted_claims
from research_lib.show.report.blocks import (
    Bullets,
    Drawing,
    Heading,
    Paragraph,
    Picture,
    Section,
    Strokes,
    Strong,
    Table,
    Text,
    Told,
    Whole,
)
from research_lib.show.report.standing_pictures import standing
from research_lib.show.words import Words, capital

_STATEMENT, _FIGURE = (9.0, 3.8, 4.2), (2.4, 6.8, 3.6, 4.2)
_LIMITS = {"home": 4, "comparison": 3, "routes": 4, "networks": 3, "evidence": 3}


def findings(told: Told) -> Section:
    """What the study found, each finding with its certainties and its drawing."""
    blocks: list[object] = [Paragraph(counted_claims("home", told.study, told.words), "lede")]
    if answer := told.words.phrases.get("home.answer"):
        blocks.append(Paragraph(answer))
    for finding in shown_findings(told.study, told.words):
        shown = (Paragraph(finding.text), certainties(finding, told), *drawing(finding, told))
        blocks.append(Whole((Heading(finding.title), *shown)))
    return Section(told.words("home.findings"), tuple(blocks))


def certainties(finding: ShownFinding, told: Told) -> Paragraph:
    """How many statements of a finding have each certainty."""
    counted = (
        f"{told.words(f'certainty.{code}')} {told.words.plural('home.of_certainty', count)}"
        for code, count in finding.certainties
    )
    return Paragraph(capital(" · ".join(counted)), "note")


def drawing(finding: ShownFinding, told: Told) -> Iterator[Drawing]:
    """The drawing of a finding that has one."""
    if finding.drawing:
        asked = told.words.phrases.get(f"home.asked_{finding.drawing}", "")
        caption = told.words(f"home.caption_{finding.drawing}", **(finding.counts or {}))
        yield Drawing(finding.drawing, finding.drawn, asked, caption)


def journeys(told: Told, material: Material) -> Section:
    """The journeys that lead to the countries: a map for each organiser, and all steps as a table."""
    words, study, places = told.words, told.study, told.study["places"]
    page = routes_page(study, material.geography, words)
    within = {*places.loc[places["country_code"].isin(told.countries), "id"]}
    legs = [leg for leg in page.legs if within & {*leg.facets["destination"]}]
    known = facts(study, "legs", words, title="")
    columns = [words("table.route"), words("fact.actor"), words("fact.status"), _both(words), words("table.source")]
    rows = tuple((leg.title, *_said_of(leg, words), told.source(known[leg.id])) for leg in legs)
    table = Table(tuple(columns), (4.6, 2.9, 2.4, 3.0, 4.1), rows)
    maps = _maps({leg.id for leg in legs if page.is_shown(leg)}, told, material)
    blocks = (Paragraph(words("routes.title"), "key"), Paragraph(words("routes.lede")), *maps)
    return Section(words("routes.short"), (*blocks, Heading(words("table.title")), table))


def _said_of(leg: Leg, words: Words) -> tuple[Text, ...]:
    said = dict(leg.facts)
    actor, status, *sure = (said[words(f"fact.{name}")] for name in ("actor", "status", "certainty", "informant"))
    return actor, status, " · ".join(filter(None, sure))


def _maps(shown: set[str], told: Told, material: Material) -> Iterator[object]:
    """A map of each organiser's steps, for which names have the room that others do not take."""
    study, words, legs = told.study, told.words, leg_table(told.study)
    legs = legs[legs["id"].isin(shown)]
    if legs.empty:
        return
    drawn = draw_map(journeys_frame(study), material.geography, study, legs, words=words, first=shown)
    used = {status for _, status in drawn.kinds.values()}
    statuses = [(code, words(f"status.{code}")) for code in study.vocabularies.codes("legal_statuses") if code in used]
    yield Strokes(words("fact.status"), tuple(statuses))
    titles = map_titles(study, legs, words)
    for organiser in drawn.organisers[:-1]:
        svg = map_image(drawn, words, view=drawn.frame, shown=organiser.id)
        alt = " ".join([f"{titles[organiser.id]}.", *(step.spoken for step in organiser.steps)])
        yield Picture(standing(svg), alt, titles[organiser.id])
    yield Paragraph(words("map.borders"), "note")


def networks(told: Told) -> Section:
    """The networks of the countries, with their members, and which profile fills which role."""
    words, page = told.words, networks_page(told.study, told.words)
    blocks: list[object] = [
        Paragraph(words("networks.title"), "key"),
        Paragraph(words("networks.lede")),
        Paragraph(words("networks.definition")),
    ]
    for country in told.countries:
        own = [each for each in page.networks if each.country == country]
        said = words.phrases.get(f"networks.prose_{country}") or ("" if own else words("comparison.nothing"))
        blocks += [Heading(told.name(country)), *([Paragraph(said)] if said else [])]
        if own:
            columns = tuple(capital(words(f"networks.column_{name}")) for name in ("network", "member", "source"))
            blocks.append(Table(columns, (5.6, 7.2, 4.2), tuple(_network(each, told) for each in own)))
    return Section(words("networks.short"), (*blocks, *_roles(page, told)))


def _network(network: Network, told: Told) -> tuple[Text, ...]:
    words = told.words
    what: list[Text] = [Strong(network.fact.title), words(f"networks.fits_{network.fits}"), network.fact.text]
    members = words.listed((f"{each.count} {each.name}".strip() for each in network.members), "semicolon")
    return _lines(what), members or words("networks.no_members"), told.source(network.fact)


def _roles(page: Any, told: Told) -> Iterator[object]:
    homes = dict(zip(told.study["partnerships"]["id"], told.study["partnerships"]["country_code"], strict=True))
    own = [(key, name) for key, name in page.partnerships if homes[key] in told.countries]
    rows: list[tuple[Text, ...]] = []
    for _, profile, fillings in page.matrix:
        of = {each.partnership: each for each in fillings if each.documented}
        if any(key in of for key, _ in own):
            rows.append((Strong(profile), *(told.words.listed(of[key].roles) if key in of else "–" for key, _ in own)))
    if rows:
        yield Heading(told.words("networks.roles"))
        columns = (told.words("evidence.kind_profession"), *(name for _, name in own))
        yield Table(columns, (5.0, *(12 / len(own) for _ in own)), tuple(rows))


def recommendations(told: Told) -> Section:
    """What is recommended or wished for the countries, by kind."""
    words, table = told.words, told.study["recommendations"]
    known = facts(told.study, "recommendations", words)
    blocks: list[object] = []
    for kind, wanted in table[_about(table["country_code"], told)].groupby("kind", sort=False):
        own = [known[key] for key in wanted["id"]]
        columns = (words(f"recommendation.{kind}"), words("table.source"))
        rows = tuple((_lines([Strong(each.title), each.text]), told.source(each)) for each in own)
        blocks += [Heading(columns[0]), Table(columns, (12.6, 4.4), rows)]
    return Section(capital(words("evidence.kinds_recommendation")), tuple(blocks))


def statements(told: Told) -> Section:
    """All claims about the countries, by theme, each with its certainty, who says so, and where it stands."""
    cards, words = claim_cards(told.study, told.words), told.words
    columns = (words("home.column_text"), _both(words), words("home.column_source"))

    def row(card: Card) -> tuple[Text, ...]:
        return _lines([(card.about, " ", card.text) if card.about else card.text]), _how(card, words), told.source(card)

    return Section(words("evidence.title"), tuple(_by_theme("claims", cards, told, (columns, _STATEMENT, row))))


def figures(told: Told) -> Section:
    """All figures about the countries, by theme; a range stays a range."""
    cards, words = figure_cards(told.study, told.words), told.words
    columns = (words("home.column_number"), words("home.column_text"), _both(words), words("home.column_source"))

    def row(card: Card) -> tuple[Text, ...]:
        return Strong(amount_and_unit(card)), card.text, _how(card, words), told.source(card)

    blocks = _by_theme("figures", cards, told, (columns, _FIGURE, row))
    return Section(capital(words("evidence.kinds_figure")), (Paragraph(words("about.method_missing"), "note"), *blocks))


def _both(words: Words) -> str:
    return f"{words('home.column_certainty')} · {words('home.column_said')}"


def _how(card: Card, words: Words) -> str:
    return " · ".join(filter(None, [words(f"certainty.{card.certainty}"), words.listed(card.informants)]))


def _by_theme(
    table: str,
    cards: dict[str, Card],
    told: Told,
    form: tuple[tuple[str, ...], tuple[float, ...], Callable[[Card], Any]],
) -> Iterator[object]:
    """A table for each theme of the codebook, where a statement stands at the first of its codes."""
    columns, widths, row = form
    book, rows = told.study["codebook"], told.study[table]
    above = {each.id: each.parent_id if isinstance(each.parent_id, str) else each.id for each in book.itertuples()}
    themes: dict[str, list[Card]] = {}
    for each in rows[_about(rows["country_code"], told)].itertuples():
        code = (split(each.code) or [""])[0]
        themes.setdefault(above.get(code, code), []).append(cards[each.id])
    for each in book.itertuples():
        if each.id in themes:
            yield Heading(told.words.of(each, "name"))
            yield Table(columns, widths, tuple(map(row, themes[each.id])))


def _about(cells: Any, told: Told) -> Any:
    """Whether rows are about one of the countries, or about none in particular where a report is about all."""
    is_whole = {*told.countries} == {*told.study.countries}
    return cells.map(lambda cell: is_whole or bool({*split(cell)} & {*told.countries})).astype(bool)


def method(told: Told, material: Material) -> Section:
    """How the study was made, what its words of certainty mean, who is said to know, and where sources err."""
    words, about = told.words, about_content(material, told.words).context
    counts = about["counts"]
    made = [
        words("about.method_claim", count=counts["claims"]),
        words("about.method_figure", count=counts["figures"]),
        words("about.method_route", count=counts["routes"], legs=counts["legs"]),
        words("about.method_missing"),
        *filter(None, [words.phrases.get("about.reading")]),
    ]
    said = {
        "statements": words.plural("evidence.counted_claim", about["said"]["claims"]),
        "figures": words.plural("evidence.counted_figure", about["said"]["figures"]),
    }
    blocks: list[object] = [Bullets(tuple(made))]
    for part in ("certainties", "informants"):
        title = words("about.certainty" if part == "certainties" else "about.informants")
        note = words("about.certainty_note" if part == "certainties" else "about.informants_note", **said)
        rows = tuple((Strong(each.name), each.meaning, words.number(each.count)) for each in about[part])
        columns = (title, capital(words("about.column_meaning")), words("home.column_number"))
        blocks += [Heading(title), Paragraph(note, "note"), Table(columns, (4.0, 10.6, 2.4), rows)]
    if parts := about["errata"]:
        blocks += [
            Heading(words("about.errata")),
            Bullets(tuple(type(each.title)(f"{each.title} ({each.count})") for each in parts)),
        ]
    return Section(words("about.method"), tuple(blocks))


def limits(told: Told, parts: Iterable[str]) -> Section:
    """What the report cannot tell, part by part."""
    keys = [f"limits.{part}_{number}" for part in parts for number in range(1, _LIMITS[part] + 1)]
    return Section(told.words("limits.title"), (Bullets(tuple(map(told.words, keys))),), follows=True)


def sources(told: Told) -> Section:
    """The sources that the rows of the report name."""
    cited = tuple(told.study.cite(key) for key in sorted(told.cited))
    return Section(told.words("report.sources"), (Bullets(cited),), follows=True)


def glossary(told: Told, material: Material) -> Section:
    """The terms of the study with their meanings."""
    terms = about_content(material, told.words).context["glossary"]
    columns = tuple(capital(told.words(f"about.column_{name}")) for name in ("term", "meaning"))
    rows = tuple((Strong(each.title), each.text) for each in terms)
    return Section(told.words("about.glossary"), (Table(columns, (4.5, 12.5), rows),), follows=True)


def _lines(parts: Iterable[Text]) -> Text:
    """Put texts below each other."""
    found = [part for part in parts if part]
    return tuple(each for part in found for each in ("\n", part))[1:]
