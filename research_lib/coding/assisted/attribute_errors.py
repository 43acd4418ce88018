"""Whether a machine's errors depend on who speaks: then its codes say something false about who says what.

Ashwin, Chhabra and Rao (2025), "Using Large Language Models for Qualitative Analysis Can Introduce Serious Bias": codes
of a machine that errs more on some people than on others make differences between people that are not there, or hide
those that are, however well it does on average.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from research_lib.coding.assisted.clustered_differences import clustered_means
from research_lib.coding.reliability import PLACE, ratings
from research_lib.errors import CodingError, UnfitDataError

FEWEST_DOCUMENTS = 5
_DIFFERENCES = ["attribute", "value", "code", "error", "difference", "low", "high", "units", "documents"]
_TESTS = ["attribute", "code", "f", "between", "within", "p"]
_VERDICTS = ["attribute", "p", "must_not_chart", "reason"]
Rows = list[tuple[object, ...]]


@dataclass(frozen=True, eq=False)
class AttributeErrors:
    """How a machine's errors differ by attribute.

    `differences`: for each value of an attribute and each code, the mean error (machine less people, from -1 to 1:
    below 0 the machine misses the code) and how it differs from that on all others, with a 95 % interval. `tests`:
    whether the errors are equal, by attribute and code, code "" being all together. `verdicts`: one row an attribute.
    """

    differences: pd.DataFrame
    tests: pd.DataFrame
    verdicts: pd.DataFrame

    @property
    def must_not_chart(self) -> dict[str, str]:
        """Name the attributes by which the machine's codes must not be charted, each with the reason."""
        barred = self.verdicts[self.verdicts["must_not_chart"]]
        return dict(zip(barred["attribute"], barred["reason"], strict=True))


def attribute_errors(
    codings: pd.DataFrame,
    units: pd.DataFrame,
    *,
    machine: str,
    people: str,
    attributes: Sequence[str],
    codes: Sequence[str] | None = None,
    readers: pd.DataFrame | None = None,
    left_out: pd.DataFrame | None = None,
    level: float = 0.05,
) -> AttributeErrors:
    """Compare a machine coder with a person, or with the consensus, by attributes of the units.

    `units`: document, start, end and the attributes, of the document (`units_of`) or of who speaks there. `machine`,
    `people`: two coders. `codes`: by default all that either gave. `readers`, `left_out`: see `reliability`. `level`:
    an attribute is barred where its p is below; so is one that cannot be tested. The p is twice the smaller of two:
    that of the joint test, and that of the code that differs most times the number of codes; with one code, that of the
    joint test. Not for attributes with a value in fewer than 5 documents: leave those units out. Raises CodingError for
    an unknown column, UnfitDataError where the two have no document in common.
    """
    if missing := [name for name in attributes if name not in units]:
        raise CodingError(f"units: there is no column {missing[0]!r}; add it to the documents' attributes")
    own, errors = codings[codings["coder"].isin([machine, people])], {}
    for code in sorted(own["code"].unique()) if codes is None else codes:
        given = ratings(own, units, code=code, readers=readers, left_out=left_out).reindex(columns=[machine, people])
        errors[code] = given[machine] - given[people]
    known = pd.DataFrame(errors).dropna()
    if known.empty:
        raise UnfitDataError(f"{machine!r} and {people!r} have coded no document in common; nothing can be compared")
    places = units.set_index(PLACE, drop=False).loc[known.index].reset_index(drop=True)
    found = [_by_attribute(known.reset_index(drop=True), places, name, level) for name in attributes]
    frames = [
        pd.DataFrame([row for parts in found for row in parts[at]], columns=columns)
        for at, columns in enumerate((_DIFFERENCES, _TESTS, _VERDICTS))
    ]
    return AttributeErrors(*frames)


def _by_attribute(errors: pd.DataFrame, places: pd.DataFrame, name: str, level: float) -> tuple[Rows, Rows, Rows]:
    known = places[name].notna() & (places[name].astype("str") != "")
    values, documents = places[name][known], places["document"][known]
    if reason := _untestable(values, documents):
        return [], [], [(name, np.nan, True, reason)]
    means, codes = clustered_means(errors[known], values, documents), list(errors.columns)
    tests = {"": means.joint_test(range(len(codes)))} | {code: means.joint_test([at]) for at, code in enumerate(codes)}
    p = _of_all(tests[""].p, [tests[code].p for code in codes])
    reason = "" if p >= level else "the machine's error differs" if p < level else "too few documents for a test"
    differences: Rows = [
        (name, value, code, means.means[row, at], *means.difference(row, at), means.units[row], means.documents[row])
        for row, value in enumerate(means.groups)
        for at, code in enumerate(codes)
    ]
    rows: Rows = [(name, code, test.f, test.between, test.within, test.p) for code, test in tests.items()]
    return differences, rows, [(name, p, bool(reason), reason)]


def _untestable(values: "pd.Series[object]", documents: "pd.Series[object]") -> str:
    counts = documents.groupby(values).nunique().sort_values()
    if len(counts) < 2:
        return "the units have fewer than two values of it"
    if (few := counts.iloc[0]) < FEWEST_DOCUMENTS:
        return f"{counts.index[0]} stands in {few} documents, of {FEWEST_DOCUMENTS} needed"
    return ""


def _of_all(together: float, each: Sequence[float]) -> float:
    """One p for an attribute; NaN where no test was possible."""
    if len(each) == 1:
        return together
    both = [together, np.min(np.array(each)[~np.isnan(each)], initial=np.inf) * len(each)]
    smaller = np.nanmin(both)
    return float("nan") if np.isinf(smaller) else float(min(2 * smaller, 1.0))
