"""What a form asks, as exports name it: questions, their choices and labels, and what a column may hold of them."""

import re
from collections import defaultdict
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from research_lib.errors import ResearchError
from research_lib.interviews.forms.form_rows import CURVED, SELECTS, Form, Placed, Row
from research_lib.interviews.skip_logic import applicable_as_written, names_in, unreadable

type QuestionKind = Literal["one", "many", "text", "note"]

_KINDS: dict[str, QuestionKind] = {"select_one": "one", "select_multiple": "many", "note": "note"}
_ITSELF = re.compile(r"""('[^']*'|"[^"]*")|(?<![\w.])\.(?![\w.])""")
_NO_COLUMN = ("begin_group", "end_group", "begin_repeat", "end_repeat", "")


@dataclass(frozen=True)
class Question:
    """A question of a form: its answers with "does not know" and "prefers not to say", its groups, when it is asked.

    `repeat` is the innermost repeated group that it lies in, or nothing, `depth` in how many it lies; `type` is the
    form's own word. `group_labels` has the labels of each group, `choices_by_label` the choices of each label. `header`
    is its name in exports, where that is the name of another question too. `alone` are the choices taken only alone.
    `identifies` says why its answers could say who somebody is, or nothing; `is_allowed` that they may come in so.
    """

    name: str
    kind: QuestionKind
    type: str
    choices: tuple[str, ...]
    groups: tuple[str, ...]
    repeat: str
    relevant: str
    labels: frozenset[str]
    choice_labels: frozenset[str]
    header: str = ""
    group_labels: tuple[frozenset[str], ...] = ()
    choices_by_label: Mapping[str, frozenset[str]] = field(default_factory=dict)
    depth: int = 0
    alone: tuple[str, ...] = ()
    identifies: str = ""
    is_allowed: bool = False


class Place(NamedTuple):
    """What a column of an export holds: the answer to a question, or whether one of its choices was taken."""

    question: str
    choice: str = ""


def questions_of(form: Form) -> dict[str, Question]:
    """Give the questions of a form by name; raises ResearchError where a name is given to two of them."""
    found: dict[str, Question] = {}
    unread = dict(unread_conditions(form))
    for item in form.placed():
        if item.row["name"] and item.row.kind not in _NO_COLUMN and not item.row.kind.startswith("end"):
            question = _question(form, item, unread)
            if question.name in found:
                place = f"{form.file}:{item.row.line}"
                raise ResearchError(f"{place}: the name {question.name!r} is given twice; change one")
            found[question.name] = question
    return found


def unread_conditions(form: Form) -> Iterator[tuple[str, str]]:
    """Give each condition of a form that cannot be evaluated here, and why; it counts as always true.

    One may read the questions of its own repeated group, and those that are asked once for each record.
    """
    levels = {item.row["name"]: _level(item) for item in form.placed()}
    found = dict[str, str]()
    for item in form.placed():
        if condition := item.row["relevant"]:
            inner = [name for name in names_in(condition) if levels.get(name, "") not in ("", _level(item))]
            reason = f"it reads ${{{inner[0]}}}, which is asked several times for a record" if inner else ""
            found[condition] = found.get(condition, "") or unreadable(condition, levels) or reason
    yield from ((condition, reason) for condition, reason in found.items() if reason)


def _level(item: Placed) -> str:
    """The innermost repeated group of a row, also where it begins there."""
    return next((row["name"] for row in (item.row, *reversed(item.groups)) if row.kind == "begin_repeat"), "")


def _question(form: Form, item: Placed, unread: Container[str]) -> Question:
    row = item.row
    choices = form.lists.get(row.list_name, ()) if row.kind in SELECTS else ()
    repeats = [group["name"] for group in item.groups if group.kind == "begin_repeat"]
    conditions = [
        each["relevant"] for each in (*item.groups, row) if each["relevant"] and each["relevant"] not in unread
    ]
    by_label: dict[str, set[str]] = defaultdict(set)
    for choice in choices:
        for label in choice.labels:
            by_label[spaced(label)].add(choice["name"])
    return Question(
        name=row["name"],
        kind=_KINDS.get(row.kind, "text") if choices or row.kind not in SELECTS else "text",
        type=row.kind,
        choices=tuple(dict.fromkeys(choice["name"] for choice in choices)),
        groups=tuple(group["name"] for group in item.groups),
        repeat=repeats[-1] if repeats else "",
        relevant=" and ".join(f"({condition})" for condition in conditions),
        labels=frozenset(row.labels),
        choice_labels=frozenset(label for choice in choices for label in choice.labels),
        header=row.header,
        group_labels=tuple(frozenset(map(spaced, group.labels)) for group in item.groups),
        choices_by_label={label: frozenset(names) for label, names in by_label.items()},
        depth=len(repeats),
        alone=choices_alone(row, tuple(choice["name"] for choice in choices)),
    )


def choices_alone(row: Row, choices: tuple[str, ...]) -> tuple[str, ...]:
    """Name the choices of a question with many answers that its constraint takes only alone.

    A constraint that cannot be evaluated here, or reads other questions, says nothing.
    """
    return _alone(row["name"], row["constraint"], choices) if row.kind == "select_multiple" else ()


@lru_cache(maxsize=4096)
def _alone(name: str, constraint: str, choices: tuple[str, ...]) -> tuple[str, ...]:
    constraint = _ITSELF.sub(lambda part: part[1] or f"${{{name}}}", constraint)
    named = [choice for choice in choices if re.search(rf"(['\"]){re.escape(choice)}\1", constraint)]
    if not named or names_in(constraint) != (name,) or unreadable(constraint, {name}):
        return ()
    pairs = [(one, f"{one} {other}") for one in named for other in choices if other != one]
    texts = np.array([both for _, both in pairs], dtype=object)
    takes = applicable_as_written({name: constraint}, lambda _: texts, pd.RangeIndex(len(texts)))[name]
    beside = {one for (one, _), taken in zip(pairs, takes, strict=True) if taken}
    return tuple(choice for choice in named if choice not in beside)


def spaced(text: str) -> str:
    """Give a text with one space wherever it has blanks or line ends, and with plain quotation marks."""
    return " ".join(text.translate(CURVED).split())
