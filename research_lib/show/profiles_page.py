"""The profiles page as a value: for each group and country, what is known on the five dimensions."""

from dataclasses import dataclass

from research_lib.compare.profiles import COUNTRIES, DIMENSIONS
from research_lib.compare.routes import split
from research_lib.evidence.study import Study
from research_lib.show import charts
from research_lib.show.cards import SCALES, Card, Source, claim_cards, figure_cards, source_list
from research_lib.show.words import Words

DEFAULT = {"profile": ("dongbei", "zhejiang"), "country": ("FRA",)}


@dataclass(frozen=True)
class Profile:
    """One group that the page offers."""

    id: str
    name: str
    definition: str


@dataclass(frozen=True)
class Cell:
    """What is known of one group, in one country, on one dimension: the ids of its cards."""

    profile: str
    country: str
    dimension: str
    cards: tuple[str, ...]


@dataclass(frozen=True)
class RangeRow:
    """One number or range among those that share a unit."""

    card: Card
    group: str


@dataclass(frozen=True)
class ProfilesPage:
    """Everything that the profiles page shows."""

    profiles: tuple[Profile, ...]
    countries: tuple[tuple[str, str], ...]
    dimensions: tuple[tuple[str, str, str], ...]
    cells: tuple[Cell, ...]
    ranges: tuple[tuple[str, tuple[RangeRow, ...]], ...]
    cards: tuple[Card, ...]
    sources: tuple[Source, ...]
    stocks: str
    flows: str

    def options(self) -> dict[str, list[str]]:
        """The values that each parameter of the page's address may take."""
        return {"profile": [p.id for p in self.profiles], "country": [code for code, _ in self.countries]}


def profiles_page(study: Study, words: Words) -> ProfilesPage:
    """Assemble the profiles page in one language."""
    cards = claim_cards(study, words) | figure_cards(study, words)
    cells = tuple(_cell(row) for row in study["profiles"].itertuples())
    used = [cards[id] for id in dict.fromkeys(id for cell in cells for id in cell.cards)]
    places = study["places"]
    codebook = study["codebook"].set_index("id")
    countries = places[(places["kind"] == "country") & places["country_code"].isin(COUNTRIES)].set_index("country_code")
    ranges = tuple(_ranges(study, cards))
    shown = [*used, *(row.card for _, rows in ranges for row in rows)]
    return ProfilesPage(
        profiles=tuple(_profile(row, words) for row in study["groups"].itertuples() if row.is_profile),
        countries=tuple((code, words.of(countries.loc[code], "name")) for code in COUNTRIES),
        dimensions=tuple((id, words.of(codebook.loc[id], "name"), words(f"dimension.{id}")) for id in DIMENSIONS),
        cells=cells,
        ranges=ranges,
        cards=tuple(used),
        sources=tuple(source_list(study, [*shown, *_frame_cards(study, cards)])),
        stocks=charts.svg(charts.stocks(study, words)),
        flows=charts.svg(charts.flows(study, words)),
    )


def _profile(row, words: Words) -> Profile:
    return Profile(row.id, words.of(row, "name"), words.of(row, "definition"))


def _cell(row) -> Cell:
    return Cell(row.group_id, row.country_code, row.dimension_code, (*split(row.figure_id), *split(row.claim_id)))


def _ranges(study: Study, cards: dict[str, Card]):
    """Gather the ages, hours and wages, each on the scale of its unit."""
    figures = study["figures"]
    figures = figures[~figures["dimension_code"].str.startswith("method")]
    for name, units in (("ages", ["years_of_age"]), ("wages", ["EUR", "EUR_per_month"]), ("hours", ["hours"])):
        rows = figures[figures["unit"].isin(units) & figures["unit"].isin(list(SCALES))]
        yield name, tuple(RangeRow(cards[row.id], row.indicator) for row in rows.itertuples())


def _frame_cards(study: Study, cards: dict[str, Card]) -> list[Card]:
    figures = study["figures"]
    return [cards[id] for id in figures[~figures["source"].str.startswith("exchange2007")]["id"]]
