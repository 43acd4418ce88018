"""The closed lists of codes of situations and their legal assessment, each with its meaning."""

from research_lib.evidence.vocabulary.common_codes import CODES, INDICATORS_BY_ELEMENT

CONCLUSIONS = CODES["conclusions"]
ELEMENTS = CODES["elements"]
TRUTHS = CODES["truths"]
DEFINITIONS = CODES["definitions"]
DEFINITION_PARTS = CODES["definition_parts"]
DEFINITION_STATUSES = CODES["definition_statuses"]
SETS = CODES["sets"]
CALIBRATORS = CODES["calibrators"]

INDICATORS_OF = {element: tuple(names) for element, names in INDICATORS_BY_ELEMENT.items()}
INDICATORS = {code: meaning for names in INDICATORS_BY_ELEMENT.values() for code, meaning in names.items()}
