"""Names that change between releases: what an earlier release told stays protected, or the release is refused with the mend."""

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from change_attack import Cell, ChangeAttack, Dated
from conftest import rounds
from renamed_histories import DAY, NAMES, history_of
from scipy import sparse
from test_intruders import POLICY, even, planned
from test_known_changes import cases_of, cell_of
from typer.testing import CliRunner

from research_lib import open_study
from research_lib.cli import app
from research_lib.disclosure import Plan, Recoding, audit, build_release
from research_lib.disclosure.planning.plan import PlanError, PlannedTable
from research_lib.disclosure.planning.renamed_variables import NewNames, RenamedError
from research_lib.evidence.study_changes import study_changes
from research_lib.interviews.case_files import write_cases
from research_lib.interviews.cases import Variable


def table(text: str) -> pd.DataFrame:
    """A table of names, written as since variable code → new_variable new_code, with – for an empty cell."""
    rows = [line.replace("→", "").split() for line in text.strip().splitlines()]
    return pd.DataFrame(rows, columns=NAMES).replace("–", None)


NAMED = table("""
2026-02-01 work   –   → job    –
2026-03-01 job    c0  → job    k0
2026-03-01 skills sew → skills tailor
2026-04-01 job    k0  → job    k1
2026-04-01 job    c3  → job    c3a
2026-04-01 job    c3  → job    c3b
2026-05-01 skills –   → crafts –
2026-05-01 job    c3b → job    c4
""")


@pytest.mark.parametrize(
    ("column", "day", "name", "codes", "made"),
    [
        ("work", "2026-01-31", "job (before 2026-04-01)", {"c0": "k0"}, {"k0": ("k1",), "c3": ("c3a", "c4")}),
        ("work", "2026-02-01", "work", {}, None),
        ("job", "2026-02-01", "job (before 2026-04-01)", {"c0": "k0"}, {"k0": ("k1",), "c3": ("c3a", "c4")}),
        ("job", "2026-04-01", "job", {"c3b": "c4"}, None),
        ("job", "2026-05-01", "job", {}, None),
        ("skills__sew", "2026-01-01", "crafts__tailor", {}, None),
        ("skills__sew", "2026-04-30", "crafts__sew", {}, None),
        ("country", "2026-01-01", "country", {}, None),
    ],
)
def test_a_column_is_followed_from_the_day_of_a_release_to_today(column, day, name, codes, made):
    new = NewNames.of(NAMED).today(column, day)
    assert (new.name, new.codes, new.made and dict(new.made.codes)) == (name, codes, made)
    assert new.made is None or new.made.of == "job"


@pytest.mark.slow
def test_no_history_of_renamed_split_joined_and_dropped_questions_gives_a_hidden_cell_away(tmp_path):
    releases = refused = 0
    for number in range(rounds(10, nightly=200)):
        history = history_of(number, tmp_path)
        releases, refused = releases + len(history.dated), refused + history.refused
        assert history.narrow() == [], number
    assert releases >= 2 * number and refused < releases


def first_and_next(frame: pd.DataFrame, later: pd.DataFrame, plan: Plan, next_plan: Plan, folder: Path, **options):
    first = build_release(frame, plan, POLICY, folder / "first", date=DAY, history=folder / "history")
    return build_release(
        later,
        next_plan,
        POLICY,
        folder / "next",
        date=DAY + timedelta(1),
        earlier=[first],
        history=folder / "history",
        **options,
    )


def answers() -> pd.DataFrame:
    return even(np.random.default_rng(4))[0]


@pytest.mark.parametrize(
    ("renamed", "codes", "said"),
    [
        (
            None,
            {},
            r"the release of 2026-01-01 counts 'work', and the records have no such variable: say in renamed.csv",
        ),
        ("2026-01-02 work – → job –", {"w0": "k0"}, r"counts 'job=w0', and neither form nor records have this code"),
        ("2026-01-01 work – → job –", {}, r"counts 'work', and the records have no such variable"),
        (
            "2026-01-02 work – → job –\n2026-01-02 work w0 → job k\n2026-01-02 work w1 → job k",
            {"w0": "k", "w1": "k"},
            r"counts 'work=w\d' and 'work=w\d' apart, and renamed.csv says that both are 'k' by now",
        ),
        (
            "2026-01-02 work – → job –\n2026-01-02 work – → task –",
            {},
            r"renamed.csv: 'work' is several columns since 2026-01-02; keep the column in the records",
        ),
        (
            "2026-01-02 work – → job –\n2026-01-02 country – → job –",
            {},
            r"counts '(work|country)' and '(work|country)' apart",
        ),
    ],
)
def test_what_is_gone_or_cannot_be_counted_again_is_named_with_the_mend(renamed, codes, said, tmp_path):
    frame = answers()
    later = frame.assign(job=frame["work"].replace(codes)).drop(columns="work")
    plans = planned("country work"), planned("country job")
    with pytest.raises(RenamedError, match=rf"{said}.*or begin anew with --new-series"):
        first_and_next(frame, later, *plans, tmp_path, renamed=None if renamed is None else table(renamed))
    assert not (tmp_path / "next").exists()


def test_a_code_that_nobody_gives_any_more_is_told_from_one_that_was_renamed(tmp_path):
    frame, plan = answers(), planned("country work")
    later = frame[frame["work"] != "w0"]
    with pytest.raises(RenamedError, match=r"'work=w0'.*the same code again, where only nobody has given this answer"):
        first_and_next(frame, later, plan, plan, tmp_path / "a")
    names = table("2026-01-02 work w0 → work w0")
    made = first_and_next(frame, later, plan, plan, tmp_path / "b", renamed=names, accept_eroded=len)
    assert set(made.tables["country-work"]["work"]) == {*frame["work"], "no_answer"} - {"w0"}


def test_a_code_that_nobody_had_may_be_joined_with_another(tmp_path):
    variables = [Variable("work", "", "one", codes) for codes in (("w0", "w1", "w2", "none"), ("w0", "w1", "w2"))]
    frame = answers().drop(columns="country").assign(site=answers()["country"])
    before, after = (cases_of(frame[frame["work"].isin(["w0", "w1", "w2"])], each) for each in variables)
    plan, names = planned("site work"), table("2026-01-02 work none → work w2")
    made = first_and_next(before, after, plan, plan, tmp_path, renamed=names)
    assert audit(made, cases=after)["is_safe"].all()


def test_a_renamed_question_hides_the_same_cells_as_one_that_kept_its_name(tmp_path):
    frame, half = answers(), answers().iloc[::2]
    names = table("2026-01-02 work – → job –\n2026-01-02 work w1 → job k1")
    later = frame.assign(job=frame["work"].replace("w1", "k1")).drop(columns="work")
    kept = first_and_next(half, frame, *[planned("country work")] * 2, tmp_path / "kept")
    renamed = first_and_next(
        half, later, planned("country work"), planned("country job"), tmp_path / "renamed", renamed=names
    )
    old = kept.tables["country-work"].rename(columns={"work": "job"}).replace({"job": {"w1": "k1"}})
    both = (each.set_index(["country", "job"]).sort_index() for each in (old, renamed.tables["country-job"]))
    pd.testing.assert_frame_equal(*both)
    before = audit(kept, cases=frame)
    after = audit(renamed, cases=later, renamed=names)
    assert before[["low", "high"]].sort_values(["low", "high"]).to_numpy().tolist() == (
        after[["low", "high"]].sort_values(["low", "high"]).to_numpy().tolist()
    )


def test_an_older_release_is_audited_with_the_records_of_today(tmp_path):
    frame, plan = answers(), planned("country work")
    first = build_release(frame, plan, POLICY, tmp_path / "first", date=DAY)
    later = frame.rename(columns={"work": "job"})
    with pytest.raises(RenamedError, match="counts 'work'"):
        audit(first, cases=later)
    found = audit(first, cases=later, renamed=table("2026-01-02 work – → job –"))
    assert found["is_safe"].all() and found["cell"].str.contains("job=").all()
    pd.testing.assert_series_equal(found["high"], audit(first, cases=frame)["high"])


def test_a_coarser_variable_follows_the_codes_that_it_is_made_of(tmp_path):
    frame = answers()
    made = Recoding("coarse", "work", {"few": ("w0", "w1")})
    plan = Plan((PlannedTable("coarse", ("country", "coarse")),), coarser=(made,))
    names = table("2026-01-02 work – → job –\n2026-01-02 work w1 → job k1\n2026-01-02 work w2 → job k2")
    later = frame.assign(job=frame["work"].replace({"w1": "k1", "w2": "k2"})).drop(columns="work")
    today = replace(made, of="job", codes={"few": ("w0", "k1")})
    next_plan = replace(plan, coarser=(today,))
    made_next = first_and_next(frame, later, plan, next_plan, tmp_path, renamed=names)
    assert set(made_next.tables["coarse"]["coarse"]) >= {"few", "k2"}
    with pytest.raises(PlanError, match="an earlier release made it of other codes"):
        other = replace(plan, coarser=(replace(today, codes={"few": ("w0", "k2")}),))
        first_and_next(frame, later, plan, other, tmp_path / "other", renamed=names)


def forced(size: int, asked: tuple[str, ...], draw: np.random.Generator) -> pd.DataFrame:
    """Who is in a kind of work that is asked about says yes or no to a question; to the others it does not apply."""
    frame = even(draw)[0].sample(size, replace=True, random_state=1).reset_index(drop=True)
    yes = draw.choice(["yes", "no"], size, p=[0.3, 0.7])
    ids = [f"f{number}" for number in range(size)]
    applies = frame["work"].isin(asked)
    answered = np.where(applies, yes, "not_applicable")
    return frame.assign(case_id=ids, person_id=ids, forced=answered).rename(columns={"country": "site"})


class RemembersSkips(ChangeAttack):
    """An attacker who also knows that at the first release a question was asked of some kinds of work only, and of all these."""

    asked: tuple[str, ...]

    @property
    def once_empty(self) -> np.ndarray:
        applies, answered = self.joint["work"].isin(self.asked), self.joint["forced"] != "not_applicable"
        return (applies != answered).to_numpy()

    def knowing(self, asked: tuple[str, ...]) -> "RemembersSkips":
        self.asked = asked
        sums, low, high = self._rows
        then = np.zeros((1, sums.shape[1]))
        then[0, : len(self.joint)] = self.once_empty
        self.__dict__["_rows"] = sparse.csr_array(sparse.vstack([sums, then])), np.append(low, 0), np.append(high, 0)
        return self

    def narrow(self) -> set[Cell]:
        """The hidden cells that it derives closely, but for those that were empty and of which it knows all changes."""
        narrow = {cell for cell, (low, high) in self.ranges().items() if high - low < POLICY.protection_interval}
        return {cell for cell in narrow if not self.once_empty[self.within(cell, self.joint)].all()}


@pytest.mark.slow
def test_that_a_question_was_not_asked_of_some_stays_known_when_it_is_asked_of_all(tmp_path):
    works = tuple(f"w{n}" for n in range(6))
    relevant = " or ".join(f"selected(${{work}}, '{code}')" for code in works[:3])
    work, question = Variable("work", "", "one", works), Variable("forced", "", "one", ("yes", "no"))
    for seed in range(rounds(1, nightly=5)):
        draw = np.random.default_rng(seed)
        before, after = forced(300, works[:3], draw), forced(340, works, draw)
        after.loc[: len(before) - 1, before.columns] = before.to_numpy()
        cases = cases_of(before, work, replace(question, relevant=relevant)), cases_of(after, work, question)
        plans = planned("site forced", "work"), planned("site forced", "site work", "work forced")
        first = build_release(cases[0], plans[0], POLICY, tmp_path / f"{seed}a", date=DAY)
        last = build_release(
            cases[1],
            plans[1],
            POLICY,
            tmp_path / f"{seed}b",
            date=DAY + timedelta(1),
            earlier=[first],
            accept_eroded=len,
        )
        assert [each.names for each in first.relations] == [("work", "forced")] and last.relations == ()
        audited = audit(last, cases=cases[1], earlier=[first])
        told = {cell_of(name) for name in audited.loc[~audited["is_safe"], "cell"]}
        attack = RemembersSkips([Dated(first, before), Dated(last, after)]).knowing(works[:3])
        assert attack.narrow() <= told, seed


WORKS = ("farm", "home", "shop", "street")


def write_study(folder: Path, frame: pd.DataFrame, name: str, codes: tuple[str, ...]) -> None:
    country = Variable("country_code", "", "one", ("FRA", "ITA"))
    write_cases(cases_of(frame, country, Variable(name, "", "one", codes)), folder / "cases")


def say(*command: str, code: int = 0) -> str:
    said = CliRunner().invoke(app, [*command])
    text = f"{said.output} {said.exception or ''}"
    assert said.exit_code == code, text
    return " ".join(text.split())


@pytest.mark.slow
def test_a_study_with_a_renamed_question_and_a_split_code_goes_all_the_way(tmp_path):
    folder, earlier = tmp_path / "study", tmp_path / "earlier"
    say("new", str(folder), "--title", "Work", "--licence", "CC0-1.0", "--country", "ITA")
    draw = np.random.default_rng(2)
    work = draw.choice(WORKS, 600, p=[0.4, 0.3, 0.28, 0.02])
    frame = even(draw)[0].sample(600, replace=True, random_state=1).reset_index(drop=True)
    frame = frame.assign(
        work=work,
        country_code=draw.choice(["FRA", "ITA"], 600),
        case_id=[f"c{n}" for n in range(600)],
        person_id=[f"c{n}" for n in range(600)],
    ).drop(columns="country")
    write_study(folder, frame, "work", WORKS)
    plan = Plan((PlannedTable("work", ("country_code", "work")),), order={"work": WORKS})
    (folder / "release").mkdir(exist_ok=True)
    (folder / "release/plan.toml").write_text(f"# which tables\n{plan.to_toml()}")
    days = [(DAY + timedelta(at)).isoformat() for at in range(3)]
    say("release", str(folder), "--date", days[0])
    say("describe", str(folder))
    shutil.copytree(folder, earlier)

    job = frame.assign(job=np.where(frame["work"] == "shop", draw.choice(["stall", "store"], 600), frame["work"]))
    codes = ("farm", "home", "stall", "store", "street")
    write_study(folder, job.drop(columns="work"), "job", codes)
    release = ("release", str(folder), "--date", days[1])
    assert "counts 'work', and the records have no such variable: say in renamed.csv" in say(*release, code=1)
    (folder / "renamed.csv").write_text(
        "since,variable,code,new_variable,new_code,reason\n"
        f"{days[1]},work,,job,,asked of all work\n{days[1]},work,shop,job,,\n"
    )
    assert "renamed.csv:3 new_code: give both codes" in say("check", str(folder), code=1)
    assert "renamed.csv:3" in say(*release, code=1)
    (folder / "renamed.csv").write_text(
        "since,variable,code,new_variable,new_code,reason\n"
        f"{days[1]},work,,job,,asked of all work\n"
        f"{days[1]},work,shop,job,stall,markets were left out\n{days[1]},work,shop,job,store,\n"
    )
    assert "0 problems" in say("check", str(folder))
    assert "release/plan.toml" in say("upgrade", str(folder))
    assert "# which tables" in (folder / "release/plan-before.toml").read_text()
    assert Plan.read(folder / "release/plan.toml") == Plan(
        (PlannedTable("work", ("country_code", "job")),), order={"job": codes}
    )
    assert "nothing; it is up to date" in say("upgrade", str(folder))
    say(*release)
    changes = study_changes(open_study(earlier), open_study(folder))
    assert changes["table"].tolist() == ["renamed"] * 3
    assert "asked of all work" in say("changes", str(earlier), str(folder))
