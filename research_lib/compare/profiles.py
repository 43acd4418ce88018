"""Who the women are: what is known of each group in each country, and what two of them share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import pandas as pd

from research_lib.errors import UnfitDataError
from research_lib.evidence.multiple_values import split
from research_lib.evidence.study import Study

type _Key = tuple[str, str, str]
type _Said = dict[_Key, list[tuple[str, str]]]


@dataclass(frozen=True)
class Contrast:
    """The claims about both of two profiles on one dimension, and the claims about only one."""

    dimension: str
    alike: tuple[str, ...]
    only_first: tuple[str, ...]
    only_second: tuple[str, ...]


def contrast(study: Study, first: tuple[str, str], second: tuple[str, str]) -> list[Contrast]:
    """Compare two profiles, each a group and a country, on the five dimensions.

    A claim counts as shared when the report makes it of both. Raises UnfitDataError for a profile that is not there.
    """
    table = study["profiles"].set_index(["group_id", "country_code", "dimension_code"])["claim_id"].map(split)
    known = table.index.droplevel("dimension_code").unique()
    if table.empty:
        raise UnfitDataError("the study has no profiles; derive them with: research-lib rebuild")
    if absent := [profile for profile in (first, second) if tuple(profile) not in known.tolist()]:
        groups, countries = (", ".join(dict.fromkeys(known.get_level_values(level))) for level in known.names)
        raise UnfitDataError(f"profile {absent[0]!r} is unknown; name a group of {groups} and a country of {countries}")
    contrasts = []
    for dimension in study.dimensions:
        one, other = table[(*first, dimension)], table[(*second, dimension)]
        alike = tuple(claim for claim in one if claim in other)
        alone = (tuple(claim for claim in each if claim not in alike) for each in (one, other))
        contrasts.append(Contrast(dimension, alike, *alone))
    return contrasts


def side_by_side(study: Study, groups: Sequence[str], country: str) -> pd.DataFrame:
    """List what is said in a country of all of some groups, and of each alone: `dimension`, `group`, `claim`.

    `group` is `both` where a claim is about all of them; a single group has all its claims itself. Not for three groups
    of which two share a claim: it stands under each of the two. Raises UnfitDataError for a group or a country that has
    no profiles, where others have.
    """
    table = study["profiles"]
    for name, given in (("group_id", groups), ("country_code", [country])):
        known = table[name].unique()
        if len(known) and (unknown := [each for each in given if each not in known]):
            raise UnfitDataError(f"{unknown[0]!r} has no profiles; those of {name} are {', '.join(known)}")
    table = table[table["country_code"].eq(country) & table["group_id"].isin(groups)]
    said = table.assign(claim=table["claim_id"].map(split))[["dimension_code", "group_id", "claim"]].explode("claim")
    said = said.dropna(subset="claim").rename(columns={"dimension_code": "dimension", "group_id": "group"})
    is_shared = said.groupby(["dimension", "claim"])["group"].transform("nunique").eq(len(groups)) & (len(groups) > 1)
    rows = said.assign(group=said["group"].mask(is_shared, "both")).drop_duplicates()
    places = {name: place for place, name in enumerate(("both", *groups, *study.dimensions))}
    return rows.sort_values(
        ["group", "dimension"], key=lambda names: names.map(places), kind="stable", ignore_index=True
    )


def profile_rows(study: Study) -> pd.DataFrame:
    """Derive the table of profiles: every profile group, country and dimension, with its claims and figures.

    Where the study's main source says nothing, the row says `not-known`; where the group is by definition in other
    countries, `not-applicable`.
    """
    groups = study["groups"]
    statements = {}
    elsewhere = set(study.settings.groups_elsewhere)
    for name in ("claims", "figures"):
        # Of the main source, and not about groups who live elsewhere.
        own = study[name][study.is_own(study[name]["source"])]
        lives_elsewhere = own["group_id"].map(lambda cell: bool(elsewhere & set(split(cell)))).astype(bool)
        statements[name] = _by_profile(study, own[~lives_elsewhere])
    homes = dict(zip(groups["id"], groups["country_code"].map(split), strict=True))
    return pd.DataFrame(
        [
            _profile(study, (group, country, dimension), where=homes[group], **statements)
            for group in groups[groups.is_profile]["id"]
            for country in study.countries
            for dimension in study.dimensions
        ]
    )


def _profile(study: Study, key: _Key, *, where: list[str], claims: _Said, figures: _Said) -> dict[str, str]:
    group, country, dimension = key
    claimed, figured = claims.get(key, []), figures.get(key, [])
    sources = [source.split(";")[0] for _, source in (*claimed, *figured)]
    # A group that exists in other countries only has no profile here.
    unknown = "not-applicable" if where and country not in where else "not-known"
    # Where nothing is known, what was read: the main source, or else the first of the bibliography.
    read = study.settings.main_source or next(iter(study.bibliography.entries), "")
    return {
        "id": f"{group}-{country.lower()}-{dimension}",
        "group_id": group,
        "country_code": country,
        "dimension_code": dimension,
        "knowledge": "observed" if sources else unknown,
        "claim_id": ";".join(each for each, _ in claimed),
        "figure_id": ";".join(each for each, _ in figured),
        "source": ";".join(dict.fromkeys(sources)) or read,
    }


def _by_profile(study: Study, frame: pd.DataFrame) -> _Said:
    """The ids and sources of statements, in their order, by group, country and dimension."""
    codebook = study.table_files["codebook"].frame
    parents = dict(zip(codebook["id"], codebook["parent_id"], strict=True))
    found: _Said = {}
    for row in frame.itertuples():
        # A statement belongs to the countries that it names or, about the way there, to those of the field work.
        named = split(row.country_code)
        countries = named if set(named) & {*study.countries} else [*named, *study.field_work]
        dimensions = (_dimension_of(code, parents) for code in split(row.code))
        for key in dict.fromkeys(product(split(row.group_id), countries, dimensions)):
            found.setdefault(key, []).append((row.id, row.source))
    return found


def _dimension_of(code: str, parents: Mapping[str, str]) -> str:
    """The code above all others above a code."""
    seen: set[str] = set()
    while isinstance(parent := parents.get(code), str) and code not in seen:
        seen.add(code)
        code = parent
    return code
