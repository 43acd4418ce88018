"""Released answers as dots with their intervals, each country on a line of its own, all on one scale.

Places across are percent of the drawing's width, heights are pixels, so that text keeps its size at every width.
"""

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from research_lib.disclosure.released_shares import Share
from research_lib.methods.published_cell_status import HIDDEN, SHOWN, ZERO
from research_lib.show.pages.cases.cases_page import NOT_APPLICABLE, Cell, Chart, Row, cell_text
from research_lib.show.words import Words

UNASKED, BETWEEN, ALL_HIDDEN = "unasked", "between", "all_hidden"
_LINE, _MANY, _SHORT_NAME, _APART = 18, 20, 6, 100
_HEADS = 18  # the height of the names above the columns
_TOPS = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)
_ENDS = (0.1, 0.2, 0.5, 1.0)


@dataclass(frozen=True)
class Layout:
    """Where the columns of a drawing stand; in a narrow one an answer's name stands above its lines."""

    name: str
    wrap: int
    sentence: int
    country: float
    count: float
    plot: float
    width: float
    word: float

    @property
    def is_wide(self) -> bool:
        """Whether the name of an answer stands beside its lines."""
        return self.country > 0

    def x(self, part: float) -> float:
        """The place of a part of the scale, 0 to 1."""
        return round(self.plot + self.width * part, 1)


WIDE = Layout("wide", 20, 88, country=25, count=46, plot=50, width=40, word=22)
NARROW = Layout("narrow", 34, 44, country=0, count=45, plot=52, width=27, word=25)


@dataclass(frozen=True)
class Mark:
    """One cell: what it is (shown, between, hidden, zero, unasked), its words, and its dot with the ends.

    `between`: in place of the dot a bar from `value` on, `length` long, since other answers are hidden.
    """

    kind: str
    country: str
    y: int
    text: str
    value: float = 0
    low: float = 0
    high: float = 0
    label: str = ""
    length: float = 0


@dataclass(frozen=True)
class Line:
    """One answer: its name in lines of text, then a mark for each country; or the names of all hidden ones."""

    y: int
    names: tuple[str, ...]
    marks: tuple[Mark, ...] = ()
    is_hidden: bool = False


@dataclass(frozen=True)
class Section:
    """Lines under one heading, over their own stretch of the scale; without lines where all is hidden.

    `kind`: answer or missing, or all_hidden.
    """

    kind: str
    heading: tuple[str, ...]
    y: int
    top: int
    bottom: int
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Dots:
    """The whole drawing; `ticks`: places of the scale with their names."""

    layout: Layout
    height: int
    sections: tuple[Section, ...]
    ticks: tuple[tuple[float, str], ...]

    @property
    def marks(self) -> list[Mark]:
        """All marks, from top to bottom."""
        return [mark for section in self.sections for line in section.lines for mark in line.marks]

    @property
    def free(self) -> list[tuple[float, float]]:
        """Places for a word where no mark stands: the middle of the longest free stretch of a line, not too often."""
        found: list[tuple[float, float]] = []
        for line in (line for section in self.sections for line in section.lines if line.marks or line.is_hidden):
            middle = 100 - self.layout.word / 2 if line.is_hidden else self._middle(line.marks)
            ys = [mark.y for mark in line.marks] or [line.y + _LINE * (len(line.names) - 1)]
            y = sum(ys) / len(ys)
            if middle and (not found or y - found[-1][1] >= _APART):
                found.append((middle, y))
        return found

    def _middle(self, marks: Sequence[Mark]) -> float:
        """The middle of the longer stretch of the scale beside some marks, 0 where none is long enough."""
        ends = [end for mark in marks if mark.kind in (SHOWN, BETWEEN) for end in (mark.low, mark.high)]
        left, right = self.layout.x(0), self.layout.x(1)
        stretches = [(left, min(ends)), (max(ends), right)] if ends else [(left, right)]
        start, end = max(stretches, key=lambda each: each[1] - each[0])
        return round((start + end) / 2, 1) if end - start >= self.layout.word else 0

    def sources(self, texts: Sequence[str]) -> list[str]:
        """Break the lines below a drawing to its width."""
        return [line for text in texts for line in textwrap.wrap(text, self.layout.sentence)]


@dataclass(frozen=True)
class _Pen:
    """What all marks of a drawing share."""

    chart: Chart
    layout: Layout
    countries: Sequence[tuple[str, str]]
    words: Words
    top: int = 0  # the count at the end of the scale; 0 where shares are drawn
    end: float = 1  # the share at the end of the scale

    def section(self, kind: str, heading: str, y: int, rows: Sequence[tuple[str, Row | None]]) -> Section:
        """Draw a heading and its rows from a height downwards; a row without counts is a sentence.

        Answers that are hidden for every country stand together in one line at the end; where all are, no row is drawn.
        """
        codes = [code for code, _ in self.countries]
        hidden = [name for name, row in rows if _is_all_hidden([row], codes)]
        if len(hidden) == len(rows) > 0:
            return self._all_hidden(heading, y, hidden)
        titles = tuple(textwrap.wrap(heading, self.layout.sentence))
        top = y + _LINE * len(titles) + 20 + (0 if self.top else _HEADS)
        lines, at = [], top + 6
        for name, row in (each for each in rows if not _is_all_hidden([each[1]], codes)):
            lines.append(self._line(name, row, at))
            at += self._height(lines[-1])
        if hidden:
            lines.append(self._hidden(hidden, at))
            at += self._height(lines[-1])
        return Section(kind, titles, y + 14, top, at, tuple(lines))

    def _hidden(self, names: Sequence[str], y: int) -> Line:
        """Name the hidden answers, beside a place for the word that says what is made up."""
        said = self.words("cases.hidden_named", names=", ".join(names))
        letters = int(self.layout.sentence * (1 - self.layout.word / 100)) - 4
        return Line(y + 13, tuple(textwrap.wrap(said, letters)), is_hidden=True)

    def _all_hidden(self, heading: str, y: int, names: Sequence[str]) -> Section:
        said = self.words("cases.all_hidden", name=heading, names=", ".join(names))
        titles = tuple(textwrap.wrap(said, self.layout.sentence - 3))
        bottom = y + _LINE * len(titles) + 6
        return Section(ALL_HIDDEN, titles, y + 14, bottom, bottom, ())

    def _line(self, name: str, row: Row | None, y: int) -> Line:
        names = tuple(textwrap.wrap(name, self.layout.wrap if row else self.layout.sentence))
        below = y if self.layout.is_wide else y + _LINE * len(names)
        places = enumerate(self._cells(row)) if row else ()
        return Line(y + 13, names, tuple(self._mark(cell, name, below + _LINE * i + 13) for i, (name, cell) in places))

    def _height(self, line: Line) -> int:
        names, marks = _LINE * len(line.names), _LINE * len(line.marks)
        return (max(names, marks) if self.layout.is_wide else names + marks) + 10

    def _cells(self, row: Row) -> Iterator[tuple[str, Cell]]:
        for code, name in self.countries:
            yield from ((self._name(code, name), cell) for cell in row.cells if cell.country == code)

    def _name(self, code: str, name: str) -> str:
        is_short = self.layout.is_wide or max(len(name) for _, name in self.countries) <= _SHORT_NAME
        return name if is_short else self.words.phrases.get(f"country.{code}.short", code)

    def _mark(self, cell: Cell, country: str, y: int) -> Mark:
        if is_unasked(self.chart, cell.country) and cell.status == ZERO:
            return Mark(UNASKED, country, y, self.words("missing.not_asked"))
        text = cell_text(cell, self.words)
        if cell.status != SHOWN:
            return Mark(cell.status, country, y, text, self.layout.plot)
        mark = Mark(SHOWN, country, y, text)
        return self._share(cell.share, mark) if cell.share else self._count(cell.count or 0, mark)

    def _share(self, share: Share, mark: Mark) -> Mark:
        value, low, high, most = (
            part / self.end for part in (share.value or share.least, share.low, share.high, share.most)
        )
        mark = replace(mark, value=value, low=low, high=high, label=self.words.percent(share.low, share.high))
        return self._dot(mark if share.value else replace(mark, kind=BETWEEN, length=most - value))

    def _count(self, count: int, mark: Mark) -> Mark:
        ends = (count, max(count - self.chart.rounding // 2, 0), count + self.chart.rounding // 2)
        value, low, high = (end / self.top for end in ends)
        return self._dot(replace(mark, value=value, low=low, high=high))

    def _dot(self, mark: Mark) -> Mark:
        """Put a mark on the scale."""
        value, low, high = (self.layout.x(end) for end in (mark.value, mark.low, mark.high))
        length = round(self.layout.width * mark.length, 1)
        return replace(mark, value=value, low=low, high=high, length=length)


def is_unasked(chart: Chart, country: str) -> bool:
    """Whether a question was asked nobody in a country: there is no other cell than `not_asked`."""
    filled = {row.values for row in chart.rows for cell in row.cells if cell.country == country and cell.status != ZERO}
    return filled == {("not_asked",)}


def draw_shares(chart: Chart, countries: Sequence[tuple[str, str]], words: Words, layout: Layout) -> Dots:
    """Draw the share of each answer, then in a strip of its own of each reason why there is none."""
    codes = [code for code, _ in countries]
    missing, (rows, empty) = _missing(chart, codes), _drawn(chart, codes)
    pen = _Pen(chart, layout, countries, words, end=_end([*rows, *missing], codes))
    named: list[tuple[str, Row | None]] = [(row.labels[0], row) for row in rows]
    if empty:
        named.append((words("cases.nobody_named", names=", ".join(row.labels[0] for row in empty)), None))
    ending = f" {words('cases.scale_ends', end=words.percent(pen.end, pen.end))}" if pen.end < 1 else ""
    scale = (
        words("cases.answers") if _is_all_hidden([row for _, row in named], codes) else words("cases.scale") + ending
    )
    sections = [pen.section("answer", scale, 0, named)]
    if missing:
        heading = _heading(chart, missing, codes, words)
        sections.append(pen.section("missing", heading, sections[0].bottom + 14, [(r.labels[-1], r) for r in missing]))
    steps = 2 if not layout.is_wide else 4 if pen.end == 1 else 5
    shares = [round(pen.end * step / steps, 4) for step in range(steps + 1)]
    ticks = tuple((layout.x(share / pen.end), words.percent(share, share)) for share in shares)
    return Dots(layout, sections[-1].bottom, tuple(sections), ticks)


def _end(rows: Sequence[Row], countries: Sequence[str]) -> float:
    """The round share at which a scale ends: the lowest that no drawn interval goes beyond."""
    cells = (cell for row in rows for cell in row.cells if cell.country in countries)
    highest = max((cell.share.high for cell in cells if cell.share), default=1)
    return next(end for end in _ENDS if highest <= end)


def draw_counts(chart: Chart, countries: Sequence[tuple[str, str]], words: Words, layout: Layout) -> Dots:
    """Draw two questions crossed as counts: a section for each answer to the first, a line for each to the second."""
    highest = max((cell.count or 0 for row in chart.rows for cell in row.cells), default=0)
    top = next(end for end in _TOPS if highest + chart.rounding // 2 <= end)
    pen = _Pen(chart, layout, countries, words, top)
    codes = [code for code, _ in countries]
    sections: list[Section] = []
    for label in dict.fromkeys(row.labels[0] for row in chart.rows):
        rows = [row for row in chart.rows if row.labels[0] == label]
        named: list[tuple[str, Row | None]] = [(row.labels[1], row) for row in rows if not _is_empty(row, codes)]
        if empty := [row.labels[1] for row in rows if _is_empty(row, codes)]:
            named.append((words("cases.nobody_named", names=", ".join(empty)), None))
        sections.append(pen.section("answer", label, sections[-1].bottom + 14 if sections else 0, named))
    ticks = tuple((layout.x(part), words.number(round(top * part))) for part in (0, 0.5, 1))
    return Dots(layout, sections[-1].bottom, tuple(sections), ticks)


def _is_empty(row: Row, countries: Sequence[str]) -> bool:
    return all(cell.status == ZERO for cell in row.cells if cell.country in countries)


def _is_all_hidden(rows: Sequence[Row | None], countries: Sequence[str]) -> bool:
    cells = [row.cells if row else () for row in rows]
    drawn = [[cell.status for cell in each if cell.country in countries] for each in cells]
    return bool(drawn) and all(each and set(each) == {HIDDEN} for each in drawn)


def _drawn(chart: Chart, countries: Sequence[str]) -> tuple[list[Row], list[Row]]:
    """Choose the answers that are drawn; of very many, those that nobody gave are only named."""
    rows = [row for row in chart.rows if row.kind == "answer"]
    empty = [row for row in rows if _is_empty(row, countries)] if len(rows) > _MANY else []
    return [row for row in rows if row not in empty], empty


def _missing(chart: Chart, countries: Sequence[str]) -> list[Row]:
    """The reasons why there is no answer; of the choices of one question one row, where all tables say the same."""
    if chart.kind == "one":
        rows = [row for row in chart.rows if row.kind == "missing" and row.values != (NOT_APPLICABLE,)]
        return [row for row in rows if not _is_empty(row, countries)]
    rows = [row for row in chart.rows if row.values == ("no_answer",)]
    said = {tuple((cell.count, cell.status) for cell in row.cells) for row in rows}
    return rows[:1] if len(said) == 1 and not _is_empty(rows[0], countries) else []


def _heading(chart: Chart, rows: Sequence[Row], countries: Sequence[str], words: Words) -> str:
    return words("cases.no_answer" if _is_all_hidden(rows, countries) else f"cases.scale_missing_{chart.kind}")
