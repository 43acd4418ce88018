"""The tables of law, policy and help: what each country provides, a person's way through it, what should change."""

import pandas as pd
from pandera.typing import Series

from research_lib.evidence.schema import column_kinds as f
from research_lib.evidence.schema.column_kinds import SourcedTable
from research_lib.evidence.vocabulary import law as codes


class Provisions(SourcedTable):
    """What law, policy or practice provides in one country, one provision a row, with its number where it has one."""

    id: Series[str] = f.own_id("the provision's id: p, country, topic, number")
    country_code: Series[str] = f.country("the country", many=False, nullable=False)
    topic_code: Series[str] = f.code("what it regulates", codes.TOPICS)
    feature: Series[str] = f.code("which comparable provision it is, if any", codes.FEATURES, nullable=True)
    name: Series[str] = f.text("English name")
    name_fr: Series[str] = f.text("French name")
    text: Series[str] = f.text("what it provides, in one sentence")
    text_fr: Series[str] = f.text("the same in French")
    presence: Series[str] = f.code("whether it is there", codes.PRESENCES)
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
    from_code: Series[str] = f.code("the station before", codes.STATIONS)
    to_code: Series[str] = f.code("the station after", codes.STATIONS)
    text: Series[str] = f.text("the step in one sentence")
    text_fr: Series[str] = f.text("the same in French")
    condition: Series[str] = f.text("what must hold for it", nullable=True)
    condition_fr: Series[str] = f.text("the same in French", nullable=True)
    provision_id: Series[str] = f.key("the provisions that it rests on", "provisions", many=True, nullable=True)


class Comparisons(SourcedTable):
    """Points on which the sources find countries alike, or different."""

    id: Series[str] = f.own_id("the point's id")
    aspect: Series[str] = f.code("what is compared", codes.ASPECTS)
    relation: Series[str] = f.code("alike or different", codes.RELATIONS)
    text: Series[str] = f.text("the point in one sentence")
    text_fr: Series[str] = f.text("the same in French")
    claim_id: Series[str] = f.key("the claims that carry it", "claims", many=True)


class Recommendations(SourcedTable):
    """What the authors recommend, or participants wish: measures, training modules and next steps."""

    id: Series[str] = f.own_id("the recommendation's id")
    kind: Series[str] = f.code("what sort it is", codes.RECOMMENDATION_KINDS)
    number: Series[pd.Int64Dtype] = f.number("its number in the source's own list")
    name: Series[str] = f.text("English name")
    name_fr: Series[str] = f.text("French name")
    text: Series[str] = f.text("what is recommended or wished, in one sentence")
    text_fr: Series[str] = f.text("the same in French")
    country_code: Series[str] = f.country("the countries that it is about")
    addressee: Series[str] = f.text("to whom it is addressed, where the source says so", nullable=True)
