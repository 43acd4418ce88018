"""The tables of journeys, profiles and law: who says what about people, places and routes; what countries provide."""

import pandas as pd
import pandera.pandas as pa
from pandera.typing import Series

from research_lib.evidence.schema import column_kinds as f
from research_lib.evidence.schema.column_kinds import SourcedTable, Table


class Sections(Table):
    """The parts of a source that a reference can name."""

    id: Series[str] = f.own_id("the section's own id")
    source_id: Series[str] = f.key("the source it is a part of", "sources")
    locator: Series[str] = f.text("the part in the brackets of a reference")
    title: Series[str] = f.text("what the section is about, in our own words")
    lines: Series[str] = f.text_lines()
    text_lines: Series[str] = f.text_lines("its lines that are not empty")
    source: Series[str] = f.references()


class Codebook(Table):
    """The codes that claims and figures carry: five dimensions, five further themes, and their sub-codes."""

    id: Series[str] = f.own_id("the code")
    parent_id: Series[str] = f.key("the code above it; empty for a dimension", "codebook", nullable=True)
    name: Series[str] = f.bilingual("English name")
    definition: Series[str] = f.text("what the code is for")
    include: Series[str] = f.text("what belongs here", nullable=True)
    exclude: Series[str] = f.text("what does not, and where it goes", nullable=True)
    example_: Series[str] = f.text("a statement that carries this code", nullable=True, alias="example")
    source: Series[str] = f.references()


class Places(SourcedTable):
    """Every place that is an origin, a transit, a destination, or a place of the research."""

    id: Series[str] = f.own_id("the place's id")
    name: Series[str] = f.bilingual("English name")
    name_local: Series[str] = f.text("its name in the language that the settings call `local_language`", nullable=True)
    kind: Series[str] = f.code("what sort of place it is", "place_kinds")
    parent_id: Series[str] = f.key("the place that it lies in", "places", nullable=True)
    country_code: Series[str] = pa.Field(
        description="ISO 3166-1 alpha-3 code; empty for a part of the world", nullable=True, str_matches=r"^[A-Z]{3}$"
    )
    iso_3166_2: Series[str] = pa.Field(
        description="ISO 3166-2 code of the province or department", nullable=True, str_matches=r"^[A-Z]{2}-[A-Z0-9]+$"
    )
    latitude: Series[float] = pa.Field(description="degrees north", ge=-90, le=90)
    longitude: Series[float] = pa.Field(description="degrees east", ge=-180, le=180)
    located_by: Series[str] = f.code("what the coordinates are those of", "located_by")
    note: Series[str] = f.text("what is uncertain about it", nullable=True)


class Groups(SourcedTable):
    """The groups of people that the sources distinguish."""

    id: Series[str] = f.own_id("the group's id")
    name: Series[str] = f.bilingual("English name")
    definition: Series[str] = f.bilingual("who belongs to it, by the source")
    is_profile: Series[bool] = f.truth("whether the profile page offers it")
    country_code: Series[str] = f.country("the countries in which its members are, where that is what makes the group")


class Claims(SourcedTable):
    """One idea a row, in our own words, with who says so and how certain it is."""

    id: Series[str] = f.own_id("the claim's id: c, section, number")
    text: Series[str] = f.bilingual("the idea, in one sentence", french_nullable=True)
    informant: Series[str] = f.informants()
    certainty: Series[str] = f.certainty()
    country_code: Series[str] = f.country("the countries that it is about")
    place_id: Series[str] = f.key("finer or wider places that it is about", "places", many=True, nullable=True)
    origin_id: Series[str] = f.key("where the people come from", "places", many=True, nullable=True)
    group_id: Series[str] = f.key("the groups of people that it is about", "groups", many=True, nullable=True)
    code: Series[str] = f.key("what it is about, by the codebook; the most important first", "codebook", many=True)
    start_year: Series[pd.Int64Dtype] = f.year("first year that it speaks of; " + f.DECADE_RULE)
    end_year: Series[pd.Int64Dtype] = f.year("last year that it speaks of; " + f.DECADE_RULE)
    period: Series[str] = f.text("the time in the source's own terms", nullable=True)


class Figures(SourcedTable):
    """Every number, with its unit, place, time and who says so; a range is a range."""

    id: Series[str] = f.own_id("the figure's id: f, section, number")
    indicator: Series[str] = f.text("what is counted or measured")
    text: Series[str] = f.bilingual("the figure in a sentence, with its hedges", french_nullable=True)
    value: Series[pd.Float64Dtype] = f.number("the number, where there is one")
    low: Series[pd.Float64Dtype] = f.number("lower end of a range")
    high: Series[pd.Float64Dtype] = f.number("upper end of a range; empty when the range is open")
    unit: Series[str] = f.text("unit of the number")
    is_approximate: Series[bool] = f.truth("whether the source says about, nearly or estimated")
    is_headline: Series[bool] = f.truth(
        "whether the number says something without its sentence, so that pages show it large"
    )
    method: Series[str] = f.text("the estimator, where several give the same indicator", nullable=True)
    country_code: Series[str] = f.country("the countries that it is about")
    place_id: Series[str] = f.key("finer or wider places", "places", many=True, nullable=True)
    origin_id: Series[str] = f.key("where the people come from", "places", many=True, nullable=True)
    group_id: Series[str] = f.key("the groups of people that it is about", "groups", many=True, nullable=True)
    code: Series[str] = f.key("what it is about, by the codebook; the most important first", "codebook", many=True)
    informant: Series[str] = f.informants()
    certainty: Series[str] = f.certainty()
    start_year: Series[pd.Int64Dtype] = f.year("first year; " + f.DECADE_RULE)
    end_year: Series[pd.Int64Dtype] = f.year("last year; " + f.DECADE_RULE)
    period: Series[str] = f.text("the time in the source's own terms, or the ISO date", nullable=True)


class Routes(SourcedTable):
    """Every route that people took by the source, from origin to destination."""

    id: Series[str] = f.own_id("the route's id")
    name: Series[str] = f.bilingual("English name")
    kind: Series[str] = f.code("what sort of journey", "route_kinds")
    mode_of_entry: Series[str] = f.code("how the border is crossed", "modes_of_entry")
    group_id: Series[str] = f.key("who travels", "groups", many=True, nullable=True)
    origin_id: Series[str] = f.key("where it begins", "places")
    destination_id: Series[str] = f.key("where it ends", "places")
    start_year: Series[pd.Int64Dtype] = f.year("first year; " + f.DECADE_RULE)
    end_year: Series[pd.Int64Dtype] = f.year("last year; " + f.DECADE_RULE)
    period: Series[str] = f.text("the time in the source's own terms", nullable=True)
    actor: Series[str] = f.organisers()
    legal_status: Series[str] = f.code("the travellers' legal position", "legal_statuses")
    certainty: Series[str] = f.certainty()
    informant: Series[str] = f.informants()
    text: Series[str] = f.bilingual("what is known of it, and what is not")
    claim_id: Series[str] = f.key("the claims that it rests on", "claims", many=True)
    figure_id: Series[str] = f.key("the figures that belong to it", "figures", many=True, nullable=True)


class Legs(SourcedTable):
    """The steps of each route."""

    id: Series[str] = f.own_id("the leg's id: route and order")
    route_id: Series[str] = f.key("the route that it is a step of", "routes")
    leg_order: Series[int] = pa.Field(description="1 for the first step", ge=1)
    from_id: Series[str] = f.key("where the step begins", "places")
    to_id: Series[str] = f.key("where the step ends", "places")
    mode: Series[str] = f.code("means of transport", "transport")
    actor: Series[str] = f.organisers()
    legal_status: Series[str] = f.code("the travellers' legal position", "legal_statuses")
    certainty: Series[str] = f.certainty()
    informant: Series[str] = f.informants()
    purpose: Series[str] = f.code("what the step is for", "purposes")
    text: Series[str] = f.bilingual("the step in a sentence", french_nullable=True)
    claim_id: Series[str] = f.key("the claims that it rests on", "claims", many=True)


class Profiles(Table):
    """What is known of each group, in each country, on each dimension."""

    id: Series[str] = f.own_id("group, country and dimension")
    group_id: Series[str] = f.key("the group", "groups")
    country_code: Series[str] = f.key("the country", "places", column="country_code")
    dimension_code: Series[str] = f.key("one of the five dimensions", "codebook")
    knowledge: Series[str] = f.code("whether anything is known", "knowledge")
    claim_id: Series[str] = f.key("the claims", "claims", many=True, nullable=True)
    figure_id: Series[str] = f.key("the figures", "figures", many=True, nullable=True)
    source: Series[str] = f.references()


class Omissions(SourcedTable):
    """Lines of a source that no other row names, and why."""

    id: Series[str] = f.own_id("the first line, after o")
    reason: Series[str] = f.code("why no row names them", "omission_reasons")
    note: Series[str] = f.text("what stands there", nullable=True)


class Codings(SourcedTable):
    """A source as a coded corpus: which lines carry which code, by whom; pointers only, without the text."""

    id: Series[str] = f.own_id("the coding's id: k, coder, and claim or line and number")
    coder: Series[str] = f.code("who coded", "coders")
    code: Series[str] = f.key("the code given", "codebook")
    claim_id: Series[str] = f.key("the claim that it codes; empty for the second coder", "claims", nullable=True)
    memo: Series[str] = f.text("the coder's doubt, in their own words", nullable=True)


class Provisions(SourcedTable):
    """What law, policy or practice provides in one country, one provision a row, with its number where it has one."""

    id: Series[str] = f.own_id("the provision's id: p, country, topic, number")
    country_code: Series[str] = f.country("the country", many=False, nullable=False)
    topic_code: Series[str] = f.code("what it regulates", "topics")
    feature: Series[str] = f.code("which comparable provision it is, if any", "features", nullable=True)
    name: Series[str] = f.bilingual("English name")
    text: Series[str] = f.bilingual("what it provides, in one sentence")
    presence: Series[str] = f.code("whether it is there", "presences")
    law: Series[str] = f.text("law or article, as the source names it", nullable=True)
    date: Series[str] = f.iso_date("when it was passed or began, as an ISO date")
    value: Series[pd.Float64Dtype] = f.number("its number, where it has one")
    low: Series[pd.Float64Dtype] = f.number("lower end of a range")
    high: Series[pd.Float64Dtype] = f.number("upper end of a range; empty when the range is open")
    unit: Series[str] = f.text("unit of the number", nullable=True)
    is_approximate: Series[pd.BooleanDtype] = f.truth("whether the source says about or nearly", nullable=True)


class Pathways(SourcedTable):
    """The steps that a person can take through a country's system, from one station to the next."""

    id: Series[str] = f.own_id("the step's id")
    country_code: Series[str] = f.country("the country", many=False, nullable=False)
    from_code: Series[str] = f.code("the station before", "stations")
    to_code: Series[str] = f.code("the station after", "stations")
    text: Series[str] = f.bilingual("the step in one sentence")
    condition: Series[str] = f.bilingual("what must hold for it", nullable=True)
    provision_id: Series[str] = f.key("the provisions that it rests on", "provisions", many=True, nullable=True)


class Comparisons(SourcedTable):
    """Points on which the sources find countries alike, or different."""

    id: Series[str] = f.own_id("the point's id")
    aspect: Series[str] = f.code("what is compared", "aspects")
    relation: Series[str] = f.code("alike or different", "relations")
    text: Series[str] = f.bilingual("the point in one sentence")
    claim_id: Series[str] = f.key("the claims that carry it", "claims", many=True)


class Recommendations(SourcedTable):
    """What the authors recommend, or participants wish: measures, training modules and next steps."""

    id: Series[str] = f.own_id("the recommendation's id")
    kind: Series[str] = f.code("what sort it is", "recommendation_kinds")
    number: Series[pd.Int64Dtype] = f.number("its number in the source's own list")
    name: Series[str] = f.bilingual("English name")
    text: Series[str] = f.bilingual("what is recommended or wished, in one sentence")
    country_code: Series[str] = f.country("the countries that it is about")
    addressee: Series[str] = f.text("to whom it is addressed, where the source says so", nullable=True)
