"""Earlier releases of a series, and what was counted at them, by the names that variables and codes have today."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import pandas as pd

from research_lib.disclosure.auditing.earlier_counts import EarlierCounts, History
from research_lib.disclosure.linked.structural_zeros import Relation
from research_lib.disclosure.planning.global_recoding import Recoding
from research_lib.disclosure.planning.plan import APART
from research_lib.disclosure.planning.renamed_variables import (
    NAME_COLUMNS,
    NEW_SERIES,
    RENAMED_FILE,
    NewName,
    NewNames,
    RenamedError,
)
from research_lib.disclosure.released import Released
from research_lib.missing_answers import UNANSWERED
from research_lib.published_cells import ZERO


@dataclass(frozen=True)
class EarlierReleases:
    """The earlier releases of a series, the oldest first, and what was counted at them, as far as the study kept it.

    All by the names of today; see `read`.
    """

    releases: tuple[Released, ...]
    counts: tuple[EarlierCounts, ...]
    renamed: NewNames

    @classmethod
    def read(
        cls, releases: Sequence[Released], history: Path | str | None, renamed: pd.DataFrame | None
    ) -> "EarlierReleases":
        """Take releases as they were opened; `history`: the folder of their counts; `renamed`: see `NewNames`."""
        table = NewNames.of(renamed)
        names = {each.digest: EarlierNames(each, table) for each in releases}
        counts = History(Path(history)).read([*names]) if history else ()
        today = tuple(each.today for each in names.values())
        return cls(today, tuple(names[each.digest].of_counts(each) for each in counts), table)


NO_RELEASES = EarlierReleases((), (), NewNames())


@dataclass(frozen=True)
class EarlierNames:
    """A release of an earlier day, and the names of today of all that was named on that day."""

    released: Released
    renamed: NewNames
    _known: dict[str, NewName] = field(default_factory=dict)

    def __getitem__(self, side: str) -> NewName:
        """Give the name of today of a column, or of a side of a table."""
        column = side.removesuffix(APART)
        if column not in self._known:
            new = self.renamed.today(column, self._day)
            self._known[column] = replace(new, codes={**self._inherited(column), **new.codes})
        return self._known[column]

    @property
    def today(self) -> Released:
        """The release as if it had been made with the names of today.

        Raises RenamedError where two of its variables, or of its codes, are one today: no record tells them apart.
        """
        self._require_apart()
        released = self.released
        tables = {name: self._table(self._without_joined(table)) for name, table in released.tables.items()}
        entries = [{**each, "variables": [*map(self._side, each["variables"])]} for each in released.manifest["tables"]]
        coarser = [self._coarser(each) for each in released.coarser]
        coarser += [new.made for new in self._known.values() if new.made]
        manifest = {**released.manifest, "tables": entries, "coarser": [asdict(each) for each in coarser]}
        return replace(released, tables=tables, manifest=manifest, relations=self._relations(released.relations))

    @property
    def _day(self) -> str:
        return str(self.released.manifest["date"])

    def of_counts(self, counts: EarlierCounts) -> EarlierCounts:
        """Give what was counted at the release by the names of today."""
        sent = {frozenset(map(self._side, sides)): self._table(frame) for sides, frame in counts.sent.items()}
        whole = frozenset(frozenset(map(self._side, sides)) for sides in counts.whole)
        return replace(counts, sent=sent, whole=whole, relations=self._relations(counts.relations))

    def _side(self, side: str) -> str:
        return self[side].name + side.removeprefix(side.removesuffix(APART))

    def _without_joined(self, frame: pd.DataFrame) -> pd.DataFrame:
        """A table without the codes that nobody had and that are one with another by now."""
        for name in (name for name in frame if self[name].codes):
            given = set(frame.loc[frame["status"] != ZERO, name])
            joined = {code for code in set(frame[name]) - given if self[name].code(code) in map(self[name].code, given)}
            frame = frame[~frame[name].isin(joined)]
        return frame

    def _table(self, frame: pd.DataFrame) -> pd.DataFrame:
        codes = {side: frame[side].map(self[side].code) for side in frame if self[side].codes}
        return frame.assign(**codes).rename(columns=self._side)

    def _relations(self, relations: Sequence[Relation]) -> tuple[Relation, ...]:
        return tuple(
            Relation(
                self[each.one].name,
                self[each.other].name,
                frozenset((self[each.one].code(one), self[each.other].code(other)) for one, other in each.never),
                tuple(self[choice].name for choice in each.choices),
            )
            for each in relations
        )

    def _inherited(self, column: str) -> dict[str, str]:
        """The codes that a coarser variable has from its finer one, where these have another code today."""
        made = next((each for each in self.released.coarser if each.name == column), None)
        fine = self[made.of] if made else NewName(column)
        today = {code: fine.codes_today(code) for code in fine.codes if not made or code not in made.coarser_code}
        return {code: every[0] if len(every) == 1 else fine.code(code) for code, every in today.items()}

    def _coarser(self, coarser: Recoding) -> Recoding:
        own, fine = self[coarser.name], self[coarser.of]
        split = {code: (code,) for code in (fine.made.codes if fine.made else ()) if code not in coarser.coarser_code}
        codes = {
            own.code(code): tuple(one for each in every for one in fine.codes_today(each))
            for code, every in {**split, **coarser.codes}.items()
        }
        return Recoding(own.name, fine.column, codes)

    def _require_apart(self) -> None:
        columns, codes = dict[str, str](), dict[tuple[str, str], str]()
        for table in self.released.planned:
            frame = self.released.tables[table.name]
            for name in table.variables:
                if (other := columns.setdefault(self[name].name, name)) != name:
                    raise self._joined(other, name, self[name].name)
                for code in frame.loc[frame["status"] != ZERO, name].unique():
                    for today in self[name].codes_today(code):
                        if (other := codes.setdefault((name, today), code)) != code:
                            raise self._joined(f"{name}={other}", f"{name}={code}", today)

    def _joined(self, one: str, other: str, today: str) -> RenamedError:
        return RenamedError(
            f"the release of {self._day} counts {one!r} and {other!r} apart, and {RENAMED_FILE} says that both are "
            f"{today!r} by now, so that its counts cannot be counted again. Keep both in the records and take them "
            f"together in the plan, with [coarser.a_name], {NEW_SERIES}"
        )


def require_columns(released: Released, columns: Sequence[str]) -> None:
    """Raise RenamedError where an earlier release, by the names of today, counts a variable that no record has."""
    if lost := [name for table in released.planned for name in table.variables if name not in columns]:
        raise _gone(
            released,
            lost[0],
            "the records have no such variable",
            "a row; or keep it in the records, where its question is not asked any more",
        )


def require_codes(released: Released, values: Mapping[str, Sequence[str]], renamed: NewNames) -> None:
    """Raise RenamedError where an earlier release, by the names of today, counts a code that is not there any more.

    `values`: those of each variable in the form, or in the records.
    """
    for table in released.planned:
        frame = released.tables[table.name]
        for name in table.variables:
            for code in set(frame.loc[frame["status"] != ZERO, name]) - {*values[name], *UNANSWERED}:
                if (name, code) not in renamed.new_codes:
                    raise _gone(
                        released,
                        f"{name}={code}",
                        "neither form nor records have this code any more",
                        "a row for each code that it became; or the same code again, where only nobody has given this "
                        "answer since",
                    )


def _gone(released: Released, name: str, reason: str, rows: str) -> RenamedError:
    return RenamedError(
        f"the release of {released.manifest['date']} counts {name!r}, and {reason}: say in {RENAMED_FILE} what it is "
        f"called now and since when ({', '.join(NAME_COLUMNS)}; {rows}), {NEW_SERIES}"
    )
