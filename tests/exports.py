"""Exports as KoBoToolbox, ODK Briefcase and ODK Central write them, simulated from cases: every layout they offer."""

import csv
import io
import zipfile
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd

from research_lib.interviews.cases import ADMINISTRATION, ANSWER_OF_MISSING, FIXED, Cases, columns_of
from research_lib.interviews.xlsform import Form

HEADERS, MULTIPLE = ("names", "groups"), ("joined", "split", "both")
KOBO_AFTER = {
    "_id": "{row}",
    "_uuid": "u-{row}",
    "_submission_time": "2026-03-{day:02}T10:11:12",
    "_validation_status": "",
    "_notes": "",
    "_status": "submitted_via_web",
    "_submitted_by": "worker",
    "__version__": "vA",
    "_tags": "",
    "_index": "{row}",
}
KOBO_BEFORE = {"start": "2026-03-{day:02}T09:00:00", "end": "2026-03-{day:02}T10:00:00", "deviceid": "ee.{row}"}


@dataclass(frozen=True)
class Answered:
    """Answers as the form keeps them: one row a record; of a repeated group, its rows with `parent` (0, 1, …)."""

    form: Form
    frame: pd.DataFrame
    repeats: dict[str, pd.DataFrame] = field(default_factory=dict)


def typeable(cases: Cases) -> Cases:
    """The same cases as an export could give them: codes for ids, nothing kept back, one last day for all."""
    codes = [f"zz{number:06}" for number in range(len(cases.frame))]
    last = cases.frame["retention_date"].max()
    frame = cases.frame.replace("withheld", "not_asked").assign(case_id=codes, retention_date=last)
    return replace(cases, frame=frame)


def answered(cases: Cases, form: Form) -> Answered:
    """Give back what was typed into the form for these cases to come of it."""
    frame, data = cases.frame, {}
    written = {**ANSWER_OF_MISSING, "not_asked": "", "not_applicable": ""}
    for variable in cases.variables:
        if variable.kind == "one":
            data[variable.name] = frame[variable.name].replace(written)
            continue
        columns = columns_of(variable)
        texts = np.full(len(frame), "", dtype=object)
        for choice, column in zip(variable.choices, columns, strict=True):
            texts = np.where(frame[column] == "yes", texts + f" {choice}", texts)
        missing = frame[columns[0]].map(lambda cell: written.get(cell, ""))
        data[variable.name] = pd.Series(texts, dtype=object).str.strip().where(missing == "", missing)
    data |= {name: frame[name].replace(written) for name in ADMINISTRATION}
    data |= {"case_code": frame["case_id"], "consent": ["yes"] * len(frame)}
    data |= {name: frame[name] for name in FIXED if name in ("source_id", "consent_scope", "legal_basis")}
    names = [item.row["name"] for item in form.placed() if item.is_question and not in_repeat(item)]
    return Answered(form, pd.DataFrame(data).reindex(columns=names, fill_value="").astype(str))


def in_repeat(item) -> str:
    return next((group["name"] for group in reversed(item.groups) if group.kind == "begin_repeat"), "")


def table(answers: Answered, *, headers: str, multiple: str, joint="/", repeat="") -> dict[str, list[str]]:
    """Columns by header, in the order of the form; `multiple` says how questions with several answers are laid out."""
    frame = answers.repeats[repeat] if repeat else answers.frame
    columns: dict[str, list[str]] = {}
    for item in answers.form.placed():
        row = item.row
        if row.kind.startswith(("begin", "end")) or in_repeat(item) != repeat:
            continue
        path = [group["name"] for group in item.groups] if headers == "groups" else []
        header = joint.join((*path, row["name"]))
        texts = frame[row["name"]].tolist() if row["name"] in frame else [""] * len(frame)
        many = row.kind == "select_multiple"
        if not many or multiple in ("joined", "both"):
            columns[header] = texts
        if many and multiple in ("split", "both"):
            for choice in (each["name"] for each in answers.form.lists[row.list_name]):
                columns[f"{header}/{choice}"] = [str(int(choice in text.split())) if text else "" for text in texts]
    return columns


def filled(columns: dict[str, str], rows: int) -> dict[str, list[str]]:
    return {name: [text.format(row=row + 1, day=row % 28 + 1) for row in range(rows)] for name, text in columns.items()}


def write_csv(columns: dict[str, list[str]], path: Path, *, delimiter=",", quoting=csv.QUOTE_MINIMAL, mark="") -> Path:
    """Write columns as CSV; the byte order mark comes first where there is one."""
    text = io.StringIO(newline="")
    text.write(mark)
    writer = csv.writer(text, delimiter=delimiter, quoting=quoting)
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    path.write_bytes(text.getvalue().encode())
    return path


def kobo_csv(answers: Answered, path: Path, *, headers="names", multiple="joined", delimiter=";") -> Path:
    """An export of KoBoToolbox as CSV: every cell in quotes, a byte order mark, the server's own columns."""
    return write_csv(
        kobo_table(answers, headers, multiple), path, delimiter=delimiter, quoting=csv.QUOTE_ALL, mark="\ufeff"
    )


def kobo_table(answers: Answered, headers: str, multiple: str) -> dict[str, list[str]]:
    rows = len(answers.frame)
    return {
        **filled(KOBO_BEFORE, rows),
        **table(answers, headers=headers, multiple=multiple),
        **filled(KOBO_AFTER, rows),
    }


def kobo_xlsx(answers: Answered, path: Path, *, headers="names", multiple="joined") -> Path:
    """An export of KoBoToolbox as XLSX: numbers as numbers, and a sheet for each repeated group."""
    book = openpyxl.Workbook()
    book.active.title = "Interview"
    fill_sheet(book.active, kobo_table(answers, headers, multiple))
    for name, frame in answers.repeats.items():
        columns = table(answers, headers=headers, multiple=multiple, repeat=name)
        columns |= {
            "_index": [str(row + 1) for row in range(len(frame))],
            "_parent_table_name": ["Interview"] * len(frame),
            "_parent_index": [str(int(parent) + 1) for parent in frame["parent"]],
            "_submission__id": [str(int(parent) + 1) for parent in frame["parent"]],
            "_submission__submission_time": ["2026-03-01T10:11:12"] * len(frame),
        }
        fill_sheet(book.create_sheet(name), columns)
    book.save(path)
    return path


def fill_sheet(sheet, columns: dict[str, list[str]]) -> None:
    sheet.append(list(columns))
    for cells in zip(*columns.values(), strict=True):
        sheet.append([int(cell) if cell.isdecimal() else cell or None for cell in cells])


def briefcase(answers: Answered, folder: Path, *, multiple="joined") -> list[Path]:
    """An export of ODK Briefcase: one CSV file, and one more for each repeated group; with splitting, 0 for no answer."""
    folder.mkdir(exist_ok=True)
    rows = len(answers.frame)
    columns = {
        "SubmissionDate": ["Mar 3, 2026 10:11:12 AM"] * rows,
        **table(answers, headers="groups", multiple=multiple, joint="-"),
        "meta-instanceID": [f"uuid:{row}" for row in range(rows)],
        **{f"SET-OF-{name}": [f"uuid:{row}/{name}" for row in range(rows)] for name in answers.repeats},
        "KEY": [f"uuid:{row}" for row in range(rows)],
        "isValidated": ["true"] * rows,
    }
    if multiple == "both":
        columns = {
            name: ["0" if "/" in name and not cell else cell for cell in cells] for name, cells in columns.items()
        }
    paths = [write_csv(columns, folder / "interview.csv")]
    for name, frame in answers.repeats.items():
        own = {
            **table(answers, headers="groups", multiple=multiple, joint="-", repeat=name),
            "PARENT_KEY": [f"uuid:{parent}" for parent in frame["parent"]],
            "KEY": [f"uuid:{parent}/{name}[{row}]" for row, parent in enumerate(frame["parent"])],
            f"SET-OF-{name}": [f"uuid:{parent}/{name}" for parent in frame["parent"]],
        }
        paths.append(write_csv(own, folder / f"interview-{name}.csv"))
    return paths


def central(answers: Answered, folder: Path, *, headers="groups", multiple="joined") -> list[Path]:
    """An export of ODK Central as CSV: with or without the names of groups."""
    folder.mkdir(exist_ok=True)
    rows = len(answers.frame)
    columns = {
        "SubmissionDate": ["2026-03-03T10:11:12.000Z"] * rows,
        **table(answers, headers=headers, multiple=multiple, joint="-"),
        ("meta-" if headers == "groups" else "") + "instanceID": [f"uuid:{row}" for row in range(rows)],
        "KEY": [f"uuid:{row}" for row in range(rows)],
        "SubmitterID": ["7"] * rows,
        "SubmitterName": ["worker"] * rows,
        "AttachmentsPresent": ["0"] * rows,
        "AttachmentsExpected": ["0"] * rows,
        "Status": [""] * rows,
        "ReviewState": [""] * rows,
        "DeviceID": [f"d{row}" for row in range(rows)],
        "Edits": ["0"] * rows,
        "FormVersion": ["1"] * rows,
    }
    paths = [write_csv(columns, folder / "interview.csv")]
    for name, frame in answers.repeats.items():
        own = {
            **table(answers, headers=headers, multiple=multiple, joint="-", repeat=name),
            "PARENT_KEY": [f"uuid:{parent}" for parent in frame["parent"]],
            "KEY": [f"uuid:{parent}/{name}[{row}]" for row, parent in enumerate(frame["parent"])],
        }
        paths.append(write_csv(own, folder / f"interview-{name}.csv"))
    return paths


def central_zip(answers: Answered, folder: Path, **layout: str) -> Path:
    """The same in a zip archive, with a file that is no table."""
    paths = central(answers, folder / "unzipped", **layout)
    path = folder / "interview.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for each in paths:
            archive.write(each, each.name)
        archive.writestr("media/readme.txt", "no media")
    return path


def every_export(answers: Answered, folder: Path):
    """Give every layout of every tool, one after the other: its name and its files."""
    folder.mkdir(exist_ok=True)
    for headers, multiple in product(HEADERS, MULTIPLE):
        if not answers.repeats:
            for number, delimiter in enumerate(";,"):
                path = folder / f"kobo-{headers}-{multiple}-{number}.csv"
                yield path.stem, [kobo_csv(answers, path, headers=headers, multiple=multiple, delimiter=delimiter)]
        path = folder / f"kobo-{headers}-{multiple}.xlsx"
        yield path.name, [kobo_xlsx(answers, path, headers=headers, multiple=multiple)]
    for multiple in ("joined", "both"):
        yield f"briefcase-{multiple}", briefcase(answers, folder / f"briefcase-{multiple}", multiple=multiple)
        for headers in HEADERS:
            own = folder / f"central-{headers}-{multiple}"
            yield own.name, central(answers, own, headers=headers, multiple=multiple)
            yield f"{own.name}-zip", [central_zip(answers, own, headers=headers, multiple=multiple)]
