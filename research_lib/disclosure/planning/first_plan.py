"""A first plan and policy, written from the variables of a study's cases, to read and change."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from research_lib.disclosure.counted_release import form_values
from research_lib.disclosure.planning.plan import COLUMN, PERSONS, RECORDS, Plan, PlanError, PlannedTable
from research_lib.disclosure.planning.policy import Policy
from research_lib.disclosure.suppression_report import few_sources
from research_lib.errors import ResearchError
from research_lib.files.locking import locked
from research_lib.files.saving import save_files
from research_lib.interviews.case_files import read_cases
from research_lib.interviews.cases import ADMINISTRATION, FIXED, Cases, Variable
from research_lib.missing_answers import MISSING

MOST_TABLES, FEWEST_ANSWERS, FEW_ANSWERS, MOST_ANSWERS = 12, 2, 8, 12
_LONGEST_NAME, _FEWEST_DECIDED = 90, 3
_GATE = re.compile(r"consent|consens|(^|_)gate(_|$)")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_OFFICE = re.compile(
    r"(^|_)(enum\w*|interviewer|surveyor|supervisor|enqueteur|enquetrice|encuestador\w*|intervistat\w+)(_|$)"
    r"|^adm(in)?_?\d|(^|_)(cluster|hexagon|psu|stratum|strata|modality|instance|version|index|uuid|id)(_|\d|$)"
)
_WHO_ASKED = re.compile(
    r"\b(enumerator|interviewer|surveyor)s?\b|enquêt(eur|rice)|encuestador|intervistat", re.IGNORECASE
)
_SHORT_LABEL = 60
_FIRST_PLAN = """\
# A first plan: questions with one answer, by country; at most {most}, those that most records answered, of 2 to 8
# answers first. Read it before you release anything. Take out the tables that nobody needs: fewer tables hide fewer
# counts. All questions are sensitive here, which is the safe choice; take out of the list those of which everybody may
# know that a whole group answered alike.
# counts: what the tables count and the rules protect, "persons" where the records say who is who, or "records".
"""
_LEFT_OUT = """
# The questions that are left out. To add one, copy a table above, give it another name (small letters, digits, _ and
# -), write the question in the place of the other one, and add it to sensitive.
"""


class PlanThereError(ResearchError):
    """A study has a plan or a policy already."""


@dataclass(frozen=True)
class FirstPlan:
    """Where a first plan and policy are; how many tables it has, how many questions it leaves out, and a warning."""

    plan: Path
    policy: Path
    tables: int
    left_out: int
    warning: str


def write_first_plan(folder: Path) -> FirstPlan:
    """Write `release/plan.toml` and `release/policy.toml` of a study from the variables of its cases.

    Raises PlanThereError where one of them is there already, PlanError where the cases have no question that the usual
    policy lets out, and what `read_cases` raises; then nothing is written.
    """
    plan, policy = folder / "release/plan.toml", folder / "release/policy.toml"
    if there := [path for path in (plan, policy) if path.exists(follow_symlinks=False)]:
        raise PlanThereError(f"{there[0]} is there already; change it, or rename it to have a first one written")
    cases, usual = read_cases(folder / "cases"), _usual()
    first = first_plan(cases)
    others = [f"# {name}: {reason}" for name, reason in left_out(cases, first)]
    added = [_LEFT_OUT + "\n".join(others) + "\n"] if others else []
    contents = {
        "release/plan.toml": "".join([_FIRST_PLAN.format(most=MOST_TABLES), first.to_toml(), *added]),
        "release/policy.toml": usual.to_toml(),
    }
    with locked(folder):
        save_files(folder, contents, private=False)
    warning = few_sources(cases.frame["source_id"].nunique(), usual)
    return FirstPlan(plan, policy, len(first.tables), len(others), warning)


def first_plan(cases: Cases) -> Plan:
    """Plan a table by country of each question with one answer that suits; all questions count as sensitive.

    These are at most 12, those that most records answered, of 2 to 12 answers (more than 8 count half), without those
    that only decide what else is asked, or are about who asked and where the record belongs. It counts persons where
    the cases say who is who, and records where each has its own case_id as its person_id. Leaves out what the usual
    policy does not let out; raises PlanError where nothing is left.
    """
    allowed = [each.name for each in cases.variables if _is_asked(each) and not _refused(each, cases)]
    if not allowed:
        raise PlanError("these cases have no question with one answer that the usual policy lets out; write a plan")
    suited = [name for name in allowed if not _unsuited(cases[name], cases)] or allowed
    most = set(sorted(suited, key=lambda name: -_worth(cases[name], cases))[:MOST_TABLES])
    chosen = [name for name in suited if name in most]
    tables = tuple(
        PlannedTable(table, ("country_code", name), keeps_missing_apart=True)
        for table, name in zip(table_names(chosen), chosen, strict=True)
    )
    knows_persons = bool((cases.frame["person_id"] != cases.frame["case_id"]).any())
    return Plan(tables, tuple(chosen), counts=PERSONS if knows_persons else RECORDS)


def table_names(questions: Iterable[str]) -> list[str]:
    """Make the names of tables from those of questions: small letters, digits, _ and -, numbered where two meet."""
    names = list[str]()
    for question in questions:
        plain = name = re.sub(r"[^a-z0-9_-]", "_", question.casefold())[:_LONGEST_NAME]
        number = 1
        while name in names:
            number += 1
            name = f"{plain}-{number}"
        names.append(name)
    return names


def left_out(cases: Cases, plan: Plan) -> Iterator[tuple[str, str]]:
    """Give each question that a first plan has not, and why."""
    records = len(cases.frame)
    for each in cases.variables:
        if each.name in FIXED or each.name in plan.variables:
            continue
        if each.kind == "many":
            yield each.name, f"several answers; each of them is a question of its own, such as {each.name}__its_code"
        elif reason := _refused(each, cases) or _unsuited(each, cases):
            yield each.name, reason
        else:
            yield each.name, f"{_answered(each.name, cases):,} of {records:,} records have an answer"


def _is_asked(variable: Variable) -> bool:
    return variable.kind == "one" and variable.name not in FIXED


def _answered(name: str, cases: Cases) -> int:
    return int((~cases.frame[name].isin(MISSING)).sum())


def _worth(variable: Variable, cases: Cases) -> float:
    """How many records answered a question; of one with many answers half, since each then counts fewer."""
    return _answered(variable.name, cases) / (2 if len(variable.choices) > FEW_ANSWERS else 1)


def _unsuited(variable: Variable, cases: Cases) -> str:
    """Why a question is not proposed, though the policy lets it out; empty where it is."""
    if _is_gate(variable, cases.variables):
        return "it decides whether other questions are asked"
    if not FEWEST_ANSWERS <= len(variable.choices) <= MOST_ANSWERS:
        return f"{len(variable.choices):,} codes; take codes together with [coarser.a_name]"
    if _is_of_office(variable):
        return "it is about who asked, or where the record belongs"
    counts = cases.frame[variable.name][~cases.frame[variable.name].isin(MISSING)].value_counts()
    fewest, others = _usual().persons, int(counts.iloc[1:].sum())
    if counts.empty:
        return "no record has an answer"
    if not others:
        return "all records that answered it gave the same answer"
    return f"fewer than {fewest} records have another answer than {counts.index[0]!r}" if others < fewest else ""


def _is_of_office(variable: Variable) -> bool:
    """Whether a question is about the interviewer, or says to which part of the sample a record belongs."""
    labels = [label for label in variable.labels.values() if len(label) <= _SHORT_LABEL]
    return bool(_OFFICE.search(_CAMEL.sub("_", variable.name).casefold())) or any(map(_WHO_ASKED.search, labels))


def _is_gate(variable: Variable, variables: tuple[Variable, ...]) -> bool:
    """Whether a question is about consent, or decides whether half of the others are asked."""
    if _GATE.search(variable.name.casefold()):
        return True
    mention = re.compile(rf"\$\{{\s*{re.escape(variable.name)}\s*\}}")
    decided = sum(bool(mention.search(each.relevant)) for each in variables)
    return decided >= max(_FEWEST_DECIDED, len(variables) / 2)


@cache
def _usual() -> Policy:
    return Policy.read()


def _refused(variable: Variable, cases: Cases) -> str:
    """Why the usual policy, or a plan, does not take a question; empty where both do."""
    name = variable.name
    if not COLUMN.fullmatch(name):
        return "its name has other signs than letters without accents, digits, _, . and -"
    if [column.casefold() for column in cases.frame].count(name.casefold()) > 1:
        return "another column differs from it in capitals only"
    plan = Plan((PlannedTable("", ("country_code", name), keeps_missing_apart=True),), (name,))
    values = dict.fromkeys(ADMINISTRATION, ()) | form_values(cases, plan)
    try:
        plan.check(_usual(), values, values)
    except PlanError as error:
        return str(error).removeprefix("table : ")
    return ""
