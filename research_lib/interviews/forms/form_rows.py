"""What a form is made of: the rows of its sheets, each of which knows where it was written."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from research_lib.errors import Problem, ResearchError

SHEETS = ("survey", "choices", "settings")
TRANSLATED = ("label", "hint", "guidance_hint", "constraint_message", "required_message")
SELECTS = ("select_one", "select_multiple")
BEGINNINGS, ENDINGS = ("begin_group", "begin_repeat"), ("end_group", "end_repeat")
CONSENT, OFFICE = "consent", ("admin", "agreement")
MISSING_CHOICES, ALONE, GATE = ("dk", "refused"), ("none", "nobody"), "_gate"
DEEPEST = 50
CURVED = str.maketrans("\u2018\u2019\u201c\u201d", "''\"\"")
_CODE, _SIMPLIFIED = re.compile(r"\(([^()]+)\)$"), {"zh": "zh-Hans"}


class FormError(ResearchError):
    """A form, or what a partner adds to it, cannot be used as it stands; `problems` says where."""

    def __init__(self, message: str, problems: tuple[Problem, ...] = ()):
        self.problems = problems
        super().__init__("\n".join([message, *map(str, problems[:20])]))


@dataclass(frozen=True)
class Row:
    """One row of a sheet, and the file and line where it stands; an empty cell reads as "".

    `header` is the name under which exports have it, where the form gives that name twice.
    """

    file: str
    line: int
    cells: Mapping[str, str]
    header: str = ""

    def __getitem__(self, column: str) -> str:
        """Give what stands in a column."""
        return self.cells.get(column, "")

    @property
    def kind(self) -> str:
        """The type of a question without the name of its list."""
        return self["type"].partition(" ")[0]

    @property
    def list_name(self) -> str:
        """The list that a question is answered from, or that a choice belongs to."""
        return self["list_name"] or (self["type"].partition(" ")[2] if self.kind in SELECTS else "")

    @property
    def label_columns(self) -> tuple[str, ...]:
        """The columns of its labels, one for each language."""
        return tuple(column for column in self.cells if column.partition("::")[0] == "label")

    @property
    def labels(self) -> tuple[str, ...]:
        """Its labels in all languages."""
        return tuple(filter(None, map(self.__getitem__, self.label_columns)))

    def changed(self, header: str = "", **cells: str) -> "Row":
        """Give the row with other cells, and the name that exports give it."""
        return Row(self.file, self.line, {**self.cells, **cells}, header)

    def problem(self, column: str, reason: str) -> Problem:
        """Say what is wrong in this row."""
        return Problem(self.file, self.line, column, reason)


class Placed(NamedTuple):
    """A row of the survey and the groups that it lies in, the outermost first."""

    row: Row
    groups: tuple[Row, ...]

    @property
    def group(self) -> str:
        """The outermost group's name, or nothing."""
        return self.groups[0]["name"] if self.groups else ""

    @property
    def is_question(self) -> bool:
        """Whether it is neither the beginning or end of a group nor a mere text on the screen."""
        return self.row.kind not in (*BEGINNINGS, *ENDINGS, "note")


@dataclass(frozen=True)
class Form:
    """A form as rows: `survey` has questions and groups in order, `choices` the lists, `settings` one row or none.

    `notes` say what of its file is not used.
    """

    file: str
    survey: tuple[Row, ...]
    choices: tuple[Row, ...]
    settings: tuple[Row, ...]
    notes: tuple[str, ...] = ()

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """The languages of its columns as they are written there, such as `Slovak (sk)`."""
        columns = [column.partition("::") for sheet in (self.survey, self.choices) for column in columns_of(sheet)]
        return tuple(dict.fromkeys(language for base, _, language in columns if language and base in TRANSLATED))

    @cached_property
    def lists(self) -> dict[str, tuple[Row, ...]]:
        """The choices of each list."""
        lists: dict[str, list[Row]] = defaultdict(list)
        for row in self.choices:
            lists[row.list_name].append(row)
        return {name: tuple(rows) for name, rows in lists.items()}

    @cached_property
    def groups(self) -> frozenset[tuple[str, str]]:
        """The kind and the name of each group."""
        return frozenset((row.kind, row["name"]) for row in self.survey if row.kind in BEGINNINGS)

    def placed(self) -> Iterator[Placed]:
        """Give each row of the survey with the groups around it; see `placed_rows`."""
        return placed_rows(self.survey)


def placed_rows(rows: Iterable[Row]) -> Iterator[Placed]:
    """Give each row with the groups around it; the row that begins a group lies outside of it.

    Raises FormError where a group ends that was not begun, or does not end, or lies too deep in others.
    """
    groups: list[Row] = []
    for row in rows:
        if row.kind in ENDINGS:
            if not groups:
                raise FormError(f"{row.file}:{row.line}: it ends a group that was not begun; remove it.")
            groups.pop()
        yield Placed(row, tuple(groups))
        if row.kind in BEGINNINGS:
            groups.append(row)
        if len(groups) > DEEPEST:
            place = f"{row.file}:{row.line}"
            raise FormError(f"{place}: groups lie more than {DEEPEST} deep in one another; make them flatter.")
    if groups:
        raise FormError(f"{groups[-1].file}:{groups[-1].line}: a group is begun and does not end; add its end.")


def columns_of(rows: tuple[Row, ...]) -> tuple[str, ...]:
    """Give the columns of a sheet in their order."""
    return tuple(dict.fromkeys(column for row in rows for column in row.cells))


def language_code(language: str) -> str:
    """Give the code of a language, `sk` for `Slovak (sk)`.

    Chinese is in simplified characters throughout: `zh`, the only code that pyxform takes, is given as `zh-Hans`.
    """
    found = _CODE.search(language)
    code = found[1] if found else language
    return _SIMPLIFIED.get(code, code)
