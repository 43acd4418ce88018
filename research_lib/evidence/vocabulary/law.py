"""The closed lists of codes of law, policy and help, each with its meaning."""

from research_lib.evidence.vocabulary.common_codes import CODES, GROUPS

TOPICS = CODES["topics"]
FEATURES = CODES["features"]
PRESENCES = CODES["presences"]
STATIONS = CODES["stations"]
ASPECTS = CODES["aspects"]
RELATIONS = CODES["relations"]
RECOMMENDATION_KINDS = CODES["recommendation_kinds"]

QUESTIONS = GROUPS["topics"]
STATION_ROWS = GROUPS["stations"]
PERMITS = ("temporary-permit", "tolerated-stay", "work-or-study-permit", "long-term-permit")
