"""XLSForm, the format in which KoBoToolbox and ODK take questionnaires: read, examined, extended, built.

The common interview is `COMMON`/interview.csv; a study may have its own in its folder `instruments/`, and a
partner's further questions are a second file.
"""

import re
from collections.abc import Container, Iterator
from functools import cache
from pathlib import Path

from research_lib.errors import Problem, ResearchError
from research_lib.files.opening import package_data
from research_lib.interviews.answers.form_questions import choices_alone, questions_of, unread_conditions
from research_lib.interviews.cases import NEEDED, Variable, own_code
from research_lib.interviews.forms.form_building import build_xform, extend, warnings_of, write_form
from research_lib.interviews.forms.form_lint import lint, names_a_person
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
from research_lib.interviews.forms.question_types import is_file
from research_lib.interviews.instruments import INTERVIEW, own_forms

__all__ = [
    "Form",
    "FormError",
    "Row",
    "build_xform",
    "common_form",
    "extend",
    "instrument_problems",
    "lint",
    "names_a_person",
    "needed_questions",
    "own_forms",
    "read_form",
    "renamed_choices",
    "study_form",
    "variables",
    "warnings_of",
    "without_choices",
    "write_form",
]
_LITERAL = re.compile(r"(['\"])([^'\"]*)\1")
COMMON = package_data("interviews", "forms/common")


def study_form(folder: Path, name: str = INTERVIEW) -> Form:
    """Read a questionnaire of a study, `instruments/<name>` with any ending of a form, or else the common one.

    Raises FormError for a file that is not a form, and where there are two of that name.
    """
    own = [path for path in own_forms(folder) if path.stem == name]
    if len(own) > 1:
        raise FormError(f"{own[0]}: {own[1].name} is there too; keep one of the two, and move the other elsewhere")
    return read_form(own[0] if own else COMMON / f"{name}.csv")


@cache
def common_form() -> Form:
    """Read the common interview."""
    return read_form(COMMON / f"{INTERVIEW}.csv")


def instrument_problems(folder: Path) -> list[Problem]:
    """List the forms in a study's folder `instruments/` that cannot be read, or that give a name twice."""
    found = []
    for path in own_forms(folder):
        try:
            questions_of(study_form(folder, path.stem))
        except ResearchError as error:
            found.append(Problem(f"instruments/{path.name}", 0, "", f"cannot be used: {error}"))
    return found


def needed_questions(form: Form) -> list[Problem]:
    """List the questions that each record needs and an interview lacks."""
    there = {row["name"] for row in form.survey}
    absent = [name for name in NEEDED if name not in there]
    needs = "each record needs it; say in instruments/mapping.toml where it comes from, or give it with --set"
    return [Problem(form.file, 0, name, f"is not asked: {needs}") for name in absent]


def variables(form: Form) -> tuple[Variable, ...]:
    """Give the questions that are counted: those with a list of answers, of the five dimensions and of partners.

    Left out are what the interviewer records before and with the consent, gates of free texts, questions in a
    repeated group, which have no single answer, and those whose choices are not there. The condition of a question
    holds those of its groups, except the consent, without which there is no record.
    """
    unread = dict(unread_conditions(form))
    return tuple(
        _variable(form, item, unread)
        for item in form.placed()
        if item.row.kind in SELECTS and item.row.list_name in form.lists and item.group not in OFFICE
        if not item.row["name"].endswith(GATE) and not any(row.kind == "begin_repeat" for row in item.groups)
    )


def without_choices(form: Form) -> list[str]:
    """Name the questions whose list of choices is not in the form: their answers are texts."""
    selects = (row for row in form.survey if row.kind in SELECTS and not is_file(row.list_name))
    return [row["name"] for row in selects if row.list_name not in form.lists]


def _variable(form: Form, item: Placed, unread: Container[str]) -> Variable:
    row = item.row
    listed = {choice["name"]: choice for choice in form.lists[row.list_name]}  # a filtered list has some twice
    choices = [choice for choice in listed.values() if choice["name"] not in MISSING_CHOICES]
    return Variable(
        name=row["name"],
        dimension=item.group or "questions",
        kind="many" if row.kind == "select_multiple" else "one",
        choices=tuple(own_code(choice["name"]) for choice in choices),
        labels=_labels(form, row),
        choice_labels={own_code(choice["name"]): _labels(form, choice) for choice in choices},
        relevant=" and ".join(_conditions(item, unread)),
        alone=tuple(map(own_code, choices_alone(row, tuple(choice["name"] for choice in choices)))),
    )


def _labels(form: Form, row: Row) -> dict[str, str]:
    """The labels by the code of their language; one that does not say its language is `und`, undetermined."""
    labels = {language_code(language): row[f"label::{language}"] for language in form.languages}
    return labels | ({"und": row["label"]} if row["label"] else {})


def _conditions(item: Placed, unread: Container[str]) -> Iterator[str]:
    """The conditions of a question and its groups that can be read; in brackets where there are several."""
    written = (row["relevant"] for row in (*item.groups, item.row))
    found = [text for text in written if text and text not in unread]
    found = [text for text in found if "".join(text.split()).replace('"', "'") != f"${{{CONSENT}}}='yes'"]
    for text in found:
        coded = _LITERAL.sub(lambda part: f"{part[1]}{own_code(part[2])}{part[1]}", text)
        yield f"({coded})" if len(found) > 1 else coded


def renamed_choices(form: Form) -> list[str]:
    """Name the choices that have another code in cases, since their own says there that an answer is missing."""
    return [*dict.fromkeys(row["name"] for row in form.choices if own_code(row["name"]) != row["name"])]
