"""How far apart boxes and lines of a ladder stand: a linear programme for a narrow drawing with straight lines."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.optimize import OptimizeResult, linprog
from scipy.sparse import csr_array

from research_lib.show.drawing.ladder.station_order import Chains, Layers

_HALF = {"number": 10.5, "tip": 7.25, "tail": 5.0}
_BOXES, _BESIDE, _LINES, _MARGIN = 8.0, 9.0, 11.0, 1.0
_NARROW, _STRAIGHT, _CENTRED = 4.0, 1.0, 0.1
_KINK, _WIDER = 9.0, 2.5


@dataclass(frozen=True)
class Sheet:
    """What is to be spaced: the order of each level, the lines, the widths of boxes, and what stands at each end.

    `ends`: for each line what its upper and its lower end carry: a `number`, a bare `tip`, or the `tail`.
    """

    order: Layers
    chains: Chains
    widths: Mapping[str, float]
    ends: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Spacing:
    """Where boxes have their middle, where each line meets each of its levels, and the width of the drawing.

    `strain`: what the programme made as small as it can be, the width and all shifts aside.
    """

    boxes: Mapping[str, float]
    lines: tuple[tuple[float, ...], ...]
    width: float
    strain: float


def least_width(sheet: Sheet, code: str) -> float:
    """How wide a box is at least, so that all its lines find room."""
    sides = [_ports(sheet, code, is_lower) for is_lower in (False, True)]
    return max(sum(2 * _HALF[kind] for _, kind in ports) for ports in sides)


def spaced(sheet: Sheet, *, is_final: bool = False) -> Spacing:
    """Space a sheet; a final one has no short kinks in its lines where that costs little width."""
    return _Programme(sheet).solved(is_final=is_final)


def _ports(sheet: Sheet, code: str, is_lower: bool) -> list[tuple[int, str]]:
    """The lines that begin or end at one side of a box from left to right, and what they carry there."""
    place = {item: number for layer in sheet.order for number, item in enumerate(layer)}
    at = -1 if is_lower else 0
    near = -2 if is_lower else 1
    lines = [number for number, chain in enumerate(sheet.chains) if chain[at] == code]
    lines.sort(key=lambda number: (place[sheet.chains[number][near]], number))
    return [(number, sheet.ends[number][at]) for number in lines]


class _Programme:
    """The variables: the middle of each box, the place of each line on each level, each shift aside, the width."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        boxes = [item for layer in sheet.order for item in layer if "/" not in item]
        self.box = {code: number for number, code in enumerate(boxes)}
        spots = [(line, step) for line, chain in enumerate(sheet.chains) for step in range(len(chain))]
        self.spot = {spot: len(boxes) + number for number, spot in enumerate(spots)}
        self.width = len(boxes) + len(spots)
        self.cost = [0.0] * self.width + [_NARROW]
        self.rows: list[tuple[dict[int, float], float]] = []
        self.straightened: list[int] = []
        for layer in sheet.order:
            self._keep_apart(layer)
        for code in boxes:
            self._keep_inside(code)
        for line, chain in enumerate(sheet.chains):
            for step in range(len(chain) - 1):
                self._keep_near(self.spot[line, step], self.spot[line, step + 1], _STRAIGHT)

    def _after(self, first: int | None, second: int, gap: float) -> None:
        """Let one variable be larger than another, or than nothing, by a gap at least."""
        self.rows.append(({second: -1.0} if first is None else {first: 1.0, second: -1.0}, -gap))

    def _keep_apart(self, layer: tuple[str, ...]) -> None:
        if not layer:
            return
        half = {item: self.sheet.widths.get(item, 0) / 2 for item in layer}
        self._after(None, self._variable(layer[0]), half[layer[0]] + _MARGIN)
        for first, second in pairwise(layer):
            lines = ("/" in first) + ("/" in second)
            gap = (_BOXES, _BESIDE, _LINES)[lines]
            self._after(self._variable(first), self._variable(second), half[first] + half[second] + gap)
        self._after(self._variable(layer[-1]), self.width, half[layer[-1]] + _MARGIN)

    def _variable(self, item: str) -> int:
        if "/" not in item:
            return self.box[item]
        line = int(item.split("/", maxsplit=1)[0])
        return self.spot[line, self.sheet.chains[line].index(item)]

    def _keep_inside(self, code: str) -> None:
        """Keep the lines at each side of a box within the box, in their order, and apart."""
        half = self.sheet.widths[code] / 2
        for is_lower in (False, True):
            ports = _ports(self.sheet, code, is_lower)
            spots = [self.spot[line, len(self.sheet.chains[line]) - 1 if is_lower else 0] for line, _ in ports]
            space = [_HALF[kind] for _, kind in ports]
            for place, (first, second) in enumerate(pairwise(spots)):
                self._after(first, second, space[place] + space[place + 1])
            for spot in spots:
                self._keep_near(self.box[code], spot, _CENTRED)
            if ports:
                self._after(self.box[code], spots[0], space[0] - half)
                self._after(spots[-1], self.box[code], space[-1] - half)

    def _keep_near(self, one: int, other: int, cost: float) -> None:
        shift = len(self.cost)
        self.cost.append(cost)
        self.rows += [({one: sign, other: -sign, shift: -1.0}, 0.0) for sign in (1.0, -1.0)]

    def solved(self, *, is_final: bool) -> Spacing:
        """Solve the programme; it always has a solution, since a drawing may be as wide as it needs."""
        found = self._least([])
        for shift in self._kinks(found) if is_final else ():
            straight = self._least([*self.straightened, shift])
            if straight.success and straight.x[self.width] <= found.x[self.width] + _WIDER:
                self.straightened.append(shift)
                found = straight
        at = [round(float(value), 1) for value in found.x]
        chains = enumerate(self.sheet.chains)
        return Spacing(
            {code: at[number] for code, number in self.box.items()},
            tuple(tuple(at[self.spot[line, step]] for step in range(len(chain))) for line, chain in chains),
            at[self.width],
            float(found.fun),
        )

    def _least(self, straight: list[int]) -> OptimizeResult:
        """Make the costs as small as they can be, with some shifts at nothing."""
        cells = [(line, column, value) for line, (row, _) in enumerate(self.rows) for column, value in row.items()]
        lines, columns, values = zip(*cells, strict=True)
        matrix = csr_array((values, (lines, columns)), shape=(len(self.rows), len(self.cost)))
        bounds = [(0, 0 if column in straight else None) for column in range(len(self.cost))]
        most = np.array([most for _, most in self.rows])
        return linprog(self.cost, A_ub=matrix, b_ub=most, bounds=bounds, method="highs-ds")

    def _kinks(self, found: OptimizeResult) -> list[int]:
        """The shifts of lines that are too short to look meant, the shortest first."""
        shifts = [column for column, cost in enumerate(self.cost) if cost == _STRAIGHT and column > self.width]
        return sorted(
            (column for column in shifts if 0.1 < found.x[column] < _KINK), key=lambda column: found.x[column]
        )
