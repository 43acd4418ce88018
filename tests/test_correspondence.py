"""Correspondence analysis: against published numbers, against prince, and what must hold whatever the answers.

Poisoning: 55 pupils, eleven questions (FactoMineR's `poison`, columns 5 to 15). Smoking: Greenacre (1984), table 3.1.
"""

from itertools import combinations

import numpy as np
import pandas as pd
import prince
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn.base import clone
from sklearn.cluster import KMeans
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import check_estimator

from research_lib.errors import UnfitDataError
from research_lib.methods.correspondence import (
    CorrespondenceTransformer,
    correspondence,
    correspondence_of_counts,
    ellipses,
    outlines,
    person_coordinates,
)

# A pupil each: yes (1) or no (0) to nausea, vomiting, abdominal pain, fever, diarrhoea, and having eaten potato, fish,
# mayonnaise, courgette, cheese, ice cream. SICK and SEX belong to the same pupils.
POISON = """
10111111111 00000111101 01111111111 00000110111 01111111111 00111101111 01111111111 11111111111 10111111111
01011111111 11111111111 01100111111 00111111111 00000110111 00000110101 01111111111 01111111101 11111111111
01111111111 00000110111 00111111111 00111111110 01111111011 01101111111 00111111101 00000111111 01110111111
01111110011 00000111111 11111111111 00111110111 00000110101 00000111111 00000111111 10111011111 11111111111
10101011111 00000111001 00111011111 11111111111 10111111111 00000111111 00111111111 11111111010 01111111011
00111111111 00000110110 00000111111 00000111111 00111111111 00000110111 00111111111 00000110100 01110111111
01111111111
"""
ASKED = [
    "nausea",
    "vomiting",
    "pain",
    "fever",
    "diarrhoea",
    "potato",
    "fish",
    "mayo",
    "courgette",
    "cheese",
    "icecream",
]
SICK = "1010111111111001111011111011011000111011101111000101011"
SEX = "FFFFMMFFMMFFFFMFMMFFMFFMFMFMFFFMFMFMMFMMMMFFMMMMFFMMFMM"
SMOKE = pd.DataFrame(
    [[4, 2, 3, 2], [4, 3, 7, 4], [25, 10, 12, 4], [18, 24, 33, 13], [10, 6, 7, 2]],
    index=["senior managers", "junior managers", "senior employees", "junior employees", "secretaries"],
    columns=["none", "light", "medium", "heavy"],
)


def poison():
    answers = pd.DataFrame([list(row) for row in POISON.split()], columns=ASKED)
    return answers.replace({"0": "no", "1": "yes"})


def with_country():
    return poison().assign(sick=list(SICK), sex=list(SEX))


def wide(result, column, *, supplementary=False):
    """One of the measures of the answers, answers by axes."""
    rows = result.categories[result.categories["is_supplementary"] == supplementary]
    order = pd.MultiIndex.from_frame(rows[["variable", "category"]].drop_duplicates())
    return rows.pivot(index=["variable", "category"], columns="axis", values=column).loc[order]


def random_answers(seed=0, people=200, questions=5):
    rng = np.random.default_rng(seed)
    kind = rng.integers(0, 3, people)
    codes = np.where(rng.random((people, questions)) < 0.4, kind[:, None], rng.integers(0, 3, (people, questions)))
    frame = pd.DataFrame(codes).add_prefix("q").replace({0: "never", 1: "at times", 2: "always"})
    return frame.assign(country=pd.Series(kind).map({0: "China", 1: "France", 2: "Italy"}))


def test_poisoned_pupils_give_the_published_eigenvalues():
    result = correspondence(poison())
    assert result.axes["eigenvalue"][:4].round(10).tolist() == [0.3352313995, 0.1291397922, 0.1073484856, 0.0958795008]
    assert (result.inertia, result.people, result.left_out) == (1, 55, 0)


def test_smokers_give_the_published_eigenvalues_and_inertia():
    result = correspondence_of_counts(SMOKE)
    assert result.axes["eigenvalue"].round(10).tolist() == [0.0747591059, 0.0100171805, 0.0004135741]
    assert round(result.inertia, 10) == 0.0851898605


@pytest.mark.parametrize("frame", [poison(), random_answers(), random_answers(3, 40, 3)], ids=["poison", "200", "40"])
def test_prince_finds_the_same_points(frame):
    result = correspondence(frame)
    theirs = prince.MCA(n_components=len(result.axes), engine="scipy").fit(frame)
    coordinates = theirs.column_coordinates(frame).to_numpy()
    assert result.axes["eigenvalue"].to_numpy() == pytest.approx(theirs.eigenvalues_)
    assert np.abs(wide(result, "coordinate")).to_numpy() == pytest.approx(np.abs(coordinates))
    assert wide(result, "contribution").to_numpy() == pytest.approx(theirs.column_contributions_.to_numpy())
    assert wide(result, "cos2").to_numpy() == pytest.approx(theirs.column_cosine_similarities(frame).to_numpy())
    people = person_coordinates(result, frame).to_numpy()
    assert np.abs(people) == pytest.approx(np.abs(theirs.row_coordinates(frame).to_numpy()))


@pytest.mark.parametrize("correction", ["benzecri", "greenacre"])
def test_prince_finds_the_same_corrections(correction):
    axes = correspondence(poison()).axes
    theirs = prince.MCA(n_components=len(axes), engine="scipy", correction=correction).fit(poison())
    assert axes["corrected"].to_numpy() == pytest.approx(theirs.eigenvalues_)
    assert 100 * axes[f"{correction}_share"].to_numpy() == pytest.approx(theirs.percentage_of_variance_)


def test_prince_finds_the_same_points_of_a_table_of_counts():
    result = correspondence_of_counts(SMOKE)
    theirs = prince.CA(n_components=3, engine="scipy").fit(SMOKE)
    for points, place, given_by in (
        (result.rows, theirs.row_coordinates(SMOKE), theirs.row_contributions_),
        (result.columns, theirs.column_coordinates(SMOKE), theirs.column_contributions_),
    ):
        names = list(points["name"].unique())
        table = points.pivot(index="name", columns="axis").loc[names]
        assert np.abs(table["coordinate"]).to_numpy() == pytest.approx(np.abs(place.to_numpy()))
        assert table["contribution"].to_numpy() == pytest.approx(given_by.to_numpy())
        assert table["cos2"].sum(axis=1).to_numpy() == pytest.approx(1)


def test_two_questions_give_the_axes_of_their_cross_table():
    # The indicator's eigenvalue is (1 + the table's singular value) / 2, so corrected gives the table's own eigenvalue.
    frame = SMOKE.stack().rename("n").reset_index().set_axis(["job", "smokes", "n"], axis=1)
    result = correspondence(frame.loc[frame.index.repeat(frame["n"]), ["job", "smokes"]])
    own = correspondence_of_counts(SMOKE)
    assert result.axes["corrected"][:3].to_numpy() == pytest.approx(own.axes["eigenvalue"].to_numpy())
    assert result.axes["greenacre_share"].sum() == pytest.approx(1)


def test_sums_that_must_hold():
    result = correspondence(with_country(), supplementary=["sick", "sex"])
    assert result.axes["eigenvalue"].sum() == pytest.approx(result.inertia)
    assert wide(result, "contribution").sum().to_numpy() == pytest.approx(1)
    assert wide(result, "cos2").sum(axis=1).to_numpy() == pytest.approx(1)
    active = result.variables[~result.variables["is_supplementary"]]
    assert active.groupby("axis")["eta2"].mean().to_numpy() == pytest.approx(result.axes["eigenvalue"].to_numpy())
    leading = wide(result, "contribution").to_numpy().argmax(axis=0)
    assert (wide(result, "coordinate").to_numpy()[leading, range(len(result.axes))] > 0).all()


def test_supplementary_answers_lie_at_the_mean_of_those_who_gave_them():
    frame = with_country()
    result = correspondence(frame, supplementary=["sick", "sex"], dimensions=3)
    scores = person_coordinates(result, frame) / np.sqrt(result.axes["eigenvalue"][:3].to_numpy())
    placed = wide(result, "coordinate", supplementary=True)
    for name in ("sick", "sex"):
        assert placed.loc[name].to_numpy() == pytest.approx(scores.groupby(frame[name]).mean().to_numpy())
        between = scores.groupby(frame[name]).transform("mean").var(ddof=0)
        eta2 = result.variables.query("variable == @name")["eta2"]
        assert eta2.to_numpy() == pytest.approx(between.to_numpy())


def test_a_test_value_counts_standard_deviations_over_all_ways_to_choose_the_group():
    frame = pd.DataFrame({"a": list("xxyyzzx"), "b": list("pqqpqpq"), "c": list("1112221"), "group": list("ggghhhh")})
    result = correspondence(frame, supplementary="group", dimensions=1)
    scores = person_coordinates(result, frame)[1].to_numpy()
    means = [scores[list(chosen)].mean() for chosen in combinations(range(7), 3)]
    assert wide(result, "test_value", supplementary=True)[1]["group", "g"] == pytest.approx(
        scores[:3].mean() / np.std(means)
    )


def test_supplementary_columns_leave_the_axes_as_they_are():
    plain, placed = (
        correspondence(poison()),
        correspondence(with_country(), supplementary=["sick", "sex"]),
    )
    pd.testing.assert_frame_equal(plain.axes, placed.axes)
    own = placed.categories.query("not is_supplementary").reset_index(drop=True)
    pd.testing.assert_frame_equal(plain.categories, own)


@pytest.mark.slow
@given(st.integers(0, 10_000), st.integers(15, 60), st.integers(2, 5))
def test_names_order_and_number_of_copies_change_nothing(seed, people, questions):
    frame = random_answers(seed, people, questions).drop(columns="country")
    result = correspondence(frame)
    names = dict(zip(["never", "at times", "always"], ["c", "a", "b"], strict=True))
    changed = pd.concat([frame.sample(frac=1, random_state=seed)] * 2, ignore_index=True)[frame.columns[::-1]]
    other = correspondence(changed.replace(names))
    assert other.axes.to_numpy() == pytest.approx(result.axes.to_numpy())
    back = wide(other, "cos2").rename(index={new: old for old, new in names.items()}, level=1)
    apart = np.diff(result.axes["eigenvalue"], append=0, prepend=9)
    clear = np.flatnonzero((np.abs(apart[:-1]) > 1e-4) & (np.abs(apart[1:]) > 1e-4))
    both = back.reindex(wide(result, "cos2").index).to_numpy()[:, clear]
    assert both == pytest.approx(wide(result, "cos2").to_numpy()[:, clear], abs=1e-6)


@pytest.mark.parametrize("kind", ["category", "object", "string"])
def test_any_kind_of_column_gives_the_same(kind):
    plain = correspondence(random_answers())
    other = correspondence(random_answers().astype(kind))
    pd.testing.assert_frame_equal(plain.axes, other.axes)


def test_ordered_answers_keep_their_order_and_those_nobody_gave_are_left_out():
    order = pd.CategoricalDtype(["never", "rarely", "at times", "always"], ordered=True)
    result = correspondence(random_answers().drop(columns="country").astype(order))
    first = result.categories.query("variable == 'q0' and axis == 1")
    assert first["category"].tolist() == ["never", "at times", "always"]


def with_gaps():
    frame = random_answers()
    frame.loc[[2, 5], "q0"] = None
    frame.loc[[5, 9], "q1"] = None
    frame.loc[7, "country"] = None
    return frame


def test_gaps_are_refused_unless_a_rule_is_asked_for():
    with pytest.raises(UnfitDataError, match='q0: 2 of 200 people have no answer; use missing="category"'):
        correspondence(with_gaps(), supplementary=["country"])
    own = correspondence(with_gaps(), supplementary=["country"], missing="category")
    assert own.categories.query("category == '(missing)' and axis == 1")["count"].tolist() == [2, 2, 1]
    less = correspondence(with_gaps(), supplementary=["country"], missing="drop")
    assert (own.people, own.left_out, less.people, less.left_out) == (200, 0, 197, 3)
    kept = with_gaps().drop(index=[2, 5, 9]).drop(columns="country")
    pd.testing.assert_frame_equal(less.axes, correspondence(kept).axes)
    placed = person_coordinates(less, with_gaps())
    assert placed.index[placed[1].isna()].tolist() == [2, 5, 9]


@pytest.mark.parametrize("missing", ["refuse", "category", "drop"])
@pytest.mark.parametrize(("column", "blank", "kind"), [("q0", "", object), ("country", "  ", "category")])
def test_blank_text_is_no_answer_under_any_rule(missing, column, blank, kind):
    frame = random_answers()
    blanks = frame.assign(**{column: pd.Series([blank, *frame[column][1:]], dtype=kind)})
    for asked in (
        lambda: correspondence(blanks, supplementary=["country"], missing=missing),
        lambda: ellipses(correspondence(frame, supplementary=["country"], missing=missing), blanks, by="country"),
    ):
        with pytest.raises(
            UnfitDataError, match=f"column '{column}': some cells are blank text; write None where there is no"
        ):
            asked()


def test_other_people_can_be_placed_and_an_unknown_answer_is_refused():
    frame = random_answers()
    result = correspondence(frame, supplementary=["country"], dimensions=2)
    few = frame.iloc[[4, 1]].drop(columns="country")
    pd.testing.assert_frame_equal(person_coordinates(result, few), person_coordinates(result, frame).iloc[[4, 1]])
    with pytest.raises(UnfitDataError, match="q1: 'often' is not among always, at times, never"):
        person_coordinates(result, few.assign(q1="often"))
    with pytest.raises(UnfitDataError, match="column 'q1' is missing; the columns are q0, q2, q3, q4"):
        person_coordinates(result, few.drop(columns="q1"))


@pytest.mark.parametrize("large", [True, False])
def test_ellipses_hold_the_mean_and_the_variance_of_a_group(large):
    frame = random_answers()
    result = correspondence(frame, supplementary=["country"], dimensions=2)
    drawn = ellipses(result, frame, by="country", large_groups=large)
    cloud = person_coordinates(result, frame)[frame["country"] == "France"].to_numpy()
    n = len(cloud)
    squares = [4, stats.chi2.ppf(0.95, 2) / n if large else 2 / (n - 2) * stats.f.ppf(0.95, 2, n - 2)]
    for (_, ellipse), square in zip(drawn.query("group == 'France'").iterrows(), squares, strict=True):
        line = outlines(drawn).query("group == 'France' and kind == @ellipse.kind")[["x", "y"]].to_numpy()
        apart = line - cloud.mean(axis=0)
        inside = np.einsum("ij,jk,ik->i", apart, np.linalg.inv(np.cov(cloud.T, bias=True)), apart)
        assert inside == pytest.approx(square)
        assert ellipse["people"] == n
        assert ellipse["half_major"] >= ellipse["half_minor"] > 0
        assert -90 < ellipse["angle"] <= 90


@pytest.mark.slow
def test_the_confidence_ellipse_holds_the_mean_of_the_population_as_often_as_it_says():
    frame = random_answers(people=3000)
    result = correspondence(frame, supplementary=["country"], dimensions=2)
    truth = person_coordinates(result, frame).mean().to_numpy()
    held = 0
    for seed in range(200):
        sample = frame.sample(25, random_state=seed).assign(all="all")
        (ellipse,) = ellipses(result, sample, by="all").query("kind == 'mean'").to_dict("records")
        turn = np.radians(ellipse["angle"])
        x, y = truth - [ellipse["centre_x"], ellipse["centre_y"]]
        along, across = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
        held += (along / ellipse["half_major"]) ** 2 + (across / ellipse["half_minor"]) ** 2 <= 1
    assert held / 200 >= 0.92  # .95 less two standard errors of a share of 200


@pytest.mark.parametrize(
    ("change", "options", "sentence"),
    [
        (lambda f: f[["q0"]], {}, "at least two questions must not be supplementary"),
        (lambda f: f.head(0), {}, "the table is empty; it has nobody to place"),
        (lambda f: f.assign(q1="yes"), {}, "q1: everybody answers 'yes'; leave the column out"),
        (lambda f: f.assign(q1=range(600)), {}, "q1: 600 different answers; group them, or leave the column out"),
        (
            lambda f: f.assign(q1=[["a"]] * 600),
            {},
            "column 'q1': a cell holds a list; make each choice its own column",
        ),
        (lambda f: f.assign(q1=None), {"missing": "drop"}, "everybody has a gap; nobody is left"),
        (lambda f: f, {"supplementary": ["land"]}, "column 'land' is missing; the columns are q0, q1, country"),
        (lambda f: f, {"supplementary": ["country"] * 2}, "column 'country' is named twice; name each column once"),
        (lambda f: f.set_axis(["q", "q", "c"], axis=1), {}, "two columns are named 'q'; rename one"),
        (
            lambda f: f,
            {"missing": "ignore"},
            "missing='ignore' is not a rule for gaps; use one of refuse, category, drop",
        ),
        (lambda f: f, {"dimensions": 9}, "dimensions=9: there are 6 axes; give 1 to 6"),
        (lambda f: f, {"dimensions": 1.5}, "dimensions=1.5: there are 6 axes; give 1 to 6"),
        (lambda f: f, {"dimensions": True}, "dimensions=True: there are 6 axes"),
        (lambda f: f, {"supplementary": 2}, "column 2 is missing; the columns are q0, q1, country"),
        (lambda f: f, {"supplementary": [["q0"]]}, "a list is not a name of a column"),
    ],
)
def test_answers_that_do_not_fit_are_refused_with_a_sentence(change, options, sentence):
    with pytest.raises(UnfitDataError) as error:
        correspondence(change(random_answers(people=600, questions=2)), **options)
    assert str(error.value).startswith(sentence)


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        (SMOKE[["none"]], "a cross-table needs two rows and two columns or more"),
        (SMOKE.replace(13, -13), "junior employees, heavy: not a count; write a number from 0 up"),
        (SMOKE.replace(13, None), "junior employees, heavy: not a count; write a number from 0 up"),
        (SMOKE.assign(heavy=0), "heavy is 0 throughout; leave it out"),
        (SMOKE.replace({"none": {10: 0}, "light": {6: 0}}).assign(medium=[3, 7, 12, 33, 0], heavy=[2, 4, 4, 13, 0]),
         "secretaries is 0 throughout; leave it out"),
        ([[5, 3], [1, None]], "1, 1: not a count; write a number from 0 up"),
        ([[5, 3]], "a cross-table needs two rows and two columns or more"),
        (5, "a cross-table needs rows and columns of counts, such as [[3, 5], [8, 2]]"),
        (pd.DataFrame([[1, 2], [2, 4]]), "all rows of the table have the same profile; they do not differ"),
    ],
)  # fmt: skip
def test_tables_that_do_not_fit_are_refused_with_a_sentence(table, sentence):
    with pytest.raises(UnfitDataError) as error:
        correspondence_of_counts(table)
    assert str(error.value).startswith(sentence)


def test_a_table_of_counts_may_be_a_list():
    listed = [[5, 3], [1, 7]]
    pd.testing.assert_frame_equal(
        correspondence_of_counts(listed).rows, correspondence_of_counts(pd.DataFrame(listed)).rows
    )


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"by": "land"}, "column 'land' is missing; the columns are q0, q1"),
        ({"by": "country", "axes": (1, 3)}, "axes=(1, 3): give two different ones of 1, 2"),
        ({"by": "country", "level": 95}, "level is 95; write a share"),
        ({"by": "country", "level": "a"}, "level is 'a'; write a share"),
        ({"by": "country", "axes": 1}, "axes=1: give two different ones of 1, 2"),
        ({"by": "country", "reach": -1}, "reach=-1: give how many standard deviations, above 0"),
        ({"by": ["country"]}, "a list is not a name of a column"),
        ({"by": "pair"}, "few: 2 of its people are placed; an ellipse needs three at least"),
        ({"by": "same"}, "alike: its 3 people lie on one line; choose other axes, or join groups"),
    ],
)
def test_groups_that_do_not_fit_are_refused_with_a_sentence(options, sentence):
    frame = random_answers(people=50)
    result = correspondence(frame, supplementary=["country"], dimensions=2)
    frame.loc[[1, 2], frame.columns] = frame.loc[[0, 0], frame.columns].to_numpy()
    frame["pair"] = ["few"] * 2 + ["others"] * 48
    frame["same"] = ["alike"] * 3 + ["others"] * 47
    with pytest.raises(UnfitDataError) as error:
        ellipses(result, frame, **options)
    assert str(error.value).startswith(sentence)


def test_one_supplementary_question_may_be_named_by_a_number():
    frame = random_answers(people=50).set_axis(range(6), axis=1)
    found = correspondence(frame, supplementary=5)
    pd.testing.assert_frame_equal(found.categories, correspondence(frame, supplementary=[5]).categories)


def test_a_question_that_stands_twice_in_the_frame_of_people_is_refused():
    frame = random_answers(people=50)
    with pytest.raises(UnfitDataError, match="two columns are named 'q0'; rename one"):
        person_coordinates(correspondence(frame), pd.concat([frame, frame[["q0"]]], axis=1))


def test_the_transformer_places_people_as_the_functions_do():
    frame = random_answers(people=60).assign(land=["FR", "IT"] * 30)
    made = CorrespondenceTransformer(3, supplementary="land")
    points = made.fit_transform(frame)
    result = correspondence(frame, supplementary="land", dimensions=3)
    assert points == pytest.approx(person_coordinates(result, frame).to_numpy())
    pd.testing.assert_frame_equal(made.result_.categories, result.categories)
    others = frame.iloc[[5, 3]].drop(columns="land").iloc[:, ::-1]  # not all people, nor all columns, in another order
    assert made.transform(others) == pytest.approx(points[[5, 3]])
    named = clone(made).set_output(transform="pandas").fit(frame).transform(others)
    assert list(named) == ["axis1", "axis2", "axis3"] and list(named.index) == [5, 3]


def test_the_transformer_keeps_the_rule_for_gaps_and_refuses_answers_that_the_fit_does_not_know():
    frame = random_answers(people=60).astype(object)
    gaps = frame.copy()
    gaps.iloc[4, 0] = None
    points = CorrespondenceTransformer(2, missing="drop").fit(frame).transform(gaps)
    assert np.isnan(points).all(axis=1).nonzero()[0].tolist() == [4]
    with pytest.raises(UnfitDataError, match="q0: 1 of 60 people have no answer"):
        CorrespondenceTransformer().fit(frame).transform(gaps)
    with pytest.raises(UnfitDataError, match="q0: 'nowhere' is not among"):
        CorrespondenceTransformer().fit(frame).transform(frame.assign(q0="nowhere"))
    with pytest.raises(NotFittedError):
        CorrespondenceTransformer().transform(frame)


def test_the_transformer_feeds_a_pipeline():
    pipeline = make_pipeline(CorrespondenceTransformer(2), KMeans(2, n_init=1, random_state=1))
    assert set(pipeline.fit(random_answers(people=60)).predict(random_answers(people=60))) == {0, 1}


# Columns are found by name, so that a frame may hold others beside the questions; and what is refused is refused in our
# own words, as UnfitDataError, where these checks look for scikit-learn's.
NOT_OURS = {
    "check_n_features_in_after_fitting": "further columns are left alone, and one that is missing is named",
    "check_complex_data": "one column is not enough, which is said first",
    "check_estimators_empty_data_messages": "other words",
    "check_fit2d_1sample": "other words",
    "check_fit2d_1feature": "other words",
    "check_fit2d_predict1d": "other words",
}


@pytest.mark.filterwarnings("ignore")
def test_scikit_learn_s_checks_of_a_transformer_hold_but_for_the_words_of_refusals():
    results = check_estimator(CorrespondenceTransformer(missing="category"), on_fail=None, on_skip=None)
    assert {each["check_name"] for each in results if each["status"] == "failed"} == NOT_OURS.keys()
    assert sum(each["status"] == "passed" for each in results) > 30
