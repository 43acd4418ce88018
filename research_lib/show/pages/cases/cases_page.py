"""The case-level page as a value: the tables of one release, each a chart, one country beside the other."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import pandas as pd

from research_lib.disclosure.released import Released
from research_lib.disclosure.released_shares import ANY_NUMBER, Ends, Share, records_by, shares
from research_lib.missing_answers import NO_ANSWER, UNANSWERED
from research_lib.published_cells import HIDDEN, SHOWN
from research_lib.show.kept import kept
from research_lib.show.words import Words

EVERYWHERE, NOT_APPLICABLE = "all", "not_applicable"
_CHOICE, _COUNTRY = "__", "country_code"


@dataclass(frozen=True)
class Cell:
    """One released cell: its rounded count, None where it is hidden; its status; and its share, where it has one.

    An answer's share is one of all answers; that of a reason for no answer is one of all to whom the question applies.
    """

    country: str
    count: int | None
    status: str
    share: Share | None = None


@dataclass(frozen=True)
class Row:
    """One answer, or one pair of answers, with its cell for each country.

    `kind`: answer, missing (why there is none), or other (in the table, not in the chart).
    """

    table: str
    values: tuple[str, ...]
    labels: tuple[str, ...]
    kind: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Chart:
    """One question, or two questions crossed, as the page shows it.

    `kind`: one (one answer each), many (several answers each), or crossed.
    """

    id: str
    kind: str
    dimension: str
    titles: tuple[str, ...]
    rows: tuple[Row, ...]
    is_sensitive: bool
    tables: tuple[str, ...]

    @property
    def title(self) -> str:
        """The question, or the two questions."""
        return " × ".join(self.titles)


@dataclass(frozen=True)
class CasesPage:
    """Everything that the case-level page shows."""

    charts: tuple[Chart, ...]
    countries: tuple[tuple[str, str], ...]
    released: Released

    def countries_of(self, chart: Chart) -> dict[str, str]:
        """The countries that a chart divides its counts by; all together where it does not."""
        codes = {cell.country for row in chart.rows for cell in row.cells}
        return {code: name for code, name in self.countries if code in codes}


def cases_page(released: Released, words: Words) -> CasesPage:
    """Assemble the case-level page in one language."""
    reader = _Reader(released, words)
    charts = [reader.chart(key, entries) for key, entries in _by_question(reader).items()]
    countries = tuple((code, words.phrases.get(f"country.{code}", code)) for code in reader.countries)
    places = {code: place for place, code in enumerate(dimensions_of(released))}
    ordered = sorted(charts, key=lambda chart: (places[chart.dimension], chart.kind == "crossed"))
    return CasesPage(tuple(ordered), countries, released)


def _by_question(reader: "_Reader") -> dict[str, list[Mapping[str, Any]]]:
    """The tables of each chart: those of one question together, if all of them divide by country, or none does."""
    alike: dict[tuple[str, int, bool], list[Mapping[str, Any]]] = {}
    for entry in reader.released.manifest["tables"]:
        shape = len(_variables(entry)), _COUNTRY in entry["variables"]
        alike.setdefault((reader.question(entry), *shape), []).append(entry)
    found: dict[str, list[Mapping[str, Any]]] = {}
    for (question, *_), entries in alike.items():
        keys = (question, entries[0]["name"], *(f"{question}-{number}" for number in range(2, len(alike) + 2)))
        found[next(key for key in keys if key not in found)] = entries
    return found


def dimensions_of(released: Released) -> list[str]:
    """The dimensions of the questions, in the order of the form."""
    return list(dict.fromkeys(variable["dimension"] for variable in released.variables.values()))


class _Reader:
    """Reads charts from a release, in one language."""

    def __init__(self, released: Released, words: Words):
        self.released, self.words = released, words
        values = released.variables.get(_COUNTRY, {}).get("values", [])
        divided = {_COUNTRY in entry["variables"] for entry in released.manifest["tables"]}
        named = (*values, NO_ANSWER) if True in divided else ()
        self.countries = (*named, *((EVERYWHERE,) if False in divided else ()))
        self.rounding, self.records = released.manifest["rules"]["rounding_base"], _records(released)

    def question(self, entry: Mapping[str, Any]) -> str:
        """The question that a table answers: the choices of one question stand together."""
        names = _variables(entry)
        return self.released.variables[names[0]]["question"] if len(names) == 1 else entry["name"]

    def chart(self, key: str, entries: list[Mapping[str, Any]]) -> Chart:
        """One chart of a question's tables."""
        names = [_variables(entry) for entry in entries]
        kind = "crossed" if len(names[0]) > 1 else "many" if _CHOICE in names[0][0] else "one"
        return Chart(
            id=key,
            kind=kind,
            dimension=self.released.variables[names[0][0]]["dimension"],
            titles=tuple(self.words.among(self.released.variables[name]["labels"], name) for name in names[0]),
            rows=tuple(row for entry in entries for row in self._rows(entry)),
            is_sensitive=any(name in self.released.manifest["sensitive"] for each in names for name in each),
            tables=tuple(entry["name"] for entry in entries),
        )

    def _rows(self, entry: Mapping[str, Any]) -> list[Row]:
        names = _variables(entry)
        frame = _placed(self.released.tables[entry["name"]])
        given = self._shares(frame, names[0]) if len(names) == 1 else {}
        cells: dict[tuple[str, ...], list[Cell]] = {}
        for row, values in zip(frame.itertuples(), zip(*(frame[name] for name in names), strict=True), strict=True):
            cells.setdefault(values, []).append(_cell(row, given.get((row.country_code, *values))))
        return [
            Row(entry["name"], values, self._labels(names, values), _kind(names[0], values), tuple(found))
            for values, found in cells.items()
        ]

    def _shares(self, frame: pd.DataFrame, name: str) -> dict[tuple[str, str], Share | None]:
        found: dict[tuple[str, str], Share | None] = {}
        by_country: dict[str, dict[str, int | None]] = {}
        for country, value, count in zip(frame[_COUNTRY], frame[name], _counts(frame), strict=True):
            by_country.setdefault(country, {})[value] = count
        for (country, counts), apart in product(by_country.items(), (UNANSWERED, (NOT_APPLICABLE,))):
            among = [value for value in counts if value not in apart]
            given = shares(
                [counts[value] for value in among],
                rounding=self.rounding,
                is_sensitive=name in self.released.manifest["sensitive"],
                apart=[count for value, count in counts.items() if value in apart],
                records=self.records.get(country, ANY_NUMBER),
            )
            pairs = zip(among, given, strict=True)
            found |= {
                (country, value): share for value, share in pairs if (value in UNANSWERED) == (apart != UNANSWERED)
            }
        return found

    def _labels(self, names: list[str], values: tuple[str, ...]) -> tuple[str, ...]:
        labels = [self._label(name, value) for name, value in zip(names, values, strict=True)]
        if _CHOICE not in names[0] or len(names) > 1:
            return tuple(labels)
        choice, asked = names[0].partition(_CHOICE)[2], self.released.variables
        together = [each["choice_labels"] for each in asked.values() if each["question"] == asked[names[0]]["question"]]
        return (self._told_apart(choice, {code: named for each in together for code, named in each.items()}), *labels)

    def _label(self, name: str, value: str) -> str:
        if value in UNANSWERED:
            return self.words(f"missing.{value}")
        labels = self.released.variables[name]["choice_labels"].get(value)
        if name == _COUNTRY:
            return self.words.phrases.get(f"country.{value}") or value
        known = self.words.phrases.get(f"answer.{value}")
        return known if known and not labels else self._told_apart(value, self._named(name))

    def _named(self, name: str) -> dict[str, Mapping[str, str]]:
        """The labels of each value of a variable that the release has."""
        variable = self.released.variables[name]
        return {value: variable["choice_labels"].get(value) or {} for value in variable["values"]}

    def _told_apart(self, code: str, named: Mapping[str, Mapping[str, str]]) -> str:
        """The label of a code, with the code in brackets where another one has the same label."""
        texts = {each: self.words.among(labels, each) for each, labels in named.items()}
        text = texts.get(code, code)
        return f"{text} ({code})" if [*texts.values()].count(text) > 1 else text


@kept
def _records(released: Released) -> dict[str, Ends]:
    """The least and the most records of each country, as all tables together allow."""
    rules, frames = released.manifest["rules"], map(_placed, released.tables.values())
    return records_by(frames, _COUNTRY, rounding=rules["rounding_base"], fewest=rules["persons"])


def cell_text(cell: Cell, words: Words) -> str:
    """Write a cell: `about 85`, `hidden` or `nobody`."""
    if cell.count is None or cell.status != SHOWN:
        return words(f"cases.{cell.status}")
    return words("amount.about", number=words.number(cell.count))


def _placed(frame: pd.DataFrame) -> pd.DataFrame:
    """A released table with the country of each cell; one that does not divide by country counts all."""
    return frame if _COUNTRY in frame else frame.assign(**{_COUNTRY: EVERYWHERE})


def _counts(frame: pd.DataFrame) -> pd.Series:
    """The counts as plain numbers, None where they are hidden."""
    return frame["count"].astype(object).where(frame["count"].notna(), None)


def _variables(entry: Mapping[str, Any]) -> list[str]:
    return [name for name in entry["variables"] if name != _COUNTRY]


def _kind(name: str, values: tuple[str, ...]) -> str:
    if _CHOICE in name and len(values) == 1:
        return "answer" if values == ("yes",) else "other"
    return "missing" if set(values) & set(UNANSWERED) else "answer"


def _cell(row: Any, share: Share | None) -> Cell:
    return Cell(row.country_code, None if row.status == HIDDEN else int(row.count), row.status, share)
