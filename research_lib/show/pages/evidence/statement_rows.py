"""Every row of a study that says something, as a statement with who says so and where; and what rests on it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from research_lib.evidence.multiple_values import split
from research_lib.evidence.settings import TEXT_LANGUAGES
from research_lib.evidence.study import Study
from research_lib.evidence.tables import TABLES, columns, typed_codings
from research_lib.show.pages.evidence.names_of_codes import Names, keys_of, terms_of
from research_lib.show.pages.shared.cards import measured_amount, written_lines
from research_lib.show.words import Words

KINDS = {
    "claim": "claims",
    "figure": "figures",
    "route": "routes",
    "provision": "provisions",
    "organisation": "organisations",
    "recommendation": "recommendations",
    "practice": "best_practices",
    "service": "services",
    "role": "role_descriptions",
    "profession": "professional_profiles",
    "network": "networks",
}
ELSEWHERE = "elsewhere"
COLUMNS = (
    *("id", "kind", "name", "text", "number", "about", "informant", "certainty"),
    *("presence", "law", "period", "country", "place", "group", "lines", "source"),
)
_ABOUT = ("code", "topic_code", "agency_type", "phase", "aspect", "partnership_id")
_TEXTS = ("text", "formality_text")  # a table has one of them
_IN_COUNTRIES = ("origin_id", "destination_id", "partnership_id")
_PLACES = ("place_id", "origin_id", "destination_id")


@dataclass(frozen=True)
class Statement:
    """One row that says something.

    `id` is its name in an address; `cells` are those of the saved table, by column; `facets` are what the filters
    compare; `others` are its name and text in each other language of the study, and its keywords; `terms` are what some
    cells name, by column; `line_numbers` are its lines as its table has them.
    """

    id: str
    kind: str
    row_id: str
    cells: Mapping[str, str]
    facets: Mapping[str, list[str]]
    others: tuple[str, ...]
    terms: Mapping[str, list[str]] = field(default_factory=dict)
    line_numbers: str = ""

    @property
    def table(self) -> str:
        """The table that the row stands in."""
        return KINDS[self.kind]

    @property
    def references(self) -> list[str]:
        """Its sources, such as `exchange2007[3.3.2.a]`."""
        return split(self.cells["source"])

    @property
    def shown(self) -> str:
        """Its name and text in the page's language."""
        return " – ".join(filter(None, (self.cells["name"], self.cells["text"])))


def statements_of(study: Study, names: Names) -> tuple[Statement, ...]:
    """List all statements of a study in the order of its tables; an id that stood before is written with its kind."""
    found: dict[str, Statement] = {}
    told = [code for code in study.settings.languages if code in TEXT_LANGUAGES and not names.words.is_told_in_english]
    others = [Words(code, {}) for code in told if code != names.words.language]
    where = {
        f"{table}.{row.id}": row.country_code
        for table in ("places", "partnerships")
        for row in study[table].dropna(subset=["country_code"]).itertuples()
    }
    is_in_english = names.words.language == "en" or names.words.is_told_in_english
    keywords = study["keywords"] if is_in_english else study["keywords"].iloc[:0]
    book = study.table_files["codebook"].frame
    above = dict(zip(book["id"], book["parent_id"], strict=True))
    row_words = _Told(study, names, others, where, dict(zip(keywords["id"], keywords["words"], strict=True)), above)
    for kind, row in ((kind, row) for kind, table in KINDS.items() for row in study[table].itertuples()):
        key = f"{kind}:{row.id}" if row.id in found else row.id
        found[key] = _statement(key, kind, row, row_words)
    return tuple(found.values())


@dataclass(frozen=True)
class _Told:
    """What a row is written with: the study, names in the page's language, and the other languages of its texts.

    `countries` are those of places and partnerships, by their terms; `above` has the code above each.
    """

    study: Study
    names: Names
    others: list[Words]
    countries: Mapping[str, str]
    keywords: Mapping[str, str]
    above: Mapping[str, Any]


def _statement(key: str, kind: str, row: Any, told: _Told) -> Statement:
    terms = terms_of(row, KINDS[kind])
    countries = _countries(terms, told)
    named = terms | {"country_code": [f"country.{code}" for code in countries]}
    codes = {name: [_code(term) for term in terms.get(name, ())] for name in ("informant", "certainty")}
    return Statement(
        id=key,
        kind=kind,
        row_id=row.id,
        cells=_cells(kind, row, named, told),
        facets={
            "kind": [kind],
            "code": _themes(split(getattr(row, "code", None)), told.above),
            "country": [*countries, *_elsewhere(countries, told.study)],
            **codes,
        },
        others=(*(_words_of(row, words) for words in told.others), told.keywords.get(f"{KINDS[kind]}.{row.id}", "")),
        terms={"about": _about(kind, terms), "country": countries, **codes},
        line_numbers=row.lines if pd.notna(row.lines) else "",
    )


def _about(kind: str, terms: Mapping[str, list[str]]) -> list[str]:
    columns = (*_ABOUT, "kind") if kind == "route" else _ABOUT
    return [term for column in columns for term in terms.get(column, ())]


def _code(term: str) -> str:
    return term.partition(".")[2]


def _countries(terms: Mapping[str, list[str]], told: _Told) -> list[str]:
    """The countries that a row names, or those of its partnerships or of the places where a route begins and ends."""
    if own := [_code(term) for term in terms.get("country_code", ())]:
        return own
    named = (term for name in _IN_COUNTRIES for term in terms.get(name, ()))
    return list(dict.fromkeys(told.countries[term] for term in named if term in told.countries))


def _elsewhere(countries: list[str], study: Study) -> list[str]:
    """The column of a row that names a country beyond those of the study, or none at all."""
    return [ELSEWHERE] if set(countries) - {*study.countries} or not countries else []


def _themes(codes: list[str], above: Mapping[str, Any]) -> list[str]:
    """The codes of a row, each behind the code above it."""
    return list(dict.fromkeys(each for code in codes for each in (above.get(code), code) if isinstance(each, str)))


def _cells(kind: str, row: Any, terms: Mapping[str, list[str]], told: _Told) -> dict[str, str]:
    words, names = told.names.words, told.names
    places = [term for column in _PLACES for term in terms.get(column, ())]
    return {
        "id": row.id,
        "kind": words(f"evidence.kind_{kind}"),
        "name": text_of(row, "name", words),
        "text": _text(row, words),
        "number": measured_amount(row, words),
        "about": names.listed(_about(kind, terms)),
        **{name: names.listed(terms.get(name, [])) for name in ("informant", "certainty", "presence")},
        "law": text_of(row, "law", words),
        "period": _period(row, words),
        "country": names.listed(terms["country_code"]),
        "place": names.listed(places),
        "group": names.listed(terms.get("group_id", [])),
        "lines": written_lines(row.lines, words),
        "source": row.source,
    }


def text_of(row: Any, column: str, words: Words) -> str:
    """Give a text of a row in a language, empty where it has none."""
    text = words.of(row, column) if hasattr(row, column) else ""
    return text if isinstance(text, str) else ""


def _period(row: Any, words: Words) -> str:
    if isinstance(date := getattr(row, "date", None), str):
        return words.date(date)
    if getattr(row, "unit", "") == "date" or not hasattr(row, "period"):
        return ""
    is_dated = any(pd.notna(cell) for cell in (row.start_year, row.end_year, row.period))
    return words.period(row) if is_dated else ""


def _words_of(row: Any, words: Words) -> str:
    return " – ".join(filter(None, (text_of(row, "name", words), _text(row, words))))


def _text(row: Any, words: Words) -> str:
    return " ".join(filter(None, (text_of(row, column, words) for column in _TEXTS)))


@dataclass(frozen=True)
class Dependent:
    """One row, or several of the same name: the statements that it names, and the one that it is itself."""

    name: str
    statements: tuple[int, ...]
    itself: int | None = None


def tables_that_rest() -> dict[str, list[str]]:
    """List the tables with key columns that name a claim, a figure or another statement, each with these columns."""
    named = {table: [key.name for key in keys_of(table) if key.table in KINDS.values()] for table in TABLES}
    return {table: names for table, names in named.items() if names}


def tables_of_names() -> tuple[str, ...]:
    """List the tables whose rows the statements, and what rests on them, name by a key."""
    named = (key.table for table in (*KINDS.values(), *tables_that_rest()) for key in keys_of(table))
    return tuple(dict.fromkeys(table for table in named if table not in KINDS.values()))


def dependents_of(study: Study, statements: Sequence[Statement], names: Names) -> dict[str, tuple[Dependent, ...]]:
    """List what rests on the statements, by table; rows of one name are put together."""
    places = {f"{each.table}.{each.row_id}": place for place, each in enumerate(statements)}
    found: dict[str, tuple[Dependent, ...]] = {}
    for table, named in tables_that_rest().items():
        rows: dict[tuple[str, int | None], dict[int, None]] = {}
        for row in (typed_codings(study[table]) if table == "codings" else study[table]).itertuples():
            terms = terms_of(row, table)
            below = [places[term] for name in named for term in terms.get(name, ())]
            if below:
                key = _dependent_name(row, table, terms, names), places.get(f"{table}.{row.id}")
                rows.setdefault(key, {}).update(dict.fromkeys(below))
        if rows:
            found[table] = tuple(Dependent(name, tuple(below), itself) for (name, itself), below in rows.items())
    return found


def _dependent_name(row: Any, table: str, terms: dict[str, list[str]], names: Names) -> str:
    """The name of a row, else those that its keys name, unless these are places alone; else its first words."""
    keys = [key for key in keys_of(table) if key.table not in KINDS.values() and key.name in terms]
    named, where = (
        " · ".join(names.listed(terms[key.name]) for key in keys if is_place or key.table != "places")
        for is_place in (False, True)
    )
    free = (each.name for each in columns(TABLES[table]) if each.type == "string" and not _is_bound(each))
    own, *more = (text_of(row, name, names.words) for name in ("name", "text", *free))
    return next(filter(None, [own, named and where, *more, where]), row.id)


def _is_bound(column: Any) -> bool:
    return bool(column.codes or column.table or column.has_references or column.pattern or column.is_unique)
