"""The dated laws of all countries, year by year: provisions of one law and one year stand together under its name."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from research_lib.show.drawing.labels import shortened
from research_lib.show.words import Words

_LAW = re.compile(
    r"Legislative Decree no\. [\d/]+|(?<!ive )Decree no\. [\d-]+|Law no\. [\d/]+"
    r"|Law on (?:the )?[A-Z][^,(;]*\w|Criminal Code"
)
_LONGEST = 70


@dataclass(frozen=True)
class LawMark:
    """One law of one year with its dated provisions, or a single provision; `meta`: its dates, and its law."""

    id: str
    title: str
    meta: tuple[str, ...]
    provisions: tuple[str, ...]


@dataclass(frozen=True)
class YearOfLaw:
    """One year, or several without any dated law, and the marks of each country."""

    name: str
    lanes: tuple[tuple[LawMark, ...], ...] = ()


def laws_in_time(
    dated: pd.DataFrame, countries: Sequence[str], titles: Mapping[str, str], words: Words
) -> tuple[YearOfLaw, ...]:
    """Put a table of `compare.provisions.timeline` into years; `titles` names each provision."""
    marks: dict[tuple[int, str], list[LawMark]] = {}
    for (year, country), rows in dated.groupby(["year", "country_code"]):
        marks[year, country] = _marks(rows, titles, words)
    years = sorted({year for year, _ in marks})
    found: list[YearOfLaw] = []
    for year, before in zip(years, [None, *years], strict=False):
        if before is not None and before + 1 < year:
            found.append(YearOfLaw("–".join(dict.fromkeys(str(end) for end in (before + 1, year - 1)))))
        found.append(YearOfLaw(str(year), tuple(tuple(marks.get((year, code), ())) for code in countries)))
    return tuple(found)


def law_names(cell: object) -> list[str]:
    """Give the short names of the laws that a cell names; of one in other words, what comes before a bracket."""
    if not isinstance(cell, str):
        return []
    first, *others = cell.split(";")
    return [*(_LAW.findall(first) or [first.split(" (")[0]]), *(name for part in others for name in _LAW.findall(part))]


def written_law(name: str, words: Words) -> str:
    """Write the name of a law in a language, where the study translates it."""
    return words.phrases.get(f"law.{name}", shortened(name, _LONGEST))


def _marks(rows: pd.DataFrame, titles: Mapping[str, str], words: Words) -> list[LawMark]:
    common = Counter(name for cell in rows["law"] for name in law_names(cell))
    groups: dict[str, list[Any]] = {}
    for row in rows.itertuples():
        names = law_names(row.law)
        law = max(names, key=lambda name: (str(row.year) in name, common[name]), default=row.id)
        groups.setdefault(law, []).append(row)
    return [_mark(law, group, titles, words) for law, group in groups.items()]


def _mark(law: str, group: Sequence[Any], titles: Mapping[str, str], words: Words) -> LawMark:
    first, ids = group[0], tuple(row.id for row in group)
    written = written_law(law, words) if isinstance(first.law, str) else ""
    dates = "–".join(dict.fromkeys(words.date(row.date) for row in group if _is_exact(row, group)))
    if len(group) == 1:
        return LawMark(f"fact:{first.id}", titles[first.id], tuple(filter(None, (dates, written))), ids)
    return LawMark(f"fact:{first.id}", written, (dates, words.plural("comparison.of_law", len(ids))), ids)


def _is_exact(row: Any, group: Sequence[Any]) -> bool:
    """Whether no other row of the group has a closer date that begins with this one."""
    return not any(other.date != row.date and other.date.startswith(row.date) for other in group)
