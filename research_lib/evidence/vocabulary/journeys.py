"""The closed lists of codes of claims, figures, routes, places and sources, each with its meaning."""

from research_lib.evidence.vocabulary.common_codes import CODES

INFORMANTS = CODES["informants"]
CERTAINTIES = CODES["certainties"]
KNOWLEDGE = CODES["knowledge"]
MODES_OF_ENTRY = CODES["modes_of_entry"]
ACTORS = CODES["actors"]
LEGAL_STATUSES = CODES["legal_statuses"]
ROUTE_KINDS = CODES["route_kinds"]
TRANSPORT = CODES["transport"]
PURPOSES = CODES["purposes"]
PLACE_KINDS = CODES["place_kinds"]
LOCATED_BY = CODES["located_by"]
SOURCE_KINDS = CODES["source_kinds"]
OMISSION_REASONS = CODES["omission_reasons"]
CODERS = CODES["coders"]

DIMENSIONS = ("demographic", "socioprofessional", "migration", "settlement", "prostitution")
CERTAINTY_RULE = (
    "how certain its lines make its main statement, by their words; where several codes fit, the last in the list holds"
)
DECADE_RULE = "of a decade, early is the years 0 to 3, mid 4 to 6, late or end 7 to 9, and the period keeps the words"
ORGANISER_RULE = "who organises it, where the source itself says so; the study's own reading stands in the text only"
