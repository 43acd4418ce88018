"""How strongly evidence speaks for one account over its rival: the tests of process tracing, as ranges.

Probabilities are assessed here, not measured, so all of them are ranges, and whatever follows from them is a range.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import fsum, inf, isnan, log, log10, nan
from typing import Any

import pandas as pd
from scipy import special

from research_lib.errors import UnfitDataError
from research_lib.methods.options import check_columns, check_free, check_single_columns, is_number, need_no_blanks

HOOP = "hoop"
SMOKING_GUN = "smoking gun"
DOUBLY_DECISIVE = "doubly decisive"
STRAW = "straw in the wind"
_RANGES = ("if_true_low", "if_true_high", "if_false_low", "if_false_high")
Range = tuple[float, float]
_ADDED = ("ratio_low", "ratio_high", "decibels_low", "decibels_high", "favours", "test")
_LARGEST_POWER = 308


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
        pairs = (true[0], false[1]), (true[1], false[0])
        low, high = (above / below if below else inf if above else nan for above, below in pairs)
        return low, high


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


def _read_row(row: dict[Any, Any]) -> Evidence:
    place, numbers = f"evidence {row['evidence']!r}", {}
    for name in _RANGES:
        try:
            numbers[name] = float(row[name])
        except (TypeError, ValueError):
            numbers[name] = nan
        if not 0 <= numbers[name] <= 1:
            raise UnfitDataError(f"{place}: {name} is {row[name]!r}; give a probability from 0 to 1")
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


@dataclass(frozen=True)
class Weight:
    """How far all evidence together moves the belief in an account; each is a range (low, high).

    `ratio`: how many times likelier the evidence is if the account is true than if its rival is. `decibels`: ten times
    its decimal logarithm, 0 for evidence that favours neither; they still count where `ratio` is beyond what a computer
    can write as a number (10 to the power of 308) and stands as infinite, or as 0. `prior`, `posterior`: the belief
    before and after. `count`: how many pieces were combined, a group being one.
    """

    ratio: Range
    decibels: Range
    prior: Range
    posterior: Range
    count: int


def weigh_evidence(evidence: pd.DataFrame, *, strong: float = 10.0) -> pd.DataFrame:
    """Weigh each piece of evidence, and name the test that it is.

    `evidence`: one row a piece, with the columns evidence (its name), if_true_low and if_true_high (how probable it is
    to find it if the account is true, 0 to 1), if_false_low and if_false_high (if its rival is); optional found (False
    where it was searched for and not found). All columns stay; added are ratio_low, ratio_high, decibels_low,
    decibels_high, favours (account, rival, or open where the range allows both) and test; a column of one of these
    names is refused.

    A test is strong in passing where finding is at least `strong` times likelier under the account, and in failing
    where not finding is at least `strong` times likelier under the rival: smoking gun (strong in passing only), hoop
    (in failing only), doubly decisive (in both), straw in the wind (in neither). Where finding favours the rival it is
    the rival's test, and says so. Where the ranges allow several names all are given, joined by " or ".

    Sources: Van Evera (1997), Guide to Methods for Students of Political Science, 31-32; Bennett (2010), in Brady and
    Collier, Rethinking Social Inquiry, 2nd ed., 207-219; Humphreys and Jacobs (2015), American Political Science Review
    109, 653-673; Fairfield and Charman (2017), Political Analysis 25, 363-380. They set no border for a strong test;
    ten times, or ten decibels, is a choice of this library.

    Not for accounts that can both be true, nor for evidence from which the account was first drawn: it cannot test it.
    """
    if not is_number(strong) or not 1 < strong < inf:
        raise UnfitDataError(f"`strong` is {strong!r}; a strong test multiplies by more than 1, such as 10")
    check_free(list(evidence), _ADDED)
    pieces = read_evidence(evidence)
    low, high = zip(*(piece.ratio for piece in pieces), strict=True)
    # Where the range allows both, or the whole of it favours neither, it is open which of the two is favoured.
    favours = [
        "account" if least >= 1 and most > 1 else "rival" if most <= 1 and least < 1 else "open"
        for least, most in zip(low, high, strict=True)
    ]
    return evidence.assign(
        ratio_low=low,
        ratio_high=high,
        decibels_low=[_decibels(each) for each in low],
        decibels_high=[_decibels(each) for each in high],
        favours=favours,
        test=[names_of_tests(piece, strong) for piece in pieces],
    )


def combine_evidence(
    evidence: pd.DataFrame, *, prior: Range, independent: bool = False, group: str | None = None
) -> Weight:
    """Combine all pieces of evidence: from the belief before to the belief after.

    `evidence` as for `weigh_evidence`. `prior`: how probable the account is held beforehand, as a range (low, high)
    between 0 and 1; its rival has the rest, so one of the two must be true. Ratios are multiplied, which is right only
    where the pieces are independent given which account is true. State so with `independent=True`; or
    name with `group` a column that groups the pieces that depend on each other, such as all from one informant: a
    group counts once, from its weakest to its strongest piece. Raises UnfitDataError where neither is given. Sources:
    as for `weigh_evidence`; Fairfield and Charman (2017), 370, on evidence that is not independent.

    Not for pieces that only jointly say something: judge these as one piece. Not to be read without the ranges: their
    middle is nobody's judgement.
    """
    pair = tuple(prior) if isinstance(prior, Iterable) else ()
    if len(pair) != 2 or not all(map(is_number, pair)) or not 0 < pair[0] <= pair[1] < 1:
        raise UnfitDataError(f"the prior {prior!r} is not a range inside 0 to 1: evidence cannot move 0 or 1")
    if not isinstance(independent, bool):
        raise UnfitDataError(f"`independent` is {independent!r}; write True or False")
    ranges = [piece.ratio for piece in read_evidence(evidence)]
    if len(ranges) > 1 and independent == (group is not None):
        raise UnfitDataError(
            "how the pieces depend on each other is not stated; write `independent=True`, or name in `group` the "
            "column that puts dependent ones together, and not both"
        )
    if group is not None:
        check_columns(evidence, [group])
        need_no_blanks(evidence[group], f"column {group!r} of the evidence")
        if evidence[group].isna().any():
            name = evidence.loc[evidence[group].isna(), "evidence"].iloc[0]
            raise UnfitDataError(f"evidence {name!r} is in no {group}; give a piece that stands alone its own group")
        table = pd.DataFrame(ranges, columns=["low", "high"]).groupby(evidence[group].to_numpy())
        ranges = list(zip(table["low"].min(), table["high"].max(), strict=True))
    low, high = (_total_decibels(each) for each in zip(*ranges, strict=True))
    least, most = (10 ** (each / 10) if each / 10 < _LARGEST_POWER else inf for each in (low, high))
    beliefs = [
        special.expit(special.logit(each) + ten * log(10) / 10) for each, ten in zip(prior, (low, high), strict=True)
    ]
    return Weight((least, most), (low, high), prior, (float(beliefs[0]), float(beliefs[1])), len(ranges))


def _total_decibels(ratios: Sequence[float]) -> float:
    """The sum of the decibels of all ratios, since a product of many ratios could leave the range of numbers."""
    decibels = [_decibels(ratio) for ratio in ratios]
    if inf in decibels and -inf in decibels:
        raise UnfitDataError("one piece rules out the account and another its rival; one of their ranges is too narrow")
    return fsum(decibels)


def _decibels(ratio: float) -> float:
    return 10 * log10(ratio) if ratio else -inf
