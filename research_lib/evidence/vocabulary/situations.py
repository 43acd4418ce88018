"""The closed lists of codes of situations and their legal assessment that more than the tables need."""

from research_lib.evidence.vocabulary.common_codes import CODES, INDICATORS_BY_ELEMENT

DEFINITIONS = CODES["definitions"]
SETS = CODES["sets"]

INDICATORS_OF = {element: tuple(names) for element, names in INDICATORS_BY_ELEMENT.items()}
INDICATORS = {code: meaning for names in INDICATORS_BY_ELEMENT.values() for code, meaning in names.items()}
