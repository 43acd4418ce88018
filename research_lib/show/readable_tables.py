"""Tables as a notebook shows them: names in place of codes, whole texts, left-aligned."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import partial
from html import escape
from typing import Any

import pandas as pd
from pandas.io.formats.style import Styler

from research_lib.evidence.multiple_values import split
from research_lib.evidence.study import Study
from research_lib.show.words import study_words

_TABLES = {
    "code": "codebook",
    "dimension": "codebook",
    "from": "places",
    "destination": "places",
    "origin": "places",
    "place": "places",
    "to": "places",
    "group": "groups",
    "lead": "organisations",
    "organisation": "organisations",
    "partner": "organisations",
    "network": "networks",
    "partnership": "partnerships",
    "professional_profile": "professional_profiles",
    "route": "routes",
    "situation": "situations",
}
_PREFIXES = {
    "agency_type": "agency",
    "legal_status": "status",
    "mode": "transport",
    "mode_of_entry": "entry",
    "value": "truth",
}
_STYLES: list[Any] = [
    {"selector": "th, td", "props": "text-align: left; vertical-align: top; white-space: normal; max-width: 40em"},
    {"selector": "td.number", "props": "text-align: right; font-variant-numeric: tabular-nums"},
]
_YEARS = range(1800, 2101)


@dataclass(frozen=True)
class ReadableTable:
    """A table that a notebook shows as HTML, and a terminal as text; `frame` holds what is shown."""

    frame: pd.DataFrame
    digits: int

    def _repr_html_(self) -> str:
        is_indexed = self.frame.index.is_unique and not isinstance(self.frame.index, pd.RangeIndex)
        frame = self.frame if is_indexed else self.frame.reset_index(drop=isinstance(self.frame.index, pd.RangeIndex))
        styler = Styler(frame, uuid_len=0, cell_ids=False).set_table_styles(_STYLES).format(self._written)
        styler.format_index(self._written, axis=0).format_index(self._written, axis=1)
        # Else a notebook takes what stands between two $ for a formula.
        styler.set_table_attributes('class="tex2jax_ignore mathjax_ignore"')
        styler.set_td_classes(frame.map(lambda cell: "number" if _is_number(cell) else ""))
        return str((styler if is_indexed else styler.hide(axis="index")).to_html())

    def __repr__(self) -> str:
        return self.frame.map(self._text).to_string()

    def _written(self, cell: object) -> str:
        return escape(self._text(cell))

    def _text(self, cell: Any) -> str:
        if not isinstance(cell, str) and pd.isna(cell):
            return ""
        if not _is_number(cell):
            return str(cell)
        whole = float(cell).is_integer()
        return str(int(cell)) if whole and int(cell) in _YEARS else f"{cell:,.{0 if whole else self.digits}f}"


def readable(study: Study, frame: pd.DataFrame | pd.Series, *, digits: int = 2) -> ReadableTable:
    """Give a table as one reads it: names in place of codes, whole texts, left-aligned, empty where nothing is known.

    `frame`: its columns, its index and its header are named as in the study's tables (`actor`, `country_code`,
    `place_id`), which says what their codes are. `digits`: of numbers that are not whole.
    """
    return ReadableTable(named(study, frame.to_frame() if isinstance(frame, pd.Series) else frame), digits)


def named(study: Study, frame: pd.DataFrame, language: str = "en") -> pd.DataFrame:
    """Write the names of codes in place of the codes of a table: in its cells, its index and its header.

    What has no name stays as it is. Several codes in a cell, in a list or with `;` between, become names with commas.
    """
    names = _names(study, language)
    columns = [
        frame.iloc[:, at].map(partial(_named, names=names.get(_kind(column), {})))
        for at, column in enumerate(frame.columns)
    ]
    written = pd.concat(columns, axis=1) if columns else frame
    return written.set_axis(_labels(frame.index, names), axis=0).set_axis(_labels(frame.columns, names), axis=1)


def _names(study: Study, language: str) -> dict[str, dict[str, str]]:
    """The names of codes by kind: of the study's tables, and of the catalogue."""
    words = study_words(study, language)
    names: dict[str, dict[str, str]] = {}
    for key, phrase in words.phrases.items():
        prefix, _, code = key.partition(".")
        names.setdefault(prefix, {})[code] = phrase
    names |= {kind: names[prefix] for kind, prefix in _PREFIXES.items()}
    for kind, table in _TABLES.items():
        names[kind] = {row.id: words.of(row, "name") for row in study[table].itertuples()}
    countries = study["places"].query("kind == 'country'").itertuples()
    return names | {"country": {row.country_code: words.of(row, "name") for row in countries}}


def _kind(label: object) -> str:
    return str(label).removesuffix("_id").removesuffix("_code")


def _named(cell: Any, names: Mapping[Any, str]) -> Any:
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    codes = split(cell) if isinstance(cell, str) else cell
    if isinstance(cell, str) and not {*codes} <= names.keys():
        return cell
    if isinstance(codes, list | tuple | set | frozenset):
        return ", ".join(str(names.get(code, code)) for code in codes)
    return cell


def _labels(axis: pd.Index, names: dict[str, dict[str, str]]) -> pd.Index:
    """The labels of an axis with names in place of codes; a header without a name is written without underscores."""
    if isinstance(axis, pd.RangeIndex):
        return axis
    if isinstance(axis, pd.MultiIndex):
        return pd.MultiIndex.from_arrays(
            [_labels(axis.get_level_values(at), names) for at in range(axis.nlevels)],
            names=[_header(name) for name in axis.names],
        )
    known = names.get(_kind(axis.name), {})
    return pd.Index([_named(each, known) if axis.name else _header(each) for each in axis], name=_header(axis.name))


def _header(label: Hashable) -> Any:
    return _kind(label).replace("_", " ") if isinstance(label, str) else label


def _is_number(cell: object) -> bool:
    return pd.api.types.is_number(cell) and not isinstance(cell, bool)
