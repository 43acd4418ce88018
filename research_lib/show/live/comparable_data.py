"""Data in which two groups can be compared: the tables of a release, and a table of one's own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path, PurePath
from typing import Any

import pandas as pd

from research_lib.disclosure.released import Released
from research_lib.errors import UnfitDataError
from research_lib.files.opening import last_change
from research_lib.files.tabular import read_table
from research_lib.methods.contrasts import count_answers
from research_lib.methods.standardisation import cross_tabulate_released
from research_lib.methods.standardisation.released_cross_tabulation import OtherTables, read_others
from research_lib.missing_answers import MISSING, UNANSWERED
from research_lib.published_cells import HIDDEN
from research_lib.show.material import newest_release
from research_lib.show.words import Words

_COUNTRY, _BESIDE = "country_code", ("count", "status", "is_synthetic")
_MOST_VALUES = 30
MOST_BYTES, MOST_ROWS, MOST_COLUMNS = 900_000, 50_000, 200  # of a table of one's own
_OF_A_WORKBOOK = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
type Pair = tuple[int, int]
type Cells = dict[tuple[str, ...], pd.DataFrame]  # the cross-tabulation of each choice of variables


@dataclass(frozen=True)
class Question:
    """A question, or any variable: its title, and the names of its values by code."""

    id: str
    title: str
    values: Mapping[str, str]


@dataclass(frozen=True)
class Counted:
    """How many of a group gave the answer, of how many: `least` and `most` are the ends of what can be true.

    `shown`: what is published, None where a count is hidden. `missing`: persons without an answer, where it is known.
    """

    group: str
    least: Pair
    most: Pair
    shown: Pair | None
    missing: int | None = None

    @property
    def is_exact(self) -> bool:
        """Whether the count is known, and not a range."""
        return self.least == self.most


@dataclass(frozen=True)
class Asked:
    """What is compared: who gave one of the answers `yes` to a question, in two groups of `by`, perhaps in strata."""

    question: str
    yes: tuple[str, ...]
    by: str
    groups: tuple[str, str]
    strata: str = ""


def newest_released(folder: Path, words: Words) -> "ReleasedData | None":
    """Give the newest release in a folder, opened once as long as nothing in the folder changes; None without one."""
    opened = _opened(folder, last_change(folder))
    return ReleasedData(opened[0], words, *opened[1:]) if opened else None


@lru_cache(maxsize=1)
def _opened(folder: Path, changed: int) -> tuple[Released, OtherTables, Cells] | None:  # noqa: ARG001
    released = newest_release(folder)
    if released is None:
        return None
    rules = released.manifest["rules"]
    return released, read_others(released.tables.values(), rules["rounding_base"], rules["persons"]), {}


@dataclass(frozen=True)
class ReleasedData:
    """The tables of a release: counts are rounded, and some are hidden, so that each count is a range."""

    released: Released
    words: Words
    _others: OtherTables = field(repr=False, compare=False)
    _cells: Cells = field(default_factory=dict, repr=False, compare=False)
    is_released = True
    cautions = ()

    @property
    def is_synthetic(self) -> bool:
        """Whether a program made the records."""
        return self.released.is_synthetic

    @property
    def is_translated(self) -> bool:
        """Whether all variables of the form have labels in the reader's language."""
        named = [name for name in self.questions if name != _COUNTRY]
        return all(self.words.language in self.released.variables[name]["labels"] for name in named)

    @cached_property
    def questions(self) -> Mapping[str, Question]:
        """The variables that at least one other variable divides."""
        names = dict.fromkeys(name for table in self._tables for name in table[1] if name != _COUNTRY)
        return {name: self._question(name) for name in names if self.sides(name)}

    def sides(self, question: str, by: str = "") -> list[Question]:
        """The variables that stand in a table with the question (and the groups)."""
        wanted = {question, by} - {""}
        found = dict.fromkeys(name for _, names in self._tables if wanted <= {*names} for name in names)
        sides = [self._question(name) for name in found if name not in wanted]
        return [side for side in sides if len(side.values) > 1]

    def hides(self, question: str, by: str) -> bool:
        """Whether any count of a question in groups is hidden."""
        return bool(self.released.tables[self._smallest({question, by})]["status"].eq(HIDDEN).any())

    def counts(self, asked: Asked) -> list[tuple[str, Counted, Counted]]:
        """The ranges of the counts, from rounding, from what is hidden and from the other tables."""
        cells = self._cross_table(asked)
        names = {side.id: side.values for side in map(self._question, filter(None, (asked.by, asked.strata)))}
        strata = list(dict.fromkeys(cells[asked.strata])) if asked.strata else [""]
        found = []
        for stratum in strata:
            part = cells[cells[asked.strata].eq(stratum)] if stratum else cells
            first, second = (
                _ranges(part[part[asked.by].eq(group)], asked, names[asked.by][group]) for group in asked.groups
            )
            found.append((names[asked.strata][stratum] if stratum else "", first, second))
        return found

    def _smallest(self, names: set[str]) -> str:
        """The table with the fewest variables that has those named."""
        return min((table for table in self._tables if names <= {*table[1]}), key=lambda table: len(table[1]))[0]

    @property
    def _tables(self) -> list[tuple[str, list[str]]]:
        return [(entry["name"], list(entry["variables"])) for entry in self.released.manifest["tables"]]

    def _question(self, name: str) -> Question:
        words, known = self.words, self.released.variables
        if name == _COUNTRY:
            codes = [code for code in known.get(name, {}).get("values", ()) if code not in UNANSWERED]
            named = {code: words.phrases.get(f"country.{code}", code) for code in codes}
            return Question(name, words("compare.country"), named)
        variable = known[name]
        choice = name.partition("__")[2]
        title, labels = words.among(variable["labels"], name), variable["choice_labels"]
        if choice:
            return Question(
                name,
                f"{title} \N{EN DASH} {words.among(labels[choice], choice)}",
                {code: words(f"answer.{code}") for code in ("yes", "no")},
            )
        codes = [code for code in variable["values"] if code not in UNANSWERED]
        return Question(name, title, {code: words.among(labels.get(code, {}), code) for code in codes})

    def _cross_table(self, asked: Asked) -> pd.DataFrame:
        names = tuple(name for name in (asked.strata, asked.by, asked.question) if name)
        if names not in self._cells:
            table, rules = self.released.tables[self._smallest({*names})], self.released.manifest["rules"]
            others = self._others if table["status"].eq(HIDDEN).any() else ()
            self._cells[names] = cross_tabulate_released(
                table,
                rows=list(names[:-1]),
                columns=asked.question,
                rounding=rules["rounding_base"],
                fewest=rules["persons"],
                others=others,
            )
        return self._cells[names]


def _ranges(cells: pd.DataFrame, asked: Asked, group: str) -> Counted:
    """The ends of k of n: the lowest count with the highest of the other answers, and the reverse."""
    is_yes = cells[asked.question].isin(asked.yes)
    low, high = cells["count_low"], cells["count_high"]
    base_low, base_high = cells["base_low"].max(), cells["base_high"].min()
    least = (low[is_yes].sum(), min(low[is_yes].sum() + high[~is_yes].sum(), base_high))
    most = (min(high[is_yes].sum(), base_high), max(high[is_yes].sum() + low[~is_yes].sum(), base_low))
    shown = None if cells["status"].eq(HIDDEN).any() else (cells.loc[is_yes, "count"].sum(), cells["count"].sum())
    return Counted(group, _whole(least), _whole(most), shown and _whole(shown))


def _whole(pair: Sequence[Any]) -> Pair:
    """Whole numbers; a count without an upper end leaves everything open, which 0 of 0 says."""
    return (0, 0) if float("inf") in pair else (int(pair[0]), int(max(pair)))


@dataclass(frozen=True)
class OwnRecords:
    """A table of one's own, one row a person, every cell as text."""

    frame: pd.DataFrame
    words: Words
    is_released, is_translated = False, True

    @property
    def is_synthetic(self) -> bool:
        """Whether a column `is_synthetic` marks any record as made by a program."""
        return "is_synthetic" in self.frame and bool(
            self.frame["is_synthetic"].isin(["yes", "true", "True", "1"]).any()
        )

    @property
    def cautions(self) -> tuple[str, ...]:
        """What the table itself warns of: persons who stand in it twice."""
        persons = self.frame.get("person_id", pd.Series(dtype="str")).dropna()
        twice = int(persons.duplicated().sum())
        return (self.words("compare.twice", count=self.words.number(twice)),) if twice else ()

    @cached_property
    def questions(self) -> Mapping[str, Question]:
        """The columns with a few different values; ids, ages and free text have too many."""
        columns = {name: sorted(self._answers(name).unique()) for name in self.frame if name != "is_synthetic"}
        return {
            str(name): Question(str(name), str(name).replace("_", " "), {value: value for value in values})
            for name, values in columns.items()
            if 1 < len(values) <= _MOST_VALUES
        }

    def sides(self, question: str, by: str = "") -> list[Question]:
        """The other columns with a few different values."""
        return [each for name, each in self.questions.items() if name not in (question, by)]

    def hides(self, question: str, by: str) -> bool:  # noqa: ARG002
        """No count of one's own table is hidden."""
        return False

    def counts(self, asked: Asked) -> list[tuple[str, Counted, Counted]]:
        """The counts of persons; rows of which the group or the stratum is not known are left out."""
        dividers = [name for name in (asked.by, asked.strata) if name]
        known = self.frame[[*dividers, asked.question]]
        known = known[known[dividers].notna().all(axis=1) & ~known[dividers].isin(MISSING).any(axis=1)]
        table = count_answers(
            known.reset_index(drop=True),
            outcome=asked.question,
            by=asked.by,
            groups=asked.groups,
            strata=asked.strata or None,
            yes=list(asked.yes),
        )
        return [(str(row.get(asked.strata, "")), _exact(row, 1), _exact(row, 2)) for row in table.to_dict("records")]

    def _answers(self, name: str) -> pd.Series:
        column = self.frame[name]
        return column[column.notna() & ~column.isin(MISSING)]


def _exact(row: Mapping[Any, Any], number: int) -> Counted:
    pair = (row[f"k{number}"], row[f"n{number}"])
    return Counted(str(row[f"group{number}"]), pair, pair, pair, row[f"missing{number}"])


def read_own(name: str, content: bytes, words: Words) -> OwnRecords:
    """Read an uploaded CSV file, within limits and kept in memory only.

    Raises ResearchError, which names the line and the fix, where it cannot be read or nothing in it can be compared.
    """
    name = PurePath(name.replace("\\", "/")).name or "table.csv"
    if len(content) > MOST_BYTES:
        raise UnfitDataError(f"{name}: it has {len(content):,} bytes, and at most {MOST_BYTES:,} are read; shorten it")
    if content.startswith(_OF_A_WORKBOOK):
        raise UnfitDataError(f"{name}: it is a workbook; save the sheet as CSV in UTF-8, and choose that file")
    frame = read_table(name, content=content).frame
    if len(frame) > MOST_ROWS or frame.shape[1] > MOST_COLUMNS:
        raise UnfitDataError(
            f"{name}: it has {len(frame):,} rows and {frame.shape[1]} columns, and at most {MOST_ROWS:,} and "
            f"{MOST_COLUMNS} are read; keep the columns that are compared"
        )
    records = OwnRecords(frame.mask(frame.apply(lambda column: column.str.strip().eq(""))), words)
    if not any(records.sides(question) for question in records.questions):
        raise UnfitDataError(
            f"there is nothing to compare: two columns with 2 to {_MOST_VALUES} different values are needed, one with "
            "the groups and one with the answers"
        )
    return records


type Comparable = ReleasedData | OwnRecords
