"""What differs between two groups, as a value: a sentence, rows to draw, and what to be careful with."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, islice

import pandas as pd

from research_lib.errors import UnfitDataError
from research_lib.files.spreadsheet import write_text
from research_lib.methods.contrasts import adjust, contrast_counts, difference_interval, mantel_haenszel
from research_lib.show.live.comparable_data import Asked, Comparable, Counted
from research_lib.show.words import Words

_FEW, _LEVEL, _ERROR = 20, 0.95, 0.05
_ANYTHING = (-100.0, 100.0)
_MOST_TRIED = 60  # comparisons, to find one to begin with
_MINUS = "\N{MINUS SIGN}"
type Span = tuple[float, float]


@dataclass(frozen=True)
class Line:
    """One comparison: the counts, and the difference of the shares in percentage points, as a range where it is one.

    `difference`: the ends of what it can be; `interval`: with chance as well; None where nothing can be said. `p`: the
    p-value of the score test, the highest that the counts allow; `adjusted`: after Holm, where there is a family.
    `kind`: question, stratum, pooled or all.
    """

    name: str
    kind: str
    first: Counted | None
    second: Counted | None
    difference: Span | None = None
    interval: Span | None = None
    p: float = 1.0
    adjusted: float | None = None

    @property
    def differs(self) -> bool:
        """Whether the interval leaves out that there is no difference."""
        return self.interval is not None and not self.interval[0] <= 0 <= self.interval[1]


@dataclass(frozen=True)
class Comparison:
    """Two groups compared: the sentence, what stands below it, the lines to draw, and the cautions."""

    sentence: str
    detail: tuple[str, ...]
    title: str
    groups: tuple[str, str]
    lines: tuple[Line, ...]
    cautions: tuple[str, ...]
    is_synthetic: bool
    reach: float = 10.0

    def to_csv(self) -> str:
        """The lines as a table, each with a mark where the records are synthetic."""
        ends = [
            f"{what}_{end}" for what in ("k1", "n1", "k2", "n2", "difference", "interval") for end in ("low", "high")
        ]
        head = ["compared", "group1", "group2", *ends, "p_value", "p_adjusted", "is_synthetic"]
        mark = "yes" if self.is_synthetic else "no"
        return write_text([head, *([line.name, *self.groups, *_numbers(line), mark] for line in self.lines)])


def compare(data: Comparable, asked: Asked, words: Words, *, family: Sequence[str] = ()) -> Comparison:
    """Compare two groups by one question, or in strata; `family`: further questions that are compared together with it.

    Raises UnfitDataError where a choice is not in the data. Not for: persons who stand in the records twice, or who
    were met through one another; groups of which everybody was questioned; finding a cause.
    """
    question = data.questions[asked.question]
    lines = _strata(data, asked, words) if asked.strata else _family(data, asked, family)
    main = lines[-1] if asked.strata else lines[0]
    if main.first is None or main.second is None:
        raise UnfitDataError(words("compare.nobody"))
    answer = words("compare.or").join(question.values[code] for code in asked.yes)
    groups = (main.first.group, main.second.group)
    ends = [abs(end) for line in lines for end in line.interval or ()]
    return Comparison(
        sentence=_sentence(main, (main.first, main.second), answer, words),
        detail=tuple(_detail(main, answer, words)),
        title=question.title,
        groups=groups,
        lines=tuple(lines),
        cautions=tuple(_cautions(data, lines, words)),
        is_synthetic=data.is_synthetic,
        reach=max([10.0, *ends]),
    )


def first_asked(data: Comparable) -> Asked | None:
    """The first yes/no question of which no count is hidden and in which two groups differ, to begin with.

    Not for: finding differences; among so many questions some groups differ by chance.
    """
    tried = (asked for question in data.questions for asked in _pairs(data, question))
    return next(
        (asked for asked in islice(tried, _MOST_TRIED) if _line("", "", *data.counts(asked)[0][1:]).differs), None
    )


def _pairs(data: Comparable, question: str) -> Iterator[Asked]:
    sides = data.sides(question)[:1] if {*data.questions[question].values} == {"yes", "no"} else []
    for side in sides:
        if not data.hides(question, side.id):
            yield from (Asked(question, ("yes",), side.id, pair) for pair in combinations(side.values, 2))


def _family(data: Comparable, asked: Asked, family: Sequence[str]) -> list[Line]:
    """One line a question; with several, p-values after Holm."""
    names = dict.fromkeys([asked.question, *family])
    lines = [
        _line(
            data.questions[name].title,
            "question",
            *data.counts(replace(asked, question=name, strata=""))[0][1:],
        )
        for name in names
    ]
    tested = [line for line in lines if line.interval]
    if len(tested) < 2:
        return lines
    table = pd.DataFrame({"outcome": [line.name for line in tested], "p_value": [line.p for line in tested]})
    adjusted = iter(adjust(table, family="the questions chosen together")["p_adjusted"])
    return [replace(line, adjusted=float(next(adjusted))) if line.interval else line for line in lines]


def _strata(data: Comparable, asked: Asked, words: Words) -> list[Line]:
    """One line a stratum, then like with like pooled where the counts are exact, then all together."""
    counted = data.counts(asked)
    lines = [_line(name, "stratum", first, second) for name, first, second in counted]
    _, *whole = data.counts(replace(asked, strata=""))[0]
    pooled = [] if data.is_released else _pooled(counted, words)
    return [*lines, *pooled, _line(words("compare.all"), "all", *whole)]


def _pooled(counted: Sequence[tuple[str, Counted, Counted]], words: Words) -> Iterator[Line]:
    """The difference at like strata, after Mantel and Haenszel, where it exists."""
    rows = [
        {"stratum": name, "k1": one.least[0], "n1": one.least[1], "k2": two.least[0], "n2": two.least[1]}
        for name, one, two in counted
        if one.least[1] and two.least[1]
    ]
    try:
        table = mantel_haenszel(pd.DataFrame(rows), measure="difference", level=_LEVEL).table
    except UnfitDataError:
        return
    found = table[table["row"].eq("pooled")].iloc[0]
    estimate, low, high = (100 * float(found[name]) for name in ("estimate", "low", "high"))
    yield Line(words("compare.pooled"), "pooled", None, None, (estimate, estimate), (low, high))


def _line(name: str, kind: str, first: Counted, second: Counted) -> Line:
    """Compare the counts where they are farthest apart, one way and the other."""
    ends = ((first.least, second.most), (first.most, second.least))
    if not all(n for pair in ends for _, n in pair):
        return Line(name, kind, first, second)
    low, high = (difference_interval(*one, *two, level=_LEVEL) for one, two in ends)
    difference = (100 * low.estimate, 100 * high.estimate)
    if difference == _ANYTHING:
        return Line(name, kind, first, second)
    return Line(name, kind, first, second, difference, (100 * low.low, 100 * high.high), _highest_p(difference, ends))


def _highest_p(difference: Span, ends: Sequence[tuple[tuple[int, int], tuple[int, int]]]) -> float:
    """The p-value of the counts that differ least; 1 where they can be without any difference."""
    if difference[0] < difference[1] and difference[0] <= 0 <= difference[1]:
        return 1.0
    one, two = ends[0] if difference[0] >= 0 else ends[1]
    table = pd.DataFrame([{"k1": one[0], "n1": one[1], "k2": two[0], "n2": two[1]}])
    return float(contrast_counts(table, test="score")["p_value"].iloc[0])


def _sentence(line: Line, groups: tuple[Counted, Counted], answer: str, words: Words) -> str:
    """Say in plain words what differs, and whether chance can give that."""
    first, second = groups
    if line.interval is None:
        return words("compare.hidden", answer=answer, first=first.group, second=second.group)
    if line.interval[1] < 0:
        first, second = second, first
    is_by_chance = line.adjusted is not None and line.adjusted >= _ERROR
    key = "open" if not line.differs else "differs_alone" if is_by_chance else "differs"
    shares = {"share1": _share(first, words), "share2": _share(second, words)}
    key = key if all(shares.values()) else f"{key}_hidden"
    return words(f"compare.{key}", first=first.group, second=second.group, answer=answer, **shares)


def _share(each: Counted, words: Words) -> str:
    """The share of a group in percent, about where counts are rounded; nothing where they are hidden."""
    if each.shown is None or not each.shown[1]:
        return ""
    share = words("amount.percent", number=f"{100 * each.shown[0] / each.shown[1]:.0f}")
    return share if each.is_exact else words("compare.about", share=share)


def _detail(line: Line, answer: str, words: Words) -> Iterator[str]:
    """The counts of both groups, the difference with its interval, and the correction for several questions."""
    parts = [f"{each.group}: {counted(each, words)}" for each in (line.first, line.second) if each is not None]
    yield words("compare.detail", answer=answer, counts=words.listed(parts, "semicolon"))
    if line.difference and line.interval:
        spans = {"difference": points(line.difference, words), "span": points(line.interval, words)}
        yield words("compare.interval", **spans)
    if line.adjusted is not None:
        key = "compare.family_holds" if line.differs and line.adjusted < _ERROR else "compare.family_not"
        yield words(key if line.differs else "compare.family_open", p=p_value(line.adjusted))


def points(span: Span, words: Words) -> str:
    """Write a span of percentage points in whole numbers, such as `4 to 20`; what is less than one has a digit more."""
    written = (f"{end:.0f}" if abs(end) >= 1 else f"{round(end, 1) + 0.0:.1g}" for end in span)
    ends = [end.replace("-", _MINUS) for end in dict.fromkeys(written)]
    return words("compare.to", low=ends[0], high=ends[1]) if len(ends) > 1 else ends[0]


def counted(each: Counted, words: Words) -> str:
    """Write `105 of 260`, about where it is rounded, or that a count is hidden."""
    if each.shown is None:
        if not each.most[1]:
            return words("compare.count_hidden")
        return words("compare.count_range", low=words.number(each.least[0]), high=words.number(each.most[0]))
    key = "compare.count" if each.is_exact else "compare.count_about"
    return words(key, k=words.number(each.shown[0]), n=words.number(each.shown[1]))


def p_value(value: float) -> str:
    """Write a p-value with three digits behind the point."""
    return "< .001" if value < 0.001 else f"{value:.3f}".removeprefix("0") if value < 1 else "1"


def _cautions(data: Comparable, lines: Sequence[Line], words: Words) -> Iterator[str]:
    """What a reader must know of just these counts, before what holds of every comparison."""
    groups = [each for line in lines for each in (line.first, line.second) if each is not None]
    if data.is_synthetic:
        yield words("compare.caution_synthetic")
    yield from data.cautions
    if any(each.shown is None for each in groups):
        yield words("compare.caution_hidden")
    elif data.is_released:
        yield words("compare.caution_rounded")
    missing = max((each.missing or 0 for each in groups), default=0)
    if missing:
        parts = [f"{each.group}: {words.number(each.missing or 0)}" for each in groups[:2]]
        yield words("compare.caution_missing", counts=words.listed(parts))
    if few := next((each for each in groups if each.shown and 0 < each.least[1] < _FEW), None):
        yield words("compare.caution_few", group=few.group, count=words.number(few.least[1]))
    strata = [line.interval for line in lines if line.kind == "stratum" and line.interval]
    if any(line.kind == "stratum" for line in lines):
        is_apart = max((low for low, _ in strata), default=0) > min((high for _, high in strata), default=0)
        yield words("compare.caution_strata_apart" if is_apart else "compare.caution_strata")
    yield words("compare.caution_family" if len(lines) > 1 and not strata else "compare.caution_one")
    yield from (words(f"compare.caution_{name}") for name in ("persons", "cause", "nothing"))


def _numbers(line: Line) -> list[object]:
    counts = [end for part in (line.first, line.second) for end in _count_ends(part)]
    spans = [end for span in (line.difference, line.interval) for end in span or (None, None)]
    return [*counts, *spans, line.p if line.interval and line.kind != "pooled" else None, line.adjusted]


def _count_ends(part: Counted | None) -> Iterator[int | None]:
    if part is None or not part.most[1]:
        yield from (None, None, None, None)
        return
    ends = (part.least, part.most)
    for place in (0, 1):
        yield from sorted(end[place] for end in ends)
