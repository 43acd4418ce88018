"""What organisations answered to the questionnaire, and which professional profile fills which role where."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from research_lib.compare import roles
from research_lib.compare.survey import OPTIONS
from research_lib.evidence.study import Study
from research_lib.evidence.vocabulary.common_codes import UNANSWERED
from research_lib.show.pages.shared.cards import written_lines
from research_lib.show.words import Words

SHOWN = ("a3", "b2", "b3", "b4", "c1", "c3", "c5", "c6")


@dataclass(frozen=True)
class Answer:
    """One respondent's square under one option: `yes`, `other` (chose otherwise), `unanswered`, or `not_reported`."""

    respondent: str
    country: str
    state: str


@dataclass(frozen=True)
class Question:
    """One closed question: its options, each with a square for every respondent."""

    title: str
    options: tuple[tuple[str, tuple[Answer, ...]], ...]


@dataclass(frozen=True)
class Filling:
    """One profile in one partnership: how sure it is documented, and the roles that it fills."""

    partnership: str
    documented: str
    roles: tuple[str, ...]


def respondents(study: Study) -> pd.DataFrame:
    """Give the organisations that answered the survey, country by country."""
    table = study["organisations"]
    rank = {code: place for place, code in enumerate(study.countries)}
    return table[table["is_respondent"]].sort_values("country_code", key=lambda codes: codes.map(rank), kind="stable")


def questions(study: Study, words: Words) -> Iterator[Question]:
    """Give the closed questions, each with a square for every respondent under each option."""
    answers, asked = study["survey_answers"], list(respondents(study).itertuples())
    for code in SHOWN:
        rows = answers[answers["question"] == code]
        chosen = {key: set(group) for key, group in rows.dropna(subset=["answer"]).groupby("organisation_id")["answer"]}
        options = tuple(
            (
                words(f"option.{code}.{option}"),
                tuple(Answer(who.name, who.country_code, _state(option, chosen.get(who.id, set()))) for who in asked),
            )
            for option in OPTIONS[code]
        )
        yield Question(words(f"question.{code}"), options)


def _state(option: str, chosen: set[str]) -> str:
    if option in chosen:
        return "yes"
    return "unanswered" if UNANSWERED in chosen else "other" if chosen else "not_reported"


def role_matrix(study: Study, words: Words) -> Iterator[tuple[str, str, tuple[Filling, ...]]]:
    """Give each documented profile, its name, and how each partnership fills it."""
    documented = study["documented_profiles"].set_index(["professional_profile_id", "partnership_id"])["documented"]
    table = roles.fillings(study)
    named = {row.id: words.of(row, "name") for row in study["roles"].itertuples()}
    table = table.drop_duplicates(["role_id", "documented_id"])
    filled = {
        key: tuple(rows["role_id"].map(named)) for key, rows in table.groupby(["documented_id", "partnership_id"])
    }
    for row in study["professional_profiles"].query("kind == 'documented'").itertuples():
        cells = tuple(
            Filling(key, documented.get((row.id, key), ""), filled.get((row.id, key), ()))
            for key in study["partnerships"]["id"]
        )
        yield row.id, words.of(row, "name"), cells


def stated_answers(study: Study, words: Words) -> list[tuple[str, str, str, str]]:
    """Every answer that the sources state, in the order of the questions."""
    names = study["organisations"].set_index("id")["name"]
    return [
        (names[row.organisation_id], row.question.upper(), _answer(row, words), written_lines(row.lines, words))
        for row in study["survey_answers"].itertuples()
    ]


def _answer(row: Any, words: Words) -> str:
    chosen = ""
    if row.answer == UNANSWERED:
        chosen = words("networks.square_unanswered")
    elif pd.notna(row.answer):
        known = row.question in SHOWN and row.answer in OPTIONS[row.question]
        chosen = words(f"option.{row.question}.{row.answer}") if known else row.answer
    text = words.of(row, "text")
    return " – ".join(part for part in (chosen, text) if isinstance(part, str) and part)
