"""Answers of organisations to the questionnaire on networking become rows of the table `survey_answers`."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from research_lib.compare.survey import UNANSWERED
from research_lib.errors import StudyError
from research_lib.evidence.cases import MISSING, Variable, columns_of
from research_lib.evidence.skips import asked
from research_lib.evidence.study import Study
from research_lib.exchange.answers.form import Question, questions
from research_lib.exchange.kobo import Imported
from research_lib.exchange.xlsform import read_form

FORM = "instruments/networks.csv"
_COLUMNS = ("id", "organisation_id", "question", "answer", "text", "text_fr", "source", "lines")
_PLAIN = re.compile(r"_(details|gate)\Z")
_DK, _SHARE = ("dk", "refused"), 0.45


def survey_rows(imported: Imported, source: str) -> pd.DataFrame:
    """Turn imported questionnaires into rows of `survey_answers`.

    The organisation is the questionnaire's `source_id`; `source` is the reference that every row gets. Several ticks
    are several rows; a question that was put and left open, not known or refused is `not-answered`; one that the skip
    logic did not put has no row. Texts behind a question stand in rows of their own.
    """
    frame = imported.cases.frame
    who = dict(zip(frame["case_id"], frame["source_id"], strict=True))
    rows = [row for variable in imported.cases.variables for row in _chosen(frame, variable)]
    rows += [
        (who[case], _PLAIN.sub("", name), "", text) for case, name, text in imported.others.itertuples(index=False)
    ]
    kept = [(who_, question.replace("_", "-"), answer, text) for who_, question, answer, text in rows]
    table = pd.DataFrame(kept, columns=["organisation_id", "question", "answer", "text"])
    table = table[~table["question"].isin(["remarks", "closing"])].drop_duplicates()
    numbers = table.groupby(["organisation_id", "question"]).cumcount() + 1
    ids = "a-" + table["organisation_id"] + "-" + table["question"] + "-" + numbers.map("{:02}".format)
    table = table.assign(id=ids, text_fr="", source=source, lines="").reindex(columns=_COLUMNS)
    return table.replace("", pd.NA).reset_index(drop=True)


def _chosen(frame: pd.DataFrame, variable: Variable) -> Iterator[tuple[str, str, str, str]]:
    if _PLAIN.search(variable.name):
        return
    for column, choice in zip(
        columns_of(variable), variable.choices if variable.kind == "many" else ("",), strict=False
    ):
        for who, value in zip(frame["source_id"], frame[column], strict=True):
            if value == "not_applicable":
                continue
            if value in MISSING:
                yield who, variable.name, UNANSWERED, ""
            elif variable.kind == "one":
                yield who, variable.name, value, ""
            elif value == "yes":
                yield who, variable.name, choice, ""


def add_answers(study: Study, rows: pd.DataFrame) -> Path:
    """Write rows into a study's `survey_answers`, beside what is there.

    Raises StudyError, writing nothing, where an organisation is not in the study or an answer stands there already.
    """
    path = study.path / "tables/survey_answers.csv"
    if lost := sorted(set(rows["organisation_id"]) - set(study["organisations"]["id"])):
        raise StudyError(f"{study.path} has no organisation {lost[0]!r}; add it to tables/organisations.csv first")
    there = pd.read_csv(path, dtype="str", keep_default_na=False)
    if twice := sorted(set(rows["id"]) & set(there["id"])):
        raise StudyError(f"{path} has {twice[0]!r} already; these questionnaires were brought in before")
    pd.concat([there, rows]).to_csv(path, index=False, lineterminator="\n", encoding="utf-8")
    return path


def simulated_export(data: Path, homes: dict[str, str], *, seed: int = 1) -> pd.DataFrame:
    """Make up one questionnaire for each organisation, as KoBoToolbox would export it: synthetic, nobody answered.

    `homes`: the country of each organisation. Choices are drawn at random, question by question as the form's skip
    logic puts them; free texts say that they are synthetic.
    """
    form, rng = read_form(data / FORM), np.random.default_rng(seed)
    answers: dict[str, np.ndarray] = {}
    size = len(homes)
    for question in (each for each in questions(form).values() if each.kind != "note"):
        found = asked([question.as_variable()], answers.get, pd.RangeIndex(size))[question.name].to_numpy()
        drawn = np.array([_draw(question, rng) for _ in range(size)], dtype=object)
        answers[question.name] = np.where(found, _fixed(question.name, homes, drawn), "")
    return pd.DataFrame(answers)


def _fixed(name: str, homes: dict[str, str], drawn: np.ndarray) -> np.ndarray:
    size = len(homes)
    fixed = {
        "case_code": [f"zz{number:04}" for number in range(1, size + 1)],
        "source_id": list(homes),
        "country_code": list(homes.values()),
        "consent": ["yes"] * size,
        "consent_scope": ["this_study published_tables"] * size,
    }
    return np.array(fixed[name], dtype=object) if name in fixed else drawn


def _draw(question: Question, rng: np.random.Generator) -> str:
    if question.kind == "text":
        return "synthetic text"
    chosen = [choice for choice in question.choices if choice not in _DK]
    if question.kind == "one":
        return str(rng.choice(chosen))
    ticked = [choice for choice in chosen if choice != "none" and rng.random() < _SHARE]
    return " ".join(ticked or chosen[:1])
