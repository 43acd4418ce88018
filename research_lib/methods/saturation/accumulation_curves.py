"""How the number of different codes grows with the number of interviews, whatever their order."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from research_lib.methods.options import need_whole
from research_lib.methods.saturation.incidence import Part, read_parts
from research_lib.methods.saturation.unseen_codes import chao2_unseen, missing_alone, missing_together


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
    order is the question, as when the guide was changed on the way: see `new_information`.
    """
    need_whole("further", further, 0)
    parts = read_parts(interviews, by)
    return pd.concat([_curve(part, further) for part in parts], ignore_index=True)


def _curve(part: Part, further: int) -> pd.DataFrame:
    """The curve of one group: first what is held, then what lies ahead."""
    drawn = np.arange(1, part.interviews + 1)
    held = {"interviews": drawn, **_held(part), "kind": np.where(drawn < part.interviews, "choice", "all")}
    beyond = np.arange(1, further + 1)
    ahead = {"interviews": part.interviews + beyond, "codes": _ahead(part, beyond), "sd": np.nan, "kind": "ahead"}
    rows = pd.concat([pd.DataFrame(each) for each in (held, ahead)[: 1 + bool(further)]])
    rows.insert(0, "group", part.group)
    return rows


def _held(part: Part) -> dict[str, Any]:
    """Mean and spread of the codes of 1, 2, ... interviews: all of them less those that a choice misses."""
    misses = _chance_of_missing(part.interviews)
    # Counts, not codes one by one: so their order decides nothing, not even the last digit.
    expected, both = misses @ missing_alone(part), misses @ missing_together(part)
    return {"codes": part.codes - expected, "sd": np.sqrt(np.maximum(both - expected**2, 0.0))}


def _chance_of_missing(interviews: int) -> NDArray[Any]:
    """The chance that 1, 2, ... interviews (rows) all come from a given 0, 1, 2, ... of them (columns)."""
    taken = np.arange(interviews)[:, None]
    left = np.maximum(np.arange(interviews + 1) - taken, 0)
    return np.cumprod(left / (interviews - taken), axis=0)


def _ahead(part: Part, beyond: NDArray[np.int64]) -> NDArray[Any]:
    unseen_number, once = chao2_unseen(part), part.in_exactly(1)
    if not unseen_number:
        return np.full(len(beyond), float(part.codes))
    return part.codes + unseen_number * (1 - (1 - once / (part.interviews * unseen_number + once)) ** beyond)
