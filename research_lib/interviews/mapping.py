"""What each record needs and a form of others asks under other names, or not at all: `instruments/mapping.toml`.

The file says of each such item which column of an export holds it, what its answers mean, or what is the same for all
records. It is drafted from a form; people correct it.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from itertools import count
from pathlib import Path
from uuid import UUID

import pandas as pd

from research_lib.errors import Problem, ResearchError, quoted
from research_lib.files.toml_files import read_toml
from research_lib.interviews.answers.answer_columns import CASE_CODE, AnswersError
from research_lib.interviews.answers.column_sorting import MAPPED
from research_lib.interviews.answers.export_tables import Table
from research_lib.interviews.answers.form_questions import questions_of
from research_lib.interviews.answers.question_headers import QuestionHeaders
from research_lib.interviews.cases import BASES, NEEDED, SCOPES
from research_lib.interviews.forms.form_rows import Form, Row

FILE, NUMBERED = "instruments/mapping.toml", "numbered"
_TABLES = ("columns", "answers", "same_for_all", "rename")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_ID = re.compile(r"\d{1,6}")
YES = re.compile(r"(yes|y|1|oui|o|si|sì|sí|áno|ano|true|agree\w*|accept\w*|是|同意)\Z", re.IGNORECASE)
NO = re.compile(r"(no|n|0|2|non|nie|false|refus\w*|disagree\w*|declin\w*|否|不同意)\Z", re.IGNORECASE)
# What servers call their own columns of the same kind.
_ALSO = {
    "_uuid": ("_uuid", "instanceID", "KEY", "__id", "uuid", "_id"),
    "_submission_time": ("_submission_time", "SubmissionDate", "today", "start", "starttime"),
}


@dataclass(frozen=True)
class RecordMapping:
    """Where exports have what each record needs.

    `columns`: the question or column that holds it. `answers`: what its answers are called here. `same_for_all`: what
    is not asked, because it is the same for all records; `numbered` as `case_code` numbers the rows. `rename`: columns
    of an export that are another question of the form. `file` is where it is written.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    same_for_all: Mapping[str, str] = field(default_factory=dict)
    rename: Mapping[str, str] = field(default_factory=dict)
    file: str = FILE

    def __post_init__(self) -> None:
        """Refuse what is not one of the items that records need, or is said twice."""
        for name in (*self.columns, *self.same_for_all, *self.answers):
            if name not in NEEDED:
                raise ResearchError(f"{self.file}: {quoted(name)} is not one of {', '.join(NEEDED)}; correct the name")
        if both := set(self.columns) & set(self.same_for_all):
            raise ResearchError(f"{self.file}: {min(both)!r} is in `columns` and in `same_for_all`; keep one")
        for name, known in (("consent_scope", SCOPES), ("legal_basis", BASES)):
            given = [*self.answers.get(name, {}).values(), self.same_for_all.get(name, known[0])]
            if strange := [each for each in given if not _of_codes(each, known)]:
                raise ResearchError(
                    f"{self.file}: {quoted(strange[0])} is no {name}; write {', '.join(known)}, or several of these"
                )

    @property
    def names(self) -> tuple[str, ...]:
        """The items that it gives."""
        return tuple(name for name in NEEDED if name in self.columns or name in self.same_for_all)

    def with_changes(self, same_for_all: Mapping[str, str], rename: Mapping[str, str]) -> "RecordMapping":
        """Give the mapping with what one import says differently."""
        columns = {name: column for name, column in self.columns.items() if name not in same_for_all}
        own = {**self.same_for_all, **same_for_all}
        return replace(self, columns=columns, same_for_all=own, rename={**self.rename, **rename})

    def complete(self, form: Form) -> Form:
        """Give the form with a question for each item, in a group before its own; a namesake is kept apart."""
        if not self.names:
            return form
        cells: list[dict[str, str]] = [{"type": "begin_group", "name": "admin"}]
        cells += [{"type": "text", "name": name} for name in self.names]
        added, end = [Row(self.file, 0, each, _header(each["name"])) for each in cells], {"type": "end_group"}
        return replace(form, survey=(*added, Row(self.file, 0, end), *map(self._apart, form.survey)))

    def _apart(self, row: Row) -> Row:
        name = row["name"]
        if name not in self.names or row.kind.startswith(("begin", "end")):
            return row
        return replace(row, cells={**row.cells, "name": f"{name}_asked"}, header=row.header or name)

    def add(self, tables: Iterable[Table], form: Form) -> list[Table]:
        """Give the tables of records with a column for each item.

        `form` is the form as it was used. Raises AnswersError where a column is not there or an answer has no meaning.
        """
        known = QuestionHeaders(questions_of(form))
        added, problems, numbers = list[Table](), list[Problem](), count(1)
        for given in tables:
            names = {name: new for name, new in self.rename.items() if new not in given.frame}
            table = replace(given, frame=given.frame.rename(columns=names))
            added.append(table)
            if table.is_repeat:
                continue
            found = known.all_found(table.frame) if self.columns else {}
            headers = {header: each.place.question for header, each in found.items() if each.place}
            mapped = {name: header for name in self.columns if (header := self._column(name, table, headers))}
            cells = {_header(name): self._cells(name, table, mapped.get(name, ""), problems) for name in self.names}
            if self.same_for_all.get("case_code") == NUMBERED:
                cells[_header("case_code")] = [f"nr{next(numbers):06d}" for _ in range(len(table.frame))]
            added[-1] = replace(table, frame=table.frame.assign(**cells), mapped=mapped)
        if problems:
            raise AnswersError(problems)
        return added

    def _column(self, name: str, table: Table, headers: Mapping[str, str]) -> str:
        """The column of a table that holds an item, or nothing; what servers call their own columns stands for all."""
        wanted = self.columns[name]
        found = [header for header in table.frame if header == wanted or headers.get(header) == wanted]
        # `uuid` only without groups before it, since `formhub/uuid` is that of the form.
        own = (
            table.own(also) if also != "uuid" else also * (also in table.frame) for also in _ALSO.get(wanted, [wanted])
        )
        return next(filter(None, (*found, *own)), "")

    def _cells(self, name: str, table: Table, header: str, problems: list[Problem]) -> pd.Series:
        if name in self.same_for_all:
            return pd.Series(_code(name, self.same_for_all[name]), index=table.frame.index, dtype=object)
        if not header:
            wanted = self.columns[name]
            value = NUMBERED if name == "case_code" else "…"
            reason = (
                f"no column is {quoted(wanted)}, as {self.file} says; correct it there, or say --set {name}={value}"
            )
            problems.append(Problem(table.file, 1, name, reason))
            return pd.Series("", index=table.frame.index, dtype=object)
        cells = table.frame[header].astype(object).fillna("").astype(str).str.strip()
        answers = self.answers.get(name, {})
        codes = {cell: _code(name, answers.get(cell, cell)) for cell in cells.unique()}
        for cell in [cell for cell, code in codes.items() if not code]:
            what = quoted(cell) if cell else "an empty cell"
            reason = f"{what} is no {name}; write under [answers.{name}] of {self.file} what it means"
            problems.append(Problem(table.file, int(cells.index[cells == cell][0]), header, reason))
        return cells.map(codes)


def _header(name: str) -> str:
    return f"{MAPPED}{name}"


def _code(name: str, cell: str) -> str:
    """What an answer means that the mapping does not name, or nothing."""
    if name == "consent":
        return "yes" if YES.match(cell) else "no"
    if name == "interview_year":
        return next(iter(_YEAR.findall(cell)), "")
    if name == "consent_scope":
        return _of_codes(cell, SCOPES)
    if name == "case_code":
        # A case code as it is, a short number as one, and of any other text a code that does not say what stood there.
        code = cell.lower().removeprefix("uuid:")
        digest = sha256(code.encode()).digest()[:16]
        made = f"id{int(code):06d}" if _ID.fullmatch(code) else str(UUID(bytes=digest, version=4))
        return code if CASE_CODE.fullmatch(code) or not code else made
    if name in ("site", "respondent", "source_id"):
        return re.sub(r"\W+", "_", cell.lower(), flags=re.ASCII).strip("_")
    return cell


def _of_codes(text: str, known: Iterable[str]) -> str:
    """Codes with spaces or commas between them, in their order; nothing where one is not known."""
    given = re.split(r"[\s,;]+", text.strip(" ,;\t\n"))
    return " ".join(code for code in known if code in given) if set(given) <= {*known} else ""


def read_mapping(folder: Path) -> RecordMapping:
    """Read the mapping of a study, an empty one where it has none; raises ResearchError naming the place."""
    path = folder / FILE
    if not path.exists():
        return RecordMapping()
    found = read_toml(path)
    if strange := [name for name in found if name not in _TABLES]:
        raise ResearchError(f"{path}: {quoted(strange[0])} is not one of {', '.join(_TABLES)}; correct the name")
    same = found.get("same_for_all")
    if isinstance(same, dict) and isinstance(same.get("consent_scope"), list):  # what people agreed to, as a list
        same["consent_scope"] = " ".join(map(str, same["consent_scope"]))
    for name in _TABLES:
        entries = found.get(name, {})
        values = [each for entry in entries.values() for each in (entry.values() if name == "answers" else (entry,))]
        if not isinstance(entries, dict) or not all(isinstance(each, str) for each in values):
            raise ResearchError(
                f"{path}: [{name}] has something that is not a text in quotation marks; write it as one"
            )
    return RecordMapping(**found, file=str(path))
