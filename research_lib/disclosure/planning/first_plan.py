"""A first plan and policy, written from the variables of a study's cases, to read and change."""

from pathlib import Path

from research_lib.disclosure.planning.plan import PERSONS, RECORDS, Plan, PlanError, PlannedTable
from research_lib.disclosure.planning.policy import Policy
from research_lib.disclosure.variable_labels import form_values
from research_lib.errors import ResearchError
from research_lib.files.locking import locked
from research_lib.files.saving import save_files
from research_lib.interviews.case_files import read_cases
from research_lib.interviews.cases import ADMINISTRATION, FIXED, Cases

_FIRST_PLAN = """\
# A first plan: each question with one answer, by country. Read it before you release anything.
# Take out the tables that nobody needs: fewer tables hide fewer counts. All questions are sensitive here, which is the
# safe choice; take out of the list those of which everybody may know that a whole group answered alike.
# counts: what the tables count and the rules protect, "persons" where the records say who is who, or "records".
"""


class PlanThereError(ResearchError):
    """A study has a plan or a policy already."""


def write_first_plan(folder: Path) -> tuple[Path, Path]:
    """Write `release/plan.toml` and `release/policy.toml` of a study from the variables of its cases.

    Raises PlanThereError where one of them is there already, PlanError where the cases have no question that the usual
    policy lets out, and what `read_cases` raises; then nothing is written.
    """
    plan, policy = folder / "release/plan.toml", folder / "release/policy.toml"
    if there := [path for path in (plan, policy) if path.exists(follow_symlinks=False)]:
        raise PlanThereError(f"{there[0]} is there already; change it, or rename it to have a first one written")
    first = first_plan(read_cases(folder / "cases"))
    contents = {plan: _FIRST_PLAN + first.to_toml(), policy: Policy.read().to_toml()}
    with locked(folder):
        save_files(
            folder, {path.relative_to(folder).as_posix(): text for path, text in contents.items()}, private=False
        )
    return plan, policy


def first_plan(cases: Cases) -> Plan:
    """Plan a table of each question with one answer by country; all questions count as sensitive.

    It counts persons where the cases say who is who, and records where each has its own case_id as its person_id.
    Leaves out what the usual policy does not let out; raises PlanError where nothing is left.
    """
    names = [each.name for each in cases.variables if each.kind == "one" and each.name not in FIXED]
    tables = [PlannedTable(name, ("country_code", name), keeps_missing_apart=True) for name in names]
    allowed = tuple(table for table in tables if _is_allowed(table, cases))
    if not allowed:
        raise PlanError("these cases have no question with one answer that the usual policy lets out; write a plan")
    knows_persons = bool((cases.frame["person_id"] != cases.frame["case_id"]).any())
    return Plan(allowed, tuple(table.name for table in allowed), counts=PERSONS if knows_persons else RECORDS)


def _is_allowed(table: PlannedTable, cases: Cases) -> bool:
    plan = Plan((table,), (table.name,))
    values = dict.fromkeys(ADMINISTRATION, ()) | form_values(cases, plan)
    try:
        plan.check(Policy.read(), values, values)
    except PlanError:
        return False
    return True
