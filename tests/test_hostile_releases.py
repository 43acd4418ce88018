"""Releases under attack: cases, plans, policies and keys that are not sound, and releases that are not what they say."""

import hashlib
import io
import json
import os
import shutil
import sys
import time
from dataclasses import replace
from datetime import date
from itertools import product
from pathlib import Path

import ibis
import killing
import pandas as pd
import pytest

from research_lib import cli
from research_lib.disclosure import released as opening
from research_lib.disclosure.auditing.disclosure_audit import AuditError
from research_lib.disclosure.case_counts import CountingError
from research_lib.disclosure.demonstration import RELEASE, demonstration_cases
from research_lib.disclosure.planning.first_plan import PlanThereError, first_plan, write_first_plan
from research_lib.disclosure.planning.plan import Plan, PlanError, PlannedTable
from research_lib.disclosure.planning.policy import Policy, PolicyError
from research_lib.disclosure.release import audit, build_release
from research_lib.disclosure.released import MANIFEST, SIGNATURE, ReleaseError, open_release
from research_lib.disclosure.signatures import (
    TRUSTED_KEYS,
    TrustedKey,
    TrustError,
    fingerprint,
    new_key,
    own_key,
    public_part,
    read_trusted_keys,
    sign,
    trust,
)
from research_lib.disclosure.study_folder.study_release import earlier_releases, release_study
from research_lib.disclosure.suppression.protection import Protection
from research_lib.errors import ResearchError, StudyError
from research_lib.interviews.answers_import import AnswersError, read_answers
from research_lib.interviews.case_files import read_cases, write_cases
from research_lib.interviews.case_store import join_cases
from research_lib.interviews.cases import Variable
from research_lib.interviews.synthetic.synthetic_cases import DEMONSTRATION
from research_lib.interviews.xlsform import COMMON

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "data"
DAY = date(2026, 11, 24)
PLAN = Plan((PlannedTable("education", ("country_code", "education")), PlannedTable("age", ("age_band",))))
EXPORT = DEMONSTRATION / "synthetic-kobo-export.csv"


@pytest.fixture(scope="module")
def cases():
    return demonstration_cases()


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return killing.small_study(tmp_path_factory.mktemp("hostile") / "study")


@pytest.fixture(scope="module")
def made(study):
    release_study(study, DAY)
    return study


def run(*words):
    """What the command says and how it ends."""
    sys.argv = ["research-lib", *map(str, words)]
    try:
        cli.main()
    except SystemExit as ended:
        return ended.code
    return 0


def spoilt(text, change):
    return change if isinstance(change, str) else change(text)


def lines(text, change):
    rows = text.split("\n")
    change(rows)
    return "\n".join(rows)


def cell(column, value, row=5):
    """Change one cell of cases.csv."""

    def change(text):
        frame = pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False)
        frame.loc[row, column] = value
        return frame.to_csv(index=False, lineterminator="\n")

    return change


def variable(**changes):
    """Change one variable, or the head, of variables.json."""

    def change(text):
        described = json.loads(text)
        place = described if changes.keys() & described.keys() else described["variables"][3]
        place.update(changes)
        return json.dumps(described)

    return change


CASES = {
    "cut in a row": lambda text: text[: len(text) // 8],
    "cut at a row": lambda text: "\n".join(text.split("\n")[:73]) + "\n",
    "cut in the header": lambda text: text[:100],
    "empty": "",
    "a byte order mark only": "\ufeff",
    "header only": lambda text: text.split("\n")[0] + "\n",
    "a case twice": lambda text: lines(text, lambda rows: rows.__setitem__(3, rows[2])),
    "a column twice": lambda text: lines(text, lambda rows: rows.__setitem__(0, rows[0].replace("site", "education"))),
    "a column less": lambda text: lines(
        text, lambda rows: rows.__setitem__(0, rows[0].replace("education", "schooling"))
    ),
    "a row too long": lambda text: lines(text, lambda rows: rows.__setitem__(9, rows[9] + ",more,and more")),
    "a row too short": lambda text: lines(text, lambda rows: rows.__setitem__(9, rows[9][:50])),
    "blank rows": lambda text: lines(text, lambda rows: rows.__setitem__(9, "")),
    "an open quote": lambda text: text.replace("FRA", '"FRA', 1),
    "NUL in a country": cell("country_code", "I\0A"),
    "a line end in a country": cell("country_code", "FRA\n"),
    "an empty country": cell("country_code", ""),
    "a formula as site": cell("site", "=cmd|'/c calc'!A0"),
    "another answer": cell("education", "doctorate"),
    "case in another case": cell("education", "PRIMARY"),
    "an id with a slash": cell("case_id", "../../x"),
    "an id with a right-to-left mark": cell("person_id", "p\u202e1"),
    "no source": cell("source_id", ""),
    "a date that is none": cell("retention_date", "2031-02-30"),
    "a year of five digits": cell("retention_date", "12031-12-31"),
    "a scope of its own": cell("consent_scope", "everything"),
    "a scope twice": cell("consent_scope", "this_study this_study"),
    "half real": cell("is_synthetic", "no"),
    "a basis of its own": cell("legal_basis", "because"),
    "a letter of another alphabet": cell("is_synthetic", "yеs"),
}
VARIABLES = {
    "no json": "{",
    "a list": "[]",
    "a number": "1",
    "null": "null",
    "deep": "[" * 200_000,
    "no variables": lambda text: text.replace('"variables"', '"questions"'),
    "not synthetic or real": variable(is_synthetic="perhaps"),
    "synthetic as a list": variable(is_synthetic=[]),
    "declared real": variable(is_synthetic=False),
    "no number of records": variable(records="many"),
    "fewer records": variable(records=1),
    "variables as a word": variable(variables="age_band"),
    "a variable as a word": variable(variables=["age_band"]),
    "another field": variable(shape="round"),
    "choices as a word": variable(choices="yes"),
    "choices as null": variable(choices=None),
    "numbers as choices": variable(choices=[1, 2]),
    "a name that is a number": variable(name=7),
    "a kind of its own": variable(kind="several"),
    "labels as a list": variable(labels=[]),
    "labels as numbers": variable(labels={"en": 1}),
    "choice labels as words": variable(choice_labels={"a": "b"}),
    "a missing answer as choice": variable(choices=["not_asked"]),
    "relevant as null": variable(relevant=None),
    "latin-1": lambda text: text.encode("utf-16"),
}
PLANS = {
    "empty": "",
    "no TOML": "tables = [",
    "not UTF-8": lambda _: b"\xff\xfe\x00",
    "NUL": "\0",
    "tables as a number": "tables = 5",
    "tables as words": 'tables = ["education"]',
    "tables as a table": "[tables]\na = 1",
    "sensitive as a word": lambda text: text.replace("sensitive = []", 'sensitive = "practice"'),
    "sensitive as numbers": lambda text: text.replace("sensitive = []", "sensitive = [1]"),
    "sensitive nested": lambda text: text.replace("sensitive = []", 'sensitive = [["a"]]'),
    "a setting of its own": "rounding = 1",
    "a name with a line end": lambda text: text.replace('"age"', '"age\\n"'),
    "a name that leads out": lambda text: text.replace('"age"', '"../age"'),
    "an empty name": lambda text: text.replace('"age"', '""'),
    "a name as number": lambda text: text.replace('"age"', "7"),
    "a name of 300 letters": lambda text: text.replace('"age"', f'"{"a" * 300}"'),
    "a name twice": lambda text: text.replace('"age"', '"education"'),
    "no variables": lambda text: text.replace('["age_band"]', "[]"),
    "variables as a word": lambda text: text.replace('["age_band"]', '"age_band"'),
    "variables as numbers": lambda text: text.replace('["age_band"]', "[1, 2]"),
    "variables nested": lambda text: text.replace('["age_band"]', '[[["age_band"]]]'),
    "variables as tables": lambda text: text.replace('["age_band"]', "[{a = 1}]"),
    "a variable twice": lambda text: text.replace('["age_band"]', '["age_band", "age_band"]'),
    "a variable with a line end": lambda text: text.replace('["age_band"]', '["age_band\\n"]'),
    "an unknown variable": lambda text: text.replace("age_band", "shoe_size"),
    "an id": lambda text: text.replace('["age_band"]', '["person_id"]'),
    "too many variables": lambda text: text.replace(
        '["age_band"]', '["age_band", "site", "education", "country_code"]'
    ),
    "missing of its own": lambda text: text + 'missing = "perhaps"\n',
    "missing as a list": lambda text: text + "missing = []\n",
    "a field of its own": lambda text: text + 'colour = "red"\n',
    "the same crossing twice": lambda text: (
        text + '[[tables]]\nname = "again"\nvariables = ["education", "country_code"]\n'
    ),
}
POLICIES = {
    "empty": "",
    "no TOML": "[persons",
    "not UTF-8": lambda _: b"\xe9",
    "a rule less": lambda text: text.replace("[persons]", "[people]"),
    "a rule as a number": "persons = 5",
    "nan": lambda text: text.replace("value = 0.9", "value = nan"),
    "inf": lambda text: text.replace("value = 0.9", "value = inf"),
    "minus inf": lambda text: text.replace("value = 0.9", "value = -inf"),
    "more than all": lambda text: text.replace("value = 0.9", "value = 1.5"),
    "zero persons": lambda text: text.replace("value = 10", "value = 0", 1),
    "minus one": lambda text: text.replace("value = 10", "value = -1", 1),
    "half a person": lambda text: text.replace("value = 10", "value = 0.5", 1),
    "true": lambda text: text.replace("value = 10", "value = true", 1),
    "a word": lambda text: text.replace("value = 10", 'value = "ten"', 1),
    "a list": lambda text: text.replace("value = 10", "value = [10]", 1),
    "a date": lambda text: text.replace("value = 10", "value = 2026-01-01", 1),
    "a number without end": lambda text: text.replace("value = 10", f"value = {'9' * 400}", 1),
    "no reason": lambda text: text.replace("reason", "why", 1),
    "a reason as a number": lambda text: "\n".join(
        "reason = 1" if "reason" in row else row for row in text.split("\n")
    ),
    "a reason with controls": lambda text: text.replace('reason = "', 'reason = "\\u0000', 1),
    "a field of its own": lambda text: text.replace("[persons]", "[persons]\ncolour = 1"),
    "a level of its own": lambda text: text.replace('"province"', '"street"'),
    "a level as a number": lambda text: text.replace('"province"', "7"),
}
HOSTILE = [
    *(("cases/cases.csv", name, change) for name, change in CASES.items()),
    *(("cases/variables.json", name, change) for name, change in VARIABLES.items()),
    *(("release/plan.toml", name, change) for name, change in PLANS.items()),
    *(("release/policy.toml", name, change) for name, change in POLICIES.items()),
    *(("cases/release.key", name, text) for name, text in (("empty", ""), ("no key", "-----BEGIN"), ("bytes", "\0\1"))),
    *(
        ("release/trusted_keys.toml", str(n), text)
        for n, text in enumerate(("[[keys", "keys = 1", "a = 1", "[[keys]]"))
    ),
    ("release/trusted_keys.toml", "no key", '[[keys]]\npublic_key = "zz"'),
    ("release/trusted_keys.toml", "a field of its own", f'[[keys]]\npublic_key = "{"a" * 64}"\nowner = "me"'),
    ("release/trusted_keys.toml", "a holder as a number", f'[[keys]]\npublic_key = "{"a" * 64}"\nholder = 1'),
]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "change"), [row[::2] for row in HOSTILE], ids=[f"{row[0]}-{row[1]}" for row in HOSTILE]
)
def test_what_is_not_sound_is_refused_with_its_place_and_nothing_is_released(study, tmp_path, file, change, capsys):
    copy = tmp_path / "study"
    shutil.copytree(study, copy, ignore=shutil.ignore_patterns("released"))
    own_key(copy / "cases/release.key")
    (copy / "release/policy.toml").write_text(Policy.read().to_toml(), encoding="utf-8")
    path = copy / file
    there = path.read_text(encoding="utf-8") if path.exists() else ""
    content = spoilt(there, change)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    start = time.process_time()
    code, said = run("release", copy, "--date", "2026-11-24"), capsys.readouterr().err
    assert code == 2, said
    assert time.process_time() - start < 5
    assert "Traceback" not in said and len(said) > 20
    assert Path(file).name in said or "table " in said or "variables.json" in said, said
    assert not list(copy.glob("released/2*"))


def test_a_missing_plan_and_missing_cases_are_named(tmp_path, capsys):
    (tmp_path / "study/release").mkdir(parents=True)
    assert run("release", tmp_path / "study") == 2
    assert "plan.toml is missing: it says which tables to release" in capsys.readouterr().err
    (tmp_path / "study/release/plan.toml").write_text(PLAN.to_toml(), encoding="utf-8")
    assert run("release", tmp_path / "study") == 2
    assert "it holds no cases; bring them in" in capsys.readouterr().err


def table_of(**columns):
    size = 40
    ids = [f"c{number}" for number in range(size)]
    frame = pd.DataFrame(
        {
            "case_id": ids,
            "person_id": ids,
            "source_id": ["a", "b", "c", "d"] * 10,
            "is_synthetic": "yes",
            "consent_scope": "published_tables",
        }
    )
    return frame.assign(**{"age_band": ["young", "old"] * 20, **columns})


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (table_of().iloc[:0], "there are no records"),
        (table_of().drop(columns="case_id"), "no column 'case_id'"),
        (table_of().drop(columns="is_synthetic"), "no column 'is_synthetic'"),
        (table_of().drop(columns="consent_scope"), "no column 'consent_scope'"),
        (table_of(age_band=[1, 2] * 20), "the column 'age_band' is int64, not text"),
        (table_of(age_band=["no_answer", "old"] * 20), "the column 'age_band' has the value 'no_answer'"),
        (table_of(retention_date="2020-01-01"), "40 records are past their retention date"),
        (table_of(case_id="c1"), "39 records have the case_id of another"),
        (table_of(is_synthetic=["yes", "no"] * 20), "real and synthetic records stand together"),
        (table_of(is_synthetic="perhaps"), "real and synthetic records stand together"),
        (table_of(person_id=["p 1"] * 40), "40 records have no code as 'person_id'"),
        (table_of(source_id=[None, "a", "b", "c"] * 10), "10 records have no code as 'source_id'"),
        (table_of(case_id=[f"c\0{n}" for n in range(40)]), "no code as 'case_id'"),
        (table_of(age_band=["I\0A", "old"] * 20), "the column 'age_band' has the value 'I"),
        (table_of(age_band=["x" * 300, "old"] * 20), "the column 'age_band' has the value 'xxx"),
    ],
)
@pytest.mark.parametrize("engine", ["memory", "database"])
def test_records_that_cannot_be_counted_are_refused_wherever_they_lie(frame, reason, engine, tmp_path):
    plan = Plan((PlannedTable("age", ("age_band",)),))
    if engine == "database":
        texts = frame.select_dtypes(exclude="number").columns
        frame = frame.astype(dict.fromkeys(texts, "str")).replace("\0", "\x01", regex=True).replace("nan", None)
    source = frame if engine == "memory" else ibis.duckdb.connect().create_table("cases", frame)
    with pytest.raises(CountingError, match=reason):
        build_release(source, plan, Policy(), tmp_path / "released", date=DAY)
    assert not (tmp_path / "released").exists()


def test_real_and_synthetic_are_told_by_the_records_themselves(tmp_path):
    plan = Plan((PlannedTable("age", ("age_band",)),))
    made_up = build_release(table_of(), plan, Policy(), tmp_path / "a", date=DAY)
    real = build_release(table_of(is_synthetic="no"), plan, Policy(), tmp_path / "b", date=DAY)
    assert (made_up.is_synthetic, real.is_synthetic) == (True, False)
    assert (made_up.tables["age"]["is_synthetic"] == "yes").all() and "is_synthetic" not in real.tables["age"]


def test_a_release_that_fails_its_audit_is_never_signed_and_leaves_nothing(cases, tmp_path, monkeypatch):
    seen = []

    def refuse(_protection, _written, folder, **_):
        seen.extend(tmp_path.rglob(MANIFEST))
        assert not list(tmp_path.rglob(SIGNATURE))
        raise AuditError(f"{folder}: a cell can be derived; nothing was released")

    monkeypatch.setattr(Protection, "require_safe", refuse)
    with pytest.raises(AuditError):
        build_release(cases, PLAN, Policy(), tmp_path / "out/one", date=DAY, report=tmp_path / "report.md")
    assert len(seen) == 1 and not list((tmp_path / "out").iterdir()) and not (tmp_path / "report.md").exists()


def signed_anew(folder, key, **changes):
    """Forge a release: change its manifest, and sign it with a key of one's own."""
    manifest = json.loads((folder / MANIFEST).read_bytes()) | {"public_key": public_part(key)} | changes
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    (folder / SIGNATURE).write_text(sign((folder / MANIFEST).read_bytes(), key) + "\n", encoding="ascii")


def test_a_table_altered_and_signed_by_another_is_refused_with_the_fingerprint(made, tmp_path):
    shutil.copytree(made, tmp_path / "study")
    folder, key = tmp_path / f"study/released/{DAY}", new_key()
    table = folder / "tables/age.csv"
    table.write_text(table.read_text().replace("shown", "zero"), encoding="utf-8")
    digest = hashlib.sha256(table.read_bytes()).hexdigest()
    files = json.loads((folder / MANIFEST).read_bytes())["files"] | {"tables/age.csv": digest}
    signed_anew(folder, key, files=files)
    with pytest.raises(TrustError, match=fingerprint(public_part(key))):
        open_release(folder)
    with pytest.raises(TrustError, match="unknown key"):
        earlier_releases(folder.parent)
    assert len(fingerprint(public_part(key)).split()) == 8


def test_a_synthetic_release_cannot_be_declared_real(made, tmp_path):
    shutil.copytree(made, tmp_path / "study")
    folder = tmp_path / f"study/released/{DAY}"
    signed_anew(folder, own_key(tmp_path / "study/cases/release.key"), is_synthetic=False)
    with pytest.raises(ReleaseError, match="differ on whether the data are synthetic"):
        open_release(folder)


def test_a_key_that_signs_made_up_data_signs_nothing_real(tmp_path):
    key, plan = new_key(), Plan((PlannedTable("age", ("age_band",)),))
    folder = tmp_path / "study/released/one"
    build_release(table_of(is_synthetic="no"), plan, Policy(), folder, date=DAY, key=key)
    trust(tmp_path / "study" / TRUSTED_KEYS, TrustedKey(public_part(key), "a demonstration", synthetic=True))
    with pytest.raises(ReleaseError, match="its key signs synthetic data only"):
        open_release(folder)
    assert not open_release(folder, trusted=[public_part(key)]).is_synthetic


def test_a_study_opens_its_own_releases_and_those_of_keys_added_by_hand(made, tmp_path):
    own = public_part(own_key(made / "cases/release.key"))
    assert [key.public_key for key in read_trusted_keys(made / TRUSTED_KEYS)] == [own]
    assert open_release(made / f"released/{DAY}").manifest["public_key"] == own
    shutil.copytree(made / f"released/{DAY}", tmp_path / "partner/released/theirs")
    with pytest.raises(TrustError, match=r"add the key to release/trusted_keys\.toml of the study"):
        open_release(tmp_path / "partner/released/theirs")
    trust(tmp_path / "partner" / TRUSTED_KEYS, TrustedKey(own, "made", synthetic=True))
    assert open_release(tmp_path / "partner/released/theirs").is_synthetic


def test_the_release_in_the_repository_is_trusted_as_synthetic_only():
    (key,) = [key for key in read_trusted_keys(DATA / TRUSTED_KEYS) if key.holder.startswith("the synthetic")]
    assert key.synthetic and open_release(DATA / RELEASE).manifest["public_key"] == key.public_key


def test_trusting_a_key_twice_lists_it_once_and_keeps_what_is_there(tmp_path):
    path, keys = (
        tmp_path / TRUSTED_KEYS,
        [TrustedKey(public_part(new_key()), 'a "partner"\n[[keys]]') for _ in range(2)],
    )
    for key in (*keys, *keys):
        trust(path, key)
    assert read_trusted_keys(path) == tuple(keys)


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", "null", "[" * 100_000, '{"public_key": 1}', '{"public_key": "é"}', "\0"]
)
def test_a_manifest_that_is_none_is_refused(made, tmp_path, content):
    shutil.copytree(made, tmp_path / "study")
    (tmp_path / f"study/released/{DAY}/{MANIFEST}").write_text(content, encoding="utf-8")
    with pytest.raises(ResearchError, match=r"manifest\.json"):
        open_release(tmp_path / f"study/released/{DAY}")


@pytest.mark.parametrize(
    "changes",
    [
        {"files": []},
        {"files": {"a": 1}},
        {"tables": None},
        {"tables": [{"name": "x"}]},
        {"rules": 1},
        {"files": {"../../x": ""}},
    ],
)
def test_a_manifest_signed_by_a_trusted_key_that_describes_nothing_is_refused_too(made, tmp_path, changes):
    shutil.copytree(made, tmp_path / "study")
    folder = tmp_path / f"study/released/{DAY}"
    signed_anew(folder, own_key(tmp_path / "study/cases/release.key"), **changes)
    with pytest.raises(ResearchError, match=str(tmp_path)):
        open_release(folder)


def test_an_unfinished_release_is_never_opened(made, tmp_path):
    shutil.copytree(made / "release", tmp_path / "study/release")
    for name in (f".release-abc/{DAY}", ".hidden"):
        shutil.copytree(made / f"released/{DAY}", tmp_path / "study/released" / name)
    (tmp_path / f"study/released/.release-abc/{DAY}/{SIGNATURE}").unlink()
    with pytest.raises(ReleaseError, match=r"\.hidden: a release that was never finished"):
        earlier_releases(tmp_path / "study/released")
    shutil.rmtree(tmp_path / "study/released/.hidden")
    assert earlier_releases(tmp_path / "study/released") == ()
    with pytest.raises(ResearchError, match=r"manifest\.sig"):
        open_release(tmp_path / f"study/released/.release-abc/{DAY}", trusted=[])


@pytest.mark.slow
@pytest.mark.parametrize("ignore", [(), ("SYNTHETIC",)])
def test_made_up_records_stay_marked_whatever_the_options(tmp_path, ignore):
    form = COMMON / "interview.csv"
    imported = read_answers(
        EXPORT, form, legal_basis="consent", retention=date(2031, 12, 31), ignore=ignore, is_synthetic=False
    )
    assert imported.cases.is_synthetic and (imported.cases.frame["is_synthetic"] == "yes").all()
    assert "the export says that its records are synthetic" in str(imported.report)
    join_cases(imported, tmp_path / "study/cases")
    (tmp_path / "study/release").mkdir()
    (tmp_path / "study/release/plan.toml").write_text(PLAN.to_toml(), encoding="utf-8")
    assert release_study(tmp_path / "study", DAY).released.is_synthetic


@pytest.mark.parametrize("header", ["synthetic", "admin/SYNTHETIC", "is_synthetic", "Synthetic"])
def test_the_mark_is_found_under_each_of_its_names(tmp_path, header):
    text = EXPORT.read_text(encoding="utf-8").replace(";SYNTHETIC\n", f";{header}\n", 1)
    (tmp_path / "export.csv").write_text(text, encoding="utf-8")
    form = COMMON / "interview.csv"
    imported = read_answers(tmp_path / "export.csv", form, legal_basis="consent", retention=date(2031, 12, 31))
    assert imported.cases.is_synthetic


def test_an_export_that_is_made_up_in_part_is_refused(tmp_path):
    rows = EXPORT.read_text(encoding="utf-8").split("\n")
    rows[5] = rows[5].removesuffix("yes")
    (tmp_path / "export.csv").write_text("\n".join(rows), encoding="utf-8")
    form = COMMON / "interview.csv"
    with pytest.raises(AnswersError, match=r"export\.csv:6 SYNTHETIC: others beside it are marked as synthetic"):
        read_answers(tmp_path / "export.csv", form, legal_basis="consent", retention=date(2031, 12, 31))


def test_made_up_sources_give_made_up_records_away(cases, tmp_path):
    real = replace(cases, frame=cases.frame.assign(is_synthetic="no"), is_synthetic=False)
    with pytest.raises(StudyError, match="has made-up records; is_synthetic must be yes"):
        write_cases(real, tmp_path)


@pytest.mark.parametrize("rule", ["persons", "top_two_share", "p_percent", "protection_interval"])
@pytest.mark.parametrize("value", [float("nan"), float("inf"), 0, -1, None, "10", True])
def test_a_policy_has_numbers_that_are_numbers(rule, value):
    with pytest.raises(PolicyError, match=rf"the rule '{rule}' has the value"):
        Policy(**{rule: value})


def test_a_plan_is_read_as_it_is_written(tmp_path):
    (tmp_path / "plan.toml").write_text(PLAN.to_toml(), encoding="utf-8")
    assert Plan.read(tmp_path / "plan.toml") == PLAN
    with pytest.raises(PlanError, match="is missing: it says which tables"):
        Plan.read(tmp_path / "other.toml")


def test_cases_written_before_records_were_counted_are_still_read(cases, tmp_path):
    write_cases(cases, tmp_path)
    described = json.loads((tmp_path / "variables.json").read_text(encoding="utf-8"))
    del described["records"]
    (tmp_path / "variables.json").write_text(json.dumps(described), encoding="utf-8")
    assert read_cases(tmp_path).frame.equals(cases.frame)


SPECIAL = ("cases/cases.csv", "cases/variables.json", "cases/release.key", "release/plan.toml", "release/policy.toml")
PLACES = {
    "pipe": os.mkfifo,
    "folder": Path.mkdir,
    "loop": lambda path: path.symlink_to(path),
    "broken link": lambda path: path.symlink_to("nowhere"),
    "latin": lambda path: path.write_bytes(b"\xe9"),
    "zeros": lambda path: path.touch() or os.truncate(path, 3 << 30),
}


FILES = (*SPECIAL, "release/trusted_keys.toml", "cases/released.txt")
LARGE = ("cases/cases.csv", "zeros")  # Cases may be of any size.


@pytest.mark.parametrize(("file", "kind"), [pair for pair in product(FILES, PLACES) if pair != LARGE])
def test_what_is_no_plain_file_is_named_at_once(study, tmp_path, file, kind, capsys):
    copy = tmp_path / "study"
    shutil.copytree(study, copy, ignore=shutil.ignore_patterns("released"))
    path = copy / file
    path.unlink(missing_ok=True)
    PLACES[kind](path)
    start = time.monotonic()
    code, said = run("release", copy, "--date", "2026-11-24"), capsys.readouterr().err
    assert code == 2 and time.monotonic() - start < 60
    assert path.name in said and "Traceback" not in said and not list(copy.glob("released/2*"))


@pytest.mark.parametrize("text", ["\0" * 99, "Li Meihua\n", "é\n", f"{'0' * 64}\n\x1b[2J\n"])
def test_what_is_no_digest_of_a_release_is_not_repeated(made, tmp_path, text):
    shutil.copytree(made, tmp_path / "study")
    (tmp_path / "study/cases/released.txt").write_text(text, encoding="utf-8")
    with pytest.raises(
        ReleaseError, match=r"released\.txt: entry [12] is not the digest of a release; restore"
    ) as refused:
        release_study(tmp_path / "study", date(2027, 1, 1))
    assert not any(word in str(refused.value) for word in text.split())


def test_a_list_of_keys_that_an_editor_saved_takes_another_key(tmp_path):
    path, keys = tmp_path / TRUSTED_KEYS, [TrustedKey(public_part(new_key()), "me") for _ in range(2)]
    trust(path, keys[0])
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n").join([b"\xef\xbb\xbf", b""]))
    trust(path, keys[1])
    assert read_trusted_keys(path) == tuple(keys)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["cases", "memory", "database"])
def test_answers_of_those_who_did_not_agree_are_counted_nowhere(cases, tmp_path, kind):
    unwilling = replace(cases, frame=cases.frame.assign(consent_scope="this_study"))
    table = ibis.duckdb.connect().create_table("cases", unwilling.frame.astype(object))
    source = {"cases": unwilling, "memory": unwilling.frame, "database": table}[kind]
    released = build_release(source, PLAN, Policy(), tmp_path / "out", date=DAY)
    shown = released.tables["age"]
    assert shown.loc[shown["age_band"] != "no_answer", "count"].fillna(0).sum() == 0
    assert shown.loc[shown["age_band"] == "no_answer", "count"].sum() == 600


def test_a_release_behind_a_link_is_not_opened_with_the_list_of_another_study(made, tmp_path):
    shutil.copytree(made, tmp_path / "mine")
    shutil.copytree(made, tmp_path / "theirs")
    folder, key = tmp_path / f"theirs/released/{DAY}", new_key()
    signed_anew(folder, key)
    trust(tmp_path / "theirs" / TRUSTED_KEYS, TrustedKey(public_part(key), "theirs", synthetic=True))
    (tmp_path / "mine/released/2027-01-01").symlink_to(folder)
    with pytest.raises(ReleaseError, match="2027-01-01: it is a link, not a release"):
        earlier_releases(tmp_path / "mine/released")
    shutil.rmtree(tmp_path / "mine/released")
    (tmp_path / "mine/released").symlink_to(folder.parent)
    with pytest.raises(TrustError, match="unknown key"):
        open_release(tmp_path / f"mine/released/{DAY}")


@pytest.mark.parametrize("kind", ["link", "pipe", "folder", "broken link", "dangling"])
def test_nothing_else_lies_in_a_release(made, tmp_path, kind):
    shutil.copytree(made, tmp_path / "study")
    folder = tmp_path / f"study/released/{DAY}"
    put = {
        "link": lambda: (folder / "cases").symlink_to("../../cases"),
        "pipe": lambda: os.mkfifo(folder / "pipe"),
        "folder": (folder / "empty").mkdir,
        "broken link": lambda: (folder / "tables/more.csv").symlink_to("nowhere"),
        "dangling": lambda: (folder / ".hidden").write_text("more"),
    }
    put[kind]()
    with pytest.raises(ReleaseError, match="this file is not part of the release"):
        open_release(folder)


def test_of_two_releases_of_a_day_the_one_that_names_the_other_comes_last(tmp_path):
    plan, key, folder = Plan((PlannedTable("age", ("age_band",)),)), new_key(), tmp_path / "study/released"
    trust(tmp_path / "study" / TRUSTED_KEYS, TrustedKey(public_part(key), "me"))
    first = build_release(table_of(), plan, Policy(), folder / "b", date=DAY, key=key)
    second = build_release(table_of(), plan, Policy(), folder / "a", date=DAY, key=key, earlier=[first])
    assert [each.digest for each in earlier_releases(folder)] == [first.digest, second.digest]


def test_of_several_files_that_do_not_belong_the_first_is_named(made, tmp_path):
    shutil.copytree(made, tmp_path / "study")
    folder = tmp_path / f"study/released/{DAY}"
    strange = [folder / f"more{number}.csv" for number in range(9)]
    for path in strange:
        path.touch()
    with pytest.raises(ReleaseError, match=r"more0\.csv: this file is not part of the release"):
        open_release(folder)
    for path in strange:
        path.unlink()
    for path in [path for path in folder.rglob("*") if path.is_file() and path.name not in (MANIFEST, SIGNATURE)]:
        path.rename(tmp_path / path.name)
        path.symlink_to(tmp_path / path.name)
    with pytest.raises(ReleaseError, match=r"plan\.toml: it is a link"):
        open_release(folder)


def test_a_manifest_has_the_rules_of_the_policy_without_their_reasons(made):
    release = open_release(made / f"released/{DAY}")
    assert Policy(**release.manifest["rules"]) == Policy()
    assert "reasons" not in release.manifest["rules"]
    assert release.reasons == Policy.read().reasons


def test_a_release_that_names_a_rule_as_older_ones_do_is_read_by_its_name_of_today(made, tmp_path):
    shutil.copytree(made, tmp_path / "study")
    folder, old = tmp_path / f"study/released/{DAY}", "smallest_interval"
    policy = folder / "policy.toml"
    policy.write_text(policy.read_text(encoding="utf-8").replace("protection_interval", old), encoding="utf-8")
    manifest = json.loads((folder / MANIFEST).read_bytes())
    rules = {old if name == "protection_interval" else name: value for name, value in manifest["rules"].items()}
    files = manifest["files"] | {policy.name: hashlib.sha256(policy.read_bytes()).hexdigest()}
    signed_anew(folder, own_key(tmp_path / "study/cases/release.key"), rules=rules, files=files)
    release = open_release(folder)
    assert Policy(**release.manifest["rules"]) == Policy() and release.reasons.keys() == Policy.read().reasons.keys()
    assert audit(release)["is_safe"].all()


def test_a_file_of_a_release_is_no_link(made, tmp_path):
    shutil.copytree(made, tmp_path / "study")
    table = tmp_path / f"study/released/{DAY}/tables/age.csv"
    table.rename(tmp_path / "age.csv")
    table.symlink_to(tmp_path / "age.csv")
    with pytest.raises(ReleaseError, match=r"age\.csv: it is a link"):
        open_release(tmp_path / f"study/released/{DAY}")


@pytest.mark.parametrize(
    "change", [str.upper, lambda text: f" {text}", lambda text: text.replace("\n", "\r\n"), str.strip]
)
def test_a_signature_is_written_in_one_way(made, tmp_path, change):
    shutil.copytree(made, tmp_path / "study")
    path = tmp_path / f"study/released/{DAY}/{SIGNATURE}"
    path.write_bytes(change(path.read_text(encoding="ascii")).encode())
    with pytest.raises(ReleaseError, match="not the manifest as it was signed"):
        open_release(path.parent)


def test_what_was_verified_is_what_is_read(made, tmp_path, monkeypatch):
    shutil.copytree(made, tmp_path / "study")
    folder = tmp_path / f"study/released/{DAY}"
    verify = opening.verify

    def swapped(*arguments):
        verify(*arguments)
        table = folder / "tables/age.csv"
        table.write_text(table.read_text(encoding="utf-8").replace("shown", "zero"), encoding="utf-8")
        manifest = json.loads((folder / MANIFEST).read_bytes())
        manifest["files"]["tables/age.csv"] = hashlib.sha256(table.read_bytes()).hexdigest()
        (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")

    monkeypatch.setattr(opening, "verify", swapped)
    with pytest.raises(ReleaseError, match=r"age\.csv: it is not as it was released"):
        open_release(folder)


WEAK = ["00" * 32, "01" + "00" * 31, "ec" + "ff" * 30 + "7f", "ed" + "ff" * 30 + "7f", "ee" + "ff" * 30 + "7f"]
ORDER_8 = "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03"


@pytest.mark.parametrize("key", [*WEAK, "01" + "00" * 30 + "80", f"{ORDER_8}7a", f"{ORDER_8}fa", "A" * 64])
def test_a_key_that_anybody_can_sign_for_is_no_key(tmp_path, key):
    path = tmp_path / TRUSTED_KEYS
    path.parent.mkdir()
    path.write_text(f'[[keys]]\npublic_key = "{key}"\n', encoding="utf-8")
    with pytest.raises(TrustError, match="public_key of key 1"):
        read_trusted_keys(path)


def test_a_key_is_made_once_in_a_file_that_only_its_owner_reads(tmp_path):
    place = str(tmp_path / "own.key")
    made = own_key(place)
    assert Path(place).stat().st_mode & 0o077 == 0
    assert public_part(own_key(place)) == public_part(made) != public_part(new_key())


def test_a_list_that_cannot_take_a_key_is_left_as_it_is(tmp_path):
    path = tmp_path / TRUSTED_KEYS
    path.parent.mkdir()
    path.write_text("keys = []\n", encoding="utf-8")
    with pytest.raises(TrustError, match="cannot take another key"):
        trust(path, TrustedKey(public_part(new_key()), "me"))
    assert path.read_text(encoding="utf-8") == "keys = []\n"


def test_a_key_of_a_trial_is_not_taken_for_real_records(made, tmp_path):
    shutil.copytree(
        made, tmp_path / "study", ignore=shutil.ignore_patterns("cases.csv", "variables.json", "others.csv")
    )
    real = demonstration_cases()
    frame = real.frame.assign(is_synthetic="no", source_id=real.frame["source_id"].str.removeprefix("synthetic_"))
    write_cases(replace(real, frame=frame, is_synthetic=False), tmp_path / "study/cases")
    with pytest.raises(TrustError, match="listed for made-up data; make another key for real data"):
        release_study(tmp_path / "study", date(2027, 1, 1))
    assert not (tmp_path / "study/released/2027-01-01").exists()


@pytest.mark.parametrize("change", ["renamed", "removed", "manifest removed", "twice"])
def test_no_earlier_release_is_hidden_from_the_audit(made, tmp_path, change):
    shutil.copytree(made, tmp_path / "study")
    first = tmp_path / f"study/released/{DAY}"
    put = {
        "renamed": lambda: first.rename(first.with_name(f".{DAY}")),
        "removed": lambda: shutil.rmtree(first),
        "manifest removed": (first / MANIFEST).unlink,
        "twice": lambda: shutil.copytree(first, first.with_name("2026-12-01")),
    }
    put[change]()
    reasons = "never finished|is missing|it is missing from the release|stands there twice"
    with pytest.raises(ResearchError, match=rf"/study/released.*({reasons})"):
        release_study(tmp_path / "study", date(2027, 1, 1))
    assert not (tmp_path / "study/released/2027-01-01").exists()


@pytest.mark.parametrize("day", [DAY, date(2026, 1, 1), date(1, 1, 1)])
def test_a_release_is_later_than_the_last_one(made, tmp_path, day):
    shutil.copytree(made, tmp_path / "study")
    with pytest.raises(ReleaseError, match="is not after the release of 2026-11-24, which exists already"):
        release_study(tmp_path / "study", day)


@pytest.mark.parametrize(
    ("variable", "values"),
    [
        ("Age", ("21", "22")),
        ("respondent_age", ("21-22", "23-24")),
        ("age_band", ("21 years", "22 years")),
        ("birth_year", ("1980", "1981")),
        ("birth_town", ("a", "b")),
        ("Origin_Town", ("a", "b")),
        ("origin_village", ("a", "b")),
        ("status", ("a", "b")),
        ("records", ("a", "b")),
    ],
)
def test_a_plan_does_not_escape_the_policy_by_a_name(variable, values):
    with pytest.raises(PlanError, match="table t: "):
        Plan((PlannedTable("t", (variable,)),)).check(Policy(), {variable: values}, (variable,))


@pytest.mark.parametrize("name", ["plan.toml", "policy.toml"])
@pytest.mark.parametrize("put", [lambda path: path.write_text("my own"), lambda path: path.symlink_to("nowhere")])
def test_a_first_plan_takes_the_place_of_nothing(tmp_path, name, put):
    (tmp_path / "release").mkdir()
    put(tmp_path / "release" / name)
    with pytest.raises(PlanThereError, match=f"{name} is there already"):
        write_first_plan(tmp_path)
    assert [path.name for path in (tmp_path / "release").iterdir()] == [name]


def test_a_first_plan_comes_beside_the_keys_that_a_study_trusts(study, tmp_path):
    shutil.copytree(study, tmp_path / "study", ignore=shutil.ignore_patterns("plan.toml", "released"))
    trust(tmp_path / "study" / TRUSTED_KEYS, TrustedKey(public_part(new_key()), "a partner"))
    made = write_first_plan(tmp_path / "study")
    assert Plan.read(made.plan).tables[0].variables[0] == "country_code"
    assert Policy.read(made.policy) == Policy()


def test_a_first_plan_has_what_the_usual_policy_lets_out(cases):
    work, town = (Variable(name, "", "one", ("a", "b")) for name in ("work", "origin_town"))
    many, site = Variable("reason", "", "many", ("a", "b")), Variable("site", "", "one", ("a", "b"))
    cases = replace(cases, frame=cases.frame.assign(work=["a", "b"] * (len(cases.frame) // 2)))
    found = first_plan(replace(cases, variables=(work, town, many, site)))
    tables = (PlannedTable("work", ("country_code", "work"), keeps_missing_apart=True),)
    assert found == Plan(tables, ("work",), counts="persons")
    nobody = replace(cases, variables=(work,), frame=cases.frame.assign(person_id=cases.frame["case_id"]))
    assert first_plan(nobody) == Plan(tables, ("work",), counts="records")
    with pytest.raises(PlanError, match="no question with one answer that the usual policy lets out"):
        first_plan(replace(cases, variables=(town, many, site)))


@pytest.mark.parametrize("name", ["case_id", "person_id", "source_id", "retention_date"])
def test_what_says_whose_record_it_is_never_leaves(name):
    with pytest.raises(PlanError, match=f"table t: {name} never leaves"):
        Plan((PlannedTable("t", ("work", name)),)).check(Policy(), {"work": ("a",), name: ("b",)}, ("work", name))


RESERVED = ["count", "status", "is_synthetic", "records", "persons", "sources", "largest", "largest_two", "beyond"]
RESERVED += ["is_counted", "counted"]


@pytest.mark.parametrize("name", RESERVED)
def test_a_variable_is_not_called_as_a_column_that_every_table_has(name):
    with pytest.raises(PlanError, match=f"table t: every released table has a column {name}; give"):
        Plan((PlannedTable("t", (name,)),)).check(Policy(), {name: ("a", "b")}, (name,))


def test_a_sensitive_variable_that_is_misspelt_is_named(cases, tmp_path):
    with pytest.raises(PlanError, match="sensitive: there is no variable 'practise'"):
        build_release(cases, replace(PLAN, sensitive=("practise",)), Policy(), tmp_path / "out", date=DAY)


@pytest.mark.slow
def test_a_study_releases_again_after_people_are_gone(made, tmp_path):
    study = tmp_path / "study"
    shutil.copytree(made, study)
    whole = read_cases(study / "cases")
    write_cases(replace(whole, frame=whole.frame.iloc[60:].reset_index(drop=True)), study / "cases")
    fewer = release_study(study, date(2027, 3, 1))
    write_cases(whole, study / "cases")
    again = release_study(study, date(2027, 4, 1))
    first = open_release(study / f"released/{DAY}")
    for name, table in first.tables.items():
        for later in (fewer.released, again.released):
            assert (later.tables[name]["status"] == "hidden")[table["status"] == "hidden"].all()
    assert "| hidden_before |" in again.report.read_text(encoding="utf-8")
    assert again.cleared == ()
    assert fewer.report.exists()


@pytest.mark.slow
def test_a_new_series_is_protected_from_its_first_release_on(made, tmp_path):
    study = tmp_path / "study"
    shutil.copytree(made, study)
    first = release_study(study, date(2027, 5, 1), new_series=True)
    second = release_study(study, date(2027, 6, 1))
    assert first.released.manifest["earlier"] == []
    assert second.released.manifest["earlier"] == [first.released.digest]
    assert first.shown_again == second.shown_again == 0  # the records are those of the release before


@pytest.mark.slow
def test_a_new_series_says_how_many_cells_it_shows_that_an_earlier_release_hides(cases, tmp_path):
    study = killing.small_study(tmp_path / "study", records=90)
    first = release_study(study, date(2027, 5, 1)).released
    write_cases(cases, study / "cases")
    second = release_study(study, date(2027, 6, 1), new_series=True)
    shown_again = 0
    for name, table in first.tables.items():
        cells = [each for each in table if each not in ("count", "status", "is_synthetic")]
        both = table.merge(second.released.tables[name], on=cells, suffixes=("", "_now"))
        shown_again += ((both["status"] == "hidden") & (both["status_now"] != "hidden")).sum()
    assert second.shown_again == shown_again > 0


def test_records_past_their_retention_are_not_released(cases, tmp_path):
    late = replace(cases, frame=cases.frame.assign(retention_date="2026-11-23"))
    with pytest.raises(CountingError, match="600 records are past their retention date; remove them with"):
        build_release(late, PLAN, Policy(), tmp_path / "out", date=DAY)


def test_demonstrate_overwrites_nothing(tmp_path, capsys):
    (tmp_path / "release").mkdir()
    (tmp_path / "release/policy.toml").write_text("my own", encoding="utf-8")
    assert run("demonstrate", tmp_path) == 2
    assert "is not empty; choose a new folder" in capsys.readouterr().err
    assert (tmp_path / "release/policy.toml").read_text(encoding="utf-8") == "my own"
