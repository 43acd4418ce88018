"""A page's content: the names of its template, its choices and the table that it saves; and what several pages say."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from research_lib.evidence.multiple_values import split
from research_lib.evidence.study import Study
from research_lib.files.spreadsheet import write_text
from research_lib.show.pages.shared.cards import Card
from research_lib.show.words import Words

WOMEN = "women"
type Row = tuple[Mapping[str, Sequence[str]], Sequence[object]]


def shown_journeys(study: Study) -> tuple[str, ...]:
    """Give the kinds of journeys that the study's settings name, or all that its routes have."""
    return tuple(study.settings.defaults.journeys or dict.fromkeys(study["routes"]["kind"]))


def count_claims(study: Study, informant: str = "") -> int:
    """Count the claims of a study, all or those that an informant says, alone or with others."""
    said = study["claims"]["informant"].map(split)
    return sum(not informant or informant in each for each in said)


def counted_claims(page: str, study: Study, words: Words) -> str:
    """Write the first sentence of a page: the number of claims and, where the women themselves say some, of these."""
    count, some = count_claims(study), count_claims(study, WOMEN)
    if not some:
        return words.plural(f"{page}.lede", count)
    named = {"informant": words(f"informant.{WOMEN}"), "some": words.number(some)}
    return words(f"{page}.lede_said", count=words.number(count), **named)


@dataclass(frozen=True)
class Table:
    """The table that a page saves: its file's name without the ending, its columns, and its rows.

    A row is a pair: its facets, which decide under which choices it is saved, and its cells.
    """

    stem: str = ""
    columns: Sequence[str] = ()
    rows: Sequence[Row] = ()

    def written(self) -> dict[str, Any]:
        """Give the table as lines of CSV, safe to open in a spreadsheet, so that a browser only chooses among them.

        What repeats stands apart, and a line holds its place there: in `facets` its facets, in `last` the text of its
        last column, in which few long sources repeat.
        """
        facets, ats = _once([each for each, _ in self.rows])
        last, ends = _once([write_text([cells[-1:]]) for _, cells in self.rows])
        starts = (write_text([cells[:-1]]).removesuffix("\n") + "," for _, cells in self.rows)
        lines = [*map(list, zip(ats, starts, ends, strict=True))]
        return {"stem": self.stem, "header": write_text([self.columns]), "lines": lines, "last": last, "facets": facets}


def _once(values: Sequence[Any]) -> tuple[list[Any], list[int]]:
    """Give values that repeat once each, and for each of all its place among these."""
    kept = {repr(value): value for value in values}
    places = {written: place for place, written in enumerate(kept)}
    return [*kept.values()], [places[repr(value)] for value in values]


def saved_text(written: Mapping[str, Any], is_chosen: Callable[[Mapping[str, Any]], bool]) -> str:
    """Put the lines of a written table together whose facets are chosen."""
    facets, last = written["facets"], written["last"]
    chosen = (start + last[end] for place, start, end in written["lines"] if is_chosen(facets[place]))
    return "".join([written["header"], *chosen])


@dataclass(frozen=True)
class PageContent:
    """One page in one language.

    `context`: what its template names; `model`: what its browser module reads; `options`: the values that each
    parameter of its address may take; `single`: the parameters that take one value; `default`: what is chosen where an
    address says nothing; `table`: what it saves; `packed`: what stands in the page in its place where that is shorter;
    `search`: what the module reads when somebody searches, which a server sends apart.
    """

    context: Mapping[str, Any]
    options: Mapping[str, list[str]]
    single: Sequence[str] = ()
    model: Mapping[str, Any] = field(default_factory=dict)
    table: Table = Table()
    default: Mapping[str, Sequence[str]] = field(default_factory=dict)
    packed: Mapping[str, Any] = field(default_factory=dict)
    search: Mapping[str, Any] = field(default_factory=dict)


def amount_and_unit(card: Card) -> str:
    """Write the number of a card with its unit; empty where it has none."""
    return " ".join(part for part in (card.amount, card.unit) if part)
