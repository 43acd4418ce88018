"""Tables that other tools publish, or that are reported as unsafe: no reader comes close to what is hidden of them.

The page on disclosure control in docs/ names their sources. The attack takes nothing from the package: of all tables of
whole numbers that agree with what is shown it looks for the smallest and the largest count of a hidden cell. A reader
also knows the records that it sent, and which hidden cells are not empty.
"""

import datetime
import io
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import NIGHTLY
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from research_lib.disclosure.linked.cell_bounds import LinkedTables
from research_lib.disclosure.planning.plan import Plan, PlannedTable
from research_lib.disclosure.planning.policy import Policy
from research_lib.disclosure.release import build_release
from research_lib.disclosure.suppression.secondary_suppression import suppress

DAY = datetime.date(2026, 11, 28)
EACH, NOBODY = "each", "nobody"
Vector = np.ndarray


@dataclass(frozen=True)
class Instance:
    """How many records each source sent, and the tables of them; the total of all is a table too.

    The source "each": every record has its own; "nobody": no reader knows a record. `within`: variables, each with the
    one that its values lie in. `fewest`: a cell of fewer persons must be hidden, or of fewer sources where these have
    names; else `given` lists the cells. `most`: for some promises, how many cells we hide at most.
    """

    rows: str
    tables: str
    most: dict[int, int]
    within: tuple[tuple[str, str], ...] = ()
    fewest: int = 0
    given: str = ""

    @cached_property
    def sent(self) -> pd.DataFrame:
        return pd.read_csv(io.StringIO(self.rows), sep=r"\s+", dtype=str).astype({"n": int}).assign(all="all")

    @cached_property
    def sets(self) -> list[list[str]]:
        return [names.split() for names in f"{self.tables}, all".split(",")]

    @cached_property
    def joint(self) -> pd.DataFrame:
        """Each combination of values that a record can have."""
        outer = [name for _, name in self.within]
        names = [name for name in self.sent.columns if name not in ("source", "n", *outer)]
        found = pd.DataFrame(list(product(*(self.sent[name].unique() for name in names))), columns=names)
        for inner, name in self.within:
            found[name] = found[inner].map(dict(zip(self.sent[inner], self.sent[name], strict=True)))
        return found

    @cached_property
    def cells(self) -> pd.DataFrame:
        """Which combinations each cell counts, one row a cell, named by its values."""
        keys = [self.joint[names].agg("|".join, axis=1) for names in self.sets]
        return pd.DataFrame({name: key == name for key in keys for name in key.unique()}).astype(float).T

    @cached_property
    def counts(self) -> pd.Series:
        return self.cells @ self._counted(self.sent.assign(reader="all"))["all"].to_numpy()

    @cached_property
    def known(self) -> pd.DataFrame:
        """How many records of each combination a reader sent: one who sent nothing, and each source."""
        is_each = self.sent["source"] == EACH
        number = self.sent["n"].mask(is_each, 1).mask(self.sent["source"] == NOBODY, 0)
        reader = self.sent["source"].mask(is_each, self.sent.index.astype(str))
        return self._counted(self.sent.assign(n=number.clip(upper=self.sent["n"]), reader=reader)).assign(nobody=0).T

    def _counted(self, sent: pd.DataFrame) -> pd.DataFrame:
        found = sent.pivot_table("n", list(self.joint.columns), "reader", aggfunc="sum", fill_value=0)
        return found.reindex(pd.MultiIndex.from_frame(self.joint), fill_value=0)

    @cached_property
    def primary(self) -> set[str]:
        """The cells that the source of the instance says must be hidden."""
        if not self.fewest:
            return set(self.given.split())
        senders = (self.cells @ self.known.to_numpy().T > 0).sum(axis=1)
        number = self.counts if (self.sent["source"] == EACH).all() else senders
        return set(number.index[(number > 0) & (number < self.fewest)])


def narrow(
    instance: Instance, hidden: set[str], promise: int, *, reader: str = "", alone: Collection[str] = ()
) -> Iterator[str]:
    """The hidden cells of which some reader, or this one, knows the count within fewer than `promise`.

    `alone`: hidden cells of which it knows the count, because it knows that nobody else sent records.
    """
    is_hidden = instance.cells.index.isin(hidden - set(alone))
    low = np.where(is_hidden, np.minimum(instance.counts, 1), instance.counts)
    shown = LinearConstraint(instance.cells.to_numpy(), low, np.where(is_hidden, np.inf, instance.counts))
    readers = instance.known.loc[[reader] if reader else instance.known.index].to_numpy()
    for name, cell in instance.cells[is_hidden].iterrows():
        widths = (width(cell.to_numpy(), shown, own) for own in (readers.max(axis=0), *readers))
        if next(widths) < promise and min(widths) < promise:  # who knows what all know learns at least as much
            yield name


def width(cell: Vector, shown: LinearConstraint, own: Vector) -> float:
    """From the smallest to the largest possible count of a cell."""
    whole = np.ones(len(cell))
    ends = [milp(sign * cell, constraints=shown, bounds=Bounds(own), integrality=whole) for sign in (1, -1)]
    assert ends[0].status == 0
    return round(-ends[1].fun - ends[0].fun) if ends[1].status == 0 else np.inf


def protected(instance: Instance, promise: int, folder: Path) -> set[str]:
    """The cells hidden by a whole release where a rule finds the primary ones, else by secondary suppression alone."""
    if instance.fewest:
        return released(instance, promise, folder)
    combinations = len(instance.joint)
    sent = instance.known.to_numpy() @ np.hstack([np.eye(combinations), instance.cells.to_numpy().T])
    not_empty = np.concatenate([np.zeros(combinations), np.minimum(instance.counts, 1)])
    found = suppress(linked(instance), intruders=list(np.maximum(sent, not_empty)), protection_interval=promise)
    return set(instance.cells.index[found.tables.suppressed[combinations:]])


def linked(instance: Instance) -> LinkedTables:
    """The combinations, which are not published, then the cells that are their sums."""
    is_cell = np.repeat([False, True], [len(instance.joint), len(instance.cells)])
    suppressed, low, high = is_cell.copy(), np.zeros(len(is_cell)), np.full(len(is_cell), np.inf)
    suppressed[is_cell] = instance.cells.index.isin(instance.primary)
    low[is_cell] = high[is_cell] = instance.counts
    low[suppressed], high[suppressed] = 0, np.inf
    sums = sparse.csr_array(np.hstack([instance.cells.to_numpy(), -np.eye(len(instance.cells))]))
    names = tuple((name,) for name in [*map("|".join, instance.joint.to_numpy()), *instance.cells.index])
    return LinkedTables(names, low, high, suppressed, ~is_cell, np.zeros(len(is_cell), bool), sums)


def released(instance: Instance, promise: int, folder: Path) -> set[str]:
    """The cells that a release of the records hides; every count that it shows is the true one."""
    plan = Plan(tuple(PlannedTable("-".join(names), tuple(names)) for names in instance.sets))
    tables = build_release(cases(instance), plan, policy(instance, promise), folder, date=DAY).tables.values()
    named = [
        table.set_index(table[names].agg("|".join, axis=1)) for names, table in zip(instance.sets, tables, strict=True)
    ]
    every = pd.concat(table[["count", "status"]] for table in named)
    shown = every[(every["status"] != "hidden") & every.index.isin(instance.cells.index)]["count"]
    assert (shown == instance.counts[shown.index]).all()
    return set(every.index[every["status"] == "hidden"])


def cases(instance: Instance) -> pd.DataFrame:
    """The records, one row each."""
    found = instance.sent.loc[instance.sent.index.repeat(instance.sent["n"])].reset_index(drop=True)
    ids = "p" + found.index.astype(str)
    source = found["source"].mask(found["source"] == EACH, ids)
    marks = {"is_synthetic": "yes", "consent_scope": "published_tables"}
    return found.assign(source_id=source, case_id=ids, person_id=ids, **marks)


def policy(instance: Instance, promise: int) -> Policy:
    """Only the rule of the instance, all others as weak as they can be, and no rounding."""
    has_names = (instance.sent["source"] != EACH).all()
    fewest = {"sources": instance.fewest, "persons": 1} if has_names else {"persons": instance.fewest, "sources": 1}
    weak = {"persons_of_others": 1, "top_two_share": 1.0, "p_percent": 1e-9, "distinct_values": 1, "rounding_base": 1}
    return Policy(**fewest, **weak, protection_interval=promise)


COUNTRIES = """
age   geo      eu    year source n
young Spain    EU    2014 each   6
young Iceland  nonEU 2014 each   8
old   Spain    EU    2014 each   9
old   Portugal EU    2014 each   1
young Iceland  nonEU 2015 each   2
old   Spain    EU    2015 each   4
old   Portugal EU    2015 each   3
young Spain    EU    2016 each   7
young Iceland  nonEU 2016 each   2
young Portugal EU    2016 each   2
"""
SALES = """
sector4       sector2 geo      eu    source n
Agriculture   private Portugal EU    A      759
Agriculture   private Portugal EU    B      245
Agriculture   private Spain    EU    A      966
Agriculture   private Spain    EU    B      432
Entertainment private Iceland  nonEU B      168
Entertainment private Portugal EU    B      71
Entertainment private Portugal EU    D      23
Entertainment private Spain    EU    A      774
Entertainment private Spain    EU    B      115
Entertainment private Spain    EU    C      164
Governmental  public  Portugal EU    B      216
Governmental  public  Portugal EU    D      20
Governmental  public  Spain    EU    C      65
Governmental  public  Spain    EU    D      27
Industry      private Iceland  nonEU B      96
Industry      private Iceland  nonEU C      88
Industry      private Iceland  nonEU D      19
Industry      private Portugal EU    B      257
Industry      private Portugal EU    D      34
Industry      private Spain    EU    C      84
"""
REGIONS = """
region county group source n
A      c1     small each   2
B      c1     small each   2
I      c1     small each   8
J      c1     small each   8
K      c2     small each   3
L      c2     BIG   each   3
M      c2     BIG   each   3
N      c2     small each   7
"""


def of_two(most: dict[int, int], columns: str, source: str = EACH, *, fewest: int = 0, given: str = "", **lines: str):
    """An instance of one table with all its totals: for each line its counts, in the order of the columns."""
    counts = [(line, *pair) for line, text in lines.items() for pair in zip(columns.split(), text.split(), strict=True)]
    rows = "\n".join(["row col source n", *(f"{line} {column} {source} {n}" for line, column, n in counts)])
    return Instance(rows, "row col, row, col", most, fewest=fewest, given=given)


NESTED = ("sector4", "sector2"), ("geo", "eu")
INSTANCES = {
    "linked": Instance(
        COUNTRIES,
        "age eu year, age eu, age year, eu year, geo year, age, eu, year, geo",
        {1: 14, 4: 23, 10: 37},
        within=NESTED[1:],
        fewest=3,
    ),
    "interval": of_two({5: 6, 10: 8}, "Iceland Portugal Spain", fewest=4, young="3 1 17", old="10 11 17"),
    "ones a": of_two({1: 9, 10: 12}, "A B H M W", fewest=4, r1="0 1 7 1 0", r2="2 0 0 2 8"),
    "ones b": of_two({1: 10, 10: 13}, "A B H M W", fewest=4, r1="1 1 7 1 0", r2="1 0 0 2 8"),
    "zeros a": of_two({1: 6, 10: 11}, "A B H M W", given="r1|B r1|M", r1="5 0 7 0 9", r2="5 9 9 5 8"),
    "zeros b": of_two(
        {1: 10, 10: 14}, "A B H M W", given="r1|A r1|B r1|M r2|A r2|M A M", r1="0 0 7 0 9", r2="0 9 9 2 8"
    ),
    "regions": Instance(
        REGIONS, "region, county, group", {1: 6, 10: 10}, (("region", "county"), ("region", "group")), fewest=4
    ),
    "47": of_two(
        {1: 10, 10: 10},
        "a b c d",
        NOBODY,
        given="w|a w|b w|c x|a x|c y|b y|d z|b z|d",
        w="30 47 64 89",
        x="90 124 5 31",
        y="92 100 59 85",
        z="800 991 651 685",
    ),
    "companies": Instance(
        SALES,
        "sector4 geo, sector4 eu, sector2 geo, sector2 eu, sector4, sector2, geo, eu",
        {10: 20},
        NESTED,
        fewest=3,
    ),
    "sales": Instance(
        "\n".join(re.sub(r" [A-D] ", f" {at} ", line) for at, line in enumerate(SALES.splitlines())),
        "sector4 geo, sector4, geo",
        {10: 4},
        NESTED,
        given="Entertainment|Iceland Industry|Spain",
    ),
}
ALL = [(name, promise) for name, instance in INSTANCES.items() for promise in instance.most]
TODAY = (
    ALL if NIGHTLY else [(name, [*each.most][at % len(each.most)]) for at, (name, each) in enumerate(INSTANCES.items())]
)


def test_cells_and_primary_cells_are_those_of_the_sources():
    found = {name: (len(instance.cells), len(instance.primary)) for name, instance in INSTANCES.items()}
    assert found == {
        "linked": (48, 9),
        "interval": (12, 2),
        "ones a": (18, 7),
        "ones b": (18, 8),
        "zeros a": (18, 2),
        "zeros b": (18, 7),
        "regions": (13, 5),
        "47": (25, 9),
        "companies": (42, 13),
        "sales": (20, 2),
    }


@pytest.mark.parametrize(("name", "promise"), TODAY)
def test_no_reader_comes_close_to_a_hidden_cell_and_from_naive_suppression_one_does(name, promise, tmp_path):
    instance = INSTANCES[name]
    hidden = protected(instance, promise, tmp_path / "release")
    assert instance.primary <= hidden
    assert len(hidden) <= instance.most[promise]
    assert not list(narrow(instance, hidden, promise))
    assert any(narrow(instance, instance.primary, promise))


@pytest.mark.parametrize(
    ("name", "promise", "faulty", "mended"),
    [
        ("linked", 1, "young|2016 2015 2016 Spain|2014 Spain|2015", "young|2016 2015 2016 Spain|2014 Spain|2016"),
        ("interval", 5, "old|Iceland old|Portugal", "old|Iceland old|Portugal young|Spain old|Spain"),
        ("ones a", 1, "", "r1|H H"),
        ("ones b", 1, "r2|W W", "r1|H H"),
        ("zeros a", 1, "r2|B r2|M", "r2|B r2|M r1|A r2|A"),
        ("zeros b", 1, "r2|B", "r2|B r1|W r2|W"),
        ("regions", 1, "", "N"),
        ("47", 1, "", "x|b"),
    ],
)
def test_a_tool_falls_where_it_is_reported_to_and_its_mended_pattern_holds(name, promise, faulty, mended):
    instance = INSTANCES[name]
    assert any(narrow(instance, instance.primary | set(faulty.split()), promise))
    assert not list(narrow(instance, instance.primary | set(mended.split()), promise))


def test_a_company_that_knows_that_it_is_alone_in_a_cell_learns_another(tmp_path):
    instance, alone = INSTANCES["companies"], ("Entertainment|Iceland", "Entertainment|nonEU")
    ours = protected(instance, 10, tmp_path / "release")
    found = [set(narrow(instance, hidden, 1, reader="B", alone=alone)) for hidden in (ours, ours | {"Entertainment"})]
    learnt = {"Entertainment|Portugal", "Agriculture", "Agriculture|EU"}
    assert [each & instance.primary for each in found] == [learnt, set()]
