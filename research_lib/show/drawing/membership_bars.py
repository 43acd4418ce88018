"""Networks as bars by family of agencies: a block for each organisation by name; groups without names stay words.

Families stand in one order and in columns of their own, so that an empty place shows whose members are missing. A group
is a kind, not a count: it is never drawn beside the blocks.
"""

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

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
_COUNT, _NARROWEST = 24, 84
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
    """Words at a place; `role`: title, head, country, note, name, count, group or none."""

    x: float
    y: float
    text: str
    role: str


@dataclass(frozen=True)
class Squares:
    """A row of blocks, one for each organisation of a family."""

    x: float
    y: float
    count: int
    names: str


@dataclass(frozen=True)
class MembershipBars:
    """The bars of some networks drawn."""

    width: float
    height: float
    texts: tuple[Text, ...]
    squares: tuple[Squares, ...]


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
    """Give each family the pixels that its longest row of blocks takes with its number."""
    longest = [max((len(bar[at].organisations) for bar in bars), default=0) for at in range(len(FAMILIES))]
    return tuple(max(_NARROWEST, UNIT * count + _COUNT) for count in longest)


def draw_bars(lines: Sequence[tuple[str, str | Sequence[Segment]]], families: Sequence[str]) -> MembershipBars:
    """Draw lines from the top down: each a text with its role (title, country, note, group), or a network's segments.

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
    return MembershipBars(pen.width, pen.y + _EDGE, tuple(pen.texts), tuple(pen.squares))


class _Pen:
    """Places marks from the top down."""

    def __init__(self, widths: Sequence[int]) -> None:
        self.widths, self.y = widths, float(_EDGE)
        self.starts = [_EDGE + _NAMES + sum(widths[:at]) + _GAP * at for at in range(len(widths))]
        self.width = self.starts[-1] + widths[-1] + _EDGE
        self.texts: list[Text] = []
        self.squares: list[Squares] = []

    def heads(self, families: Sequence[str]) -> None:
        """Write the names of the families above their columns."""
        columns = [_wrapped(name, width + _GAP) for name, width in zip(families, self.widths, strict=True)]
        for start, column in zip(self.starts, columns, strict=True):
            self._write(start, column, "head")
        self.y += _LINE * max(map(len, columns))

    def line(self, text: str, role: str) -> None:
        """Write a title, a country or a note on a line of its own, and groups on as many as they take."""
        self.y += {"title": _GAP, "country": _GAP / 2}.get(role, 0)
        start = self.starts[0] if role == "group" else _EDGE
        lines = _wrapped(text, self.width - _EDGE - start) if role == "group" else [text]
        self._write(start, lines, role)
        self.y += _LINE * len(lines) + {"title": 4, "group": 6}.get(role, 0)

    def network(self, name: str, bar: Sequence[Segment]) -> None:
        """Draw one network: its name, and each of its families in its column."""
        lines = _wrapped(name, _NAMES - _GAP)
        self._write(_EDGE, lines, "name")
        for start, part in zip(self.starts, bar, strict=True):
            self._segment(start, part)
        self.y += _LINE * len(lines) + 6

    def _write(self, x: float, lines: Sequence[str], role: str) -> None:
        self.texts += [Text(x, self.y + _TEXT_BASE + _LINE * at, line, role) for at, line in enumerate(lines)]

    def _segment(self, start: float, part: Segment) -> None:
        if not (count := len(part.organisations)):
            self._write(start, ["–"], "none")
            return
        self.squares.append(Squares(start, self.y + _SQUARE_TOP, count, ", ".join(part.organisations)))
        self._write(start + UNIT * count + 4, [str(count)], "count")


def _wrapped(text: str, width: float) -> list[str]:
    return textwrap.wrap(text, int(width / _LETTER), break_long_words=False)
