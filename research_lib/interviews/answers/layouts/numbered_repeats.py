"""Repeated groups whose repetitions stand beside each other in numbered columns: `kids[1]/age`, `age_1`."""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from research_lib.files.tabular import TableRefusedError
from research_lib.interviews.answers.export_tables import Table
from research_lib.interviews.answers.form_questions import Question
from research_lib.interviews.answers.layouts.question_headers import QuestionHeaders

MOST = 1000
_BRACKETS, _LAST = re.compile(r"\[(\d{1,5})\]"), re.compile(r"_(\d{1,5})\Z")


class _Numbered(NamedTuple):
    """A column of one repetition: its repeated group, the numbers of the repetition, its name without them."""

    repeat: str
    numbers: tuple[int, ...]
    name: str

    def __str__(self) -> str:
        return f"{self.repeat}[{']['.join(map(str, self.numbers))}]"


def without_numbered(table: Table, questions: Mapping[str, Question], headers: QuestionHeaders) -> list[Table]:
    """Part a table into the records, and a table for each numbered repetition of a repeated group.

    Every row of a repetition belongs to the record of its line; a repetition without an answer is no row. Raises
    TableRefusedError for more than 1,000 repetitions.
    """
    if table.is_repeat or not any(each.repeat for each in questions.values()):
        return [table]
    found = {header: numbered for header in table.frame if (numbered := _numbered(header, questions, headers))}
    groups: dict[tuple[str, tuple[int, ...]], list[str]] = defaultdict(list)
    for header, numbered in found.items():
        groups[numbered.repeat, numbered.numbers].append(header)
    if len(groups) > MOST:
        reason = f"it has {len(groups):,} numbered repetitions side by side, and at most {MOST:,} are read"
        raise TableRefusedError(table.file, reason, "export repeated groups as tables of their own")
    parts = [_part(table, group, found) for _, group in sorted(groups.items())]
    rest = table.frame[[header for header in table.frame if header not in found]]
    notes = tuple(note for note in table.notes if note.column not in found)
    return [replace(table, frame=rest, notes=notes), *parts] if parts else [table]


def _part(table: Table, group: list[str], found: Mapping[str, _Numbered]) -> Table:
    rows = table.frame[group]
    label = str(found[group[0]])
    notes = tuple(note for note in table.notes if note.column in group)
    return Table(
        f"{table.file}, {label}",
        table.workbook,
        f"{table.sheet}, {label}",
        rows[(rows.fillna("") != "").any(axis=1)],
        notes,
        part_of=table.file,
        names={header: found[header].name for header in group},
    )


def _numbered(header: str, questions: Mapping[str, Question], headers: QuestionHeaders) -> _Numbered | None:
    found = headers.by_name(header).place
    if found and not questions[found.question].repeat:
        return None
    numbers, name = tuple(map(int, _BRACKETS.findall(header))), _BRACKETS.sub("", header)
    if not numbers:
        name, numbers = header, ()
        deepest = max(each.depth for each in questions.values())
        while len(numbers) < deepest and (last := _LAST.search(name)):
            whole = headers.by_name(name).place
            if whole and questions[whole.question].depth == len(numbers):
                break
            name, numbers = name[: last.start()], (int(last[1]), *numbers)
    place = headers.by_name(name).place or headers.by_label(name).place
    question = questions[place.question] if place else None
    is_repeated = question is not None and bool(question.repeat) and bool(numbers)
    return _Numbered(question.repeat, numbers, name) if question and is_repeated else None
