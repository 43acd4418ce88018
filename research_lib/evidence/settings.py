"""What a study says of itself in its `study.toml`: title, licence, countries, and what its pages begin with."""

import re
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from research_lib.errors import StudyError, quoted, seen
from research_lib.evidence.vocabulary.common_codes import DIMENSIONS
from research_lib.evidence.vocabulary.country_names import country
from research_lib.files.toml_files import read_toml

WRITTEN = "Written by `research-lib describe`."
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$"), AfterValidator(country)]
IDENTIFIER = r"^[a-z0-9_-]+$"
Id = Annotated[str, StringConstraints(pattern=IDENTIFIER)]
Longitude = Annotated[float, Field(ge=-180, le=180)]
Latitude = Annotated[float, Field(ge=-90, le=90)]
Share = Annotated[float, Field(ge=0, le=1)]
TEXT_LANGUAGES = ("en", "fr")  # those in which the tables have columns of text
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?$")]
DRAWINGS = {
    "ways-of-entry": "the ways of coming in that the finding's claims tell, and where a stay becomes irregular",
    "organiser-ladders": "for relatives and agencies, the finding's claims on whom they bring, with their certainty",
    "figure-ranges": "the numbers and ranges of the finding's figures on one scale; they have one unit",
    "dated-statements": "the finding's claims and figures that have a year, on a line of years",
    "statements": "of each certainty that the finding's claims have, the first claim, with its certainty in large type",
}


def _each_once(entries: list[Any]) -> list[Any]:
    """Refuse a list in which a code, or the id of an entry, stands twice."""
    ids = [getattr(each, "id", each) for each in entries]
    if twice := [each for each in ids if ids.count(each) > 1]:
        raise ValueError(f"{quoted(twice[0])} stands twice; keep one")
    return entries


_ONCE = AfterValidator(_each_once)
Codes = Annotated[list[str], _ONCE]
Countries = Annotated[list[Country], _ONCE]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Finding(_Part):
    """A finding of the home page.

    Phrases `finding.<id>.title` and `finding.<id>.text` of the study take the place of title and text.
    """

    id: Id
    """The name of the finding in addresses and phrases."""
    claims: Codes
    """The ids of the claims behind it."""
    figures: Codes = []
    """The ids of the figures behind it."""
    title: str = ""
    """The finding in one sentence."""
    text: str = ""
    """What is said below the title."""
    drawing: str = ""
    """A code of the drawings below; without one, the home page writes how certain the claims are."""


class Permit(_Part):
    """What one country's residence permit rests on, as the page on law begins with it: provisions of that country."""

    country: Country
    """The country, as an ISO alpha-3 code."""
    depends_on: Annotated[Codes, Field(min_length=1)]
    """The ids of the provisions that say what the person must do for it."""
    which: Codes = []
    """The ids of the provisions that say which permit it is."""
    lasts: Codes = []
    """The ids of the provisions that say how long it runs."""
    reflects: Codes = []
    """The ids of the provisions that say how much time there is to decide."""

    @property
    def provisions(self) -> tuple[str, ...]:
        """The ids of all its provisions, each once."""
        return tuple(dict.fromkeys((*self.depends_on, *self.which, *self.lasts, *self.reflects)))


class Defaults(_Part):
    """What pages show before anything is chosen."""

    journeys: Codes = []
    """The ids of the routes that the map draws; empty for all."""
    profiles: Codes = []
    """The ids of the groups that are set side by side; empty for the first two."""
    profile_countries: Countries = []
    """The countries of these groups."""


class MapView(_Part):
    """A part of the map that readers can jump to."""

    id: Id
    """The name of the part in addresses and phrases."""
    name: str = ""
    """What readers read; a phrase `view.<id>` takes its place."""
    box: tuple[Share, Share, Share, Share]
    """Left, top, width and height as shares of the whole drawing."""


class MapSettings(_Part):
    """How the map is drawn: by default it holds the ends of all journeys, and its centre lies between them."""

    projection: str = ""
    """A PROJ text of an equal-area projection."""
    holds: list[tuple[Longitude, Latitude]] = []
    """Points (longitude, latitude) at the edges of the map."""
    cut: Longitude = -180.0
    """The meridian at which outlines are cut."""
    views: Annotated[list[MapView], _ONCE] = []
    """Parts of the map that readers can jump to."""
    labels_first: Codes = []
    """The ids of places whose names are written before others."""


class StudySettings(_Part):
    """The settings of one study; each has a default, so that a study without `study.toml` works."""

    name: str = ""
    """A short name for files and packages; by default made of the folder's name."""
    title: Annotated[str, StringConstraints(pattern=r"\S")] = ""
    """What the study is called; by default the folder's name."""
    description: str = ""
    """What the study is about, in a sentence or two."""
    citation: str = ""
    """How to cite the study; replaces the text made of authors, year and title."""
    authors: list[str] = []
    """The authors of the study itself, as one cites it."""
    year: Annotated[int, Field(ge=1900, le=2100)] | None = None
    """The year of the study itself, as one cites it."""
    version_date: date | None = None
    """The day of this version, such as `2026-12-01`; a feed of changes needs it."""
    licence: str = ""
    """The licence of its text, such as `CC-BY-4.0`."""
    licence_title: str = ""
    """The full name of the licence."""
    readme: str = ""
    """The text with which `describe` begins the study's README.md."""
    main_source: str = ""
    """The key of the source that the tables extract; empty for a study of several."""
    main_source_name: str = ""
    """How pages name the main source beside a section, such as "Smith 2020"."""
    source_informant: str = ""
    """Whose knowledge the sources give that do not say so themselves, nor in `sources.csv`."""
    source_encoding: str = ""
    """The encoding of the file of the sources, such as `cp1252`, where it is not UTF-8."""
    frame_sources: Codes = []
    """Keys of sources of official figures on a wider population; they stand apart, not among the evidence."""
    languages: Annotated[list[Language], _ONCE] = Field(default=["en"], min_length=1)
    """The languages of its pages, the first one first."""
    countries: Countries = []
    """The countries that the pages compare, in their order; empty for those that the claims are about."""
    field_work: Countries = []
    """The countries in which the study's own material was gathered; empty for all."""
    home_countries: Countries = []
    """The countries that maps highlight."""
    groups_elsewhere: Codes = []
    """Groups who live outside the countries compared, so that what is stated of them describes no profile."""
    groups_in_general: Codes = []
    """Groups that hold the others, such as all migrants; pages set them apart."""
    dimensions: Annotated[Codes, Field(min_length=1)] = [*DIMENSIONS]
    """The codes of the codebook by which profiles are described."""
    local_language: str = ""
    """The language of the local names of places, such as `zh-Hans`."""
    laws_since: Annotated[int, Field(ge=1900, le=2100)] | None = None
    """The first year of the timeline of laws."""
    last_year: Annotated[int, Field(ge=1900, le=2100)] | None = None
    """The year to which a period without an end runs; empty for the last one in the tables."""
    defaults: Defaults = Defaults()
    """What pages show before anything is chosen."""
    map: MapSettings = MapSettings()
    """How the map is drawn."""
    findings: Annotated[list[Finding], _ONCE] = []
    """The findings of the home page."""
    permits: list[Permit] = []
    """The provisions that the page on law begins with."""


def read_settings(folder: Path) -> StudySettings:
    """Read `study.toml` of a study folder; without it, the title is the name of the folder.

    Raises StudyError where the file cannot be used.
    """
    path, title = folder / "study.toml", seen(folder.resolve().name)
    usual = {
        "title": title,
        "description": WRITTEN,
        "name": re.sub(r"[^a-z0-9._-]+", "-", title.lower()).strip("-") or "study",
    }
    stated = read_toml(path, error=StudyError) if path.exists(follow_symlinks=False) else {}
    try:
        return StudySettings.model_validate(usual | stated)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        known = (
            f"; the settings are {', '.join(StudySettings.model_fields)}" if first["type"] == "extra_forbidden" else ""
        )
        raise StudyError(f"{path}: {quoted(where)}: {first['msg'].removeprefix('Value error, ')}{known}") from error
