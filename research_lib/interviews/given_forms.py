"""A form as somebody hands it in: one file, or its sheets as files of their own, in an encoding that is said."""

import csv
import io
from pathlib import Path

from research_lib.files.encodings import decode
from research_lib.files.opening import read_bytes
from research_lib.files.tabular import read_table
from research_lib.interviews.forms.form_reading import LARGEST, read_form
from research_lib.interviews.forms.form_rows import Form

_NOTHING = "NA"  # as R writes an empty cell


def given_form(path: Path, choices: Path | None = None, *, encoding: str | None = None) -> tuple[Form, bytes]:
    """Read a form, and give it with the content of one file that has all of it.

    `path` is the form, or the table of its questions where `choices` is that of its lists; `encoding` is needed where
    these are texts that are not in UTF-8. Raises FormError as `read_form`, TableRefusedError for a table that cannot be
    read, EncodingUnknownError.
    """
    if choices is None and (encoding is None or path.suffix.lower() not in (".csv", ".md")):
        return read_form(path), path.read_bytes()
    if choices is None:
        content = decode(read_bytes(path, limit=LARGEST), name=path.name, declared=encoding).text.encode()
    else:
        content = "".join(_sheet(*each, encoding) for each in (("survey", path), ("choices", choices))).encode()
    return read_form(path, content), content


def _sheet(name: str, path: Path, encoding: str | None) -> str:
    """A table as a sheet of a form in one file; R writes `label..English` for `label::English`."""
    frame = read_table(path, encoding=encoding).frame.fillna("")
    codes = ("name", "list_name") if name == "choices" else ()
    header = [column if "::" in column else column.replace("..", "::") for column in frame]
    rows = [
        ["" if cell == _NOTHING and column not in codes else cell for column, cell in zip(frame, cells, strict=True)]
        for cells in frame.itertuples(index=False, name=None)
    ]
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([[name, *header], *(["", *row] for row in rows)])
    return text.getvalue()
