"""A release counted: its tables with every count, and all that intruders know besides, before anything is hidden."""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import ibis
from ibis import _

from research_lib.disclosure.auditing.earlier_counts import EarlierCounts
from research_lib.disclosure.case_counts import (
    Progress,
    Records,
    Values,
    as_table,
    count,
    observed_values,
    records_to_count,
    require_sound,
    require_within_retention,
)
from research_lib.disclosure.linked.cell_bounds import PublishedTable
from research_lib.disclosure.linked.structural_zeros import (
    Relation,
    form_relations,
    nested_relations,
    relations_that_hold,
)
from research_lib.disclosure.planning.plan import APART, PERSONS, Plan, PlanError
from research_lib.disclosure.planning.policy import Policy
from research_lib.disclosure.released import Released
from research_lib.disclosure.suppression.intruders import Contributors
from research_lib.disclosure.suppression.protection import Protection
from research_lib.interviews.cases import Cases, Variable, columns_of
from research_lib.missing_answers import MISSING, NO_ANSWER

YES_NO = ("yes", "no")


@dataclass(frozen=True)
class CountedRelease:
    """The counts of a release, ready to be protected.

    `earlier`: the digests of earlier releases. `records`: those that are counted. `values`: of each variable, those of
    the form and of the cases. `relations`: what follows from the form for the variables of the plan. `most_of_one`: how
    many that are counted one person has.
    """

    plan: Plan
    policy: Policy
    date: datetime.date
    earlier: tuple[str, ...]
    protection: Protection
    records: ibis.Table
    values: Values
    relations: tuple[Relation, ...]
    is_synthetic: bool
    most_of_one: int

    @property
    def one_source(self) -> bool:
        """Whether one source sent all records, and the policy says so: then it is not protected against."""
        return self.protection.contributors.one_source

    @property
    def policy_as_told(self) -> Policy:
        """The policy with what its rules mean where one source sent all records."""
        return self.policy.of_one_source() if self.one_source else self.policy


def count_release(
    cases: Records,
    plan: Plan,
    policy: Policy,
    *,
    date: datetime.date,
    earlier: Sequence[Released] = (),
    past: Sequence[EarlierCounts] = (),
    progress: Progress = str,
) -> CountedRelease:
    """Count the tables of a plan, and those of earlier releases that the plan has not.

    `past`: what was counted at the earlier releases, as far as the study has kept it.
    Raises StudyError, PlanError or CountingError where the cases or the plan are not sound.
    """
    is_synthetic = require_sound(cases, plan)
    require_within_retention(cases, date)
    if changed := [each for each in earlier if each.counts != plan.counts]:
        raise PlanError(
            f"the plan counts {plan.counts}, and the release of {changed[-1].manifest['date']} counts "
            f"{changed[-1].counts}: they cannot be protected together. Count the same, or begin a new series"
        )
    known, counting = form_values(cases, plan) if isinstance(cases, Cases) else {}, _Counting(cases, plan, earlier)
    source = counting.source
    values = {**observed_values(source, plan), **known}
    plan.check(policy, values, source.columns, known)
    held = counting.relations_of_the_form(earlier)
    is_told = policy.sources == 1 and len(past) == len(earlier) and all(each.one_source for each in earlier)
    contributors = _contributors(source, policy.coalition, past, is_told=is_told)
    protection = counting.protection(values, held, contributors, past, progress=progress)
    own = tuple(each for each in held if set(each.names) <= set(plan.variables))
    digests, most = tuple(each.digest for each in earlier), _most_of_one_person(source, plan)
    return CountedRelease(plan, policy, date, digests, protection, source, values, own, is_synthetic, most)


def count_again(
    released: Released,
    cases: Records,
    *,
    earlier: Sequence[Released] = (),
    past: Sequence[EarlierCounts] = (),
    relations: Sequence[Relation] | None = None,
) -> Protection:
    """Count the tables of a release again, from the records that it counts; the arguments are those of `count_release`.

    `relations`: those that follow from the form, unless others are given.
    """
    plan = Plan(released.planned, coarser=released.coarser, counts=released.counts)
    counting = _Counting(cases, plan, earlier)
    values = _values_ever(observed_values(counting.source, plan), released.published)
    held = counting.relations_of_the_form((*earlier, released)) if relations is None else relations
    coalition = released.manifest["rules"]["coalition"]
    contributors = _contributors(counting.source, coalition, past, is_told=released.one_source)
    return counting.protection(values, held, contributors, past)


def _contributors(source: ibis.Table, coalition: int, past: Sequence[EarlierCounts], *, is_told: bool) -> Contributors:
    """The sources; nothing is protected from one that sent all records, those of earlier releases too, and is told."""
    contributors = Contributors(source, coalition)
    sent = {name for each in past for frame in each.sent.values() for name in frame["source_id"] if name}
    return replace(contributors, one_source=is_told and len(contributors.sources | sent) == 1)


def _most_of_one_person(source: ibis.Table, plan: Plan) -> int:
    if plan.counts == PERSONS:
        return 1
    return int(source.group_by("person_id").aggregate(records=_.count())["records"].max().to_pandas())


class _Counting:
    """The records that a plan counts, and the tables of earlier releases that it has not but the records allow."""

    def __init__(self, cases: Records, plan: Plan, earlier: Sequence[Released]):
        ever = plan.with_coarser(each for one in earlier for each in one.coarser)
        self._plan, self._records = plan, records_to_count(cases, ever)
        self._variables = cases.variables if isinstance(cases, Cases) else ()
        self.source = as_table(self._records)
        # nobody can say what has changed in a table whose variables the records do not have any more
        told = [
            (table, planned)
            for each in earlier
            for table, planned in zip(each.published, each.planned, strict=True)
            if all(name in self.source.columns for name in planned.variables)
        ]
        dropped = {frozenset(planned.sides): planned for _, planned in told}
        for own in plan.tables:
            dropped.pop(frozenset(own.sides), None)
        self._earlier, self._dropped = [table for table, _ in told], tuple(dropped.values())
        self._every = replace(ever, tables=(*plan.tables, *self._dropped))

    def relations_of_the_form(self, told: Sequence[Released]) -> tuple[Relation, ...]:
        """Give those that follow from the form, and those that releases have told, as far as no record breaks them."""
        form = form_relations(self._every, self._variables)
        known = dict.fromkeys((*form, *(relation for each in told for relation in each.relations)))
        there = tuple(each for each in known if set(each.names) <= set(self._every.variables))
        return relations_that_hold(there, self._records, self._every)

    def protection(
        self,
        values: Values,
        relations: Sequence[Relation],
        contributors: Contributors,
        past: Sequence[EarlierCounts],
        *,
        progress: Progress = str,
    ) -> Protection:
        """Count the tables of the plan, and again those that it has dropped."""
        counted = list(count(self.source, self._plan, values, progress=progress))
        dropped = Plan(self._dropped)
        ever = _values_ever({**observed_values(self.source, dropped), **values}, self._earlier)
        again = list(count(self.source, dropped, ever)) if self._dropped else []
        known = (*relations, *nested_relations(self._records, self._every))
        return Protection(counted, contributors, known, self._earlier, again, past)


def _values_ever(values: Values, tables: Iterable[PublishedTable]) -> dict[str, tuple[str, ...]]:
    """The values of each variable, and those that it has in published tables."""
    every = {name: dict.fromkeys(found) for name, found in values.items()}
    for table in tables:
        for side, found in table.values.items():
            kept = [value for value in found if value not in (*MISSING, NO_ANSWER)]
            every.setdefault(side.removesuffix(APART), {}).update(dict.fromkeys(kept))
    return {name: tuple(found) for name, found in every.items()}


def form_values(cases: Cases, plan: Plan) -> dict[str, tuple[str, ...]]:
    """Give the values that the form has for each variable of a plan, in the order of the form."""
    columns = _columns(cases)
    asked = {name: columns[name] for name in plan.columns if name in columns}
    found = {name: YES_NO if each.is_split else each.choices for name, each in asked.items()}
    return found | {each.name: each.values(found[each.of]) for each in plan.coarser if each.of in found}


def labels_of(cases: Records, plan: Plan, values: Values) -> dict[str, dict[str, Any]]:
    """Give for each variable its dimension, its labels by language, its question, and the labels of its values."""
    columns = _columns(cases) if isinstance(cases, Cases) else {}
    found = {name: _labels(name, columns.get(name), values[name]) for name in plan.columns}
    found |= {each.name: each.labels(found[each.of]) for each in plan.coarser if each.of in found}
    return {name: found[name] for name in plan.variables}


def _labels(name: str, variable: Variable | None, values: tuple[str, ...]) -> dict[str, Any]:
    if variable is None:
        return {"dimension": "", "labels": {}, "question": name, "choice_labels": {}, "values": values}
    choice, named = name.removeprefix(f"{variable.name}__"), variable.choice_labels
    return {
        "dimension": variable.dimension,
        "labels": variable.labels,
        "question": variable.name,
        "choice_labels": {choice: named.get(choice, {})} if variable.is_split else named,
        "values": values,
    }


def _columns(cases: Cases) -> Mapping[str, Variable]:
    return {column: variable for variable in cases.variables for column in columns_of(variable)}
