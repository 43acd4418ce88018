"""Reading lists that overlap: who is on which list, as patterns of 0 and 1 with the number of people in each."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from pathlib import Path

import numpy as np
import pandas as pd

from research_lib.errors import UnfitDataError
from research_lib.methods.options import check_columns, check_once, check_single_columns, need_list, need_no_blanks

Pair = tuple[Hashable, Hashable]
FEWEST_LISTS = 2
MOST_LISTS = 12


@dataclass(frozen=True)
class Histories:
    """People seen, by the lists that they are on.

    `lists`: their names, as the columns have them. `patterns`: every pattern but "on no list", a row of 0 and 1 each
    (2^lists − 1 rows). `counts`: how many people have each pattern, zero where nobody has.
    """

    lists: tuple[Hashable, ...]
    patterns: np.ndarray
    counts: np.ndarray

    @property
    def seen(self) -> int:
        """How many different people are on any list."""
        return int(self.counts.sum())

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """All pairs of lists, in the order of the lists."""
        return tuple(combinations(self.lists, 2))

    def on_both(self, pair: Pair) -> np.ndarray:
        """Which patterns are on both lists of a pair: a row of True and False."""
        first, second = (self.lists.index(name) for name in pair)
        return np.asarray((self.patterns[:, first] & self.patterns[:, second]).astype(bool))


def read_histories(
    frame: pd.DataFrame, *, count: Hashable = "count", lists: Sequence[Hashable] | None = None
) -> Histories:
    """Check a table of patterns and counts: one column of 0 and 1 a list, one column of how many people.

    `lists`: the columns that are lists; without it, all but `count`. Patterns that are absent count as zero. Refused:
    a pattern that stands twice (add the rows up, or estimate each group by itself), a row of zeros (people on
    no list are what is estimated), a list of nobody or of everybody, lists that share nobody at all.
    """
    _check_names(frame, [count])
    names = _check_names(frame, lists if lists is not None else [name for name in frame.columns if name != count])
    if count in names:
        raise UnfitDataError(f"the column {count} holds the counts and cannot be a list as well")
    if not FEWEST_LISTS <= len(names) <= MOST_LISTS:
        raise UnfitDataError(
            f"{len(names)} lists are given, and the method needs {FEWEST_LISTS} to {MOST_LISTS}: "
            + ("one list does not show whom it misses" if len(names) < FEWEST_LISTS else "join some of them")
        )
    patterns = _read_lists(frame, names, "the pattern")
    values = pd.to_numeric(_filled(frame, count), errors="coerce").to_numpy(float)
    wrong = ~np.isfinite(values) | (values < 0) | (values != np.floor(values))
    if wrong.any():
        raise UnfitDataError(
            f"column {count} holds {frame[count].iloc[int(np.argmax(wrong))]!r}; a count is a whole number of people"
        )
    cells = np.array([row for row in product((0, 1), repeat=len(names)) if any(row)])
    counts = dict.fromkeys(map(tuple, cells.tolist()), 0.0)
    rows: dict[tuple[int, ...], int] = {}
    for number, row in enumerate(map(tuple, patterns.to_numpy().tolist()), start=1):
        if row in rows:
            on = ", ".join(str(name) for name, value in zip(names, row, strict=True) if value)
            raise UnfitDataError(
                f"the pattern {on} stands in row {rows[row]} and in row {number}; "
                "add the two up, or estimate each group by itself"
            )
        rows[row], counts[row] = number, float(values[number - 1])
    return _overlapping(Histories(names, cells, np.array(list(counts.values()))))


def collapse_people(
    people: pd.DataFrame, *, lists: Sequence[Hashable] | None = None, count: Hashable = "count"
) -> pd.DataFrame:
    """Count how many people share each pattern of lists, from a table of one row a person.

    `lists`: the columns that are lists (1 or True where the person is on the list); without it, all columns. Returns
    the table that `estimate` reads. A person on no list is refused: they cannot have been seen.

    Not for: records that have not been linked. One person who stands under two names counts as two people and makes
    the overlaps too small and the estimate too large.
    """
    names = _check_names(people, lists if lists is not None else list(people.columns))
    if count in names:
        raise UnfitDataError(f"a list is named {count!r}, like the counts; rename it, or give another count=")
    table = _read_lists(people, names, "person")
    return table.groupby(list(names), sort=True).size().rename(count).reset_index()


def overlaps(
    frame: pd.DataFrame, *, count: Hashable = "count", lists: Sequence[Hashable] | None = None
) -> pd.DataFrame:
    """Show for each pair of lists how many people are on both: look at this before any estimate.

    One row a pair: first, second, both. A zero means that the two lists share nobody, by chance, by law or by custom;
    which of these it is decides whether the method may be used.

    Not for: joining lists until no zero is left; lists may be joined for a reason that has nothing to do with it.
    """
    found = read_histories(frame, count=count, lists=lists)
    return pd.DataFrame(
        [(*pair, int(found.counts[found.on_both(pair)].sum())) for pair in found.pairs],
        columns=["first", "second", "both"],
    )


def _check_names(frame: pd.DataFrame, names: Sequence[Hashable]) -> tuple[Hashable, ...]:
    given = need_list("lists", names)
    if frame.empty:
        raise UnfitDataError("the table is empty; it has nobody to count")
    check_columns(frame, given)
    check_single_columns(frame)
    check_once(given)
    return tuple(given)


def _filled(frame: pd.DataFrame, column: Hashable) -> pd.Series:
    """A column without an empty cell."""
    need_no_blanks(frame[column], f"column {column}")
    if frame[column].isna().any():
        row = int(np.argmax(frame[column].isna().to_numpy())) + 1
        raise UnfitDataError(f"column {column} is empty in row {row}; fill it in or leave the row out")
    return frame[column]


def _read_lists(frame: pd.DataFrame, names: Sequence[Hashable], what: str) -> pd.DataFrame:
    """The lists as 0 and 1; refuses a row, called `what`, that is on none of them."""
    table = {}
    for name in names:
        values = _filled(frame, name)
        if not values.isin([0, 1]).all():
            value = values[~values.isin([0, 1])].iloc[0]
            raise UnfitDataError(
                f"column {name} holds {value!r}; a list has 1 for people on it and 0 for the rest "
                "(if the column is not a list, name the lists with lists=)"
            )
        table[name] = values.astype(int).to_numpy()
    found = pd.DataFrame(table)
    on_lists = found.sum(axis=1).to_numpy()
    if not on_lists.all():
        row = int(np.argmin(on_lists)) + 1
        raise UnfitDataError(f"{what} in row {row} is on no list; leave the row out, since these people are estimated")
    return found


def _overlapping(histories: Histories) -> Histories:
    """Refuse lists that show nothing of each other."""
    sizes = histories.patterns.T @ histories.counts
    if not sizes.all():
        raise UnfitDataError(f"list {histories.lists[int(np.argmin(sizes))]} has nobody on it; leave it out")
    if histories.counts[histories.patterns.sum(axis=1) > 1].sum() == 0:
        raise UnfitDataError(
            "these lists never overlap: nobody is on two of them, so the number on none cannot be estimated; "
            "check that the records were linked, or use another method"
        )
    if sizes.max() == histories.seen:
        raise UnfitDataError(
            f"list {histories.lists[int(np.argmax(sizes))]} has everybody on it; the others cannot show whom it misses"
        )
    return histories


def british_lists() -> pd.DataFrame:
    """Give the six lists of potential victims of trafficking in the United Kingdom in 2013, as they are in print.

    One row a combination of lists: a column of 0 and 1 for each list, and count, the people on exactly these. Source:
    Bales, Hesketh and Silverman (2015), Modern slavery in the UK: how many victims?, Significance 12(3), table 1.

    Not for: the people of today; the lists are of one country and one year.
    """
    return pd.read_csv(Path(__file__).with_name("british_lists.csv"))
