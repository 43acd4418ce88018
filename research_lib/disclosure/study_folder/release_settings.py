"""What a study folder says of its releases: the plan, the policy, and which variables and codes were renamed."""

from dataclasses import dataclass, fields
from pathlib import Path

import pandas as pd

from research_lib.disclosure.planning.plan import Plan
from research_lib.disclosure.planning.policy import Policy, PolicyError
from research_lib.disclosure.planning.renamed_variables import RENAMED_FILE, NewNames, renamed_plan
from research_lib.errors import StudyError
from research_lib.evidence.checks.cross_table_checks import row_problems
from research_lib.evidence.table_reading import read_optional_table
from research_lib.evidence.tables import OPTIONAL_TABLES
from research_lib.files.opening import MB, read_text
from research_lib.files.saving import save_file
from research_lib.files.toml_files import read_toml

PLAN_FILE, POLICY_FILE = "release/plan.toml", "release/policy.toml"


@dataclass(frozen=True)
class ReleaseSettings:
    """The plan and the policy of a study, and its table of renamed variables and codes, which may be empty."""

    plan: Plan
    policy: Policy
    renamed: pd.DataFrame

    @classmethod
    def read(cls, folder: Path) -> "ReleaseSettings":
        """Read them from a study folder; raises PlanError, PolicyError and StudyError."""
        path = folder / POLICY_FILE
        policy = Policy.read(path) if path.exists(follow_symlinks=False) else Policy.read()
        return cls(Plan.read(folder / PLAN_FILE), policy, _read_renamed(folder))


def _read_renamed(folder: Path) -> pd.DataFrame:
    table = read_optional_table(folder / RENAMED_FILE, OPTIONAL_TABLES["renamed"])
    if problems := [*table.problems, *row_problems("renamed", table)]:
        raise StudyError(f"{folder / RENAMED_FILE} cannot be used as it stands:", problems)
    return table.frame


def upgrade_release_settings(folder: Path) -> list[str]:
    """Give the plan of a study the names of today, and its policy the rules that it lacks; gives what was changed.

    The plan as it was, with its comments, stays beside it, as `plan-before.toml`.
    """
    changed = []
    if (path := folder / PLAN_FILE).exists():
        plan = Plan.read(path)
        if (new := renamed_plan(plan, NewNames.of(_read_renamed(folder)))) != plan:
            save_file(path.with_name("plan-before.toml"), path.read_bytes())
            save_file(path, new.to_toml())
            changed.append(PLAN_FILE)
    if (path := folder / POLICY_FILE).exists():
        stated = read_toml(path, fix="restore it from a backup", error=PolicyError)
        if lacking := [each.name for each in fields(Policy) if each.name not in {"reasons", *stated}]:
            text = read_text(path, limit=MB)
            save_file(path, f"{text.rstrip()}\n\n{Policy.read().rules_to_toml(lacking)}")
            changed.append(f"{POLICY_FILE} ({', '.join(lacking)})")
    return changed
