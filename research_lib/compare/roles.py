"""Who does what: which profile fills which role where, what partnerships share, and who visited whom."""

import itertools
from dataclasses import dataclass

import pandas as pd

from research_lib.compare.provisions import overlap_range
from research_lib.evidence.multiple_values import split
from research_lib.evidence.study import Study


@dataclass(frozen=True)
class Overlap:
    """How much two partnerships share: what both have, what one alone has, and the share of all that is common.

    `low` and `high` bound the share (Jaccard), each open cell taken by itself: that the total of a row may allow only
    one of two open cells is not used, so a range can be a little wide.
    """

    first: str
    second: str
    both: tuple[str, ...]
    only_first: tuple[str, ...]
    only_second: tuple[str, ...]
    low: float
    high: float


def fillings(study: Study) -> pd.DataFrame:
    """Which profile fills which role where: role_id, partnership_id, role, professional_profile_id, documented_id.

    One row a role and profile; a profile that is only named is also given as the documented one that it is a sort of.
    """
    broader = study["professional_profiles"].set_index("id")["broader_id"]
    roles = study["roles"]
    table = roles.assign(professional_profile_id=roles["professional_profile_id"].map(split))
    table = table.explode("professional_profile_id").dropna(subset="professional_profile_id")
    documented = table["professional_profile_id"].map(broader).fillna(table["professional_profile_id"])
    table = table.rename(columns={"id": "role_id", "name": "role"}).assign(documented_id=documented)
    columns = ["role_id", "partnership_id", "role", "professional_profile_id", "documented_id"]
    return table[columns].reset_index(drop=True)


def matrix(study: Study) -> pd.DataFrame:
    """Count, for each documented profile and partnership, the roles that it fills."""
    table = fillings(study).drop_duplicates(["role_id", "documented_id"])
    documented = study["professional_profiles"].query("kind == 'documented'")["id"]
    counts = pd.crosstab(table["documented_id"], table["partnership_id"])
    return counts.reindex(index=list(documented), columns=list(study["partnerships"]["id"]), fill_value=0)


def overlaps(study: Study) -> list[Overlap]:
    """Compare the documented profiles of each two partnerships; what the report's table does not show gives a range."""
    table = study["documented_profiles"]
    is_open = table["documented"] == "not-known"
    sure, open_ = (
        {key: set(rows) for key, rows in part.groupby("partnership_id")["professional_profile_id"]}
        for part in (table[~is_open], table[is_open])
    )
    found = []
    for first, second in itertools.combinations(study["partnerships"]["id"], 2):
        (a, perhaps_a), (b, perhaps_b) = ((sure.get(key, set()), open_.get(key, set())) for key in (first, second))
        low, high = overlap_range(a, b, perhaps_first=perhaps_a - a, perhaps_second=perhaps_b - b)
        both, only_a, only_b = (tuple(sorted(part)) for part in (a & b, a - b, b - a))
        found.append(Overlap(first, second, both, only_a, only_b, low, high))
    return found


def exchange_flows(study: Study) -> pd.DataFrame:
    """Participants by sending and hosting partnership: a square table; empty where the report prints nothing."""
    counts = study["exchanges"].query("measure == 'participants'").dropna(subset=["sending_id", "hosting_id"])
    order = list(study["partnerships"]["id"])
    table = counts.pivot(index="sending_id", columns="hosting_id", values="count")
    return table.reindex(index=order, columns=order).astype("Int64")
