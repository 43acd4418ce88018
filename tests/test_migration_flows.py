"""Measures of migration between regions: against what is published, against sums by hand, and what must hold.

Three regions: the two tables after Plane and Mulligan (1997), Demography 34, p. 253, as R's migration.indices carries
them (migration.hyp, migration.hyp2), with the Gini indices that its manual prints. Korea: 17 regions in 2020, from R's
migest; it has 289 rows and stays in the shared folder.
"""

import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from research_lib.errors import UnfitDataError
from research_lib.methods import flows as migration

KOREA = Path(__file__).resolve().parents[2] / "shared/reference/methods/korea_gravity_2020.csv"
FIRST = [[0, 10, 10], [20, 0, 20], [30, 30, 0]]
SECOND = [[0, 20, 20], [30, 0, 50], [20, 20, 0]]


def flows_of(matrix):
    regions = "ABCDEFGH"[: len(matrix)]
    pairs = itertools.product(range(len(matrix)), repeat=2)
    rows = [(regions[i], regions[j], matrix[i][j]) for i, j in pairs]
    return pd.DataFrame(rows, columns=["origin", "destination", "flow"])


def exact_flows(seed=1):
    """Five regions whose flows are 3 × origin's people ^ .8 × destination's ^ .7 ÷ distance ^ 1.1, half more for neighbours."""
    places = np.random.default_rng(seed).uniform(1, 9, (5, 3))
    frame = flows_of(np.zeros((5, 5)).tolist()).query("origin != destination").reset_index(drop=True)
    ends = [frame[end].map("ABCDE".index) for end in ("origin", "destination")]
    apart = np.hypot(*(places[ends[0], :2] - places[ends[1], :2]).T)
    frame["distance"], frame["neighbours"] = apart, apart < np.median(apart)
    frame["origin_population"], frame["destination_population"] = places[ends[0], 2], places[ends[1], 2]
    mass = 3 * frame["origin_population"] ** 0.8 * frame["destination_population"] ** 0.7
    return frame.assign(flow=mass * apart**-1.1 * np.where(frame["neighbours"], 1.5, 1))


@pytest.fixture(scope="module")
def korea():
    if not KOREA.exists():
        pytest.skip("the shared folder with the published examples is not here")
    return pd.read_csv(KOREA).rename(columns={"orig": "origin", "dest": "destination"})


def test_korean_flows_give_the_published_measures(korea):
    people = korea.drop_duplicates("origin").set_index("origin")["orig_pop"] * 1e6
    assert round(migration.effectiveness(korea), 6) == 7.672425
    assert round(migration.total_gini(korea), 6) == 0.709034
    assert round(migration.courgeau_k(korea, people), 6) == 0.862867


@pytest.mark.parametrize(("matrix", "corrected", "plain"), [(FIRST, 0.2666667, 0.2222222), (SECOND, 0.225, 0.1875)])
def test_three_regions_give_the_printed_gini_indices(matrix, corrected, plain):
    assert round(migration.total_gini(flows_of(matrix)), 7) == corrected
    assert round(migration.total_gini(flows_of(matrix), corrected=False), 7) == plain


def test_three_regions_by_hand():
    regions = migration.net_migration(flows_of(FIRST))
    assert regions.loc["A"].tolist() == [50, 20, 30, 70, pytest.approx(100 * 30 / 70)]
    assert regions["net"].tolist() == [30, 0, -30]
    assert migration.effectiveness(flows_of(FIRST)) == pytest.approx(100 * 60 / 240)
    # 120 moves among 1,200 people are 10 per cent, and ln 3² is 2.197225.
    assert round(migration.courgeau_k(flows_of(FIRST), dict.fromkeys("ABC", 400)), 6) == 4.551196


def test_the_gini_index_runs_from_equal_streams_to_a_single_one():
    assert migration.total_gini(flows_of(np.full((4, 4), 7).tolist())) == 0
    single = np.zeros((4, 4))
    single[1, 2] = 9
    assert migration.total_gini(flows_of(single.tolist())) == pytest.approx(1)
    assert migration.effectiveness(flows_of(single.tolist())) == 100


@pytest.mark.slow
@given(st.lists(st.integers(0, 50), min_size=12, max_size=12), st.permutations("ABCD"), st.integers(0, 99))
def test_names_order_and_moves_within_a_region_change_nothing(sizes, names, seed):
    matrix = np.zeros((4, 4), int)
    matrix[~np.eye(4, dtype=bool)] = sizes
    if not sum(sizes):
        return
    frame = flows_of(matrix.tolist())
    renamed = frame.replace(dict(zip("ABCD", names, strict=True))).sample(frac=1, random_state=seed)
    renamed.loc[renamed["origin"] == renamed["destination"], "flow"] = np.nan
    for measure in (migration.effectiveness, migration.total_gini):
        assert measure(renamed) == pytest.approx(measure(frame), abs=1e-12)
        assert measure(frame.assign(flow=frame["flow"] * 3)) == pytest.approx(measure(frame), abs=1e-12)
    assert migration.net_migration(frame)["net"].sum() == 0


def without(frame, *pairs):
    return frame[~(frame["origin"] + frame["destination"]).isin(pairs)]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda f: f.rename(columns={"flow": "n"}), "column 'flow' is missing; the columns are origin, destination, n"),
        (lambda f: f.replace({"flow": {30: -30}}), "flow: C to A is below 0; give people moving, not net figures"),
        (lambda f: f.replace({"flow": {30: None}}), "flow: the value for C to A is not a number; fill it in"),
        (
            lambda f: f.astype({"flow": "Int64"}).replace({"flow": {30: pd.NA}}),
            "flow: the value for C to A is not a number; fill it in",
        ),
        (lambda f: without(f, "AB"), "the row from A to B is missing; add it, with flow 0 if nobody moved"),
        (lambda f: without(f, "AB", "CB"), "B is an origin and never a destination; check its spelling"),
        (lambda f: f.replace({"origin": {"C": "c"}}), "C is a destination and never an origin; check its spelling"),
        (lambda f: pd.concat([f, f.tail(2)]), "C to B stands in two rows; keep one period, or add the rows up"),
        (
            lambda f: f.replace({"origin": {"B": None}}),
            "origin: row 3 does not name a region; name it, or leave the row out",
        ),
        (
            lambda f: f.replace({"origin": {"B": " "}}),
            "origin: some cells are blank text; write None where there is no",
        ),
        (lambda f: f.head(1), "the flows join fewer than two regions"),
        (lambda f: f.head(0), "the flows join fewer than two regions"),
        (lambda f: pd.concat([f, f[["flow"]]], axis=1), "two columns are named 'flow'; rename one"),
        (lambda f: f.assign(flow=0), "nobody moved between any two regions"),
    ],
)
def test_flows_that_do_not_fit_are_refused_with_a_sentence(change, sentence):
    with pytest.raises(UnfitDataError) as error:
        migration.effectiveness(change(flows_of(FIRST)))
    assert str(error.value).startswith(sentence)


@pytest.mark.parametrize(
    ("population", "sentence"),
    [
        ({"A": 1, "B": 2, "C": 3}, "120 moves among 6 people: give the population in people, not in thousands"),
        ({"A": 900, "B": 900}, "population: not a number above 0 for C; every region needs one"),
        ({"A": 900, "B": 0, "C": 900}, "population: not a number above 0 for B; every region needs one"),
        (dict.fromkeys("ABCD", 900), "population: D stands there twice or is not in the flows"),
        (pd.Series([900] * 4, index=list("ABCC")), "population: C stands there twice or is not in the flows"),
        (pd.Series({"A": 900, "B": pd.NA, "C": 900}, dtype="Int64"), "population: not a number above 0 for B"),
        (pd.Series({"A": 900, "C": 900}, dtype="Float64"), "population: not a number above 0 for B"),
        (pd.Series({"A": 900, "B": np.inf, "C": 900}), "population: not a number above 0 for B"),
    ],
)
def test_populations_that_do_not_fit_are_refused_with_a_sentence(population, sentence):
    with pytest.raises(UnfitDataError) as error:
        migration.courgeau_k(flows_of(FIRST), population)
    assert str(error.value).startswith(sentence)


def leaving(frame, region):
    return frame["flow"].where(frame["origin"] != region, 0)
