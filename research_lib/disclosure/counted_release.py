"""A release counted: its tables with every count, and all that readers know besides them, before anything is hidden."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import ibis
import pandas as pd
from ibis import _

from research_lib.disclosure.auditing.earlier_counts import EarlierCounts
from research_lib.disclosure.case_counts import Progress, as_table, count, observed_values
from research_lib.disclosure.linked.known_relations import (
    Relation,
    form_relations,
    nested_relations,
    relations_that_hold,
)
from research_lib.disclosure.planning.plan import PERSONS, Plan, PlanError
from research_lib.disclosure.planning.policy import Policy
from research_lib.disclosure.released import Released
from research_lib.disclosure.soundness import records_to_count, require_sound, require_within_retention
from research_lib.disclosure.suppression.insiders import Insiders
from research_lib.disclosure.suppression.protection import (
    Protection,
    dropped_tables,
    planned_tables,
    recount,
    values_ever,
)
from research_lib.disclosure.variable_labels import form_values
from research_lib.interviews.cases import Cases


@dataclass(frozen=True)
class CountedRelease:
    """The counts of a release, ready to be protected.

    `records`: those that are counted. `values`: of each variable, those of the form and of the cases. `relations`: what
    follows from the form for the variables of the plan. `most_of_one`: how many that are counted one person has.
    """

    protection: Protection
    records: ibis.Table
    values: Mapping[str, tuple[str, ...]]
    relations: tuple[Relation, ...]
    is_synthetic: bool
    most_of_one: int

    @property
    def one_source(self) -> bool:
        """Whether one source sent all records, and the policy says so: then it is not protected against."""
        return self.protection.insiders.one_source


def count_release(
    cases: Cases | pd.DataFrame | ibis.Table,
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
    ever = plan.with_coarser(each for one in earlier for each in one.coarser)
    records = records_to_count(cases, ever)
    source = as_table(records)
    known = form_values(cases, plan) if isinstance(cases, Cases) else {}
    values = {**observed_values(source, plan), **known}
    plan.check(policy, values, source.columns, known)
    counted = list(count(source, plan, values, progress=progress))
    dropped = dropped_tables(plan, earlier, source.columns)
    every = replace(ever, tables=(*plan.tables, *dropped))
    held = _relations_of_the_form(cases, records, every, earlier)
    relations = (*held, *nested_relations(records, every))
    before, recounted = recount(source, dropped, earlier, values)
    insiders = Insiders(source, policy.coalition)
    is_told = policy.sources == 1 and len(past) == len(earlier) and all(each.one_source for each in earlier)
    insiders = replace(insiders, one_source=is_told and _is_one(insiders, past))
    protection = Protection(counted, insiders, relations, before, recounted, past)
    own = tuple(each for each in held if set(each.names) <= set(plan.variables))
    return CountedRelease(protection, source, values, own, is_synthetic, _most_of_one_person(source, plan))


def _is_one(insiders: Insiders, past: Sequence[EarlierCounts]) -> bool:
    """Whether one source sent all records, those of earlier releases too."""
    sent = {name for each in past for frame in each.sent.values() for name in frame["source_id"] if name}
    return len(insiders.sources | sent) == 1


def _most_of_one_person(source: ibis.Table, plan: Plan) -> int:
    if plan.counts == PERSONS:
        return 1
    return int(source.group_by("person_id").aggregate(records=_.count())["records"].max().to_pandas())


def count_again(
    released: Released,
    cases: Cases | pd.DataFrame | ibis.Table,
    *,
    earlier: Sequence[Released] = (),
    past: Sequence[EarlierCounts] = (),
    relations: Sequence[Relation] | None = None,
) -> Protection:
    """Count the tables of a release again, from the records that it counts; the arguments are those of `count_release`.

    `relations`: those that follow from the form, unless others are given.
    """
    plan = Plan(planned_tables(released), coarser=released.coarser, counts=released.counts)
    ever = plan.with_coarser(each for one in earlier for each in one.coarser)
    records = records_to_count(cases, ever)
    source = as_table(records)
    dropped = dropped_tables(plan, earlier, source.columns)
    every = replace(ever, tables=(*plan.tables, *dropped))
    held = _relations_of_the_form(cases, records, every, (*earlier, released)) if relations is None else relations
    values = values_ever(observed_values(source, plan), released.for_audit().tables)
    before, recounted = recount(source, dropped, earlier, values)
    insiders = Insiders(source, released.manifest["rules"]["coalition"])
    insiders = replace(insiders, one_source=released.one_source and _is_one(insiders, past))
    known = (*held, *nested_relations(records, every))
    return Protection(list(count(source, plan, values)), insiders, known, before, recounted, past)


def _relations_of_the_form(
    cases: Cases | pd.DataFrame | ibis.Table, records: pd.DataFrame | ibis.Table, every: Plan, told: Sequence[Released]
) -> tuple[Relation, ...]:
    """The relations that follow from the form, and those that releases have told, as far as no record breaks them."""
    form = form_relations(every, cases.variables if isinstance(cases, Cases) else ())
    known = dict.fromkeys((*form, *(relation for each in told for relation in each.relations)))
    there = tuple(each for each in known if set(each.names) <= set(every.variables))
    return relations_that_hold(there, records, every)
