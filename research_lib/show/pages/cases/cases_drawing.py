"""Released cells as drawings: bars with their intervals, and shaded tables. Widths are percent, heights are pixels."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from research_lib.methods.missing import NO_ANSWER
from research_lib.methods.published_cell_status import HIDDEN, SHOWN, ZERO
from research_lib.show.pages.cases.cases_page import Cell, Chart, Row, cell_text
from research_lib.show.words import Words

SCALE, TEXT = 52, 55
_FIXED = {HIDDEN: 12, "bare": 5}
_TOPS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)
_LABEL, _LINE, _BAR, _MANY = 42, 17, 17, 20
_NAMES, _HEAD, _ROW = 24, 13, 34


@dataclass(frozen=True)
class Mark:
    """One cell drawn: what it is (shown, bare without a share, hidden, zero), where, and what stands beside it."""

    kind: str
    series: int
    y: int
    text: str
    width: float = 0
    low: float = 0
    high: float = 0


@dataclass(frozen=True)
class Line:
    """One answer drawn: its name in lines of text, then a mark for each country."""

    kind: str
    y: int
    names: tuple[str, ...]
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Bars:
    """A bar chart: its lines, and the ticks of its scale as place and name."""

    height: int
    lines: tuple[Line, ...]
    ticks: tuple[tuple[float, str], ...]


@dataclass(frozen=True)
class Square:
    """One cell of a shaded table."""

    kind: str
    x: float
    y: int
    width: float
    shade: float
    text: str


@dataclass(frozen=True)
class Text:
    """Lines of text at a place of a shaded table; `role`: country, head or name."""

    role: str
    x: float
    y: int
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Grid:
    """A shaded table for each country, one below the other."""

    height: int
    texts: tuple[Text, ...]
    squares: tuple[Square, ...]


def drawn_countries(countries: Sequence[tuple[str, str]]) -> list[str]:
    """The countries that a chart shows: those of the records that name one."""
    return [code for code, _ in countries if code != NO_ANSWER]


def draw_bars(chart: Chart, countries: Sequence[str], words: Words) -> Bars:
    """Draw each answer to a question with a bar for each country, then the reasons why there is none."""
    rows, empty = _drawn(chart, countries)
    highest = max((cell.share.high for row in rows for cell in row.cells if cell.share), default=0)
    top = next(end for end in _TOPS if highest <= end)
    y, lines = 0, []
    for row in rows:
        name = words("cases.no_answer", reason=row.labels[0]) if row.kind == "missing" else row.labels[0]
        names = tuple(textwrap.wrap(name, _LABEL))
        line = _line(row, (y, names), (countries, top), words)
        lines.append(line)
        y += _LINE * len(names) + _BAR * len(line.marks) + 9
    if empty:
        text = words("cases.nobody_named", names=", ".join(row.labels[0] for row in empty))
        lines.append(Line("missing", y, tuple(textwrap.wrap(text, _LABEL)), ()))
        y += _LINE * len(lines[-1].names) + 9
    ticks = tuple((SCALE * part, words.percent(top * part, top * part)) for part in ((0, 0.5, 1) if highest else ()))
    return Bars(y + 20, tuple(lines), ticks)


def _drawn(chart: Chart, countries: Sequence[str]) -> tuple[list[Row], list[Row]]:
    """Choose the answers that are drawn; of very many, those that nobody gave are only named."""
    rows = [row for row in chart.rows if row.kind != "other"]
    empty = [row for row in rows if all(cell.status == ZERO for cell in row.cells if cell.country in countries)]
    is_long = len(rows) > _MANY
    named = [row for row in empty if row.kind == "answer"] if is_long else []
    return [row for row in rows if row not in named and (row not in empty or row.kind == "answer")], named


def _line(row: Row, at: tuple[int, tuple[str, ...]], scale: tuple[Sequence[str], float], words: Words) -> Line:
    (y, names), (countries, top) = at, scale
    below = y + _LINE * len(names) + 4
    cells = [cell for cell in row.cells if cell.country in countries]
    marks = [_mark(cell, below + _BAR * index, (index, top), words) for index, cell in enumerate(cells)]
    return Line(row.kind, y, names, tuple(marks))


def _mark(cell: Cell, y: int, at: tuple[int, float], words: Words) -> Mark:
    series, top = at
    text = f"{words.phrases.get(f'country.{cell.country}.short', cell.country)} {cell_text(cell, words)}"
    if cell.status != SHOWN or cell.share is None:
        kind = "bare" if cell.status == SHOWN else cell.status
        return Mark(kind, series, y, text, _FIXED.get(kind, 0))
    low, value, high = (round(SCALE * end / top, 2) for end in (cell.share.low, cell.share.value, cell.share.high))
    return Mark("shown", series, y, f"{text} · {words.percent(cell.share.low, cell.share.high)}", value, low, high)


def draw_grid(chart: Chart, countries: Sequence[tuple[str, str]], words: Words) -> Grid:
    """Draw two questions crossed as a shaded table for each country; the darker, the more records."""
    highest = max((cell.count or 0 for row in chart.rows for cell in row.cells), default=0) or 1
    blocks = [list(group) for _, group in groupby(chart.rows, key=lambda row: row.values[0])]
    width = (100 - _NAMES) / len(blocks[0])
    heads = [tuple(textwrap.wrap(row.labels[1], max(int(width * 1.25), 8))) for row in blocks[0]]
    y, texts, squares = 0, [], []
    for code, name in countries:
        if code == NO_ANSWER:
            continue
        texts.append(Text("country", 0, y + 16, (name,)))
        y += 30 + _HEAD * max(map(len, heads))
        texts += [
            Text("head", _middle(i, width), y - 8 - _HEAD * (len(head) - 1), head) for i, head in enumerate(heads)
        ]
        for block in blocks:
            texts.append(_name(block[0].labels[0], y))
            cells = [cell for row in block for cell in row.cells if cell.country == code]
            squares += [_square(cell, (_NAMES + i * width, width, y), highest, words) for i, cell in enumerate(cells)]
            y += _ROW
        y += 22
    return Grid(y, tuple(texts), tuple(squares))


def _middle(index: int, width: float) -> float:
    return round(_NAMES + (index + 0.5) * width, 2)


def _name(label: str, y: int) -> Text:
    lines = tuple(textwrap.wrap(label, 27))
    return Text("name", 0, y + 21 - 7 * (len(lines) - 1), lines)


def _square(cell: Cell, at: tuple[float, float, int], highest: int, words: Words) -> Square:
    x, width, y = at
    shade = round(0.12 + 0.35 * (cell.count or 0) / highest, 2)
    text = {SHOWN: words.number(cell.count or 0), HIDDEN: "", ZERO: "0"}[cell.status]
    return Square(cell.status, round(x, 2), y, round(width - 0.4, 2), shade, text)
