"""The closed lists of codes of claims, figures, routes, places and sources that more than the tables need."""

from research_lib.evidence.vocabulary.common_codes import CODES

INFORMANTS = CODES["informants"]
CERTAINTIES = CODES["certainties"]
SOURCE_KINDS = CODES["source_kinds"]

DIMENSIONS = ("demographic", "socioprofessional", "migration", "settlement", "prostitution")
