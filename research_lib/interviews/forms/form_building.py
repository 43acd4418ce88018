"""Forms as the field tools take them, with a partner's own questions.

A partner adds to the common form without a change to any of its names, choices or conditions. A built form is an .xlsx
that is the same to the byte each time, and XForm XML.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import gettempdir

import openpyxl
from pyxform.errors import PyXFormError
from pyxform.xls2xform import ConvertResult, convert

from research_lib.errors import Problem, quoted
from research_lib.files.locking import locked
from research_lib.files.saving import SavingError, save_files, writing
from research_lib.interviews.forms.form_rows import (
    BEGINNINGS,
    ENDINGS,
    OFFICE,
    SHEETS,
    Form,
    FormError,
    Row,
    columns_of,
)

_MADE = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
_ROW = re.compile(r"\[row : (\d+)\]")
_NO_TIME, _FIRST_DAY = rb"\g<1>2000-01-01T00:00:00Z", (1980, 1, 1, 0, 0, 0)
_PREFIX = re.compile(r"[a-z][a-z0-9]*_")
_PARTNERS_SETTINGS = ("prefix", "form_title", "version", "public_key")


def xlsx_bytes(form: Form) -> bytes:
    """Give a form as the bytes of an .xlsx file: the same form gives the same bytes, on any day and machine.

    Every cell is text, so that no program takes one for a number or a formula.
    """
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name in SHEETS:
        rows, sheet = getattr(form, name), book.create_sheet(name)
        columns = columns_of(rows)
        written = [[_written(row).get(column, "") for column in columns] for row in rows]
        for line, texts in enumerate([columns, *written], 1):
            for place, text in enumerate(texts, 1):
                if text:
                    sheet.cell(line, place, text).data_type = "s"
    made = io.BytesIO()
    book.save(made)
    # The same archive without the moment of its making, and unpacked, since packers differ between machines.
    timeless = io.BytesIO()
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(timeless, "w", zipfile.ZIP_STORED) as new:
        for name in sorted(old.namelist()):
            new.writestr(zipfile.ZipInfo(name, _FIRST_DAY), _MADE.sub(_NO_TIME, old.read(name)))
    return timeless.getvalue()


def write_form(form: Form, folder: Path, name: str) -> tuple[Path, Path]:
    """Write a form into a folder as .xlsx and as XForm XML, both or none, and give their places.

    Raises FormError as `build_xform` does, LockedError, SavingError.
    """
    with writing(folder, "nothing was changed"):
        contents: dict[str, str | bytes] = {f"{name}.xml": build_xform(form), f"{name}.xlsx": xlsx_bytes(form)}
    with locked(folder):
        save_files(folder, contents, private=False)
    return folder / f"{name}.xlsx", folder / f"{name}.xml"


def build_xform(form: Form) -> str:
    """Give a form as XForm XML, made by pyxform; raises FormError where pyxform refuses it."""
    return _converted(form).xform


def warnings_of(form: Form) -> list[str]:
    """Give what pyxform warns of; raises FormError where it refuses the form."""
    return [f"{form.file}: {_with_places(form, text)}" for text in _converted(form).warnings]


def _converted(form: Form) -> ConvertResult:
    sheets: dict[str, object] = {"sheet_names": list(SHEETS), "fallback_form_name": "data"}
    for name in SHEETS:
        rows: tuple[Row, ...] = getattr(form, name)
        sheets[name] = [{column: text for column, text in _written(row).items() if text} for row in rows]
        sheets[f"{name}_header"] = [dict.fromkeys(columns_of(rows))]
    try:
        with writing(Path(gettempdir()), "nothing was changed"):  # pyxform writes there while it works
            return convert(sheets, validate=False, pretty_print=True)
    except PyXFormError as error:
        raise FormError(
            f"{form.file}: pyxform refuses it: {_with_places(form, str(error)):.300}; fix the form"
        ) from error
    except (SavingError, MemoryError):
        raise  # of the machine, not of the form
    except Exception as error:  # pyxform lets through whatever its parts meet in an unusual form
        reason = f"pyxform cannot read it ({type(error).__name__}: {error!s:.99})"
        raise FormError(f"{form.file}: {reason}; make the form simpler") from error


def _with_places(form: Form, text: str) -> str:
    """What pyxform says, with the file and line of a row in place of its number."""
    rows = form.choices if "'choices' sheet" in text else form.survey
    return _ROW.sub(lambda found: "{0.file}:{0.line}:".format(rows[int(found[1]) - 2]), " ".join(text.split()))


def _written(row: Row) -> Mapping[str, str]:
    """The cells of a row with the name that the form gives it."""
    return {**row.cells, "name": row.header} if row.header else row.cells


def extend(core: Form, partner: Form) -> Form:
    """Add a partner's questions and lists to the common form.

    The partner's settings name a `prefix`, such as `tp_`, with which all of its names begin; its title and version are
    used. A group of the common form that it begins again, giving only the name, receives what stands there, at the
    end of the group. A group of its own stands after the common group begun before it in the file, otherwise at the
    end of the form. Raises FormError with the file and line of each row that would change the common form.
    """
    prefix = _prefix(core, partner)
    if problems := [*_objections(core, partner, prefix)]:
        raise FormError(f"{partner.file}: it cannot be added to {core.file}; fix these rows.", tuple(problems))
    survey = list(core.survey)
    after = len(survey)
    for block in _blocks(partner.survey):
        if (block[0].kind, block[0]["name"]) in core.groups:
            end = _end_of(survey, block[0]["name"])
            survey[end:end] = block[1:-1]
            after = _end_of(survey, block[0]["name"]) + 1
        else:
            survey[after:after] = block
            after += len(block)
    settings = _settings(core, partner, prefix)
    return Form(f"{core.file} + {partner.file}", tuple(survey), (*core.choices, *partner.choices), (settings,))


def _prefix(core: Form, partner: Form) -> str:
    prefix = partner.settings[0]["prefix"] if partner.settings else ""
    if not _PREFIX.fullmatch(prefix):
        raise FormError(f"{partner.file}: its settings need a `prefix` such as `tp_`: small letters, digits, then _.")
    names = {row["name"] for row in core.survey} | set(core.lists)
    if taken := sorted(name for name in names if name.startswith(prefix)):
        raise FormError(f"{partner.file}: the common form has {taken[0]!r}; take another prefix than {quoted(prefix)}.")
    return prefix


def _objections(core: Form, partner: Form, prefix: str) -> Iterator[Problem]:
    """What a partner's rows would change in the common form."""
    names = {row["name"] for row in core.survey if row["name"]}
    for row, groups in partner.placed():
        if not groups and (row.kind, row["name"]) in core.groups:
            if row["name"] in OFFICE:
                reason = f"nothing is added to {row['name']!r}: it comes before the consent or is the consent"
                yield row.problem("name", reason)
            for column in (column for column in row.cells if row[column] and column not in ("type", "name")):
                reason = f"the common group {row['name']!r} cannot be changed; leave this empty"
                yield row.problem(column, reason)
        elif row.kind not in ENDINGS and row["name"] in names:
            yield row.problem("name", f"{row['name']!r} is a name of the common form and cannot be given again")
        elif row.kind not in ENDINGS and not row["name"].startswith(prefix):
            yield row.problem("name", f"{quoted(row['name'])} must begin with the partner's prefix {quoted(prefix)}")
        if not groups and row.kind not in (*BEGINNINGS, *ENDINGS):
            yield row.problem("type", "it stands in no group; begin one before it, or one of the common form's")
    for row in partner.choices:
        if not row.list_name.startswith(prefix):
            reason = f"the list {quoted(row.list_name)} is not the partner's own; begin its name with {quoted(prefix)}"
            yield row.problem("list_name", reason)
    for column in partner.settings[0].cells:
        if partner.settings[0][column] and column not in _PARTNERS_SETTINGS:
            yield partner.settings[0].problem(column, "the common form settles this; leave it empty")


def _blocks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Part rows into whole outermost groups, and single questions outside of any."""
    block, depth = list[Row](), 0
    for row in rows:
        block.append(row)
        depth += (row.kind in BEGINNINGS) - (row.kind in ENDINGS)
        if not depth:
            yield block
            block = []


def _end_of(survey: list[Row], name: str) -> int:
    """Where the row stands that ends a group."""
    start = next(i for i, row in enumerate(survey) if row["name"] == name and row.kind in BEGINNINGS)
    group = next(_blocks(survey[start:]), survey[start:])
    return start + len(group) - 1


def _settings(core: Form, partner: Form, prefix: str) -> Row:
    own, added = core.settings[0], partner.settings[0]
    cells = {
        **own.cells,
        "form_title": added["form_title"] or own["form_title"],
        "form_id": f"{own['form_id']}_{prefix.rstrip('_')}",
        "version": "-".join(filter(None, (own["version"], added["version"]))),
        **{column: added[column] for column in ("public_key",) if added[column]},
    }
    return replace(own, cells=cells)
