"""What a form must keep that pyxform does not ask for: each language, ways not to answer, consent, no identity."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from research_lib.errors import Problem, quoted
from research_lib.interviews.forms.form_building import build_xform
from research_lib.interviews.forms.form_rows import (
    ALONE,
    CONSENT,
    ENDINGS,
    GATE,
    MISSING_CHOICES,
    OFFICE,
    SELECTS,
    TRANSLATED,
    Form,
    FormError,
    Placed,
    Row,
)
from research_lib.interviews.forms.identifying_questions import identifying_in
from research_lib.interviews.skip_logic import DEEPEST, depth_of

EXPRESSIONS = ("relevant", "constraint", "calculation", "choice_filter", "default", "repeat_count")
_NAME, _CHOICE = re.compile(r"[a-z][a-z0-9_]*"), re.compile(r"[A-Za-z0-9_-]+")
_CONSENTED = re.compile(rf"\$\{{\s*{CONSENT}\s*\}}\s*=\s*['\"]yes['\"]")
_GATED = re.compile(rf"\$\{{\s*\w+{GATE}\s*\}}\s*=\s*['\"]answered['\"]")
_BRACKETS = re.compile(r"\([^()]*\)")


def lint(form: Form, *, allowed: Mapping[str, str] | None = None) -> list[Problem]:
    """List what is wrong in a whole form, in the order of its rows; an empty list means that it can be used.

    `allowed` names questions that may ask for what could identify a person, each with the reason; a reason that is
    blank allows nothing. Nothing is fixed.
    """
    allowed = {name: reason for name, reason in (allowed or {}).items() if reason.strip()}
    placed = list(form.placed())
    problems = [
        *_refused(form),
        *_names(form),
        *(problem for row in (*form.survey, *form.choices) for problem in _translations(row, form.languages)),
        *(problem for item in placed for problem in _question(form, item)),
        *_choices(form),
        *_deep(form),
        *_consent(form, placed),
        *names_a_person(form, allowed=allowed),
    ]
    return sorted(dict.fromkeys(problems))


def names_a_person(form: Form, *, allowed: Mapping[str, str] | None = None) -> list[Problem]:
    """List the questions that could say who somebody is, but for those that are `allowed`, each with a reason."""
    return [
        row.problem(column, f"{what}; leave it out, or allow {row['name']!r} with a reason")
        for row, column, what in identifying_in(form, allowed=allowed or {})
    ]


def _refused(form: Form) -> Iterator[Problem]:
    """What pyxform refuses: a list or a question that is not there, groups that do not end, and more."""
    try:
        build_xform(form)
    except FormError as error:
        yield Problem(form.file, 0, "", str(error).removeprefix(f"{form.file}: "))


def _names(form: Form) -> Iterator[Problem]:
    """Names that are malformed, or twice there when the size of letters does not count."""
    named = [row for row in form.survey if row.kind not in ENDINGS]
    counted = Counter(row["name"].casefold() for row in named)
    for row in named:
        if not _NAME.fullmatch(row["name"]):
            yield row.problem("name", f"{quoted(row['name'])} is not a name: a-z, 0-9 and _, a letter first")
        elif counted[row["name"].casefold()] > 1:
            yield row.problem("name", f"{row['name']!r} names another question or group too; capitals do not count")


def _translations(row: Row, languages: tuple[str, ...]) -> Iterator[Problem]:
    """Texts that are there in one language and not in another, or in none where one is needed."""
    for base in TRANSLATED:
        columns = [f"{base}::{language}" for language in languages] or [base]
        written = [column for column in (base, *columns) if row[column]]
        if languages and row[base]:
            yield row.problem(base, f"the {base} does not say its language; write it under {columns[0]!r}")
        is_required = base == "label" and row.kind not in (*ENDINGS, "calculate")
        if written or is_required:
            yield from (row.problem(column, f"the {base} is missing") for column in columns if not row[column])


def _question(form: Form, item: Placed) -> Iterator[Problem]:
    """What each question needs: a way of not answering."""
    row = item.row
    if item.group not in OFFICE and row.kind in SELECTS:
        yield from _ways_out(row, [choice["name"] for choice in form.lists.get(row.list_name, ())])
    elif item.group not in OFFICE and row.kind in ("text", "integer", "decimal") and not _is_gated(item):
        yield row.problem(
            "relevant", f"a question without choices needs a gate: `${{…{GATE}}} = 'answered'`, with dk and refused"
        )


def _is_gated(item: Placed) -> bool:
    return any(_GATED.search(row["relevant"]) for row in (*item.groups, item.row))


def _ways_out(row: Row, names: list[str]) -> Iterator[Problem]:
    if lacking := [name for name in MISSING_CHOICES if name not in names]:
        yield row.problem("type", f"the list {row.list_name!r} lacks {' and '.join(map(repr, lacking))}")
    alone = [name for name in (*MISSING_CHOICES, *ALONE) if name in names]
    free = [name for name in alone if f"selected(., '{name}')" not in row["constraint"]]
    if row.kind == "select_multiple" and free:
        reason = f"{free[0]!r} could be chosen beside others; write not(selected(., '{free[0]}') or …) or"
        yield row.problem("constraint", f"{reason} count-selected(.) = 1")


def _choices(form: Form) -> Iterator[Problem]:
    for rows in form.lists.values():
        counted = Counter(row["name"].casefold() for row in rows)
        for row in rows:
            if not _CHOICE.fullmatch(row["name"]):
                yield row.problem("name", f"{row['name']!r} is not a choice: letters, digits, - and _ only")
            elif counted[row["name"].casefold()] > 1:
                yield row.problem("name", f"the choice {row['name']!r} is twice in the list {row.list_name!r}")


def _deep(form: Form) -> Iterator[Problem]:
    for row in form.survey:
        for column in EXPRESSIONS:
            if depth_of(row[column]) > DEEPEST:
                yield row.problem(column, f"brackets lie more than {DEEPEST} deep in one another; write it more simply")


def _consent(form: Form, placed: list[Placed]) -> Iterator[Problem]:
    """Questions that follow the consent and are asked without it."""
    consent = next((index for index, row in enumerate(form.survey) if row["name"] == CONSENT), None)
    if consent is None:
        yield Problem(form.file, 0, "", f"it has no question {CONSENT!r}; without consent nothing may be asked")
        return
    for item in placed[consent + 1 :]:
        if item.is_question and not any(_needs_consent(row["relevant"]) for row in (*item.groups, item.row)):
            yield item.row.problem("relevant", f"it is asked without consent; write `${{{CONSENT}}} = 'yes'`")


def _needs_consent(expression: str) -> bool:
    """Whether an expression can hold only with consent: it is asked for outside of brackets, with no `or` beside it."""
    if depth_of(expression) > DEEPEST:
        return False
    while (outer := _BRACKETS.sub("", expression)) != expression:
        expression = outer
    return bool(_CONSENTED.search(expression)) and not re.search(r"\bor\b", expression)
