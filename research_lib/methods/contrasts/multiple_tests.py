"""Many tests at once: p-values corrected for the number of tests of a family, which the researcher names."""

import pandas as pd

from research_lib.errors import UnfitDataError
from research_lib.methods.contrasts.count_checks import check_cells, check_choice, check_table, listed, row_name
from research_lib.methods.options import check_free, is_number, written

_METHODS = {"holm": "holm", "benjamini-hochberg": "fdr_bh"}


def adjust(table: pd.DataFrame, *, family: str, method: str = "holm", p: str = "p_value") -> pd.DataFrame:
    """Correct the p-values of a family of tests, so that many tests do not find something by chance.

    `table`: one row a test, with the column `p`. `family` names in words what belongs together ("the twelve questions
    on settlement, France and Italy") and so commits to it: every test that was made belongs in it, not only those worth
    showing. `method`: `holm` (1979; the chance of any false finding stays below the level, however the tests depend on
    each other) or `benjamini-hochberg` (1995; the expected share of false findings among the findings).

    Returns the table with family, family_size, p_adjusted and adjustment. Raises UnfitDataError without a name, for
    rows of another family, for p-values that are missing or outside 0 to 1, and for a table that is adjusted already.

    Not for: intervals, which stay as they are; searching first and naming the family after; questions of different
    studies, which need a family each.
    """
    check_choice("method", method, _METHODS)
    check_table(table, [p])
    _check_family(table, family)
    for position, value in enumerate(table[p]):
        if not is_number(value) or not 0 <= value <= 1:
            where = row_name(table, position, "outcome")
            raise UnfitDataError(f"{where}: {p} is {written(value)}, not a number between 0 and 1")
    from statsmodels.stats.multitest import multipletests  # loads slowly

    adjusted = multipletests(table[p].to_numpy(float), method=_METHODS[method])[1]
    return table.assign(family=family, family_size=len(table), p_adjusted=adjusted, adjustment=method)


def _check_family(table: pd.DataFrame, family: str) -> None:
    if not isinstance(family, str) or not family.strip():
        raise UnfitDataError("`family` is empty; say in words which tests were made together")
    if "p_adjusted" in table.columns:
        raise UnfitDataError("these p-values are adjusted already; start from the table of tests")
    check_free([name for name in table.columns if name != "family"], ("family_size", "adjustment"))
    check_cells(table, [name for name in table.columns if name == "family"])
    if "family" in table.columns and (others := [name for name in table["family"].unique() if name != family]):
        raise UnfitDataError(f"rows belong to other families than {family!r}: {listed(others)}; adjust each apart")
