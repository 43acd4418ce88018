"""XLSForm, the format in which KoBoToolbox and ODK take questionnaires: read, examined, extended, built.

The common interview is `COMMON`/interview.csv; a study may have its own in its folder `instruments/`, and a
partner's further questions are a second file.
"""

from collections.abc import Iterator
from pathlib import Path

from research_lib.errors import Problem
from research_lib.files.package_data import package_data
from research_lib.interviews.cases import ADMINISTRATION, KEPT_APART, Variable
from research_lib.interviews.forms.form_building import build_xform, build_xlsx, write_form
from research_lib.interviews.forms.form_extending import extend
from research_lib.interviews.forms.form_lint import lint
from research_lib.interviews.forms.form_reading import read_form
from research_lib.interviews.forms.form_rows import (
    CONSENT,
    GATE,
    MISSING_CHOICES,
    OFFICE,
    SELECTS,
    Form,
    FormError,
    Placed,
    Row,
    language_code,
)

__all__ = [
    "Form",
    "FormError",
    "Row",
    "build_xform",
    "build_xlsx",
    "extend",
    "lint",
    "needed_questions",
    "read_form",
    "study_form",
    "variables",
    "write_form",
]
COMMON = package_data("interviews", "forms/common")


def study_form(folder: Path, name: str = "interview") -> Form:
    """Read a questionnaire of a study, `instruments/<name>.csv` in its folder, or else the common one of that name.

    Raises FormError for a file that is not a form.
    """
    own = folder / f"instruments/{name}.csv"
    return read_form(own if own.exists() else COMMON / f"{name}.csv")


def needed_questions(form: Form) -> list[Problem]:
    """List the questions that each record needs and an interview lacks."""
    there = {row["name"] for row in form.survey}
    absent = [name for name in (*KEPT_APART, *ADMINISTRATION) if name not in there]
    needs = "each record needs it; copy the question from a new study's instruments/interview.csv"
    return [Problem(form.file, 0, name, f"is not asked: {needs}") for name in absent]


def variables(form: Form) -> tuple[Variable, ...]:
    """Give the questions that are counted: those with a list of answers, of the five dimensions and of partners.

    Left out are what the interviewer records before and with the consent, gates of free texts, and questions in a
    repeated group, which have no single answer. The condition of a question holds those of its groups,
    except the consent, without which there is no record. Raises FormError for a list that is not there.
    """
    return tuple(_variable(form, item) for item in form.placed() if _is_counted(item))


def _is_counted(item: Placed) -> bool:
    repeated = any(row.kind == "begin_repeat" for row in item.groups)
    is_gate = item.row["name"].endswith(GATE)
    return item.row.kind in SELECTS and item.group not in (*OFFICE, "") and not repeated and not is_gate


def _variable(form: Form, item: Placed) -> Variable:
    row = item.row
    if row.list_name not in form.lists:
        raise FormError(f"{row.file}:{row.line}: there is no list {row.list_name!r} on the sheet choices.")
    choices = [choice for choice in form.lists[row.list_name] if choice["name"] not in MISSING_CHOICES]
    return Variable(
        name=row["name"],
        dimension=item.group,
        kind="many" if row.kind == "select_multiple" else "one",
        choices=tuple(choice["name"] for choice in choices),
        labels=_labels(form, row),
        choice_labels={choice["name"]: _labels(form, choice) for choice in choices},
        relevant=" and ".join(_conditions(item)),
    )


def _labels(form: Form, row: Row) -> dict[str, str]:
    return {language_code(language): row[f"label::{language}"] for language in form.languages}


def _conditions(item: Placed) -> Iterator[str]:
    """The conditions of a question and its groups; in brackets where there are several."""
    found = [row["relevant"] for row in (*item.groups, item.row) if row["relevant"]]
    found = [text for text in found if "".join(text.split()).replace('"', "'") != f"${{{CONSENT}}}='yes'"]
    yield from (f"({text})" if len(found) > 1 else text for text in found)
