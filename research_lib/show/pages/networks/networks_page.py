"""The networks page as a value: each network, the directory, the survey, who fills which role, who visited whom."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from math import isnan
from typing import Any

import pandas as pd

from research_lib.compare import networks as net
from research_lib.compare import roles
from research_lib.evidence.study import Study
from research_lib.show.pages.networks.membership_bars import (
    MOST_IN_A_LINE,
    Segment,
    column_widths,
    group_names,
    segments,
    unnamed,
)
from research_lib.show.pages.networks.organisation_directory import Directory, directory
from research_lib.show.pages.networks.survey_and_roles import (
    Filling,
    Question,
    questions,
    respondents,
    role_matrix,
)
from research_lib.show.pages.shared.cards import Fact, Source, facts, source_list, written_lines
from research_lib.show.words import Words

STATEMENTS = ("objectives", "activities", "results", "strengths", "weaknesses", "links")
VERDICTS = ("yes", "no", "unknown")


@dataclass(frozen=True)
class Member:
    """One member, or one unnamed group, of a network."""

    name: str
    type: str
    role: str
    is_group: bool
    count: str
    lines: str


@dataclass(frozen=True)
class Network:
    """One structure: what it is, whether it fits the definition, who belongs to it, and what is statements of it."""

    id: str
    fact: Fact
    country: str
    fits: str
    failed: tuple[str, ...]
    properties: tuple[tuple[str, str], ...]
    statements: tuple[tuple[str, str], ...]
    bar: tuple[Segment, ...]
    unnamed: str
    groups: tuple[str, ...]
    members: tuple[Member, ...]

    @property
    def is_named(self) -> bool:
        """Whether a member that takes part is an organisation by name."""
        return any(part.organisations for part in self.bar)

    @property
    def is_folded(self) -> bool:
        """Whether its groups without names are too many for a line."""
        return len(self.groups) > MOST_IN_A_LINE


@dataclass(frozen=True)
class Home:
    """The networks of one country, with the largest first, and how many ties of two are told of it."""

    code: str
    name: str
    networks: tuple[Network, ...]
    ties: int


@dataclass(frozen=True)
class Block:
    """The structures of one verdict: `yes` (a network by the definition), `no`, or `unknown`; country by country."""

    fits: str
    homes: tuple[Home, ...]
    count: int

    @property
    def empty(self) -> list[str]:
        """The families of which no structure of the block names an organisation, though some names one of others."""
        bars = [each.bar for home in self.homes for each in home.networks if each.is_named]
        named = {part.family for bar in bars for part in bar if part.organisations}
        return [part.family for part in bars[0] if part.family not in named] if bars else []


@dataclass(frozen=True)
class Exchange:
    """Who sent how many to whom: each row a partnership with its cells, None where no number is told, and its total."""

    rows: tuple[tuple[str, tuple[int | None, ...], int], ...]
    received: tuple[int, ...]
    total: int


@dataclass(frozen=True)
class NetworksPage:
    """Everything that the networks page shows."""

    countries: tuple[tuple[str, str], ...]
    networks: tuple[Network, ...]
    blocks: tuple[Block, ...]
    columns: tuple[int, ...]
    ties: tuple[tuple[str, str, str, str, Fact], ...]
    directory: Directory
    respondents: Counter[str]
    questions: tuple[Question, ...]
    partnerships: tuple[tuple[str, str], ...]
    matrix: tuple[tuple[str, str, tuple[Filling, ...]], ...]
    overlaps: tuple[roles.Overlap, ...]
    exchange: Exchange | None
    practices: tuple[tuple[str, Fact], ...]
    recommendations: tuple[tuple[str, Fact], ...]
    sources: tuple[Source, ...]

    def answered(self) -> list[tuple[str, int]]:
        """Count who answered the survey, by the name of its country, the largest number first."""
        names = dict(self.countries)
        return [(names[code], count) for code, count in self.respondents.most_common() if code in names]

    def options(self) -> dict[str, list[str]]:
        """The values that each parameter of the page's address may take; `q` takes any words."""
        found = self.directory
        chosen = {"country": found.countries, "place": found.places, "help": (*found.activities, *found.phases)}
        codes = {name: [code for code, _ in options] for name, options in chosen.items()}
        return {"network": [each.id for each in self.networks], "q": ["*"], **codes}


def networks_page(study: Study, words: Words) -> NetworksPage:
    """Assemble the networks page in one language."""
    practices, recommended = facts(study, "best_practices", words), facts(study, "recommendations", words)
    networks, found = tuple(_networks(study, words)), directory(study, words)
    ties = tuple(_ties(study, words))
    shown = [*(each.fact for each in networks), *(each.fact for each in found.entries)]
    shown += [*practices.values(), *recommended.values(), *(tie[-1] for tie in ties)]
    return NetworksPage(
        countries=tuple((code, words.phrases[f"country.{code}"]) for code in study.countries),
        networks=networks,
        blocks=tuple(_blocks(study, networks, ties, words)),
        columns=column_widths([each.bar for each in networks]),
        ties=ties,
        directory=found,
        respondents=Counter(respondents(study)["country_code"]),
        questions=tuple(questions(study, words)),
        partnerships=tuple(_partnerships(study, words).items()),
        matrix=tuple(role_matrix(study, words)),
        overlaps=tuple(each for each in roles.overlaps(study) if not isnan(each.low)),
        exchange=_exchange(study, words),
        practices=tuple((row.kind, practices[row.id]) for row in study["best_practices"].itertuples()),
        recommendations=tuple((row.kind, recommended[row.id]) for row in study["recommendations"].itertuples()),
        sources=tuple(source_list(study, shown)),
    )


def _blocks(study: Study, networks: tuple[Network, ...], ties: tuple[Any, ...], words: Words) -> Iterator[Block]:
    """Sort the networks by verdict, country and size; a country without a network by the definition stands too."""
    told, homes = Counter(home for home, *_ in ties), _homes(study, networks)
    by_size = sorted(networks, key=_size, reverse=True)
    for fits in VERDICTS:
        of = [each for each in by_size if each.fits == fits]
        kept = []
        for code in homes:
            own = tuple(each for each in of if each.country == code)
            if own or (fits == "yes" and code in study.countries):
                name = words.phrases.get(f"country.{code}", words("networks.elsewhere"))
                kept.append(Home(code, name, own, told[code]))
        yield Block(fits, tuple(kept), len(of))


def _homes(study: Study, networks: tuple[Network, ...]) -> list[str]:
    """List the study's countries, that of the largest network by the definition first, and then all others."""
    largest = {
        code: max((_size(each) for each in networks if each.country == code and each.fits == "yes"), default=(0, 0, 0))
        for code in study.countries
    }
    own = sorted(study.countries, key=lambda code: largest[code], reverse=True)
    return [*own, *sorted({each.country for each in networks} - {*own})]


def _size(network: Network) -> tuple[int, int, int]:
    """Its organisations by name or its largest group, whichever is more; groups can overlap, so none is added up."""
    named = sum(len(part.organisations) for part in network.bar)
    groups = [group.count or 0 for part in network.bar for group in part.groups]
    return max([named, *groups]), named, len(groups)


def _partnerships(study: Study, words: Words) -> dict[str, str]:
    """Name each partnership with its country."""
    rows = study["partnerships"].itertuples()
    return {
        row.id: f"{row.name} ({words.phrases.get(f'country.{row.country_code}', row.country_code)})" for row in rows
    }


def _exchange(study: Study, words: Words) -> Exchange | None:
    table = roles.exchange_flows(study)
    if table.empty or table.isna().all(axis=None):
        return None
    names = _partnerships(study, words)
    rows = tuple(
        (names[key], tuple(None if pd.isna(cell) else int(cell) for cell in row), int(row.sum()))
        for key, row in table.iterrows()
    )
    return Exchange(rows, tuple(int(total) for total in table.sum()), int(table.sum().sum()))


def _networks(study: Study, words: Words) -> Iterator[Network]:
    known = facts(study, "networks", words, title="name", text="verdict_text")
    judged = net.judge_networks(study).set_index("network_id")
    members = dict(iter(study["memberships"].groupby("network_id", sort=False)))
    organisations = study["organisations"].set_index("id")
    for row in study["networks"].itertuples():
        found = judged.loc[row.id]
        listed = tuple(_members(members.get(row.id), organisations, words))
        bar = segments(
            (m.type, m.name, int(m.count) if m.count else None, m.is_group) for m in listed if m.role not in net.APART
        )
        yield Network(
            id=row.id,
            fact=known[row.id],
            country=row.country_code if pd.notna(row.country_code) else "",
            fits={True: "yes", False: "no", None: "unknown"}[found["is_network"]],
            failed=(*found["failed"], *found["unknown"]),
            properties=tuple(_properties(row, organisations, words)),
            statements=tuple(
                (words(f"network.{name}"), text) for name in STATEMENTS if (text := _text(row, name, words))
            ),
            bar=bar,
            unnamed=unnamed(bar, words),
            groups=group_names(bar, words),
            members=listed,
        )


def _text(row: Any, name: str, words: Words) -> str:
    text = words.of(row, name)
    return text if isinstance(text, str) else ""


def _members(rows: pd.DataFrame | None, organisations: pd.DataFrame, words: Words) -> Iterator[Member]:
    seen = set()
    for row in rows.itertuples() if rows is not None else ():
        is_group = pd.isna(row.organisation_id)
        key = f"group:{row.id}" if is_group else row.organisation_id
        if key not in seen:
            seen.add(key)
            kind = row.agency_type if is_group else organisations.at[key, "agency_type"]
            name = words.of(row, "group_text") if is_group else organisations.at[key, "name"]
            count = str(int(row.count)) if is_group and pd.notna(row.count) else ""
            yield Member(name, kind, row.role, is_group, count, written_lines(row.lines, words))


def _properties(row: Any, organisations: pd.DataFrame, words: Words) -> Iterator[tuple[str, str]]:
    yield words("network.level"), words(f"level.{row.level}")
    yield (
        words("network.formality"),
        " · ".join(filter(None, (words(f"formality.{row.formality}"), _text(row, "formality_text", words)))),
    )
    if pd.notna(row.start_year):
        yield words("network.since"), str(row.start_year)
    if pd.notna(row.lead_id):
        yield words("network.lead"), organisations.at[row.lead_id, "name"]
    yield words("network.composition"), words(f"composition.{row.composition}")


def _ties(study: Study, words: Words) -> Iterator[tuple[str, str, str, str, Fact]]:
    names = study["organisations"].set_index("id")[["name", "country_code"]]
    known = facts(study, "ties", words, title="", text="purpose")
    for row in study["ties"].itertuples():
        other = names.at[row.partner_id, "name"] if pd.notna(row.partner_id) else words(f"agency.{row.partner_type}")
        home = names.at[row.organisation_id, "country_code"]
        yield home, names.at[row.organisation_id, "name"], other, row.formality, known[row.id]
