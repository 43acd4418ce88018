"""QualCoder, a free program for coding text: its project folders (`something.qda/` with `data.qda`, in SQLite).

Categories become codes that are not given; names are ids. Each coding is compared with the words that QualCoder kept.
The database is opened for reading only.
"""

import re
import sqlite3
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from research_lib.coding.codebook import Code, Codebook
from research_lib.coding.codings import COLUMNS, as_codings
from research_lib.coding.corpus import Corpus, Document
from research_lib.coding.project import Case, Coder, Losses, Project
from research_lib.errors import CodingError
from research_lib.exchange.refi.identifiers import in_order
from research_lib.exchange.sqlite_projects import opened
from research_lib.files.opening import MB

LARGEST, LARGEST_TEXT, MOST_ROWS = 512 * MB, 64 * MB, 5_000_000
_MEND = "open the project in QualCoder, close it again, and give its folder, which ends in .qda"
_READ = {
    "project": "memo",
    "source": "id name fulltext mediapath memo owner",
    "code_cat": "catid name memo supercatid",
    "code_name": "cid name memo catid color",
    "code_text": "ctid cid fid pos0 pos1 seltext owner date memo",
    "cases": "caseid name memo",
    "case_text": "caseid fid pos0 pos1",
    "attribute": "name attr_type value id",
}
_NOT_READ = {
    "code_image": "coded areas of pictures",
    "code_av": "coded stretches of recordings",
    "annotation": "annotations",
    "journal": "journals",
    "graph": "graphs",
}
_WORDS = {"memo", "name", "mediapath", "owner", "color", "attr_type", "value"}
_PAIRS = re.compile("[\U00010000-\U0010ffff]")
_BREAKS = str.maketrans({"\u2029": "\n", "\u2028": "\n"})


def read_project(path: Path | str) -> Project:
    """Read a project: its folder (`something.qda`), or the `data.qda` in it.

    Texts of sources with their memos and attributes, codes in their categories, codings of texts with coder, memo and
    time (which has no zone there, and is taken for UTC), and cases. What has no place here, as coded pictures, is in
    `Project.losses`. Raises CodingError for another file or folder, with what it is, for one that is damaged or in use,
    and for more than 5,000,000 rows.
    """
    given = Path(path)
    database = given / "data.qda" if given.is_dir() else given
    if given.is_dir() and not database.exists():
        raise CodingError(f"{given}: the folder has no data.qda; give the folder of a project, which ends in .qda")
    losses = Losses()
    limits = {"largest": LARGEST, "longest": LARGEST_TEXT}
    with opened(database, _READ, program="QualCoder", mend=_MEND, **limits) as connection:
        for table in _READ:
            if connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] > MOST_ROWS:
                reason = f"the table {table!r} has more than {MOST_ROWS:,} rows; bring it in parts"
                raise CodingError(f"{database}: {reason}")
        name = (database.parent if database.name == "data.qda" else database).resolve().name.removesuffix(".qda")
        return _Reader(connection, losses).project(name)


class _Reader:
    """Reads the tables of one database."""

    def __init__(self, connection: sqlite3.Connection, losses: Losses):
        self._connection, self._losses = connection, losses

    def project(self, name: str) -> Project:
        """Read everything."""
        attributes = self._attributes()
        documents = self._documents(attributes)
        codes, given = self._codes()
        codings = self._codings(documents, given)
        there = {name for (name,) in self._connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        for table in there & _NOT_READ.keys():
            count = self._connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            self._losses.add("project", _NOT_READ[table], "a project here has no place for them", count)
        return Project(
            name,
            Codebook(codes),
            Corpus(tuple(documents.values())),
            codings,
            tuple(Coder(owner) for owner in sorted({*codings["coder"]}) if owner),
            cases=tuple(self._cases(documents, attributes)),
            description="\n\n".join(row["memo"] for row in self._rows("project") if row["memo"]),
            losses=self._losses.listed(),
        )

    def _rows(self, table: str, order: str = "rowid") -> list[dict[str, Any]]:
        """The rows of a table; what people wrote is text there, whatever the database holds."""
        names = _READ[table].split()
        found = self._connection.execute(f"SELECT {', '.join(names)} FROM {table} ORDER BY {order}")
        return [
            {name: _text(cell) if name in _WORDS else cell for name, cell in zip(names, row, strict=True)}
            for row in found
        ]

    def _attributes(self) -> dict[tuple[str, int], dict[str, str]]:
        """The values that files and cases have, by `file` or `case` and their number."""
        found: dict[tuple[str, int], dict[str, str]] = {}
        for row in self._rows("attribute"):
            if row["value"] and isinstance(row["id"], int):
                found.setdefault((row["attr_type"], row["id"]), {})[row["name"]] = row["value"]
        return found

    def _documents(self, attributes: dict[tuple[str, int], dict[str, str]]) -> dict[int, Document]:
        """The sources with a text, by their number."""
        rows = self._rows("source")
        kept = [row for row in rows if isinstance(row["fulltext"], str) and row["fulltext"]]
        for row in rows:
            kind = (row["mediapath"].partition(":")[0] or "empty") if row not in kept else ""
            self._losses.add(f"source {row['name']!r}", "source", f"it has no text ({kind})", bool(kind))
        known = [attributes.get(("file", row["id"]), {}) for row in kept]
        ids = _ids(row["name"] for row in kept)
        return {
            row["id"]: Document(id_, row["name"], row["fulltext"], attributes=own, memo=row["memo"])
            for row, id_, own in zip(kept, ids, known, strict=True)
        }

    def _codes(self) -> tuple[tuple[Code, ...], dict[int, str]]:
        """Categories and codes as one tree, and the ids of the codes by their number."""
        categories, codes = self._rows("code_cat"), self._rows("code_name")
        ids = _ids(row["name"] for row in [*codes, *categories])
        given = {row["cid"]: id_ for row, id_ in zip(codes, ids, strict=False)}
        groups = {row["catid"]: id_ for row, id_ in zip(categories, ids[len(codes) :], strict=True)}
        above = {groups[row["catid"]]: self._group(row["supercatid"], groups, row["name"]) for row in categories}
        for circular in in_order(above)[1]:
            self._losses.add(f"category {circular!r}", "place", "its categories lie in each other; it stands alone")
            above[circular] = None
        above |= {given[row["cid"]]: self._group(row["catid"], groups, row["name"]) for row in codes}
        tree = {**dict(zip(groups.values(), categories, strict=True)), **dict(zip(given.values(), codes, strict=True))}
        made = tuple(
            Code(id_, row["name"], above[id_], memo=row["memo"], color=row.get("color", ""), is_codable="color" in row)
            for id_, row in tree.items()
        )
        return made, given

    def _group(self, number: Any, groups: dict[int, str], name: str) -> str | None:
        if number is not None and number not in groups:
            self._losses.add(f"code {name!r}", "category", f"there is no category {number!r}; it stands alone")
        return groups.get(number)

    def _codings(self, documents: dict[int, Document], codes: dict[int, str]) -> pd.DataFrame:
        rows = []
        for row in self._rows("code_text", "fid, pos0, ctid"):
            document, place = documents.get(row["fid"]), f"coding {row['ctid']}"
            if document is None or row["cid"] not in codes:
                self._losses.add("codings", "coding", "its source or its code is not there; it was left out")
            elif (span := _span(row, document.text)) is None:
                asked = f"{row['pos0']!r} to {row['pos1']!r}"
                reason = f"what stands from {asked} of {document.name!r} is not what was coded; it was left out"
                self._losses.add(place, "coding", reason)
            else:
                when = self._moment(row["date"], place)
                rows.append((document.id, *span, codes[row["cid"]], row["owner"], when, row["memo"]))
        return as_codings(pd.DataFrame(rows, columns=COLUMNS[1:]))

    def _moment(self, written: Any, place: str) -> pd.Timestamp | None:
        try:
            found = datetime.fromisoformat(_text(written).strip()) if _text(written) else None
            return None if found is None else pd.Timestamp(found.replace(tzinfo=None), tz="UTC")
        except ValueError:
            self._losses.add(place, "time", f"{written!r:.40} is not a date; it was left out")
            return None

    def _cases(
        self, documents: dict[int, Document], attributes: dict[tuple[str, int], dict[str, str]]
    ) -> Iterator[Case]:
        rows, within = self._rows("cases"), defaultdict[Any, list[dict[str, Any]]](list)
        for part in self._rows("case_text"):
            within[part["caseid"]].append(part)
        for row, id_ in zip(rows, _ids(row["name"] for row in rows), strict=True):
            own, place = within[row["caseid"]], f"case {id_!r}"
            found = [(part, documents[part["fid"]]) for part in own if part["fid"] in documents]
            ends = [(part, len(text.text)) for part, text in found]
            whole = sum(part["pos0"] == 0 and part["pos1"] in (end, end - 1) for part, end in ends)
            reason = "a case here has whole documents; it has all of it"
            self._losses.add(place, "part of a text", reason, len(found) - whole)
            self._losses.add(place, "source", "it has no text here; it was left out", len(own) - len(found))
            names = tuple(dict.fromkeys(document.id for _, document in found))
            known = attributes.get(("case", row["caseid"]), {})
            yield Case(id_, row["name"], row["memo"], attributes=known, documents=names)


def _span(row: dict[str, Any], text: str) -> tuple[int, int] | None:
    """Where a coding lies in a text, in code points; None where its words are not there.

    Versions of QualCoder that count signs such as emoji as two are told by the words that they kept.
    """
    first, last, words = row["pos0"], row["pos1"], row["seltext"]
    if not (isinstance(first, int) and isinstance(last, int) and 0 <= first <= last):
        return None
    spans = [(first, last)]
    if found := _PAIRS.search(text):
        # Where each sign that counts as two begins and ends, counted so.
        before = [pair.start() + number for number, pair in enumerate(_PAIRS.finditer(text, found.start()), start=1)]
        spans.append((first - bisect_left(before, first), last - bisect_left(before, last)))
    within = [(start, end) for start, end in spans if end <= len(text)]
    if not isinstance(words, str) or not words:
        return within[0] if within else None
    same = words.translate(_BREAKS)
    return next((span for span in within if text[slice(*span)].translate(_BREAKS) == same), None)


def _text(value: Any) -> str:
    """A cell as text; in SQLite any column may hold anything."""
    if value is None:
        return ""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _ids(names: Iterable[str]) -> list[str]:
    """Names as ids, with a number where one stands twice, is empty, or is one that another got."""
    given = [name or "unnamed" for name in names]
    taken, seen = {*given}, set[str]()
    found: list[str] = []
    for number, name in enumerate(given, start=1):
        id_ = name if name not in seen else f"{name} #{number}"
        while id_ in seen or (id_ != name and id_ in taken):
            id_ += "#"
        seen.add(id_)
        found.append(id_)
    return found
