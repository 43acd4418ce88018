"""Types of questions by their first names, as XLSForm has them today, and what older names and short forms mean."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from pyxform import aliases, constants
from pyxform.question_type_dictionary import QUESTION_TYPE_DICT
from pyxform.xls2json import RE_BEGIN_CONTROL, RE_END_CONTROL, RE_SELECT

from research_lib.files.tabular import TableRefusedError, read_table
from research_lib.interviews.forms.form_rows import BEGINNINGS, CURVED, ENDINGS, TRANSLATED, Form, Row, placed_rows

OTHER = "other"
_SELECTS = {
    constants.SELECT_ONE: "select_one",
    constants.SELECT_ONE_EXTERNAL: "select_one",
    constants.SELECT_ALL_THAT_APPLY: "select_multiple",
    constants.RANK: "rank",
}
# Types to whose name every other one is brought that pyxform turns into the same, but for a hint.
_TYPES = ("text", "integer", "decimal", "date", "dateTime", "note", "calculate", "acknowledge")


def with_standard_types(form: Form, folder: Path) -> Form:
    """Give each row of a survey its type's first name; `or_other` becomes a choice and a question.

    `folder` is where files of choices stand. Rows without a type, rows that are disabled, and loops are left out and
    named in the notes.
    """
    survey, choices, notes, loops = list[Row](), [*map(_straight, form.choices)], list[str](), 0
    for row in map(_straight, form.survey):
        kind, other = _standard(row["type"])
        loops += kind == "begin_loop"
        is_disabled = aliases.yes_no.get(row["disabled"])
        reason = "it has no type" if not row["type"] else "it is disabled" if is_disabled else ""
        if loops:
            reason = "a loop asks the same for each choice; write the questions out"
        if reason:
            notes += [f"{row.file}:{row.line} {(row['name'] or row['label'])[:40]!r} is not used: {reason}"]
            loops -= kind == "end_loop"
            continue
        survey.append(row.changed(type=kind))
        if other:
            survey.append(_text_of_other(row))
            listed = [choice for choice in choices if choice.list_name == survey[-2].list_name]
            if listed and not any(choice["name"] == OTHER for choice in listed):
                labels = dict.fromkeys(listed[0].label_columns, "Other")
                cells = {"list_name": listed[0].list_name, "name": OTHER, **labels}
                choices.append(Row(listed[-1].file, listed[-1].line, cells))
    files = {row.list_name for row in survey if is_file(row.list_name) and "$" not in row.list_name}
    for name in sorted(files - {row.list_name for row in choices}):
        choices += _choices_of_file(folder / name, notes)
    survey = _asked_twice(survey, choices)
    return Form(form.file, tuple(with_own_names(survey)), tuple(choices), form.settings, (*form.notes, *notes))


def _straight(row: Row) -> Row:
    """A row with the plain quotation marks that platforms write for curved ones, but for what people read."""
    plain = {
        column: text if column.partition("::")[0] in TRANSLATED else text.translate(CURVED)
        for column, text in row.cells.items()
    }
    return Row(row.file, row.line, plain)


def _asked_twice(rows: list[Row], choices: list[Row]) -> list[Row]:
    """Make one question of those of one kind and name in one group, as their answers are one: of all lists together."""
    made = dict[tuple[str, ...], Row]()
    for at, (row, groups) in enumerate(placed_rows(rows)):
        is_question = row["name"] and row.kind not in (*BEGINNINGS, *ENDINGS)
        key = (row.kind, *(str(group.line) for group in groups), row["name"]) if is_question else (str(at),)
        made[key] = _as_one(made[key], row, choices) if key in made else row
    return [*made.values()]


def _as_one(first: Row, second: Row, choices: list[Row]) -> Row:
    conditions = [f"({row['relevant']})" for row in (first, second) if row["relevant"]]
    cells = {**first.cells, "relevant": " or ".join(conditions) if len(conditions) > 1 else ""}
    lists = dict.fromkeys((first.list_name, second.list_name))
    if len(lists) > 1:
        both = [row for name in lists for row in choices if row.list_name == name]
        rows = {row["name"]: row for row in reversed(both)}
        name = "+".join(lists)
        choices += [row.changed(list_name=name) for row in both if row is rows[row["name"]]]
        cells["type"] = f"{first.kind} {name}"
    return Row(first.file, first.line, cells)


def with_own_names(rows: Iterable[Row]) -> Iterator[Row]:
    """Give rows whose name stands in several groups names of their own: as many groups before it as are needed.

    A name that stands twice in the same groups stays as it is.
    """
    placed = [(row, tuple(group["name"] for group in groups)) for row, groups in placed_rows(rows)]
    paths: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for row, groups in placed:
        if row["name"] and row.kind not in (*BEGINNINGS, *ENDINGS):
            paths[row["name"]].append(groups)
    several = {name for name, own in paths.items() if len(set(own)) == len(own) > 1}
    taken = {row["name"] for row, _ in placed}
    for row, groups in placed:
        longer = ("_".join((*groups[at:], row["name"])) for at in reversed(range(len(groups))))
        is_shared = row["name"] in several and row.kind not in (*BEGINNINGS, *ENDINGS)
        if is_shared and (name := next((each for each in longer if each not in taken), "")):
            taken.add(name)
            yield row.changed(row["name"], name=name)
        else:
            yield row


def _standard(text: str) -> tuple[str, bool]:
    """`select_one yes_no` for `select one from yes_no`, and whether XLSForm adds another answer to it."""
    text = " ".join(text.split())
    lower = text.lower()
    if found := RE_BEGIN_CONTROL.match(lower) or RE_END_CONTROL.match(lower):
        return f"{lower[: lower.index(found['type'])].strip(' _')}_{aliases.control[found['type']]}", False
    if found := RE_SELECT.match(text) or RE_SELECT.match(lower):
        kind = _SELECTS[aliases.select[found["select_command"]]]
        return f"{kind} {found['list_name']}", bool(found["specify_other"])
    return _plain(text if text in QUESTION_TYPE_DICT else lower), False


def _plain(kind: str) -> str:
    made = QUESTION_TYPE_DICT.get(kind, {})
    if "number of days" in kind or kind == "percentage":
        return "integer"
    same = (own for own in _TYPES if {**made, "hint": ""} == {**QUESTION_TYPE_DICT[own], "hint": ""})
    return kind if kind in ("datetime", "hidden") else next(same, kind)


def _text_of_other(row: Row) -> Row:
    """The question that or_other adds: which other."""
    name = row["name"]
    labels = {column: row[column] for column in row.label_columns}
    cells = {"type": "text", "name": f"{name}_{OTHER}", "relevant": f"selected(${{{name}}}, '{OTHER}')", **labels}
    return Row(row.file, row.line, dict.fromkeys(row.cells, "") | cells)


def is_file(name: str) -> bool:
    """Whether the name of a list is that of a file, or of a question whose answers are the choices."""
    return bool(re.search(r"\.(csv|xml|geojson)\Z|\A\$\{", name))


def _choices_of_file(path: Path, notes: list[str]) -> Iterator[Row]:
    """The choices that stand in a file of their own beside the form, as XLSForm has them: name and label."""
    frame, reason = None, f"{path.name}: this file of choices is not beside the form, or has no column `name`"
    try:
        if path.suffix == ".csv" and path.exists():
            frame = read_table(path).frame.fillna("")
    except TableRefusedError as error:
        reason = str(error)
    if frame is None or "name" not in frame:
        notes.append(f"{reason}, so answers from it are read as text")
        return
    for line, cells in zip(frame.index, frame.to_dict("records"), strict=True):
        yield Row(path.name, int(line), {"list_name": path.name} | {str(key): str(cell) for key, cell in cells.items()})
