"""The names of what a row names by its keys and codes, in one language or in every language of the study."""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pandas as pd

from research_lib.evidence.multiple_values import split
from research_lib.evidence.study import Study
from research_lib.evidence.tables import TABLES, Column, columns
from research_lib.show.kept import kept
from research_lib.show.words import Words, study_words

_PHRASES = {"topic_code": "topic", "agency_type": "agency"}


@dataclass(frozen=True)
class Names:
    """The names of terms such as `places.paris`, `country.FRA` or `informant.police` in one language."""

    words: Words
    rows: Mapping[str, str]

    def __call__(self, term: str) -> str:
        """Give the name of a term, or its code where it has none."""
        return self.rows.get(term) or self.words.phrases.get(term, term.partition(".")[2])

    def listed(self, terms: list[str]) -> str:
        """Write the names of some terms with semicolons, since a name can have commas."""
        return self.words.listed(dict.fromkeys(map(self, terms)), "semicolon")


def names_in(study: Study, words: Words, tables: tuple[str, ...]) -> Names:
    """Gather the names of the rows of some tables in one language."""
    named = (name for name in tables if "name" in study.table_files[name].frame)
    rows = ((name, row) for name in named for row in study[name].itertuples())
    return Names(words, {f"{name}.{row.id}": words.of(row, "name") for name, row in rows})


def names_everywhere(study: Study, words: Words, tables: tuple[str, ...]) -> list[Names]:
    """Gather the names in every language of the study, that of the page first, and those in the local script."""
    others = [each for each in _words_of(study) if each.language != words.language]
    local = study["places"].dropna(subset=["name_local"])
    script = Names(words, {f"places.{row.id}": row.name_local for row in local.itertuples()})
    return [*(names_in(study, each, tables) for each in (words, *others)), script]


@kept
def _words_of(study: Study) -> list[Words]:
    return [study_words(study, code) for code in study.settings.languages]


@lru_cache(maxsize=1 << 16)
def folded(text: str) -> str:
    """Write a text without case and accents, as the search compares it."""
    parts = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in parts if not unicodedata.combining(sign)).casefold()


def terms_of(row: Any, table: str) -> dict[str, list[str]]:
    """List the terms that a row names, by its column: the rows that its keys point to, and its codes."""
    named = ((column.name, list(_terms(row, column))) for column in columns(TABLES[table]))
    return {name: terms for name, terms in named if terms}


def keys_of(table: str) -> list[Column]:
    """List the columns of a table that name rows of other tables."""
    return [column for column in columns(TABLES[table]) if column.table]


def _terms(row: Any, column: Column) -> Iterator[str]:
    if column.table or column.codes:
        kind = column.table if column.key == "id" else column.name.removesuffix("_code")
        kind = kind if column.table else _PHRASES.get(column.name, column.name)
        yield from (f"{kind}.{code}" for code in split(getattr(row, column.name)) if not pd.isna(code))
