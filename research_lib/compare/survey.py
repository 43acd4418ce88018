"""What organisations answered to the questionnaire on networking: counts by question, option and country.

With eighteen respondents, chosen by the partners, counts describe those who answered and nobody else: no shares, no
intervals.
"""

from collections.abc import Mapping
from itertools import product

import pandas as pd

from research_lib.errors import ResearchError
from research_lib.evidence.vocabulary.common_codes import CODES, UNANSWERED

OPTIONS: Mapping[str, tuple[str, ...]] = {
    "a3": ("first-contact", "assistance", "vocational", "training", "research", "awareness", "lobbying"),
    "b1": ("yes", "no"),
    "b2": ("yes", "no"),
    "b3": ("ngo", "public-administration", "municipality", "regional-administration", "international", "other"),
    "b4": ("mandatory", "services", "information", "lobbying", "projects", "other"),
    "b7": ("yes", "no"),
    "b8": ("yes", "no"),
    "b9": ("yes", "no"),
    "c1": ("informal", "formalised"),
    "c3": ("municipality", "regional", "provincial", "national"),
    "c5": ("same-type", "multi-agency"),
    "c6": ("lead-and-partners", "rotating", "none", "other"),
    "c7": ("lead", "ngo", "public-administration", "municipality", "regional-administration", "private"),
    "c9": ("mandatory", "services", "information", "lobbying", "projects", "other"),
}


def counts(answers: pd.DataFrame, homes: Mapping[str, str]) -> pd.DataFrame:
    """Count who chose each option of each closed question, by country.

    `answers`: organisation_id, question, answer. `homes`: the country of every respondent, also of those without an
    answer. One row a question, option and country: chosen, answered (respondents of whom an answer to the question is
    known), unanswered (who left it open), respondents. Raises ResearchError for an organisation without a country, and
    for an option that the question does not have.
    """
    if lost := sorted(set(answers["organisation_id"]) - set(homes)):
        raise ResearchError(f"the country of {lost[0]!r} is missing; add the organisation to tables/organisations.csv")
    for row in answers.dropna(subset=["answer"]).itertuples():
        known = OPTIONS.get(row.question)
        if known and row.answer not in (*known, UNANSWERED):
            raise ResearchError(f"{row.answer!r} is not an option of {row.question}; there are {', '.join(known)}")
    table = answers.assign(country_code=answers["organisation_id"].map(homes))
    respondents = pd.Series(list(homes.values())).value_counts()
    rows = []
    for question, options in ((name, OPTIONS[name]) for name in CODES["questions"] if name in OPTIONS):
        asked = table[table["question"] == question]
        for option, (country, total) in product(options, respondents.items()):
            own = asked[asked["country_code"] == country]
            kinds = [option], options, [UNANSWERED]
            people = (own.loc[own["answer"].isin(each), "organisation_id"].nunique() for each in kinds)
            rows.append((question, option, country, *people, int(total)))
    names = ["question", "option", "country_code", "chosen", "answered", "unanswered", "respondents"]
    return pd.DataFrame(rows, columns=names)


def wide(table: pd.DataFrame, question: str) -> pd.DataFrame:
    """Lay one question of `counts` out as options by countries, each cell `chosen/answered`.

    Raises ResearchError for a question that is not closed.
    """
    rows = table[table["question"] == question]
    if rows.empty:
        raise ResearchError(f"{question!r} is not a closed question; there are {', '.join(OPTIONS)}")
    cells = rows["chosen"].astype(str) + "/" + rows["answered"].astype(str)
    laid = rows.assign(cell=cells).pivot(index="option", columns="country_code", values="cell")
    return laid.reindex(OPTIONS[question]).rename_axis(columns=None)
