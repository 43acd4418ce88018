"""What a data officer asks of single cells: hide this one last, keep that one; no rule gives way, and the log says why."""

import datetime
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from killing import small_study

from research_lib.disclosure import Plan, Policy, audit, build_release, information_loss
from research_lib.disclosure.auditing.disclosure_audit import AuditError
from research_lib.disclosure.planning.cell_weights import CellWeight
from research_lib.disclosure.planning.plan import PlanError, PlannedTable
from research_lib.disclosure.study_folder.release_series import read_log
from research_lib.disclosure.study_folder.study_release import release_study

DAY = datetime.date(2026, 1, 31)
PLAN = Plan((PlannedTable("both", ("town", "work")), PlannedTable("town", ("town",)), PlannedTable("work", ("work",))))
COUNTS = {
    ("x", "bar"): 4, ("x", "flat"): 40, ("x", "street"): 41,
    ("y", "bar"): 42, ("y", "flat"): 43, ("y", "street"): 44,
    ("z", "bar"): 45, ("z", "flat"): 46, ("z", "street"): 47,
}  # fmt: skip


def people() -> pd.DataFrame:
    """One cell has four records; its row and its column have several others of about the same size."""
    rows = [cell for cell, count in COUNTS.items() for _ in range(count)]
    ids = [f"c{number}" for number in range(len(rows))]
    frame = pd.DataFrame(rows, columns=["town", "work"], dtype="str")
    return frame.assign(
        case_id=ids,
        person_id=ids,
        source_id=[f"s{number % 6}" for number in range(len(rows))],
        consent_scope="published_tables",
        is_synthetic="yes",
    )


def hidden(made):
    table = made.tables["both"]
    return set(map(tuple, table.loc[table["status"] == "hidden", ["town", "work"]].to_numpy().tolist()))


def weighted(*cells, weight=np.inf):
    """The plan with all totals kept, and some cells of the table that crosses both variables with a weight."""
    totals = tuple(CellWeight(name, {}, np.inf, "totals are used most") for name in ("town", "work"))
    return replace(
        PLAN,
        weights=totals + tuple(CellWeight("both", {"town": t, "work": w}, weight, "it is asked for") for t, w in cells),
    )


def test_a_cell_that_is_kept_is_shown_and_others_protect(tmp_path):
    usual = hidden(build_release(people(), weighted(), Policy(), tmp_path / "usual", date=DAY))
    companions = sorted(usual - {("x", "bar")})
    assert companions
    made = build_release(people(), weighted(*companions), Policy(), tmp_path / "kept", date=DAY)
    assert ("x", "bar") in hidden(made)
    assert not hidden(made) & set(companions)
    derived = audit(made, cases=people())
    assert derived["is_safe"].all() and len(derived) == sum(
        (t["status"] == "hidden").sum() for t in made.tables.values()
    )


def test_a_heavy_cell_is_hidden_last_but_it_is_where_nothing_else_protects(tmp_path):
    usual = hidden(build_release(people(), weighted(), Policy(), tmp_path / "usual", date=DAY))
    companions = sorted(usual - {("x", "bar")})
    made = build_release(people(), weighted(*companions, weight=20), Policy(), tmp_path / "heavy", date=DAY)
    assert not hidden(made) & set(companions)
    whole_column = [(town, "bar") for town in "yz"] + [("x", work) for work in ("flat", "street")]
    forced = build_release(people(), weighted(*whole_column, weight=20), Policy(), tmp_path / "forced", date=DAY)
    assert hidden(forced) & set(whole_column)


def test_no_weight_shows_a_cell_that_a_rule_hides(tmp_path):
    with pytest.raises(PlanError, match=r"cells: both \| x \| bar cannot be kept: the rule persons hides it"):
        build_release(people(), weighted(("x", "bar")), Policy(), tmp_path / "made", date=DAY)


def test_where_all_others_are_kept_the_release_is_refused_and_says_what_to_do(tmp_path):
    every = [cell for cell in COUNTS if cell != ("x", "bar")]
    with pytest.raises(AuditError, match="drop the table from the plan or keep fewer cells"):
        build_release(people(), weighted(*every), Policy(), tmp_path / "made", date=DAY)
    assert not (tmp_path / "made").exists()


def test_what_an_earlier_release_hides_is_not_kept(tmp_path):
    first = build_release(people(), weighted(), Policy(), tmp_path / "first", date=DAY)
    companions = sorted(hidden(first) - {("x", "bar")})
    with pytest.raises(PlanError, match="cannot be kept: the rule hidden_before hides it"):
        day = DAY + datetime.timedelta(1)
        build_release(people(), weighted(*companions), Policy(), tmp_path / "next", date=day, earlier=(first,))


def test_the_reasons_stay_with_the_study(tmp_path):
    report = tmp_path / "report.md"
    made = build_release(people(), weighted(("z", "flat")), Policy(), tmp_path / "made", date=DAY, report=report)
    assert "- both \\| town=z \\| work=flat: keep: it is asked for" in report.read_text(encoding="utf-8")
    assert not [path for path in (tmp_path / "made").rglob("*.*") if "asked for" in path.read_text(encoding="utf-8")]
    assert made.tables


def test_a_plan_with_weights_is_read_as_it_was_written(tmp_path):
    cells = (
        CellWeight("both", {"town": "x", "work": "flat"}, np.inf, 'the "yearly" table'),
        CellWeight("town", {}, 2.5, "totals are used most"),
    )
    plan = replace(PLAN, weights=cells, order={"work": ("street", "flat", "bar")})
    (tmp_path / "plan.toml").write_text(plan.to_toml(), encoding="utf-8")
    assert Plan.read(tmp_path / "plan.toml") == plan


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ('table = "both"\nkeep = true', "give a reason in words"),
        ('table = "both"\nkeep = true\nreason = "  "', "give a reason in words"),
        ('table = "both"\nreason = "r"', "write keep = true, or weight ="),
        ('table = "both"\nkeep = false\nreason = "r"', "write keep = true, or weight ="),
        ('table = "both"\nkeep = true\nweight = 2\nreason = "r"', "write keep = true, or weight ="),
        ('table = "both"\nweight = 0\nreason = "r"', "write keep = true, or weight ="),
        ('table = "both"\nweight = 101\nreason = "r"', "write keep = true, or weight ="),
        ('table = "both"\nweight = true\nreason = "r"', "write keep = true, or weight ="),
        ('table = "both"\nweight = nan\nreason = "r"', "write keep = true, or weight ="),
        ('table = "other"\nkeep = true\nreason = "r"', "there is no table 'other'"),
        ('table = "both"\ncell = { age = "x" }\nkeep = true\nreason = "r"', "both has no variable 'age'"),
        ('table = "both"\ncell = "x"\nkeep = true\nreason = "r"', "write the cell as"),
        ('table = "both"\nshow = true\nreason = "r"', "there are table, cell, keep or weight, and reason"),
    ],
)
def test_an_entry_that_cannot_be_meant_is_refused_with_its_place(tmp_path, entry, said):
    (tmp_path / "plan.toml").write_text(f"{PLAN.to_toml()}\n[[cells]]\n{entry}\n", encoding="utf-8")
    with pytest.raises(PlanError, match=rf"plan\.toml: cells, entry 1: {said}"):
        Plan.read(tmp_path / "plan.toml")


def test_a_cell_that_does_not_exist_is_refused():
    with pytest.raises(PlanError, match=r"cells both \| town=w \| work=bar: town has x, y, z, no_answer"):
        information_loss(people(), weighted(("w", "bar")), Policy(), date=DAY)


def test_each_reason_stands_in_the_log_of_the_study(tmp_path):
    study = small_study(tmp_path / "study", records=60)
    plan = Plan.read(study / "release/plan.toml")
    asked = CellWeight(plan.tables[0].name, {}, 3, "x" * 1900)
    text = replace(plan, weights=(asked, replace(asked, reason="the ministry's"))).to_toml()
    (study / "release/plan.toml").write_text(text, encoding="utf-8")
    release_study(study, DAY, person="Ben")
    found = read_log(study / "cases")
    assert found["outcome"].tolist() == ["asked of cells", "asked of cells", "released"]
    assert found["person"].tolist() == ["Ben"] * 3
    assert found["reason"].tolist()[:2] == [str(asked), f"{plan.tables[0].name}: weight 3: the ministry's"]
