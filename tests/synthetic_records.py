"""The synthetic demonstration study: made-up records whose margins follow what the report says; no person is in it.

Answers are allocated in target shares, question by question, as the form's skip logic applies. As a program it writes
the records that the package brings.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pandas as pd
from target_shares import COUNTRY, EVERYBODY, NEAR, TOGETHER, Margins, TargetShares, read_margins

from research_lib.errors import StudyError
from research_lib.files.saving import save_file
from research_lib.files.spreadsheet import write_plain
from research_lib.interviews import xlsform
from research_lib.interviews.cases import ANSWER_OF_MISSING, FIXED, Cases, Variable, columns_of
from research_lib.interviews.skip_logic import CONSENTED, applicable_as_written
from research_lib.interviews.synthetic.synthetic_cases import DEMONSTRATION
from research_lib.missing_answers import MISSING

NOTED = ("source_id", "site", "interview_year", "respondent", "consent_scope", "legal_basis")
ONE_IN, YEARS = 50, {"consent": 5, "public_interest": 3}
_WRITTEN = [ANSWER_OF_MISSING.get(kind, "") for kind in MISSING]
_ANSWERED, _NOT_APPLICABLE = -1, MISSING.index("not_applicable")


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

    def allocate(self, variable: Variable) -> None:
        """Allocate the answers to one question."""
        many = variable.is_split
        table = applicable_as_written({variable.name: variable.relevant}, self._written, pd.RangeIndex(self.persons))
        applicable = table[variable.name].to_numpy()
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
        order = TOGETHER["orders"].get(variable.name, {"answers": "", "by": []})
        first = [value for value in order["answers"].split() if value in shares]
        values = [*first, *(value for value in shares if value not in first)]
        ends = np.cumsum([shares[value] for value in values])
        places = self._places(len(rows), *(self._ranks(name, levels, rows) for name, *levels in order["by"]))
        numbers = np.array([variable.choices.index(value) for value in values])
        return numbers[np.minimum(np.searchsorted(ends, places, side="right"), len(values) - 1)]

    def _ranks(self, column: str, levels: Sequence[str], rows: np.ndarray) -> np.ndarray:
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
        suiting = TOGETHER["choices"].get(variable.name, {})
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


def demonstrate(margins: Margins, variables: Iterable[Variable], *, cases: int = 600, seed: int = 2007) -> Cases:
    """Make up a study: records of nobody, spread over groups and countries as the margins say.

    Within a group and country the answers are allocated in the target shares, not drawn at random, so that counted
    shares differ from target shares by rounding only; the form's skip logic decides who is asked. One record in 50
    is a second one of the same person by another organisation. Every record says that it is synthetic, and its id
    names the group. The same seed gives the same records. Raises StudyError for margins that are missing, that do
    not sum up, or that name an answer which the form does not have.
    """
    if cases < 1:
        raise StudyError(f"a study of {cases} cases cannot be made up; ask for one or more")
    variables = tuple(variables)
    twice = cases // ONE_IN
    allocation = Allocation(margins, np.random.default_rng(seed), _strata(margins, cases - twice), cases - twice)
    for name in NOTED:  # what the organisations note beside the answers, as if it were questions
        values = margins.rows.loc[margins.rows["variable"] == name, "value"].unique()
        allocation.allocate(Variable(name, "", "one", tuple(values)))
    for variable in variables:
        allocation.allocate(variable)
    again = allocation.rng.choice(allocation.persons, twice, replace=False)
    records = allocation.rng.permutation(np.concatenate([np.arange(allocation.persons), again]))
    frame = pd.DataFrame(dict(_columns(allocation, records, variables)))
    return Cases(frame[list(Cases(frame, variables, True).columns)], variables, is_synthetic=True)


def _strata(margins: Margins, persons: int) -> tuple[Stratum, ...]:
    """The persons of each group and country, one after the other."""
    ends = np.rint(np.cumsum(list(margins.strata.values())) * persons).astype(int).tolist()
    places = zip(margins.strata, [0, *ends[:-1]], ends, strict=True)
    return tuple(Stratum(group, country, slice(start, end)) for (group, country), start, end in places)


def _columns(
    allocation: Allocation, records: np.ndarray, variables: tuple[Variable, ...]
) -> Iterator[tuple[str, pd.Series | np.ndarray | list[str]]]:
    """Each column of the cases, from the person of each record."""
    width = max(4, len(str(len(records))))
    groups = _by_stratum(allocation, [stratum.group for stratum in allocation.strata])[records]
    yield "case_id", [f"synthetic_{group}_{number:0{width}}" for number, group in enumerate(groups, 1)]
    yield "person_id", [f"synthetic_{number + 1:0{width}}" for number in pd.factorize(records)[0]]
    yield COUNTRY, _by_stratum(allocation, [stratum.country for stratum in allocation.strata])[records]
    for variable in (allocation.variables[name] for name in NOTED):
        yield variable.name, _texts(variable.choices, allocation.chosen[variable.name][records])
    yield "source_id", _sources(allocation, records)
    basis = allocation.variables["legal_basis"]
    keep = np.array([YEARS[choice] for choice in basis.choices])[allocation.chosen["legal_basis"][records]]
    years = np.array(allocation.variables["interview_year"].choices, dtype=int)
    last = years[allocation.chosen["interview_year"][records]] + keep
    yield "retention_date", pd.Series(last).astype("str") + "-12-31"
    yield "is_synthetic", np.full(len(records), "yes", dtype=object)
    for variable in variables:
        if variable.name not in FIXED:
            yield from _answer_columns(allocation, records, variable)


def _answer_columns(allocation: Allocation, records: np.ndarray, variable: Variable) -> Iterator[tuple[str, pd.Series]]:
    missing, chosen = allocation.missing[variable.name][records], allocation.chosen[variable.name][records]
    if chosen.ndim == 1:
        yield variable.name, _texts((*variable.choices, *MISSING), numbers_of(chosen, missing, len(variable.choices)))
        return
    for place, column in enumerate(columns_of(variable)):
        yield column, _texts(("no", "yes", *MISSING), numbers_of(chosen[:, place], missing, 2))


def _texts(values: tuple[str, ...], numbers: np.ndarray) -> pd.Series:
    return pd.Series(pd.array(values, dtype="str").take(numbers))


def _by_stratum(allocation: Allocation, texts: list[str]) -> np.ndarray:
    sizes = [stratum.rows.stop - stratum.rows.start for stratum in allocation.strata]
    return np.repeat(np.array(texts, dtype=object), sizes)


def _sources(allocation: Allocation, records: np.ndarray) -> pd.Series:
    """The organisation of each record; a second record of a person is by the next one of the country."""
    choices, chosen = allocation.variables["source_id"].choices, allocation.chosen["source_id"][records].copy()
    countries = allocation.margins.of(COUNTRY, EVERYBODY, "").answers
    after: dict[str, str] = {}
    for country in countries:
        own = list(allocation.margins.of("source_id", EVERYBODY, country).answers)
        after |= dict(zip(own, [*own[1:], own[0]], strict=True))
    second = pd.Series(records).duplicated().to_numpy()
    chosen[second] = np.array([choices.index(after[choice]) for choice in choices])[chosen[second]]
    return _texts(choices, chosen)


def write_records() -> None:
    """Write the 600 records of the demonstration study to where the package has them."""
    cases = demonstrate(read_margins(), xlsform.variables(xlsform.common_form()))
    save_file(DEMONSTRATION / "synthetic-cases.csv", write_plain(cases.frame))


if __name__ == "__main__":
    write_records()
