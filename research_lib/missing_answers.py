"""The kinds of missing answers: a missing answer is never a no."""

MISSING = ("not_asked", "not_known", "refused", "withheld", "not_applicable")
NO_ANSWER = "no_answer"
UNANSWERED = (*MISSING, NO_ANSWER)
