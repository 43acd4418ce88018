"""The codings of a file as one table, with codes, coders and selections looked up."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import chain

import numpy as np
import pandas as pd

from research_lib.coding.codebook import Code
from research_lib.coding.codings import as_codings, in_calendar
from research_lib.coding.project import Coder, Losses
from research_lib.exchange.refi.identifiers import derived, ids_for, plain, proven
from research_lib.exchange.refi.raw_contents import CaseOrSet, Contents, RawCoding

Memo = Callable[[Iterable[str], Iterable[str], str], str]


class CodingRows:
    """All codings of a file, and the coders.

    `made` has the codes made for cases that codings point at, by the GUID of the case.
    """

    def __init__(self, contents: Contents, losses: Losses, documents: list[str], codes: dict[str, str]):
        self._contents, self._rows, self._losses, self._documents = contents, contents.codings, losses, documents
        self.made = dict(self._codes_for_cases(codes))
        lookup = codes | {case: code.id for case, code in self.made.items()}
        self._codes = [lookup.get(each.code) for each in self._rows]
        self._give_ids()
        self.coders, self._of_user = self._users()
        self._on, self._pointing = self._in_cases()

    def _place(self, coding: RawCoding) -> str:
        return f"source {self._contents.texts[coding.text].name!r}"

    def _codes_for_cases(self, codes: dict[str, str]) -> Iterator[tuple[str, Code]]:
        """Some programs code with a case as if it were a code."""
        counts = Counter(each.code for each in self._rows)
        for case in self._contents.cases:
            if case.guid in counts and case.guid not in codes:
                reason = "they point at the case itself; a code of its name was made to hold them"
                self._losses.add(f"Case {case.name!r}", "coding", reason, counts[case.guid])
                yield case.guid, Code(derived("code of a case", case.guid), case.name)

    def _give_ids(self) -> None:
        """Give a new id to each coding that has none, or that of another."""
        seen: set[str] = set()
        for row, each in enumerate(self._rows):
            if not each.id or each.id in seen:
                what = "GUID of a coding" if each.id else "missing GUID of a coding"
                self._losses.add(self._place(each), what, "each coding has one of its own; it has a new one")
                each.id = derived("coding", f"{self._documents[each.text]}\x1f{row}")
            seen.add(each.id)

    def _users(self) -> tuple[list[Coder], dict[str, str]]:
        """The coders, and the id for each spelling of a user's GUID in the codings."""
        users = self._contents.users
        own = proven("user", list(users), [id_ for id_, _ in users.values()])
        ids = ids_for("user", list(users), own, self._losses)
        coders = [self._coder(id_, *user) for id_, user in zip(ids, users.values(), strict=True)]
        by_guid = {"": "", **dict(zip(users, ids, strict=True))}
        counts = Counter(each.user for each in self._rows)
        for spelling, count in counts.items():
            guid = plain(spelling)
            if guid not in by_guid:
                by_guid[guid] = guid
                coders.append(Coder(guid))
                self._losses.add(f"user {guid}", "name of a coder", f"the file names none; in {count:,} codings")
        return coders, {spelling: by_guid[plain(spelling)] for spelling in counts}

    def _coder(self, id_: str, own: str | None, name: str) -> Coder:
        """A coder with the chosen id; another id in the file serves as a name, or is reported."""
        if own and name and own not in (id_, name):
            self._losses.add(f"user {name!r}", f"id {own!r}", f"no GUID was made from it; the coder is {id_}")
        return Coder(id_, name if own == id_ else name or own or "")

    def _in_cases(self) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
        """The codings on each selection that a case refers to, and those of another program that point at a case."""
        on: dict[str, list[str]] = {guid: [] for case in self._contents.cases for guid in case.targets["SelectionRef"]}
        at: dict[str, list[str]] = {case.guid: [] for case in self._contents.cases}
        for each, code in zip(self._rows, self._codes, strict=True) if on or at else ():
            if code is not None and each.selection in on:
                on[each.selection].append(each.id)
            if each.code in at:
                at[each.code].append(each.id)
        return on, at

    def of_case(self, case: CaseOrSet, place: str) -> tuple[str, ...]:
        """List the codings on selections that a case refers to, and those of another program that point at the case.

        A selection that is not there is reported.
        """
        found = [self._on[guid] for guid in case.targets["SelectionRef"]]
        self._losses.add(place, "selection", "no coding on text has it", sum(not each for each in found))
        return tuple(dict.fromkeys(chain(*found, self._pointing[case.guid])))

    def frame(self, memo: Memo) -> pd.DataFrame:
        """Make the table of codings; `memo` joins words and notes."""
        rows, kept = self._rows, np.array([code is not None for code in self._codes], dtype=bool)
        for row in np.flatnonzero(~kept).tolist():
            reason = f"there is no code {rows[row].code} in the file" if rows[row].code else "it names no code"
            self._losses.add(self._place(rows[row]), "coding", reason)
        columns = {
            "id": [each.id for each in rows],
            "document": [self._documents[each.text] for each in rows],
            "start": np.array([each.start for each in rows], dtype="int64"),
            "end": np.array([each.end for each in rows], dtype="int64"),
            "code": self._codes,
            "coder": [self._of_user[each.user] for each in rows],
            "time": self._times(),
            "memo": [self._memo(each, memo) for each in rows],
        }
        return as_codings(pd.DataFrame(columns)[kept])

    def _memo(self, coding: RawCoding, memo: Memo) -> str:
        words = [coding.comment] if coding.comment else []
        return memo(words, coding.notes, self._place(coding)) if words or coding.notes else ""

    def _times(self) -> pd.Series:
        texts = pd.Series([each.time for each in self._rows], dtype=object)
        times = pd.to_datetime(texts, utc=True, format="ISO8601", errors="coerce")
        times = times.where(in_calendar(times))
        unread = int((times.isna() & texts.notna()).sum())
        self._losses.add("codings", "time", "it is not a date and time as XML has it, of the years 1 to 9999", unread)
        local = sum(1 for text in texts[times.notna()] if text[-1] not in "Zz" and text[-6:-5] not in ("+", "-"))
        self._losses.add("codings", "time zone", "the file gives none; UTC was taken", local)
        return times
