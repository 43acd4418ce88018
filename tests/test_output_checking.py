"""The checker's desk: who asked for what stands in a log, and a release of a study with checkers has two signatures."""

import json
import re
import shutil
from datetime import date
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from killing import small_study
from typer.testing import CliRunner

from research_lib.cli import app
from research_lib.disclosure import open_release
from research_lib.disclosure.released import ReleaseError
from research_lib.disclosure.signatures import (
    CHECKED,
    CHECKERS,
    Key,
    SignatureError,
    TrustedKey,
    TrustError,
    new_key,
    own_key,
    public_part,
    read_check,
    trust,
    write_check,
)
from research_lib.disclosure.study_folder.output_checking import WAITING, countersign, refuse, sign_waiting
from research_lib.disclosure.study_folder.release_series import LOG_FILE, LogError, read_log
from research_lib.disclosure.study_folder.study_release import dry_run, earlier_releases, release_study
from research_lib.errors import ResearchError
from research_lib.files.saving import save_file

FIRST, SECOND = date(2026, 1, 31), date(2026, 3, 1)


@pytest.fixture(scope="module")
def first_study(tmp_path_factory):
    return small_study(tmp_path_factory.mktemp("first") / "study", records=60)


@pytest.fixture
def study(first_study, tmp_path):
    return Path(shutil.copytree(first_study, tmp_path / "study"))


@pytest.fixture(scope="module")
def checker():
    return new_key()


@pytest.fixture
def checked_study(study, checker):
    """A study that has one checker."""
    trust(study / CHECKERS, TrustedKey(public_part(checker), "Ana"))
    return study


@pytest.fixture(scope="module")
def first_waiting(first_study, checker, tmp_path_factory):
    study = Path(shutil.copytree(first_study, tmp_path_factory.mktemp("waiting") / "study"))
    trust(study / CHECKERS, TrustedKey(public_part(checker), "Ana"))
    release_study(study, FIRST, person="Ben")
    return study


@pytest.fixture
def waiting(first_waiting, tmp_path):
    """A study whose first release, which Ben asked for, waits for its checker."""
    return Path(shutil.copytree(first_waiting, tmp_path / "waiting"))


def entries(study, *columns):
    return read_log(study / "cases")[list(columns)].to_numpy().tolist()


def test_a_release_waits_for_its_checker_and_then_has_two_signatures(checked_study, checker):
    study = checked_study
    made = release_study(study, FIRST, person="Ben")
    assert made.waits
    assert made.folder == study / WAITING / "2026-01-31"
    assert made.folder.parent.stat().st_mode & 0o777 == 0o750
    assert earlier_releases(study / "released") == ()
    with pytest.raises(ReleaseError, match="this release waits for its checker; first: research-lib countersign"):
        release_study(study, SECOND, person="Ben")
    signed = countersign(study, checker, checker="Ana", day=FIRST, note="read the report")
    assert (signed.check.checker, signed.check.date, signed.check.note) == ("Ana", "2026-01-31", "read the report")
    assert signed.digest == made.released.digest
    assert not made.folder.exists()
    assert [each.digest for each in earlier_releases(study / "released")] == [signed.digest]
    assert (study / "cases/released.txt").read_text().split() == [signed.digest]
    again = release_study(study, SECOND, person="Ben")
    assert again.released.manifest["earlier"] == [signed.digest]
    assert entries(study, "person", "asked", "release", "outcome") == [
        ["Ben", "release", "2026-01-31", "waits for its checker"],
        ["Ben", "release", "2026-03-01", "refused"],
        ["Ana", "check", "2026-01-31", "signed"],
        ["Ben", "release", "2026-03-01", "waits for its checker"],
    ]


def test_a_refused_release_is_gone_and_the_reason_stands_in_the_log(waiting):
    study, folder = waiting, waiting / WAITING / "2026-01-31"
    assert refuse(study, checker="Ana", reason="=cmd: the table of ages is not needed") == folder
    assert not folder.exists()
    assert not (study / "released").exists() or not list((study / "released").glob("2*"))
    assert entries(study, "outcome", "reason")[-1] == ["refused", "=cmd: the table of ages is not needed"]
    assert ",'=cmd" in (study / "cases" / LOG_FILE).read_text(encoding="utf-8")
    assert release_study(study, FIRST, person="Ben").waits


def test_a_file_that_is_called_like_a_day_is_no_release_that_waits(study):
    (study / WAITING).mkdir(parents=True)
    (study / WAITING / "2026-01-31").touch()
    with pytest.raises(ReleaseError, match="no release waits for its checker"):
        refuse(study, checker="Ana", reason="not needed")


def test_nobody_signs_a_release_alone(waiting, checker):
    study = waiting
    own = own_key(study / "cases/release.key")
    with pytest.raises(TrustError, match="the study's own key signed this release already"):
        countersign(study, own, checker="Ben", day=FIRST)
    with pytest.raises(TrustError, match=r"checkers\.toml: this key is not a checker's"):
        countersign(study, new_key(), checker="Eve", day=FIRST)
    assert (study / WAITING / "2026-01-31").is_dir()
    assert entries(study, "person", "outcome")[-2:] == [["Ben", "refused"], ["Eve", "refused"]]


def test_a_release_that_no_checker_has_signed_is_not_opened(waiting, checker):
    study = waiting
    moved = study / "released/2026-01-31"
    shutil.copytree(study / WAITING / "2026-01-31", moved)
    with pytest.raises(TrustError, match=r"none of those in release/checkers\.toml has signed it"):
        open_release(moved)
    shutil.rmtree(moved)
    signed = countersign(study, checker, checker="Ana", day=FIRST)
    text = (moved / CHECKED).read_text(encoding="utf-8")
    for old, new in (("Ana", "Eva"), ("2026-01-31", "2026-01-30"), (signed.digest, "0" * 64)):
        (moved / CHECKED).write_text(text.replace(old, new), encoding="utf-8")
        with pytest.raises(SignatureError, match=r"checked\.json: the signature does not fit"):
            open_release(moved)
    for wrong in ("", "[]", "{}", json.dumps({**json.loads(text), "note": 1}), text.replace('"note"', '"more"')):
        (moved / CHECKED).write_text(wrong, encoding="utf-8")
        with pytest.raises(SignatureError, match=r"checked\.json: this is not the check of a release"):
            open_release(moved)
    (moved / CHECKED).unlink()
    with pytest.raises(TrustError, match="has signed it; have it checked"):
        open_release(moved)


def test_the_check_of_one_release_is_none_of_another(waiting, checker):
    study = waiting
    countersign(study, checker, checker="Ana", day=FIRST)
    release_study(study, SECOND, person="Ben")
    countersign(study, checker, checker="Ana", day=SECOND)
    shutil.copy(study / "released/2026-01-31" / CHECKED, study / "released/2026-03-01" / CHECKED)
    with pytest.raises(SignatureError, match="it is the check of another release"):
        open_release(study / "released/2026-03-01")


@pytest.mark.parametrize("wrong", ["", "no digits", "ab"])
def test_a_check_with_a_signature_that_is_none_is_refused(wrong):
    entries = json.loads(SIGNED_LONG_AGO) | {"signature": wrong}
    with pytest.raises(SignatureError, match="the signature does not fit"):
        read_check(json.dumps(entries).encode(), "0" * 64, CHECKED)


# Signed with the key of the bytes 0 to 31, when checks were first written.
SIGNED_LONG_AGO = """{
 "checker": "Ana Müller",
 "date": "2026-01-31",
 "note": "gelesen",
 "public_key": "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8",
 "release": "0000000000000000000000000000000000000000000000000000000000000000",
 "signature": "1e8ffe4f9670cde1ebdb809f552dd754480103013b673abc2d6cc9e47310ea1320e53140c50de9bbe7eb72296d6d2e8e85ce8d9934f1\
343510c6ae4db5c13b09"
}
"""


def test_a_check_that_was_signed_long_ago_is_still_one(tmp_path):
    check = read_check(SIGNED_LONG_AGO.encode(), "0" * 64, CHECKED)
    assert (check.checker, check.note) == ("Ana Müller", "gelesen")
    write_check(tmp_path, check, Key.from_private_bytes(bytes(range(32))))
    assert (tmp_path / CHECKED).read_text(encoding="utf-8") == SIGNED_LONG_AGO


def test_a_release_that_waited_too_long_does_not_come_before_a_later_one(waiting, checker, tmp_path):
    study = waiting
    meanwhile = tmp_path / "meanwhile"
    shutil.copytree(study, meanwhile)
    refuse(meanwhile, checker="Ana", reason="too fine")
    release_study(meanwhile, SECOND, person="Ben")
    countersign(meanwhile, checker, checker="Ana", day=SECOND)
    shutil.copytree(meanwhile / "released/2026-03-01", study / "released/2026-03-01")
    with pytest.raises(ReleaseError, match="2026-01-31 is not after the release of 2026-03-01"):
        countersign(study, checker, checker="Ana", day=SECOND)
    assert (study / WAITING / "2026-01-31").is_dir()


def test_a_checker_who_leaves_takes_no_signature_along(waiting, checker):
    study = waiting
    countersign(study, checker, checker="Ana", day=FIRST)
    (study / CHECKERS).unlink()
    assert open_release(study / "released/2026-01-31").check.checker == "Ana"
    trust(study / CHECKERS, TrustedKey(public_part(new_key()), "somebody else"))
    with pytest.raises(TrustError, match="none of those"):
        open_release(study / "released/2026-01-31")


def test_a_study_without_checkers_releases_at_once_and_has_a_log_too(study):
    made = release_study(study, FIRST, person="Ben")
    assert not made.waits
    kept = study / "cases/released.txt"
    assert kept.read_text(encoding="utf-8").split() == [made.released.digest]
    assert made.report.stat().st_mode & 0o077 == kept.stat().st_mode & 0o077 == 0
    dry_run(study, SECOND, person="Ana")
    (study / "release/plan.toml").write_text('[[tables]]\nname = "a"\nvariables = ["person_id"]\n', encoding="utf-8")
    with pytest.raises(ResearchError):
        release_study(study, SECOND, person="Ben")
    found = read_log(study / "cases")
    assert found["asked"].tolist() == ["release", "dry run", "release"]
    assert found["outcome"].tolist() == ["released", "nothing released", "refused"]
    assert "person_id never leaves" in found["reason"].iloc[-1]
    assert found["time"].is_monotonic_increasing
    assert found["time"].str.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00").all()
    assert (study / "cases" / LOG_FILE).stat().st_mode & 0o077 == 0
    with pytest.raises(ReleaseError, match="no release waits for its checker"):
        countersign(study, new_key(), checker="Ana", day=FIRST)


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", 'time,person\n"open'])
def test_a_log_that_is_none_stops_the_release_before_it_begins(study, text):
    (study / "cases" / LOG_FILE).write_text(text, encoding="utf-8")
    with pytest.raises(LogError, match=rf"{LOG_FILE}: .*restore it from a backup"):
        release_study(study, FIRST, person="Ben")
    assert (study / "cases" / LOG_FILE).read_text(encoding="utf-8") == text
    assert not (study / "released/2026-01-31").exists()


def test_the_commands_go_the_whole_way(study, tmp_path):
    def run(*arguments):
        ran = CliRunner().invoke(app, [str(each) for each in arguments])
        assert ran.exit_code == 0, (ran.output, ran.exception)
        return ran.output

    key = tmp_path / "mine.key"
    asked = CliRunner().invoke(app, ["checker-key", str(key)], input="Ana\n")
    assert asked.exit_code == 0 and "Who holds this key" in asked.output
    assert run("checker-key", key, "--holder", "Ana") in asked.output
    said = asked.output
    assert 'holder = "Ana"' in said
    assert key.stat().st_mode & 0o077 == 0
    (study / CHECKERS).write_text(re.search(r"\[\[keys\]\].*", said, re.DOTALL)[0], encoding="utf-8")
    assert "it waits for its checker" in run("release", study, "--date", FIRST, "--by", "Ben")
    assert "refused and removed" in run("countersign", study, "--by", "Ana", "--refuse", "too fine")
    run("release", study, "--date", FIRST, "--by", "Ben")
    twice = CliRunner().invoke(app, ["countersign", str(study), "--key", str(key), "--by", "ben "])
    assert "Ben asked for this release and cannot check it" in str(twice.exception)
    signed = run("countersign", study, "--key", key, "--by", "Ana", "--note", "fine")
    assert "is signed by its checker" in signed and "its note is public: fine" in signed
    assert open_release(study / "released/2026-01-31").check.note == "fine"
    missing = CliRunner().invoke(app, ["countersign", str(study), "--key", str(tmp_path / "none.key")])
    assert missing.exit_code == 2
    assert not (tmp_path / "none.key").exists()
    assert entries(study, "person", "outcome", "reason") == [
        ["Ben", "waits for its checker", ""],
        ["Ana", "refused", "too fine"],
        ["Ben", "waits for its checker", ""],
        [
            "ben ",
            "refused",
            f"{study / WAITING / '2026-01-31'}: Ben asked for this release and cannot check it; "
            "another person signs it",
        ],
        ["Ana", "signed", "fine"],
    ]


def test_who_asked_for_a_release_does_not_check_it_under_any_spelling(waiting, checker):
    for name in ("Ben", " BEN", "ben", "\uff22en"):
        with pytest.raises(TrustError, match="Ben asked for this release and cannot check it; another person signs it"):
            countersign(waiting, checker, checker=name, day=FIRST)
        assert not (waiting / WAITING / "2026-01-31" / CHECKED).exists()
    assert countersign(waiting, checker, day=FIRST).check.checker == "Ana"


def test_the_holder_of_a_key_does_not_check_an_own_release_under_another_name(checked_study, checker):
    study = checked_study
    release_study(study, FIRST, person="Ana")
    with pytest.raises(TrustError, match="Ana asked for this release"):
        countersign(study, checker, checker="Eve", day=FIRST)
    sign_waiting(study, checker, checker="Eve", day=FIRST)
    with pytest.raises(TrustError, match="Ana asked for this release"):
        countersign(study, day=FIRST)


def test_a_study_with_checkers_needs_the_name_of_who_asks(checked_study, checker):
    study = checked_study
    with pytest.raises(TrustError, match="needs the name of who asks for it; give it with --by"):
        release_study(study, FIRST, person=" ")
    release_study(study, FIRST, person="Ben")
    (study / "cases" / LOG_FILE).unlink()
    with pytest.raises(TrustError, match=r"the log does not say who asked .* refuse it, and release again"):
        countersign(study, checker, day=FIRST)
    refuse(study, checker="Ana", reason="nobody asked")
    assert not list((study / WAITING).iterdir())


def test_a_checker_sees_and_signs_what_waits_without_the_records(checked_study, checker, tmp_path):
    """What a checker gets: the study without `cases/`, as a copy or as an account that may not read it."""
    study = checked_study
    made = release_study(study, FIRST, person="Ben")
    copy, key = tmp_path / "copy", tmp_path / "ana.key"
    for name in (WAITING, "release"):
        shutil.copytree(study / name, copy / name)
    save_file(key, checker.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), private=True)
    said = CliRunner().invoke(app, ["waiting", str(copy)]).output
    assert f"digest {made.released.digest[:16]}" in said and "2 tables" in said
    report = copy / WAITING / "2026-01-31.md"
    assert str(report) in said
    text = report.read_text(encoding="utf-8")
    assert text.startswith("Asked for by Ben") and text.endswith(made.report.read_text(encoding="utf-8"))
    assert all(frame in text for frame in ("## education", "## age", "| hidden: persons |", "| shown |"))
    signed = CliRunner().invoke(app, ["countersign", str(copy), "--key", str(key), "--note", "read it"])
    assert signed.exit_code == 0 and "it is public, with its note" in signed.output
    assert not (copy / "cases").exists()
    missing = CliRunner().invoke(app, ["countersign", str(study)])
    assert missing.exit_code == 2 and "--key" in missing.output
    shutil.copy(copy / WAITING / "2026-01-31" / CHECKED, study / WAITING / "2026-01-31" / CHECKED)
    assert "signed by Ana" in CliRunner().invoke(app, ["waiting", str(study)]).output
    assert "pages show it" in CliRunner().invoke(app, ["countersign", str(study)]).output
    check = open_release(study / "released/2026-01-31").check
    assert (check.checker, check.note) == ("Ana", "read it")
    assert entries(study, "person", "outcome", "reason")[-1] == ["Ana", "signed", "read it"]
    assert not list((study / WAITING).iterdir())


def test_a_release_that_waits_since_an_older_version_is_found(checked_study, checker):
    study = checked_study
    made = release_study(study, FIRST, person="Ben")
    (study / "cases/waiting").mkdir()
    made.folder.rename(study / "cases/waiting/2026-01-31")
    with pytest.raises(ReleaseError, match="this release waits for its checker"):
        release_study(study, SECOND, person="Ben")
    assert countersign(study, checker, day=FIRST).digest == made.released.digest


def test_what_is_public_says_so():
    said = " ".join(CliRunner().invoke(app, ["countersign", "--help"], env={"COLUMNS": "200"}).output.split())
    assert "It is public: whoever has the release reads it." in said
    assert "public with the release; by default the key's holder" in said
