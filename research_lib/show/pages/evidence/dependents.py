"""What rests on a statement: every row of another table whose key columns name it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from research_lib.evidence.study import Study
from research_lib.evidence.tables import TABLES, columns
from research_lib.show.pages.evidence.names_of_codes import Names, keys_of, terms_of
from research_lib.show.pages.evidence.statement_rows import KINDS, Statement, text_of


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
        for row in study[table].itertuples():
            terms = terms_of(row, table)
            below = [places[term] for name in named for term in terms.get(name, ())]
            if below:
                key = _name(row, table, terms, names), places.get(f"{table}.{row.id}")
                rows.setdefault(key, {}).update(dict.fromkeys(below))
        if rows:
            found[table] = tuple(Dependent(name, tuple(below), itself) for (name, itself), below in rows.items())
    return found


def _name(row: Any, table: str, terms: dict[str, list[str]], names: Names) -> str:
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
