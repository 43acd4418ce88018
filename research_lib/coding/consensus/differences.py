"""Where coders differ: each place at which those who read a document did not all give the same stretch the same code.

A place is what the segments of one code cover without a gap, whoever coded them. Where every reader has the same
stretches there, they agree; else it is a difference. Two places of different codes are one difference where one coder
gave the one code and another coder the other.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from research_lib.coding.codings import stretch_numbers
from research_lib.coding.ratings import Vector
from research_lib.errors import CodingError

_COLUMNS = ["difference", "document", "start", "end", "kind", "parted", "codes", "coders", "readers", "members"]
_MOST_CODERS = 60


@dataclass(frozen=True)
class Comparison:
    """The differences between coders, worst first, and the segments on which all readers of a document agree.

    `differences`: difference (an id made of its segments), document, start, end, kind, parted, codes, coders (who coded
    there), readers and members (ids of codings). `parted`: 0 to 1, one minus the mean share of coded characters that
    two readers have in common. `kind`: missing (some coded, others did not), code (another code), stacked (some gave
    one code more), boundaries. `agreed`: document, start, end, code and members.
    """

    differences: pd.DataFrame
    agreed: pd.DataFrame


def compare_codings(codings: pd.DataFrame, readers: pd.DataFrame) -> Comparison:
    """Compare all coders in the documents that at least two of them have read to the end.

    `codings`: a table of codings; its order does not matter. `readers`: document and coder. Segments of coders who have
    not finished a document do not count there. Raises CodingError for more than 60 coders.
    """
    readers = readers[["document", "coder"]].drop_duplicates()
    readers = readers[readers.groupby("document")["coder"].transform("size") > 1]
    coders = np.sort(readers["coder"].unique())
    if len(coders) > _MOST_CODERS:
        raise CodingError(f"{len(coders)} coders are compared at once; compare at most {_MOST_CODERS}")
    bits = readers["coder"].map(pd.Series(1 << np.arange(len(coders), dtype=np.int64), coders))
    readers = readers.assign(bit=bits, readers=bits.groupby(readers["document"]).transform("sum"))
    order = ["document", "code", "start", "end", "coder", "id"]
    rows = codings[order].merge(readers, on=["document", "coder"]).sort_values(order, ignore_index=True)
    if rows.empty:
        return Comparison(pd.DataFrame(columns=_COLUMNS), rows[["document", "start", "end", "code"]].assign(members=[]))
    rows = rows.assign(end_=rows["end"], end=rows["end"].clip(lower=rows["start"] + 1))
    rows["place"] = stretch_numbers(rows, ["document", "code"], touching=False) - 1
    places = _places(rows)
    group, stacked = _linked(places)
    places = places.assign(group=group, stacked=stacked)
    rows["group"] = group[rows["place"]]
    is_agreed = places["agreed"].to_numpy()[rows["place"]]
    agreed = rows[is_agreed].groupby(["document", "start", "end_", "code"], as_index=False).agg(members=("id", tuple))
    return Comparison(_differences(rows[~is_agreed], places, coders), agreed.rename(columns={"end_": "end"}))


def difference_id(members: Iterable[list[Any] | tuple[Any, ...]], readers: Iterable[str]) -> str:
    """Name a difference by its segments (id, start, end, code, coder) and readers: when these change, it is another."""
    parts = ["\x1e".join(map(str, member)) for member in sorted(members)] + sorted(readers)
    return blake2b("\x1f".join(parts).encode(), digest_size=16).hexdigest()


def _places(rows: pd.DataFrame) -> pd.DataFrame:
    """Each place: document, code, start, end, who read and who coded there, as bits, and whether all agree."""
    found = rows.groupby("place").agg(
        document=("document", "first"), code=("code", "first"), start=("start", "min"), end=("end", "max"),
        readers=("readers", "first"),
    )  # fmt: skip
    given = rows.drop_duplicates(["place", "start", "end_", "coder"])
    present = rows.drop_duplicates(["place", "coder"]).groupby("place")["bit"].sum()
    stretches = given.drop_duplicates(["place", "start", "end_"]).groupby("place").size()
    wanted = np.bitwise_count(found["readers"]) * stretches
    return found.assign(present=present, agreed=given.groupby("place").size() == wanted)


def _linked(places: pd.DataFrame) -> tuple[Vector, Vector]:
    """The number of each place's difference, and whether somebody gave its code on top of one that others gave too."""
    first, second = _overlapping(places)
    present, agreed = places["present"].to_numpy(), places["agreed"].to_numpy()
    absent = places["readers"].to_numpy() & ~present
    swapped = (present[first] & ~present[second] != 0) & (present[second] & ~present[first] != 0)
    swapped &= ~agreed[first] & ~agreed[second]
    size = len(places)
    ones = np.ones(int(swapped.sum()), dtype=np.int8)
    links = coo_array((ones, (first[swapped], second[swapped])), shape=(size, size))
    group = connected_components(links, directed=False)[1]
    stacked = np.zeros(size, dtype=bool)
    for one, other in ((first, second), (second, first)):
        both = (present[other] & present[one] != 0) & (present[other] & absent[one] != 0)
        stacked[one[both]] = True
    return group, stacked


def _overlapping(places: pd.DataFrame) -> tuple[Vector, Vector]:
    """Pairs of places of one document that share at least half of the shorter one."""
    numbers = pd.factorize(places["document"])[0].astype(np.int64)
    width = int(places["end"].max()) + 1
    begin, end = (numbers * width + places[name].to_numpy(np.int64) for name in ("start", "end"))
    order = np.argsort(begin, kind="stable")
    stop = np.searchsorted(begin[order], end[order])
    many = np.maximum(stop - np.arange(1, len(order) + 1), 0)
    first = np.repeat(np.arange(len(order)), many)
    second = first + 1 + np.arange(len(first)) - np.repeat(many.cumsum() - many, many)
    first, second = order[first], order[second]
    common = np.minimum(end[first], end[second]) - np.maximum(begin[first], begin[second])
    enough = 2 * common >= np.minimum(end[first] - begin[first], end[second] - begin[second])
    return first[enough], second[enough]


def _differences(rows: pd.DataFrame, places: pd.DataFrame, coders: Vector) -> pd.DataFrame:
    own = places[~places["agreed"]].groupby("group")
    found = own.agg(
        document=("document", "first"), start=("start", "min"), end=("end", "max"), size=("code", "size"),
        readers=("readers", "first"), stacked=("stacked", "any"), present=("present", "first"),
    )  # fmt: skip
    kinds = {"code": found["size"] > 1, "boundaries": found["present"] == found["readers"], "stacked": found["stacked"]}
    found["kind"] = np.select(list(kinds.values()), list(kinds), "missing").astype(object)
    found["parted"] = _parted(rows, found, coders)
    by_group = defaultdict[int, list[tuple[Any, ...]]](list)
    columns = ["group", "id", "start", "end_", "code", "coder"]
    for group, *segment in rows[columns].itertuples(index=False, name=None):
        by_group[group].append(tuple(segment))
    members = [by_group[group] for group in found.index]
    names = {mask: tuple(name for n, name in enumerate(coders) if mask >> n & 1) for mask in found["readers"].unique()}
    found["readers"] = found["readers"].map(names)
    for name, column in (("members", 0), ("codes", 3), ("coders", 4)):
        found[name] = [tuple(sorted({segment[column] for segment in segments})) for segments in members]
    found["difference"] = [difference_id(*each) for each in zip(members, found["readers"], strict=True)]
    order = ["parted", "document", "start", "difference"]
    return found.sort_values(order, ascending=[False, True, True, True], ignore_index=True)[_COLUMNS]


def _parted(rows: pd.DataFrame, found: pd.DataFrame, coders: Vector) -> Vector:
    """One minus the mean over pairs of readers of what they coded in common, as a share of what either coded."""
    begun, over = (rows[["group", "place", "coder"]].assign(at=rows[name]) for name in ("start", "end"))
    edges = pd.concat([begun.assign(step=1), over.assign(step=-1)]).sort_values(["place", "at"], ignore_index=True)
    column = np.searchsorted(coders, edges["coder"].to_numpy(object))
    steps = np.zeros((len(edges), len(coders)), dtype=np.int32)
    steps[np.arange(len(edges)), column] = edges["step"]
    covered = steps.cumsum(axis=0) > 0
    length = np.append(np.diff(edges["at"].to_numpy()), 0) * np.append(np.diff(edges["place"].to_numpy()) == 0, False)
    group = found.index.get_indexer(pd.Index(edges["group"]))
    reads = found["readers"].to_numpy()
    common, pairs = np.zeros(len(found)), np.zeros(len(found))
    for one, other in combinations(range(len(coders)), 2):
        both, either = (
            np.bincount(group, length * cover, len(found))
            for cover in (covered[:, one] & covered[:, other], covered[:, one] | covered[:, other])
        )
        is_pair = (reads >> one & 1) * (reads >> other & 1)
        common += is_pair * np.divide(both, either, out=np.ones(len(found)), where=either > 0)
        pairs += is_pair
    return np.asarray(1 - common / pairs)
