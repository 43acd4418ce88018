"""A page's content: the names that its template uses, the choices that it offers, and the table that it saves."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from research_lib.files.spreadsheet import write_text
from research_lib.show.pages.shared.cards import Card


@dataclass(frozen=True)
class Table:
    """The table that a page saves: its file's name without the ending, its columns, and its rows.

    A row is a pair: its facets, which decide under which choices it is saved, and its cells.
    """

    stem: str = ""
    columns: Sequence[str] = ()
    rows: Sequence[tuple[Mapping[str, Sequence[str]], Sequence[object]]] = ()

    def written(self) -> dict[str, Any]:
        """Give the table as lines of CSV, safe to open in a spreadsheet, so that a browser only chooses among them.

        The last column, in which few long sources repeat, stands apart: a line holds the place of its text in `last`.
        """
        last = list(dict.fromkeys(write_text([cells[-1:]]) for _, cells in self.rows))
        places = {text: place for place, text in enumerate(last)}
        lines = [[facets, _start(cells), places[write_text([cells[-1:]])]] for facets, cells in self.rows]
        return {"stem": self.stem, "header": write_text([self.columns]), "lines": lines, "last": last}


def saved_text(written: Mapping[str, Any], is_chosen: Callable[[Mapping[str, Any]], bool]) -> str:
    """Put the lines of a written table together whose facets are chosen."""
    chosen = (start + written["last"][place] for facets, start, place in written["lines"] if is_chosen(facets))
    return "".join([written["header"], *chosen])


def _start(cells: Sequence[object]) -> str:
    return write_text([cells[:-1]]).removesuffix("\n") + ","


@dataclass(frozen=True)
class PageContent:
    """One page in one language.

    `context`: what its template names; `model`: what its browser module reads; `options`: the values that each
    parameter of its address may take; `single`: the parameters that take one value; `default`: what is chosen where an
    address says nothing; `table`: what it saves.
    """

    context: Mapping[str, Any]
    options: Mapping[str, list[str]]
    single: Sequence[str] = ()
    model: Mapping[str, Any] = field(default_factory=dict)
    table: Table = Table()
    default: Mapping[str, Sequence[str]] = field(default_factory=dict)


def amount_and_unit(card: Card) -> str:
    """Write the number of a card with its unit; empty where it has none."""
    return " ".join(part for part in (card.amount, card.unit) if part)
