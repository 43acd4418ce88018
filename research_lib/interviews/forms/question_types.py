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
_CONTROLS = {constants.GROUP: "group", constants.REPEAT: "repeat", constants.LOOP: "loop"}
_FROM_FILE = re.compile(r"select[_ ](one|multiple)[_ ]from[_ ]file\b")
# Older names of a type, by what pyxform makes of them; a name that is the type's own stays.
_PLAIN = {"string": "text", "int": "integer", "decimal": "decimal", "date": "date", "dateTime": "dateTime"}
_OWN = ("text", "integer", "decimal", "date", "dateTime", "datetime", "range", "calculate", "hidden", "note", "range")
_TRUE = ("yes", "true", "true()", "1")


def with_standard_types(form: Form, folder: Path) -> Form:
    """Give each row of a survey its type's first name; `or_other` becomes a choice and a question.

    `folder` is where files of choices stand. Rows without a type, rows that are disabled, and loops are left out and
    named in the notes.
    """
    survey, choices, notes, loops = list[Row](), [*map(_straight, form.choices)], list[str](), 0
    for row in map(_straight, form.survey):
        kind = _standard(row["type"])
        loops += kind.startswith("begin_loop")
        if loops or not kind or row["disabled"].lower() in _TRUE:
            notes += [f"{row.file}:{row.line} {quoted_name(row)} is not used: {_why(row, loops)}"]
            loops -= kind.startswith("end_loop")
            continue
        survey.append(_with_type(row, kind.removesuffix(f" {OTHER}")))
        if kind.endswith(f" {OTHER}") and kind.startswith(("select", "rank")):
            survey.append(_text_of_other(row))
            choices += _other_choice(choices, survey[-2].list_name)
    listed = {row.list_name for row in choices}
    files = {row.list_name for row in survey if is_file(row.list_name) and "$" not in row.list_name} - listed
    choices += [row for name in sorted(files) for row in _choices_of_file(folder / name, notes)]
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
        choices += [
            Row(row.file, row.line, {**row.cells, "list_name": name}) for row in both if row is rows[row["name"]]
        ]
        cells["type"] = f"{first.kind} {name}"
    return Row(first.file, first.line, cells)


def with_own_names(rows: Iterable[Row]) -> Iterator[Row]:
    """Give rows whose name stands in several groups names of their own: as many groups before it as are needed."""
    placed = list(placed_rows(rows))
    paths: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for row, groups in placed:
        if row["name"] and row.kind not in (*BEGINNINGS, *ENDINGS):
            paths[row["name"]].append(tuple(group["name"] for group in groups))
    taken = {row["name"] for row, _ in placed}
    for row, groups in placed:
        own = paths.get(row["name"], []) if row.kind not in (*BEGINNINGS, *ENDINGS) else []
        yield row if len(own) < 2 or len(set(own)) < len(own) else _renamed(row, groups, taken)


def _renamed(row: Row, groups: tuple[Row, ...], taken: set[str]) -> Row:
    names = [group["name"] for group in groups]
    longer = ("_".join((*names[at:], row["name"])) for at in range(len(names) - 1, -1, -1))
    own = next((each for each in longer if each not in taken), "")
    taken.add(own)
    return Row(row.file, row.line, {**row.cells, "name": own}, row["name"]) if own else row


def quoted_name(row: Row) -> str:
    """The name of a row as a message shows it, or its label where it has none."""
    return repr((row["name"] or row["label"] or row["type"])[:40])


def _why(row: Row, loops: int) -> str:
    if loops:
        return "a loop asks the same for each choice; write the questions out"
    return "it is disabled" if row["type"] else "it has no type"


def _standard(text: str) -> str:
    """`select_one yes_no` for `select one from yes_no`; `other` stands at the end where XLSForm has or_other."""
    text = " ".join(text.split())
    lower = text.lower()
    if found := RE_BEGIN_CONTROL.match(lower) or RE_END_CONTROL.match(lower):
        parts = found.groupdict()
        return f"{parts.get('begin') or parts.get('end')}_{_CONTROLS[aliases.control[parts['type']]]}"
    if _FROM_FILE.match(lower) or RE_SELECT.match(lower):
        found = RE_SELECT.match(text) or RE_SELECT.match(lower)
        if found is None:
            return text
        kind = _SELECTS[aliases.select[found["select_command"]]]
        return f"{kind} {found['list_name']}{f' {OTHER}' if found['specify_other'] else ''}"
    return _plain(text if text in QUESTION_TYPE_DICT else lower)


def _plain(kind: str) -> str:
    if kind in _OWN or kind not in QUESTION_TYPE_DICT:
        return kind
    made = QUESTION_TYPE_DICT[kind]
    bind, control = made.get("bind", {}), made.get("control", {}).get("tag")
    if "note" in kind.split():
        return "note"
    if "acknowledge" in kind.split():
        return "acknowledge"
    if control is None and bind.get("type") == "string" and "jr:preload" not in bind:
        return "calculate"
    is_typed = control == "input" and "jr:preload" not in bind and kind not in ("phonenumber", "email", "username")
    return _PLAIN.get(bind.get("type", ""), kind) if is_typed and "phone" not in kind else kind


def _with_type(row: Row, kind: str) -> Row:
    return Row(row.file, row.line, {**row.cells, "type": kind})


def _text_of_other(row: Row) -> Row:
    """The question that or_other adds: which other."""
    name = row["name"]
    labels = {column: text for column, text in row.cells.items() if column.partition("::")[0] == "label" and text}
    cells = {"type": "text", "name": f"{name}_{OTHER}", "relevant": f"selected(${{{name}}}, '{OTHER}')", **labels}
    return Row(row.file, row.line, dict.fromkeys(row.cells, "") | cells)


def _other_choice(choices: list[Row], name: str) -> Iterator[Row]:
    rows = [row for row in choices if row.list_name == name]
    if rows and not any(row["name"] == OTHER for row in rows):
        labels = {column: "Other" for column in rows[0].cells if column.partition("::")[0] == "label"}
        yield Row(rows[-1].file, rows[-1].line, {"list_name": name, "name": OTHER, **labels})


def is_file(name: str) -> bool:
    """Whether the name of a list is that of a file, or of a question whose answers are the choices."""
    return bool(re.search(r"\.(csv|xml|geojson)\Z|\A\$\{", name))


def _choices_of_file(path: Path, notes: list[str]) -> Iterator[Row]:
    """The choices that stand in a file of their own beside the form, as XLSForm has them: name and label."""
    if not path.name.endswith(".csv") or not path.exists():
        notes.append(f"{path.name}: this file of choices is not beside the form, so answers from it are read as text")
        return
    try:
        frame = read_table(path).frame.fillna("")
    except TableRefusedError as error:
        notes.append(f"{error}; answers from it are read as text")
        return
    if "name" not in frame:
        notes.append(f"{path.name}: it has no column `name`, so answers from it are read as text")
        return
    for line, cells in zip(frame.index, frame.to_dict("records"), strict=True):
        yield Row(
            path.name, int(line), {"list_name": path.name, **{str(key): str(cell) for key, cell in cells.items()}}
        )
