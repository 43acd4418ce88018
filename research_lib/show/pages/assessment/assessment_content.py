"""Situations and their assessment as a value: what the report describes, what follows from it, what would change it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, groupby, product
from typing import Any

from research_lib.compare import palermo
from research_lib.compare.palermo import assess_all
from research_lib.evidence.multiple_values import split
from research_lib.evidence.study import Study
from research_lib.evidence.vocabulary.common_codes import CODES, INDICATORS_OF
from research_lib.show.material import Material
from research_lib.show.pages.shared.cards import Fact, Source, facts, source_list
from research_lib.show.pages.shared.content import PageContent, Row, Table
from research_lib.show.words import Words

_SINGLE = ("situation", "definition")
_COLUMNS = ("situation", "country", "definition", "verdict", "act", "means", "purpose", "conclusion", "text", "source")
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


def assessment_content(material: Material, words: Words) -> PageContent:
    """Give the assessment page in one language."""
    study, page = material.study, situations(material.study, words)
    told = [case for case in page.situations if case.verdicts[page.first].verdict == "trafficking"]
    context = {
        "situations": page,
        "told": len(told),
        "set_in": set_in(study, told, words),
        "where": {case.fact.id: _where(case.countries, words) for case in page.situations},
        "sentences": {case.fact.id: _told_of(case, words) for case in page.situations},
        "agreements": Counter(case.agreement for case in page.situations),
        "said_of_untold": sum(case.agreement != "silent" for case in page.untold),
        "page_sources": _sources(study, page),
    }
    model = {**assessment_model(page, words), "steps": "situation"} if page.situations else {}
    return PageContent(context, page.options(), _SINGLE, model, _table(study, page, words))


def _where(countries: Iterable[str], words: Words) -> str:
    return words.listed(words.phrases.get(f"country.{code}", code) for code in dict.fromkeys(countries))


def _told_of(case: Situation, words: Words) -> str:
    """Say which of act, means and purpose are met, not met and unknown."""
    names: dict[str, list[str]] = {}
    for element in ("act", "means", "purpose"):
        names.setdefault(case.told(element), []).append(words(f"element.{element}").lower())
    parts = (
        words(f"assess.row_{value}", elements=words.listed(names[value])) for value in palermo.VALUES if value in names
    )
    return " ".join(parts)


def set_in(study: Study, cases: Sequence[Situation], words: Words) -> str:
    """Say how many of some situations are set outside the countries of the study, and where; empty if none is."""
    own = [case for case in cases if {*case.countries} & {*study.countries}]
    elsewhere = [case for case in cases if case.countries and case not in own]
    if not elsewhere:
        return ""
    own_names, names = (_where(chain(*(case.countries for case in each)), words) for each in (own, elsewhere))
    counts = {"count": len(cases), "own": len(own), "elsewhere": len(elsewhere)}
    key = "assessment.set_in" if own else "assessment.set_elsewhere"
    return words(key, own_names=own_names, names=names, **counts)


def _table(study: Study, page: Situations, words: Words) -> Table:
    """Give every situation under every definition."""
    sources = study["situations"].set_index("id")["source"].map(study.cite).str.replace("\n", " ")
    rows: list[Row] = [
        ({}, [*_cells(case, code, words), case.fact.text, sources[case.fact.id]])
        for case in page.situations
        for code in page.definitions
    ]
    return Table("assessment", [words(f"assessment.column_{name}") for name in _COLUMNS], rows)


def _cells(case: Situation, code: str, words: Words) -> Iterator[str]:
    found = case.verdicts[code]
    yield case.fact.title
    yield _where(case.countries, words)
    yield words(f"definition.{code}")
    yield words(f"verdict.{found.verdict}")
    for element in ("act", "means", "purpose"):
        yield words(f"light.{case.told(element, code)}")
    yield words(f"conclusion.{case.conclusion}")


def _sources(study: Study, page: Situations) -> list[Source]:
    stated = [fact for case in page.situations for fact in (case.fact, *(each.fact for each in case.indicators))]
    return source_list(study, [fact for fact in stated if fact])


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
                tuple(split(row.country_code)),
                row.conclusion,
                words.of(row, "conclusion_text"),
                tuple(
                    sorted(indicators, key=lambda each: (ELEMENTS_SHOWN.index(each.element), each.value == "not-known"))
                ),
                {code: palermo.assess(table, definition) for code, definition in definitions.items()},
                str(compared[row.id]),
            )
        )
    ordered = {code: definitions[code] for code in CODES["definitions"] if code in definitions}
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
                "undescribed",
                "settled_as_stated",
                "changed",
                "as_stated",
                "no_harm",
            )
        },
    }
