"""Is it trafficking? Act, means and purpose in three values, so that what nobody knows stays unknown.

The definition is that of article 3 of the Palermo Protocol (2000): an act, by a means, for the purpose of exploitation;
consent does not count once a means was used, and a child needs no means. Prostitution alone is never trafficking.

When not to use it: to decide about a person. It says what follows from what a report tells, and what would have to be
known; it replaces no lawyer and no conversation.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product

import pandas as pd

from research_lib.errors import ResearchError
from research_lib.evidence.study import Study, open_study
from research_lib.evidence.vocabulary.situations import INDICATORS_OF

type Truth = bool | None

ELEMENTS = ("act", "means", "purpose", "child")
VALUES: Mapping[str, Truth] = {"true": True, "false": False, "not-known": None}
VERDICTS = {True: "trafficking", False: "not-trafficking", None: "not-known"}
REASONS = {
    "act-true": "There is an act: the person was recruited, moved, harboured or received.",
    "act-false": "There is no act: nobody recruited, moved, harboured or received the person.",
    "act-unknown": "It is not known whether somebody recruited, moved, harboured or received the person.",
    "means-true": "A means was used, such as force, deception or the abuse of vulnerability.",
    "means-false": "No means was used: no force, no deception, no abuse of power or vulnerability.",
    "means-unknown": "It is not known whether force, deception or another means was used.",
    "purpose-true": "The purpose is exploitation.",
    "purpose-false": "The purpose is not exploitation.",
    "purpose-unknown": "It is not known whether the purpose is exploitation.",
    "child-true": "The person is under eighteen, so no means is needed.",
    "child-unknown": "It is not known whether the person is under eighteen, when no means would be needed.",
    "consent-irrelevant": "That the person agreed does not count, because a means was used or the person is a child.",
    "not-described": "The report does not describe what this definition asks for.",
}
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
    means, purpose and child as True, False or None. `if_unknown_true` and `if_unknown_false`: the verdict were all that
    is unknown so. `decisive`: the unknown elements of which each could by itself still change what can be said.
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
    indicators: Mapping[str, Truth | str] | pd.DataFrame, definition: str | Definition = "palermo"
) -> Assessment:
    """Assess what is known of one situation under a definition: `palermo`, `FR`, `IT` or `SK`.

    `indicators`: each indicator with True, False or None (or `true`, `false`, `not-known`), or a frame with columns
    indicator and value; what is left out is not known. National definitions are those of the opened study, as far as
    the report describes them. Raises ResearchError for an unknown indicator, value or definition.
    """
    known = _known(indicators)
    law = definition if isinstance(definition, Definition) else _definition(definition)
    elements = {name: _element(known, law, name) for name in ("act", "means", "purpose")}
    child = known.get("child") if known.get("child") is not None else _not(known.get("adult"))
    exempt = child if law.has_child_rule else _all([child, law.has_child_rule])
    found = judge(**elements, child=exempt)
    elements["child"] = child
    return Assessment(
        law.code,
        _verdict(found, elements, law),
        elements,
        if_unknown_true=VERDICTS[_filled(elements, law, True)],
        if_unknown_false=VERDICTS[_filled(elements, law, False)],
        decisive=tuple(_decisive(elements)),
        reason_codes=tuple(_reasons(elements, known.get("consent"), law)),
    )


def definitions(study: Study) -> dict[str, Definition]:
    """Read what each definition lists, as far as the study's source describes it."""
    table = study["definition_elements"]
    found = {code: _read(code, rows) for code, rows in table.groupby("definition", sort=False) if code != "palermo"}
    return {"palermo": PALERMO, **found}


def assess_situations(study: Study, definition: str = "palermo") -> pd.DataFrame:
    """Assess every situation that a study describes, beside the report's own conclusion.

    One row a situation: situation_id, verdict, if_unknown_true, if_unknown_false, act, means, purpose, child, decisive,
    reasons, conclusion, and beside: same, silent (the report does not conclude), goes-beyond (it concludes where an
    element is not told), hedges (it leaves open what the elements settle) or contradicts.
    """
    law = definitions(study)[definition]
    indicators = dict(iter(study["indicators"].groupby("situation_id")))
    rows = []
    for situation in study["situations"].itertuples():
        found = assess(indicators.get(situation.id, pd.DataFrame({"indicator": [], "value": []})), law)
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


def truth_table() -> pd.DataFrame:
    """Give the verdict for every combination of true, false and unknown; consent stands there, and never counts."""
    rows = [
        dict(zip((*ELEMENTS, "consent", "verdict"), (*values, consent, VERDICTS[judge(*values)]), strict=True))
        for values in product((True, False, None), repeat=4)
        for consent in (True, False, None)
    ]
    return pd.DataFrame(rows, dtype="object")


def _known(indicators: Mapping[str, Truth | str] | pd.DataFrame) -> dict[str, Truth]:
    if isinstance(indicators, pd.DataFrame):
        indicators = dict(zip(indicators["indicator"], indicators["value"], strict=True))
    every = {name for names in INDICATORS_OF.values() for name in names}
    if unknown := [name for name in indicators if name not in every]:
        raise ResearchError(f"{unknown[0]!r} is no indicator; there are {', '.join(sorted(every))}")
    for name, value in indicators.items():
        if value not in (True, False, None, *VALUES):
            raise ResearchError(f"{name} is {value!r}; write true, false or not-known")
    return {name: VALUES[value] if isinstance(value, str) else value for name, value in indicators.items()}


def _definition(code: str) -> Definition:
    found = {"palermo": PALERMO} if code == "palermo" else definitions(open_study())
    if code not in found:
        raise ResearchError(f"there is no definition {code!r}; there are {', '.join(found)}")
    return found[code]


def _read(code: str, rows: pd.DataFrame) -> Definition:
    """Read one definition; of one that is said to follow the Protocol as a whole, only what differs need be told."""
    parts = dict(iter(rows.groupby("element")))
    follows = "scope" in parts and bool((parts["scope"]["status"] == "follows-palermo").any())
    rules = [_is_described(parts.get(name)) or None for name in ("child-rule", "consent-rule")]
    whole = PALERMO.listed if follows else {}
    return Definition(
        str(code), {name: _listed(name, parts.get(name)) or whole.get(name) for name in PALERMO.listed}, *rules
    )


def _is_described(rows: pd.DataFrame | None) -> bool:
    return rows is not None and bool((rows["status"] != "not-described").any())


def _listed(element: str, rows: pd.DataFrame | None) -> frozenset[str] | None:
    if rows is None or not _is_described(rows):
        return None
    described = rows[rows["status"] != "not-described"]
    if "all" in set(described["indicator"]):
        return PALERMO.listed[element]
    return frozenset(described["indicator"])


def _element(known: Mapping[str, Truth], law: Definition, name: str) -> Truth:
    """One element: true if a listed indicator is; what is not described could count, so it leaves the element open."""
    listed = law.listed[name]
    if listed is None:
        return None
    found = _any(known.get(indicator) for indicator in sorted(listed))
    others = _any(known.get(indicator) for indicator in sorted(set(PALERMO.listed[name] or ()) - listed))
    return found if found or others is False else None


def _any(values: Iterable[Truth]) -> Truth:
    found = set(values)
    return True if True in found else None if None in found else False


def _all(values: Iterable[Truth]) -> Truth:
    found = set(values)
    return False if False in found else None if None in found else True


def _not(value: Truth) -> Truth:
    return None if value is None else not value


def _filled(elements: Mapping[str, Truth], law: Definition, fill: bool) -> Truth:
    values = {name: fill if value is None else value for name, value in elements.items()}
    return judge(**{**values, "child": values["child"] and (law.has_child_rule is not None or fill)})


def _verdict(found: Truth, elements: Mapping[str, Truth], law: Definition) -> str:
    open_elements = [name for name in law.listed if elements[name] is None and law.listed[name] is None]
    return "not-described" if found is None and open_elements else VERDICTS[found]


def _decisive(elements: Mapping[str, Truth]) -> Iterator[str]:
    found = judge(**elements)
    for name, value in elements.items():
        if value is None and any(judge(**{**elements, name: each}) is not found for each in (True, False)):
            yield name


def _reasons(elements: Mapping[str, Truth], consent: Truth, law: Definition) -> Iterator[str]:
    said = {True: "true", False: "false", None: "unknown"}
    for name in ("act", "means", "purpose"):
        if law.listed[name] is not None:
            yield f"{name}-{said[elements[name]]}"
    if elements["child"] is not False and elements["means"] is not True:
        yield f"child-{said[elements['child']]}"
    if consent and law.has_consent_rule and (elements["means"] or elements["child"]):
        yield "consent-irrelevant"
    if None in law.listed.values():
        yield "not-described"
