"""Two questions crossed as a table for each country: a number, and a bar of its length, in each cell.

Places across are percent of the drawing's width, heights are pixels.
"""

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, replace

from research_lib.methods.published_cell_status import HIDDEN, SHOWN, ZERO
from research_lib.show.pages.cases.cases_page import Chart, Row
from research_lib.show.words import Words

ALL_HIDDEN = "all_hidden"
_NAMES, _WRAP, _ROW, _HIDDEN_ROW, _LINE = 22, 20, 42, 26, 15
_LETTER = 0.9  # percent of the narrowest drawing that is a table


@dataclass(frozen=True)
class Square:
    """One cell: what it is (shown, hidden, zero), where, how long its bar is, and its number or word.

    A row whose cells are all hidden is one square, `all_hidden`.
    """

    kind: str
    x: float
    y: int
    bar: float
    text: str


@dataclass(frozen=True)
class Text:
    """Lines of text at a place; `role`: country, head or name."""

    role: str
    x: float
    y: int
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Grid:
    """A table for each country, one below the other; `axes`: the questions of the rows and of the columns.

    `gaps`: the heights at which no number stands, beside the name of each country.
    """

    height: int
    axes: tuple[str, str]
    texts: tuple[Text, ...]
    squares: tuple[Square, ...]
    gaps: tuple[int, ...]


def draw_grid(chart: Chart, countries: Sequence[tuple[str, str]], words: Words) -> Grid:
    """Draw counts with the question of fewer answers in the columns; the longest bar nearly fills its cell."""
    sides = [list(dict.fromkeys((row.values[i], row.labels[i]) for row in chart.rows)) for i in (0, 1)]
    rows, columns = (1, 0) if len(sides[0]) < len(sides[1]) else (0, 1)
    found = {(row.values[rows], row.values[columns]): row for row in chart.rows}
    lines = [(name, [found[value, other] for other, _ in sides[columns]]) for value, name in sides[rows]]
    pen = _Pen(chart, [name for _, name in sides[columns]], lines, words)
    y, texts, squares, gaps = 0, [], [], []
    for country in countries:
        gaps.append(y + 16)
        y, more, cells = pen.table(country, y)
        texts += more
        squares += cells
    return Grid(y, (chart.titles[rows], chart.titles[columns]), tuple(texts), tuple(squares), tuple(gaps))


@dataclass(frozen=True)
class _Pen:
    """What the tables of all countries share: the names of the columns, and each row with its name and its cells."""

    chart: Chart
    columns: Sequence[str]
    lines: Sequence[tuple[str, Sequence[Row]]]
    words: Words

    @property
    def width(self) -> float:
        return (100 - _NAMES) / len(self.columns)

    @property
    def highest(self) -> int:
        return max((cell.count or 0 for row in self.chart.rows for cell in row.cells), default=0) or 1

    def x(self, place: int) -> float:
        return round(_NAMES + place * self.width, 2)

    def table(self, country: tuple[str, str], y: int) -> tuple[int, list[Text], list[Square]]:
        """Draw the table of one country from a height on; give the height below it."""
        heads = [_head(name, max(int(self.width / _LETTER), 8)) for name in self.columns]
        texts, squares = [Text("country", 0, y + 16, (country[1],))], []
        y += 30 + _LINE * max(map(len, heads))
        texts += [Text("head", self.x(i), y - 8 - _LINE * (len(head) - 1), head) for i, head in enumerate(heads)]
        for name, rows in self.lines:
            texts.append(Text("name", 0, y + 15, tuple(textwrap.wrap(name, _WRAP))))
            line = [self._square(row, country[0], (self.x(i), y)) for i, row in enumerate(rows)]
            is_hidden = {square.kind for square in line} == {HIDDEN}
            squares += [replace(line[0], kind=ALL_HIDDEN, text=self.words("cases.row_hidden"))] if is_hidden else line
            y += max(_HIDDEN_ROW if is_hidden else _ROW, _LINE * len(texts[-1].lines) + 8)
        return y + 18, texts, squares

    def _square(self, row: Row, country: str, at: tuple[float, int]) -> Square:
        cell = next(cell for cell in row.cells if cell.country == country)
        number = self.words.number(cell.count or 0)
        text = {SHOWN: number, ZERO: "0", HIDDEN: self.words("cases.hidden")}[cell.status]
        bar = round(0.9 * self.width * (cell.count or 0) / self.highest, 2)
        return Square(cell.status, *at, bar, text)


def _head(name: str, letters: int) -> tuple[str, ...]:
    """Break a name into lines; a word that is longer than a line is broken with a hyphen."""
    broken = re.sub(rf"(\w{{{letters - 1}}})(?=\w)", r"\1-", name)
    return tuple(textwrap.wrap(broken, letters))
