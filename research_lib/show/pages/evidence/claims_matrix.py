"""How many claims there are on each theme in each country, and by whom: the counts of the matrix."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from research_lib.show.pages.evidence.statement_rows import Statement


@dataclass(frozen=True)
class Cell:
    """The claims on one theme in one country: their number, and how many name each informant."""

    theme: str
    country: str
    count: int
    informants: tuple[tuple[str, int], ...]


def matrix(
    statements: Iterable[Statement], themes: Sequence[str], countries: Sequence[str], informants: Sequence[str]
) -> dict[str, tuple[Cell, ...]]:
    """Count the claims by theme and country; a claim on two themes or countries counts in each of their cells.

    `informants`: those that are told apart, in the order in which they are given.
    """
    counts: Counter[tuple[str, str]] = Counter()
    said: Counter[tuple[str, str, str]] = Counter()
    for each in statements:
        if each.kind == "claim":
            cells = [(theme, country) for theme in each.facets["code"] for country in each.facets["country"]]
            counts.update(cells)
            said.update((*cell, informant) for cell in cells for informant in each.facets["informant"])
    return {
        theme: tuple(
            Cell(
                theme,
                country,
                counts[theme, country],
                tuple((who, said[theme, country, who]) for who in informants if said[theme, country, who]),
            )
            for country in countries
        )
        for theme in themes
    }
