"""Forms as the field tools take them: an .xlsx that is the same to the byte each time, and XForm XML."""

import io
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from tempfile import gettempdir

import openpyxl
from pyxform.errors import PyXFormError
from pyxform.xls2xform import ConvertResult, convert

from research_lib.files.locking import locked
from research_lib.files.saving import SavingError, save_files, writing
from research_lib.interviews.forms.form_rows import SHEETS, Form, FormError, Row, columns_of

_MADE = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
_ROW = re.compile(r"\[row : (\d+)\]")
_NO_TIME, _FIRST_DAY = rb"\g<1>2000-01-01T00:00:00Z", (1980, 1, 1, 0, 0, 0)


def xlsx_bytes(form: Form) -> bytes:
    """Give a form as the bytes of an .xlsx file: the same form gives the same bytes, on any day and machine.

    Every cell is text, so that no program takes one for a number or a formula.
    """
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name in SHEETS:
        rows, sheet = getattr(form, name), book.create_sheet(name)
        columns = columns_of(rows)
        for line, texts in enumerate(
            [columns, *([_written(row).get(column, "") for column in columns] for row in rows)], 1
        ):
            for place, text in enumerate(texts, 1):
                if text:
                    sheet.cell(line, place, text).data_type = "s"
    made = io.BytesIO()
    book.save(made)
    return _without_times(made)


def write_form(form: Form, folder: Path, name: str) -> tuple[Path, Path]:
    """Write a form into a folder as .xlsx and as XForm XML, both or none, and give their places.

    Raises FormError as `build_xform` does, LockedError, SavingError.
    """
    with writing(folder, "nothing was changed"):
        contents: dict[str, str | bytes] = {f"{name}.xml": build_xform(form), f"{name}.xlsx": xlsx_bytes(form)}
    with locked(folder):
        save_files(folder, contents, private=False)
    return folder / f"{name}.xlsx", folder / f"{name}.xml"


def _without_times(made: io.BytesIO) -> bytes:
    """The same archive without the moment of its making, and unpacked, since packers differ between machines."""
    timeless = io.BytesIO()
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(timeless, "w", zipfile.ZIP_STORED) as new:
        for name in sorted(old.namelist()):
            new.writestr(zipfile.ZipInfo(name, _FIRST_DAY), _MADE.sub(_NO_TIME, old.read(name)))
    return timeless.getvalue()


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
