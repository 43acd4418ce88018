"""The tests of process tracing: evidence with its probabilities, and which test it is."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import isnan
from typing import Any

import pandas as pd

from research_lib.errors import UnfitDataError
from research_lib.methods.options import check_columns, check_single_columns, need_no_blanks

HOOP, SMOKING_GUN = "hoop", "smoking gun"
DOUBLY_DECISIVE, STRAW = "doubly decisive", "straw in the wind"
_RANGES = ("if_true_low", "if_true_high", "if_false_low", "if_false_high")
Range = tuple[float, float]


@dataclass(frozen=True)
class Evidence:
    """One piece of evidence: how probable it is to find it if the account, and if its rival, is true; and if it was."""

    name: str
    if_true: Range
    if_false: Range
    found: bool

    @property
    def ratio(self) -> Range:
        """How many times likelier what was seen is under the account than under its rival, as a range."""
        true, false = self.if_true, self.if_false
        if not self.found:
            true, false = (1 - true[1], 1 - true[0]), (1 - false[1], 1 - false[0])
        return _divide(true[0], false[1]), _divide(true[1], false[0])


def read_evidence(evidence: pd.DataFrame) -> list[Evidence]:
    """Read pieces of evidence from a table (see `weigh_evidence`), and refuse what cannot be a probability."""
    check_single_columns(evidence)
    check_columns(evidence, ["evidence", *_RANGES])
    if evidence.empty:
        raise UnfitDataError("the table is empty; write one row a piece of evidence")
    names = evidence["evidence"]
    need_no_blanks(names, "column 'evidence' of the evidence")
    if names.isna().any() or names.duplicated().any():
        raise UnfitDataError("a piece of evidence is unnamed, or named like another; give each its own name")
    return [_read_row(row) for row in evidence.to_dict("records")]


def names_of_tests(evidence: Evidence, strong: float) -> str:
    """Name the tests that evidence may be, joined by " or "; a strong test of the rival has "(rival)" behind it."""
    true, false = evidence.if_true, evidence.if_false
    own = [] if true[1] < false[0] else _possible_tests(true, false, strong)
    other = [] if true[0] >= false[1] else _possible_tests(false, true, strong)
    return " or ".join(dict.fromkeys([*own, *(name if name == STRAW else f"{name} (rival)" for name in other)]))


def _possible_tests(true: Range, false: Range, strong: float) -> Iterator[str]:
    """The names that some point of the two ranges has.

    Passing is strong where `true >= strong * false`, failing where `true >= _failing_limit(false)`, as `1 - true` is
    then at most a `strong`-th of `1 - false`. The two lines cross where `true` is `strong / (strong + 1)`.
    """
    crossing = strong / (strong + 1)
    gun, hoop = max(true[0], strong * false[0]), max(true[0], _failing_limit(false[0], strong))
    if gun <= true[1] and gun < min(_failing_limit(false[1], strong), crossing) and true[1] > 0:
        yield SMOKING_GUN
    if hoop <= true[1] and max(hoop, crossing) < strong * false[1] and true[1] > crossing and false[0] < 1:
        yield HOOP
    if true[1] >= max(strong * false[0], _failing_limit(false[0], strong)) and true[1] > 0 and false[0] < 1:
        yield DOUBLY_DECISIVE
    # Only where both are 0 or both are 1, which is no evidence, do the strict and the loose border differ.
    if true[0] < min(strong * false[1], _failing_limit(false[1], strong)) or (
        true[0] in (0, 1) and true[0] == false[1]
    ):
        yield STRAW


def _failing_limit(false: float, strong: float) -> float:
    return 1 - (1 - false) / strong


def _divide(above: float, below: float) -> float:
    if below:
        return above / below
    return float("inf") if above else float("nan")


def _read_row(row: dict[Any, Any]) -> Evidence:
    place = f"evidence {row['evidence']!r}"
    numbers = {name: _probability(place, name, row[name]) for name in _RANGES}
    for name in ("if_true", "if_false"):
        if numbers[f"{name}_low"] > numbers[f"{name}_high"]:
            raise UnfitDataError(f"{place}: {name}_low is above {name}_high; exchange them")
    true_low, true_high, false_low, false_high = numbers.values()
    found = row.get("found", True)
    if not pd.api.types.is_scalar(found) or pd.isna(found) or found not in (True, False):
        raise UnfitDataError(f"{place}: found is {found!r}; give True, or False where it was sought and not found")
    piece = Evidence(str(row["evidence"]), (true_low, true_high), (false_low, false_high), bool(found))
    if any(map(isnan, piece.ratio)):
        raise UnfitDataError(
            f"{place}: it was {'' if found else 'not '}found, which its ranges make impossible under both accounts; "
            f"keep one of them away from {0 if found else 1}"
        )
    return piece


def _probability(place: str, name: str, cell: Any) -> float:
    try:
        number = float(cell)
    except (TypeError, ValueError):
        number = float("nan")
    if not 0 <= number <= 1:
        raise UnfitDataError(f"{place}: {name} is {cell!r}; give a probability from 0 to 1")
    return number
