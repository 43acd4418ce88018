"""The whole way: a form, exports of every tool, cases, a release and a page; and what must never come out at its end."""

import gzip
import shutil
import subprocess
import sys
import urllib.request
import zlib
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from conftest import free_port, rounds, sample_of_today, wait_until_served
from exports import answered, every_export
from typer.testing import CliRunner

from research_lib.cli import app
from research_lib.disclosure.case_counts import one_answer_a_person
from research_lib.disclosure.demonstration import PLAN, RELEASE, demonstration_cases
from research_lib.disclosure.planning.plan import Plan
from research_lib.disclosure.planning.policy import Policy
from research_lib.disclosure.release import audit, build_release
from research_lib.disclosure.released import MANIFEST, Released, ReleaseError, open_release
from research_lib.disclosure.signatures import TRUSTED_KEYS, TrustedKey, new_key, trust
from research_lib.disclosure.study_folder.study_release import release_study
from research_lib.errors import ResearchError
from research_lib.interviews import xlsform
from research_lib.interviews.answers.decisions import read_decisions
from research_lib.interviews.answers_import import read_answers
from research_lib.interviews.case_files import read_cases, write_cases
from research_lib.interviews.cases import Cases
from research_lib.interviews.xlsform import COMMON
from research_lib.show.material import open_material
from research_lib.show.pages.study_pages import PAGES
from research_lib.show.site.rendering import render
from research_lib.show.words import study_words

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "data"
DAY = date(2026, 11, 24)
CANARIES = 1000


@pytest.fixture(scope="module")
def made_up():
    """The demonstration's records with the codes that a form allows, and nothing kept back yet."""
    cases = demonstration_cases()
    codes = [f"sy{number:04}" for number in range(len(cases.frame))]
    frame = cases.frame.assign(case_id=codes).replace("withheld", "not_asked")
    return replace(cases, frame=frame)


@pytest.fixture(scope="module")
def small_plan():
    """Twelve tables of the demonstration's plan: single questions, choices, and crossed ones."""
    plan = Plan.read(PLAN)
    kept = [table for table in plan.tables if "--" not in table.name and "-by-" not in table.name][:8]
    kept += [table for table in plan.tables if table.name.startswith("places--")][:2]
    kept += [table for table in plan.tables if table.name.startswith("practice-by-")][:2]
    return replace(plan, tables=tuple(kept))


@pytest.fixture(scope="module")
def released(made_up, small_plan, tmp_path_factory):
    folder = tmp_path_factory.mktemp("released") / "one"
    return folder, build_release(made_up, small_plan, Policy(), folder, date=DAY, key=new_key())


@pytest.mark.slow
def test_every_export_of_the_form_ends_in_the_same_release(made_up, small_plan, tmp_path):
    form = xlsform.read_form(COMMON / "interview.csv")
    xlsform.write_form(form, tmp_path, "interview")
    some = replace(made_up, frame=made_up.frame.iloc[:: rounds(10, nightly=1)].reset_index(drop=True))
    first = build_release(some, small_plan, Policy(), tmp_path / "first", date=DAY)
    typed = answered(some, xlsform.read_form(tmp_path / "interview.xlsx"))
    persons = dict(zip(some.frame["case_id"], some.frame["person_id"], strict=True))
    seen = 0
    for name, files in sample_of_today(every_export(typed, tmp_path / "exports"), 3):  # all: test_answers.py
        arrived = read_answers(
            files, form, legal_basis="consent", retention=date(2032, 12, 31), persons=persons, is_synthetic=True
        ).cases
        own = some.frame.sort_values("case_id", ignore_index=True)
        theirs = arrived.frame.sort_values("case_id", ignore_index=True)
        pd.testing.assert_frame_equal(
            theirs.drop(columns="retention_date"), own.drop(columns="retention_date"), obj=name
        )
        seen += 1
    again = build_release(arrived, small_plan, Policy(), tmp_path / "again", date=DAY)
    assert seen >= rounds(3, nightly=20)
    for name, table in first.tables.items():
        pd.testing.assert_frame_equal(again.tables[name], table)


def test_the_release_in_the_repository_has_the_plan_the_policy_and_the_variables_of_today():
    released = open_release(DATA / RELEASE)
    texts = {"plan.toml": Plan.read(PLAN).to_toml(), "policy.toml": Policy.read().to_toml()}
    for name, text in texts.items():
        assert (DATA / RELEASE / name).read_text(encoding="utf-8") == text
    assert [each["name"] for each in released.manifest["tables"]] == [each.name for each in Plan.read(PLAN).tables]


@pytest.mark.nightly
def test_the_release_in_the_repository_is_the_one_that_the_program_makes(tmp_path):
    released = open_release(DATA / RELEASE)
    assert released.is_synthetic
    assert all((table["is_synthetic"] == "yes").all() for table in released.tables.values())
    cases, plan = demonstration_cases(), Plan.read(PLAN)
    again = build_release(cases, plan, Policy.read(), tmp_path / "again", date=DAY)
    assert again.manifest["files"] == released.manifest["files"]


@pytest.mark.slow
def test_no_share_of_a_hidden_cell_is_written_anywhere(released, made_up):
    _, release = released
    for entry in release.manifest["tables"]:
        if entry["keeps_missing_apart"]:
            continue
        table = release.tables[entry["name"]]
        frame = made_up.frame.replace(["not_asked", "not_known", "refused", "withheld", "not_applicable"], "no_answer")
        silent = ~made_up.frame["consent_scope"].str.contains("published_tables")
        frame.loc[silent, entry["variables"]] = "no_answer"
        persons = one_answer_a_person(frame).query("is_counted")
        counts = persons.groupby(entry["variables"]).size()
        for row in table.itertuples():
            key = tuple(getattr(row, name) for name in entry["variables"])
            truth = int(counts.get(key, 0))
            assert {"hidden": truth >= 0, "zero": truth == 0, "shown": truth >= 10}[row.status]
            assert pd.isna(row.count) if row.status == "hidden" else abs(row.count - truth) <= 2
    assert audit(release)["is_safe"].all()


@pytest.mark.parametrize("file", ["tables/education.csv", "policy.toml", "plan.toml", "variables.json", MANIFEST])
def test_one_changed_byte_is_noticed(released, tmp_path, file):
    copy = tmp_path / "copy"
    shutil.copytree(released[0], copy)
    content = bytearray((copy / file).read_bytes())
    content[len(content) // 2] ^= 1
    (copy / file).write_bytes(content)
    with pytest.raises(ResearchError, match=Path(file).name):
        open_release(copy, trusted=[released[1].manifest["public_key"]])


def test_a_file_too_many_or_too_few_is_noticed(released, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(released[0], copy)
    (copy / "more.csv").write_text("a\n", encoding="utf-8")
    trusted = [released[1].manifest["public_key"]]
    with pytest.raises(ReleaseError, match=r"more\.csv: this file is not part"):
        open_release(copy, trusted=trusted)
    (copy / "more.csv").unlink()
    (copy / "tables/education.csv").unlink()
    with pytest.raises(ReleaseError, match=r"education\.csv: it is missing"):
        open_release(copy, trusted=trusted)


@pytest.mark.slow
def test_a_manifest_signed_by_somebody_else_names_another_key(released, made_up, small_plan, tmp_path):
    other = build_release(made_up, small_plan, Policy(), tmp_path / "other", date=DAY, key=new_key())
    assert other.manifest["files"] == released[1].manifest["files"]
    assert other.manifest["public_key"] != released[1].manifest["public_key"]


def test_nothing_but_an_opened_release_is_released():
    with pytest.raises(ReleaseError, match="open_release"):
        Released({}, {}, {}, (), "")
    assert "opened=" not in repr(open_release(DATA / RELEASE))


@pytest.mark.slow
def test_a_study_is_released_again_and_again_by_the_command(tmp_path):
    run, study = CliRunner(), tmp_path / "study"
    assert run.invoke(app, ["demonstrate", str(study)]).exit_code == 0
    plan = Plan.read(study / "release/plan.toml")
    (study / "release/plan.toml").write_text(replace(plan, tables=plan.tables[:3]).to_toml(), encoding="utf-8")
    first = run.invoke(app, ["release", str(study), "--date", "2026-01-24"])
    assert first.exit_code == 0, first.output
    (study / "release/plan.toml").write_text(replace(plan, tables=plan.tables[2:4]).to_toml(), encoding="utf-8")
    second = run.invoke(app, ["release", str(study), "--date", "2026-02-24"])
    assert second.exit_code == 0, second.output
    releases = [open_release(study / "released" / day) for day in ("2026-01-24", "2026-02-24")]
    assert releases[1].manifest["earlier"] == [releases[0].digest]
    assert releases[0].manifest["public_key"] == releases[1].manifest["public_key"]
    assert audit(releases[1], earlier=releases[:1])["is_safe"].all()
    report = (study / "cases/release-2026-02-24.md").read_text(encoding="utf-8")
    assert "SYNTHETIC" in report and "| persons |" in report
    assert oct((study / "cases/release.key").stat().st_mode)[-3:] == "600"
    with pytest.raises(ResearchError, match="exists already"):
        release_study(study, date(2026, 2, 24))


SERVE = """
import sys
from pathlib import Path
from research_lib.show.site.build import build
from research_lib.show.site.serve import serve
serve(build(Path(sys.argv[1])), notebooks=Path("dashboards"), port=int(sys.argv[2]))
"""


def canary(number: int) -> str:
    return f"cnry{number:04}zq"


@pytest.fixture(scope="module")
def planted(made_up, small_plan, tmp_path_factory):
    """A project whose study holds canaries in every place that a person's record has, and its release."""
    root = tmp_path_factory.mktemp("planted")
    more = pd.concat([made_up.frame, made_up.frame.iloc[: CANARIES - len(made_up.frame)]], ignore_index=True)
    marked = more.assign(
        case_id=[canary(n) for n in range(CANARIES)],
        person_id=[f"{canary(n)}-p" for n in range(CANARIES)],
        source_id=[f"src-{canary(n % 12)}" for n in range(CANARIES)],
        is_synthetic="no",
    )
    cases = Cases(marked, made_up.variables, is_synthetic=False)
    shutil.copytree(DATA, root / "data")
    write_cases(cases, root / "study/cases")
    (root / "study/release").mkdir()
    (root / "study/release/plan.toml").write_text(small_plan.to_toml(), encoding="utf-8")
    made = release_study(root / "study", DAY)
    shutil.copytree(made.folder, root / "data/released" / made.folder.name)
    trust(root / "data" / TRUSTED_KEYS, TrustedKey(made.released.manifest["public_key"], "the planted study"))
    return root


def test_no_canary_stands_in_a_page(planted):
    material = open_material(planted / "data")
    assert material.released.digest == open_release(planted / f"data/released/{DAY}").digest
    words, mark = study_words(material.study, "en"), canary(0)[:4]
    assert [page for page in PAGES if mark in repr(render(page, material, words))] == []


@pytest.mark.nightly
@pytest.mark.browser
def test_no_canary_leaves_in_any_byte_that_the_server_sends(planted, browser):
    port, sent = free_port(), []
    log = (planted / "serve.log").open("w", encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(planted / "data"), str(port)], cwd=ROOT, stdout=log, stderr=log
    )
    try:
        address = f"http://127.0.0.1:{port}/voila/render"
        wait_until_served(f"{address}/cases.ipynb", process)
        for page in PAGES:
            for query in ("", "?lang=fr"):
                sent += _all_that_comes(browser, f"{address}/{page}.ipynb{query}")
            with urllib.request.urlopen(f"{address}/{page}.ipynb", timeout=30) as answer:
                sent.append(answer.read())
    finally:
        process.terminate()
        process.wait(timeout=30)
        log.close()
    sent += [path.read_bytes() for path in (planted / "build").rglob("*") if path.is_file()]
    whole = b"\n".join(sent + [_unpacked(part) for part in sent])
    assert len(whole) > 1_000_000
    assert open_release(planted / f"data/released/{DAY}").digest.encode() in whole
    assert [canary(n) for n in range(CANARIES) if canary(n).encode() in whole] == []


def _unpacked(part: bytes) -> bytes:
    for unpack in (gzip.decompress, zlib.decompress):
        try:
            return unpack(part)
        except (OSError, zlib.error):
            continue
    return b""


def _body(response) -> bytes:
    from playwright.sync_api import Error

    try:
        return response.body()
    except Error:
        return b""


def _all_that_comes(browser, address: str) -> list[bytes]:
    """Open a page, take its download, and give every byte that came."""
    came: list[bytes] = []
    context = browser.new_context(accept_downloads=True)
    page = context.new_page()
    page.on("response", lambda response: came.append(_body(response)))
    page.goto(address, wait_until="commit")
    page.wait_for_selector('main[data-usable="true"]', timeout=60_000)
    if page.locator("[data-download]").count():
        with page.expect_download() as download:
            page.locator("[data-download]").first.click()
        came.append(Path(download.value.path()).read_bytes())
    came.append(page.content().encode())
    context.close()
    return came


def test_the_command_brings_answers_in_and_asks_about_what_may_name_somebody(made_up, tmp_path):
    run, study, form = CliRunner(), tmp_path / "study", xlsform.read_form(COMMON / "interview.csv")
    typed = answered(replace(made_up, frame=made_up.frame.iloc[:30]), form)
    typed.frame["remarks_gate"] = ["answered", *[""] * 29]
    typed.frame["remarks"] = ["call 06 12 34 56 78", *[""] * 29]
    (export,) = dict(every_export(typed, tmp_path / "exports"))["kobo-groups-both-0"]
    decisions = tmp_path / "decisions.csv"
    order = [
        "import",
        str(study),
        str(export),
        "--retention",
        "2031-12-31",
        "--synthetic",
        "--decisions",
        str(decisions),
    ]
    stopped = run.invoke(app, order)
    assert "may identify a person" in str(stopped.exception) and not (study / "cases").exists()
    assert "06 12" not in decisions.read_text(encoding="utf-8")
    first, row = decisions.read_text(encoding="utf-8").splitlines()
    assert "telephone number," in row
    with pytest.raises(ResearchError, match=r"decisions\.csv:2: the decision is ''"):
        read_decisions(decisions)
    decisions.write_text(f"{first}\n{row}withhold\n", encoding="utf-8")
    assert "30 cases" in run.invoke(app, order).output
    assert "30 cases" in run.invoke(app, order).output
    others = (study / "cases/others.csv").read_text(encoding="utf-8")
    assert "sy0000,remarks,withheld" in others and "06 12" not in others
    later = tmp_path / "later" / export.name
    later.parent.mkdir()
    later.write_text(export.read_text(encoding="utf-8").replace("40_44", "45_49"), encoding="utf-8")
    assert "says something else" in str(run.invoke(app, [*order[:2], str(later), *order[3:]]).exception)
    kept = read_cases(study / "cases")
    write_cases(replace(kept, frame=kept.frame.assign(retention_date="2020-12-31")), study / "cases")
    assert "removed 30 cases; 0 are kept" in run.invoke(app, ["purge", str(study)]).output
    assert (study / "cases/others.csv").read_text(encoding="utf-8") == "case_id,question,answer\n"


def test_the_command_builds_the_form_with_a_partner_s_questions(tmp_path):
    made = CliRunner().invoke(
        app, ["forms", "--to", str(tmp_path), "--partner", str(DATA / "instruments/example_partner.csv")]
    )
    assert made.exit_code == 0, made.output
    assert "xp_" in (tmp_path / "interview.xml").read_text(encoding="utf-8")
    assert xlsform.lint(xlsform.read_form(tmp_path / "interview.xlsx")) == []
