"""The networks page as a value: countries, each network, the survey, who fills which role, who visited whom."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from research_lib.compare import networks as net
from research_lib.compare import roles
from research_lib.compare.survey import OPTIONS
from research_lib.evidence.study import Study
from research_lib.evidence.vocabulary.cooperation import UNANSWERED
from research_lib.show.drawing.flows import Flows, draw_flows
from research_lib.show.drawing.wheel import FAMILY_OF, Wheel, draw_wheel
from research_lib.show.pages.shared.cards import Source, written_lines
from research_lib.show.pages.shared.facts import Fact, fact_sources, facts
from research_lib.show.words import Words

STATEMENTS = ("objectives", "activities", "results", "strengths", "weaknesses", "links")
SHOWN = ("a3", "b2", "b3", "b4", "c1", "c3", "c5", "c6")


@dataclass(frozen=True)
class Member:
    """One member, or one unnamed group, of a network."""

    id: str
    name: str
    family: str
    type: str
    role: str
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
    wheel: Wheel
    members: tuple[Member, ...]
    measures: Mapping[str, Any]


@dataclass(frozen=True)
class Respondent:
    """One of the organisations that answered the survey."""

    id: str
    name: str
    country: str


@dataclass(frozen=True)
class Answer:
    """One respondent's square under one option: `yes`, `other` (chose otherwise), `unanswered`, or `not_reported`."""

    respondent: str
    state: str


@dataclass(frozen=True)
class Question:
    """One closed question: its options, each with a square for every respondent."""

    code: str
    title: str
    options: tuple[tuple[str, tuple[Answer, ...]], ...]


@dataclass(frozen=True)
class Filling:
    """One profile in one partnership: how sure it is documented, and the roles that it fills."""

    partnership: str
    documented: str
    roles: tuple[str, ...]


@dataclass(frozen=True)
class NetworksPage:
    """Everything that the networks page shows."""

    countries: tuple[tuple[str, str], ...]
    table: tuple[Mapping[str, Any], ...]
    networks: tuple[Network, ...]
    ties: tuple[tuple[str, str, str, str, Fact], ...]
    respondents: tuple[Respondent, ...]
    questions: tuple[Question, ...]
    partnerships: tuple[tuple[str, str], ...]
    matrix: tuple[tuple[str, str, tuple[Filling, ...]], ...]
    overlaps: tuple[roles.Overlap, ...]
    flows: Flows | None
    practices: tuple[tuple[str, Fact], ...]
    recommendations: tuple[tuple[str, Fact], ...]
    sources: tuple[Source, ...]

    def options(self) -> dict[str, list[str]]:
        """The values that each parameter of the page's address may take."""
        return {"network": [each.id for each in self.networks], "country": [code for code, _ in self.countries]}


def networks_page(study: Study, words: Words) -> NetworksPage:
    """Assemble the networks page in one language."""
    places = study["places"]
    names = {row.country_code: words.of(row, "name") for row in places[places["kind"] == "country"].itertuples()}
    partnerships = {row.id: row.name for row in study["partnerships"].itertuples()}
    counts = net.countries(study).set_index("country_code")
    practices = facts(study, "best_practices", words)
    recommended = facts(study, "recommendations", words)
    networks, exchanges = tuple(_networks(study, words)), roles.exchange_flows(study)
    shown = [each.fact for each in networks] + [*practices.values(), *recommended.values()]
    return NetworksPage(
        countries=tuple((code, names[code]) for code in study.countries),
        table=tuple(counts.reindex(study.countries, fill_value=0).reset_index().to_dict("records")),
        networks=networks,
        ties=tuple(_ties(study, words)),
        respondents=tuple(_respondents(study)),
        questions=tuple(_questions(study, words)),
        partnerships=tuple(partnerships.items()),
        matrix=tuple(_matrix(study, words)),
        overlaps=tuple(roles.overlaps(study)),
        flows=None if exchanges.empty else draw_flows(exchanges, partnerships),
        practices=tuple((row.kind, practices[row.id]) for row in study["best_practices"].itertuples()),
        recommendations=tuple((row.kind, recommended[row.id]) for row in study["recommendations"].itertuples()),
        sources=tuple(fact_sources(study, shown)),
    )


def _networks(study: Study, words: Words) -> Iterator[Network]:
    known = facts(study, "networks", words, title="name", text="verdict_text")
    judged = net.judge_networks(study).set_index("network_id")
    measured = net.measures(study).set_index("network_id")
    members = dict(iter(study["memberships"].groupby("network_id", sort=False)))
    organisations = study["organisations"].set_index("id")
    for row in study["networks"].itertuples():
        found = judged.loc[row.id]
        listed = tuple(_members(members.get(row.id), organisations, words))
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
            wheel=draw_wheel(
                [(m.id, m.name, m.type, m.role, _int(m.count), m.id.startswith("group:")) for m in listed]
            ),
            members=listed,
            measures=measured.loc[row.id].to_dict(),
        )


def _text(row: Any, name: str, words: Words) -> str:
    text = words.of(row, name)
    return text if isinstance(text, str) else ""


def _int(text: str) -> int | None:
    return int(text) if text else None


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
            yield Member(key, name, FAMILY_OF[kind], kind, row.role, count, written_lines(row.lines, words))


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


def _respondents(study: Study) -> Iterator[Respondent]:
    table = study["organisations"]
    table = table[table["is_respondent"]]
    rank = {code: place for place, code in enumerate(study.countries)}
    for row in table.sort_values("country_code", key=lambda codes: codes.map(rank), kind="stable").itertuples():
        yield Respondent(row.id, row.name, row.country_code)


def _questions(study: Study, words: Words) -> Iterator[Question]:
    answers, respondents = study["survey_answers"], [each.id for each in _respondents(study)]
    for code in SHOWN:
        rows = answers[answers["question"] == code]
        chosen = {key: set(group) for key, group in rows.dropna(subset=["answer"]).groupby("organisation_id")["answer"]}
        options = tuple(
            (
                words(f"option.{code}.{option}"),
                tuple(Answer(who, _state(option, chosen.get(who, set()))) for who in respondents),
            )
            for option in OPTIONS[code]
        )
        yield Question(code, words(f"question.{code}"), options)


def _state(option: str, chosen: set[str]) -> str:
    if option in chosen:
        return "yes"
    return "unanswered" if UNANSWERED in chosen else "other" if chosen else "not_reported"


def _matrix(study: Study, words: Words) -> Iterator[tuple[str, str, tuple[Filling, ...]]]:
    documented = study["documented_profiles"].set_index(["professional_profile_id", "partnership_id"])["documented"]
    table = roles.fillings(study)
    named = {row.id: words.of(row, "name") for row in study["roles"].itertuples()}
    filled = {
        key: tuple(named[role] for role in rows)
        for key, rows in table.drop_duplicates(["role_id", "documented_id"]).groupby(
            ["documented_id", "partnership_id"]
        )["role_id"]
    }
    for row in study["professional_profiles"].query("kind == 'documented'").itertuples():
        cells = tuple(
            Filling(key, documented.get((row.id, key), ""), filled.get((row.id, key), ()))
            for key in study["partnerships"]["id"]
        )
        yield row.id, words.of(row, "name"), cells
