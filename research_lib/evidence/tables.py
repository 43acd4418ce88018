"""The tables of a study as documented classes: each column says what it holds and what it must satisfy."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import pandera.pandas as pa
from pandera.typing import Series

from research_lib.evidence import vocabulary as words

IDENTIFIER = r"^[a-z0-9_-]+$"
_COUNTRIES = "ISO 3166-1 alpha-3 codes"


def _id(description: str) -> Any:
    return pa.Field(description=description, str_matches=IDENTIFIER, unique=True)


def _text(description: str, *, nullable: bool = False, alias: str | None = None) -> Any:
    return pa.Field(description=description, nullable=nullable, alias=alias, str_length={"min_value": 1})


def _code(description: str, codes: Mapping[str, str], *, many: bool = False) -> Any:
    return pa.Field(description=description, metadata={"codes": codes, "many": many})


def _key(description: str, table: str, *, many: bool = False, nullable: bool = False, column: str = "id") -> Any:
    metadata = {"table": table, "key": column, "many": many}
    return pa.Field(description=description, nullable=nullable, metadata=metadata)


def _country(description: str) -> Any:
    return _key(f"{description} ({_COUNTRIES})", "places", many=True, nullable=True, column="country_code")


def _year(description: str) -> Any:
    return pa.Field(description=description, nullable=True, ge=1900, le=2100)


def _number(description: str) -> Any:
    return pa.Field(description=description, nullable=True)


def _source() -> Any:
    return pa.Field(
        description="who says so: `key[section]`, several separated by `;`; keys are in sources.bib",
        metadata={"references": True},
    )


def _lines(description: str = "lines in the plain text of the report") -> Any:
    return pa.Field(
        description=f"{description}: first-last, several separated by `;`",
        nullable=True,
        str_matches=r"^\d+(-\d+)?(;\d+(-\d+)?)*$",
    )


class Table(pa.DataFrameModel):
    """What all tables share: only the columns that are named, in their types."""

    class Config:
        """Types are read from text, and a column that nobody reads is refused."""

        strict = True
        coerce = True


class Sections(Table):
    """The parts of a source that a reference can name."""

    id: Series[str] = _id("the section's own id")
    source_id: Series[str] = _key("the source it is a part of", "sources")
    locator: Series[str] = _text("what stands in the brackets of a reference")
    title: Series[str] = _text("what the section is about, in our own words")
    lines: Series[str] = _lines()
    text_lines: Series[str] = _lines("those of its lines that are not empty")
    source: Series[str] = _source()


class Codebook(Table):
    """The codes that claims and figures carry: five dimensions, four further themes, and their sub-codes."""

    id: Series[str] = _id("the code")
    parent_id: Series[str] = _key("the code above it; none for a dimension", "codebook", nullable=True)
    name: Series[str] = _text("English name")
    name_fr: Series[str] = _text("French name")
    definition: Series[str] = _text("what the code is for")
    include: Series[str] = _text("what belongs here", nullable=True)
    exclude: Series[str] = _text("what does not, and where it goes", nullable=True)
    example_: Series[str] = _text("a statement that carries this code", nullable=True, alias="example")
    source: Series[str] = _source()


class Places(Table):
    """Every place that is an origin, a transit, a destination, or a place of the research."""

    id: Series[str] = _id("the place's id")
    name: Series[str] = _text("English name")
    name_fr: Series[str] = _text("French name")
    name_zh: Series[str] = _text("Chinese name (simplified characters), where it is known", nullable=True)
    kind: Series[str] = _code("what sort of place it is", words.PLACE_KINDS)
    parent_id: Series[str] = _key("the place that it lies in", "places", nullable=True)
    country_code: Series[str] = pa.Field(
        description="ISO 3166-1 alpha-3 code; none for a part of the world", nullable=True, str_matches=r"^[A-Z]{3}$"
    )
    iso_3166_2: Series[str] = pa.Field(
        description="ISO 3166-2 code of the province or department", nullable=True, str_matches=r"^[A-Z]{2}-[A-Z0-9]+$"
    )
    latitude: Series[float] = pa.Field(description="degrees north", ge=-90, le=90)
    longitude: Series[float] = pa.Field(description="degrees east", ge=-180, le=180)
    located_by: Series[str] = _code("what the coordinates are those of", words.LOCATED_BY)
    note: Series[str] = _text("what is uncertain about it", nullable=True)
    source: Series[str] = _source()
    lines: Series[str] = _lines()


class Groups(Table):
    """The groups of people that the report distinguishes."""

    id: Series[str] = _id("the group's id")
    name: Series[str] = _text("English name")
    name_fr: Series[str] = _text("French name")
    definition: Series[str] = _text("who belongs to it, by the report")
    definition_fr: Series[str] = _text("the same in French")
    is_profile: Series[bool] = pa.Field(description="whether the profile page offers it")
    source: Series[str] = _source()
    lines: Series[str] = _lines()


class Claims(Table):
    """One idea a row, in our own words, with who says so and how certain it is."""

    id: Series[str] = _id("the claim's id: c, section, number")
    text: Series[str] = _text("the idea, in one sentence")
    text_fr: Series[str] = _text("the same in French", nullable=True)
    informant: Series[str] = _code("who says so", words.INFORMANTS, many=True)
    certainty: Series[str] = _code("how certain it is", words.CERTAINTIES)
    country_code: Series[str] = _country("the countries that it is about")
    place_id: Series[str] = _key("finer or wider places that it is about", "places", many=True, nullable=True)
    origin_id: Series[str] = _key("where the people come from", "places", many=True, nullable=True)
    group_id: Series[str] = _key("the groups of people that it is about", "groups", many=True, nullable=True)
    dimension_code: Series[str] = _key("what it is about, by the codebook", "codebook")
    start_year: Series[pd.Int64Dtype] = _year("first year that it speaks of")
    end_year: Series[pd.Int64Dtype] = _year("last year that it speaks of")
    period: Series[str] = _text("the time in the report's own terms", nullable=True)
    source: Series[str] = _source()
    lines: Series[str] = _lines()


class Figures(Table):
    """Every number, with its unit, place, time and who says so; a range is a range."""

    id: Series[str] = _id("the figure's id: f, section, number")
    indicator: Series[str] = _text("what is counted or measured")
    text: Series[str] = _text("the figure in a sentence, with its hedges")
    text_fr: Series[str] = _text("the same in French", nullable=True)
    value: Series[pd.Float64Dtype] = _number("the number, where there is one")
    low: Series[pd.Float64Dtype] = _number("lower end of a range")
    high: Series[pd.Float64Dtype] = _number("upper end of a range; empty when the range is open")
    unit: Series[str] = _text("unit of the number")
    is_approximate: Series[bool] = pa.Field(description="whether the source says about, nearly or estimated")
    method: Series[str] = _text("the estimator, where several give the same indicator", nullable=True)
    country_code: Series[str] = _country("the countries that it is about")
    place_id: Series[str] = _key("finer or wider places", "places", many=True, nullable=True)
    origin_id: Series[str] = _key("where the people come from", "places", many=True, nullable=True)
    group_id: Series[str] = _key("the groups of people that it is about", "groups", many=True, nullable=True)
    dimension_code: Series[str] = _key("what it is about, by the codebook", "codebook")
    informant: Series[str] = _code("who says so", words.INFORMANTS, many=True)
    certainty: Series[str] = _code("how certain it is", words.CERTAINTIES)
    start_year: Series[pd.Int64Dtype] = _year("first year")
    end_year: Series[pd.Int64Dtype] = _year("last year")
    period: Series[str] = _text("the time in the source's own terms, or the ISO date", nullable=True)
    source: Series[str] = _source()
    lines: Series[str] = _lines()


class Routes(Table):
    """Every way that the report says people travelled, from where to where."""

    id: Series[str] = _id("the route's id")
    name: Series[str] = _text("English name")
    name_fr: Series[str] = _text("French name")
    kind: Series[str] = _code("what sort of journey", words.ROUTE_KINDS)
    mode_of_entry: Series[str] = _code("how the border is crossed", words.MODES_OF_ENTRY)
    group_id: Series[str] = _key("who travels", "groups", many=True, nullable=True)
    origin_id: Series[str] = _key("where it begins", "places")
    destination_id: Series[str] = _key("where it ends", "places")
    start_year: Series[pd.Int64Dtype] = _year("first year")
    end_year: Series[pd.Int64Dtype] = _year("last year")
    period: Series[str] = _text("the time in the report's own terms", nullable=True)
    actor: Series[str] = _code("who organises it", words.ACTORS, many=True)
    legal_status: Series[str] = _code("the travellers' legal position", words.LEGAL_STATUSES)
    certainty: Series[str] = _code("how certain it is", words.CERTAINTIES)
    informant: Series[str] = _code("who says so", words.INFORMANTS, many=True)
    text: Series[str] = _text("what is known of it, and what is not")
    text_fr: Series[str] = _text("the same in French")
    claim_id: Series[str] = _key("the claims that it rests on", "claims", many=True)
    figure_id: Series[str] = _key("the figures that belong to it", "figures", many=True, nullable=True)
    source: Series[str] = _source()
    lines: Series[str] = _lines()


class Legs(Table):
    """The steps of each route; a step without a number has none."""

    id: Series[str] = _id("the leg's id: route and order")
    route_id: Series[str] = _key("the route that it is a step of", "routes")
    leg_order: Series[int] = pa.Field(description="1 for the first step", ge=1)
    from_id: Series[str] = _key("where the step begins", "places")
    to_id: Series[str] = _key("where the step ends", "places")
    mode: Series[str] = _code("means of transport", words.TRANSPORT)
    actor: Series[str] = _code("who organises it", words.ACTORS, many=True)
    legal_status: Series[str] = _code("the travellers' legal position", words.LEGAL_STATUSES)
    certainty: Series[str] = _code("how certain it is", words.CERTAINTIES)
    informant: Series[str] = _code("who says so", words.INFORMANTS, many=True)
    purpose: Series[str] = _code("what the step is for", words.PURPOSES)
    text: Series[str] = _text("the step in a sentence")
    text_fr: Series[str] = _text("the same in French", nullable=True)
    claim_id: Series[str] = _key("the claims that it rests on", "claims", many=True)
    source: Series[str] = _source()
    lines: Series[str] = _lines()


class Profiles(Table):
    """What is known of each group, in each country, on each dimension."""

    id: Series[str] = _id("group, country and dimension")
    group_id: Series[str] = _key("the group", "groups")
    country_code: Series[str] = _key("the country", "places", column="country_code")
    dimension_code: Series[str] = _key("one of the five dimensions", "codebook")
    knowledge: Series[str] = _code("whether anything is known", words.KNOWLEDGE)
    claim_id: Series[str] = _key("the claims", "claims", many=True, nullable=True)
    figure_id: Series[str] = _key("the figures", "figures", many=True, nullable=True)
    source: Series[str] = _source()


class Codings(Table):
    """The report as a coded corpus: which lines carry which code, by whom; pointers only, without the text."""

    id: Series[str] = _id("the coding's id: k, coder, and claim or line and number")
    coder: Series[str] = _code("who coded", words.CODERS)
    code: Series[str] = _key("the code given", "codebook")
    claim_id: Series[str] = _key("the claim that it codes; none for the second coder", "claims", nullable=True)
    memo: Series[str] = _text("the coder's doubt, in their own words", nullable=True)
    source: Series[str] = _source()
    lines: Series[str] = _lines()


TABLES: dict[str, type[Table]] = {
    "sections": Sections,
    "codebook": Codebook,
    "places": Places,
    "groups": Groups,
    "claims": Claims,
    "figures": Figures,
    "routes": Routes,
    "legs": Legs,
    "profiles": Profiles,
    "codings": Codings,
}
