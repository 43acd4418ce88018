"""Evidence graded: assessments in words, and ranges that stay ranges."""

import io
from dataclasses import FrozenInstanceError, replace
from math import inf, isinf, log10

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from research_lib import open_study
from research_lib.errors import UnfitDataError
from research_lib.methods.grading import (
    Concern,
    Finding,
    combine_evidence,
    read_findings,
    weigh_evidence,
)
from research_lib.methods.grading.cerqual import COLUMNS

NONE = Concern("no or very minor", "Three field reports, each by mediators who speak the language.")
THIN = Concern("serious", "Two conversations in one city.")
DEBTS = Finding(
    "debts", "Debts bind women to work.", NONE, NONE, THIN, NONE, "low", "The data are thin.", ("c-1", "c-2")
)
KIN = replace(DEBTS, finding_id="kin", finding="Kin lend the money.", claims=())
CLAIMS = pd.DataFrame({"id": ["c-1", "c-2", "c-3"]})


def findings_table(findings):
    """A row a finding, as `read_findings` takes it."""
    texts = ("finding_id", "finding", "confidence", "explanation")
    rows = [
        {name: getattr(each, name) for name in texts}
        | {name: concern.level for name, concern in each.concerns.items()}
        | {f"{name}_reason": concern.reason for name, concern in each.concerns.items()}
        | {"claim_id": ";".join(each.claims)}
        for each in findings
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def test_findings_are_read_from_a_table():
    table = findings_table([DEBTS, KIN])
    assert read_findings(table, claims=CLAIMS) == (DEBTS, KIN)
    assert read_findings(table.drop(columns="claim_id"))[0] == replace(DEBTS, claims=())


def test_the_same_judgements_may_deserve_different_confidence():
    assert replace(DEBTS, confidence="moderate", explanation="Both speak of many others.").confidence == "moderate"
    with pytest.raises(FrozenInstanceError):
        DEBTS.confidence = "high"


def test_claims_given_as_a_list_are_those_given_as_a_tuple():
    assert {replace(DEBTS, claims=["c-1", "c-2"])} == {DEBTS}


def test_claims_of_the_study_can_be_named():
    claims = open_study()["claims"]
    finding = replace(DEBTS, claims=("c-3-1-1-01",))
    assert read_findings(findings_table([finding]), claims=claims) == (finding,)
    with pytest.raises(UnfitDataError, match="'debts' rests on the claim 'c-1', which is missing"):
        read_findings(findings_table([DEBTS]), claims=claims)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"adequacy": Concern("serious", " ")}, "'debts': adequacy is judged 'serious' without a reason; say why"),
        ({"coherence": Concern("minor", "-")}, "coherence is judged 'minor' without a reason"),
        ({"relevance": Concern("grave", "Old.")}, "relevance is 'grave', which is not one of no or very minor, minor,"),
        ({"relevance": Concern("", "Old.")}, "relevance is not judged; choose from"),
        ({"methodological_limitations": None}, "methodological limitations is not judged; give a Concern"),
        ({"explanation": ""}, "the confidence 'low' is not explained; say why"),
        ({"confidence": "middling"}, "confidence is 'middling', which is not one of high, moderate, low, very low"),
        ({"confidence": ""}, "confidence is not judged"),
        ({"finding": ""}, "is not written out"),
        ({"finding_id": ""}, "the id of a finding is missing"),
        ({"claims": ("c-1", "c-1")}, "names a claim twice"),
        ({"claims": ("c-1")}, "'debts': claims is 'c-1'; write a list"),
        ({"claims": None}, "'debts': claims is None; write a list"),
        ({"claims": ("c-1", 2)}, "'debts': 2 is not an id of a claim; an id is text"),
        ({"claims": ("c-1", " ")}, "'debts': ' ' is not an id of a claim"),
    ],
)
def test_a_record_with_a_gap_is_refused(changes, says):
    with pytest.raises(UnfitDataError, match=says):
        replace(DEBTS, **changes)


@pytest.mark.parametrize(
    ("table", "says"),
    [
        (
            findings_table([DEBTS]).drop(columns="coherence_reason"),
            "column 'coherence_reason' is missing; the columns are finding_id",
        ),
        (findings_table([DEBTS]).assign(coherence=None), "coherence is not judged"),
        (findings_table([DEBTS, DEBTS]), "two findings have the id 'debts'"),
        (
            findings_table([DEBTS]).assign(claim_id=[["c-1", "c-2"]]),
            r"'debts': claim_id holds \['c-1', 'c-2'\]; write one",
        ),
        (findings_table([]), "the table of findings is empty"),
        (
            findings_table([DEBTS]).assign(more="high").rename(columns={"more": "confidence"}),
            "two columns are named 'confi",
        ),
    ],
)
def test_a_table_of_findings_with_a_gap_is_refused(table, says):
    with pytest.raises(UnfitDataError, match=says):
        read_findings(table)


def evidence(text):
    """A table of evidence: name, probabilities under the account (low, high) and its rival, found, group."""
    names = ["evidence", "if_true_low", "if_true_high", "if_false_low", "if_false_high", "found", "group"]
    return pd.read_csv(io.StringIO(text), sep=r"\s+", names=names)


# One of each kind; the last three for the rival, looked for in vain, and too wide to be named.
KINDS = evidence("""
    must-be-so    .98 .99  .4  .6   True  a
    a-confession  .2  .3   .01 .02  True  b
    a-fingerprint .99 .99  .01 .02  True  c
    a-rumour      .5  .6   .4  .5   True  c
    an-alibi      .01 .02  .2  .3   True  d
    no-must-be-so .98 .99  .4  .6   False e
    a-letter      .5  .9   .02 .5   True  f
""")


def test_tests_are_named_where_the_range_allows_only_one():
    found = weigh_evidence(KINDS).set_index("evidence")
    assert found["test"].tolist() == [
        "hoop",
        "smoking gun",
        "doubly decisive",
        "straw in the wind",
        "smoking gun (rival)",
        "hoop",
        "smoking gun or straw in the wind",
    ]
    assert found["favours"].tolist() == ["account"] * 4 + ["rival", "rival", "account"]
    assert found.loc["a-confession", ["ratio_low", "ratio_high"]].tolist() == pytest.approx([10, 30])
    assert found.loc["a-confession", "decibels_low"] == pytest.approx(10)
    # A hoop that was missed: between .01/.6 and .02/.4.
    assert found.loc["no-must-be-so", ["ratio_low", "ratio_high"]].tolist() == pytest.approx([1 / 60, 1 / 20])
    stricter = weigh_evidence(KINDS, strong=40)["test"].tolist()
    assert stricter[1:5] == ["straw in the wind", "doubly decisive", "straw in the wind", "straw in the wind"]


def test_evidence_that_cannot_be_under_the_rival_is_infinitely_strong():
    found = weigh_evidence(evidence("seen .1 .2 0 0 True a")).iloc[0]
    assert isinf(found["ratio_low"]) and isinf(found["decibels_low"]) and found["favours"] == "account"
    proof = combine_evidence(evidence("seen .1 .2 0 0 True a"), prior=(0.1, 0.2))
    assert proof.posterior == (1, 1) and proof.ratio == (inf, inf)
    refuted = combine_evidence(evidence("must 1 1 .3 .4 False a"), prior=(0.1, 0.2))
    assert refuted.posterior == (0, 0) and refuted.decibels == (-inf, -inf)


def test_two_independent_pieces_by_hand():
    two = evidence("x .6 .8 .2 .3 True a\ny .5 .5 .25 .5 True a")
    found = combine_evidence(two, prior=(0.2, 0.5), independent=True)
    assert found.ratio == pytest.approx((2 * 1, 4 * 2)) and found.count == 2
    assert found.posterior == pytest.approx((0.25 * 2 / 1.5, 8 / 9))  # odds 1/4 and 1 before
    grouped = combine_evidence(two, prior=(0.2, 0.5), group="group")
    assert grouped.ratio == pytest.approx((1, 4)) and grouped.count == 1


def point_name(true, false, strong):
    """The name of a test whose probabilities are known exactly."""
    if true == false:
        return "straw in the wind"
    high, low = max(true, false), min(true, false)
    passing, failing = high >= strong * low, strong * (1 - high) <= 1 - low
    names = {(1, 1): "doubly decisive", (1, 0): "smoking gun", (0, 1): "hoop", (0, 0): "straw in the wind"}
    return names[passing, failing] + (" (rival)" if true < false and (passing or failing) else "")


eighths = st.tuples(st.integers(0, 8), st.integers(0, 8)).map(lambda pair: tuple(each / 8 for each in sorted(pair)))


@given(eighths, eighths)
def test_the_names_are_those_of_all_points_in_the_ranges(true, false):
    if (true[0] == 0 == false[1]) or (true[1] == 0 == false[0]):
        return
    grids = [[low + (high - low) * step / 32 for step in range(33)] for low, high in (true, false)]
    seen = {point_name(one, other, 3) for one in grids[0] for other in grids[1]}
    table = pd.DataFrame([("x", *true, *false)], columns=KINDS.columns[:5])
    assert set(weigh_evidence(table, strong=3).at[0, "test"].split(" or ")) == seen


probabilities = st.tuples(st.floats(0.01, 0.99), st.floats(0.01, 0.99)).map(sorted).map(tuple)
pieces = st.lists(st.tuples(probabilities, probabilities, st.booleans()), min_size=1, max_size=5)


def table_of(drawn):
    rows = [(str(name), *true, *false, found) for name, (true, false, found) in enumerate(drawn)]
    return pd.DataFrame(rows, columns=KINDS.columns[:6])


@given(pieces, st.randoms(use_true_random=False))
def test_the_order_of_pieces_does_not_matter_and_the_rival_has_the_rest(drawn, random):
    first = combine_evidence(table_of(drawn), prior=(0.3, 0.4), independent=True)
    mixed = random.sample(drawn, len(drawn))
    again = combine_evidence(table_of(mixed), prior=(0.3, 0.4), independent=True)
    assert first.posterior == pytest.approx(again.posterior) and first.posterior[0] <= first.posterior[1]
    exchanged = [(false, true, found) for true, false, found in drawn]
    rival = combine_evidence(table_of(exchanged), prior=(0.6, 0.7), independent=True)
    assert rival.posterior == pytest.approx((1 - first.posterior[1], 1 - first.posterior[0]))


@given(pieces)
def test_wider_judgements_never_give_a_narrower_belief(drawn):
    wider = [((true[0] / 2, true[1]), (false[0], min(1, false[1] * 2)), found) for true, false, found in drawn]
    narrow = combine_evidence(table_of(drawn), prior=(0.3, 0.4), independent=True).posterior
    wide = combine_evidence(table_of(wider), prior=(0.3, 0.4), independent=True).posterior
    assert wide[0] <= narrow[0] + 1e-12 and wide[1] >= narrow[1] - 1e-12


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda: combine_evidence(KINDS, prior=(0.4, 0.6)), "how the pieces depend on each other is not stated"),
        (lambda: combine_evidence(KINDS, prior=(0.4, 0.6), independent=True, group="group"), "and not both"),
        (lambda: combine_evidence(KINDS, prior=(0.4, 0.6), group="informant"), "column 'informant' is missing; the columns are evi"),
        (lambda: combine_evidence(KINDS.assign(group=None), prior=(0.4, 0.6), group="group"), "'must-be-so' is in no group"),
        (lambda: combine_evidence(KINDS, prior=(0.4, 0.6), independent="no"), "`independent` is 'no'; write True or False"),
        (lambda: combine_evidence(KINDS, prior=(0.4, 0.6), independent=None), "`independent` is None; write True or False"),
        (lambda: combine_evidence(KINDS.assign(group=" "), prior=(0.4, 0.6), group="group"), "'group' of the evidence: some cells are blank"),
        (lambda: weigh_evidence(KINDS.assign(evidence="")), "'evidence' of the evidence: some cells are blank text"),
        (lambda: weigh_evidence(KINDS.assign(test="interview")), "the result has its own column 'test'; rename it in"),
        (lambda: weigh_evidence(KINDS.assign(found=[[True, False]] * 7)), r"'must-be-so': found is \[True, False\]; give True"),
        (lambda: combine_evidence(KINDS, prior=(0, 0.6), independent=True), "evidence cannot move 0 or 1"),
        (lambda: combine_evidence(KINDS, prior=(0.6, 0.4), independent=True), "not a range inside 0 to 1"),
        (
            lambda: combine_evidence(evidence("x .1 .1 0 0 True a\ny 1 1 .5 .5 False a"), prior=(0.4, 0.6), independent=True),
            "one piece rules out the account and another its rival",
        ),
        (lambda: combine_evidence(KINDS, prior=0.5, independent=True), "the prior 0.5 is not a range"),
        (lambda: combine_evidence(KINDS, prior=("low", 0.5), independent=True), "the prior .* is not a range"),
        (lambda: weigh_evidence(KINDS, strong="a"), "`strong` is 'a'"),
        (lambda: weigh_evidence(pd.concat([KINDS, KINDS[["if_true_low"]]], axis=1)), "two columns are named 'if_true_low'"),
        (lambda: weigh_evidence(KINDS, strong=1), "`strong` is 1"),
        (lambda: weigh_evidence(KINDS.iloc[:0]), "the table is empty"),
        (lambda: weigh_evidence(KINDS.drop(columns="if_true_low")), "column 'if_true_low' is missing; the columns are evidence, "),
        (lambda: weigh_evidence(pd.concat([KINDS, KINDS])), "is unnamed, or named like another"),
        (lambda: weigh_evidence(KINDS.assign(found=None)), "found is None; give True, or False"),
        (lambda: weigh_evidence(evidence("x 40 50 .1 .2 True a")), "'x': if_true_low is 40.*; give a probability from 0"),
        (lambda: weigh_evidence(evidence("x likely .5 .1 .2 True a")), "'x': if_true_low is 'likely'"),
        (lambda: weigh_evidence(evidence("x .6 .5 .1 .2 True a")), "if_true_low is above if_true_high; exchange them"),
        (lambda: weigh_evidence(evidence("x 0 .5 0 0 True a")), "it was found, which its ranges make impossible under both"),
        (lambda: weigh_evidence(evidence("x 1 1 .5 1 False a")), "was not found, which .* keep one of them away from 1"),
    ],
)  # fmt: skip
def test_what_cannot_be_weighed_is_said(ask, says):
    with pytest.raises(UnfitDataError, match=says):
        ask()


def test_very_many_pieces_that_cancel_each_other_leave_the_belief_where_it_was():
    rows = [(f"{n}", high, high, 1 - high, 1 - high) for n, high in enumerate([0.9] * 400 + [0.1] * 400)]
    table = pd.DataFrame(rows, columns=KINDS.columns[:5])
    for drawn in (table, table[::-1]):
        found = combine_evidence(drawn, prior=(0.3, 0.4), independent=True)
        assert found.ratio == pytest.approx((1, 1)) and found.posterior == pytest.approx((0.3, 0.4))
    strong = combine_evidence(table[:400], prior=(0.3, 0.4), independent=True)
    assert strong.decibels == pytest.approx((4000 * log10(9),) * 2) and strong.ratio == (inf, inf)
