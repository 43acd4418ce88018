"""A mapping drafted by looking at a form: what was guessed stands in the file, and what nobody can guess is said."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from research_lib.evidence.vocabulary.country_names import country_of
from research_lib.files.drafts import changing
from research_lib.files.saving import save_file
from research_lib.interviews.cases import BASES, NEEDED, SCOPES
from research_lib.interviews.forms.form_reading import given_form
from research_lib.interviews.forms.form_rows import SELECTS, Form, Row
from research_lib.interviews.instruments import INTERVIEW, own_forms
from research_lib.interviews.mapping import FILE, NO, YES
from research_lib.interviews.xlsform import common_form

_NAMED = {
    "consent": re.compile(r"consent|consenso|(?<![a-z])(agree|accord)(?![a-z])|súhlas(?!n)|同意", re.IGNORECASE),
    "country_code": re.compile(
        r"(?<![a-z])(country|pays|paese|pais|krajina|admin_?0|adm0|state_country)", re.IGNORECASE
    ),
    "site": re.compile(
        r"(?<![a-z])(site|location|city|town|village|camp|district|commune|place|lieu|ville|località|comune|miesto)",
        re.IGNORECASE,
    ),
    "interview_year": re.compile(r"interview|survey|visit|collection|assessment|enquête|intervista", re.IGNORECASE),
}

# A question whose yes is a refusal; consent is never read from it.
_DECLINED = re.compile(
    r"declin|refus|denied|withdr|(?<![a-z])(no|not|non|sans|without)_|rifiut|odmiet|拒", re.IGNORECASE
)


def adopt_form(
    folder: Path,
    path: Path,
    choices: Path | None = None,
    *,
    encoding: str | None = None,
    countries: Sequence[str] = (),
) -> tuple[Form, "Draft"]:
    """Take a form as the interview of a study in place of the one that it has, with a drafted mapping beside it.

    `choices` and `encoding` are those of `given_form`, `countries` those of `draft_mapping`. Raises FormError where the
    file is no form, LockedError, SavingError; then the study is as it was.
    """
    form, content = given_form(path, choices, encoding=encoding)
    draft = draft_mapping(form, countries=countries)
    with changing(folder) as changed:
        for own in own_forms(changed):
            if own.stem == INTERVIEW:
                own.unlink()
        (changed / "instruments").mkdir(exist_ok=True)
        save_file(changed / f"instruments/{INTERVIEW}{path.suffix.lower()}", content, private=False)
        save_file(changed / FILE, draft.text, private=False)
    return form, draft


@dataclass(frozen=True)
class Draft:
    """A drafted mapping: the text of its file, what was guessed, and what nobody can guess."""

    text: str
    guessed: tuple[str, ...]
    open: tuple[str, ...]


def draft_mapping(form: Form, *, countries: Sequence[str] = ()) -> Draft:
    """Draft the mapping of a form by looking at it: which question is the country, the consent, the place, the date.

    `countries`: those of the study; one alone is the country of all records where no question asks it.
    """
    there = {row["name"] for row in form.survey}
    columns, answers = dict[str, str](), dict[str, dict[str, str]]()
    for name, (question, meanings) in _guesses(form).items():
        if name not in there or meanings:
            columns[name], answers[name] = question, meanings
    known = _same_for_all(form) | ({"country_code": countries[0]} if len(countries) == 1 else {})
    same = {name: value for name, value in known.items() if name not in there and name not in columns}
    left = [name for name in NEEDED if name not in there and name not in columns and name not in same]
    guessed = [f"{name}: the column {column!r}" for name, column in columns.items()]
    guessed += [f"{name}: {value!r} for all records" for name, value in same.items()]
    return Draft("".join(_written(columns, answers, same, left)), tuple(guessed), tuple(left))


def _guesses(form: Form) -> dict[str, tuple[str, dict[str, str]]]:
    """Of each item the question that seems to hold it, and what its choices seem to mean."""
    found: dict[str, tuple[str, dict[str, str]]] = {"case_code": ("_uuid", {})}
    for item in form.placed():
        row = item.row
        choices = form.lists.get(row.list_name, ()) if row.kind in SELECTS else ()
        repeated = any(group.kind == "begin_repeat" for group in item.groups)
        if repeated or not row["name"] or not item.is_question:
            continue
        if _NAMED["country_code"].search(row["name"]) and (meanings := _meanings(choices)):
            found.setdefault("country_code", (row["name"], meanings))
        asks_consent = row.kind in ("select_one", "acknowledge") and any(map(_NAMED["consent"].search, _texts(row)))
        if asks_consent and not _DECLINED.search(row["name"]):
            found.setdefault("consent", (row["name"], _consent_meanings(choices)))
        if row.kind == "select_one" and _NAMED["site"].search(row["name"]):
            found.setdefault("site", (row["name"], {}))
        if row.kind in ("today", "start") or (row.kind == "date" and _NAMED["interview_year"].search(row["name"])):
            found.setdefault("interview_year", (row["name"], {}))
    return {"interview_year": ("_submission_time", {}), **found}


def _texts(row: Row) -> list[str]:
    """The name of a question or a choice, and its labels."""
    return [row["name"], *row.labels]


def _meanings(choices: Sequence[Row]) -> dict[str, str]:
    """The country of each choice, where most are countries; a number is the form's own."""
    countries = {row["name"]: [country_of(text) for text in _texts(row) if not text.isdecimal()] for row in choices}
    found = {name: code for name, codes in countries.items() for code in [next(filter(None, codes), "")] if code}
    return found if choices and len(found) * 2 >= len(choices) else {}


def _consent_meanings(choices: Iterable[Row]) -> dict[str, str]:
    found = {}
    for row in choices:
        is_yes = any(map(YES.match, _texts(row))) and not NO.match(row["name"])
        found[row["name"]] = "yes" if is_yes else "no"
    return {} if found == {"yes": "yes", "no": "no"} else found


def _same_for_all(form: Form) -> dict[str, str]:
    title = form.settings[0]["form_id"] or form.settings[0]["form_title"] if form.settings else ""
    source = re.sub(r"[^a-z0-9]+", "_", (title or Path(form.file).stem).lower()).strip("_")[:40]
    return {
        "source_id": source or "source",
        "consent_scope": SCOPES[0],
        "legal_basis": BASES[0],
        "respondent": "person",
    }


_ABOUT = {
    "case_code": "a code of each record, never a name; 'numbered' under [same_for_all] numbers the rows; "
    "_uuid stands also for KEY, instanceID and __id, as ODK and SurveyCTO call it",
    "source_id": "the organisation that collected the records",
    "consent": "`yes` for who agreed to take part; records without it are not brought in",
    "consent_scope": f"what people agreed to, of {', '.join(SCOPES)}, one or more; tables need published_tables",
    "legal_basis": f"one of {', '.join(BASES)}",
    "country_code": "the country of the interview, ISO alpha-3",
    "site": "the place of the interview, no finer than a town",
    "interview_year": "the year; of a date the year is taken",
    "respondent": "who gave the information: person, or of the common interview {}; or a code of your own",
}


def _about(name: str) -> str:
    """What an item is, with the codes that it may have."""
    return _ABOUT[name].format(", ".join(row["name"] for row in common_form().lists["respondent"]))


def _written(
    columns: Mapping[str, str], answers: Mapping[str, Mapping[str, str]], same: Mapping[str, str], left: Iterable[str]
) -> Iterator[str]:
    """The file, item by item, each with what it is."""
    yield "# Where exports have what each record needs. Drafted from the form: read it, and correct it.\n\n[columns]\n"
    for name, column in columns.items():
        yield f"{name} = {_text(column)}  # guessed; {_about(name)}\n"
    yield "\n[same_for_all]\n"
    for name, value in same.items():
        yield f"{name} = {_text(value)}  # {_about(name)}\n"
    for name in left:
        yield f'# {name} = "…"  # not found in the form: {_about(name)}; say it here or under [columns]\n'
    for name, meanings in answers.items():
        if meanings:
            yield f"\n[answers.{name}]\n"
            yield from (f"{_text(answer)} = {_text(code)}\n" for answer, code in meanings.items())


def _text(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
    return f'"{escaped}"'
