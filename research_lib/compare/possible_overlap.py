"""How much two sets share, as a range, where it is not known of some elements whether they belong."""


def overlap_range(
    first: set[str], second: set[str], *, perhaps_first: set[str], perhaps_second: set[str]
) -> tuple[float, float]:
    """Give the lowest and the highest share of common elements among all (Jaccard); nan for two empty sets.

    `perhaps_first` and `perhaps_second`: the elements that may belong to each set as well.
    """
    widest = first | second | perhaps_first | perhaps_second
    if not widest:
        return float("nan"), float("nan")
    most = (first | perhaps_first) & (second | perhaps_second)
    narrowest = first | second | perhaps_first & perhaps_second
    return len(first & second) / len(widest), len(most) / len(narrowest) if narrowest else 0.0
