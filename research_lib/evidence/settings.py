"""What a study says of itself in its `study.toml`: title, licence, countries, and what its pages begin with."""

import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from research_lib.errors import StudyError, quoted, seen
from research_lib.evidence.vocabulary.country_names import country
from research_lib.evidence.vocabulary.journeys import DIMENSIONS
from research_lib.files.opening import package_data
from research_lib.files.toml_files import read_toml

_CHECKOUT = Path(__file__).resolve().parents[2] / "data"
OWN_STUDY = _CHECKOUT if (_CHECKOUT / "tables").is_dir() else Path.cwd()
INCLUDED_STUDY = _CHECKOUT if OWN_STUDY == _CHECKOUT else package_data("included_study", "")
WRITTEN = "Written by `research-lib describe`."
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$"), AfterValidator(country)]
IDENTIFIER = r"^[a-z0-9_-]+$"
Id = Annotated[str, StringConstraints(pattern=IDENTIFIER)]
Longitude = Annotated[float, Field(ge=-180, le=180)]
Latitude = Annotated[float, Field(ge=-90, le=90)]
Share = Annotated[float, Field(ge=0, le=1)]
LANGUAGES = ("en", "fr")
Language = Literal["en", "fr"]
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
    """A finding of the home page: its id, the claims and figures behind it, its title, its text and its drawing.

    `drawing`: a code of `DRAWINGS`; without one, the home page writes how certain the claims are.
    Phrases `finding.<id>.title` and `finding.<id>.text` of the study take the place of title and text.
    """

    id: Id
    claims: Codes
    figures: Codes = []
    title: str = ""
    text: str = ""
    drawing: str = ""


class Permit(_Part):
    """What one country's residence permit rests on, as the page on law begins with it: provisions of that country.

    `depends_on`: what the person must do for it; `which`: the permit; `lasts`: how long it runs; `reflects`:
    how much time there is to decide.
    """

    country: Country
    depends_on: Annotated[Codes, Field(min_length=1)]
    which: Codes = []
    lasts: Codes = []
    reflects: Codes = []

    @property
    def provisions(self) -> tuple[str, ...]:
        """The ids of all its provisions, each once."""
        return tuple(dict.fromkeys((*self.depends_on, *self.which, *self.lasts, *self.reflects)))


class Defaults(_Part):
    """What pages show before anything is chosen; an empty list means all journeys, and the first two profiles."""

    journeys: Codes = []
    profiles: Codes = []
    profile_countries: Countries = []


class MapView(_Part):
    """A part of the map that readers can jump to: its id, its name, and its box.

    `box`: left, top, width and height as shares of the whole drawing. A phrase `view.<id>` takes the place of the name.
    """

    id: Id
    name: str = ""
    box: tuple[Share, Share, Share, Share]


class MapSettings(_Part):
    """How the map is drawn: by default it holds the ends of all journeys, and its centre lies between them.

    `projection`: a PROJ text of an equal-area projection; `holds`: points (longitude, latitude) at its edges; `cut`:
    the meridian at which outlines are cut.
    `labels_first`: the ids of places whose names are written before others.
    """

    projection: str = ""
    holds: list[tuple[Longitude, Latitude]] = []
    cut: Longitude = -180.0
    views: Annotated[list[MapView], _ONCE] = []
    labels_first: Codes = []


class StudySettings(_Part):
    """The settings of one study; each has a default, so that a study without `study.toml` works.

    `main_source`: the key of the source that the tables extract, in `sources.bib`; empty for a study of several.
    `main_source_name`: how pages name it beside a section, such as "Smith 2020". `source_informant`: whose
    knowledge the sources give that do not say so themselves, nor in `sources.csv`. `source_encoding`: in which encoding
    the file of the sources is, such as `cp1252`, where it is not UTF-8. `frame_sources`: keys of sources of
    official figures on a wider population, which stand in a part of their own and not among the evidence.
    `countries`: those that the pages compare, in their order; empty for those that the claims are about.
    `field_work`: those in which the study's own material was gathered; empty for all. `home_countries`: those that
    maps highlight. `dimensions`: the codes of the codebook by which profiles are described. `groups_elsewhere`:
    groups who live outside the countries compared, so that what is stated of them describes no profile.
    `groups_in_general`: those that hold the others, such as all migrants; pages set them apart.
    `local_language`: that of the local names of places, such as `zh-Hans`. `laws_since`: the first year of the
    timeline of laws. `permits`: the provisions that the page on law begins with. `last_year`: the year to which a
    period without an end runs; empty for the last one in the tables. `authors` and `year`: of the study itself, as one
    cites it; `citation` replaces the text made of them.
    """

    name: str = ""
    title: Annotated[str, StringConstraints(pattern=r"\S")] = ""
    description: str = ""
    citation: str = ""
    authors: list[str] = []
    year: Annotated[int, Field(ge=1900, le=2100)] | None = None
    licence: str = ""
    licence_title: str = ""
    readme: str = ""
    main_source: str = ""
    main_source_name: str = ""
    source_informant: str = ""
    source_encoding: str = ""
    frame_sources: Codes = []
    languages: Annotated[list[Language], _ONCE] = Field(default=["en"], min_length=1)
    countries: Countries = []
    field_work: Countries = []
    home_countries: Countries = []
    groups_elsewhere: Codes = []
    groups_in_general: Codes = []
    dimensions: Annotated[Codes, Field(min_length=1)] = [*DIMENSIONS]
    local_language: str = ""
    laws_since: Annotated[int, Field(ge=1900, le=2100)] | None = None
    last_year: Annotated[int, Field(ge=1900, le=2100)] | None = None
    defaults: Defaults = Defaults()
    map: MapSettings = MapSettings()
    findings: Annotated[list[Finding], _ONCE] = []
    permits: list[Permit] = []


def study_to_read(path: str | Path | None) -> Path:
    """Give a folder; without one the study of this place, or else the EX-CHANGE study, which the package brings."""
    if path is not None:
        return Path(path)
    return OWN_STUDY if (OWN_STUDY / "tables").is_dir() else INCLUDED_STUDY


def require_study(folder: Path) -> None:
    """Raise StudyError where a folder is not a study."""
    if not (folder / "tables").is_dir():
        raise StudyError(f"{folder} is not a study: it has no folder tables/; make one with: research-lib new {folder}")


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
    if not path.exists(follow_symlinks=False):
        return StudySettings.model_validate(usual)
    try:
        return StudySettings.model_validate(usual | read_toml(path, error=StudyError))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        known = (
            f"; the settings are {', '.join(StudySettings.model_fields)}" if first["type"] == "extra_forbidden" else ""
        )
        raise StudyError(f"{path}: {quoted(where)}: {first['msg'].removeprefix('Value error, ')}{known}") from error
