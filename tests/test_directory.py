"""The directory of organisations and services: what the tables say, and no place that they do not name."""

import pytest
from conftest import ROOT

from research_lib import open_study
from research_lib.show.pages.networks.organisation_directory import directory
from research_lib.show.words import study_words


@pytest.fixture(scope="module", params=["en", "fr"])
def found(study, request):
    return directory(study, study_words(study, request.param))


def by_id(found):
    return {entry.fact.id: entry for entry in found.entries}


def test_every_organisation_and_service_stands_once_with_its_source(study, found):
    ids = [*study["organisations"]["id"], *study["services"]["id"]]
    assert [entry.fact.id for entry in found.entries] == ids
    assert [entry.fact.id for entry in found.entries if not entry.fact.references] == []


@pytest.mark.parametrize(
    ("organisation", "places"),
    [
        ("gruppo-abele", ("turin",)),  # its description and its network name Turin
        ("almaterra", ("turin",)),  # only its network does
        ("comune-venezia", ("venice",)),  # its own name, in Italian
        ("aslc", ()),  # "Longue Marche" is not the Italian region of that name
        ("waldensian-church", ()),
    ],
)
def test_a_place_is_given_where_a_name_or_a_text_says_it(found, organisation, places):
    assert by_id(found)[organisation].places == places


def test_whoever_belongs_to_the_network_of_a_city_is_found_there(study, found):
    members = study["memberships"].query("network_id == 'life-torino'")["organisation_id"].dropna()
    assert [key for key in members if "turin" not in by_id(found)[key].places] == []
    assert all("Torino" in by_id(found)[key].also for key in members)


def test_help_is_what_the_survey_or_the_services_say(study, found):
    told = study["survey_answers"].query("question == 'a3'")
    for key, rows in told.groupby("organisation_id"):
        codes = [f"activity:{code}" for code in dict.fromkeys(rows["answer"].dropna())]
        assert list(by_id(found)[key].help) == codes, key
    for row in study["services"].itertuples():
        assert by_id(found)[row.id].help == (f"phase:{row.phase}",)


def test_choices_are_those_that_find_something(found):
    options = {code for group in (found.countries, found.places, found.activities, found.phases) for code, _ in group}
    used = {code for entry in found.entries for code in (*entry.countries, *entry.places, *entry.help)}
    assert options <= used


def test_a_study_whose_organisations_name_no_place_has_none_to_choose():
    second = open_study(ROOT / "tests/orinoco")
    found = directory(second, study_words(second, "en"))
    assert found.places == () and len(found.entries) == len(second["organisations"]) + len(second["services"])
