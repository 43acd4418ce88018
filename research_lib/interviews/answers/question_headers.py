"""Which question or choice a header of an export names: by XML names or by labels, with groups before them or not.

Repeated groups may stand beside each other in numbered columns: `kids[1]/age`, `age_1`.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from research_lib.files.tabular import TableRefusedError
from research_lib.interviews.answers.export_tables import Table
from research_lib.interviews.answers.form_questions import Place, Question, spaced

_GROUP_SIGNS, _CHOICE_SIGNS = "/.:-", "/.:_"
_BETWEEN, _CHOICE = re.compile("[/.:-]"), re.compile(rf"[{_CHOICE_SIGNS}]")
_NO_ALNUM = re.compile(r"[\W_]+")
_DIGITS = re.compile(r"\d+")
MOST_SIGNS, SHORTEST_MISSPELT, LONGEST_MISSPELT = 100, 4, 64
MOST = 1000
_BRACKETS, _LAST = re.compile(r"\[(\d{1,5})\]"), re.compile(r"_(\d{1,5})\Z")


class Found(NamedTuple):
    """What a header names: the place of an answer, or none; `between` has the questions that it could name as well."""

    place: Place | None = None
    between: tuple[str, ...] = ()


class QuestionHeaders:
    """Finds the question, or the choice of a question, that a header of an export names.

    A question may stand with all of its groups, some or none before it, joined by / . : or -; a choice follows after
    / . : or _. Instead of names there may be labels, of one language or another.
    """

    def __init__(self, questions: Mapping[str, Question]):
        self.questions = questions
        self._paths: dict[str, set[str]] = defaultdict(set)
        self._labels: dict[str, set[str]] = defaultdict(set)
        for question in questions.values():
            path = [*question.groups, question.header or question.name]
            for start in range(len(path)):
                self._paths[_BETWEEN.sub("/", "/".join(path[start:]))].add(question.name)
            for label in map(spaced, question.labels):
                self._labels[label].add(question.name)
        folded = Counter(map(str.casefold, questions))
        self._only = {name.casefold(): name for name in questions if folded[name.casefold()] == 1}
        several = [question for question in questions.values() if question.kind == "many"]
        self._choice_words = {word for each in several for word in (*each.choices, *each.choices_by_label)}
        self._longest = max(map(len, (*self._paths, *self._labels)), default=0)

    def all_found(self, headers: Iterable[str], *, in_repeat: bool = False) -> dict[str, Found]:
        """Say what each header of a table names; `in_repeat`: of a table of a repeated group.

        A header that is the name of one question and the label of another is what the other headers are. One that is
        the name of a question in a repeated group and of one in none is that of the table's own kind.
        """
        named = {header: (self._own(self.by_name(header), in_repeat), self.by_label(header)) for header in headers}
        only_name = any(name.place and not label.place for name, label in named.values())
        only_label = any(label.place and not name.place for name, label in named.values())
        return {header: _either(*both, only_name, only_label) for header, both in named.items()}

    def _own(self, found: Found, in_repeat: bool) -> Found:
        own = [name for name in found.between if bool(self.questions[name].repeat) == in_repeat]
        return Found(Place(own[0])) if len(own) == 1 else found

    def elsewhere(self, header: str) -> Place | None:
        """Say which question has the name that a header ends in, but for capitals and the groups before it."""
        last = _BETWEEN.split(header)[-1]
        name = last if last in self.questions else self._only.get(last.casefold(), "")
        return Place(name) if name and name != header else None

    def by_name(self, header: str) -> Found:
        """Say what a header names by the form's own names."""
        found = self._question(header)
        return found if found.place or found.between else _single(set(self._choices(header)))

    def _question(self, header: str) -> Found:
        names = self._paths.get(_BETWEEN.sub("/", header), set())
        if len(names) > 1:
            names = {name for name in names if self._writes(name, header)} or names
        return _single({Place(name) for name in names})

    def _writes(self, name: str, header: str) -> bool:
        """Whether a question gives exactly this header, with one sign between all of its groups."""
        path = [*self.questions[name].groups, self.questions[name].header or name]
        return any(sign.join(path[start:]) == header for start in range(len(path)) for sign in _GROUP_SIGNS)

    def _choices(self, header: str) -> Iterator[Place]:
        signs = [*_CHOICE.finditer(header[: self._longest + 1])]
        for sign in signs if len(signs) <= MOST_SIGNS else ():
            choice = header[sign.end() :]
            place = self._question(header[: sign.start()]).place if choice in self._choice_words else None
            question = self.questions[place.question] if place else None
            if question and question.kind == "many" and choice in question.choices:
                yield Place(question.name, choice)

    def by_label(self, header: str) -> Found:
        """Say what a header names by the labels of questions and choices."""
        header = spaced(header)
        found = self._labelled(header)
        return found if found.place or found.between else _single(set(self._labelled_choices(header)))

    def _labelled(self, header: str) -> Found:
        names = set(self._labels.get(header, ()))
        for sign in _slashes(header):
            before, after = header[: sign.start()], header[sign.end() :]
            named = {*self._labels.get(after, ()), *({after} & self.questions.keys())}
            names |= {name for name in named if _are_groups(before, self.questions[name])}
        return _single({Place(name) for name in names})

    def _labelled_choices(self, header: str) -> Iterator[Place]:
        for sign in _slashes(header):
            before, last = header[: sign.start()], header[sign.end() :]
            if last not in self._choice_words:
                continue
            place = self._labelled(before).place or self._question(before).place
            question = self.questions[place.question] if place else None
            if question and question.kind == "many":
                choices = {last} & {*question.choices} or question.choices_by_label.get(last, frozenset())
                yield from (Place(question.name, choice) for choice in choices)


def _slashes(header: str) -> Iterator[re.Match[str]]:
    return re.finditer("/", header) if header.count("/") <= MOST_SIGNS // 4 else iter(())


def _single(places: set[Place]) -> Found:
    if len(places) == 1:
        return Found(next(iter(places)))
    return Found(None, tuple(sorted({place.question for place in places})))


def _either(name: Found, label: Found, only_name: bool, only_label: bool) -> Found:
    if not name.place or not label.place or name == label:
        return name if name.place or (name.between and not label.place) else label
    if only_label and not only_name:
        return label
    if only_name and only_label:
        return Found(None, (name.place.question, label.place.question))
    return name


def _are_groups(text: str, question: Question) -> bool:
    """Whether a text is made of the labels of the groups around a question, the innermost last."""
    for group, labels in zip(reversed(question.groups), reversed(question.group_labels), strict=True):
        last = next((label for label in (*labels, group) if text == label or text.endswith(f"/{label}")), None)
        if last is None:
            return False
        if text == last:
            return True
        text = text[: -len(last) - 1]
    return False


class Spellings:
    """Finds a name that a word nearly is: other case or signs, or one letter more, fewer or another one.

    Names whose digits differ are different names, as `q1` and `q2` are.
    """

    def __init__(self, names: Iterable[str]):
        self._names: dict[tuple[str, ...], str] = {}
        for name in names:
            for key in _near_keys(name):
                self._names.setdefault(key, name)

    def nearest(self, header: str) -> str:
        """Give the name that the last part of a header nearly is, or nothing."""
        words = (header, _BETWEEN.split(header)[-1])
        return next((self._names[key] for word in words for key in _near_keys(word) if key in self._names), "")


def _near_keys(word: str) -> Iterator[tuple[str, ...]]:
    digits = tuple(_DIGITS.findall(word))
    letters = _DIGITS.sub("", _NO_ALNUM.sub("", word.casefold()))[:LONGEST_MISSPELT]
    if letters:
        yield (letters, *digits)
    if len(letters) >= SHORTEST_MISSPELT:
        yield from ((letters[:place] + letters[place + 1 :], *digits) for place in range(len(letters)))


def without_numbered(table: Table, headers: QuestionHeaders) -> list[Table]:
    """Part a table into the records, and a table for each numbered repetition of a repeated group.

    Every row of a repetition belongs to the record of its line; a repetition without an answer is no row. Raises
    TableRefusedError for more than 1,000 repetitions.
    """
    if table.is_repeat or not any(each.repeat for each in headers.questions.values()):
        return [table]
    groups: dict[tuple[str, tuple[int, ...]], dict[str, str]] = defaultdict(dict)
    for header in table.frame:
        if numbered := _numbered(header, headers):
            repetition, name = numbered
            groups[repetition][header] = name
    if len(groups) > MOST:
        reason = f"it has {len(groups):,} numbered repetitions side by side, and at most {MOST:,} are read"
        raise TableRefusedError(table.file, reason, "export repeated groups as tables of their own")
    parts = [_part(table, *repetition, names) for repetition, names in sorted(groups.items())]
    found = {header for names in groups.values() for header in names}
    rest = table.frame[[header for header in table.frame if header not in found]]
    notes = tuple(note for note in table.notes if note.column not in found)
    return [replace(table, frame=rest, notes=notes), *parts] if parts else [table]


def _part(table: Table, repeat: str, numbers: tuple[int, ...], names: Mapping[str, str]) -> Table:
    rows = table.frame[[*names]]
    label = f"{repeat}[{']['.join(map(str, numbers))}]"
    notes = tuple(note for note in table.notes if note.column in names)
    return Table(
        f"{table.file}, {label}",
        table.workbook,
        f"{table.sheet}, {label}",
        rows[(rows.fillna("") != "").any(axis=1)],
        notes,
        part_of=table.file,
        names=names,
    )


def _numbered(header: str, headers: QuestionHeaders) -> tuple[tuple[str, tuple[int, ...]], str] | None:
    """The repeated group of a column of one repetition and the numbers of this, and the column's name without them."""
    questions = headers.questions
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
    return ((question.repeat, numbers), name) if question and question.repeat and numbers else None
