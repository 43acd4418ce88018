"""Every situation that a study describes, assessed, beside what its source concludes."""

import pandas as pd

from research_lib.compare import palermo
from research_lib.errors import UnfitDataError
from research_lib.evidence.study import Study

_CERTAIN = {
    "trafficking": "trafficking",
    "not-trafficking": "not-trafficking",
    "smuggling-or-migration": "not-trafficking",
}
_SILENT = pd.DataFrame({"indicator": [], "value": []})


def assess_all(study: Study, definition: str = "palermo") -> pd.DataFrame:
    """Assess every situation that a study describes, beside the report's own conclusion.

    One row a situation: situation_id, verdict, if_unknown_true, if_unknown_false, act, means, purpose, child, decisive,
    reasons, conclusion, and beside: same, silent (the report does not conclude), goes-beyond (it concludes where an
    element is not stated), hedges (it leaves open what the elements settle) or contradicts. Raises UnfitDataError
    where a study describes none.
    """
    if study["situations"].empty:
        raise UnfitDataError(f"{study.path}: the table situations has no rows; describe one, and its indicators")
    law = palermo.definitions(study)[definition]
    indicators = dict(iter(study["indicators"].groupby("situation_id")))
    rows = []
    for situation in study["situations"].itertuples():
        found = palermo.assess(indicators.get(situation.id, _SILENT), law)
        rows.append(
            {
                "situation_id": situation.id,
                "verdict": found.verdict,
                "if_unknown_true": found.if_unknown_true,
                "if_unknown_false": found.if_unknown_false,
                **found.elements,
                "decisive": found.decisive,
                "reasons": found.reason_codes,
                "conclusion": situation.conclusion,
                "beside": _beside(found.verdict, situation.conclusion),
            }
        )
    return pd.DataFrame(rows)


def _beside(verdict: str, conclusion: str) -> str:
    ours, theirs = _CERTAIN.get(verdict), _CERTAIN.get(conclusion)
    if conclusion == "not-stated":
        return "silent"
    if ours == theirs:
        return "same"
    return "goes-beyond" if ours is None else "hedges" if theirs is None else "contradicts"
