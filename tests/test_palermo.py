"""Is it trafficking: the truth table whole, learning never turns a certain verdict, the report's situations as it tells them."""

from dataclasses import replace
from itertools import product

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from research_lib import new_study, open_study
from research_lib.compare import palermo
from research_lib.errors import ResearchError, UnfitDataError
from research_lib.evidence.vocabulary.common_codes import INDICATORS_OF

VALUES = (True, False, None)
EVERY = sorted({name for names in INDICATORS_OF.values() for name in names})
KNOWN = st.dictionaries(st.sampled_from(EVERY), st.sampled_from(VALUES))
LAWS = st.builds(
    palermo.Definition,
    code=st.just("drawn"),
    listed=st.fixed_dictionaries(
        {
            name: st.none() | st.frozensets(st.sampled_from(sorted(listed)), min_size=1)
            for name, listed in palermo.PALERMO.listed.items()
        }
    ),
    has_child_rule=st.sampled_from(VALUES),
)
OPEN = ("not-known", "not-described")

SAID = """
recruitment | deception | prostitution-of-others | child     | consent   | verdict
true        | true      | true                   | not-known | not-known | trafficking
true        | true      | true                   | not-known | true      | trafficking
true        | not-known | true                   | true      | true      | trafficking
true        | not-known | true                   | false     | true      | not-known
true        | not-known | not-known              | true      | not-known | not-known
not-known   | not-known | not-known              | not-known | not-known | not-known
"""


def rows(text):
    head, *lines = [[cell.strip() for cell in line.split("|")] for line in text.strip().split("\n")]
    return [dict(zip(head, line, strict=True)) for line in lines]


@pytest.mark.parametrize("row", rows(SAID), ids=str)
def test_what_follows_from_what_is_said(row):
    verdict = row.pop("verdict")
    assert palermo.assess(row).verdict == verdict


def completions(values):
    return product(*[(True, False) if value is None else (value,) for value in values])


def classical(act, means, purpose, child):
    return act and purpose and (means or child)


@pytest.mark.parametrize("values", list(product(VALUES, repeat=4)))
def test_a_verdict_is_certain_exactly_where_no_unknown_could_change_it(values):
    possible = {classical(*filled) for filled in completions(values)}
    assert palermo.judge(*values) == (possible.pop() if len(possible) == 1 else None)


def test_the_truth_table_has_every_combination_and_consent_never_counts():
    table = palermo.truth_table()
    assert len(table) == 3**5
    assert not table.duplicated([*palermo.ELEMENTS, "consent"]).any()
    assert (table.groupby(list(palermo.ELEMENTS), dropna=False)["verdict"].nunique() == 1).all()
    assert table["verdict"].value_counts().to_dict() == {"not-trafficking": 147, "not-known": 81, "trafficking": 15}


@given(KNOWN, KNOWN, LAWS | st.just(palermo.PALERMO))
def test_learning_more_never_turns_a_certain_verdict(known, more, law):
    before = palermo.assess(known, law).verdict
    learnt = {**known, **{name: value for name, value in more.items() if known.get(name) is None}}
    if before not in OPEN:
        assert palermo.assess(learnt, law).verdict == before
    elif before == "not-described":
        assert palermo.assess(learnt, law).verdict in OPEN


@given(KNOWN, LAWS | st.just(palermo.PALERMO))
def test_what_the_unknowns_could_do_bounds_the_verdict(known, law):
    found = palermo.assess(known, law)
    if found.verdict in OPEN:
        assert (found.if_unknown_true, found.if_unknown_false) == ("trafficking", "not-trafficking")
        assert found.decisive or law.has_child_rule is None
    else:
        assert {found.if_unknown_true, found.if_unknown_false} == {found.verdict}
        assert not found.decisive


@given(KNOWN, st.sampled_from(VALUES), LAWS | st.just(palermo.PALERMO))
def test_consent_changes_words_and_never_the_verdict(known, consent, law):
    assert palermo.assess({**known, "consent": consent}, law).verdict == palermo.assess(known, law).verdict


def test_consent_is_said_not_to_count_only_where_a_means_was_used_or_a_child_is_meant():
    told = {"recruitment": True, "prostitution-of-others": True, "consent": True}
    assert "consent-irrelevant" not in palermo.assess(told).reason_codes
    assert "consent-irrelevant" in palermo.assess({**told, "force": True}).reason_codes
    assert "consent-irrelevant" in palermo.assess({**told, "child": True}).reason_codes


def test_that_some_are_adults_says_nothing_of_the_others_and_prostitution_alone_is_no_act():
    assert palermo.assess({"adult": True}).elements["child"] is None
    prostitution = palermo.assess({"prostitution-of-others": True, "child": False})
    assert prostitution.verdict == "not-known"
    acts, means = (dict.fromkeys(INDICATORS_OF[name], False) for name in ("act", "means"))
    assert palermo.assess({"prostitution-of-others": True, **acts}).verdict == "not-trafficking"
    assert palermo.assess({"recruitment": True, "child": False, **means}).verdict == "not-trafficking"


def test_every_reason_is_a_sentence():
    found = palermo.assess({"recruitment": "true", "force": "false"})
    assert all(reason.endswith(".") for reason in found.reasons)
    assert "It is not known whether the purpose is exploitation as the definition names it." in found.reasons


@pytest.mark.parametrize(
    ("indicators", "said"),
    [({"beating": True}, "'beating' is not an indicator"), ({"force": "maybe"}, "force is 'maybe'; write true, false")],
)
def test_what_is_not_understood_is_refused(indicators, said):
    with pytest.raises(ResearchError, match=said):
        palermo.assess(indicators)


def test_a_law_is_told_by_the_study_that_is_given(study):
    deceived = {"recruitment": True, "deception": True, "prostitution-of-others": True, "child": False}
    told = study.table_files["definition_elements"]
    follows = told.frame.query("definition == 'SK'").assign(definition="FR")
    other = replace(study, table_files={**study.table_files, "definition_elements": replace(told, frame=follows)})
    verdicts = [palermo.assess(deceived, "FR", study=each).verdict for each in (study, other)]
    assert verdicts == ["not-described", "trafficking"]
    assert palermo.assess(deceived, study=other) == palermo.assess(deceived)


def test_a_law_without_a_study_is_refused_with_the_way_to_mend_it(study):
    with pytest.raises(
        ResearchError, match=r"two may tell it differently.*assess\(indicators, 'FR', study=open_study\(\)\)"
    ):
        palermo.assess({}, "FR")
    for asked in (lambda: palermo.assess({}, "DE", study=study), lambda: palermo.assess_all(study, "DE")):
        with pytest.raises(ResearchError, match=r"'DE' is not in .*; there are palermo, FR, IT, SK"):
            asked()


def test_an_indicator_that_stands_twice_is_refused():
    twice = pd.DataFrame({"indicator": ["force", "force"], "value": ["true", "false"]})
    with pytest.raises(ResearchError, match="stands twice"):
        palermo.assess(twice)


def test_a_purpose_beyond_the_list_leaves_it_open_since_the_list_is_a_minimum():
    none_listed = dict.fromkeys(palermo.PALERMO.listed["purpose"], False)
    told = {"recruitment": True, "force": True, **none_listed}
    assert palermo.assess(told).verdict == "not-trafficking"
    assert palermo.assess({**told, "forced-marriage": True}).verdict in OPEN


def test_a_child_needs_no_means_only_where_the_rule_is_described():
    told = {"recruitment": True, "slavery": True, "child": True}
    silent = palermo.Definition("X", palermo.PALERMO.listed, has_child_rule=None)
    found = palermo.assess(told, silent)
    assert found.verdict == "not-known" and found.decisive == ("means",)
    assert "child-true" not in found.reason_codes and "not-described" in found.reason_codes
    without = palermo.Definition("X", palermo.PALERMO.listed, has_child_rule=False)
    no_means = dict.fromkeys(INDICATORS_OF["means"], False)
    assert palermo.assess({**told, **no_means}, without).verdict == "not-trafficking"
    assert palermo.assess({**told, **no_means}, silent).verdict == "not-described"


def test_what_is_known_but_not_told_to_be_in_a_law_is_said():
    law = palermo.Definition("X", {**palermo.PALERMO.listed, "means": frozenset({"force"})})
    told = {"recruitment": True, "slavery": True, "threat": True, "child": False}
    assert palermo.assess({**told, "force": False}, law).verdict == "not-described"
    assert palermo.assess(told, law).verdict == "not-known"
    assert "means-unlisted" in palermo.assess(told, law).reason_codes


def test_national_definitions_go_as_far_as_the_report_describes_them(study):
    laws = palermo.definitions(study)
    assert set(laws) == {"palermo", "FR", "IT", "SK"}
    assert set(laws["FR"].listed.values()) == {None}
    assert laws["SK"].listed == palermo.PALERMO.listed
    assert laws["IT"].listed["means"] == {"force", "abuse-of-power", "vulnerability"}
    deceived = {"recruitment": True, "deception": True, "prostitution-of-others": True, "child": False}
    verdicts = {code: palermo.assess(deceived, law).verdict for code, law in laws.items()}
    assert verdicts == {"palermo": "trafficking", "FR": "not-described", "IT": "not-known", "SK": "trafficking"}
    assert palermo.assess(deceived, "SK", study=study).verdict == "trafficking"


def test_the_protocol_in_the_study_lists_what_the_code_has(study):
    table = study["definition_elements"].query("definition == 'palermo' and status == 'listed' and indicator != 'all'")
    for element, listed in palermo.PALERMO.listed.items():
        assert set(table[table["element"] == element]["indicator"]) == listed


def test_the_report_s_situations_are_assessed_beside_its_own_conclusions(study):
    table = palermo.assess_all(study).set_index("situation_id")
    assert len(table) == len(study["situations"]) >= 8
    assert set(table["beside"]) <= {"same", "silent", "goes-beyond", "hedges", "contradicts"}
    assert "contradicts" not in set(table["beside"])
    assert (table.loc[table["verdict"] == "not-known", "decisive"].map(len) > 0).all()


BESIDE = """
concluded              | trafficking | not-trafficking | not-known
trafficking            | same        | contradicts     | goes-beyond
not-trafficking        | contradicts | same            | goes-beyond
smuggling-or-migration | contradicts | same            | goes-beyond
suspected              | hedges      | hedges          | same
unclear                | hedges      | hedges          | same
not-stated             | silent      | silent          | silent
"""


@pytest.mark.parametrize("row", rows(BESIDE), ids=lambda row: row["concluded"])
def test_a_conclusion_goes_beyond_what_is_told_or_hedges_it_or_contradicts_it(study, row):
    concluded = row.pop("concluded")
    told = {
        "trafficking": ["recruitment", "force", "slavery"],
        "not-trafficking": INDICATORS_OF["act"],
        "not-known": [],
    }
    cells = [(verdict, each, str(verdict == "trafficking").lower()) for verdict in row for each in told[verdict]]
    frames = {
        "situations": pd.DataFrame({"id": [*row], "conclusion": concluded}),
        "indicators": pd.DataFrame(cells, columns=["situation_id", "indicator", "value"]),
    }
    files = {name: replace(study.table_files[name], frame=frame) for name, frame in frames.items()}
    found = palermo.assess_all(replace(study, table_files={**study.table_files, **files}))
    assert found["verdict"].tolist() == [*row]
    assert found["beside"].tolist() == [*row.values()]


def test_a_study_without_situations_is_refused_in_a_sentence(tmp_path):
    with pytest.raises(UnfitDataError, match="the table situations has no rows; describe one"):
        palermo.assess_all(open_study(new_study(tmp_path / "new", title="New")))


def test_a_definition_that_lists_part_leaves_the_rest_open():
    law = palermo.Definition("X", {**palermo.PALERMO.listed, "means": frozenset({"force"})}, has_child_rule=None)
    told = {"recruitment": True, "slavery": True}
    assert palermo.assess({**told, "force": True}, law).verdict == "trafficking"
    assert palermo.assess({**told, "deception": True}, law).elements["means"] is None
    assert palermo.assess({**told, "child": True}, law).verdict == "not-known"
    none_of_it = dict.fromkeys(INDICATORS_OF["means"], False)
    assert palermo.assess({**told, **none_of_it, "child": False}, law).verdict == "not-trafficking"


def test_a_frame_of_indicators_is_read_like_a_mapping():
    frame = pd.DataFrame({"indicator": ["receipt", "force", "servitude"], "value": ["true", "true", "true"]})
    assert palermo.assess(frame) == palermo.assess({"receipt": True, "force": True, "servitude": True})
