"""Answers from KoBoToolbox and ODK: exports as CSV, XLSX and zip become the cases of a study, or are refused."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import batched
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import pandas as pd

from research_lib.errors import Problem, ResearchError, seen
from research_lib.files.tabular import Note
from research_lib.interviews.answers.answer_columns import LEAVE_OUT, AnswersError, once_each
from research_lib.interviews.answers.answers_to_cases import (
    Terms,
    applicable_in,
    as_cases,
    as_others,
    as_repeat,
    conflicts,
)
from research_lib.interviews.answers.cell_spellings import BLANK_WORD
from research_lib.interviews.answers.decisions import Decisions, PrivacyError
from research_lib.interviews.answers.dropped_columns import judged
from research_lib.interviews.answers.export import Export
from research_lib.interviews.answers.export_tables import read_tables
from research_lib.interviews.answers.form_questions import Question, questions_of, unread_conditions
from research_lib.interviews.answers.records_taken import is_marked_synthetic, select
from research_lib.interviews.answers.repeated_groups import assign_cases
from research_lib.interviews.cases import BASES, NEEDED, Cases, may_be_published, own_code
from research_lib.interviews.mapping import RecordMapping
from research_lib.interviews.xlsform import (
    Form,
    FormError,
    needed_questions,
    read_form,
    renamed_choices,
    variables,
    without_choices,
)

__all__ = ["AnswersError", "Dropped", "Imported", "PrivacyError", "Report", "read_answers"]

_MARKED = "the export says that its records are synthetic; they are kept so"
_UNPUBLISHED = "have not agreed to published_tables: a release counts them, without their country and answers"
_NOBODY: Mapping[str, str] = MappingProxyType({})
_NOTHING: Decisions = MappingProxyType({})
_AS_ASKED = RecordMapping()
_AT_ONCE, OTHER_SHEET = 1000, "other sheet"  # each sheet of an export is read as a table of its own


@dataclass(frozen=True)
class Dropped:
    """A column that does not come in: why, and how many of its cells held something; never what they held.

    `question` is the question of the form that it holds, where a reason would let it in.
    """

    file: str
    column: str
    kind: str
    cells: int
    question: str = ""


@dataclass(frozen=True)
class Report:
    """What became of an export: its records, and everything in it that did not come in."""

    read: int
    taken: int
    without_consent: int
    not_covered: int
    unpublished: int
    twice: tuple[str, ...]
    dropped: tuple[Dropped, ...]
    withheld: int
    conflicts: tuple[Problem, ...]
    left: tuple[str, ...]
    notes: tuple[str, ...]

    def __str__(self) -> str:
        lines = [
            f"{self.read} records read, {self.taken} taken",
            f"{self.without_consent} without consent, {self.not_covered} whose consent does not cover this study",
            *([f"{self.unpublished} {_UNPUBLISHED}"] if self.unpublished else []),
            *(f"sent several times: {sentence}" for sentence in self.twice),
            *_not_brought_in(self.dropped),
            *([f"{self.withheld} cells kept back"] if self.withheld else []),
            *once_each(self.conflicts),
            *(f"not read: {name}" for name in self.left),
            *self.notes,
        ]
        return "\n".join(map(seen, lines))


@dataclass(frozen=True)
class Imported:
    """What an export gives: the cases, the answers that are not counted, repeated groups by name, and the report.

    `others` has free texts, numbers and what the interviewer noted: case_id, question, answer. Both are as
    confidential as the cases themselves. `without_consent` has the codes of records whose consent does not cover the
    study, or no longer does.
    """

    cases: Cases
    others: pd.DataFrame
    repeats: Mapping[str, pd.DataFrame]
    report: Report
    without_consent: frozenset[str] = frozenset()


def read_answers(
    paths: Iterable[Path | str] | Path | str,
    form: Form | Path | str,
    *,
    legal_basis: Literal["consent", "public_interest"],
    retention: date,
    ignore: Collection[str] = (),
    without: Collection[str] = (),
    decisions: Decisions = _NOTHING,
    persons: Mapping[str, str] = _NOBODY,
    latest: bool = False,
    inconsistent: Literal["refuse", "report"] = "refuse",
    is_synthetic: bool = False,
    encoding: str | None = None,
    today: date | None = None,
    mapping: RecordMapping = _AS_ASKED,
    allowed: Mapping[str, str] = _NOBODY,
) -> Imported:
    """Bring the answers of one or several exports in, as cases; what is not understood stops the import.

    `form` is the form that was used, with a partner's additions. `legal_basis` is for records that say none;
    `retention` is the last day on which they may be kept, not before `today`. `ignore` names columns to leave out, by
    their headers or by patterns such as `kids*`; `without` questions or repeated groups that this export does not have,
    which the report then does not name. Columns that the form does not have are left out; the report names each, and
    each question without a column, whose answers are not_asked. `decisions` says what to do with cells that
    may identify a person: {(line, column) or (file, line, column): "withhold" or "keep"}, or as `read_decisions` gives
    them, each bound to what stood in its cell. `persons` gives the person of a case code where it
    is not its own. Records are synthetic where `is_synthetic` says so, and where a column SYNTHETIC of any table of the
    export does, also where it is ignored. With `latest`, the last of several differing records of a case is taken.
    `inconsistent="report"` lists what does not go together with the form: answers to questions that the skip logic
    excludes are kept, as are the choices beside one that stands alone; answers that are no choice of the form are
    withheld, and rows of repeated groups that belong to no record are left out. `mapping` says where what each record
    needs stands in exports of a form that asks it under other names, or not at all. A question that could say who
    somebody is stays out, unless `allowed` names it with a reason; dates, places and pictures stay out even then.

    Raises ResearchError where `retention` has passed, AnswersError with file, line, column and fix, PrivacyError with
    the places that may identify a person, TableRefusedError where a file cannot be read, FormError and StudyError for
    the form and its skip logic.
    """
    used = form if isinstance(form, Form) else read_form(form)
    form = mapping.complete(used)
    questions, last_day = _questions(form, without, allowed), _last_day(legal_basis, retention, today)
    files = [paths] if isinstance(paths, str | Path) else paths
    groups = {each.repeat for each in questions.values() if each.repeat}
    tables, left = read_tables(files, encoding=encoding, repeats=groups)
    export = Export(mapping.add(tables, used), questions, ignore, without, leaves_out=inconsistent == "report")
    selection = select(export.mains, questions, latest=latest)
    lost = export.unfit if inconsistent == "report" else None
    repeated = assign_cases(selection.taken, export.repeats, lost)
    marked = [_MARKED] if is_marked_synthetic(selection.taken, repeated) else []
    withheld = export.scan([*selection.taken, *repeated], decisions)
    answers = export.answers(selection.taken, "", withheld)
    applicable, cases = applicable_in(answers), answers.texts["case_code"]
    repeats, found = {}, [*conflicts(answers, applicable, export.mains)]
    for name in export.repeat_names:
        part, whose = export.repeat(name, repeated, withheld)
        part_applicable = applicable_in(part, answers, pd.Index(cases).get_indexer(whose))
        found += conflicts(part, part_applicable, export.repeats)
        repeats[name] = as_repeat(part, part_applicable, whose)
    if found and inconsistent != "report":
        raise AnswersError(found, hint=LEAVE_OUT)
    found += export.unfit
    counted = tuple(each for each in variables(form) if not questions[each.name].identifies)
    terms = Terms(legal_basis, last_day, is_synthetic or bool(marked), persons)
    made = as_cases(answers, applicable, counted, terms)
    report = Report(
        read=selection.read,
        taken=len(cases),
        without_consent=selection.without_consent,
        not_covered=selection.not_covered,
        unpublished=int((~may_be_published(made.frame)).sum()),
        twice=tuple(selection.twice),
        dropped=tuple(left_out(export)),
        withheld=sum(len(lines) for columns in withheld.values() for lines in columns.values()),
        conflicts=tuple(sorted(found)),
        left=(*left, *export.left),
        notes=(*marked, *form.notes, *_said_of(form, allowed), *export.notes, *notes_of(export)),
    )
    return Imported(made, as_others(answers, counted), repeats, report, frozenset(selection.refused))


def _said_of(form: Form, allowed: Mapping[str, str]) -> Iterator[str]:
    """Conditions of the form that are not read, choices with other codes, questions without choices or allowed."""
    for condition, reason in unread_conditions(form):
        yield f"{form.file}: a condition is not read ({reason}), so who was not asked counts as not asked: {condition}"
    if codes := [f"{code} is {own_code(code)}" for code in renamed_choices(form)]:
        yield f"{form.file}: choices whose codes say here that an answer is missing have others: {', '.join(codes)}"
    if names := without_choices(form):
        yield f"{form.file}: these questions have no list of choices, so their answers are texts: {', '.join(names)}"
    for name, reason in allowed.items():
        yield f"allowed, though it could say who somebody is: {name} ({reason})"


def _last_day(legal_basis: str, retention: date, today: date | None) -> str:
    """The last day to keep records, where it has not passed and the legal basis is one."""
    if legal_basis not in BASES:
        raise ResearchError(f"{legal_basis!r} is not a legal basis; say one of {', '.join(BASES)}")
    day, now = retention.isoformat()[:10], (today or date.today()).isoformat()
    if day < now:
        raise ResearchError(f"the last day to keep the records is {day}, which has passed; give a later one")
    return day


def _questions(form: Form, without: Collection[str], allowed: Mapping[str, str]) -> dict[str, Question]:
    """The questions of a form that has those of the common interview that every record needs."""
    questions = judged(questions_of(form), form, allowed)
    if problems := needed_questions(form):
        raise FormError("the form cannot be used as it stands:", tuple(problems))
    if required := [name for name in NEEDED if name in without]:
        absent = "where the export has no such column, add one to it"
        raise ResearchError(f"without: each record needs {', '.join(required)}; take it out of this list, and {absent}")
    return questions


def _not_brought_in(dropped: Iterable[Dropped]) -> Iterator[str]:
    """Each column, those of one question together, and how a question comes in that only seems to identify a person."""
    together: dict[tuple[str, str, str], list[Dropped]] = defaultdict(list)
    for each in dropped:
        together[each.file, each.question or each.column, each.kind].append(each)
    for (file, _, kind), parts in together.items():
        more = f" and {len(parts) - 1} more columns of this question" if parts[1:] else ""
        cells = sum(each.cells for each in parts)
        yield f"not brought in: {file} {parts[0].column}{more} ({kind}), {cells} cells"
    if names := [*dict.fromkeys(each.question for each in dropped if each.question)]:
        yield (
            f"{len(names)} of these are questions that could say who somebody is ({', '.join(names)}): they stay out; "
            "one that does not say it comes in with --allow NAME=REASON"
        )


def left_out(export: Export) -> Iterator[Dropped]:
    """Give every column of an export that does not come in, except those that the mapping uses."""
    for columns in export.sheets:
        kinds = {
            **columns.dropped,
            **dict.fromkeys(columns.ignored, "ignored as asked"),
            **dict.fromkeys(columns.own, "the export's own"),
            **columns.unread,
        }
        used = frozenset(columns.table.mapped.values())
        for headers in batched((header for header in kinds if header not in used), _AT_ONCE):
            filled = columns.table.frame[list(headers)].to_numpy(dtype=object, na_value="") != ""
            for header, cells in zip(headers, filled.sum(axis=0).tolist(), strict=True):
                yield Dropped(columns.table.file, header, kinds[header], cells, columns.allowable.get(header, ""))


def notes_of(export: Export) -> Iterator[str]:
    """Give what the mapping used and the reader noted, except about columns that do not come in."""
    blank: dict[str, list[tuple[str, Note]]] = defaultdict(list)
    for columns in export.sheets:
        if mapped := columns.table.mapped:
            used = ", ".join(f"{name} is the column {header!r}" for name, header in mapped.items())
            yield f"{columns.table.file}: as the mapping says, {used}"
        silent = {*columns.dropped, *columns.ignored, *columns.own, *columns.unread}
        for note in (note for note in columns.table.notes if note.kind != OTHER_SHEET):
            if note.column not in silent and note.kind == BLANK_WORD:
                blank[note.text].append((columns.table.file, note))
            elif note.column not in silent:
                yield f"{columns.table.file}: {note}"
    for text, ((file, first), *others) in blank.items():
        cells = sum(note.count for _, note in others) + first.count
        yield f"{text} in {len(others) + 1} columns ({cells:,} cells)" if others else f"{file}: {first}"
