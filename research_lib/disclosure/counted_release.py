"""A release counted: its tables with every count, and all that intruders know besides, before anything is hidden."""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
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
from research_lib.disclosure.earlier_releases import NO_RELEASES, EarlierReleases, require_codes, require_columns
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
    earlier: EarlierReleases = NO_RELEASES,
    progress: Progress = str,
) -> CountedRelease:
    """Count the tables of a plan, and those of earlier releases that the plan has not.

    Raises StudyError, PlanError or CountingError where the cases or the plan are not sound, RenamedError where it is
    not known what has become of a variable or code of an earlier release.
    """
    is_synthetic = require_sound(cases, plan)
    require_within_retention(cases, date)
    if changed := [each for each in earlier.releases if each.counts != plan.counts]:
        raise PlanError(
            f"the plan counts {plan.counts}, and the release of {changed[-1].manifest['date']} counts "
            f"{changed[-1].counts}: they cannot be protected together. Count the same, or begin a new series"
        )
    counting = _Counting(cases, plan, earlier)
    source, values = counting.source, {name: counting.values[name] for name in (*plan.variables, *plan.columns)}
    plan.check(policy, values, source.columns, counting.form)
    every = earlier.releases
    is_told = policy.sources == 1 and len(earlier.counts) == len(every) and all(each.one_source for each in every)
    contributors = Contributors(source, policy.coalition, respondents=policy.respondents)
    contributors = _without_the_only_source(contributors, earlier.counts, is_told=is_told)
    protection = counting.protection(contributors, values=values, progress=progress)
    own = tuple(each for each in counting.relations[0] if set(each.names) <= set(plan.variables))
    digests, most = tuple(each.digest for each in every), _most_of_one_person(source, plan)
    return CountedRelease(plan, policy, date, digests, protection, source, values, own, is_synthetic, most)


def count_again(
    released: Released,
    cases: Records,
    *,
    earlier: EarlierReleases = NO_RELEASES,
    relations: Sequence[Relation] | None = None,
) -> Protection:
    """Count the tables of a release again, from the records that it counts; the arguments are those of `count_release`.

    `released`: by the names of today. `relations`: those that follow from the form, unless others are given.
    """
    plan = Plan(released.planned, coarser=released.coarser, counts=released.counts)
    counting = _Counting(cases, plan, earlier, audited=released)
    rules = released.manifest["rules"]
    contributors = Contributors(counting.source, rules["coalition"], respondents=rules.get("respondents", 0))
    contributors = _without_the_only_source(contributors, earlier.counts, is_told=released.one_source)
    values = _values_ever(counting.values, released.published)
    return counting.protection(contributors, values=values, relations=relations)


def _without_the_only_source(
    contributors: Contributors, past: Sequence[EarlierCounts], *, is_told: bool
) -> Contributors:
    """The sources; nothing is protected from one that sent all records, those of earlier releases too, and is told."""
    sent = {name for each in past for frame in each.sent.values() for name in frame["source_id"] if name}
    return replace(contributors, one_source=is_told and len(contributors.sources | sent) == 1)


def _most_of_one_person(source: ibis.Table, plan: Plan) -> int:
    if plan.counts == PERSONS:
        return 1
    return int(source.group_by("person_id").aggregate(records=_.count())["records"].max().to_pandas())


class _Counting:
    """The records that a plan counts, and the tables of earlier releases that it has not.

    `audited`: the release that the plan is that of. `values`: of each variable of the plan and of all releases, those
    of the form, or of the records.
    """

    def __init__(self, cases: Records, plan: Plan, earlier: EarlierReleases, *, audited: Released | None = None):
        ever = plan.with_coarser(each for one in earlier.releases for each in one.coarser)
        self._plan, self._earlier, self._told = plan, earlier, [*earlier.releases, *filter(None, [audited])]
        self._records = records_to_count(cases, ever)
        self._variables = cases.variables if isinstance(cases, Cases) else ()
        self.source = as_table(self._records)
        for each in self._told:
            require_columns(each, self.source.columns)
        dropped = {frozenset(planned.sides): planned for each in earlier.releases for planned in each.planned}
        for own in plan.tables:
            dropped.pop(frozenset(own.sides), None)
        self._dropped = Plan(tuple(dropped.values()))
        self._every = replace(ever, tables=(*plan.tables, *self._dropped.tables))
        self.form = form_values(cases, self._every) if isinstance(cases, Cases) else {}
        self.values = {**observed_values(self.source, self._every), **self.form}
        for each in self._told:
            require_codes(each, self.values, earlier.renamed)

    def protection(
        self,
        contributors: Contributors,
        *,
        values: Values,
        relations: Sequence[Relation] | None = None,
        progress: Progress = str,
    ) -> Protection:
        """Count the tables of the plan, and again those that it has dropped."""
        counted = list(count(self.source, self._plan, values, progress=progress))
        tables = [table for each in self._earlier.releases for table in each.published]
        ever = _values_ever(self.values, tables)
        again = list(count(self.source, self._dropped, ever))
        held, broken = self.relations if relations is None else (relations, ())
        nested = nested_relations(self._records, self._every)
        return Protection(counted, contributors, (*held, *nested), tables, again, self._earlier.counts, broken)

    @cached_property
    def relations(self) -> tuple[Sequence[Relation], Sequence[Relation]]:
        """Those that follow from the form, or that releases have told: which no record breaks, and which some does."""
        told = [relation for each in self._told for relation in each.relations]
        nested = [relation for each in self._earlier.counts for relation in each.relations]
        known = dict.fromkeys((*form_relations(self._every, self._variables), *told, *nested))
        there = [each for each in known if set(each.names) <= set(self._every.variables)]
        held = relations_that_hold(there, self._records, self._every)
        unbroken = {(each.names, each.never) for each in held}
        return held, [each for each in there if (each.names, each.never) not in unbroken]


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
