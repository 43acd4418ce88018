"""How much confidence a finding deserves, by the four components of GRADE-CERQual: assessed by people, in words.

No score and no rule leads from the four components to the overall confidence: it is assessed too, and needs an
explanation of its own. Source: Lewin et al. (2018), Applying GRADE-CERQual to qualitative evidence synthesis
findings, Implementation Science 13 (Suppl 1), papers 1 to 7.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from research_lib.errors import UnfitDataError
from research_lib.methods.options import check_columns, check_single_columns, need_list

CONCERNS = ("no or very minor", "minor", "moderate", "serious")
CONFIDENCE = ("high", "moderate", "low", "very low")
COMPONENTS = ("methodological_limitations", "coherence", "adequacy", "relevance")
_TEXTS = ("finding_id", "finding", "confidence", "explanation")
COLUMNS = (*_TEXTS[:2], *(f"{name}{end}" for name in COMPONENTS for end in ("", "_reason")), *_TEXTS[2:], "claim_id")
_CLAIMS = "claim_id"
_LETTER = re.compile(r"[^\W\d_]")


@dataclass(frozen=True)
class Concern:
    """A judgement of one component, and why.

    `level`: no or very minor, minor, moderate or serious (concerns). `reason`: in words, also where there are none.
    """

    level: str
    reason: str


@dataclass(frozen=True)
class Finding:
    """A finding with the four judgements of GRADE-CERQual and the overall confidence in it, each with its reason.

    `methodological_limitations`: how the studies behind it were made; `coherence`: how well it fits their data;
    `adequacy`: how rich and how many the data are; `relevance`: how far they apply to the context of the question.
    `confidence`: high, moderate, low or very low, judged by people over all four; `explanation`: why. `claims`: the ids
    of the claims it rests on. Raises UnfitDataError for a judgement that is unknown, missing or without a reason.

    Not for single studies' quality, nor for figures: a finding is a sentence drawn from several accounts. Not to be
    added up: two findings with the same four judgements may deserve different confidence.
    """

    finding_id: str
    finding: str
    methodological_limitations: Concern
    coherence: Concern
    adequacy: Concern
    relevance: Concern
    confidence: str
    explanation: str
    claims: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        place = f"finding {self.finding_id!r}"
        if not _has_words(self.finding_id) and not str(self.finding_id).strip().isdigit():
            raise UnfitDataError("the id of a finding is missing; give each its own, such as 'debts-1'")
        if not _has_words(self.finding):
            raise UnfitDataError(f"{place} is not written out; say in a sentence what was found")
        for name, concern in self.concerns.items():
            said = _in_words(name)
            if not isinstance(concern, Concern):
                raise UnfitDataError(f"{place}: {said} is not judged; give a Concern, with a level and a reason")
            _check_word(place, said, concern.level, CONCERNS)
            if not _has_words(concern.reason):
                raise UnfitDataError(f"{place}: {said} is judged {concern.level!r} without a reason; say why")
        _check_word(place, "confidence", self.confidence, CONFIDENCE)
        if not _has_words(self.explanation):
            raise UnfitDataError(f"{place}: the confidence {self.confidence!r} is not explained; say why")
        # A single text, with its comma forgotten, would be read letter by letter.
        ids = tuple(need_list(f"{place}: claims", self.claims))
        if strange := [name for name in ids if not isinstance(name, str) or not name.strip()]:
            raise UnfitDataError(f"{place}: {strange[0]!r} is not an id of a claim; an id is text, such as 'debts-1'")
        if len(set(ids)) < len(ids):
            raise UnfitDataError(f"{place} names a claim twice; keep one of them")
        # With a list a frozen record would have no hash.
        object.__setattr__(self, "claims", ids)

    @property
    def concerns(self) -> dict[str, Concern]:
        """The four judgements by component, in their usual order."""
        return {name: getattr(self, name) for name in COMPONENTS}


def read_findings(table: pd.DataFrame, *, claims: pd.DataFrame | None = None) -> tuple[Finding, ...]:
    """Read findings from a table, one row each.

    Columns: finding_id, finding; for each of methodological_limitations, coherence, adequacy and relevance its
    judgement and, as `..._reason`, why; confidence, explanation; claim_id (ids joined by `;`, may be missing or empty).
    With `claims`, a table with a column `id`, each claim must be there. Raises UnfitDataError for anything missing,
    unknown or given twice. Source: Lewin et al. (2018), Implementation Science 13 (Suppl 1), paper 2.

    Not for filling in judgements that nobody made: an empty cell is refused, not read as "no concerns".
    """
    check_single_columns(table)
    check_columns(table, [name for name in COLUMNS if name != _CLAIMS])
    if table.empty:
        raise UnfitDataError("the table of findings is empty; write one row a finding")
    findings = []
    for row in table.to_dict("records"):
        texts: dict[str, Any] = {name: _text(row, name) for name in _TEXTS}
        texts |= {name: Concern(_text(row, name), _text(row, f"{name}_reason")) for name in COMPONENTS}
        named = tuple(part.strip() for part in _text(row, _CLAIMS).split(";") if part.strip())
        findings.append(Finding(**texts, claims=named))
    ids = pd.Series([each.finding_id for each in findings])
    if ids.duplicated().any():
        raise UnfitDataError(f"two findings have the id {ids[ids.duplicated()].iloc[0]!r}; give each its own")
    if claims is not None:
        check_single_columns(claims)
        check_columns(claims, ["id"], "the claims")
        there = set(claims["id"].astype(str))
        for each in findings:
            if missing := [name for name in each.claims if name not in there]:
                raise UnfitDataError(f"finding {each.finding_id!r} rests on the claim {missing[0]!r}, which is missing")
    return tuple(findings)


def _check_word(place: str, what: str, word: str, choices: Sequence[str]) -> None:
    if not _has_words(word):
        raise UnfitDataError(f"{place}: {what} is not judged; choose from {', '.join(choices)}")
    if word not in choices:
        raise UnfitDataError(f"{place}: {what} is {word!r}, which is not one of {', '.join(choices)}")


def _in_words(component: str) -> str:
    return component.replace("_", " ")


def _text(row: dict[Any, Any], name: str) -> str:
    cell = row.get(name)
    if pd.api.types.is_list_like(cell):
        raise UnfitDataError(
            f"finding {row['finding_id']!r}: {name} holds {cell!r}; write one text in a cell, several ids joined by `;`"
        )
    return "" if pd.isna(cell) else str(cell).strip()


def _has_words(text: Any) -> bool:
    """Whether the text has words: a dash or a number is not a reason."""
    return isinstance(text, str) and bool(_LETTER.search(text))
