"""Answers of organisations to the questionnaire on networking become rows of the table `survey_answers`."""

import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd

from research_lib.errors import StudyError
from research_lib.evidence.bibliography import sources_table
from research_lib.evidence.references import parse_references
from research_lib.evidence.study import Study
from research_lib.evidence.table_reading import LARGEST
from research_lib.evidence.vocabulary.common_codes import CODES, UNANSWERED
from research_lib.files.locking import locked
from research_lib.files.opening import read_text
from research_lib.files.saving import finish_saving, save_files
from research_lib.files.spreadsheet import guarded, write_plain
from research_lib.interviews.answers.form_questions import Question, questions_of
from research_lib.interviews.answers_import import Imported
from research_lib.interviews.cases import MADE_UP, Variable, columns_of, may_be_published
from research_lib.interviews.skip_logic import applicable_as_written
from research_lib.interviews.xlsform import COMMON, read_form
from research_lib.missing_answers import MISSING

FORM = COMMON / "networks.csv"
_COLUMNS = ("id", "organisation_id", "question", "answer", "text", "text_fr", "source", "lines")
_TITLE = re.compile(rf"\W*{MADE_UP}(?![\w-])", re.IGNORECASE)
_DK, _SHARE, _ELSEWHERE = ("dk", "refused"), 0.45, "other_country"


def survey_rows(imported: Imported, source: str) -> pd.DataFrame:
    """Turn imported questionnaires into rows of `survey_answers`, of those that may be published.

    The organisation is the questionnaire's `source_id`; `source` is the reference that every row gets. Several ticks
    are several rows; a question that was put and left open, not known or refused is `not-answered`; one that the skip
    logic did not put has no row. Texts behind a question stand in rows of their own; what was withheld stays out, and
    so do questionnaires without consent to published tables. The table is opened in spreadsheets, so a text that one
    would compute has the guard of `evidence.spreadsheet` before it. Raises StudyError where an organisation answered
    in two questionnaires: the table has one respondent for each organisation.
    """
    frame = publishable(imported)
    for organisation, codes in frame.groupby("source_id", sort=True)["case_id"]:
        if len(codes) > 1:
            several = f"the organisation {organisation!r} has {len(codes)} questionnaires ({', '.join(codes)})"
            raise StudyError(f"{several}; keep one, or correct the source_id of the others")
    who = dict(zip(frame["case_id"], frame["source_id"], strict=True))
    rows = [row for variable in imported.cases.variables for row in _chosen(frame, variable)]
    for case, name, text in imported.others.itertuples(index=False):
        if case in who and not name.endswith("_gate") and text not in (*_DK, "withheld"):
            rows.append((who[case], name.removesuffix("_details"), "", guarded(text)))
    kept = [(organisation, question.replace("_", "-"), answer, text) for organisation, question, answer, text in rows]
    table = pd.DataFrame(kept, columns=["organisation_id", "question", "answer", "text"])
    table = table[table["question"].isin(CODES["questions"])].drop_duplicates()
    numbers = table.groupby(["organisation_id", "question"]).cumcount() + 1
    ids = "a-" + table["organisation_id"] + "-" + table["question"] + "-" + numbers.map("{:02}".format)
    table = table.assign(id=ids, text_fr="", source=source, lines="").reindex(columns=_COLUMNS)
    return table.replace("", pd.NA).reset_index(drop=True)


def publishable(imported: Imported) -> pd.DataFrame:
    """Give the questionnaires whose organisation agreed that its answers be published."""
    return imported.cases.frame[may_be_published(imported.cases.frame)]


def _chosen(frame: pd.DataFrame, variable: Variable) -> Iterator[tuple[str, str, str, str]]:
    choices = variable.choices if variable.kind == "many" else ("",)
    for column, choice in zip(columns_of(variable), choices, strict=True):
        for who, value in zip(frame["source_id"], frame[column], strict=True):
            if value == "not_applicable":
                continue
            if value in MISSING:
                yield who, variable.name, UNANSWERED, ""
            elif variable.kind == "one":
                yield who, variable.name, value, ""
            elif value == "yes":
                yield who, variable.name, choice, ""


def add_answers(study: Study, imported: Imported, source: str) -> Path:
    """Write the rows of questionnaires into a study's `survey_answers`, beside what is there, whole or not at all.

    Raises StudyError, writing nothing, where an organisation or the source is not in the study, where an organisation
    has answers there already or two questionnaires, where the table is missing or cannot be read as it stands, and
    where the questionnaires are synthetic and the source is not, or the other way round. A source is synthetic where
    the first word of its title in sources.bib is Synthetic: this is the only mark that the table can bear.
    """
    rows = survey_rows(imported, source)
    path = study.path / "tables/survey_answers.csv"
    if not path.exists():
        raise StudyError(f"{path} is missing; add it with: research-lib upgrade {study.path}")
    if lost := sorted(set(rows["organisation_id"]) - set(study["organisations"]["id"])):
        raise StudyError(f"{study.path} has no organisation {lost[0]!r}; add it to tables/organisations.csv first")
    study.cite(source)  # refuses a source that is not in the study
    if len(rows) and (found := _objection_to(study, source, is_synthetic=imported.cases.is_synthetic)):
        raise StudyError(f"{study.path}: {found}")
    study["survey_answers"]  # refuses a table that cannot be read as it stands
    with locked(study.path):
        finish_saving(study.path)
        text = read_text(path, limit=LARGEST)
        there = pd.read_csv(StringIO(text), dtype="str", keep_default_na=False)
        if twice := sorted(set(rows["organisation_id"]) & set(there["organisation_id"])):
            reason = "its questionnaire was brought in before, or this is a second one; keep one"
            raise StudyError(f"{path} has answers of {twice[0]!r} already; {reason}")
        table = write_plain(pd.concat([there, rows]))
        save_files(study.path, {"tables/survey_answers.csv": table}, private=False)
    return path


def _objection_to(study: Study, source: str, *, is_synthetic: bool) -> str:
    """Why questionnaires do not fit a source, or nothing."""
    titles = {key.casefold(): title for key, title in sources_table(study.bibliography)[["id", "title"]].to_numpy()}
    keys = [reference.key for reference in parse_references(source)]
    marked = [bool(_TITLE.match(titles[key])) for key in keys]
    if is_synthetic and not (marked and all(marked)):
        reason = f"the questionnaires are synthetic, and the source {source!r} does not say so"
        return f"{reason}; name one whose title in sources.bib begins with the word {MADE_UP.capitalize()}"
    if not is_synthetic and (any(marked) or any(key.startswith(MADE_UP) for key in keys)):
        reason = f"the source {source!r} is synthetic, and the export does not say that its questionnaires are"
        return f"{reason}; name the source of real answers, or give the export a column SYNTHETIC with yes in each row"
    return ""


def simulated_export(homes: dict[str, str], *, seed: int = 1) -> pd.DataFrame:
    """Make up one questionnaire for each organisation, as KoBoToolbox would export it: synthetic, nobody answered.

    `homes`: the country of each organisation. Choices are drawn at random, question by question as the form's skip
    logic puts them; free texts say that they are synthetic, and so does the column SYNTHETIC of every row. A country
    that the form does not list is `other_country`.
    """
    questions, rng, size = questions_of(read_form(FORM)), np.random.default_rng(seed), len(homes)
    countries = questions["country_code"].choices
    fixed = {
        "case_code": [f"zz{number:04}" for number in range(1, size + 1)],
        "source_id": list(homes),
        "country_code": [home if home in countries else _ELSEWHERE for home in homes.values()],
        "consent": ["yes"] * size,
        "consent_scope": ["this_study published_tables"] * size,
    }
    answers: dict[str, np.ndarray] = {}
    for name, question in questions.items():
        if question.kind != "note":
            asked = applicable_as_written({name: question.relevant}, answers.get, pd.RangeIndex(size))[name]
            drawn = [_draw(question, rng) for _ in homes]
            answers[name] = np.where(asked, np.array(fixed.get(name, drawn), dtype=object), "")
    return pd.DataFrame(answers).assign(SYNTHETIC="yes")


def _draw(question: Question, rng: np.random.Generator) -> str:
    if question.kind == "text":
        return "synthetic text"
    chosen = [choice for choice in question.choices if choice not in _DK]
    if question.kind == "one":
        return str(rng.choice(chosen))
    ticked = [choice for choice in chosen if choice != "none" and rng.random() < _SHARE]
    return " ".join(ticked or chosen[:1])
