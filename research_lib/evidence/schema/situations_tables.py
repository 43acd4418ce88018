"""The tables that a legal assessment needs: situations that the sources describe, their indicators, the definitions."""

import pandera.pandas as pa
from pandera.typing import Series

from research_lib.evidence.schema import column_kinds as f
from research_lib.evidence.schema.column_kinds import SourcedTable
from research_lib.evidence.vocabulary import journeys as words
from research_lib.evidence.vocabulary import situations as codes


class Situations(SourcedTable):
    """Situations that the sources describe, with its own conclusion on each, as hedged as it is."""

    id: Series[str] = f.own_id("the situation's id")
    name: Series[str] = f.text("English name")
    name_fr: Series[str] = f.text("French name")
    text: Series[str] = f.text("what the source describes")
    text_fr: Series[str] = f.text("the same in French")
    country_code: Series[str] = f.country("the countries in which it happens")
    conclusion: Series[str] = f.code("what the source concludes", codes.CONCLUSIONS)
    conclusion_text: Series[str] = f.text("its conclusion in one sentence, with its hedges")
    conclusion_text_fr: Series[str] = f.text("the same in French")
    claim_id: Series[str] = f.key("the claims that describe it", "claims", many=True)


class Indicators(SourcedTable):
    """What is known of each element of trafficking in each situation: true, false, or not known."""

    id: Series[str] = f.own_id("the indicator's id: situation and indicator")
    situation_id: Series[str] = f.key("the situation", "situations")
    element: Series[str] = f.code("the element that it belongs to", codes.ELEMENTS)
    indicator: Series[str] = f.code("the indicator", codes.INDICATORS)
    value: Series[str] = f.code("what is known", codes.TRUTHS)
    text: Series[str] = f.text("what the source says of it, or that it is silent")
    text_fr: Series[str] = f.text("the same in French")
    informant: Series[str] = f.code("who says so", words.INFORMANTS, many=True, nullable=True)
    certainty: Series[str] = f.code(words.CERTAINTY_RULE, words.CERTAINTIES, nullable=True)
    claim_id: Series[str] = f.key("the claims that it rests on", "claims", many=True, nullable=True)


class Calibrations(SourcedTable):
    """How far each situation belongs to a set; a row only where the source says enough."""

    id: Series[str] = f.own_id("the calibration's id: situation, set and coder")
    situation_id: Series[str] = f.key("the situation", "situations")
    set_code: Series[str] = f.code("the set of conditions, or the outcome `control`", codes.SETS)
    coder: Series[str] = f.code("who calibrated", codes.CALIBRATORS)
    membership: Series[float] = pa.Field(
        description="1 fully in, .67 more in than out, .33 more out than in, 0 fully out", isin=[0, 0.33, 0.67, 1]
    )
    reason: Series[str] = f.text("why, in the coder's own words")
    claim_id: Series[str] = f.key(
        "the claims that it rests on, for what was agreed", "claims", many=True, nullable=True
    )


class DefinitionElements(SourcedTable):
    """What each definition of trafficking lists, as far as the source describes it."""

    id: Series[str] = f.own_id("the element's id: definition, element, indicator")
    definition: Series[str] = f.code("whose definition", codes.DEFINITIONS)
    element: Series[str] = f.code("the element", codes.DEFINITION_PARTS)
    indicator: Series[str] = f.code("the indicator, or all of the element", {**codes.INDICATORS, "all": "all of them"})
    status: Series[str] = f.code("whether the source describes it", codes.DEFINITION_STATUSES)
    text: Series[str] = f.text("what the source says")
    text_fr: Series[str] = f.text("the same in French")
