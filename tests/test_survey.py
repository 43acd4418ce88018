"""The survey of organisations: simulated answers of eighteen through form, export, reader and table to the same counts."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from research_lib.cli import app
from research_lib.compare import survey as counted
from research_lib.errors import ResearchError, StudyError
from research_lib.evidence.new_study import new_study
from research_lib.evidence.study import open_study
from research_lib.interviews.answers_import import read_answers
from research_lib.interviews.survey_import import FORM, add_answers, simulated_export, survey_rows

DATA = Path(__file__).resolve().parents[1] / "data"
BIB = "@misc{trial,\n author={Nobody},\n title={Synthetic},\n year={2027},\n kind={data},\n informant={ngo}\n}\n"


@pytest.fixture(scope="module")
def homes(study):
    table = study["organisations"]
    return dict(table[table["is_respondent"]].set_index("id")["country_code"])


@pytest.fixture(scope="module")
def export(homes):
    return simulated_export(homes, seed=3)


@pytest.fixture(scope="module")
def imported(export, tmp_path_factory):
    path = tmp_path_factory.mktemp("export") / "networks.csv"
    export.to_csv(path, index=False)
    return read_answers(path, FORM, legal_basis="consent", retention=date(2031, 12, 31), is_synthetic=True)


def test_eighteen_organisations_of_three_countries_answer(homes, imported):
    assert sorted(homes.values()) == ["FRA"] * 5 + ["ITA"] * 9 + ["SVK"] * 4
    assert imported.report.taken == 18 and imported.report.conflicts == ()


def test_a_country_that_the_form_does_not_list_is_another_country():
    export = simulated_export({"one": "COL", "two": "ITA"})
    assert export["country_code"].tolist() == ["other_country", "ITA"]


def test_what_was_ticked_is_what_the_table_has(export, imported):
    table = survey_rows(imported, "trial")
    for question, options in counted.OPTIONS.items():
        rows = table[(table["question"] == question) & table["answer"].isin(options)]
        got = {who: set(group) for who, group in rows.groupby("organisation_id")["answer"]}
        typed = {
            who: set(text.split()) - {"dk", "refused"}
            for who, text in zip(export["source_id"], export[question], strict=True)
        }
        assert got == {who: chosen for who, chosen in typed.items() if chosen}, question


def test_part_c_is_answered_by_networks_only(export, imported):
    table = survey_rows(imported, "trial")
    in_network = set(export[(export["b1"] == "yes") & (export["b2"] == "yes")]["source_id"])
    part_c = set(table[table["question"].str.match(r"c\d")]["organisation_id"])
    part_b = set(table[table["question"].isin(["b3", "b4", "b6"])]["organisation_id"])
    assert part_c == in_network and not part_b & in_network


def test_the_counts_are_those_of_the_answers_that_were_typed(export, imported, homes):
    table = counted.counts(survey_rows(imported, "trial"), homes)
    for row in table.itertuples():
        own = export[export["source_id"].map(homes) == row.country_code]
        chosen = [text for text in own[row.question] if row.option in text.split()]
        assert row.chosen == len(chosen), row
    assert set(table.groupby("country_code")["respondents"].first().items()) == {("FRA", 5), ("ITA", 9), ("SVK", 4)}


def test_the_same_seed_makes_up_the_same_answers(homes, export):
    pd.testing.assert_frame_equal(simulated_export(homes, seed=3), export)
    assert not simulated_export(homes, seed=4).equals(export)


@pytest.fixture
def own_study(study, tmp_path):
    """A study of our own that has the organisations of the report, and no answers."""
    folder = new_study(tmp_path / "own")
    (folder / "sources.bib").write_text(BIB, encoding="utf-8")
    organisations = study["organisations"].assign(source="trial", lines="")
    organisations["is_respondent"] = organisations["is_respondent"].map({True: "true", False: "false"})
    organisations.to_csv(folder / "tables/organisations.csv", index=False)
    places = study["places"].query("kind == 'country' and country_code in ['FRA', 'ITA', 'SVK']")
    places.assign(source="trial", lines="", parent_id="").to_csv(folder / "tables/places.csv", index=False)
    return folder


def test_rows_are_added_to_a_study_once_and_for_organisations_that_it_has(own_study, tmp_path, imported):
    with pytest.raises(StudyError, match=r"has no organisation .* add it to tables/organisations.csv"):
        add_answers(open_study(new_study(tmp_path / "empty")), imported, "trial")
    add_answers(open_study(own_study), imported, "trial")
    assert [
        str(problem) for problem in open_study(own_study).problems() if problem.file.endswith("survey_answers.csv")
    ] == []
    assert len(open_study(own_study)["survey_answers"]) == len(survey_rows(imported, "trial"))
    with pytest.raises(StudyError, match="brought in before"):
        add_answers(open_study(own_study), imported, "trial")


def test_a_questionnaire_without_consent_to_published_tables_gives_no_row(export, tmp_path):
    who = export["source_id"].iloc[0]
    export.assign(consent_scope=export["consent_scope"].where(export["source_id"] != who, "this_study")).to_csv(
        tmp_path / "networks.csv", index=False
    )
    some = read_answers(
        tmp_path / "networks.csv", FORM, legal_basis="consent", retention=date(2031, 12, 31), is_synthetic=True
    )
    assert some.report.taken == 18
    assert set(survey_rows(some, "trial")["organisation_id"]) == set(export["source_id"]) - {who}


def test_free_texts_of_made_up_answers_say_that_they_are_synthetic(imported):
    assert set(survey_rows(imported, "trial")["text"].dropna()) == {"synthetic text"}


def test_the_command_brings_answers_in_and_a_study_of_old_is_upgraded_first(own_study, export, tmp_path):
    export.to_csv(tmp_path / "networks.csv", index=False)
    (own_study / "tables/survey_answers.csv").unlink()
    words = ["survey", str(own_study), str(tmp_path / "networks.csv"), "--source", "trial"]
    runner = CliRunner()
    refused = runner.invoke(app, words)
    assert refused.exit_code != 0 and "research-lib upgrade" in str(refused.exception)
    assert "survey_answers" in runner.invoke(app, ["upgrade", str(own_study)]).output
    assert "it is up to date" in runner.invoke(app, ["upgrade", str(own_study)]).output
    done = runner.invoke(app, words)
    assert done.exit_code == 0 and "0 without consent to published tables" in done.output
    assert set(open_study(own_study)["survey_answers"]["organisation_id"]) == set(export["source_id"])


def test_the_report_s_own_answers_are_counted_the_same_way(study, homes):
    table = counted.counts(study["survey_answers"], homes)
    multi = counted.wide(table, "c5").loc["multi-agency"]
    assert multi["FRA"].startswith("0/") and multi["SVK"].startswith("0/")
    assert int(multi["ITA"].split("/")[0]) >= 5


def test_what_does_not_fit_is_refused(homes):
    rows = pd.DataFrame({"organisation_id": ["nobody"], "question": ["b1"], "answer": ["yes"]})
    with pytest.raises(ResearchError, match="the country of 'nobody' is missing"):
        counted.counts(rows, homes)
    with pytest.raises(ResearchError, match="'perhaps' is not an option of b1"):
        counted.counts(rows.assign(organisation_id=next(iter(homes)), answer="perhaps"), homes)
    with pytest.raises(ResearchError, match="'c4' is not a closed question"):
        counted.wide(counted.counts(rows.iloc[:0], homes), "c4")
