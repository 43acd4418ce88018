"""The comparison page as a value: provisions, ways through each system, law in time, and points alike or different."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from research_lib.compare import provisions as law
from research_lib.evidence.multiple_values import split
from research_lib.evidence.study import Study
from research_lib.evidence.vocabulary.common_codes import CODES, GROUPS
from research_lib.show.pages.comparison.laws_in_time import YearOfLaw, law_names, laws_in_time, written_law
from research_lib.show.pages.comparison.ways_shown import Ways, shown_ways
from research_lib.show.pages.shared.cards import Card, Fact, claim_cards, facts
from research_lib.show.words import Words

_MEASURED = ("days", "months", "years", "euros", "percent", "places")


@dataclass(frozen=True)
class Mark:
    """What one country has of a provision: how firmly, its number where it has one, and the facts behind it."""

    country: str
    presence: str
    amount: str
    facts: tuple[str, ...]


@dataclass(frozen=True)
class Feature:
    """One comparable provision across the countries; `kind`: differs, open, alike or none."""

    id: str
    name: str
    topic: str
    kind: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Topic:
    """All provisions on one topic, country by country."""

    code: str
    name: str
    columns: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Question:
    """Topics that answer one question, with their comparable provisions: those that differ stand first."""

    code: str
    features: tuple[Feature, ...]
    topics: tuple[Topic, ...]

    @property
    def count(self) -> int:
        """How many provisions it has in all countries."""
        return sum(len(ids) for topic in self.topics for _, ids in topic.columns)


@dataclass(frozen=True)
class Point:
    """One point on which countries are alike or differ, with the claims that carry it."""

    fact: Fact
    claims: tuple[str, ...]


@dataclass(frozen=True)
class Ground:
    """One provision in a line: its name, how firmly it is there, its law, and its first reference."""

    title: str
    presence: str
    law: str
    reference: tuple[str, str]


@dataclass(frozen=True)
class ShownPermit:
    """One country's permit: what it depends on, which it is, how long it lasts, the time to decide, and what says so.

    `reflects`: for each provision its number, or its name where it has none.
    """

    country: str
    depends_on: tuple[Ground, ...]
    which: tuple[Ground, ...]
    lasts: tuple[Ground, ...]
    reflects: tuple[str, ...]
    is_length_stated: bool
    provisions: tuple[Fact, ...]


@dataclass(frozen=True)
class ComparisonPage:
    """Everything that the comparison page shows."""

    countries: tuple[tuple[str, str], ...]
    last_year: str
    permits: tuple[ShownPermit, ...]
    questions: tuple[Question, ...]
    ways: Ways
    timeline: tuple[YearOfLaw, ...]
    similarity: tuple[law.Similarity, ...]
    points: tuple[tuple[str, tuple[tuple[str, tuple[Point, ...]], ...]], ...]
    facts: dict[str, Fact]
    steps: dict[str, Fact]
    claims: dict[str, Card]

    @property
    def features(self) -> tuple[Feature, ...]:
        """All comparable provisions, question by question."""
        return tuple(feature for question in self.questions for feature in question.features)

    @property
    def presences(self) -> frozenset[str]:
        """Every presence that a comparable provision has in some country."""
        return frozenset(mark.presence for feature in self.features for mark in feature.marks)


def comparison_page(study: Study, words: Words) -> ComparisonPage:
    """Assemble the comparison page in one language."""
    countries = tuple((code, words(f"country.{code}")) for code in study.countries)
    known = facts(study, "provisions", words, notes=lambda row: _notes(row, words))
    titles = {key: fact.title for key, fact in known.items()}
    dated = law.timeline(study, study.settings.laws_since or 1900)
    return ComparisonPage(
        countries=countries,
        last_year=str(study.last_year),
        permits=tuple(_permits(study, known, words)),
        questions=tuple(_questions(study, known, words)),
        ways=shown_ways(study, words),
        timeline=laws_in_time(dated, study.countries, titles, words),
        similarity=tuple(law.similarity(study)),
        points=tuple(_points(study, words)),
        facts=known,
        steps=facts(study, "pathways", words, title=""),
        claims=claim_cards(study, words),
    )


def _notes(row: Any, words: Words) -> tuple[str, ...]:
    law_and_date = [
        words.of(row, "law") if isinstance(row.law, str) else "",
        words.date(row.date) if isinstance(row.date, str) else "",
    ]
    return (
        words(f"presence.{row.presence}") if row.presence != "in-force" else "",
        words.listed(filter(None, law_and_date), "clause"),
    )


def _permits(study: Study, known: Mapping[str, Fact], words: Words) -> Iterator[ShownPermit]:
    """Give the permits of a study's settings; without any, the page begins with its next part."""
    rows = {row.id: row for row in study["provisions"].itertuples()}
    for each in study.settings.permits:
        ground = {key: _ground(rows[key], known[key], words) for key in each.provisions}
        depends_on, which, lasts = (
            tuple(ground[key] for key in keys) for keys in (each.depends_on, each.which, each.lasts)
        )
        is_length_stated = any(known[key].amount for key in (*each.lasts, *each.reflects))
        reflects = tuple(known[key].amount or known[key].title for key in each.reflects)
        provisions = tuple(known[key] for key in each.provisions)
        yield ShownPermit(each.country, depends_on, which, lasts, reflects, is_length_stated, provisions)


def _ground(row: Any, fact: Fact, words: Words) -> Ground:
    law = next((written_law(name, words) for name in law_names(row.law)), "")
    return Ground(fact.title, row.presence, law, fact.references[0])


def _features(study: Study, known: dict[str, Fact], words: Words) -> Iterator[Feature]:
    table = study["provisions"].dropna(subset=["feature"])
    by_cell = {key: tuple(rows) for key, rows in table.groupby(["feature", "country_code"])["id"]}
    measured = set(table[table["unit"].isin(_MEASURED)]["id"])
    for row in law.differences(study).itertuples():
        marks = []
        for country in study.countries:
            ids = by_cell.get((row.Index, country), ())
            amounts = [known[key].amount for key in ids if key in measured]
            marks.append(
                Mark(country, getattr(row, country, law.NOT_DESCRIBED), amounts[0] if len(amounts) == 1 else "", ids)
            )
        yield Feature(str(row.Index), words(f"feature.{row.Index}"), row.topic_code, row.kind, tuple(marks))


def _questions(study: Study, known: dict[str, Fact], words: Words) -> Iterator[Question]:
    """Group by question; topics of the study's own stand with the rest."""
    asked = {topic: question for question, topics in GROUPS["topics"].items() for topic in topics}
    features, topics = tuple(_features(study, known, words)), tuple(_topics(study, words))
    rest = [*GROUPS["topics"]][-1]
    for question in GROUPS["topics"]:
        own = tuple(topic for topic in topics if asked.get(topic.code, rest) == question)
        codes = {topic.code for topic in own}
        if own:
            yield Question(question, tuple(each for each in features if each.topic in codes), own)


def _topics(study: Study, words: Words) -> Iterator[Topic]:
    cells = {key: tuple(rows) for key, rows in study["provisions"].groupby(["topic_code", "country_code"])["id"]}
    for code in study.vocabularies.codes("topics"):
        columns = tuple((country, cells.get((code, country), ())) for country in study.countries)
        if any(ids for _, ids in columns):
            yield Topic(code, words(f"topic.{code}"), columns)


def _points(study: Study, words: Words) -> Iterator[tuple[str, tuple[tuple[str, tuple[Point, ...]], ...]]]:
    """The points by relation, and those of one relation by aspect, each with its name."""
    known = facts(study, "comparisons", words, title="")
    found: dict[str, dict[str, list[Point]]] = {relation: {} for relation in CODES["relations"]}
    for row in study["comparisons"].itertuples():
        point = Point(known[row.id], tuple(split(row.claim_id)))
        found[row.relation].setdefault(words(f"aspect.{row.aspect}"), []).append(point)
    for relation, aspects in found.items():
        if aspects:
            yield relation, tuple((name, tuple(points)) for name, points in aspects.items())
