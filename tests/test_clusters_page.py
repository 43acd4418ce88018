"""The live page that sorts persons by their answers: what it finds in records made for it, and what it refuses."""

from datetime import UTC, datetime

import pandas as pd
import pytest
from conftest import ROOT
from second_study import FOLDER

from research_lib.errors import UnfitDataError
from research_lib.show.live import Clusters
from research_lib.show.live.clusters_page import cluster

# Two kinds of persons who differ in all they answer, and one question on which all are alike.
TOLD = pd.DataFrame(
    [["kin", "yes", "north", "one"]] * 30 + [["agency", "no", "south", "one"]] * 18,
    columns=["helper", "debt", "origin", "same"],
)


def test_two_kinds_of_persons_are_two_firm_groups_that_both_methods_find():
    found = cluster(TOLD.drop(columns="same"), 2)
    assert found.crossed.to_numpy().tolist() == [[30, 0], [0, 18]]
    assert (found.alike, found.strength, found.persons) == (1, 1, 48)
    marks = [(each.question, each.answer, each.share, round(each.of_all, 3)) for each in found.typical[2]]
    assert marks == [("debt", "no", 1, 0.375), ("helper", "agency", 1, 0.375), ("origin", "south", 1, 0.375)]


@pytest.mark.parametrize(
    ("told", "reason"),
    [(TOLD.head(19), "19 persons with 4 questions"), (TOLD[["helper"]], "48 persons with 1 questions")],
)
def test_too_few_persons_or_questions_are_refused(told, reason):
    with pytest.raises(UnfitDataError, match=reason):
        cluster(told, 2)


def upload(page, content):
    file = {"name": "own.csv", "type": "text/csv", "content": content.encode(), "size": len(content)}
    page.upload.value = (file | {"last_modified": datetime.now(UTC)},)


def test_the_page_sorts_a_visitor_s_own_table():
    page = Clusters(FOLDER, language="fr")
    assert page.result is None and "Choisissez un fichier CSV" in page.picture.value
    page.number.value = 2
    upload(page, TOLD.to_csv(index=False))
    assert page.questions.value == ("helper", "debt", "origin")  # all have the same answer to the fourth
    assert page.result.crossed.to_numpy().tolist() == [[30, 0], [0, 18]]
    assert "SYNTHÉTIQUE" not in page.picture.value
    upload(page, TOLD.assign(is_synthetic="yes").to_csv(index=False))
    assert page.result.is_synthetic and "Dossiers fictifs" in page.picture.value
    page.questions.value = ("helper",)
    assert page.result is None and "48 persons with 1 questions" in page.picture.value


@pytest.mark.slow
def test_the_demonstration_s_records_are_synthetic_and_nobody_with_many_gaps_is_sorted():
    page = Clusters(ROOT / "data", language="en")
    assert "Synthetic records: nobody stands behind them." in page.picture.value
    assert page.result.crossed.to_numpy().sum() == page.result.persons < 600 or page.result.persons == 600
    said, worked = page.picture.value.split("<details")
    assert page.result.strength < 0.8 and "The groups are not firm" in said
    assert "Prediction strength" not in said and f"{page.result.strength:.2f}" in worked
    page.number.value = 2
    assert len(page.result.crossed) == 2
