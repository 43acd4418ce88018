"""Released answers as a chart: which are drawn, which are only named, and where each mark stands on the scale."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from research_lib.published_cells import HIDDEN, SHOWN, ZERO
from research_lib.show.pages.cases.cases_page import NOT_APPLICABLE, Cell, Chart, Row, cell_text
from research_lib.show.words import Words

UNASKED, BETWEEN = "unasked", "between"
_MANY = 20
_ENDS = (0.1, 0.2, 0.5, 1.0)


@dataclass(frozen=True)
class Mark:
    """One cell: what it is (shown, between, hidden, zero, unasked), its words, and its places in percent of the scale.

    `between`: in place of a dot at `start` a bar from there on, `length` long, since other answers are hidden.
    """

    kind: str
    country: str
    text: str
    start: float = 0
    length: float = 0
    low: float = 0
    high: float = 0
    label: str = ""


type Named = tuple[tuple[str, tuple[Mark, ...]], ...]


@dataclass(frozen=True)
class Section:
    """Answers under one heading, each with a mark for every country; `named`: what is only named, each with its sign.

    `kind`: answer or missing.
    """

    kind: str
    heading: str
    answers: Named
    named: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ShownAnswers:
    """The chart of one question; `ticks`: places in percent of the scale, with their names."""

    sections: tuple[Section, ...]
    ticks: tuple[tuple[float, str], ...]

    @property
    def signs(self) -> list[str]:
        """The signs that its key explains."""
        drawn = {(each.kind, mark.kind) for each in self.sections for _, marks in each.answers for mark in marks}
        kinds = {kind for _, kind in drawn} | {sign for each in self.sections for sign, _ in each.named}
        signs = {
            "share": ("answer", SHOWN) in drawn,
            BETWEEN: BETWEEN in kinds,
            "margin": bool({SHOWN, BETWEEN} & kinds),
            HIDDEN: HIDDEN in kinds,
            ZERO: ZERO in kinds,
            "missing": ("missing", SHOWN) in drawn,
        }
        return [sign for sign, is_there in signs.items() if is_there]


@dataclass(frozen=True)
class Crossed:
    """Two questions crossed, the one with fewer answers in the columns; `axes`: the questions of rows and columns.

    `tables`: for each country its rows, each with a mark for every column.
    """

    axes: tuple[str, str]
    columns: tuple[str, ...]
    tables: tuple[tuple[str, Named], ...]
    signs: tuple[str, ...]


def shown_answers(chart: Chart, countries: Mapping[str, str], words: Words) -> ShownAnswers:
    """Show the share of each answer, then, under a heading of its own, of each reason why there is none."""
    rows, missing = _answers(chart), _missing(chart, countries)
    cells = (cell for row in (*rows, *missing) for cell in row.cells if cell.country in countries)
    highest = max((cell.share.high for cell in cells if cell.share), default=1)
    end = next(end for end in _ENDS if highest <= end)
    reader = _Reader(chart, countries, words, end)
    scale = words("cases.scale") + (f" {words('cases.scale_ends', end=words.percent(end, end))}" if end < 1 else "")
    sections = [reader.section("answer", (scale, words("cases.answers")), rows)]
    if missing:
        headings = words(f"cases.scale_missing_{chart.kind}"), words("cases.no_answer")
        sections.append(reader.section("missing", headings, missing))
    steps = 4 if end == 1 else 5
    shares = [(step / steps, end * step / steps) for step in range(steps + 1)]
    return ShownAnswers(tuple(sections), tuple((100 * at, words.percent(share, share)) for at, share in shares))


@dataclass(frozen=True)
class _Reader:
    """Reads marks; `end`: the share at the end of the scale, the lowest round one that no interval goes beyond."""

    chart: Chart
    countries: Mapping[str, str]
    words: Words
    end: float

    def section(self, kind: str, headings: tuple[str, str], rows: Sequence[Row]) -> Section:
        """Read rows under the first heading; where all are hidden for all countries, one line says so of the second."""
        labelled = [(row.labels[0 if kind == "answer" else -1], row) for row in rows]
        apart = (ZERO, HIDDEN) if len(rows) > _MANY else (HIDDEN,)
        named = {sign: [label for label, row in labelled if _alike(row, self.countries) == sign] for sign in apart}
        if len(named[HIDDEN]) == len(rows):
            said = self.words("cases.all_hidden", name=headings[1], names=self.words.listed(named[HIDDEN]))
            return Section(kind, headings[1], (), ((HIDDEN, said),))
        taken = [label for labels in named.values() for label in labels]
        answers = [(label, tuple(self._marks(row))) for label, row in labelled if label not in taken]
        lines = tuple(
            (sign, _named(self.words(f"cases.{sign}"), named[sign], self.words)) for sign in apart if named[sign]
        )
        return Section(kind, headings[0], tuple(answers), lines)

    def _marks(self, row: Row) -> Iterator[Mark]:
        for code, name in self.countries.items():
            yield from (self._mark(cell, name) for cell in row.cells if cell.country == code)

    def _mark(self, cell: Cell, country: str) -> Mark:
        if cell.status == ZERO and _is_unasked(self.chart, cell.country):
            return Mark(UNASKED, country, self.words("missing.not_asked"))
        share, text = cell.share, cell_text(cell, self.words)
        if cell.status != SHOWN or not share:
            return Mark(cell.status, country, text)
        ends = (share.value or share.least, share.most, share.low, share.high)
        start, most, low, high = (round(100 * end / self.end, 1) for end in ends)
        kind, length = (SHOWN, 0.0) if share.value else (BETWEEN, round(most - start, 1))
        return Mark(kind, country, text, start, length, low, high, self.words.percent(share.low, share.high))


def crossed(chart: Chart, countries: Mapping[str, str], words: Words) -> Crossed:
    """Show two questions crossed as counts, the longest bar for the highest."""
    sides = [list(dict.fromkeys((row.values[i], row.labels[i]) for row in chart.rows)) for i in (0, 1)]
    down, across = (1, 0) if len(sides[0]) < len(sides[1]) else (0, 1)
    found = {(row.values[down], row.values[across], cell.country): cell for row in chart.rows for cell in row.cells}
    highest = max((cell.count or 0 for cell in found.values()), default=0) or 1

    def mark(cell: Cell) -> Mark:
        return Mark(cell.status, "", cell_text(cell, words), length=round(100 * (cell.count or 0) / highest, 1))

    def table(country: str) -> Named:
        columns = [value for value, _ in sides[across]]
        return tuple(
            (name, tuple(mark(found[row, column, country]) for column in columns)) for row, name in sides[down]
        )

    tables = tuple((name, table(code)) for code, name in countries.items())
    signs = (HIDDEN,) if any(cell.status == HIDDEN for cell in found.values()) else ()
    return Crossed((chart.titles[down], chart.titles[across]), tuple(name for _, name in sides[across]), tables, signs)


def left_out(
    chart: Chart, countries: Mapping[str, str], drawn: Mapping[str, str], words: Words
) -> list[tuple[str, list[str]]]:
    """Name the cells of one question that its chart leaves out, for each country those that say the same together."""
    rows = [*_answers(chart), *_missing(chart, drawn)]
    found: dict[str, dict[str, list[str]]] = {}
    for row, cell in ((each, cell) for each in chart.rows for cell in each.cells if cell.country in countries):
        if cell.country not in drawn or row not in rows:
            label = f"{row.labels[0]} ({row.labels[1]})" if len(row.labels) > 1 else row.labels[0]
            said = found.setdefault(countries[cell.country], {})
            said.setdefault(_text_with_share(row, cell, words), []).append(label)
    return [(name, [_named(*each, words) for each in said.items()]) for name, said in found.items()]


def _is_unasked(chart: Chart, country: str) -> bool:
    """Whether a question was asked nobody in a country: there is no other cell than `not_asked`."""
    filled = {row.values for row in chart.rows for cell in row.cells if cell.country == country and cell.status != ZERO}
    return filled == {("not_asked",)}


def _missing(chart: Chart, countries: Mapping[str, str]) -> list[Row]:
    """The reasons why there is no answer; of the choices of one question one row, where all tables say the same."""
    if chart.kind == "one":
        rows = [row for row in chart.rows if row.kind == "missing" and row.values != (NOT_APPLICABLE,)]
        return [row for row in rows if _alike(row, countries) != ZERO]
    rows = [row for row in chart.rows if row.values == ("no_answer",)]
    said = {tuple((cell.count, cell.status) for cell in row.cells) for row in rows}
    return rows[:1] if len(said) == 1 and _alike(rows[0], countries) != ZERO else []


def _answers(chart: Chart) -> list[Row]:
    return [row for row in chart.rows if row.kind == "answer"]


def _alike(row: Row, countries: Mapping[str, str]) -> str:
    """The status of a row's cells, where all have the same."""
    states = {cell.status for cell in row.cells if cell.country in countries}
    return states.pop() if len(states) == 1 else ""


def _named(name: str, labels: Sequence[str], words: Words) -> str:
    return words("comparison.labelled", label=name, text=words.listed(labels))


def _text_with_share(row: Row, cell: Cell, words: Words) -> str:
    text = cell_text(cell, words)
    share = cell.share if row.kind == "answer" else None
    return f"{text} ({words.percent(share.low, share.high)})" if share else text
