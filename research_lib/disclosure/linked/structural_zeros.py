"""Known relations between variables: the rules of the form, and categories nested in others.

Two choices of one question are answered or missing together; a question is skipped after some answers; a town lies in
one region. Such rules connect tables that share no variable, and an attacker can use them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, combinations, product
from math import prod
from typing import TYPE_CHECKING, Any

import pandas as pd

from research_lib.disclosure.planning.global_recoding import Recoding
from research_lib.disclosure.planning.plan import Plan
from research_lib.interviews.cases import GIVEN, Variable, columns_of
from research_lib.interviews.forms.form_rows import ALONE
from research_lib.interviews.skip_logic import applicable, names_in
from research_lib.missing_answers import MISSING, NO_ANSWER

if TYPE_CHECKING:
    from ibis import Table

Pair = tuple[str, str]
_MOST_CHOICES, _MOST_TOGETHER = 10, 5_000


@dataclass(frozen=True)
class Relation:
    """Two variables, and the pairs of their values that no record can have; kinds of missing are apart.

    `choices`: where both are choices of one question, all that it has: whoever answers it says yes to at least one.
    """

    one: str
    other: str
    never: frozenset[Pair]
    choices: tuple[str, ...] = ()

    @property
    def names(self) -> Pair:
        """The names of both variables."""
        return self.one, self.other

    def excludes(self, first: str, second: str) -> bool:
        """Whether no record can have these two values; a value may be all kinds of missing merged into one."""
        kinds = [MISSING if value == NO_ANSWER else (value,) for value in (first, second)]
        return all(pair in self.never for pair in product(*kinds))

    def as_json(self) -> dict[str, Any]:
        """Give the relation as plain values, for JSON."""
        choices = {"choices": self.choices} if self.choices else {}
        return {"one": self.one, "other": self.other, "never": sorted(self.never), **choices}


def relations_from_json(entries: Sequence[Mapping[str, Any]]) -> tuple[Relation, ...]:
    """Read relations from plain values, as JSON has them."""
    return tuple(
        Relation(each["one"], each["other"], frozenset(map(tuple, each["never"])), tuple(each.get("choices", ())))
        for each in entries
    )


def form_relations(plan: Plan, variables: Sequence[Variable] = ()) -> tuple[Relation, ...]:
    """Give the relations that follow from the form: choices of one question, and questions skipped after an answer.

    Choices are known by their names, `<question>__<choice>`; the rest needs the form's `variables`. What holds for a
    variable holds for the coarser ones that a plan makes of it.
    """
    every = {variable.name: columns_of(variable) for variable in variables if variable.is_split}
    alone = _choices_alone(plan, variables)
    found = (*_choices_of_one_question(plan, every, alone), *_skipped_questions(variables, plan, alone))
    return tuple(
        each
        for relation in found
        for each in _coarser_relations(relation, plan.coarser)
        if set(each.names) <= set(plan.variables)
    )


def _choices_alone(plan: Plan, variables: Sequence[Variable]) -> frozenset[str]:
    """The columns of choices that stand alone: as the form says, or as their names do until a record says otherwise."""
    named = {f"{each.name}__{choice}" for each in variables for choice in each.alone}
    return frozenset(named | {column for column in plan.columns if column.partition("__")[2] in ALONE})


def _choices_of_one_question(
    plan: Plan, every: Mapping[str, tuple[str, ...]], alone: frozenset[str]
) -> Iterator[Relation]:
    """Each choice of a question with its first one, and with those that stand alone: they are missing together.

    `every`: all choices of each question of the form. Where the plan has them all, one of them is yes.
    """
    questions: dict[str, list[str]] = {}
    for column in plan.columns:
        if "__" in column:
            questions.setdefault(column.partition("__")[0], []).append(column)
    for question, columns in questions.items():
        choices = every.get(question, ()) if set(every.get(question, ())) == set(columns) else ()
        columns.sort(key=lambda column: column not in alone)
        firsts = [column for column in columns if column in alone] or columns[:1]
        for one, other in (pair for pair in combinations(columns, 2) if pair[0] in firsts):
            values = ("yes", "no", *MISSING)
            never = {(a, b) for a, b in product(values, values) if a != b and (a in MISSING or b in MISSING)}
            if one in alone:
                never.add(("yes", "yes"))
            if len(choices) == len(("yes", "no")):
                never.add(("no", "no"))
            yield Relation(one, other, frozenset(never), choices)


def _skipped_questions(variables: Sequence[Variable], plan: Plan, alone: frozenset[str]) -> Iterator[Relation]:
    """Each column of a question with each column of the questions that decide whether it applies."""
    by_name = {variable.name: variable for variable in variables}
    for child in variables:
        names = [name for name in names_in(child.relevant) if name not in GIVEN] if child.relevant else []
        parents = tuple(by_name[name] for name in names if name in by_name)
        own = [column for column in columns_of(child) if column in plan.columns]
        if not names or len(parents) < len(names) or not own:
            continue
        answers = _answers_together(parents, alone)
        for parent in [column for each in parents for column in columns_of(each) if column in plan.columns]:
            applies = _applicable_by_answer(answers, parent, parents, child)
            if never := _impossible_pairs(applies, child):
                yield from (Relation(parent, column, never) for column in own)


def _answers_together(parents: Sequence[Variable], alone: frozenset[str]) -> pd.DataFrame:
    """All that can be answered to some questions together, a row each; nothing where that is too much to list."""
    each = [[*_possible_answers(parent, alone)] for parent in parents if len(parent.choices) <= _MOST_CHOICES]
    if len(each) < len(parents) or prod(map(len, each)) > _MOST_TOGETHER:
        return pd.DataFrame()
    return pd.DataFrame([dict(chain(*(row.items() for row in rows))) for rows in product(*each)], dtype="str")


def _possible_answers(question: Variable, alone: frozenset[str]) -> Iterator[dict[str, str]]:
    columns = columns_of(question)
    yield from (dict.fromkeys(columns, kind) for kind in MISSING)
    if not question.is_split:
        yield from ({question.name: choice} for choice in question.choices)
        return
    for row in product(("no", "yes"), repeat=len(columns)):
        taken = {column for yes, column in zip(row, columns, strict=True) if yes == "yes"}
        if len(taken) == 1 or (taken and not taken & alone):
            yield dict(zip(columns, row, strict=True))


def _applicable_by_answer(
    answers: pd.DataFrame, column: str, parents: Sequence[Variable], child: Variable
) -> dict[str, set[bool]]:
    """For each answer in a column, whether the child can be asked then, and whether it can be skipped."""
    if answers.empty:
        return {}
    found = applicable(answers, (*(replace(parent, relevant="") for parent in parents), child))[child.name]
    return {str(value): set(rows.tolist()) for value, rows in found.groupby(answers[column])}


def _impossible_pairs(applies: Mapping[str, set[bool]], child: Variable) -> frozenset[Pair]:
    """A skipped question is not applicable, or withheld with the whole record; an applicable one never is."""
    answers = ("yes", "no") if child.is_split else child.choices
    others = [value for value in (*answers, *MISSING) if value not in ("not_applicable", "withheld")]
    skipped = {(value, answer) for value, asked in applies.items() if True not in asked for answer in others}
    needless = {(value, "not_applicable") for value, asked in applies.items() if False not in asked}
    return frozenset(skipped | needless)


def _coarser_relations(relation: Relation, coarser: Sequence[Recoding]) -> Iterator[Relation]:
    """A relation, and what it says of variables that are made of its own.

    Two codes exclude each other where all pairs of codes do that they stand for.
    """
    for made in product(*([None, *(each for each in coarser if each.of == name)] for name in relation.names)):
        one, other = (_finer_codes(each, {pair[side] for pair in relation.never}) for side, each in enumerate(made))
        never = {(a, b) for a, b in product(one, other) if set(product(one[a], other[b])) <= relation.never}
        named = [each.name if each else name for each, name in zip(made, relation.names, strict=True)]
        yield Relation(named[0], named[1], frozenset(never), () if any(made) else relation.choices)


def _finer_codes(coarser: Recoding | None, fine: Iterable[str]) -> dict[str, set[str]]:
    """Each code with those that it stands for, as far as they are known."""
    found: dict[str, set[str]] = {}
    for code in fine:
        found.setdefault(coarser.code_of(code) if coarser else code, set()).add(code)
    return {code: {*every, *(coarser.codes.get(code, ()) if coarser else ())} for code, every in found.items()}


def nested_relations(cases: "pd.DataFrame | Table", plan: Plan) -> tuple[Relation, ...]:
    """Find the nested variables of the cases: each value of one occurs with one value of the other only.

    The audit assumes that an attacker knows them all.
    """
    occurring = _occurring_pairs(cases, plan)
    found = []
    for one, other in combinations(plan.variables, 2):
        pairs = occurring(one, other)
        numbers = [len(set(side)) for side in zip(*pairs, strict=True)]
        if min(numbers) > 1 and len(pairs) == max(numbers):
            first, second = ({*side, *MISSING} for side in zip(*pairs, strict=True))
            both_missing = {(kind, kind) for kind in MISSING}
            found.append(Relation(one, other, frozenset(product(first, second)) - pairs - both_missing))
    return tuple(found)


def relations_that_hold(
    relations: Sequence[Relation], cases: "pd.DataFrame | Table", plan: Plan
) -> tuple[Relation, ...]:
    """Keep the relations that no record breaks; any other would mislead an attacker, and the audit."""
    occurring = _occurring_pairs(cases, plan)
    held = (each for each in relations if not occurring(*each.names) & each.never)
    nothing = {each.choices for each in relations if each.choices and _some_say_no_to_all(cases, each.choices)}
    return tuple(replace(each, choices=()) if each.choices in nothing else each for each in held)


def _some_say_no_to_all(cases: "pd.DataFrame | Table", choices: Sequence[str]) -> bool:
    if any(choice not in cases.columns for choice in choices):
        return True
    if isinstance(cases, pd.DataFrame):
        return bool((cases[list(choices)] == "no").all(axis=1).any())
    return bool(cases.filter([cases[choice] == "no" for choice in choices]).count().to_pandas())


def _occurring_pairs(cases: "pd.DataFrame | Table", plan: Plan) -> Callable[[str, str], frozenset[Pair]]:
    """Give what lists the pairs of values that two variables have; a database lists those of cases that it holds."""
    # values as numbers, once for all pairs
    held = cases[[*plan.variables]].astype("category") if isinstance(cases, pd.DataFrame) else cases

    def occurring(*names: str) -> frozenset[Pair]:
        both = held[[*names]]
        found = both.drop_duplicates() if isinstance(both, pd.DataFrame) else both.distinct().to_pandas()
        return frozenset(found.itertuples(index=False, name=None))

    return occurring
