"""What each column of a table of an export is: an answer, dropped, ignored, the export's own, or not of the form."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import cached_property
from itertools import chain

from research_lib.errors import Problem
from research_lib.files.tabular import Note
from research_lib.interviews.answers.cell_spellings import with_form_codes
from research_lib.interviews.answers.dropped_columns import (
    is_nearly_a_mark,
    is_own,
    what_it_identifies,
)
from research_lib.interviews.answers.export_tables import Table
from research_lib.interviews.answers.form_questions import Place, Question
from research_lib.interviews.answers.question_headers import Found, QuestionHeaders, Spellings
from research_lib.interviews.cases import NEEDED
from research_lib.interviews.forms.form_lint import IDENTIFYING_TYPES

NOT_IN_FORM, SAID_TWICE = "the form has no such question", "it says the same as another column"
HARDLY, MAPPED = 10, "mapped "
_OF_RECORDS = "the form asks it once for each record, and this table repeats a group"
_ELSEWHERE = "the form has a question of this name in other groups, and not here"
_MOVED = "it stands in other groups than in the form, or is written with other capitals, and was read as {}"
_NEARLY = "the form has no such question (is it {}?); rename the column, or name it in ignore"
_NOT_A_MARK = "it is not a mark of synthetic records; if it says which are, call it SYNTHETIC, or rename the column"
_OTHERWISE = "it is about the same as {}, and says something else in line {}; remove one of the two"


@dataclass(frozen=True)
class Columns:
    """What the columns of one table are: where answers stand, what is dropped, left out, or the export's own.

    `unread` has the columns of which nothing comes in, each with the reason; `allowable` the questions of columns that
    are dropped and would come in for a reason.
    """

    table: Table
    answers: dict[Place, str] = field(default_factory=dict)
    dropped: dict[str, str] = field(default_factory=dict)
    ignored: list[str] = field(default_factory=list)
    own: list[str] = field(default_factory=list)
    unread: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    allowable: dict[str, str] = field(default_factory=dict)

    @cached_property
    def is_of_another_form(self) -> bool:
        """Whether hardly any of its columns belongs to the form."""
        unknown = sum(reason == NOT_IN_FORM for reason in self.unread.values())
        if self.table.is_repeat:
            return bool(unknown) and not self.answers and not self.dropped
        own = [header for header in self.answers.values() if not unknown or not header.startswith(MAPPED)]
        return len(own) * HARDLY <= unknown

    @cached_property
    def questions(self) -> frozenset[str]:
        """The names of the questions that have a column; use it when all are sorted."""
        return frozenset(place.question for place in self.answers)

    def headers(self, question: str) -> list[str]:
        """The headers of all columns about a question."""
        return [header for place, header in self.answers.items() if place.question == question]


def sort_columns(table: Table, form: QuestionHeaders, ignore: Collection[str]) -> Columns:
    """Say what each column of a table is, and write its cells with the codes of the form.

    A column that the form does not have is left out, and named, unless it nearly is a question that has no column, or
    a mark of synthetic records: these are problems, as are columns about one question that say different things.
    `ignore` has the columns to leave out, by their headers or by patterns such as `kids*`.
    """
    headers = [*map(table.name_of, table.frame)]
    found = _without_lone_choices(form.all_found(headers, in_repeat=table.is_repeat), form.questions)
    of = {header: found[table.name_of(header)] for header in table.frame}
    moved, unclear = dict[str, Place](), set[str]()
    for moved_to, headers in _moved(table, of, form).items():
        if len(headers) == 1 and table.is_repeat == bool(form.questions[moved_to.question].repeat):
            moved[headers[0]] = moved_to
        else:
            unclear |= {*headers}
    of |= {header: Found(place) for header, place in moved.items()}
    ignored = [
        header
        for header, each in of.items()
        if is_named(header, ignore)
        # Not what each record needs, nor what nearly says that records are synthetic.
        and (each.place.question not in NEEDED if each.place else not is_nearly_a_mark(header))
    ]
    asked = {header: form.questions[each.place.question] if each.place else None for header, each in of.items()}
    kinds = {header: what_it_identifies(header, each) for header, each in asked.items() if header not in ignored}
    columns = Columns(table, dropped={header: kind for header, kind in kinds.items() if kind}, ignored=ignored)
    twice: dict[Place, list[str]] = defaultdict(list)
    for header in (header for header in table.frame if header not in columns.dropped and header not in ignored):
        _sort(header, of[header], columns, twice)
    _elsewhere(columns, form.questions)
    columns.unread.update(dict.fromkeys(unclear & columns.unread.keys(), _ELSEWHERE))
    columns.problems.extend(_misspelt(columns, of, form))
    read = {*columns.answers.values(), *chain.from_iterable(twice.values())}
    notes = tuple(Note("moved", _MOVED.format(place.question), header) for header, place in moved.items())
    of_answers = {header: place for header in table.frame if header in read and (place := of[header].place)}
    tidy, problems = with_form_codes(replace(table, notes=(*table.notes, *notes)), of_answers, form.questions)
    columns = replace(columns, table=tidy, problems=[*columns.problems, *problems])
    # A reason lets in what its words say, never what its type says.
    columns.allowable.update(
        (header, question.name)
        for header in columns.dropped
        if (question := asked[header]) and question.type not in IDENTIFYING_TYPES
    )
    columns.problems.extend(_said_otherwise(columns, twice))
    return columns


def _moved(table: Table, of: Mapping[str, Found], form: QuestionHeaders) -> dict[Place, list[str]]:
    """The columns of questions that have no other column, and stand in other groups than in the form."""
    there = {found.place.question for found in of.values() if found.place}
    found: dict[Place, list[str]] = defaultdict(list)
    for header, each in of.items():
        place = None if each.place or each.between or is_own(header) else form.elsewhere(table.name_of(header))
        if place and place.question not in there:
            found[place].append(header)
    return found


def _elsewhere(columns: Columns, questions: Mapping[str, Question]) -> None:
    """Leave out the columns of questions that are not asked where the table stands, and say so."""
    levels = Counter(questions[place.question].repeat for place in columns.answers)
    level = max(filter(None, levels), key=levels.__getitem__, default="") if columns.table.is_repeat else ""
    for place, header in [*columns.answers.items()]:
        if (repeat := questions[place.question].repeat) != level or columns.table.is_repeat != bool(repeat):
            del columns.answers[place]
            columns.unread[header] = f"the form asks it in the repeated group {repeat}" if repeat else _OF_RECORDS


def _sort(header: str, found: Found, columns: Columns, twice: dict[Place, list[str]]) -> None:
    if found.place:
        if columns.answers.setdefault(found.place, header) != header:
            columns.unread[header] = SAID_TWICE
            twice[found.place].append(header)
    elif is_nearly_a_mark(header):
        columns.problems.append(_problem(columns.table, header, _NOT_A_MARK))
    elif found.between:
        reason = f"it could be about {' or '.join(found.between)}; export again with XML headers and groups"
        columns.problems.append(_problem(columns.table, header, reason))
    elif is_own(header):
        columns.own.append(header)
    else:
        columns.unread[header] = NOT_IN_FORM


def _problem(table: Table, header: str, reason: str) -> Problem:
    """What is wrong with a column, with the line of the header as far as the first record tells it."""
    return Problem(table.file, max(int(table.frame.index[0]) - 1, 1) if len(table.frame) else 1, header, reason)


def _without_lone_choices(found: dict[str, Found], questions: Mapping[str, Question]) -> dict[str, Found]:
    """The same without columns such as `reason_other`, unless each choice of the question has such a column.

    An underscore stands in names, too: alone, it does not say that a choice follows.
    """
    there: dict[str, set[str]] = defaultdict(set)
    for header, each in found.items():
        if each.place and each.place.choice and header.endswith(f"_{each.place.choice}"):
            there[each.place.question].add(each.place.choice)
    alone = {name for name, choices in there.items() if choices != {*questions[name].choices}}
    return {
        header: Found()
        if each.place and each.place.question in alone and header.endswith(f"_{each.place.choice or ' '}")
        else each
        for header, each in found.items()
    }


def _misspelt(columns: Columns, of: Mapping[str, Found], form: QuestionHeaders) -> Iterator[Problem]:
    """The columns left out that nearly are a question without a column."""
    there = {found.place.question for found in of.values() if found.place}
    absent = Spellings(name for name, each in form.questions.items() if name not in there and each.kind != "note")
    for header, reason in columns.unread.items():
        if reason == NOT_IN_FORM and (near := absent.nearest(columns.table.name_of(header))):
            yield _problem(columns.table, header, _NEARLY.format(near))


def _said_otherwise(columns: Columns, twice: Mapping[Place, list[str]]) -> Iterator[Problem]:
    frame = columns.table.frame
    for place, headers in twice.items():
        first = columns.answers[place]
        for header in headers:
            differs = (frame[first].fillna("") != frame[header].fillna("")).to_numpy()
            if differs.any():
                line = int(frame.index[differs.argmax()])
                yield _problem(columns.table, header, _OTHERWISE.format(first, line))


def is_named(header: str, patterns: Iterable[str]) -> bool:
    """Whether a header is one of several, or of a pattern."""
    return any(header == pattern or fnmatchcase(header, pattern) for pattern in patterns)
