"""The tables of journeys, profiles and law: who says what about people, places and routes; what countries provide."""

from research_lib.evidence.schema import column_kinds as f
from research_lib.evidence.schema.column_kinds import Column, SourcedTable, Table


class Sections(Table):
    """The parts of a source that a reference can name."""

    id = f.own_id("the section's own id")
    source_id = f.key("the source it is a part of", "sources")
    locator = f.text("the part in the brackets of a reference")
    title = f.text("what the section is about, in our own words")
    lines = f.text_lines()
    text_lines = f.text_lines("its lines that are not empty")
    source = f.references()


class Codebook(Table):
    """The codes that claims and figures carry: five dimensions, five further themes, and their sub-codes."""

    id = f.own_id("the code")
    parent_id = f.key("the code above it; empty for a dimension", "codebook", nullable=True)
    name = f.bilingual("English name")
    definition = f.text("what the code is for")
    include = f.text("what belongs here", nullable=True)
    exclude = f.text("what does not, and where it goes", nullable=True)
    example = f.text("a statement that carries this code", nullable=True)
    source = f.references()


class Places(SourcedTable):
    """Every place that is an origin, a transit, a destination, or a place of the research."""

    id = f.own_id("the place's id")
    name = f.bilingual("English name")
    name_local = f.text("its name in the language that the settings call `local_language`", nullable=True)
    kind = f.code("what sort of place it is", "place_kinds")
    parent_id = f.key("the place that it lies in", "places", nullable=True)
    country_code = Column(
        "ISO 3166-1 alpha-3 code; empty for a part of the world", is_required=False, pattern=r"^[A-Z]{3}$"
    )
    iso_3166_2 = Column(
        "ISO 3166-2 code of the province or department", is_required=False, pattern=r"^[A-Z]{2}-[A-Z0-9]+$"
    )
    latitude = Column("degrees north", "number", minimum=-90, maximum=90)
    longitude = Column("degrees east", "number", minimum=-180, maximum=180)
    located_by = f.code("what the coordinates are those of", "located_by")
    note = f.text("what is uncertain about it", nullable=True)


class Groups(SourcedTable):
    """The groups of people that the sources distinguish."""

    id = f.own_id("the group's id")
    name = f.bilingual("English name")
    definition = f.bilingual("who belongs to it, by the source")
    is_profile = f.truth("whether the profile page offers it")
    country_code = f.country("the countries in which its members are, where that is what makes the group")


class Claims(SourcedTable):
    """One idea a row, in our own words, with who says so and how certain it is."""

    id = f.own_id("the claim's id: c, section, number")
    text = f.bilingual("the idea, in one sentence", french_nullable=True)
    informant = f.informants()
    certainty = f.certainty()
    country_code = f.country("the countries that it is about")
    place_id = f.key("finer or wider places that it is about", "places", many=True, nullable=True)
    origin_id = f.key("where the people come from", "places", many=True, nullable=True)
    group_id = f.key("the groups of people that it is about", "groups", many=True, nullable=True)
    code = f.key("what it is about, by the codebook; the most important first", "codebook", many=True)
    start_year = f.year("first year that it speaks of; " + f.DECADE_RULE)
    end_year = f.year("last year that it speaks of; " + f.DECADE_RULE)
    period = f.text("the time in the source's own terms", nullable=True)


class Figures(SourcedTable):
    """Every number, with its unit, place, time and who says so; a range is a range."""

    id = f.own_id("the figure's id: f, section, number")
    indicator = f.text("what is counted or measured")
    text = f.bilingual("the figure in a sentence, with its hedges", french_nullable=True)
    value = f.number("the number, where there is one")
    low = f.number("lower end of a range")
    high = f.number("upper end of a range; empty when the range is open")
    unit = f.text("unit of the number")
    is_approximate = f.truth("whether the source says about, nearly or estimated")
    is_headline = f.truth("whether the number says something without its sentence, so that pages show it large")
    method = f.text("the estimator, where several give the same indicator", nullable=True)
    country_code = f.country("the countries that it is about")
    place_id = f.key("finer or wider places", "places", many=True, nullable=True)
    origin_id = f.key("where the people come from", "places", many=True, nullable=True)
    group_id = f.key("the groups of people that it is about", "groups", many=True, nullable=True)
    code = f.key("what it is about, by the codebook; the most important first", "codebook", many=True)
    informant = f.informants()
    certainty = f.certainty()
    start_year = f.year("first year; " + f.DECADE_RULE)
    end_year = f.year("last year; " + f.DECADE_RULE)
    period = f.text("the time in the source's own terms, or the ISO date", nullable=True)


class Routes(SourcedTable):
    """Every route that people took by the source, from origin to destination."""

    id = f.own_id("the route's id")
    name = f.bilingual("English name")
    kind = f.code("what sort of journey", "route_kinds")
    mode_of_entry = f.code("how the border is crossed", "modes_of_entry")
    group_id = f.key("who travels", "groups", many=True, nullable=True)
    origin_id = f.key("where it begins", "places")
    destination_id = f.key("where it ends", "places")
    start_year = f.year("first year; " + f.DECADE_RULE)
    end_year = f.year("last year; " + f.DECADE_RULE)
    period = f.text("the time in the source's own terms", nullable=True)
    actor = f.organisers()
    legal_status = f.code("the travellers' legal position", "legal_statuses")
    certainty = f.certainty()
    informant = f.informants()
    text = f.bilingual("what is known of it, and what is not")
    claim_id = f.key("the claims that it rests on", "claims", many=True)
    figure_id = f.key("the figures that belong to it", "figures", many=True, nullable=True)


class Legs(SourcedTable):
    """The steps of each route."""

    id = f.own_id("the leg's id: route and order")
    route_id = f.key("the route that it is a step of", "routes")
    leg_order = Column("1 for the first step", "integer", minimum=1)
    from_id = f.key("where the step begins", "places")
    to_id = f.key("where the step ends", "places")
    mode = f.code("means of transport", "transport")
    actor = f.organisers()
    legal_status = f.code("the travellers' legal position", "legal_statuses")
    certainty = f.certainty()
    informant = f.informants()
    purpose = f.code("what the step is for", "purposes")
    text = f.bilingual("the step in a sentence", french_nullable=True)
    claim_id = f.key("the claims that it rests on", "claims", many=True)


class Profiles(Table):
    """What is known of each group, in each country, on each dimension."""

    id = f.own_id("group, country and dimension")
    group_id = f.key("the group", "groups")
    country_code = f.key("the country", "places", column="country_code")
    dimension_code = f.key("one of the five dimensions", "codebook")
    knowledge = f.code("whether anything is known", "knowledge")
    claim_id = f.key("the claims", "claims", many=True, nullable=True)
    figure_id = f.key("the figures", "figures", many=True, nullable=True)
    source = f.references()


class Omissions(SourcedTable):
    """Lines of a source that no other row names, and why."""

    id = f.own_id("the first line, after o")
    reason = f.code("why no row names them", "omission_reasons")
    note = f.text("what stands there", nullable=True)


class Codings(SourcedTable):
    """A source as a coded corpus: which lines carry which code, by whom; pointers only, without the text."""

    id = f.own_id("the coding's id: k, coder, and claim or line and number")
    coder = f.code("who coded", "coders")
    code = f.key("the code given", "codebook")
    claim_id = f.key("the claim that it codes; empty for the second coder", "claims", nullable=True)
    memo = f.text("the coder's doubt, in their own words", nullable=True)


class Provisions(SourcedTable):
    """What law, policy or practice provides in one country, one provision a row, with its number where it has one."""

    id = f.own_id("the provision's id: p, country, topic, number")
    country_code = f.country("the country", many=False, nullable=False)
    topic_code = f.code("what it regulates", "topics")
    feature = f.code("which comparable provision it is, if any", "features", nullable=True)
    name = f.bilingual("English name")
    text = f.bilingual("what it provides, in one sentence")
    presence = f.code("whether it is there", "presences")
    law = f.text("law or article, as the source names it", nullable=True)
    date = f.iso_date("when it was passed or began, as an ISO date")
    value = f.number("its number, where it has one")
    low = f.number("lower end of a range")
    high = f.number("upper end of a range; empty when the range is open")
    unit = f.text("unit of the number", nullable=True)
    is_approximate = f.truth("whether the source says about or nearly", nullable=True)


class Pathways(SourcedTable):
    """The steps that a person can take through a country's system, from one station to the next."""

    id = f.own_id("the step's id")
    country_code = f.country("the country", many=False, nullable=False)
    from_code = f.code("the station before", "stations")
    to_code = f.code("the station after", "stations")
    text = f.bilingual("the step in one sentence")
    condition = f.bilingual("what must hold for it", nullable=True)
    provision_id = f.key("the provisions that it rests on", "provisions", many=True, nullable=True)


class Comparisons(SourcedTable):
    """Points on which the sources find countries alike, or different."""

    id = f.own_id("the point's id")
    aspect = f.code("what is compared", "aspects")
    relation = f.code("alike or different", "relations")
    text = f.bilingual("the point in one sentence")
    claim_id = f.key("the claims that carry it", "claims", many=True)


class Recommendations(SourcedTable):
    """What the authors recommend, or participants wish: measures, training modules and next steps."""

    id = f.own_id("the recommendation's id")
    kind = f.code("what sort it is", "recommendation_kinds")
    number = f.count("its number in the source's own list")
    name = f.bilingual("English name")
    text = f.bilingual("what is recommended or wished, in one sentence")
    country_code = f.country("the countries that it is about")
    addressee = f.text("to whom it is addressed, where the source says so", nullable=True)
