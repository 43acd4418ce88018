"""The closed lists of codes of help: agencies, networks, the survey, services, roles, each with its meaning."""

from research_lib.evidence.vocabulary.common_codes import CODES

AGENCY_TYPES = CODES["agency_types"]
NETWORK_KINDS = CODES["network_kinds"]
LEVELS = CODES["levels"]
FORMALITIES = CODES["formalities"]
COMPOSITIONS = CODES["compositions"]
STRUCTURES = CODES["structures"]
VERDICTS = CODES["verdicts"]
MEMBER_ROLES = CODES["member_roles"]
QUESTIONS = CODES["questions"]
PRACTICE_KINDS = CODES["practice_kinds"]
PHASES = CODES["phases"]
PROFILE_KINDS = CODES["profile_kinds"]
DOCUMENTED = CODES["documented"]
ROLE_ASPECTS = CODES["role_aspects"]
EXCHANGE_MEASURES = CODES["exchange_measures"]
BASES = CODES["bases"]

UNANSWERED = "not-answered"
