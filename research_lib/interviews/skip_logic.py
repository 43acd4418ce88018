"""The form's skip logic: which question is asked of whom, as the expressions of an XLSForm say it."""

import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from functools import cache, partial
from typing import Any

import numpy as np
import pandas as pd
from lxml import etree

from research_lib.errors import StudyError
from research_lib.interviews.cases import ANSWER_OF_MISSING, Variable, columns_of
from research_lib.missing_answers import MISSING

CONSENTED: Mapping[str, str] = {"consent": "yes"}
_PARTS = re.compile(r"""('[^']*'|"[^"]*")|\$\{\s*([^\s{}]+)\s*\}""")
_NAME = re.compile(r"[^\W\d][\w.-]*")
_WORD, _SIGN = re.compile(r"([^\W\d][\w.-]*)\s*(\(?)"), re.compile(r"""[/@$\[\]{}|:'"]|(?<!\d)\.(?!\d)|\*\s*[=!<>]""")
_OPERATORS = frozenset(["and", "or", "mod", "div"])
_OWN_FUNCTIONS = frozenset(
    [
        *("not", "true", "false", "boolean", "number", "round", "floor", "ceiling"),
        *("string", "string-length", "concat", "contains", "starts-with"),
    ]
)
DEEPEST, LONGEST, SHOWN = 50, 10_000, 300
_BRACKET = re.compile("[()]")
_NOWHERE = etree.Element("nowhere")
_BLANK = (*(kind for kind in MISSING if kind not in ANSWER_OF_MISSING), "")


def applicable(frame: pd.DataFrame, variables: Iterable[Variable]) -> pd.DataFrame:
    """Say of each record which variables the form asks: one column of true and false for each variable.

    `frame` has the columns of cases (only those that the expressions read are needed); all of them have consented. An
    answer that is missing counts as blank, except "does not know" and "prefers not to say". Raises StudyError, naming
    the variable, for an expression that cannot be read.
    """
    by_name = {variable.name: variable for variable in variables}
    conditions = {name: variable.relevant for name, variable in by_name.items()}
    return applicable_as_written(conditions, partial(_column_of_cases, frame, by_name), frame.index)


def applicable_as_written(
    conditions: Mapping[str, str], column: Callable[[str], np.ndarray | None], index: pd.Index
) -> pd.DataFrame:
    """Say the same of questions, each with its expression, from the answers as the form writes them.

    `column(name)` gives the texts of one question, choices separated by spaces, or None where there is none.
    """
    known: dict[str, np.ndarray] = {}
    for name, expression in conditions.items():
        if expression not in known:
            try:
                known[expression] = _evaluated(expression, column, len(index))
            except (etree.XPathError, ValueError, TypeError) as error:
                shown = f"{expression[:SHOWN]}{'…' if len(expression) > SHOWN else ''}"
                fix = f"fix the column `relevant`: {shown}"
                raise StudyError(f"{name}: its skip logic cannot be read: {error}; {fix}") from error
    data = {name: known[expression] for name, expression in conditions.items()}
    return pd.DataFrame(data, index=index, dtype=bool)


def names_in(expression: str) -> tuple[str, ...]:
    """Name the questions that an expression reads, each once, in their order."""
    return tuple(dict.fromkeys(name for _, name in _PARTS.findall(expression) if name))


def unreadable(expression: str, known: Container[str]) -> str:
    """Say why an expression of somebody else's form cannot be evaluated here, or nothing.

    `known` are the questions whose answers there are. One that is too long or too deep is refused later.
    """
    names = names_in(expression)
    if strange := [name for name in names if name not in known]:
        return f"it reads ${{{strange[0]}}}, which is not a question of this form"
    if len(expression) > LONGEST or depth_of(expression) > DEEPEST:
        return ""
    try:
        _compiled(expression, names)
    except (etree.XPathError, ValueError) as error:
        return str(error)
    return ""


def depth_of(expression: str) -> int:
    """Count how deep brackets lie in one another, without those inside quotation marks."""
    depth = deepest = 0
    for bracket in _BRACKET.findall(_PARTS.sub("", expression)):
        depth += 1 if bracket == "(" else -1
        deepest = max(depth, deepest)
    return deepest


def _evaluated(expression: str, column: Callable[[str], np.ndarray | None], length: int) -> np.ndarray:
    """What an expression says of each record, found once for each combination of the answers that it reads.

    Raises ValueError, or what the parts of XPath raise, where it cannot be read.
    """
    if not expression.strip():
        return np.ones(length, dtype=bool)
    names = names_in(expression)
    test = _compiled(expression, names)
    columns = {name: column(name) for name in names}
    if absent := [name for name, cells in columns.items() if cells is None]:
        raise ValueError(f"it reads ${{{absent[0]}}}, which is not a question of these cases")
    rows = list(zip(*columns.values(), strict=True)) if names else [()] * length
    terms = [f"q_{name}" for name in names]
    found = {row: bool(test(_NOWHERE, **dict(zip(terms, row, strict=True)))) for row in dict.fromkeys(rows)}
    return np.array([found[row] for row in rows], dtype=bool)


def _compiled(expression: str, names: Iterable[str]) -> etree.XPath:
    if len(expression) > LONGEST or depth_of(expression) > DEEPEST:
        raise ValueError(
            f"it has more than {LONGEST:,} characters, or brackets more than {DEEPEST} deep in one another"
        )
    for name in names:
        if not _NAME.fullmatch(name):
            raise ValueError(f"${{{name}}} is not the name of a question")
    if foreign := next(_foreign(_PARTS.sub(" 0 ", expression)), ""):
        raise ValueError(f"{foreign!r} is neither a question, an answer nor a function that is known here")
    return _xpath(expression)


def _foreign(text: str) -> Iterator[str]:
    """What XPath would take for a place in a document, or a function that we do not have."""
    yield from (sign[0] for sign in _SIGN.finditer(text))
    for name, bracket in _WORD.findall(text):
        if name not in (_OWN_FUNCTIONS | {own for _, own in _FUNCTIONS} if bracket else _OPERATORS) | _OPERATORS:
            yield name


@cache
def _xpath(expression: str) -> etree.XPath:
    text = _PARTS.sub(lambda part: part[1] or f"$q_{part[2]}", expression)
    return etree.XPath(f"boolean({text})", extensions=_FUNCTIONS, regexp=False)


def _text(value: object) -> str:
    """A value as XPath writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return "NaN" if np.isnan(value) else f"{value:.15g}"
    return str(value)


_FUNCTIONS: dict[tuple[None, str], Callable[..., Any]] = {
    (None, "selected"): lambda _, answers, choice: _text(choice).strip() in _text(answers).split(),
    (None, "count-selected"): lambda _, answers: float(len(_text(answers).split())),
    (None, "selected-at"): lambda _, answers, place: dict(enumerate(_text(answers).split())).get(place // 1, ""),
    (None, "coalesce"): lambda _, first, second: first or second,
    (None, "if"): lambda _, condition, then, otherwise: then if condition else otherwise,
}


def _column_of_cases(frame: pd.DataFrame, variables: Mapping[str, Variable], name: str) -> np.ndarray | None:
    """The answers to a question as the form would have written them."""
    variable = variables.get(name)
    if variable is not None and variable.is_split:
        columns = columns_of(variable)
        if any(column not in frame for column in columns):
            return None
        texts = np.full(len(frame), "", dtype=object)
        for choice, column in zip(variable.choices, columns, strict=True):
            texts = texts + np.where(frame[column] == "yes", f" {choice}", "").astype(object)
        missing = _as_written(frame[columns[0]].where(frame[columns[0]].isin(ANSWER_OF_MISSING), ""))
        return np.where(missing == "", texts, missing)
    if name in frame:
        return _as_written(frame[name])
    return np.full(len(frame), CONSENTED[name], dtype=object) if name in CONSENTED else None


def _as_written(cells: pd.Series) -> np.ndarray:
    changed = {**ANSWER_OF_MISSING, **dict.fromkeys(_BLANK, "")}
    return cells.astype(object).map(lambda cell: changed.get(cell, cell)).to_numpy()
