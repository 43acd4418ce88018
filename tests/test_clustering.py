"""Gower's distance against R's published example, and the number of clusters against clusters that were put in.

The flowers are those of Kaufman and Rousseeuw (1990), as R's package cluster carries them; the distances are those that
its own tests print for daisy(flower) and daisy(flower, type = list(asymm = 3)).
"""

import io

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import AgglomerativeClustering
from sklearn.metrics import adjusted_rand_score

from research_lib.errors import UnfitDataError
from research_lib.methods.clustering import gower_distances, prediction_strength

FLOWERS = """frost shadow tubers colour soil preference height distance
0 1 1 red wet 15 25 15
1 0 0 yellow dry 3 150 50
0 1 0 pink wet 1 150 50
0 0 1 red normal 16 125 50
0 1 0 blue normal 2 20 15
0 1 0 red wet 12 50 40
0 0 0 red wet 13 40 20
0 0 1 yellow normal 7 100 15
1 1 0 pink dry 4 25 15
1 1 0 blue normal 14 100 60
1 1 1 blue wet 8 45 10
1 1 1 white normal 9 90 25
1 1 0 white normal 6 20 10
1 1 1 red normal 11 80 30
1 0 0 pink normal 10 40 20
1 0 0 red normal 18 200 60
1 0 0 yellow normal 17 150 60
0 0 1 yellow dry 5 25 10
"""
FIRST = "8875408 5272467 3517974 4115605 2269199 2876225 4234069 5808824 6094363 3278595 4267565 5196487 2926062"
FIRST += " 6221814 6935866 7765114 4610294"
THIRD = "5651552 3726307 3003268 4896242 6038399 4463644 4678105 5993873 6004902 5395425 6096405 5300654 6222222"
THIRD += " 5801471 7162173"
THIRD_BY_TUBERS = "5651552 4258637 3432306 5595705 6038399 5101307 5346405 5993873 6004902 6166200 6096405 6057890"
THIRD_BY_TUBERS += " 7111111 6630252 7162173"


@pytest.fixture(scope="module")
def flowers():
    table = pd.read_csv(io.StringIO(FLOWERS), sep=" ").astype({"frost": "str", "shadow": bool})
    soil = pd.Categorical(table["soil"], ["dry", "normal", "wet"], ordered=True)
    return table.assign(soil=soil, tubers=table["tubers"].map({0: "no", 1: "yes"}))


def printed(digits):
    return [float(f"0.{number}") for number in digits.split()]


def test_flowers_are_as_far_apart_as_published(flowers):
    found = gower_distances(flowers)
    assert found[0].iloc[1:].round(7).tolist() == printed(FIRST)
    assert found[2].iloc[3:].round(7).tolist() == printed(THIRD)
    assert found.equals(found.T) and not np.diag(found).any()


def test_flowers_with_an_asymmetric_question_are_as_published(flowers):
    found = gower_distances(flowers, asymmetric={"tubers": "yes"})
    assert found[0].iloc[1:].round(7).tolist() == printed(FIRST)
    assert found[2].iloc[3:].round(7).tolist() == printed(THIRD_BY_TUBERS)


def table(text):
    return pd.read_csv(io.StringIO(text), sep=" ", index_col=0)


def test_only_questions_that_both_answered_count():
    told = table("who kin work age\na yes shop 20\nb yes farm\nc shop 30\nd no farm 25\n".replace("c shop", "c  shop"))
    found = gower_distances(told)
    assert found.loc["a", "b"] == 1 / 2
    assert found.loc["a", "c"] == (0 + 1) / 2
    assert found.loc["a", "d"] == (1 + 1 + 1 / 2) / 3
    assert found.loc["b", "c"] == 1


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (pd.DataFrame({"a": ["x"]}), "2 to 10,000 persons"),
        (pd.DataFrame(index=[1, 2]), "and a question"),
        (pd.DataFrame({"a": ["x", None], "b": [None, "y"]}, index=["p", "q"]), "'p' and 'q' answered no question"),
        (pd.DataFrame({"a": ["x", " "]}), "blank text"),
        (pd.DataFrame({"a": [["x"], ["y"]]}), "a cell holds a list"),
        (pd.DataFrame({"a": [1.0, np.inf]}), "a number is infinite"),
    ],
)
def test_what_has_no_distance_is_refused(frame, reason):
    with pytest.raises(UnfitDataError, match=reason):
        gower_distances(frame)


def test_an_unknown_asymmetric_question_is_refused(flowers):
    with pytest.raises(UnfitDataError, match="column 'tuber' is missing"):
        gower_distances(flowers, asymmetric={"tuber": "yes"})


def kinds(number, *, noise, seed=1):
    """Persons of so many kinds: each kind has its own answer to each of ten questions, kept but for some noise."""
    draws = np.random.default_rng(seed)
    own = np.repeat(np.arange(number), 120 // number)
    noisy = draws.random((len(own), 10)) < noise
    return pd.DataFrame(np.where(noisy, draws.integers(0, number, (len(own), 10)), own[:, None])).astype("str"), own


@pytest.mark.parametrize("number", [2, 3, 4])
def test_the_kinds_that_were_put_in_are_predicted_and_no_more(number):
    told, own = kinds(number, noise=0.3)
    distances = gower_distances(told)
    found = prediction_strength(distances, halvings=10).set_index("clusters")
    assert found.index[found["strength"] >= 0.8].max() == number
    labels = AgglomerativeClustering(number, metric="precomputed", linkage="average").fit_predict(distances)
    assert adjusted_rand_score(own, labels) > 0.95
    assert abs(found.loc[number, ["smallest", "largest"]] - 120 / number).max() <= 1


def test_where_there_is_one_kind_no_number_is_predicted():
    draws = np.random.default_rng(1)
    told = pd.DataFrame(draws.integers(0, 3, (120, 10))).astype("str")
    assert prediction_strength(gower_distances(told), halvings=10)["strength"].max() < 0.8


def test_the_seed_decides(flowers):
    distances = gower_distances(flowers)
    one, same, other = (prediction_strength(distances, clusters=[2], halvings=5, seed=seed) for seed in (1, 1, 2))
    assert one.equals(same) and not one.equals(other)


def test_a_cluster_of_one_person_predicts_nothing():
    at = np.array([0.0, 1, 10, 11])
    found = prediction_strength(pd.DataFrame(np.abs(np.subtract.outer(at, at))), clusters=[2], halvings=5)
    assert found.drop(columns="clusters").values.tolist() == [[0, 0, 2, 2]]


@pytest.mark.parametrize(
    ("distances", "options", "reason"),
    [
        ([[0, 1], [1, 0]], {}, "square table"),
        ([[0, 1, 2, 3]], {}, "square table"),
        ([["a"] * 4] * 4, {}, "square table"),
        (np.ones((4, 4)), {}, "0 from a person to itself"),
        (1 - np.eye(8), {"clusters": [5]}, "numbers from 2 to 4"),
        (1 - np.eye(8), {"clusters": []}, "numbers from 2 to 4"),
        (1 - np.eye(8), {"clusters": [1]}, "whole number from 2"),
        (1 - np.eye(8), {"clusters": [2], "halvings": 1}, "whole number from 2"),
    ],
)
def test_unfit_distances_are_refused(distances, options, reason):
    with pytest.raises(UnfitDataError, match=reason):
        prediction_strength(pd.DataFrame(distances), **options)
