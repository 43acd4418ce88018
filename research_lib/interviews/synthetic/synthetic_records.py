"""The synthetic demonstration study: made-up records whose margins follow what the report says; no person is in it."""

from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd

from research_lib.errors import StudyError
from research_lib.interviews.cases import FIXED, Cases, Variable, columns_of
from research_lib.interviews.synthetic.allocation import Allocation, Stratum, numbers_of
from research_lib.interviews.synthetic.target_shares import COUNTRY, EVERYBODY, Margins
from research_lib.methods.missing import MISSING

NOTED = ("source_id", "site", "interview_year", "respondent", "consent_scope", "legal_basis")
ONE_IN, YEARS = 50, {"consent": 5, "public_interest": 3}


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
    starts = [0, *ends[:-1]]
    places = zip(margins.strata, starts, ends, strict=True)
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
    years = np.array(allocation.variables["interview_year"].choices, dtype=int)[
        allocation.chosen["interview_year"][records]
    ]
    yield "retention_date", pd.Series(years + keep).astype("str") + "-12-31"
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
