"""What each record needs and a form of others asks under other names, or not at all: `instruments/mapping.toml`.

The file says of each such item which column of an export holds it, what its answers mean, or what is the same for all
records. It is drafted from a form; people correct it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

import pandas as pd
from babel import Locale

from research_lib.errors import Problem, ResearchError, quoted
from research_lib.files.saving import save_files
from research_lib.files.toml_files import read_toml
from research_lib.interviews.answers.answer_columns import AnswersError
from research_lib.interviews.answers.export_tables import Table
from research_lib.interviews.answers.form_questions import places, questions_of
from research_lib.interviews.cases import ADMINISTRATION, BASES, KEPT_APART, SCOPES
from research_lib.interviews.forms.form_reading import read_form
from research_lib.interviews.forms.form_rows import SELECTS, Form, Row
from research_lib.interviews.xlsform import INTERVIEW, own_forms

NEEDED = (*KEPT_APART, *ADMINISTRATION)
FILE = "instruments/mapping.toml"
_TABLES = ("columns", "answers", "same_for_all", "rename")
_MARK = "mapped"
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_ID = re.compile(r"\d{1,12}")
_YES = re.compile(r"(yes|y|1|oui|o|si|sì|sí|áno|ano|true|agree\w*|accept\w*|是|同意)\Z", re.IGNORECASE)
_NO = re.compile(r"(no|n|0|2|non|nie|false|refus\w*|disagree\w*|declin\w*|否|不同意)\Z", re.IGNORECASE)
_NAMED = {
    "consent": re.compile(r"consent|consenso|consentement|agree|accord|súhlas|同意", re.IGNORECASE),
    "country_code": re.compile(
        r"(?<![a-z])(country|pays|paese|pais|krajina|admin_?0|adm0|state_country)", re.IGNORECASE
    ),
    "site": re.compile(
        r"(?<![a-z])(site|location|city|town|village|camp|district|commune|place|lieu|ville|località|comune|miesto)",
        re.IGNORECASE,
    ),
    "interview_year": re.compile(r"interview|survey|visit|collection|assessment|enquête|intervista", re.IGNORECASE),
}
# What servers call their own columns of the same kind.
_ALSO = {
    "_uuid": ("_uuid", "instanceID", "KEY", "__id", "_id"),
    "_submission_time": ("_submission_time", "SubmissionDate", "today", "start", "starttime"),
}
_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class RecordMapping:
    """Where exports have what each record needs.

    `columns`: the question or column that holds it. `answers`: what its answers are called here. `same_for_all`: what
    is not asked, because it is the same for all records. `rename`: columns of an export that are another question of
    the form. `file` is where it is written.
    """

    columns: Mapping[str, str] = _NOTHING
    answers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    same_for_all: Mapping[str, str] = _NOTHING
    rename: Mapping[str, str] = _NOTHING
    file: str = FILE

    def __post_init__(self) -> None:
        """Refuse what is not one of the items that records need, or is said twice."""
        for name in (*self.columns, *self.same_for_all, *self.answers):
            if name not in NEEDED:
                raise ResearchError(f"{self.file}: {quoted(name)} is not one of {', '.join(NEEDED)}; correct the name")
        if both := set(self.columns) & set(self.same_for_all):
            raise ResearchError(f"{self.file}: {min(both)!r} is in `columns` and in `same_for_all`; keep one")

    @property
    def names(self) -> tuple[str, ...]:
        """The items that it gives."""
        return tuple(name for name in NEEDED if name in self.columns or name in self.same_for_all)

    def with_changes(self, same_for_all: Mapping[str, str], rename: Mapping[str, str]) -> "RecordMapping":
        """Give the mapping with what one import says differently."""
        columns = {name: column for name, column in self.columns.items() if name not in same_for_all}
        own = {**self.same_for_all, **same_for_all}
        return replace(self, columns=columns, same_for_all=own, rename={**self.rename, **rename})

    def complete(self, form: Form) -> Form:
        """Give the form with a question for each item, in a group before its own; a namesake is kept apart."""
        if not self.names:
            return form
        cells: list[dict[str, str]] = [{"type": "begin_group", "name": "admin"}]
        cells += [{"type": "text", "name": name} for name in self.names]
        added = [Row(self.file, 0, each, _header(each["name"])) for each in cells] + [
            Row(self.file, 0, {"type": "end_group"})
        ]
        return replace(form, survey=(*added, *map(self._apart, form.survey)))

    def _apart(self, row: Row) -> Row:
        name = row["name"]
        if name not in self.names or row.kind.startswith(("begin", "end")):
            return row
        return replace(row, cells={**row.cells, "name": f"{name}_asked"}, header=row.header or name)

    def add(self, tables: Iterable[Table], form: Form) -> list[Table]:
        """Give the tables of records with a column for each item.

        `form` is the form as it was used. Raises AnswersError where a column is not there or an answer has no meaning.
        """
        headers = {header: place.question for header, place in places(questions_of(form).values()).items() if place}
        added, problems = list[Table](), list[Problem]()
        for table in map(self._renamed, tables):
            frame = table.frame
            if not table.is_repeat:
                given = {_header(name): self._cells(name, table, headers, problems) for name in self.names}
                frame = frame.assign(**given)
            added.append(replace(table, frame=frame))
        if problems:
            raise AnswersError(problems)
        return added

    def _renamed(self, table: Table) -> Table:
        return replace(table, frame=table.frame.rename(columns=dict(self.rename)))

    def _cells(self, name: str, table: Table, headers: Mapping[str, str], problems: list[Problem]) -> pd.Series:
        if name in self.same_for_all:
            return pd.Series(self.same_for_all[name], index=table.frame.index, dtype=object)
        wanted = self.columns[name]
        found = [header for header in table.frame if header == wanted or headers.get(header) == wanted]
        header = next(filter(None, (*found, *map(table.own, _ALSO.get(wanted, (wanted,))))), "")
        if not header:
            reason = f"no column is {quoted(wanted)}, as {self.file} says; correct it there, or say --set {name}=…"
            problems.append(Problem(table.file, 1, name, reason))
            return pd.Series("", index=table.frame.index, dtype=object)
        cells = table.frame[header].astype(object).fillna("").astype(str).str.strip()
        return self._meant(name, table.file, header, cells, problems)

    def _meant(self, name: str, file: str, header: str, cells: pd.Series, problems: list[Problem]) -> pd.Series:
        """Each cell as the code that it stands for; an answer that has none is a problem, said once."""
        answers = self.answers.get(name, {})
        codes = {cell: answers.get(cell, "") or _code(name, cell) for cell in cells.unique()}
        for cell in [cell for cell, code in codes.items() if not code]:
            line = int(cells.index[cells == cell][0])
            what = quoted(cell) if cell else "an empty cell"
            reason = f"{what} is no {name}; write under [answers.{name}] of {self.file} what it means"
            problems.append(Problem(file, line, header, reason))
        return cells.map(codes)


def _header(name: str) -> str:
    return f"{_MARK} {name}"


def _code(name: str, cell: str) -> str:
    """What an answer means that the mapping does not name, or nothing."""
    if name == "consent":
        return "yes" if _YES.match(cell) else "no"
    if name == "interview_year":
        found = _YEAR.search(cell)
        return found[0] if found else ""
    if name == "case_code":
        return f"id{int(cell):06d}" if _ID.fullmatch(cell) else cell.lower().removeprefix("uuid:")
    if name in ("site", "respondent", "source_id"):
        return re.sub(r"\W+", "_", cell.lower(), flags=re.ASCII).strip("_")
    return cell


def read_mapping(folder: Path) -> RecordMapping:
    """Read the mapping of a study, an empty one where it has none; raises ResearchError naming the place."""
    path = folder / FILE
    if not path.exists():
        return RecordMapping()
    found = read_toml(path)
    if strange := [name for name in found if name not in _TABLES]:
        raise ResearchError(f"{path}: {quoted(strange[0])} is not one of {', '.join(_TABLES)}; correct the name")
    for name in _TABLES:
        entries = found.get(name, {})
        values = [each for entry in entries.values() for each in (entry.values() if name == "answers" else (entry,))]
        if not isinstance(entries, dict) or not all(isinstance(each, str) for each in values):
            raise ResearchError(
                f"{path}: [{name}] has something that is not a text in quotation marks; write it as one"
            )
    return RecordMapping(**found, file=str(path))


def adopt_form(folder: Path, path: Path) -> tuple[Form, "Draft"]:
    """Take a form as the instrument of a study, as it is, with a drafted mapping beside it.

    Raises FormError where the file is no form, ResearchError where the study has an instrument already, SavingError.
    """
    form = read_form(path)
    draft = draft_mapping(form)
    if there := [each for each in own_forms(folder) if each.stem == INTERVIEW]:
        raise ResearchError(f"{there[0]}: the study has an instrument already; move it elsewhere first")
    contents: dict[str, str | bytes | None] = {
        f"{INTERVIEW}{path.suffix.lower()}": path.read_bytes(),
        Path(FILE).name: draft.text,
    }
    (folder / "instruments").mkdir(exist_ok=True)
    save_files(folder / "instruments", contents, private=False)
    return form, draft


# ---- the draft


@dataclass(frozen=True)
class Draft:
    """A drafted mapping: the text of its file, what was guessed, and what nobody can guess."""

    text: str
    guessed: tuple[str, ...]
    open: tuple[str, ...]


def draft_mapping(form: Form) -> Draft:
    """Draft the mapping of a form by looking at it: which question is the country, the consent, the place, the date."""
    there = {row["name"] for row in form.survey}
    columns, answers = dict[str, str](), dict[str, dict[str, str]]()
    for name, (question, meanings) in _guesses(form).items():
        if name not in there or meanings:
            columns[name], answers[name] = question, meanings
    same = {name: value for name, value in _same_for_all(form).items() if name not in there and name not in columns}
    left = [name for name in NEEDED if name not in there and name not in columns and name not in same]
    guessed = [f"{name}: the column {column!r}" for name, column in columns.items()]
    guessed += [f"{name}: {value!r} for all records" for name, value in same.items()]
    return Draft("".join(_written(columns, answers, same, left)), tuple(guessed), tuple(left))


def _guesses(form: Form) -> dict[str, tuple[str, dict[str, str]]]:
    """Of each item the question that seems to hold it, and what its choices seem to mean."""
    found: dict[str, tuple[str, dict[str, str]]] = {"case_code": ("_uuid", {})}
    names = _country_names()
    for item in form.placed():
        row = item.row
        choices = form.lists.get(row.list_name, ()) if row.kind in SELECTS else ()
        repeated = any(group.kind == "begin_repeat" for group in item.groups)
        if repeated or not row["name"] or not item.is_question:
            continue
        if _is_named("country_code", row) and (meanings := _meanings(choices, names)) and "country_code" not in found:
            found["country_code"] = row["name"], meanings
        if _is_named("consent", row) and (row.kind in ("select_one", "acknowledge")):
            found.setdefault("consent", (row["name"], _consent_meanings(choices)))
        if row.kind == "select_one" and _is_named("site", row):
            found.setdefault("site", (row["name"], {}))
        if row.kind in ("today", "start") or (row.kind == "date" and _NAMED["interview_year"].search(row["name"])):
            found.setdefault("interview_year", (row["name"], {}))
    return {"interview_year": ("_submission_time", {}), **found}


def _is_named(name: str, row: Row) -> bool:
    labels = (text for column, text in row.cells.items() if column.partition("::")[0] == "label")
    return bool(_NAMED[name].search(row["name"]) or (name == "consent" and any(map(_NAMED[name].search, labels))))


def _meanings(choices: Iterable[Row], names: Mapping[str, str]) -> dict[str, str]:
    """The country of each choice, where most are countries."""
    rows = list(choices)
    found = {}
    for row in rows:
        texts = [row["name"], *(text for column, text in row.cells.items() if column.partition("::")[0] == "label")]
        code = next((names[text.casefold()] for text in texts if text.casefold() in names), "")
        if code:
            found[row["name"]] = code
    return found if rows and len(found) * 2 >= len(rows) else {}


def _country_names() -> dict[str, str]:
    """The ISO alpha-3 code of each country by its codes and its names in the languages of the questionnaires."""
    codes = {two: three for two, three in _iso_codes() if two and three}
    names = {two.casefold(): three for two, three in codes.items()} | {
        three.casefold(): three for three in codes.values()
    }
    for language in ("en", "fr", "it", "es", "sk", "zh"):
        territories = Locale.parse(language).territories
        names |= {name.casefold(): codes[code] for code, name in territories.items() if code in codes}
    return names


def _iso_codes() -> Iterator[tuple[str, str]]:
    from babel.core import get_global

    aliases = get_global("territory_aliases")
    codes = ((two[0], three) for three, two in aliases.items() if re.fullmatch("[A-Z]{3}", three) and len(two) == 1)
    yield from ((two, three) for two, three in codes if three != "FXX")


def _consent_meanings(choices: Iterable[Row]) -> dict[str, str]:
    found = {}
    for row in choices:
        texts = [row["name"], *(text for column, text in row.cells.items() if column.partition("::")[0] == "label")]
        is_yes = any(_YES.match(text) for text in texts) and not _NO.match(row["name"])
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
    "case_code": "a code of each record, random or numbered; never a name",
    "source_id": "the organisation that collected the records",
    "consent": "`yes` for who agreed to take part; records without it are not brought in",
    "consent_scope": f"what people agreed to, of {', '.join(SCOPES)}; tables need published_tables",
    "legal_basis": f"one of {', '.join(BASES)}",
    "country_code": "the country of the interview, ISO alpha-3",
    "site": "the place of the interview, no finer than a town",
    "interview_year": "the year; of a date the year is taken",
    "respondent": "who gave the information",
}


def _written(
    columns: Mapping[str, str], answers: Mapping[str, Mapping[str, str]], same: Mapping[str, str], left: Iterable[str]
) -> Iterator[str]:
    """The file, item by item, each with what it is."""
    yield "# Where exports have what each record needs. Drafted from the form: read it, and correct it.\n\n[columns]\n"
    for name, column in columns.items():
        yield f"{name} = {_text(column)}  # guessed; {_ABOUT[name]}\n"
    yield "\n[same_for_all]\n"
    for name, value in same.items():
        yield f"{name} = {_text(value)}  # {_ABOUT[name]}\n"
    for name in left:
        yield f'# {name} = "…"  # not found in the form: {_ABOUT[name]}; say it here or under [columns]\n'
    for name, meanings in answers.items():
        if meanings:
            yield f"\n[answers.{name}]\n"
            yield from (f"{_text(answer)} = {_text(code)}\n" for answer, code in meanings.items())


def _text(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
    return f'"{escaped}"'
