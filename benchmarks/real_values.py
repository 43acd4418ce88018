"""A second reader's word on forms and exports: pyxform's conversion of a form, pandas' reading of an export."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from pyxform.errors import PyXFormError
from pyxform.question_type_dictionary import QUESTION_TYPE_DICT
from pyxform.xls2xform import convert

from research_lib.interviews.answers.cell_spellings import BLANK_WORDS
from research_lib.interviews.answers.form_questions import Question, questions_of, spaced
from research_lib.interviews.answers_import import Imported
from research_lib.interviews.cases import columns_of
from research_lib.interviews.xlsform import Form

_MADE = ("generated_", "reserved_name_for_")  # what pyxform adds for the screen
_MISSING = ("not_asked", "not_applicable", "not_known", "refused", "withheld")
_TICKED = {"1": True, "1.0": True, "true": True, "0": False, "0.0": False, "false": False}
_OTHER_NAMES = {
    "string": "text",
    "int": "integer",
    "select one": "select_one",
    "select all that apply": "select_multiple",
}


def rows_that_differ(form: Form, files: list[Path]) -> list[str]:
    """The questions whose name, type or choices are not those of pyxform; nothing where it does not take the form."""
    if len(files) > 1 or files[0].suffix == ".xml":
        return []
    try:
        made = convert(str(files[0]), validate=False)._pyxform
    except PyXFormError:
        return []
    theirs = dict(_named(made["children"], made.get("choices") or {}))
    ours = {
        (*(group["name"] for group in item.groups), item.row.header or item.row["name"]): _own(form, item.row)
        for item in form.placed()
        if item.row["name"] and not item.row.kind.startswith(("begin_", "end_", "audit"))
    }
    return [
        f"{'/'.join(path)}: {ours.get(path)} and {theirs.get(path)}"
        for path in sorted({*ours, *theirs})
        if ours.get(path) != theirs.get(path) and not path[-1].endswith("_count")
    ]


def _own(form: Form, row: Any) -> tuple[str, tuple[str, ...]]:
    choices = form.lists.get(row.list_name, ()) if row.kind.startswith("select") else ()
    return _stored(row.kind), tuple(choice["name"] for choice in choices)


def _named(children: list[dict[str, Any]], lists: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[Any]:
    for child in children:
        name, kind = child.get("name", ""), child["type"]
        if kind in ("group", "repeat", "survey"):
            if name not in ("meta",):
                yield from _named(child.get("children", []), lists, (*path, name))
        elif kind != "loop" and not name.startswith(_MADE):
            choices = child.get("choices") or lists.get(child.get("itemset", ""), ())
            kind = _OTHER_NAMES.get(kind, kind)
            listed = tuple(choice["name"] for choice in choices) if kind.startswith("select") else ()
            yield (*path, name), (_stored(kind), listed)


def _stored(kind: str) -> str:
    """How the answers to a type of question are stored."""
    if kind.startswith("select"):
        return "select_multiple" if "multiple" in kind or "all" in kind else "select_one"
    return str(QUESTION_TYPE_DICT.get(kind, {}).get("bind", {}).get("type", "string"))


def answers_that_differ(imported: Imported, form: Form, files: list[Path], encoding: str) -> list[str]:
    """The answers that are not what pandas reads in the same row of the export.

    Every record came in, numbered in its order. Only tables of CSV and XLSX in which a record is one row are compared,
    and columns that end in the name of one question.
    """
    reported = {each.column for each in imported.report.conflicts}
    raw = _records(files, len(imported.cases.frame), encoding)
    if raw is None or imported.report.taken != imported.report.read:
        return []
    frame, questions = imported.cases.frame, questions_of(form)
    others = imported.others.set_index(["case_id", "question"])["answer"].to_dict()
    counted = {variable.name: variable for variable in imported.cases.variables}
    found = list[str]()
    for name, question in questions.items():
        header = _header(raw, question)
        if not header or question.repeat:
            continue
        if name in counted and counted[name].is_split:
            columns = {column.partition("__")[2]: frame[column] for column in columns_of(counted[name])}
            came = [
                " ".join(choice for choice, cells in columns.items() if cells.iloc[row] == "yes")
                for row in range(len(frame))
            ]
        elif name in counted:
            came = [*frame[name]]
        else:
            came = [others.get((case, name), "") for case in frame["case_id"]]
        pairs = zip(came, raw[header], strict=True)
        is_there = name in counted or any(came)
        found += [
            f"{header}, record {row}: {cell!r} came in as {text!r}"
            for row, (text, cell) in enumerate(pairs, 1)
            if is_there and text != "withheld" and not _is_same(text, str(cell), question)
            if header not in reported or text not in ("", *_MISSING)
        ]
    return found


def _records(files: list[Path], rows: int, encoding: str) -> pd.DataFrame | None:
    """The one table of so many rows among the files, all cells as text."""
    tables = list[pd.DataFrame]()
    for path in files:
        if path.suffix == ".csv":
            first = path.read_bytes().partition(b"\n")[0]
            sign = max(b",;\t", key=lambda each: first.count(bytes([each])))
            tables.append(
                pd.read_csv(path, sep=chr(sign), dtype=str, keep_default_na=False, encoding=encoding, index_col=False)
            )
        elif path.suffix == ".xlsx":
            every = pd.read_excel(path, sheet_name=None, dtype=str, keep_default_na=False, engine="openpyxl")
            tables += [table.fillna("") for table in every.values()]
    fitting = [table for table in tables if len(table) == rows]
    return fitting[0] if len(fitting) == 1 else None


def _header(raw: pd.DataFrame, question: Question) -> str:
    name = question.header or question.name
    found = [header for header in raw if header == name or re.split(r"[/.:-]", str(header))[-1] == name]
    return str(found[0]) if len(found) == 1 else ""


def _is_same(text: str, cell: str, question: Question) -> bool:
    if question.kind in ("text", "note"):
        return text == cell or (not text and cell in BLANK_WORDS) or _is_equal(text, cell)
    cell = cell.strip()
    if question.kind == "many":
        cell = "" if cell in ("dk", "refused") else cell
        words = {word for word in cell.split() if word in question.choices} or _of_label(cell, question)
        return set(text.split()) in (words, set()) if set(cell.split()) - words else set(text.split()) == words
    choice = cell if cell in question.choices else next(iter(_of_label(cell, question)), "")
    return text == choice or (text in _MISSING and choice in ("", "dk", "refused"))


def _of_label(cell: str, question: Question) -> set[str]:
    found = question.choices_by_label.get(spaced(cell), frozenset())
    return {*found} if len(found) == 1 else set()


def _is_equal(text: str, cell: str) -> bool:
    """Whether two spellings are one number or one time."""
    for read in (float, pd.Timestamp):
        try:
            if read(text) == read(cell):
                return True
        except (ValueError, TypeError):
            continue
    return False
