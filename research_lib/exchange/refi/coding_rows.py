"""The codings of a file as one table, with codes, coders and selections looked up."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd

from research_lib.coding.codebook import Code
from research_lib.coding.codings import as_codings, in_calendar
from research_lib.coding.project import Coder, Losses
from research_lib.exchange.refi.identifiers import derived, ids_for, plain, proven
from research_lib.exchange.refi.raw_contents import Contents

Memo = Callable[[Iterable[str], Iterable[str], str], str]


class CodingRows:
    """All codings of a file in columns; `made` has the codes made for cases that codings point at."""

    def __init__(self, contents: Contents, losses: Losses, documents: list[str], codes: dict[str, str]):
        self._contents, self._losses, self._documents = contents, losses, documents
        self._parts = [(number, part) for number, text in enumerate(contents.texts) for part in text.codings]
        numbers = np.array([number for number, _ in self._parts], dtype="int64")
        self._at = np.repeat(numbers, [len(part.ids) for _, part in self._parts])
        self._guids: list[str] = self._column("codes")
        self.made = tuple(self._codes_for_cases(codes))
        lookup = codes | {case: code.id for case, code in self.made}
        self._codes = [lookup.get(guid) for guid in self._guids]
        self._kept = np.array([code is not None for code in self._codes], dtype=bool)
        self._ids = self._unique_ids()
        self._coders, self._of_user = self._users()
        self._on, self._pointing = self._in_cases()

    def _column(self, name: str) -> list[Any]:
        return list(chain.from_iterable(getattr(part, name) for _, part in self._parts))

    def _place(self, number: int) -> str:
        return f"source {self._contents.texts[number].name!r}"

    def _codes_for_cases(self, codes: dict[str, str]) -> Iterator[tuple[str, Code]]:
        """Some programs code with a case as if it were a code."""
        counts = Counter(self._guids)
        for case in self._contents.cases:
            if case.guid in counts and case.guid not in codes:
                reason = "they point at the case itself; a code of its name was made to hold them"
                self._losses.add(f"Case {case.name!r}", "coding", reason, counts[case.guid])
                yield case.guid, Code(derived("code of a case", case.guid), case.name)

    def _unique_ids(self) -> list[str]:
        ids = self._column("ids")
        if len(set(ids)) == len(ids) and "" not in ids:
            return ids
        seen: set[str] = set()
        for row, id_ in enumerate(ids):
            if not id_ or id_ in seen:
                ids[row] = derived("coding", f"{self._documents[self._at[row]]}\x1f{row}")
                what = "GUID of a coding" if id_ else "missing GUID of a coding"
                self._losses.add(self._place(self._at[row]), what, "each coding has one of its own; it has a new one")
            seen.add(ids[row])
        return ids

    def _users(self) -> tuple[list[Coder], dict[str, str]]:
        """The coders, and the id for each spelling of a user's GUID in the codings."""
        users = self._contents.users
        own = proven("user", list(users), [id_ for id_, _ in users.values()])
        ids = ids_for("user", list(users), own, self._losses)
        coders = [self._coder(id_, *user) for id_, user in zip(ids, users.values(), strict=True)]
        by_guid = {"": "", **dict(zip(users, ids, strict=True))}
        counts = Counter(self._column("users"))
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

    def coders(self) -> tuple[Coder, ...]:
        """List the coders that the file names, and those that only codings name."""
        return tuple(self._coders)

    def _in_cases(self) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
        """The codings on each selection that a case refers to, and those of another program that point at a case."""
        on: dict[str, list[str]] = {guid: [] for case in self._contents.cases for guid in case.targets["SelectionRef"]}
        at: dict[str, list[str]] = {case.guid: [] for case in self._contents.cases}
        rows = zip(self._column("selections"), self._guids, self._ids, self._kept, strict=True) if on or at else ()
        for selection, code, id_, kept in rows:
            if kept and selection in on:
                on[selection].append(id_)
            if code in at:
                at[code].append(id_)
        return on, at

    def selected(self, guids: list[str], place: str) -> tuple[str, ...]:
        """List the codings on selections that a case refers to; a selection that is not there is reported."""
        found = [self._on[guid] for guid in guids]
        self._losses.add(place, "selection", "no coding on text has it", sum(not each for each in found))
        return tuple(chain.from_iterable(found))

    def pointing_at(self, case: str) -> tuple[str, ...]:
        """List the codings of another program that point at a case as if it were a code."""
        return tuple(self._pointing.get(case, ()))

    def frame(self, memo: Memo) -> pd.DataFrame:
        """Make the table of codings; `memo` joins words and notes."""
        self._report_unknown()
        columns = {
            "id": self._ids,
            "document": np.array(self._documents, dtype=object)[self._at],
            "start": self._joined("starts"),
            "end": self._joined("ends"),
            "code": self._codes,
            "coder": [self._of_user[user] for user in self._column("users")],
            "time": self._times(),
            "memo": self._memos(memo),
        }
        return as_codings(pd.DataFrame(columns)[self._kept])

    def _joined(self, name: str) -> np.ndarray:
        return np.concatenate([np.zeros(0, dtype="int64"), *(getattr(part, name) for _, part in self._parts)])

    def _report_unknown(self) -> None:
        for row in np.flatnonzero(~self._kept):
            guid = self._guids[row]
            reason = f"there is no code {guid} in the file" if guid else "it names no code"
            self._losses.add(self._place(self._at[row]), "coding", reason)

    def _times(self) -> pd.Series:
        texts = pd.Series(self._column("times"), dtype=object)
        times = pd.to_datetime(texts, utc=True, format="ISO8601", errors="coerce")
        times = times.where(in_calendar(times))
        unread = int((times.isna() & texts.notna()).sum())
        self._losses.add("codings", "time", "it is not a date and time as XML has it, of the years 1 to 9999", unread)
        local = sum(1 for text in texts[times.notna()] if text[-1] not in "Zz" and text[-6:-5] not in ("+", "-"))
        self._losses.add("codings", "time zone", "the file gives none; UTC was taken", local)
        return times

    def _memos(self, memo: Memo) -> list[str]:
        memos = [""] * len(self._ids)
        start = 0
        for number, part in self._parts:
            for row in {**part.comments, **part.notes}:
                words = [part.comments[row]] if row in part.comments else []
                memos[start + row] = memo(words, part.notes.get(row, ()), self._place(number))
            start += len(part.ids)
        return memos
