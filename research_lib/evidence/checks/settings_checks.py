"""Checks between `study.toml` and the tables: settings that name what is not there."""

from collections.abc import Iterable, Iterator, Mapping

import pandas as pd

from research_lib.errors import Problem, quoted
from research_lib.evidence.checks.nearest import with_nearest
from research_lib.evidence.settings import DRAWINGS, StudySettings
from research_lib.evidence.sources.source_file import SourceFile
from research_lib.evidence.table_reading import TableFile
from research_lib.evidence.vocabulary.study_vocabularies import Vocabularies

FILE = "study.toml"


def settings_problems(
    settings: StudySettings,
    table_files: Mapping[str, TableFile],
    sources: SourceFile,
    vocabularies: Vocabularies,
) -> Iterator[Problem]:
    """List settings whose codes, claims, groups, places or sources the study does not have, and a wrong projection."""
    places = table_files["places"].frame
    countries = set(places[places["kind"] == "country"]["country_code"].dropna())
    tables = ("claims", "figures", "groups", "codebook")
    claims, figures, groups, dimensions = (set(table_files[name].frame["id"]) for name in tables)
    labels, drawn = settings.map.labels_first, [each for each in settings.findings if each.drawing]
    stated = settings.dimensions if "dimensions" in settings.model_fields_set else ()
    speakers = settings.source_informant.split(";") if settings.source_informant else ()
    named = {
        "countries": (settings.countries, countries, "has no place of the kind country; add it to tables/places.csv"),
        "findings": ([key for each in settings.findings for key in each.claims], claims, "is not a claim"),
        "findings.figures": ([key for each in settings.findings for key in each.figures], figures, "is not a figure"),
        "findings.drawing": ([each.drawing for each in drawn], {*DRAWINGS}, "is not a drawing of a finding"),
        "defaults.profiles": (settings.defaults.profiles, groups, "is not a group"),
        "groups_in_general": (settings.groups_in_general, groups, "is not a group"),
        "defaults.journeys": (settings.defaults.journeys, vocabularies.codes("route_kinds"), "is not a kind of route"),
        "source_informant": (speakers, vocabularies.codes("informants"), "is no informant"),
        "dimensions": (stated, dimensions, "is not in tables/codebook.csv"),
        "map.labels_first": (labels, {*places["id"].dropna()}, "is not the id of a row in tables/places.csv"),
    }
    if sources.is_read:
        missing = f"is not in {sources.file}, or is left out there"
        named["main_source"] = ([*filter(None, [settings.main_source])], sources.known, missing)
        named["frame_sources"] = (settings.frame_sources, sources.known, missing)
    for name, (codes, known, reason) in named.items():
        found = with_nearest(_unknown(codes, known), known)
        yield from (Problem(FILE, 0, name, f"{quoted(code)} {reason}{near}") for code, near in found)
    yield from _range_problems(settings, table_files["figures"].frame)
    yield from _permit_problems(settings, table_files["provisions"].frame)
    if settings.map.projection:
        yield from _projection_problems(settings.map.projection)


def _range_problems(settings: StudySettings, figures: pd.DataFrame) -> Iterator[Problem]:
    for each in settings.findings:
        units = set(figures.loc[figures["id"].isin(each.figures), "unit"])
        if each.drawing == "figure-ranges" and len(units) != 1:
            reason = f"{quoted(each.id)} draws figure-ranges, which takes figures of one unit; name them in figures"
            yield Problem(FILE, 0, "findings.figures", reason)


def _permit_problems(settings: StudySettings, provisions: pd.DataFrame) -> Iterator[Problem]:
    """List provisions of `[[permits]]` that the country named there does not have."""
    for each in settings.permits:
        known = {*provisions.loc[provisions["country_code"] == each.country, "id"]}
        for code, near in with_nearest(_unknown(each.provisions, known), known):
            reason = f"{quoted(code)} is not a provision of {each.country} in tables/provisions.csv{near}"
            yield Problem(FILE, 0, "permits", reason)


def _projection_problems(text: str) -> Iterator[Problem]:
    import pyproj  # takes time to load

    example = "give the PROJ text of an equal-area projection, such as +proj=laea +lat_0=42 +lon_0=62 +R=6371000"
    try:
        if not pyproj.CRS.from_proj4(text).is_projected:
            yield Problem(FILE, 0, "map.projection", f"{quoted(text)} is not the projection of a map; {example}")
    except pyproj.exceptions.CRSError:
        yield Problem(FILE, 0, "map.projection", f"{quoted(text)} is not a projection that PROJ knows; {example}")


def _unknown(codes: Iterable[str], known: Iterable[str]) -> list[str]:
    there = {*known}
    return [code for code in dict.fromkeys(codes) if code not in there]
