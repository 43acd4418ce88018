"""The tables of co-operation: organisations, networks, who belongs to which, what they answered, what works."""

import pandas as pd
from pandera.typing import Series

from research_lib.evidence.schema import column_kinds as f
from research_lib.evidence.schema.column_kinds import SourcedTable
from research_lib.evidence.vocabulary import cooperation as codes


class Organisations(SourcedTable):
    """Organisations; contact persons, telephone numbers and addresses are not recorded."""

    id: Series[str] = f.own_id("the organisation's id")
    name: Series[str] = f.text("its name in the source")
    name_en: Series[str] = f.text("English name, where the source gives one", nullable=True)
    country_code: Series[str] = f.country("its country", many=False)
    agency_type: Series[str] = f.code("what type of agency it is", codes.AGENCY_TYPES)
    text: Series[str] = f.text("what it does, by the source", nullable=True)
    text_fr: Series[str] = f.text("the same in French", nullable=True)
    is_respondent: Series[bool] = f.truth("whether it answered the survey")


class Networks(SourcedTable):
    """Networks, and structures that resemble them: platforms, federations, partnerships."""

    id: Series[str] = f.own_id("the network's id")
    name: Series[str] = f.text("English name")
    name_fr: Series[str] = f.text("French name")
    name_own: Series[str] = f.text("its name in its own language", nullable=True)
    country_code: Series[str] = f.country("its country; empty for an international network", many=False)
    kind: Series[str] = f.code("what sort of structure", codes.NETWORK_KINDS)
    level: Series[str] = f.code("how far it reaches", codes.LEVELS)
    formality: Series[str] = f.code("by contract or mandate, or by custom", codes.FORMALITIES)
    formality_text: Series[str] = f.text("how it is or became formal", nullable=True)
    formality_text_fr: Series[str] = f.text("the same in French", nullable=True)
    start_year: Series[pd.Int64Dtype] = f.year("since when it works")
    formal_year: Series[pd.Int64Dtype] = f.year("since when it is formal")
    formal_date: Series[str] = f.iso_date("the day or month of that")
    lead_id: Series[str] = f.key("the leading organisation", "organisations", nullable=True)
    composition: Series[str] = f.code("one type of agency or several", codes.COMPOSITIONS)
    structure: Series[str] = f.code("how it is led", codes.STRUCTURES)
    entity_count_low: Series[pd.Int64Dtype] = f.number("fewest entities that the source gives")
    entity_count_high: Series[pd.Int64Dtype] = f.number("most entities that the source gives")
    has_mutual_relations: Series[pd.BooleanDtype] = f.truth("whether members work with each other", nullable=True)
    has_shared_objectives: Series[pd.BooleanDtype] = f.truth("whether they share objectives", nullable=True)
    is_contractual: Series[pd.BooleanDtype] = f.truth("whether contract or mandate binds them", nullable=True)
    verdict: Series[str] = f.code("the source's own word on whether it is a network", codes.VERDICTS)
    verdict_text: Series[str] = f.text("that word in a sentence", nullable=True)
    verdict_text_fr: Series[str] = f.text("the same in French", nullable=True)
    objectives: Series[str] = f.text("what it is for", nullable=True)
    objectives_fr: Series[str] = f.text("the same in French", nullable=True)
    activities: Series[str] = f.text("what it does", nullable=True)
    activities_fr: Series[str] = f.text("the same in French", nullable=True)
    results: Series[str] = f.text("its results", nullable=True)
    results_fr: Series[str] = f.text("the same in French", nullable=True)
    strengths: Series[str] = f.text("its strengths, by the source", nullable=True)
    strengths_fr: Series[str] = f.text("the same in French", nullable=True)
    weaknesses: Series[str] = f.text("its weaknesses, by the source", nullable=True)
    weaknesses_fr: Series[str] = f.text("the same in French", nullable=True)
    links: Series[str] = f.text("its links with other networks", nullable=True)
    links_fr: Series[str] = f.text("the same in French", nullable=True)


class Memberships(SourcedTable):
    """Who belongs to which network: an organisation, or a counted group whose members are not named."""

    id: Series[str] = f.own_id("the membership's id")
    network_id: Series[str] = f.key("the network", "networks")
    organisation_id: Series[str] = f.key("the organisation; empty for a group", "organisations", nullable=True)
    agency_type: Series[str] = f.code("the type of agency", codes.AGENCY_TYPES)
    group_text: Series[str] = f.text("the group, where its members are not named", nullable=True)
    group_text_fr: Series[str] = f.text("the same in French", nullable=True)
    count: Series[pd.Int64Dtype] = f.number("how many entities; empty where the source does not say")
    role: Series[str] = f.code("its part in the network", codes.MEMBER_ROLES)
    start_year: Series[pd.Int64Dtype] = f.year("since when")
    formal_since: Series[str] = f.iso_date("since when it is bound")
    text: Series[str] = f.text("what the source adds", nullable=True)
    text_fr: Series[str] = f.text("the same in French", nullable=True)


class Ties(SourcedTable):
    """Co-operation of two: organisations that work together without a network."""

    id: Series[str] = f.own_id("the tie's id")
    organisation_id: Series[str] = f.key("the one", "organisations")
    partner_id: Series[str] = f.key("the other; empty where only its type is given", "organisations", nullable=True)
    partner_type: Series[str] = f.code("the other's type of agency", codes.AGENCY_TYPES)
    formality: Series[str] = f.code("by contract or by custom", codes.FORMALITIES)
    purpose: Series[str] = f.text("what for", nullable=True)
    purpose_fr: Series[str] = f.text("the same in French", nullable=True)
    law: Series[str] = f.text("the law that it rests on or carries out", nullable=True)


class SurveyAnswers(SourcedTable):
    """What organisations answered to the questionnaire on networking."""

    id: Series[str] = f.own_id("the answer's id")
    organisation_id: Series[str] = f.key("who answered", "organisations")
    question: Series[str] = f.code(
        "the question, by its number on the printed form; where the source retells answers without numbers, which "
        "question an answer belongs to is the study's reading",
        codes.QUESTIONS,
    )
    answer: Series[str] = f.text("the option chosen, of a closed question", nullable=True)
    text: Series[str] = f.text("the answer in words", nullable=True)
    text_fr: Series[str] = f.text("the same in French", nullable=True)


class BestPractices(SourcedTable):
    """What the survey found to be good: benefits of networks, and practices worth taking over."""

    id: Series[str] = f.own_id("the practice's id")
    kind: Series[str] = f.code("benefit or practice", codes.PRACTICE_KINDS)
    number: Series[int] = f.number("its number in the source's own list")
    name: Series[str] = f.text("English name")
    name_fr: Series[str] = f.text("French name")
    text: Series[str] = f.text("what it is, in our own words")
    text_fr: Series[str] = f.text("the same in French")
    country_code: Series[str] = f.country("where it is found")
    network_id: Series[str] = f.key("the networks that show it", "networks", many=True, nullable=True)
