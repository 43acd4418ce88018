"""An attacker with a notebook: all that follows for hidden cells from what one or two successive releases publish.

Nothing here is taken from the package. Read are only `tables` and `manifest` of each release, and, as `known`, what the
questionnaire tells everybody about which answers go together. Used in turn until nothing more follows: sums that tables
share; unions of categories, with and without a cell; growth from one release to the next; and what two tables say together of
a third (whoever is in two groups is in what they have in common).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, permutations
from typing import Any

import numpy as np
import pandas as pd

UNIONS, ROUNDS, LARGEST, BLOCKS = 800, 60, 400_000, 300_000
FAR = 1e9  # stands for "no bound": exact in a float, and larger than any count
KINDS_OF_MISSING = ("not_asked", "not_known", "refused", "withheld", "not_applicable")
Vector = np.ndarray
Known = Mapping[str, Mapping[str, Mapping[str, str]]]


@dataclass(eq=False)
class Bounds:
    """From which to which number each cell of an array can be."""

    low: Vector
    high: Vector

    def narrow(self, low: Vector, high: Vector) -> None:
        """Take over what is narrower; counts are whole and not negative."""
        np.maximum(self.low, np.ceil(low - 1e-6), out=self.low)
        np.minimum(self.high, np.floor(high + 1e-6), out=self.high)

    @property
    def open(self) -> float:
        """How much is open in all: gets smaller while anything is learnt."""
        return float((np.minimum(self.high, FAR) - self.low).sum())


@dataclass(eq=False)
class Table:
    """One published table over all values of its views: `codes` gives the number of each view's value for every cell."""

    name: str
    views: tuple[str, ...]
    codes: dict[str, Vector]
    bounds: Bounds
    hidden: Vector
    labels: list[str]
    owner: dict[str, str]


class Attack:
    """All editions of one study, the oldest first, read as an attacker reads them.

    `known`: for a variable, further views of it: view → value → value of the view. Two variables with the same view must
    agree on it (two choices of one question are answered together). `own`: the records, in each release, of the attacker.
    """

    def __init__(
        self, releases: Sequence[Any], known: Known | None = None, *, own: Sequence[pd.DataFrame] = (), seed: int = 1
    ):
        self.known, self.draw = known or {}, np.random.default_rng(seed)
        self.values: dict[str, list[str]] = {}
        for release in releases:
            self._note_values(release)
        self.editions = [[self._table(release, entry) for entry in release.manifest["tables"]] for release in releases]
        for tables, release, records in zip(self.editions, releases, own, strict=False):
            for table, entry in zip(tables, release.manifest["tables"], strict=True):
                np.maximum(table.bounds.low, self._counted(records, table, entry), out=table.bounds.low)
        self._nest()
        for one, other in combinations(range(len(releases)), 2):
            self.editions.append(self._grown(one, other))
        self.pairs = {len(releases) + at: pair for at, pair in enumerate(combinations(range(len(releases)), 2))}
        self.sums: list[dict[frozenset[str], Bounds]] = [{} for _ in self.editions]
        self.links = [self._link(at) for at in range(len(self.editions))]
        self.queries = 0
        for release, tables in zip(releases, self.editions, strict=False):
            if ask := getattr(release, "ask", None):
                for table in tables:
                    self._ask(table, ask)

    def _ask(self, table: Table, ask: Any) -> None:
        """Where a page answers sums over any choice of cells: two filter settings, with a cell and without."""
        labels = np.array(table.labels)
        for place in np.flatnonzero(table.hidden):
            for union in self.draw.random((UNIONS, len(labels))) < 0.5:
                union[place] = False
                without = ask(table.name, labels[union])
                union[place] = True
                if without is not None and (with_it := ask(table.name, labels[union])) is not None:
                    table.bounds.low[place] = table.bounds.high[place] = with_it - without
                    break

    def run(self) -> "Attack":
        """Use every means again and again until nothing more follows."""
        before = np.inf
        while (now := self._settle()) < before:
            before = now
            for at in range(len(self.editions)):
                self._by_unions(at)
                self._by_blocks(at)
                self._by_two_tables(at)
        return self

    def found(self) -> pd.DataFrame:
        """One row for each hidden cell of each release: edition, table, its place, cell, low, high (inf: no bound)."""
        frames = [
            pd.DataFrame(
                {
                    "edition": at,
                    "table": table.name,
                    "cell": [table.labels[place] for place in np.flatnonzero(table.hidden)],
                    "low": table.bounds.low[table.hidden],
                    "high": np.where(table.bounds.high >= FAR / 10, np.inf, table.bounds.high)[table.hidden],
                }
            )
            for at, tables in enumerate(self.editions)
            if at not in self.pairs
            for table in tables
        ]
        return pd.concat(frames, ignore_index=True)

    # reading

    def _views(self, entry: Mapping[str, Any]) -> dict[str, tuple[str, Mapping[str, str] | None]]:
        """The views of a table that make up its cells, and the coarser ones: name → variable, how its values come together."""
        views: dict[str, tuple[str, Mapping[str, str] | None]] = {}
        apart = entry["variables"][-1] if entry["keeps_missing_apart"] else None
        for name in entry["variables"]:
            if name == apart:
                views[f"{name}/apart"] = (name, None)
            views[name] = (name, dict.fromkeys(KINDS_OF_MISSING, "no_answer") if name == apart else None)
            for view, mapping in self.known.get(name, {}).items():
                views[view] = (name, mapping)
        return views

    def _note_values(self, release: Any) -> None:
        for entry in release.manifest["tables"]:
            for view, (name, mapping) in self._views(entry).items():
                seen = self.values.setdefault(view, [])
                mapped = [(mapping or {}).get(value, value) for value in pd.unique(release.tables[entry["name"]][name])]
                seen += [value for value in dict.fromkeys(mapped) if value not in seen]

    def _table(self, release: Any, entry: Mapping[str, Any]) -> Table:
        views, frame, rules = self._views(entry), release.tables[entry["name"]], release.manifest["rules"]
        own = tuple(f"{n}/apart" if f"{n}/apart" in views else n for n in entry["variables"])
        shape = self.shape(own)
        size = int(np.prod(shape))
        number = {view: {value: at for at, value in enumerate(values)} for view, values in self.values.items()}
        at = [frame[views[view][0]].map(number[view]).to_numpy(int) for view in own]
        place = np.ravel_multi_index(at, shape) if own else np.zeros(len(frame), int)
        grid = dict(zip(own, np.unravel_index(np.arange(size), shape) if own else (), strict=True))
        codes = {}
        for view, (name, mapping) in views.items():
            source = f"{name}/apart" if f"{name}/apart" in views else name
            to = [number[view].get((mapping or {}).get(value, value), -1) for value in self.values[source]]
            codes[view] = np.array(to)[grid[source]]
        hidden, zero = ((frame["status"] == status).to_numpy() for status in ("hidden", "zero"))
        count, base = frame["count"].fillna(0).to_numpy(float), rules["rounding_base"]
        least = np.maximum(count - base // 2, rules["persons"])
        low, high, unseen = np.zeros(size), np.zeros(size), np.zeros(size, bool)
        low[place] = np.where(hidden | zero, 0, least)
        high[place] = np.where(hidden, FAR, np.where(zero, 0, count + (base - 1) // 2))
        unseen[place] = hidden
        labels = [" | ".join(self.values[view][codes[view][at]] for view in own) for at in range(len(low))]
        owner = {view: name for view, (name, _) in views.items()}
        return Table(entry["name"], own, codes, Bounds(low, high), unseen, labels, owner)

    def _counted(self, records: pd.DataFrame, table: Table, entry: Mapping[str, Any]) -> Vector:
        """How many of the attacker's own records are in each cell of a table."""
        merged = dict.fromkeys(KINDS_OF_MISSING, "no_answer")
        columns = [
            (records[name] if view.endswith("/apart") else records[name].replace(merged))
            .map({value: at for at, value in enumerate(self.values[view])}.get, na_action=None)
            .fillna(-1)
            for view, name in zip(table.views, entry["variables"], strict=True)
        ]
        cells = np.array([column.to_numpy(int) for column in columns])
        there = (cells >= 0).all(axis=0)
        return np.bincount(np.ravel_multi_index(cells[:, there], self.shape(table.views)), minlength=len(table.hidden))

    def _nest(self) -> None:
        """Give tables the coarser variables that the last release proves to follow from theirs: a town lies in one region."""
        functions = {}
        for table in self.editions[-1]:
            for fine, coarse in permutations(table.views, 2):
                shape = self.shape((fine, coarse))
                place = np.ravel_multi_index([table.codes[fine], table.codes[coarse]], shape)
                possible = np.bincount(place, table.bounds.high, np.prod(shape)).reshape(shape) > 0
                if (possible.sum(axis=1) <= 1).all() and possible.any(axis=0).sum() > 1:
                    functions[fine, coarse] = possible.argmax(axis=1)
        for table in (table for tables in self.editions for table in tables):
            for (fine, coarse), of in functions.items():
                if fine in table.codes and coarse not in table.codes:
                    table.codes[coarse], table.owner[coarse] = of[table.codes[fine]], table.owner[fine]

    def _grown(self, one: int, other: int) -> list[Table]:
        """What came between two releases, as tables of which nothing is shown: for tables that both have."""
        earlier = {table.views: table for table in self.editions[one]}
        return [
            replace(t, bounds=Bounds(np.zeros(len(t.hidden)), np.full(len(t.hidden), FAR)))
            for t in self.editions[other]
            if t.views in earlier
        ]

    # sums that tables share

    def shape(self, views: Iterable[str]) -> tuple[int, ...]:
        """How many values each view has."""
        return tuple(len(self.values[view]) for view in views)

    def _link(self, at: int) -> list[tuple[Table, frozenset[str], Vector]]:
        """Each table with each set of views that it can be summed to, and the place there of each of its cells."""
        found = []
        for table in self.editions[at]:
            for size in range(len(table.views) + 1):
                for views in combinations(sorted(table.codes), size):
                    if len({table.owner[view] for view in views}) == size:
                        shape = self.shape(views)
                        place = np.ravel_multi_index([table.codes[v] for v in views], shape) if views else 0
                        found.append((table, frozenset(views), np.broadcast_to(place, len(table.hidden))))
                        zero, far = np.zeros(int(np.prod(shape))), np.full(int(np.prod(shape)), FAR)
                        self.sums[at].setdefault(frozenset(views), Bounds(zero, far))
        return found

    def _settle(self) -> float:
        """Pass bounds between cells and sums, and between releases, until they stand still; gives what is open in all."""
        before = np.inf
        for _ in range(ROUNDS):
            for at, links in enumerate(self.links):
                for table, views, place in links:
                    _pass(table.bounds, self.sums[at][views], place)
            for grown, (one, other) in self.pairs.items():
                for views in self.sums[grown]:
                    _grow(self.sums[one][views], self.sums[grown][views], self.sums[other][views])
            now = sum(table.bounds.open for tables in self.editions for table in tables)
            if now >= before:
                break
            before = now
        return now

    # unions of categories

    def _by_unions(self, at: int) -> None:
        """Sum over random unions of categories with a cell, less the union without it, each by whatever tables answer."""
        answers = defaultdict(list)
        for table, views, place in self.links[at]:
            answers[views].append((table.bounds, place))
        hidden = {frozenset(table.views) for table in self.editions[at] if table.hidden.any()}
        for views in [each for each in answers if each and (len(answers[each]) > 1 or each in hidden)]:
            for axis in range(len(views)):
                self._unions_along(self.sums[at][views], self.shape(sorted(views)), axis, answers[views])

    def _unions_along(
        self, target: Bounds, shape: tuple[int, ...], axis: int, tables: list[tuple[Bounds, Vector]]
    ) -> None:
        drawn = self.draw.random((UNIONS, shape[axis])) < self.draw.uniform(0.1, 0.95, (UNIONS, 1))
        unions, size = drawn.astype(float), int(np.prod(shape))
        lows = [np.bincount(place, bounds.low, size) for bounds, place in tables]
        highs = [np.bincount(place, bounds.high, size) for bounds, place in tables]
        lows = np.array([_lines(each, shape, axis) for each in (*lows, target.low)])
        highs = np.array([_lines(each, shape, axis) for each in (*highs, target.high)])
        low, high, least_sums, most_sums = lows[-1].copy(), highs[-1].copy(), unions @ lows, unions @ highs
        for value, lines in enumerate(high > low):
            place, within = np.ix_(range(len(lows)), [value], lines), unions[:, [value]]
            least_without, least = _answers(least_sums[..., lines], lows[place], within)
            most_without, most = _answers(most_sums[..., lines], highs[place], within)
            self.queries += least.size
            high[value, lines] = np.minimum(
                high[value, lines], (most.min(axis=0) - least_without.max(axis=0)).min(axis=0)
            )
            low[value, lines] = np.maximum(
                low[value, lines], (least.max(axis=0) - most_without.min(axis=0)).max(axis=0)
            )
        target.narrow(_unlines(low, shape, axis), _unlines(high, shape, axis))

    def _by_blocks(self, at: int) -> None:
        """Unions in two directions at once: rows less columns leave a block less another, whatever their common part is."""
        for views in {frozenset(table.views) for table in self.editions[at] if table.hidden.any()}:
            for one, other in permutations(range(len(views)), 2):
                self._block(self.sums[at], sorted(views), one, other)

    def _block(self, sums: dict[frozenset[str], Bounds], names: list[str], one: int, other: int) -> None:
        shape, target = self.shape(names), sums[frozenset(names)]
        if np.prod(shape, dtype=float) * UNIONS > BLOCKS:
            return
        rows, columns = (np.array(self.draw.random((UNIONS, shape[axis])) < 0.5, float) for axis in (one, other))
        low, high = (
            np.moveaxis(each.reshape(shape), (one, other), (0, 1)).reshape(shape[one], shape[other], -1)
            for each in (target.low, target.high)
        )
        by_row, by_column = (sums[frozenset(names) - {names[axis]}] for axis in (other, one))
        rest = [name for at, name in enumerate(names) if at not in (one, other)]
        row_low, row_high = (_first(each, names[one], rest, self) for each in (by_row.low, by_row.high))
        column_low, column_high = (_first(each, names[other], rest, self) for each in (by_column.low, by_column.high))
        inside = (rows[:, :, None] * (1 - columns)[:, None, :]).astype(bool)[..., None]

        def spare(row: Vector, column: Vector, less: Vector, more: Vector) -> Vector:
            """What the block may still hold when all its cells hold `more`; shape (unions, 1, 1, lines)."""
            beside = np.einsum("ur,uc,rcl->ul", 1 - rows, columns, less, optimize=True)
            within = np.einsum("ur,uc,rcl->ul", rows, 1 - columns, more, optimize=True)
            return (rows @ row - columns @ column + beside - within)[:, None, None, :]

        most = low + np.where(inside, spare(row_high, column_low, high, low), FAR).min(axis=0)
        least = high + np.where(inside, spare(row_low, column_high, low, high), -2 * FAR).max(axis=0)
        back = [each.reshape([shape[one], shape[other], *self.shape(rest)]) for each in (least, most)]
        target.narrow(*(np.moveaxis(each, (0, 1), (one, other)).ravel() for each in back))

    # two tables about a third

    def _by_two_tables(self, at: int) -> None:
        """Bound a sum over x and y by two sums over x and z and over y and z: n(xy) ≤ Σ min(n(xz), n(yz)), and ≥ likewise."""
        sums = self.sums[at]
        for table in self.editions[at]:
            if not table.hidden.any():
                continue
            own = set(table.codes)
            for view in {each for sets in sums for each in sets} - own:
                about = [views for views in sums if view in views and views - {view} <= own and len(views) > 1]
                finest = [views for views in about if not any(views < other for other in about)]
                for one, other in combinations(finest, 2):
                    if (target := (one | other) - {view}) in sums:
                        self._meet(sums, target, (one, other, one & other), view)

    def _meet(
        self, sums: dict[frozenset[str], Bounds], target: frozenset[str], parts: Sequence[frozenset[str]], view: str
    ) -> None:
        axes = [*sorted(target), view]
        if np.prod(self.shape(axes), dtype=float) > LARGEST:
            return
        (low, high), (low_other, high_other), (_, both) = (self._spread(sums[part], part, axes) for part in parts)
        most = np.minimum(high, high_other).sum(axis=-1)
        least = np.maximum(0, low + low_other - both).sum(axis=-1)
        sums[target].narrow(least.ravel(), most.ravel())

    def _spread(self, bounds: Bounds, views: frozenset[str], axes: list[str]) -> tuple[Vector, Vector]:
        """The bounds of a sum as arrays over more axes."""
        inner = [axis for axis in axes if axis in views]
        order = [sorted(views).index(axis) for axis in inner]
        shape = [len(self.values[axis]) if axis in views else 1 for axis in axes]
        low, high = (
            each.reshape(self.shape(sorted(views))).transpose(order).reshape(shape)
            for each in (bounds.low, bounds.high)
        )
        return low, high


class Watcher(Attack):
    """An attacker who also knows how much each cell has changed from each release to `now`: all become releases of today.

    `frames`: the records of each release, of which nothing is used but the changes of its cells. A cell counts as hidden
    where some release hides it and none shows it.
    """

    def __init__(
        self, releases: Sequence[Any], frames: Sequence[pd.DataFrame], now: pd.DataFrame, known: Known | None = None
    ):
        super().__init__(releases, known)
        merged: dict[tuple[str, ...], Table] = {}
        shown: dict[tuple[str, ...], Vector] = defaultdict(lambda: np.zeros((), bool))
        for tables, release, then in zip(self.editions, releases, frames, strict=False):
            for table, entry in zip(tables, release.manifest["tables"], strict=True):
                change = self._counted(now, table, entry) - self._counted(then, table, entry)
                bounds = Bounds(np.maximum(table.bounds.low + change, 0), np.minimum(table.bounds.high + change, FAR))
                first = merged.setdefault(table.views, replace(table, bounds=bounds, hidden=table.hidden.copy()))
                first.bounds.narrow(bounds.low, bounds.high)
                first.hidden |= table.hidden
                shown[table.views] = shown[table.views] | ~table.hidden
        for views, table in merged.items():
            table.hidden &= ~shown[views]
        self.editions, self.pairs, self.sums = [list(merged.values())], {}, [{}]
        self.links = [self._link(0)]


def attack(*releases: Any, known: Known | None = None, own: Sequence[pd.DataFrame] = ()) -> pd.DataFrame:
    """Attack the releases of one study, the oldest first; gives the bounds of every hidden cell."""
    return Attack(releases, known).run().found()


def _first(cells: Vector, name: str, rest: list[str], attack: Attack) -> Vector:
    """A sum's cells with one view first and the others flat."""
    order = sorted([name, *rest])
    return np.moveaxis(cells.reshape(attack.shape(order)), order.index(name), 0).reshape(len(attack.values[name]), -1)


def _pass(cells: Bounds, sums: Bounds, place: Vector) -> None:
    size = len(sums.low)
    low, high = (np.bincount(place, each, size) for each in (cells.low, cells.high))
    sums.narrow(low, high)
    cells.narrow(sums.low[place] - (high[place] - cells.high), sums.high[place] - (low[place] - cells.low))


def _grow(old: Bounds, added: Bounds, new: Bounds) -> None:
    added.narrow(new.low - old.high, new.high - old.low)
    new.narrow(old.low + added.low, old.high + added.high)
    old.narrow(new.low - added.high, new.high - added.low)


def _lines(cells: Vector, shape: tuple[int, ...], axis: int) -> Vector:
    return np.moveaxis(cells.reshape(shape), axis, 0).reshape(shape[axis], -1).copy()


def _unlines(lines: Vector, shape: tuple[int, ...], axis: int) -> Vector:
    moved = (shape[axis], *shape[:axis], *shape[axis + 1 :])
    return np.moveaxis(lines.reshape(moved), 0, axis).ravel()


def _answers(sums: Vector, cells: Vector, within: Vector) -> tuple[Vector, Vector]:
    """The sums over unions, shape (tables, unions, lines), without the cells of one value and with them."""
    without = sums - within * cells
    return without, without + cells
