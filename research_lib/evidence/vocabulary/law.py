"""The closed lists of codes of law, policy and help, each with its meaning."""

from research_lib.evidence.vocabulary.common_codes import CODES

TOPICS = CODES["topics"]
FEATURES = CODES["features"]
PRESENCES = CODES["presences"]
STATIONS = CODES["stations"]
ASPECTS = CODES["aspects"]
RELATIONS = CODES["relations"]
RECOMMENDATION_KINDS = CODES["recommendation_kinds"]

QUESTIONS = {
    "stay": (
        *("residence-permit", "co-operation", "permit-duration", "reflection-period", "decision"),
        *("long-term-stay", "family", "work-permit"),
    ),
    "help": (
        *("programme", "programme-duration", "shelter", "health", "social-benefit", "legal-aid"),
        *("psychological-support", "education", "labour-market", "identification", "hotline", "return"),
    ),
    "punish": (
        *("offence", "penalty", "aggravation", "procuring", "soliciting", "other-offences", "confiscation"),
        *("investigation", "witness-protection"),
    ),
    "rest": ("funding", "co-ordination", "national-plan", "prevention", "international", "standards"),
}
STATION_ROWS = {
    "first-contact": ("identification", "hotline"),
    "decide": ("reflection-period", "programme-short", "statement"),
    "engage": ("complaint", "programme", "programme-long"),
    "live": ("shelter",),
    "stay": ("temporary-permit", "tolerated-stay", "witness-protection"),
    "outcome": ("work-or-training", "conviction", "refusal", "assisted-return", "expulsion"),
    "work-permit": ("work-or-study-permit",),
    "settle": ("long-term-permit",),
}
PERMITS = ("temporary-permit", "tolerated-stay", "work-or-study-permit", "long-term-permit")
