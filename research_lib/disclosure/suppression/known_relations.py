"""What everybody knows of answers that go together: the rules of the form, and what lies within what.

Two choices of one question are answered together; who is never in prostitution is not asked where; a town lies in one
region. Tables that share no variable hang together by such rules, and an attacker uses them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, product
from typing import Any

import ibis
import numpy as np
import pandas as pd

from research_lib.disclosure.plan import Plan
from research_lib.interviews.cases import ALONE, FIXED, Variable, columns_of
from research_lib.interviews.skip_logic import applicable, names_in
from research_lib.methods.missing import MISSING, NO_ANSWER

Pair = tuple[str, str]


@dataclass(frozen=True)
class Relation:
    """Two variables, and the pairs of their values, kinds of missing apart, that no record can have."""

    one: str
    other: str
    never: frozenset[Pair]

    @property
    def names(self) -> Pair:
        """Both variables."""
        return self.one, self.other

    def excludes(self, first: str, second: str) -> bool:
        """Whether no record can have these two values, either of which may be all kinds of missing together."""
        kinds = [MISSING if value == NO_ANSWER else (value,) for value in (first, second)]
        return all(pair in self.never for pair in product(*kinds))

    def as_json(self) -> dict[str, Any]:
        """The relation as plain values."""
        return {"one": self.one, "other": self.other, "never": sorted(self.never)}


def from_json(entries: Sequence[Mapping[str, Any]]) -> tuple[Relation, ...]:
    """Read relations from plain values."""
    return tuple(Relation(each["one"], each["other"], frozenset(map(tuple, each["never"]))) for each in entries)


def form_relations(plan: Plan, variables: Sequence[Variable] = ()) -> tuple[Relation, ...]:
    """The relations that the form tells: choices of one question, and questions that are skipped after an answer.

    Choices are known by their names, `<question>__<choice>`; the rest needs the form's `variables`.
    """
    return (*_siblings(plan), *_skipped(variables, plan))


def _siblings(plan: Plan) -> Iterator[Relation]:
    """Each choice of a question with its first one, or with the one that stands alone: they are missing together."""
    questions: dict[str, list[str]] = {}
    for column in plan.variables:
        if "__" in column:
            questions.setdefault(column.partition("__")[0], []).append(column)
    for columns in questions.values():
        columns.sort(key=lambda column: not _alone(column))
        for other in columns[1:]:
            values = ("yes", "no", *MISSING)
            never = {(a, b) for a, b in product(values, values) if a != b and (a in MISSING or b in MISSING)}
            yield Relation(columns[0], other, frozenset(never | ({("yes", "yes")} if _alone(columns[0]) else set())))


def _alone(column: str) -> str:
    return next((f"__{choice}" for choice in ALONE if column.endswith(f"__{choice}")), "")


def _skipped(variables: Sequence[Variable], plan: Plan) -> Iterator[Relation]:
    """Each column of a question with the one question that decides whether it is asked."""
    by_name = {variable.name: variable for variable in variables}
    for child in variables:
        names = set(names_in(child.relevant)) - set(FIXED) - {"consent"} if child.relevant else set()
        parent = by_name.get(next(iter(names))) if len(names) == 1 else None
        if parent is None or parent.kind != "one" or parent.name not in plan.variables:
            continue
        asked = _asked(parent, child)
        for column in [column for column in columns_of(child) if column in plan.variables]:
            yield Relation(parent.name, column, _never_asked(asked, child))


def _asked(parent: Variable, child: Variable) -> dict[str, bool]:
    values = [*parent.choices, *MISSING]
    found = applicable(pd.DataFrame({parent.name: values}, dtype="str"), (replace(parent, relevant=""), child))
    return dict(zip(values, found[child.name].tolist(), strict=True))


def _never_asked(asked: Mapping[str, bool], child: Variable) -> frozenset[Pair]:
    """A question that is not asked is not applicable, unless everything of the record is withheld; and only then."""
    answers = ("yes", "no") if child.kind == "many" else child.choices
    others = [value for value in (*answers, *MISSING) if value not in ("not_applicable", "withheld")]
    skipped = {(value, answer) for value, is_asked in asked.items() if not is_asked for answer in others}
    needless = {(value, "not_applicable") for value, is_asked in asked.items() if is_asked}
    return frozenset(skipped | needless)


def nested_relations(cases: pd.DataFrame | ibis.Table, plan: Plan) -> tuple[Relation, ...]:
    """The relations that the cases show: each value of one variable occurs with one value of another only.

    An attacker is taken to know them all. Of cases in a database the engine is asked for the pairs that occur.
    """
    occurring = _in_memory(cases, plan) if isinstance(cases, pd.DataFrame) else _in_database(cases)
    found = []
    for one, other in combinations(plan.variables, 2):
        pairs = occurring(one, other)
        numbers = [len(set(side)) for side in zip(*pairs, strict=True)]
        if min(numbers) > 1 and len(pairs) == max(numbers):
            found.append(Relation(one, other, frozenset(product(*map(set, zip(*pairs, strict=True)))) - pairs))
    return tuple(found)


def that_hold(relations: Sequence[Relation], cases: pd.DataFrame | ibis.Table, plan: Plan) -> tuple[Relation, ...]:
    """Those relations that no record of the cases breaks; an attacker who supposed another would be misled."""
    occurring = _in_memory(cases, plan) if isinstance(cases, pd.DataFrame) else _in_database(cases)
    return tuple(each for each in relations if not occurring(*each.names) & each.never)


def _in_memory(cases: pd.DataFrame, plan: Plan) -> Callable[[str, str], frozenset[Pair]]:
    codes = {name: pd.factorize(cases[name]) for name in plan.variables}

    def occurring(one: str, other: str) -> frozenset[Pair]:
        (first, names), (second, others) = codes[one], codes[other]
        found = np.unique(first * len(others) + second)
        return frozenset((names[at // len(others)], others[at % len(others)]) for at in found.tolist())

    return occurring


def _in_database(cases: ibis.Table) -> Callable[[str, str], frozenset[Pair]]:
    def occurring(one: str, other: str) -> frozenset[Pair]:
        frame = cases.select(one, other).distinct().to_pandas()
        return frozenset(zip(frame[one], frame[other], strict=True))

    return occurring
