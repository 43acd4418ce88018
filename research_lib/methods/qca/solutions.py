"""Solutions: the shortest expressions that account for the positive rows, with every model that does it as well."""

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from research_lib.errors import UnfitDataError
from research_lib.methods.options import as_list, is_whole, need_whole
from research_lib.methods.qca import prime_implicants
from research_lib.methods.qca.combinations import Layout, within, without
from research_lib.methods.qca.prime_implicants import ChartSolution
from research_lib.methods.qca.set_membership import Sufficiency, sufficiency, unique_coverage
from research_lib.methods.qca.truth_tables import RARE, TruthTable

type Kind = Literal["conservative", "parsimonious", "intermediate"]
type Terms = Model | str | Iterable[str | int]


def _easy_counterfactuals(
    layout: Layout, conservative: Sequence[int], parsimonious: Sequence[int], expected: Sequence[int]
) -> list[int]:
    """Widen each conservative term towards what is expected, as far as a parsimonious term that holds it goes.

    `conservative` and `parsimonious`: the terms of a model each. A condition that contradicts an expectation may take
    the expected levels too; where several conditions are expected together, they may only all at once. A condition
    without an expectation stays. Source: Ragin and Sonnett (2005), Between complexity and parsimony.
    """
    fixed = {each: sum(part for part in layout.parts if each & part != part) for each in expected}
    widened: set[int] = set()
    for term, target in itertools.product(conservative, parsimonious):
        if not within(term, target):
            continue
        wider = term
        for expectation in expected:
            if fixed[expectation] in layout.parts:
                wider |= expectation & target & fixed[expectation]
        found = [(wider, layout.everything)]  # with what the joint expectations that are met hold
        for expectation in expected:
            if (where := fixed[expectation]) not in layout.parts:
                more = [
                    ((each & ~where | held & expectation & where) & target, held & expectation) for each, held in found
                ]
                found += [pair for pair in more if not any(map(layout.is_empty, pair))]
        widened |= {each for each, _ in found}
    return sorted(widened)


@dataclass(frozen=True)
class Model:
    """One way to account for the positive rows: a sum of products, as good as the other models of its solution.

    `terms`: the products. `fit`: a frame with one row a term: term, consistency, pri, coverage, unique (coverage that
    no other term has), cases. `whole`: the fit of all together.
    """

    terms: tuple[str, ...]
    fit: pd.DataFrame
    whole: Sufficiency

    def __str__(self) -> str:
        return " + ".join(self.terms)


@dataclass(frozen=True)
class Solution:
    """The models of one kind of solution; none is better than another, and a choice needs a reason from the cases.

    `primes`: all prime implicants. `models`: at most as many as requested; `count`: how many there are, at least, where
    `is_complete` is false. Intermediate models come from pairs of the others, and may differ in length. `combinations`:
    the terms of each model as whole numbers (see the module `combinations`); `used`: those of all models, listed or
    not.
    """

    kind: Kind
    outcome: str
    primes: tuple[str, ...]
    models: tuple[Model, ...]
    count: int
    is_complete: bool
    combinations: tuple[tuple[int, ...], ...]
    used: tuple[int, ...]


def minimize(
    table: TruthTable,
    solution: Kind = "conservative",
    *,
    expect: str = "",
    exclude: str = "",
    limit: int = 100,
) -> Solution:
    """Find the shortest expressions for the positive rows, and list every one that is tied.

    `conservative` uses no combination without cases, `parsimonious` any, `intermediate` those of them that the
    parsimonious solution uses and that agree with `expect`: literals that should favour the outcome, such as
    `LIT + ~DEBT`, or what should only together, such as `LIT*STB`. `exclude`: combinations that may not be used
    although no case shows them, such as those that cannot be. Raises UnfitDataError where no
    row is positive, where none is negative (conservative: where all that there can be are positive), and for `expect`
    or `exclude` with a solution that does not use it.
    Source: Ragin (2008), chapters 8 and 9; Dusa (2018), Consistency combinations, R Journal 10(2).

    Not for: causal claims from the parsimonious solution alone, or a model chosen among tied ones at will.
    """
    excluded, expected = table.layout.parse(exclude), table.layout.parse(expect)
    _check_options(solution, expected, excluded, limit)
    _check_rows(table, solution)
    if solution == "conservative":
        primes, chart = _conservative(table, limit)
    else:
        barred = [rest for combination in excluded for rest in without(table.layout, combination, table.positive)]
        primes = prime_implicants.against(table.layout, table.positive, [*table.negative, *barred])
        chart = prime_implicants.solve_chart(table.positive, primes, limit)
    if solution == "intermediate":
        primes, chart = _intermediate(table, chart, expected, limit)
    return Solution(
        solution,
        table.sets.outcome_name,
        primes=tuple(map(table.layout.text, primes)),
        models=tuple(model_of(table, cover) for cover in chart.listed),
        count=chart.count,
        is_complete=chart.is_complete,
        combinations=chart.listed,
        used=chart.used,
    )


def model_of(table: TruthTable, terms: Terms) -> Model:
    """Measure a sum of products, whatever it comes from, on the cases of a truth table.

    `terms`: text such as `DEV*~IND + STB`, a model, its terms, or combinations. Raises UnfitDataError for terms that do
    not belong to this truth table.

    Not for: calling a sum a solution because it fits; fit is not what makes one.
    """
    combinations = _read_terms(table, terms)
    if not combinations:
        raise UnfitDataError("the expression is empty; write one or more terms")
    sets = table.sets
    degrees = np.array([sets.membership(combination) for combination in combinations])
    fit = pd.DataFrame([sufficiency(degree, sets.outcome) for degree in degrees])
    fit.insert(0, "term", [table.layout.text(combination) for combination in combinations])
    fit["unique"] = unique_coverage(degrees, sets.outcome)
    fit["cases"] = [sets.members(combination) for combination in combinations]
    return Model(tuple(fit["term"]), fit, sufficiency(degrees.max(axis=0), sets.outcome))


def assumptions(table: TruthTable, terms: Terms) -> tuple[str, ...]:
    """Name the combinations without cases that a model takes to go with the outcome: its simplifying assumptions.

    `terms`: a model, its terms, text such as `DEV*~IND + STB`, or combinations, such as `used` of a solution. Raises
    UnfitDataError for terms that do not belong to this truth table.

    Not for: more than about fourteen conditions, of which there are too many to be read, and so to be defended.
    """
    shown = {*table.positive, *table.negative}
    assumed = {row for combination in _read_terms(table, terms) for row in table.layout.rows(combination)} - shown
    return tuple(table.layout.text(row) for row in sorted(assumed))


def _read_terms(table: TruthTable, terms: Terms) -> list[int]:
    """Read terms, whichever way they are given."""
    layout = table.layout
    combinations: list[Any] = []
    for term in terms.terms if isinstance(terms, Model) else as_list(terms):
        combinations += layout.parse(term) if isinstance(term, str) else [term]
    for combination in combinations:
        if not is_whole(combination, 1) or combination > layout.everything or layout.is_empty(combination):
            raise UnfitDataError(
                f"{combination!r:.40} is not a term here; give a model, text such as 'A*~B' or numbers"
            )
    return combinations


def _check_options(solution: str, expected: list[int], excluded: list[int], limit: int) -> None:
    need_whole("limit", limit, 1)
    if solution not in ("conservative", "parsimonious", "intermediate"):
        raise UnfitDataError(f"{solution!r} is not a solution; use one of conservative, parsimonious and intermediate")
    if solution == "intermediate" and not expected:
        raise UnfitDataError("an intermediate solution needs what you expect, such as expect='DEBT + ~LANGUAGE'")
    if solution != "intermediate" and expected:
        raise UnfitDataError(f"expect is for the intermediate solution; leave it out for the {solution} one")
    if solution == "conservative" and excluded:
        raise UnfitDataError(
            "exclude is for the parsimonious and the intermediate solution; the conservative one uses no combination "
            "without cases, so leave it out"
        )


def _check_rows(table: TruthTable, solution: str) -> None:
    if not table.positive:
        common = table.frame[table.frame["outcome"] != RARE]
        if common.empty:
            why = f"no row has {table.frequency} cases"
        elif (common["inclusion"] >= table.inclusion).any():
            why = f"no row that reaches an inclusion of {table.inclusion:g} reaches a PRI of {table.pri:g}"
        else:
            why = f"no row reaches an inclusion of {table.inclusion:g}"
        raise UnfitDataError(f"{why}: there is nothing to explain; look at the truth table")
    all_there_can_be = len(table.positive) == math.prod(table.layout.levels)
    if not table.negative and (solution != "conservative" or all_there_can_be):
        raise UnfitDataError("every row that cases show is positive: without a negative one, anything explains them")


def _conservative(table: TruthTable, limit: int) -> tuple[list[int], ChartSolution]:
    primes = prime_implicants.among(table.layout, table.positive)
    return primes, prime_implicants.solve_chart(table.positive, primes, limit)


def _intermediate(
    table: TruthTable, parsimonious: ChartSolution, expected: list[int], limit: int
) -> tuple[list[int], ChartSolution]:
    """Every pair of a conservative and a parsimonious model gives one; the same one may come from several pairs."""
    _, conservative = _conservative(table, limit)
    allowed = {
        tuple(_easy_counterfactuals(table.layout, complex_, simple, expected))
        for complex_ in conservative.listed
        for simple in parsimonious.listed
    }
    found: dict[tuple[int, ...], None] = {}
    primes: set[int] = set()
    complete = conservative.all_listed and parsimonious.all_listed
    for terms in sorted(allowed):
        shorter = prime_implicants.among(table.layout, [*table.positive, *terms])
        chart = prime_implicants.solve_chart(table.positive, shorter, limit)
        primes |= set(shorter)
        found |= dict.fromkeys(chart.listed)
        complete &= chart.all_listed
    used = {combination for cover in found for combination in cover}
    return sorted(primes), ChartSolution(tuple(found)[:limit], len(found), complete, tuple(sorted(used)))
