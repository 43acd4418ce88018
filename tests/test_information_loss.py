"""The dry run: it hides what a release would hide, counts each companion once, and its advice holds when it is taken."""

import datetime
import re
from dataclasses import replace
from itertools import pairwise

import pandas as pd
import pytest
from killing import small_study
from test_global_recoding import BOTH_LEVELS, plan_of, towns
from typer.testing import CliRunner

from research_lib.cli import app
from research_lib.disclosure import Plan, Policy, build_release, information_loss
from research_lib.disclosure.case_counts import NO_TABLE, CountedTable, one_answer_a_person
from research_lib.disclosure.demonstration import PLAN, demonstration_cases
from research_lib.disclosure.planning.global_recoding import Recoding
from research_lib.disclosure.planning.plan import PlanError, PlannedTable
from research_lib.disclosure.study_folder.study_release import dry_run, release_study
from research_lib.disclosure.suppression.protection import COMPANION, HIDDEN_BEFORE, RULES
from research_lib.disclosure.suppression_report import table_costs
from research_lib.interviews.case_files import write_cases
from research_lib.interviews.cases import for_release
from research_lib.missing_answers import MISSING, NO_ANSWER

DAY = datetime.date(2026, 1, 31)


@pytest.fixture(scope="module")
def crossed():
    """The cases of the demonstration, and a plan of linked tables from it."""
    plan = Plan.read(PLAN)
    names = {"practice", "residence_status", "practice-by-residence_status", "residence_status-by-health_care"}
    tables = tuple(each for each in plan.tables if each.name in names)
    sensitive = tuple(set(plan.sensitive) & {"practice", "residence_status"})
    return demonstration_cases(), replace(plan, tables=tables, sensitive=sensitive)


@pytest.fixture(scope="module")
def costs(crossed):
    return information_loss(*crossed, Policy(), date=DAY)


def test_the_costs_are_those_of_the_release(crossed, costs, tmp_path):
    cases, plan = crossed
    made = build_release(cases, plan, Policy(), tmp_path / "made", date=DAY)
    hidden = {name: int((table["status"] == "hidden").sum()) for name, table in made.tables.items()}
    assert costs.tables["hidden"].to_dict() == hidden
    assert costs.tables["cells"].to_dict() == {name: len(table) for name, table in made.tables.items()}
    records = one_answer_a_person(for_release(cases).frame).query("is_counted")
    countries = records["country_code"].replace(dict.fromkeys(MISSING, NO_ANSWER))
    exact = records.groupby([countries, "practice"]).size()
    table = made.tables["practice"].set_index(["country_code", "practice"])
    not_shown = exact.reindex(table.index[table["status"] == "hidden"], fill_value=0).sum()
    assert costs.tables.loc["practice", "records_not_shown"] == not_shown > 0


def test_each_hidden_cell_has_one_reason_and_each_companion_one_table(costs):
    parts = costs.tables[["by_rules", "for_own_cells", "for_other_tables"]].sum(axis=1)
    assert (parts == costs.tables["hidden"]).all()
    assert costs.tables["for_other_tables"].sum() >= costs.tables["hidden_elsewhere"].sum() > 0
    assert costs.tables["for_own_cells"].sum() > 0


def test_what_coarser_codes_would_save_is_what_the_rules_then_hide(crossed, costs):
    cases, plan = crossed
    best = costs.coarser.iloc[0]
    assert best["cells_before"] > best["cells_after"]
    pair = tuple(best["codes"].split(" + "))
    made = Recoding(f"{best['variable']}_coarser", best["variable"], {"both": pair})
    tables = tuple(
        replace(each, variables=tuple(made.name if name == made.of else name for name in each.variables))
        for each in plan.tables
        if made.of in each.variables
    )
    taken = replace(plan, tables=tables, sensitive=(*plan.sensitive, made.name), coarser=(made,))
    tried = information_loss(cases, taken, Policy(), date=DAY)
    assert tried.tables["by_rules"].sum() == best["cells_after"]
    saved = costs.coarser["cells_before"] - costs.coarser["cells_after"]
    assert saved.is_monotonic_decreasing
    assert (saved >= 0).all()
    assert list(costs.coarser) == [
        "variable",
        "codes",
        "cells_before",
        "cells_after",
        "records_before",
        "records_after",
    ]
    assert costs.coarser["variable"].is_unique


def test_a_table_that_is_protected_by_others_says_so(tmp_path):
    found = information_loss(towns(3), plan_of(BOTH_LEVELS, tmp_path), Policy(), date=DAY)
    assert list(found.tables.index) == ["work", "work-region"]
    assert found.tables["by_rules"].sum() > 0
    assert "SYNTHETIC" in found.report
    assert "| work-region | 18 |" in found.report
    assert found.coarser.empty
    assert "Nothing is suggested, since the plan names no order of codes" in found.report


def test_neighbouring_codes_are_those_of_the_order_that_the_plan_names(tmp_path):
    """The codes of `work` stand in another order than that of the alphabet, in which they neighbour each other."""
    plan = plan_of(BOTH_LEVELS, tmp_path)
    codes = sorted(towns(3)["work"].unique())
    order = tuple(codes[::2] + codes[1::2])
    found = information_loss(towns(3), replace(plan, order={"work": order}), Policy(), date=DAY)
    assert found.coarser["variable"].tolist() == ["work"]
    (pair,) = found.coarser["codes"]
    assert pair in {f"{one} + {other}" for one, other in pairwise(order)}
    for wrong, said in ((order[:-1], "name each, in their order"), ((*order, "more"), "its codes are")):
        with pytest.raises(PlanError, match=f"order work: .*{said}"):
            information_loss(towns(3), replace(plan, order={"work": wrong}), Policy(), date=DAY)
    with pytest.raises(PlanError, match="order: there is no variable 'wrok'"):
        information_loss(towns(3), replace(plan, order={"wrok": order}), Policy(), date=DAY)


def test_the_report_lists_every_cell_with_its_rule_and_the_cell_that_a_companion_protects(tmp_path):
    found = information_loss(towns(3), plan_of(BOTH_LEVELS, tmp_path), Policy(), date=DAY)
    text = found.report.partition("## work\n")[2]
    lines = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    cells = [line for line in lines if line[-1].startswith("hidden") or "shown" in line or len(line) == 4]
    said = [line[2].rstrip(" |") for line in cells if line[2] != "cell"]
    assert len(said) == found.tables["cells"].sum()
    assert said.count("shown") == (found.tables["cells"] - found.tables["hidden"]).sum() > 0
    companions = [line for line in cells if line[2].startswith(f"hidden: {COMPANION}")]
    assert len(companions) == found.tables[["for_own_cells", "for_other_tables"]].sum().sum() > 0
    hidden = {frozenset(line[:2]) for line in cells if line[2].startswith("hidden")}
    for line in companions:
        values = frozenset(part.partition("=")[2] for part in line[3].split(", "))
        assert values in hidden, line
    assert {line[2] for line in cells if line[2].startswith("hidden")} >= {"hidden: persons", f"hidden: {COMPANION}"}


def test_the_report_says_what_each_rule_hides_and_how_many_records_of_each_table(tmp_path):
    found = information_loss(towns(3).assign(is_synthetic="no"), plan_of(BOTH_LEVELS, tmp_path), Policy(), date=DAY)
    assert "SYNTHETIC" not in found.report
    assert "Keep this page with the study" in found.report
    assert "| rule | cells hidden | why |\n|---|---:|---|\n| persons |" in found.report
    lines = [line.strip("| ").split(" | ") for line in found.report.splitlines() if line.startswith("| ")]
    cells = {line[0]: int(line[1]) for line in lines if line[0] in (*RULES, HIDDEN_BEFORE, COMPANION)}
    assert sum(cells.values()) == found.tables["hidden"].sum() > cells[COMPANION] > 0
    assert cells[COMPANION] == found.tables[["for_own_cells", "for_other_tables"]].sum().sum()
    for table, cost in found.tables.iterrows():
        (numbers,) = [line[1:] for line in lines if line[0] == table and len(line) == 8]
        share = cost["records_not_shown"] / cost["records"]
        assert 0 < share < 1
        assert numbers[-1] == f"{cost['records_not_shown']} ({share:.1%})"


def test_a_companion_that_protects_a_table_of_an_earlier_release_is_for_none_of_these():
    cells, why = pd.DataFrame({"records": [20]}), pd.DataFrame({"rule": [COMPANION], "hidden_for": [NO_TABLE]})
    found = table_costs([CountedTable(PlannedTable(name, ("work",)), cells, why) for name in ("a", "b", "c")])
    assert found["for_other_tables"].tolist() == [1, 1, 1]
    assert found["for_own_cells"].tolist() == found["hidden_elsewhere"].tolist() == [0, 0, 0]


def test_a_dry_run_of_a_study_writes_its_report_and_releases_nothing(tmp_path):
    study = small_study(tmp_path / "study")
    before = contents(study)
    ran = CliRunner().invoke(app, ["release", str(study), "--dry-run", "--date", "2026-01-01"])
    assert ran.exit_code == 0, ran.output
    assert "cells would be hidden; nothing was released" in ran.output
    report = study / "cases/dry-run-2026-01-01.md"
    assert "What coarser codes would save" in report.read_text(encoding="utf-8")
    assert report.stat().st_mode & 0o077 == 0
    after = contents(study)
    assert {path: after.get(path) for path in before} == before
    assert set(after) - set(before) == {report, study / "cases/release-log.csv"}


def test_a_quick_dry_run_hides_less_than_a_release_and_gives_no_advice(crossed, costs):
    whole, quick = costs, information_loss(*crossed, Policy(), date=DAY, quick=True)
    assert (quick.tables["hidden"] <= whole.tables["hidden"]).all()
    assert quick.tables["by_rules"].equals(whole.tables["by_rules"])
    assert quick.tables["hidden"].sum() < whole.tables["hidden"].sum()
    assert quick.coarser.empty and "coarser codes" not in quick.report


def test_a_quick_dry_run_says_that_it_is_weaker_and_no_release_is_quick(tmp_path):
    study = small_study(tmp_path / "study")
    whole, quick = (
        CliRunner().invoke(app, ["release", str(study), "--dry-run", *more, "--date", "2026-01-01"])
        for more in ([], ["--quick"])
    )
    hidden = [int(re.search(r"(\d+) of", ran.output)[1]) for ran in (whole, quick)]
    assert 0 < hidden[1] <= hidden[0]
    assert "at least" in quick.output and "quick and weaker" in quick.output
    assert "keeps each open by 10 persons" in (study / "cases/dry-run-2026-01-01.md").read_text(encoding="utf-8")
    refused = CliRunner().invoke(app, ["release", str(study), "--quick"])
    assert refused.exit_code and "--dry-run" in refused.output
    assert not (study / "released").exists()


def test_a_dry_run_is_protected_together_with_earlier_releases_unless_a_series_begins(tmp_path):
    study = small_study(tmp_path / "study", records=60)
    plan = Plan((PlannedTable("alone", ("third_party__none",)),))
    (study / "release/plan.toml").write_text(plan.to_toml(), encoding="utf-8")
    release_study(study, DAY)
    write_cases(demonstration_cases(), study / "cases")
    later = DAY + datetime.timedelta(1)
    together, alone = (dry_run(study, later, **each)[0].report for each in ({}, {"new_series": True}))
    assert "| hidden_before | 0 |" in alone
    assert "| hidden_before | 0 |" not in together


def contents(study):
    """The bytes of each file of a study, but for the lock, which says who holds it and since when."""
    return {path: path.read_bytes() for path in study.rglob("*") if path.is_file() and path.name != ".lock"}
