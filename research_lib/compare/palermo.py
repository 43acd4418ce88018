"""Is it trafficking? Act, means and purpose in three values, so that what is unknown stays unknown.

The definition is that of article 3 of the Palermo Protocol (2000): an act, by a means, for the purpose of exploitation;
consent does not count once a means was used, and a child needs no means. Prostitution alone is never trafficking.

When not to use it: to decide about a person. It says what follows from a report, and what would have to be known.
It does not replace a lawyer or a conversation.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product

import pandas as pd

from research_lib.errors import ResearchError, UnfitDataError
from research_lib.evidence.study import Study
from research_lib.evidence.vocabulary.common_codes import INDICATORS, INDICATORS_OF

type Truth = bool | None
ELEMENTS = ("act", "means", "purpose", "child")
VALUES: Mapping[str, Truth] = {"true": True, "false": False, "not-known": None}
VERDICTS = {True: "trafficking", False: "not-trafficking", None: "not-known"}
REASONS = {
    "act-true": "There is an act that the definition names: recruiting, moving, harbouring or receiving a person.",
    "act-false": "There is no act that the definition names: nobody recruited, moved, harboured or received a person.",
    "act-unknown": "It is not known whether there was an act that the definition names.",
    "means-true": "A means that the definition names was used.",
    "means-false": "No means that the definition names was used.",
    "means-unknown": "It is not known whether a means that the definition names was used.",
    "means-unlisted": "A means was used that the report does not tell to be in this law.",
    "purpose-true": "The purpose is exploitation as the definition names it.",
    "purpose-false": "The purpose is not exploitation as the definition names it.",
    "purpose-unknown": "It is not known whether the purpose is exploitation as the definition names it.",
    "child-true": "The person is under eighteen, so no means is needed.",
    "child-unknown": "It is not known whether the person is under eighteen, when no means would be needed.",
    "consent-irrelevant": "That the person agreed does not count, because a means was used or the person is a child.",
    "not-described": "The report does not describe what this definition asks for.",
}
BEYOND = {"purpose": ("forced-marriage",)}
_CERTAIN = {
    "trafficking": "trafficking",
    "not-trafficking": "not-trafficking",
    "smuggling-or-migration": "not-trafficking",
}


@dataclass(frozen=True)
class Definition:
    """What a definition lists: for each element the indicators that count, None where it is not described."""

    code: str
    listed: Mapping[str, frozenset[str] | None]
    has_child_rule: Truth = True
    has_consent_rule: Truth = True


@dataclass(frozen=True)
class Assessment:
    """What follows from what is known.

    `verdict`: trafficking, not-trafficking, not-known, or not-described where the definition is not. `elements`: act,
    means, purpose and child as True, False or None. `if_unknown_true` and `if_unknown_false`: the verdict if everything
    unknown were true, or false. `decisive`: the unknown elements each of which could still change the verdict alone.
    """

    definition: str
    verdict: str
    elements: Mapping[str, Truth]
    if_unknown_true: str
    if_unknown_false: str
    decisive: tuple[str, ...]
    reason_codes: tuple[str, ...]

    @property
    def reasons(self) -> tuple[str, ...]:
        """The reasons in words."""
        return tuple(REASONS[code] for code in self.reason_codes)


PALERMO = Definition(
    "palermo",
    {
        "act": frozenset(INDICATORS_OF["act"]),
        "means": frozenset(INDICATORS_OF["means"]),
        "purpose": frozenset(INDICATORS_OF["purpose"]) - {"forced-marriage"},
    },
)


def judge(act: Truth, means: Truth, purpose: Truth, child: Truth) -> Truth:
    """Join the elements: an act, for the purpose of exploitation, by a means unless the person is a child.

    Kleene's three values; since each element stands once in the formula, the result is unknown exactly where the
    unknowns can still go either way. Source: Palermo Protocol, article 3 (a) to (d).
    """
    return _all([act, purpose, _any([means, child])])


def assess(
    indicators: Mapping[str, Truth | str] | pd.DataFrame,
    definition: str | Definition = "palermo",
    *,
    study: Study | None = None,
) -> Assessment:
    """Assess what is known of one situation under a definition: `palermo`, or one that a study describes, such as `FR`.

    `indicators`: each indicator with True, False or None (or `true`, `false`, `not-known`), or a frame with columns
    indicator and value; an indicator that is not given is not known. `study`: the opened study whose source describes
    the law; `palermo` needs none. Of several people, `child` says whether any is under eighteen; that some are adults
    says nothing of the others. Raises ResearchError for an unknown indicator, value or definition.
    """
    known, law = _known(indicators), _law(definition, study)
    elements = _elements(known, law)
    found = _judged(elements, law.has_child_rule)
    decisive = [
        name
        for name, value in elements.items()
        if value is None
        and any(_judged({**elements, name: each}, law.has_child_rule) is not found for each in (True, False))
    ]
    return Assessment(
        law.code,
        "not-described" if found is None and _is_gap(known, law) else VERDICTS[found],
        elements,
        if_unknown_true=VERDICTS[_filled(elements, law, True)],
        if_unknown_false=VERDICTS[_filled(elements, law, False)],
        decisive=tuple(decisive),
        reason_codes=tuple(_reasons(elements, known, law)),
    )


def definitions(study: Study) -> dict[str, Definition]:
    """Read what each definition lists, as far as the study's source describes it."""
    table = study["definition_elements"]
    found = {code: _read(code, rows) for code, rows in table.groupby("definition", sort=False) if code != "palermo"}
    return {"palermo": PALERMO, **found}


def truth_table() -> pd.DataFrame:
    """Give the verdict for every combination of true, false and unknown; consent stands there, and never counts."""
    rows = [
        dict(zip((*ELEMENTS, "consent", "verdict"), (*values, consent, VERDICTS[judge(*values)]), strict=True))
        for values in product((True, False, None), repeat=4)
        for consent in (True, False, None)
    ]
    return pd.DataFrame(rows, dtype="object")


def _law(definition: str | Definition, study: Study | None) -> Definition:
    if isinstance(definition, Definition):
        return definition
    there = definitions(study) if study is not None else {"palermo": PALERMO}
    if definition in there:
        return there[definition]
    why = (
        f"is not in {study.path}; there are {', '.join(there)}"
        if study is not None
        else (
            "is told by a study, and two may tell it differently; say whose is meant: "
            f"assess(indicators, {definition!r}, study=open_study())"
        )
    )
    raise ResearchError(f"definition {definition!r} {why}")


def _known(indicators: Mapping[str, Truth | str] | pd.DataFrame) -> dict[str, Truth]:
    if isinstance(indicators, pd.DataFrame):
        if indicators["indicator"].duplicated().any():
            raise ResearchError("an indicator stands twice; keep one row for each")
        indicators = dict(zip(indicators["indicator"], indicators["value"], strict=True))
    known: dict[str, Truth] = {}
    for name, value in indicators.items():
        if name not in INDICATORS:
            raise ResearchError(f"{name!r} is not an indicator; there are {', '.join(sorted(INDICATORS))}")
        if not (value is None or isinstance(value, bool)) and not (isinstance(value, str) and value in VALUES):
            raise ResearchError(f"{name} is {value!r}; write true, false or not-known")
        known[name] = VALUES[value] if isinstance(value, str) else value
    return known


def _read(code: str, rows: pd.DataFrame) -> Definition:
    """Read one definition; of one that follows the Protocol as a whole, only what differs is listed."""
    described = rows[rows["status"] != "not-described"]
    parts = {str(element): own for element, own in described.groupby("element")}
    follows = "scope" in parts and bool((parts["scope"]["status"] == "follows-palermo").any())
    rules = [True if name in parts else None for name in ("child-rule", "consent-rule")]
    listed = {}
    for element, every in PALERMO.listed.items():
        named = frozenset(parts[element]["indicator"]) if element in parts else frozenset()
        listed[element] = every if "all" in named or (follows and not named) else named or None
    return Definition(str(code), listed, *rules)


def _elements(known: Mapping[str, Truth], law: Definition) -> dict[str, Truth]:
    return {**{name: _element(known, law, name) for name in ("act", "means", "purpose")}, "child": known.get("child")}


def _element(known: Mapping[str, Truth], law: Definition, name: str) -> Truth:
    """One element: true if a listed indicator is; what is not described could count, so it leaves the element open."""
    listed = law.listed[name]
    if listed is None:
        return None
    found = _any(known.get(indicator) for indicator in sorted(listed))
    others = _any(known.get(indicator) for indicator in sorted(_unlisted(law, name)))
    beyond = found is False and any(known.get(indicator) for indicator in BEYOND.get(name, ()))
    return None if beyond or not (found or others is False) else found


def _unlisted(law: Definition, name: str) -> frozenset[str]:
    return (PALERMO.listed[name] or frozenset()) - (law.listed[name] or frozenset())


def _judged(elements: Mapping[str, Truth], child_rule: Truth) -> Truth:
    return judge(elements["act"], elements["means"], elements["purpose"], _all([elements["child"], child_rule]))


def _is_gap(known: Mapping[str, Truth], law: Definition) -> bool:
    """Whether the verdict would stay open if all facts were known, so that only the law's description is missing."""
    every = {name for listed in PALERMO.listed.values() for name in listed or ()}
    certain = {name: value for name, value in known.items() if value is not None}
    for fill in (True, False):
        filled = {"child": fill, **dict.fromkeys(every, fill), **certain}
        if _judged(_elements(filled, law), law.has_child_rule) is not None:
            return False
    return True


def _any(values: Iterable[Truth]) -> Truth:
    found = set(values)
    return True if True in found else None if None in found else False


def _all(values: Iterable[Truth]) -> Truth:
    found = set(values)
    return False if False in found else None if None in found else True


def _filled(elements: Mapping[str, Truth], law: Definition, fill: bool) -> Truth:
    values = {name: fill if value is None else value for name, value in elements.items()}
    return _judged(values, fill if law.has_child_rule is None else law.has_child_rule)


def _reasons(elements: Mapping[str, Truth], known: Mapping[str, Truth], law: Definition) -> Iterator[str]:
    words = {True: "true", False: "false", None: "unknown"}
    for name in ("act", "means", "purpose"):
        if law.listed[name] is not None:
            yield f"{name}-{words[elements[name]]}"
    if elements["means"] is None and law.listed["means"] and any(known.get(each) for each in _unlisted(law, "means")):
        yield "means-unlisted"
    child, needs_no_means = elements["child"], elements["means"] is not True
    if law.has_child_rule and child is not False and needs_no_means:
        yield f"child-{words[child]}"
    if known.get("consent") and law.has_consent_rule and (elements["means"] or _all([child, law.has_child_rule])):
        yield "consent-irrelevant"
    if None in law.listed.values() or (law.has_child_rule is None and child and needs_no_means):
        yield "not-described"


def assess_all(study: Study, definition: str = "palermo") -> pd.DataFrame:
    """Assess every situation that a study describes, beside the report's own conclusion.

    One row a situation: situation_id, verdict, if_unknown_true, if_unknown_false, act, means, purpose, child, decisive,
    reasons, conclusion, and beside: same, silent (the report does not conclude), goes-beyond (it concludes where an
    element is not stated), hedges (it leaves open what the elements settle) or contradicts. Raises UnfitDataError
    where a study describes none.
    """
    if study["situations"].empty:
        raise UnfitDataError(f"{study.path}: the table situations has no rows; describe one, and its indicators")
    law = _law(definition, study)
    indicators = dict(iter(study["indicators"].groupby("situation_id")))
    rows = []
    for situation in study["situations"].itertuples():
        found = assess(indicators.get(situation.id, {}), law)
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
