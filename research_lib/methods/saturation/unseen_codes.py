"""How many codes would still be found if interviews went on, and how their number grows with the interviews."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from research_lib.methods.options import need_level, need_whole
from research_lib.methods.saturation.saturation_thresholds import Part, read_parts


def unseen(
    interviews: pd.DataFrame, *, by: Mapping[str, str] | pd.Series | None = None, level: float = 0.95
) -> pd.DataFrame:
    """Estimate how many codes there are, and how many of them no interview has given yet.

    `by`: the group, such as the country, of each interview. One row a group: group, estimator (chao2), interviews,
    observed (codes), total (estimated, a lower bound), unseen (total less observed), se, total_low and total_high (the
    interval of the total, not of those unseen). Raises UnfitDataError for fewer than two interviews in a group.

    Source: Chao (1987), Biometrics 43, 783-791, with (N - 1)/N, and where no code is in two interviews the
    bias-corrected form, as in Colwell (2013), EstimateS 9.1 User's Guide, appendix B.

    Not for codebooks fixed beforehand, for interviews that were coded by different people with codes of their own, nor
    to say that a study is complete: see the package's docstring.
    """
    need_level(level)
    rows = []
    for part in read_parts(interviews, by):
        total, *spread = _chao2(part, level)
        rows.append((part.group, "chao2", part.interviews, part.codes, total, total - part.codes, *spread))
    names = ["group", "estimator", "interviews", "observed", "total", "unseen", "se", "total_low", "total_high"]
    return pd.DataFrame(rows, columns=names)


def coverage(interviews: pd.DataFrame, *, by: Mapping[str, str] | pd.Series | None = None) -> pd.DataFrame:
    """Estimate how much of what people say is covered by the codes that were given.

    One row a group: group, interviews, codes, once and twice (codes in one and in two interviews), coverage: the chance
    that a code given in a further interview is one that was given before. Source: Chao and Jost (2012), Ecology 93,
    2533-2547, for incidences as in Chao et al. (2014), Ecological Monographs 84, 45-67, equation 4b.

    Not for saying which share of the codes was found: rare codes hardly weigh in it; for that see `unseen`.
    """
    rows = []
    for part in read_parts(interviews, by):
        once, expected = part.in_exactly(1), part.interviews * chao2_unseen(part)
        covered = 1 - once / part.shared_by.sum() * (expected / (expected + once) if once else 0.0)
        rows.append((part.group, part.interviews, part.codes, once, part.in_exactly(2), float(covered)))
    return pd.DataFrame(rows, columns=["group", "interviews", "codes", "once", "twice", "coverage"])


def chao2_unseen(part: Part) -> float:
    """The least number of codes that are still unseen, by those in one and in two interviews."""
    once, twice = part.in_exactly(1), part.in_exactly(2)
    pairs = once**2 / (2 * twice) if twice else once * (once - 1) / 2
    return pairs * (part.interviews - 1) / part.interviews


def missing_alone(part: Part) -> NDArray[np.int64]:
    """How many codes are missing in 0, 1, 2, ... interviews."""
    return np.bincount(part.interviews - part.shared_by, minlength=part.interviews + 1)


def missing_together(part: Part) -> NDArray[np.int64]:
    """How many pairs of codes (each with itself too) are both missing in 0, 1, 2, ... interviews."""
    absent = (~part.presence).astype(np.int64)
    return np.bincount((absent.T @ absent).ravel(), minlength=part.interviews + 1)


def _chao2(part: Part, level: float) -> tuple[float, ...]:
    unseen_number, reach = chao2_unseen(part), stats.norm.ppf((1 + level) / 2)
    variance = _chao2_variance(part)
    error = np.sqrt(variance)
    if not unseen_number:
        # The interval where the estimate is what was observed: a code is missed with the mean's Poisson chance.
        missed = np.exp(-part.shared_by.sum() / part.codes)
        middle, half = part.codes / (1 - missed), reach * np.sqrt(part.codes * missed) / (1 - missed)
        return float(part.codes), error, max(float(part.codes), float(middle - half)), float(middle + half)
    factor = np.exp(reach * np.sqrt(np.log1p(variance / unseen_number**2)))
    return part.codes + unseen_number, error, part.codes + unseen_number / factor, part.codes + unseen_number * factor


def _chao2_variance(part: Part) -> float:
    once, twice = part.in_exactly(1), part.in_exactly(2)
    less = (part.interviews - 1) / part.interviews
    if not once:
        missed = np.exp(-part.shared_by.sum() / part.codes)
        return float(part.codes * missed * (1 - missed))
    if twice:
        ratio = once / twice
        return twice * (less / 2 * ratio**2 + less**2 * ratio**3 + less**2 / 4 * ratio**4)
    pairs = less * once * (once - 1) / 2 + less**2 * once * (2 * once - 1) ** 2 / 4
    return pairs - less**2 * once**4 / (4 * (part.codes + chao2_unseen(part)))


def accumulation(
    interviews: pd.DataFrame, *, by: Mapping[str, str] | pd.Series | None = None, further: int = 0
) -> pd.DataFrame:
    """Say how many different codes so many interviews give on average, over all choices of that many.

    `by`: the group of each interview. `further`: how many interviews beyond those held to look ahead. One row a group
    and number of interviews: group, interviews, codes (expected), sd (over the choices, 0 at the end where only one is
    left; missing beyond it), kind (choice, all, ahead). To compare groups of different size read them at the same
    number of interviews. Exact, without simulation: Ugland, Gray and Ellingsen (2003), Journal of Animal Ecology 72,
    888-897, also known as Mao's tau; ahead: Colwell et al. (2012), Journal of Plant Ecology 5, 3-21, equation 18.

    Not for looking ahead beyond twice the interviews held, where the estimate rests on hardly anything; not where the
    order is the question, as when the guide was changed on the way.
    """
    need_whole("further", further, 0)
    parts = read_parts(interviews, by)
    return pd.concat([_curve(part, further) for part in parts], ignore_index=True)


def _curve(part: Part, further: int) -> pd.DataFrame:
    """The curve of one group: first what is held, then what lies ahead."""
    size = part.interviews
    drawn, beyond = np.arange(1, size + 1), np.arange(1, further + 1)
    # The chance that 1, 2, ... interviews (rows) all come from a given 0, 1, 2, ... of them (columns).
    left = np.maximum(np.arange(size + 1) - np.arange(size)[:, None], 0)
    misses = np.cumprod(left / (size - np.arange(size)[:, None]), axis=0)
    # Counts, not codes one by one: so their order decides nothing, not even the last digit.
    expected, both = misses @ missing_alone(part), misses @ missing_together(part)
    held = {"interviews": drawn, "codes": part.codes - expected, "sd": np.sqrt(np.maximum(both - expected**2, 0.0))}
    unseen_number, once = chao2_unseen(part), part.in_exactly(1)
    share = once / (size * unseen_number + once) if unseen_number else 0.0
    codes = part.codes + unseen_number * (1 - (1 - share) ** beyond)
    ahead = {"interviews": size + beyond, "codes": codes, "sd": np.nan, "kind": "ahead"}
    parts = [pd.DataFrame(held | {"kind": np.where(drawn < size, "choice", "all")}), pd.DataFrame(ahead)]
    rows = pd.concat(parts[: 1 + bool(further)])
    rows.insert(0, "group", part.group)
    return rows
