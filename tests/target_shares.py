"""The target shares of the synthetic demonstration study: which share of whom gives which answer, by what source.

TOGETHER says which answers go together, so that no made-up woman contradicts herself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from pathlib import Path

import pandas as pd

from research_lib.errors import StudyError
from research_lib.files.toml_files import read_toml
from research_lib.interviews.synthetic.synthetic_cases import DEMONSTRATION
from research_lib.missing_answers import MISSING

COLUMNS = ("id", "variable", "value", "group_id", "country_code", "share", "kind", "claim_id", "figure_id", "statement")
EVERYBODY, IN_PROSTITUTION = "all-migrants", "women-in-prostitution"
COUNTRY, GROUP = "country_code", "profile_group"
NEAR = 1e-6

TOGETHER = read_toml(Path(__file__).with_name("answers_together.toml"))


@dataclass(frozen=True)
class TargetShares:
    """The target shares of one variable, group and country: of each answer, and of each reason why one is missing.

    Answers are shares of those who answer, missing ones of those to whom the question is put.
    """

    answers: Mapping[str, float]
    missing: Mapping[str, float]


@dataclass(frozen=True)
class Margins:
    """The table of margins, looked up from the particular to the general.

    A row about a group holds before one about all women in prostitution, and that before one about all migrants; a row
    about one country before one about both.
    """

    rows: pd.DataFrame

    @cached_property
    def _sets(self) -> dict[tuple[str, str, str], dict[str, float]]:
        groups = self.rows.groupby(["variable", "group_id", "country_code"], sort=False)
        return {key: dict(zip(rows["value"], rows["share"], strict=True)) for key, rows in groups}

    @cached_property
    def strata(self) -> dict[tuple[str, str], float]:
        """The share of each group in each country among all records, by (group, country)."""
        return {
            (group, country): of_country * of_group
            for country, of_country in self.of(COUNTRY, EVERYBODY, "").answers.items()
            for group, of_group in self.of(GROUP, EVERYBODY, country).answers.items()
        }

    def of(self, variable: str, group: str, country: str) -> TargetShares:
        """Give the target shares; raises StudyError where the table has none, or shares that do not sum up."""
        answers: dict[str, float] = {}
        missing: dict[str, float] = {}
        groups, countries = dict.fromkeys((group, IN_PROSTITUTION, EVERYBODY)), dict.fromkeys((country, ""))
        for shares in (self._sets.get((variable, *both), {}) for both in product(groups, countries)):
            answers = answers or {value: share for value, share in shares.items() if value not in MISSING}
            missing |= {value: share for value, share in shares.items() if value in MISSING and value not in missing}
        answered, absent = sum(answers.values()), sum(missing.values())
        place = f"margins.csv: {variable}, {group}, {country or 'both countries'}"
        # Choices of which many hold are at least one each.
        if not (answered > 1 + NEAR or abs(answered - 1) <= NEAR or (not answers and abs(absent - 1) <= NEAR)):
            raise StudyError(f"{place}: the answers sum to {answered:g} and not to 1; add or fix rows")
        if absent > 1 + NEAR:
            raise StudyError(f"{place}: the missing answers are more than all; lower their shares")
        return TargetShares(answers, missing)


def read_margins(path: Path | str = DEMONSTRATION / "margins.csv") -> Margins:
    """Read a table of margins, ours or another of the same columns.

    Columns: `id`, `variable`, `value` (an answer, or one of the five kinds of missing), `group_id` (of the table of
    groups), `country_code` (none: both), `share` (0 to 1), `kind` (follows: the report says so, in words or in
    numbers; assumption: it does not), `claim_id`, `figure_id`, `statement`. Raises StudyError, naming the line, for a
    table that is not so.
    """
    path = Path(path)
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    if tuple(rows.columns) != COLUMNS:
        raise StudyError(f"{path}: its columns must be {', '.join(COLUMNS)}")
    rows["share"] = pd.to_numeric(rows["share"], errors="coerce")
    for wrong, reason in (
        (~rows["share"].between(0, 1), "the share is not a number from 0 to 1"),
        (~rows["kind"].isin(("follows", "assumption")), "the kind is neither 'follows' nor 'assumption'"),
        (rows.duplicated(["variable", "value", "group_id", "country_code"]), "this margin stands twice"),
        (rows["id"].duplicated(), "this id stands twice"),
    ):
        if wrong.any():
            raise StudyError(f"{path}:{int(wrong.to_numpy().argmax()) + 2}: {reason}; fix the row")
    return Margins(rows)
