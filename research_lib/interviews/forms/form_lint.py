"""What a form must keep that pyxform does not ask for: each language, ways not to answer, consent, no identity.

Questions that would say who somebody is are known by their types, their names, and their words in seven languages.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from research_lib.errors import Problem, quoted
from research_lib.files.opening import package_data
from research_lib.files.toml_files import read_toml
from research_lib.interviews.forms.form_building import build_xform
from research_lib.interviews.forms.form_rows import (
    ALONE,
    BEGINNINGS,
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
    language_code,
)
from research_lib.interviews.skip_logic import DEEPEST, depth_of

EXPRESSIONS = ("relevant", "constraint", "calculation", "choice_filter", "default", "repeat_count")
_NAME, _CHOICE = re.compile(r"[a-z][a-z0-9_]*"), re.compile(r"[A-Za-z0-9_-]+")
_CONSENTED = re.compile(rf"\$\{{\s*{CONSENT}\s*\}}\s*=\s*['\"]yes['\"]")
_GATED = re.compile(rf"\$\{{\s*\w+{GATE}\s*\}}\s*=\s*['\"]answered['\"]")
_BRACKETS = re.compile(r"\([^()]*\)")
SAFE_TYPES = (
    *(*SELECTS, *BEGINNINGS, *ENDINGS, "note", "text", "integer", "decimal", "calculate"),
    *("range", "rank", "acknowledge", "trigger"),
)
IDENTIFYING_TYPES = frozenset(
    [
        *("geopoint", "geotrace", "geoshape", "start-geopoint", "background-geopoint", "gps", "location", "osm"),
        *("audio", "background-audio", "image", "photo", "video", "file", "barcode", "audit"),
        *("phonenumber", "username", "email", "deviceid", "imei", "subscriberid", "simserial"),
        *("date", "dateTime", "datetime", "time", "start", "end", "today"),
    ]
)
WORDS = read_toml(package_data("interviews", "forms/identifying_words.toml"))
_NAMES = frozenset(WORDS["names"]["all"].split())
_NAMED_NUMBERS = re.compile(
    r"(^|_)((case|registration|ration|file|dossier)_?(no|num|number|id|nr)"
    r"|(household|hh|family|respondent|beneficiary|refugee|individual|enum|enumerator|interviewer)_?(id|code))($|_)"
)
_HOW_MANY = re.compile(r"\b(how many|combien)\b", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_CLOCK = re.compile(r"\b(today|now)\s*\(")
_REFERENCE = re.compile(r"\$\{\s*([^\s{}]+)\s*\}")
# In a text of no named language, the French `ne … pas` is not the Slovak word for a passport.
_FRENCH_NOT = re.compile(r"\b(ne |n['’])([^.?!]{0,60}?)\bpas\b", re.IGNORECASE)
# Nor is the French `nombre de`, how many, the Spanish word for a name; what is counted is no text either.
_FRENCH_COUNT = re.compile(
    r"\bnombre (?=d['’]|total|moyen|de (?!los\b|las\b|sus\b|tus\b)\w+s\b)|\b(le|un|quel) nombre\b", re.IGNORECASE
)
_NAME_OR_COUNT = re.compile(r"\bnombre\b", re.IGNORECASE)
_COPIED = ("text", "calculate")
_ANONYMISE = ("anonymise", "anonymize")
_UNDIVIDED = "zh-Hans"  # the language that does not divide words
_KEEPS = re.compile(r"(|no|non|none|0|false|keep|default|(default[ -])?non?[ -]?anonymi[sz]ed?)\Z", re.IGNORECASE)


def _pattern(language: str) -> re.Pattern[str]:
    """What in the label of a question asks who somebody is, in a language."""
    words = "|".join([*WORDS["labels"][language], WORDS["label_words"]["everywhere"]])
    for name, several in WORDS["label_words"].items():
        words = words.replace(f"{{{name}}}", several)
    return re.compile(words if language == _UNDIVIDED else rf"\b({words})(?!\w)", re.IGNORECASE)


_PATTERNS = {language: _pattern(language) for language in WORDS["labels"]}


def lint(form: Form, *, allowed: Mapping[str, str] | None = None) -> list[Problem]:
    """List what is wrong in a whole form, in the order of its rows; an empty list means that it can be used.

    `allowed` names questions that may ask for what could identify a person, each with the reason; a reason that is
    blank allows nothing. Nothing is fixed.
    """
    placed = list(form.placed())
    problems = [
        *_refused(form),
        *_names(form),
        *(problem for row in (*form.survey, *form.choices) for problem in _translations(row, form.languages)),
        *(problem for item in placed for problem in _question(form, item)),
        *_choices(form),
        *(
            row.problem(column, f"brackets lie more than {DEEPEST} deep in one another; write it more simply")
            for row in form.survey
            for column in EXPRESSIONS
            if depth_of(row[column]) > DEEPEST
        ),
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
    elif (
        item.group not in OFFICE
        and row.kind in ("text", "integer", "decimal")
        and not any(_GATED.search(each["relevant"]) for each in (*item.groups, row))
    ):
        yield row.problem(
            "relevant", f"a question without choices needs a gate: `${{…{GATE}}} = 'answered'`, with dk and refused"
        )


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


def identifying_in(form: Form, *, allowed: Mapping[str, str]) -> Iterator[tuple[Row, str, str]]:
    """Give the questions of a form that could say who somebody is: the row, its column, and what stands there.

    `allowed` names questions that are left out, each with the reason. What a calculation copies from the text of
    such a question counts too.
    """
    copied = set[str]()
    for item in form.placed():
        row = item.row
        if item.is_question and not allowed.get(row["name"], "").strip():
            found = [*identifying(row)]
            if first := next((name for name in _REFERENCE.findall(row["calculation"]) if name in copied), ""):
                found.append(("calculation", f"it reads {first!r}, which could say it"))
            yield from ((row, *each) for each in found)
            if found and row.kind in _COPIED:
                copied.add(row["name"])


def identifying(row: Row) -> Iterator[tuple[str, str]]:
    """Say what in a question could identify a person: the column, and what stands there.

    Words of a label are looked for in the label's own language, and in all of them where no language is named.
    """
    if row.kind not in SAFE_TYPES:
        known = row.kind in IDENTIFYING_TYPES
        yield "type", f"the type {row.kind!r} {'' if known else 'is not known here and '}could identify a person"
    if says := next((row[column] for column in _ANONYMISE if not _KEEPS.match(row[column])), ""):
        yield "anonymise", f"the form's own column anonymise says {says!r}"
    if found := _NAMES & set(re.split(r"[_\d]+", row["name"].lower())):
        yield "name", f"the name says {min(found)!r}"
    elif number := _numbered(row):
        yield "name", f"the name says {number!r}"
    for column, text in row.cells.items():
        base, _, language = column.partition("::")
        if base == "label" and (word := _word_in(text, language_code(language), row.kind)):
            yield column, f"the label says {word!r}"
        if base in ("calculation", "default") and (clock := _CLOCK.search(text)):
            yield column, f"{clock[1]}() would keep the exact time"


def _numbered(row: Row) -> str:
    """The number of a person or a file that a question's name asks for; not how many there are."""
    found = _NAMED_NUMBERS.search(_CAMEL.sub("_", row["name"]).lower())
    counts = any(_HOW_MANY.search(text) for column, text in row.cells.items() if column.startswith("label"))
    return found[2] if found and not counts else ""


def _word_in(text: str, code: str, kind: str) -> str:
    text = _REFERENCE.sub(" ", text)
    if code in _PATTERNS:
        patterns = [_PATTERNS[code]]
    else:
        patterns, text = [*_PATTERNS.values()], _FRENCH_NOT.sub(r"\1\2", text)
        text = (_FRENCH_COUNT if kind == "text" else _NAME_OR_COUNT).sub(" ", text)
    return next((found[0].strip() for pattern in patterns if (found := pattern.search(text))), "")
