"""Overlapping lists that are in print: to try the methods on, and to compare their results with."""

import pandas as pd

_LISTS = {
    "LA": "local authorities",
    "NG": "associations",
    "PF": "police forces",
    "GO": "government organisations",
    "GP": "general public",
    "NCA": "National Crime Agency",
}
_BRITISH = """
LA 54, NG 463, PF 907, GO 695, GP 316, NCA 57, LA NG 15, LA PF 19, LA GO 3, NG PF 56, NG GO 19, NG GP 1, NG NCA 3,
PF GO 69, PF GP 10, PF NCA 31, GO GP 8, GO NCA 6, GP NCA 1, LA NG PF 1, LA NG GO 1, NG PF GO 4, NG PF NCA 3,
PF GO NCA 1, LA NG PF GO 1
"""


def british_lists() -> pd.DataFrame:
    """Give the six lists of potential victims of trafficking in the United Kingdom in 2013, as they are in print.

    One row a combination of lists: a column of 0 and 1 for each list, and count, the people on exactly these. Source:
    Bales, Hesketh and Silverman (2015), Modern slavery in the UK: how many victims?, Significance 12(3), table 1.

    Not for: the people of today; the lists are of one country and one year.
    """
    entries = [entry.split() for entry in _BRITISH.split(",")]
    rows = [
        {name: int(code in words) for code, name in _LISTS.items()} | {"count": int(words[-1])} for words in entries
    ]
    return pd.DataFrame(rows)
