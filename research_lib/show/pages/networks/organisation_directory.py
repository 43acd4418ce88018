"""Who helps where: organisations, and services of partnerships, with the places and the help that are told of them.

No table says in which city an organisation works. A place is given with an organisation of its country where its name,
its description or the name of one of its networks says that place.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from research_lib.compare.survey import OPTIONS
from research_lib.evidence.multiple_values import split
from research_lib.evidence.study import Study
from research_lib.show.pages.shared.cards import Fact, facts
from research_lib.show.words import Words

_TOO_WIDE = ("country", "world-region", "origin-region")
_ACTIVITIES = "a3"
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Part:
    """A network that an organisation belongs to, and what it is there."""

    network: str
    name: str
    role: str


@dataclass(frozen=True)
class Entry:
    """One organisation or service: what it is, what is told of it, and the codes by which it is found.

    `also`: other names of its places and countries, in every language.
    """

    fact: Fact
    kind: str
    countries: tuple[str, ...]
    places: tuple[str, ...]
    help: tuple[str, ...]
    activities: tuple[str, ...]
    also: str
    other_name: str = ""
    parts: tuple[Part, ...] = ()
    works_with: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Directory:
    """The entries, and the choices by which they are searched: each a code with its name."""

    entries: tuple[Entry, ...]
    countries: tuple[tuple[str, str], ...]
    places: tuple[tuple[str, str], ...]
    activities: tuple[tuple[str, str], ...]
    phases: tuple[tuple[str, str], ...]


def directory(study: Study, words: Words) -> Directory:
    """List the organisations and the services of a study in one language."""
    found = _Places(study, words)
    entries = (*_organisations(study, words, found), *_services(study, words, found))
    used = {code for entry in entries for code in (*entry.countries, *entry.places, *entry.help)}
    activities = ((f"activity:{code}", words(f"option.{_ACTIVITIES}.{code}")) for code in OPTIONS[_ACTIVITIES])
    phases = ((f"phase:{code}", words(f"phase.{code}")) for code in dict.fromkeys(study["services"]["phase"]))
    places = sorted(((row.id, words.of(row, "name")) for row in study["places"].itertuples()), key=lambda each: each[1])
    return Directory(
        entries=entries,
        countries=_used([(code, words.phrases[f"country.{code}"]) for code in study.countries], used),
        places=_used(places, used),
        activities=_used(activities, used),
        phases=_used(phases, used),
    )


def _used(options: Iterable[tuple[str, str]], used: set[str]) -> tuple[tuple[str, str], ...]:
    return tuple(option for option in options if option[0] in used)


def _organisations(study: Study, words: Words, places: "_Places") -> Iterator[Entry]:
    known, parts, ties = facts(study, "organisations", words), _parts(study, words), _ties(study, words)
    networks = dict(zip(study["networks"]["id"], study["networks"]["name"], strict=True))
    done = _activities(study)
    for row in study["organisations"].itertuples():
        own = parts.get(row.id, ())
        texts = (row.name, row.name_en, row.text, *(networks[each.network] for each in own))
        said = " | ".join(str(text) for text in texts if pd.notna(text))
        countries = (row.country_code,) if pd.notna(row.country_code) else ()
        where = places.named(said, countries)
        codes = done.get(row.id, ())
        yield Entry(
            fact=known[row.id],
            other_name=row.name_en if pd.notna(row.name_en) and row.name_en != row.name else "",
            kind=words(f"agency.{row.agency_type}"),
            countries=countries,
            places=where,
            help=tuple(f"activity:{code}" for code in codes),
            activities=tuple(words(f"option.{_ACTIVITIES}.{code}") for code in codes),
            parts=tuple(own),
            works_with=tuple(ties.get(row.id, ())),
            also=places.also(where, countries),
        )


def _services(study: Study, words: Words, places: "_Places") -> Iterator[Entry]:
    known = facts(study, "services", words)
    partnerships = study["partnerships"].set_index("id")
    for row in study["services"].itertuples():
        owners = split(row.partnership_id)
        countries = tuple(dict.fromkeys(partnerships.at[key, "country_code"] for key in owners))
        where = places.named(f"{row.name} | {row.text}", countries)
        names = words.listed(partnerships.at[key, "name"] for key in owners)
        yield Entry(
            fact=known[row.id],
            kind=words("directory.service_of", partnership=names),
            countries=countries,
            places=where,
            help=(f"phase:{row.phase}",),
            activities=(words(f"phase.{row.phase}"),),
            also=places.also(where, countries),
        )


class _Places:
    """The places of a study under all their names."""

    def __init__(self, study: Study, words: Words) -> None:
        table = study["places"]
        spelled = table.set_index("id").filter(regex="^name").agg(list, axis=1)
        self._country = dict(zip(table["id"], table["country_code"], strict=True))
        self._names = {
            key: [name for name in (*names, words.phrases.get(f"place.{key}.also")) if isinstance(name, str) and name]
            for key, names in spelled.items()
        }
        small = [row.id for row in table.itertuples() if row.kind not in _TOO_WIDE]
        self._order = {key: place for place, key in enumerate(small)}
        self._spelled: dict[tuple[str, ...], list[tuple[str, str]]] = {}
        for key in small:
            for name in self._names[key]:
                self._spelled.setdefault(tuple(_WORD.findall(name)), []).append((key, name))
        self._lengths = {len(words) for words in self._spelled}
        self._countries = {row.country_code: row.id for row in table.itertuples() if row.kind == "country"}

    def named(self, text: str, countries: Iterable[str]) -> tuple[str, ...]:
        """Give the places of some countries whose name stands in a text as a word of its own."""
        own = {*countries}
        found = {key for key, name in self._near(text) if self._country[key] in own and _stands(name, text)}
        return tuple(sorted(found, key=self._order.__getitem__))

    def also(self, places: Iterable[str], countries: Iterable[str]) -> str:
        """Write all names of some places and countries."""
        keys = [*places, *(self._countries[code] for code in countries if code in self._countries)]
        return " ".join(dict.fromkeys(name for key in keys for name in self._names[key]))

    def _near(self, text: str) -> Iterator[tuple[str, str]]:
        """The places and names whose words follow each other in a text, whatever stands between them."""
        words = _WORD.findall(text)
        for length in self._lengths:
            for start in range(len(words) - length + 1):
                yield from self._spelled.get(tuple(words[start : start + length]), ())


def _stands(name: str, text: str) -> bool:
    """Whether a name stands in a text as a word of its own."""
    return bool(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text))


def _activities(study: Study) -> Mapping[Any, tuple[str, ...]]:
    answers = study["survey_answers"].query("question == @_ACTIVITIES").dropna(subset=["answer"])
    answers = answers[answers["answer"].isin(OPTIONS[_ACTIVITIES])]
    return {key: tuple(dict.fromkeys(codes)) for key, codes in answers.groupby("organisation_id")["answer"]}


def _parts(study: Study, words: Words) -> Mapping[Any, list[Part]]:
    names = {row.id: words.of(row, "name") for row in study["networks"].itertuples()}
    rows = study["memberships"].drop_duplicates(["organisation_id", "network_id"])
    found: dict[Any, list[Part]] = {}
    for row in rows.itertuples():
        part = Part(row.network_id, names[row.network_id], words(f"member.{row.role}"))
        found.setdefault(row.organisation_id, []).append(part)
    return found


def _ties(study: Study, words: Words) -> Mapping[Any, list[tuple[str, str]]]:
    names = dict(zip(study["organisations"]["id"], study["organisations"]["name"], strict=True))
    found: dict[Any, list[tuple[str, str]]] = {}
    for row in study["ties"].itertuples():
        other = names[row.partner_id] if pd.notna(row.partner_id) else words(f"agency.{row.partner_type}")
        found.setdefault(row.organisation_id, []).append((other, words.of(row, "purpose")))
    return found
