"""Checks between `study.toml` and the tables: settings that name what is not there."""

from collections.abc import Iterable, Iterator, Mapping

from research_lib.errors import Problem, quoted
from research_lib.evidence.settings import StudySettings
from research_lib.evidence.table_reading import TableFile
from research_lib.evidence.vocabulary.study_vocabularies import Vocabularies

FILE = "study.toml"


def settings_problems(
    settings: StudySettings, table_files: Mapping[str, TableFile], sources: frozenset[str], vocabularies: Vocabularies
) -> Iterator[Problem]:
    """List settings whose codes, claims, groups, countries or sources the study does not have."""
    places = table_files["places"].frame
    countries = set(places[places["kind"] == "country"]["country_code"].dropna())
    claims, groups, dimensions = (set(table_files[name].frame["id"]) for name in ("claims", "groups", "codebook"))
    main = [settings.main_source] if settings.main_source else []
    named = {
        "countries": (settings.countries, countries, "has no place of the kind country; add it to tables/places.csv"),
        "findings": ([key for each in settings.findings for key in each.claims], claims, "is not a claim"),
        "defaults.profiles": (settings.defaults.profiles, groups, "is not a group"),
        "defaults.journeys": (settings.defaults.journeys, vocabularies.codes("route_kinds"), "is not a kind of route"),
        "main_source": (main, sources, "is not in sources.bib"),
        "frame_sources": (settings.frame_sources, sources, "is not in sources.bib"),
    }
    if "dimensions" in settings.model_fields_set:
        named["dimensions"] = (
            settings.dimensions,
            dimensions,
            "is not in tables/codebook.csv",
        )
    for name, (codes, known, reason) in named.items():
        yield from (Problem(FILE, 0, name, f"{quoted(code)} {reason}") for code in _unknown(codes, known))


def _unknown(codes: Iterable[str], known: Iterable[str]) -> list[str]:
    return [code for code in dict.fromkeys(codes) if code not in {*known}]
