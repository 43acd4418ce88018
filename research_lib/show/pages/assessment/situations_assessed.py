"""Situations and their assessment as a value: what the report describes, what follows from it, what would change it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby, product
from typing import Any

from research_lib.compare import palermo
from research_lib.compare.palermo import assess_all
from research_lib.evidence.study import Study
from research_lib.evidence.vocabulary.situations import DEFINITIONS, INDICATORS_OF
from research_lib.show.pages.shared.facts import Fact, facts
from research_lib.show.words import Words

ELEMENTS_SHOWN = ("act", "means", "purpose", "person", "consent")
_RARE = ("adult", "organ-removal", "forced-marriage")
_ORDER = ("trafficking", "not-known", "not-described", "not-trafficking")
_VALUES = {True: "true", False: "false", None: "not-known"}


@dataclass(frozen=True)
class IndicatorValue:
    """One indicator of one situation: what the report says of it, nothing where it is silent."""

    indicator: str
    element: str
    value: str
    fact: Fact | None


@dataclass(frozen=True)
class Situation:
    """One situation: its description, the report's conclusion, and its indicators."""

    fact: Fact
    countries: tuple[str, ...]
    conclusion: str
    conclusion_text: str
    indicators: tuple[IndicatorValue, ...]
    verdicts: Mapping[str, palermo.Assessment]
    beside: str

    def told(self, element: str, definition: str = "palermo") -> str:
        """What is known of one element under a definition: `true`, `false` or `not-known`."""
        return _VALUES[self.verdicts[definition].elements[element]]

    @property
    def is_untold(self) -> bool:
        """Whether nothing is known of act, means and purpose."""
        return {self.told(name) for name in ("act", "means", "purpose")} == {"not-known"}

    def is_open(self, definitions: Iterable[str]) -> bool:
        """Whether some definitions all leave open what the situation is."""
        return all(self.verdicts[code].verdict == "not-known" for code in definitions)

    @property
    def agreement(self) -> str:
        """Whether the source's own word is what follows (`same`), is not (`differs`), or is missing (`silent`)."""
        return self.beside if self.beside in ("same", "silent") else "differs"


@dataclass(frozen=True)
class Situations:
    """All situations, and what a browser needs to assess them anew."""

    situations: tuple[Situation, ...]
    definitions: Mapping[str, palermo.Definition]

    @property
    def first(self) -> str:
        """The definition that stands first, by which the situations are in order."""
        return next(iter(self.definitions), "")

    @property
    def groups(self) -> list[tuple[str, list[Situation]]]:
        """The situations by their verdict under the first definition."""
        by_verdict = groupby(self.situations, lambda each: each.verdicts[self.first].verdict)
        return [(verdict, list(cases)) for verdict, cases in by_verdict]

    @property
    def told_groups(self) -> list[tuple[str, int, list[Situation]]]:
        """Each verdict with the number of its situations, and those of which some element is told."""
        told = [(verdict, len(cases), [each for each in cases if not each.is_untold]) for verdict, cases in self.groups]
        return [group for group in told if group[-1]]

    @property
    def untold(self) -> list[Situation]:
        """The situations of which no element is told."""
        return [each for each in self.situations if each.is_untold]

    @cached_property
    def undescribed(self) -> list[str]:
        """The definitions that the source does not describe far enough to decide any situation."""
        found = {code: {each.verdicts[code].verdict for each in self.situations} for code in self.definitions}
        return [code for code, verdicts in found.items() if verdicts == {"not-described"}]

    @property
    def columns(self) -> list[str]:
        """The definitions that have a column of the table."""
        return [code for code in self.definitions if code not in self.undescribed]

    def are_open(self, cases: Iterable[Situation]) -> bool:
        """Whether some situations are open under every definition of the table."""
        return all(case.is_open(self.columns) for case in cases)

    @property
    def marks(self) -> set[str]:
        """What is found of any element or under any definition of the table."""
        elements = {each.told(name) for each in self.situations for name in ("act", "means", "purpose")}
        return elements | {each.verdicts[code].verdict for each in self.situations for code in self.columns}

    def options(self) -> dict[str, list[str]]:
        """The parameters of an address that concern the assessment."""
        indicators = [name for names in INDICATORS_OF.values() for name in names]
        return {
            "situation": [each.fact.id for each in self.situations],
            "definition": list(self.definitions),
            "assume": [f"{name}.{value}" for name in indicators for value in palermo.VALUES],
        }


def situations(study: Study, words: Words) -> Situations:
    """Assemble all situations in one language; a study without any has none to assess."""
    if study["situations"].empty:
        return Situations((), {})
    definitions = palermo.definitions(study)
    known = facts(study, "situations", words)
    texts = facts(study, "indicators", words, title="", notes=lambda row: _notes(row, words))
    by_situation = dict(iter(study["indicators"].groupby("situation_id", sort=False)))
    compared = assess_all(study).set_index("situation_id")["beside"]
    found = []
    for row in study["situations"].itertuples():
        table = by_situation.get(row.id, study["indicators"].iloc[:0])
        stated = {each.indicator: each for each in table.itertuples()}
        indicators = [_indicator(name, element, stated.get(name), texts) for name, element in _offered(stated)]
        found.append(
            Situation(
                known[row.id],
                tuple(str(row.country_code).split(";")) if isinstance(row.country_code, str) else (),
                row.conclusion,
                words.of(row, "conclusion_text"),
                tuple(sorted(indicators, key=lambda each: (ELEMENTS_SHOWN.index(each.element), _rank(each)))),
                {code: palermo.assess(table, definition) for code, definition in definitions.items()},
                str(compared[row.id]),
            )
        )
    ordered = {code: definitions[code] for code in DEFINITIONS if code in definitions}
    first = next(iter(ordered))
    found.sort(key=lambda each: (_ORDER.index(each.verdicts[first].verdict), -_told_so(each)))
    return Situations(tuple(found), ordered)


def _told_so(one: Situation) -> int:
    """How many of act, means and purpose the source tells."""
    return sum(one.told(element) == "true" for element in ("act", "means", "purpose"))


def _offered(stated: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The indicators that the page asks about: those of the Protocol, and others where the report speaks of them."""
    every = [(name, element) for element in ELEMENTS_SHOWN for name in INDICATORS_OF[element]]
    return [(name, element) for name, element in every if name not in _RARE or name in stated]


def _indicator(indicator: str, element: str, row: Any, texts: Mapping[str, Fact]) -> IndicatorValue:
    if row is None:
        return IndicatorValue(indicator, element, "not-known", None)
    return IndicatorValue(indicator, element, row.value, texts[row.id])


def _notes(row: Any, words: Words) -> tuple[str, ...]:
    return (words(f"certainty.{row.certainty}"),) if isinstance(row.certainty, str) else ()


def _rank(one: IndicatorValue) -> tuple[bool, int]:
    return one.value == "not-known", INDICATORS_OF[one.element].index(one.indicator)


def assessment_model(page: Situations, words: Words) -> dict[str, Any]:
    """What the browser needs to answer "what if": the definitions, the truth table, and the reasons in words."""
    verdicts = {
        " ".join(_VALUES[value] for value in values): palermo.VERDICTS[palermo.judge(*values)]
        for values in product((True, False, None), repeat=4)
    }
    return {
        "first": next(iter(page.definitions)),
        "verdicts": verdicts,
        "verdict": {code: words(f"verdict.{code}") for code in (*palermo.VERDICTS.values(), "not-described")},
        "reasons": {code: words(f"reason.{code}") for code in palermo.REASONS},
        "elements": {name: words(f"element.{name}") for name in palermo.ELEMENTS},
        "truths": {value: words(f"truth.{value}") for value in palermo.VALUES},
        "definitions": {
            code: {
                "listed": {name: sorted(found) if found else None for name, found in law.listed.items()},
                "childRule": _VALUES[law.has_child_rule],
                "consentRule": bool(law.has_consent_rule),
            }
            for code, law in page.definitions.items()
        },
        "beyond": palermo.BEYOND,
        "protocol": {name: sorted(found or ()) for name, found in palermo.PALERMO.listed.items()},
        "phrases": {
            key: words(f"assess.{key}")
            for key in (
                "if_true",
                "if_false",
                "decisive",
                "settled",
                "settled_as_stated",
                "changed",
                "as_stated",
                "no_harm",
            )
        },
    }
