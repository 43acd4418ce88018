"""What a residence permit depends on in each country, as `study.toml` names the provisions that say it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from research_lib.evidence.study import Study
from research_lib.show.pages.comparison.laws_in_time import law_names, written_law
from research_lib.show.pages.shared.cards import Fact
from research_lib.show.words import Words


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


def shown_permits(study: Study, known: Mapping[str, Fact], words: Words) -> Iterator[ShownPermit]:
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
