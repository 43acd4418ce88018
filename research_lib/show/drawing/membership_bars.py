"""Networks as bars by family of agencies: a square for each organisation, a pill for each group without names.

Families stand in one order and in columns of their own, so that an empty place shows whose members are missing. A group
is a kind, not a count: its pill holds the number that the source tells, with the group's name after it, or a question
mark, and is never as long as it.
"""

import math
import textwrap
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

FAMILIES = {
    "civil": ("ngo", "social-co-operative", "womens-group", "advocacy", "federation"),
    "religious": ("religious",),
    "public": (
        *("municipality", "province", "region", "ministry", "prefecture"),
        *("education-office", "equality-office", "labour-office", "social-services"),
    ),
    "justice": ("police", "judiciary"),
    "health": ("health",),
    "economy": ("employers", "enterprise", "trade-union", "training"),
    "other": ("research", "international", "other"),
}
FAMILY_OF = {kind: family for family, kinds in FAMILIES.items() for kind in kinds}
UNIT = 6
_NAMES, _GAP, _LINE, _LETTER, _EDGE = 236, 14, 18, 7.2, 12
_COUNT, _NARROWEST, _LONGEST_WORD = 24, 84, 16
_SQUARE_TOP, _TEXT_BASE = 3, 13


@dataclass(frozen=True)
class Group:
    """Members that the source does not name: what they are, and how many where it tells."""

    name: str
    count: int | None


@dataclass(frozen=True)
class Segment:
    """The members of one family: the organisations by their names, and the groups."""

    family: str
    organisations: tuple[str, ...]
    groups: tuple[Group, ...]


@dataclass(frozen=True)
class Text:
    """Words at a place; `role`: title, head, country, name, count, group or none."""

    x: float
    y: float
    text: str
    role: str


@dataclass(frozen=True)
class Squares:
    """A row of squares, one for each organisation of a family."""

    x: float
    y: float
    count: int
    names: str


@dataclass(frozen=True)
class Pill:
    """A group: its outline and the number in it, or a question mark."""

    x: float
    y: float
    width: float
    text: str
    is_told: bool
    name: str


@dataclass(frozen=True)
class MembershipBars:
    """The bars of some networks drawn."""

    width: float
    height: float
    texts: tuple[Text, ...]
    squares: tuple[Squares, ...]
    pills: tuple[Pill, ...]


def segments(members: Iterable[tuple[str, str, int | None, bool]]) -> tuple[Segment, ...]:
    """Sort members into families; each as type of agency, name, count, and whether it is a group without names.

    The largest group stands first, those whose number is not told last.
    """
    listed = list(members)
    return tuple(
        Segment(
            family,
            tuple(name for kind, name, _, is_group in listed if FAMILY_OF[kind] == family and not is_group),
            tuple(sorted(_groups(listed, family), key=lambda group: -(group.count or 0))),
        )
        for family in FAMILIES
    )


def _groups(members: Iterable[tuple[str, str, int | None, bool]], family: str) -> Iterable[Group]:
    return (Group(name, count) for kind, name, count, is_group in members if FAMILY_OF[kind] == family and is_group)


def column_widths(bars: Sequence[Sequence[Segment]]) -> tuple[int, ...]:
    """Give each family the pixels that its longest row of squares takes with its number, and its longest group."""
    return tuple(max([_NARROWEST, *(_width(bar[at]) for bar in bars)]) for at in range(len(FAMILIES)))


def _width(part: Segment) -> int:
    """The pixels of the squares with their number, of a group's number and its first word, or of its longest word."""
    names = [
        (str(group.count), [min(len(word), _LONGEST_WORD) for word in group.name.split()]) for group in _told(part)
    ]
    starts = [_pill_width(count) + 4 + _LETTER * letters[0] for count, letters in names]
    longest = [_LETTER * max(letters) for _, letters in names]
    return math.ceil(max([UNIT * len(part.organisations) + _COUNT, *starts, *longest]))


def folded(part: Segment, name: Callable[[int], str]) -> Segment:
    """Keep the largest of several groups, with how many there are for its name, as `name` writes it."""
    told = [*_told(part)]
    if not told or len(part.groups) == 1:
        return part
    return replace(part, groups=(Group(name(len(part.groups)), told[0].count),))


def _told(part: Segment) -> Iterable[Group]:
    return (group for group in part.groups if group.count is not None)


def _pill_width(text: str) -> float:
    return _LETTER * len(text) + 11


def draw_bars(lines: Sequence[tuple[str, str | Sequence[Segment]]], families: Sequence[str]) -> MembershipBars:
    """Draw lines from the top down: each a text with its role (title, country or note), or a network with its segments.

    `families` names the columns.
    """
    bars = [bar for _, bar in lines if not isinstance(bar, str)]
    pen = _Pen(column_widths(bars))
    pen.heads(families)
    for text, bar in lines:
        if isinstance(bar, str):
            pen.line(text, bar)
        else:
            pen.network(text, bar)
    return MembershipBars(pen.width, pen.y + _EDGE, tuple(pen.texts), tuple(pen.squares), tuple(pen.pills))


class _Pen:
    """Places marks from the top down."""

    def __init__(self, widths: Sequence[int]) -> None:
        self.widths, self.y = widths, float(_EDGE)
        self.starts = [_EDGE + _NAMES + sum(widths[:at]) + _GAP * at for at in range(len(widths))]
        self.width = self.starts[-1] + widths[-1] + _EDGE
        self.texts: list[Text] = []
        self.squares: list[Squares] = []
        self.pills: list[Pill] = []

    def heads(self, families: Sequence[str]) -> None:
        """Write the names of the families above their columns."""
        columns = [_wrapped(name, width + _GAP) for name, width in zip(families, self.widths, strict=True)]
        for start, column in zip(self.starts, columns, strict=True):
            self._write(start, column, "head")
        self.y += _LINE * max(map(len, columns))

    def line(self, text: str, role: str) -> None:
        """Write a title, a country or a note on a line of its own."""
        self.y += {"title": _GAP, "country": _GAP / 2}.get(role, 0)
        self._write(_EDGE, [text], role)
        self.y += _LINE + (4 if role == "title" else 0)

    def network(self, name: str, bar: Sequence[Segment]) -> None:
        """Draw one network: its name, and each of its families in its column."""
        lines = _wrapped(name, _NAMES - _GAP)
        self._write(_EDGE, lines, "name")
        places = zip(self.starts, self.widths, bar, strict=True)
        rows = [self._segment(start, width, part) for start, width, part in places]
        self.y += _LINE * max(len(lines), *rows) + 6

    def _write(self, x: float, lines: Sequence[str], role: str) -> None:
        self.texts += [Text(x, self.y + _TEXT_BASE + _LINE * at, line, role) for at, line in enumerate(lines)]

    def _segment(self, start: float, width: float, part: Segment) -> int:
        x, row, count = start, 0, len(part.organisations)
        if not count and not part.groups:
            self._write(x, ["–"], "none")
        if count:
            self.squares.append(Squares(x, self.y + _SQUARE_TOP, count, ", ".join(part.organisations)))
            self._write(x + UNIT * count + 4, [str(count)], "count")
            x += UNIT * count + 10 + _LETTER * len(str(count))
        for group in part.groups:
            if group.count is None:
                if x > start and x + _pill_width("?") > start + width:
                    x, row = start, row + 1
                x = self._pill(x, row, "?", group)
        row += x > start
        for group in _told(part):
            row += self._group(start, width, row, group)
        return max(row, 1)

    def _pill(self, x: float, row: int, text: str, group: Group) -> float:
        wide = _pill_width(text)
        self.pills.append(Pill(x, self.y + _LINE * row, wide, text, group.count is not None, group.name))
        return x + wide + 4

    def _group(self, start: float, width: float, row: int, group: Group) -> int:
        """Write a group's number in its frame and its name after it; gives the lines that this takes."""
        x = self._pill(start, row, str(group.count), group)
        lines = _wrapped(group.name, width, indent=x - start)
        for at, line in enumerate(lines):
            left = start if at else x
            self.texts.append(Text(left, self.y + _LINE * (row + at) + _TEXT_BASE, line, "group"))
        return len(lines)


def _wrapped(text: str, width: float, indent: float = 0) -> list[str]:
    """Break a text into lines of a width, the first of which begins further in."""
    space = " " * round(indent / _LETTER)
    lines = textwrap.wrap(text, int(width / _LETTER), break_long_words=indent > 0, initial_indent=space)
    return [line.strip() for line in lines]
