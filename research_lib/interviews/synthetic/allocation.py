"""Allocates answers in target shares, question by question, as the form's skip logic applies.

ORDERS and CHOICES say which answers go together, so that no made-up woman contradicts herself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pandas as pd

from research_lib.errors import StudyError
from research_lib.interviews.cases import ANSWER_OF_MISSING, Variable
from research_lib.interviews.skip_logic import CONSENTED, applicable_as_written
from research_lib.interviews.synthetic.target_shares import NEAR, Margins, TargetShares
from research_lib.methods.missing import MISSING

_WRITTEN = [ANSWER_OF_MISSING.get(kind, "") for kind in MISSING]
_ANSWERED, _NOT_APPLICABLE = -1, MISSING.index("not_applicable")
"""Which answers of the synthetic study go together, so that no made-up woman contradicts herself."""

_ASYLUM = "asylum_pending asylum_refused protection_permit"
_MOTHERS = "one two three_or_more"

type Orders = dict[str, tuple[str, tuple[tuple[str, tuple[str, ...]], ...]]]
type Choices = dict[str, dict[str, tuple[str, str]]]

# question: its answers in order, and the earlier answers, level by level, by whose order they are allocated
ORDERS: Orders = {
    "marital_status": ("single", (("age_band", ("under_18 18_19",)),)),
    "children": ("none", (("age_band", ("under_18 18_19", "20_24")), ("marital_status", ("single",)))),
    "departure_situation": ("student at_home unemployed", (("occupation", ("never_worked",)),)),
    "worked_leisure_china": ("yes no", (("occupation", ("leisure_industry",)),)),
    "kin_in_europe": ("yes no", (("reason__join_family", ("yes",)), ("migration_kind", ("chain", "both")))),
    "stay_after_entry": (
        "irregular became_irregular regular",
        (("entry_mode", ("without_documents", "false_documents", "tourist_visa business_visa other_visa")),),
    ),
    "stay_duration": (
        "over_5_years 3_5_years 1_2_years 6_11_months under_6_months",
        (("departure_period", ("before_1995 1995_1999 2000_2004 2005_2009 2010_2019",)),),
    ),
    "residence_status": (
        f"national permit {_ASYLUM} irregular",
        (("stay_after_entry", ("regular",)), ("stay_duration", ("over_5_years", "3_5_years", "1_2_years"))),
    ),
    "asylum_request": ("yes no", (("residence_status", (_ASYLUM,)),)),
    "practice": ("now past never", (("first_work", ("prostitution",)),)),
    "activity_role": ("complementary main", (("paid_work_now__none", ("no",)),)),
    "other_work": ("yes no", (("activity_role", ("complementary",)), ("paid_work_now__none", ("no",)))),
    "began_after": (
        "before_migration under_6_months 6_11_months 1_2_years over_2_years",
        (
            ("prostitution_china", ("yes",)),
            ("stay_duration", ("under_6_months", "6_11_months", "1_2_years", "3_5_years")),
        ),
    ),
    "began_through": ("partner herself friend", (("marital_status", ("married",)),)),
    "handed_over": ("nothing under_half half", (("third_party__none", ("yes",)),)),
}

# question and choice: the earlier answers that it suits
CHOICES: Choices = {
    "dependants": {"husband": ("marital_status", "married separated"), "children": ("children", _MOTHERS)},
    "reason": {
        "child_schooling": ("children", _MOTHERS),
        "divorce_separation": ("marital_status", "divorced separated"),
    },
    "customers_met": {"street": ("places__street", "yes")},
    "other_work_sector": {"domestic": ("paid_work_now__domestic", "yes")},
    "reason_prostitution": {"child_schooling": ("children", _MOTHERS), "forced": ("began_through", "forced")},
    "income_use": {"child_schooling": ("children", _MOTHERS)},
}


class Stratum(NamedTuple):
    """The persons of one group in one country, who stand one after the other."""

    group: str
    country: str
    rows: slice


@dataclass
class Allocation:
    """The answers of made-up persons, allocated question by question.

    `missing` has a number in MISSING for each person, or -1; `chosen` the number of the choice, or, where many may be
    chosen, a column of true and false for each.
    """

    margins: Margins
    rng: np.random.Generator
    strata: tuple[Stratum, ...]
    persons: int
    variables: dict[str, Variable] = field(default_factory=dict)
    missing: dict[str, np.ndarray] = field(default_factory=dict)
    chosen: dict[str, np.ndarray] = field(default_factory=dict)
    _applicable: dict[str, np.ndarray] = field(default_factory=dict)

    def allocate(self, variable: Variable) -> None:
        """Allocate the answers to one question."""
        many = variable.is_split
        if variable.relevant not in self._applicable:  # questions with the same condition share the answer
            table = applicable_as_written([variable], self._written, pd.RangeIndex(self.persons))
            self._applicable[variable.relevant] = table[variable.name].to_numpy()
        applicable = self._applicable[variable.relevant]
        missing = np.where(applicable, _ANSWERED, _NOT_APPLICABLE).astype(np.int8)
        shape = (self.persons, len(variable.choices)) if many else self.persons
        chosen = np.zeros(shape, dtype=bool if many else np.int16)
        self.variables[variable.name], self.missing[variable.name] = variable, missing
        self.chosen[variable.name] = chosen
        for stratum in self.strata:
            target = self.margins.of(variable.name, stratum.group, stratum.country)
            _check(variable, target, stratum)
            rows = np.flatnonzero(applicable[stratum.rows]) + stratum.rows.start
            kinds = np.array([*map(MISSING.index, target.missing), _ANSWERED], dtype=np.int8)
            ends = np.cumsum(list(target.missing.values()))
            missing[rows] = kinds[np.searchsorted(ends, self._places(len(rows)), side="right")]
            if len(rows := rows[missing[rows] == _ANSWERED]):
                chosen[rows] = (self._many if many else self._one)(variable, target.answers, rows)

    def _written(self, name: str) -> np.ndarray | None:
        """What the form would have written, for the skip logic."""
        if name not in self.variables:
            return np.full(self.persons, CONSENTED[name], dtype=object) if name in CONSENTED else None
        choices, chosen = self.variables[name].choices, self.chosen[name]
        if self.variables[name].is_split:
            patterns, chosen = np.unique(chosen @ (1 << np.arange(len(choices))), return_inverse=True)
            choices = tuple(
                " ".join(choice for place, choice in enumerate(choices) if bits >> place & 1)
                for bits in patterns.tolist()
            )
        texts = np.array([*choices, *_WRITTEN], dtype=object)
        return texts[numbers_of(chosen, self.missing[name], len(choices))]

    def _places(self, count: int, *ranks: np.ndarray) -> np.ndarray:
        """A place between 0 and 1 for each, evenly spaced, in the order of the ranks, at random among equals."""
        if not ranks:
            return (self.rng.permutation(count) + 0.5) / count
        places = np.empty(count)
        places[np.lexsort((self.rng.random(count), *reversed(ranks)))] = (np.arange(count) + 0.5) / count
        return places

    def _one(self, variable: Variable, shares: Mapping[str, float], rows: np.ndarray) -> np.ndarray:
        first, by = ORDERS.get(variable.name, ("", ()))
        values = [
            *(value for value in first.split() if value in shares),
            *(v for v in shares if v not in first.split()),
        ]
        ends = np.cumsum([shares[value] for value in values])
        places = self._places(len(rows), *(self._ranks(name, levels, rows) for name, levels in by))
        numbers = np.array([variable.choices.index(value) for value in values])
        return numbers[np.minimum(np.searchsorted(ends, places, side="right"), len(values) - 1)]

    def _ranks(self, column: str, levels: tuple[str, ...], rows: np.ndarray) -> np.ndarray:
        """The level of each answer: others come after all levels, missing answers in the middle."""
        name, _, choice = column.partition("__")
        variable, numbers = self.variables[name], self.chosen[name][rows]
        values = ("no", "yes") if choice else variable.choices
        if choice:
            numbers = numbers[:, variable.choices.index(choice)].astype(int)
        level = {value: place for place, text in enumerate(levels) for value in text.split()}
        ranks = np.array([level.get(value, len(levels)) for value in values])[numbers]
        missing = self.missing[name][rows] != _ANSWERED
        return np.where(missing, len(levels) / 2, ranks)

    def _many(self, variable: Variable, shares: Mapping[str, float], rows: np.ndarray) -> np.ndarray:
        """Lay the choices one behind the other around a circle: each has its share, and everybody at least one."""
        chosen = np.zeros((len(rows), len(variable.choices)), dtype=bool)
        alone = next((choice for choice in variable.alone if choice in shares), "")
        nobody = shares.get(alone, 0.0)
        places = self._places(len(rows))
        others = places >= nobody
        around, start = (places[others] - nobody) / (1 - nobody), 0.0
        for choice, share in shares.items():
            column = variable.choices.index(choice)
            if choice == alone:
                chosen[~others, column] = True
                continue
            chosen[others, column] = (around - start) % 1 < share / (1 - nobody)
            start += share / (1 - nobody)
        suiting = CHOICES.get(variable.name, {})
        loose = np.array([choice not in (alone, *suiting) for choice in variable.choices])
        for choice, (answer, suited) in suiting.items():
            suits = self._ranks(answer, (suited,), rows) < 1
            _exchange(chosen, variable.choices.index(choice), suits, takers=others, loose=loose)
        return chosen


def numbers_of(chosen: np.ndarray, missing: np.ndarray, choices: int) -> np.ndarray:
    """The number of each answer, the kinds of missing counted on after the choices."""
    return np.where(missing == _ANSWERED, chosen, missing + choices)


def _check(variable: Variable, target: TargetShares, stratum: Stratum) -> None:
    """Refuse shares that the question cannot have."""
    unknown = [value for value in target.answers if value not in variable.choices]
    alone = sum(share for value, share in target.answers.items() if value in variable.alone)
    total = sum(target.answers.values())
    reason = f"it has no answer {unknown[0]!r}" if unknown else ""
    if not variable.is_split and total > 1 + NEAR:
        reason = reason or f"its answers sum to {total:g} and not to 1"
    if any(share > 1 - alone + NEAR for value, share in target.answers.items() if value not in variable.alone):
        reason = reason or "a choice has more than all who do not answer none or nobody"
    if reason:
        raise StudyError(f"margins.csv: {variable.name}, {stratum.group}, {stratum.country}: {reason}; fix the row")


def _exchange(chosen: np.ndarray, column: int, suits: np.ndarray, *, takers: np.ndarray, loose: np.ndarray) -> None:
    """Move a choice from persons whom it does not suit to as many whom it suits; the shares stay.

    `takers`: which rows may take it. `loose`: which columns may be given in return to who would have no choice left.
    """
    gives, takes = chosen[:, column] & ~suits, ~chosen[:, column] & suits & takers
    only = chosen.sum(axis=1) == 1
    has_loose = (chosen & loose).any(axis=1)
    back, forth = _pairs(gives & only, takes & has_loose)
    returned = (chosen[forth] & loose).argmax(axis=1)
    chosen[back, returned], chosen[forth, returned] = True, False
    takes[forth] = False
    more_back, more_forth = _pairs(gives & ~only, takes)
    chosen[np.r_[back, more_back], column], chosen[np.r_[forth, more_forth], column] = False, True


def _pairs(gives: np.ndarray, takes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """As many of the one as of the other."""
    first, second = np.flatnonzero(gives), np.flatnonzero(takes)
    return first[: len(second)], second[: len(first)]
