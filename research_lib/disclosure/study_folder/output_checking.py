"""The checker's desk: a release of a study with checkers waits until one of them signs it, or refuses it.

What waits lies outside of the records, in `waiting/`: the release and its report. A checker needs nothing else.
"""

import shutil
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from research_lib.disclosure.released import Released, ReleaseError, open_release
from research_lib.disclosure.signatures import (
    CHECKERS,
    TRUSTED_KEYS,
    Check,
    Key,
    TrustError,
    is_same_name,
    public_part,
    read_trusted_keys,
    require_checker,
    write_check,
)
from research_lib.disclosure.study_folder.release_series import (
    DIGESTS_FILE,
    RELEASED,
    WAITING,
    earlier_releases,
    list_digests,
    logged,
    read_log,
    require_complete,
    require_later,
)
from research_lib.files.locking import locked
from research_lib.files.opening import MB, read_text
from research_lib.files.saving import SavingError, save_file, sync_folder, writing

WAITS = "waits for its checker"
_PLACES = (WAITING, "cases/waiting")
_GROUP_READS = 0o750


def countersign(folder: Path, key: Key | None = None, *, checker: str = "", day: date, note: str = "") -> Released:
    """Sign the release of a study that waits for its checker, and put it among those that pages show.

    `key`: the checker's own, one of those in `release/checkers.toml`, and not the key that signed the release; none
    where a checker has signed it already. `checker`: by default the holder of the key; not who asked for the release.
    `day`: of the check. `note`: it is public, as the checker's name is. Raises ReleaseError where no release waits,
    TrustError where the key or the name cannot be a checker's, and what `locked` and `open_release` raise; then the
    release still waits, unless the message says so.
    """
    cases, released, waiting = folder / "cases", folder / RELEASED, waiting_release(folder)
    release_day, place = date.fromisoformat(waiting.name), released / waiting.name
    signer = public_part(key) if key else ""
    who = checker or _holder(folder, signer) or _signed_by(folder)
    with locked(cases), locked(released), logged(cases, who, "check", release_day) as log:
        release = open_waiting(folder)
        check = _check(folder, release, key, checker=who, day=day, note=note) if key else release.check
        require_checker(check, read_trusted_keys(folder / CHECKERS), str(waiting))
        names = [check.checker, _holder(folder, check.public_key)] if check else []
        _require_another_name(cases, names, waiting)
        every = earlier_releases(released)
        digests = require_complete(cases / DIGESTS_FILE, every)
        require_later(release_day, every)
        if key and check:
            write_check(waiting, check, key)
        with writing(place, "the release still waits"):
            waiting.rename(place)
            sync_folder(released)
        list_digests(cases / DIGESTS_FILE, [*digests, release.digest], place)
        waiting_report(folder, waiting.name).unlink(missing_ok=True)
        log("signed", check.note if check else "", said=f"{place}: the release is there, whole, and signed")
    return open_release(place)


def sign_waiting(folder: Path, key: Key, *, checker: str = "", day: date, note: str = "") -> Check:
    """Sign the release that waits, without access to the records: `waiting/` and `release/` are enough, or a copy.

    The signature lies in the release that waits; `countersign` without a key then puts it among those that pages show.
    Raises what `countersign` raises.
    """
    check = _check(folder, open_waiting(folder), key, checker=checker, day=day, note=note)
    write_check(waiting_release(folder), check, key)
    return check


def refuse(folder: Path, *, checker: str, reason: str) -> Path:
    """Refuse the release of a study that waits for its checker: remove it, and write the reason into the log.

    Gives the place where it was. Raises ReleaseError where no release waits, and what `locked` raises.
    """
    cases, waiting = folder / "cases", waiting_release(folder)
    with locked(cases), logged(cases, checker, "check", date.fromisoformat(waiting.name)) as log:
        log("refused", reason)
        with writing(waiting, "the release still waits"):
            shutil.rmtree(waiting)
            waiting_report(folder, waiting.name).unlink(missing_ok=True)
    return waiting


def waiting_folder(folder: Path) -> Path:
    """Give the folder for releases that wait, which the study's own group may read; made if it is missing."""
    place = folder / WAITING
    with writing(place, "nothing was released"):
        if not place.is_dir():
            place.mkdir(mode=_GROUP_READS)
            place.chmod(_GROUP_READS)
    return place


def hand_over(folder: Path, report: Path, *, person: str, day: date) -> None:
    """Put a copy of the report beside the release that waits, for checkers who cannot read where the records are."""
    head, place = f"Asked for by {person}; its release waits for its checker.\n\n", waiting_report(folder, str(day))
    try:
        save_file(place, head + read_text(report, limit=100 * MB))
    except SavingError as error:
        reason = f"the release waits, whole; only the copy of {report} beside it is missing"
        raise ReleaseError(f"{reason}. {error}") from error


def waiting_report(folder: Path, day: str) -> Path:
    """Name the copy of the report of a release that waits."""
    return folder / WAITING / f"{day}.md"


def require_none_waiting(folder: Path) -> None:
    """Raise ReleaseError where a release of a study waits for its checker: the next one must be protected with it."""
    if waiting := _all_waiting(folder):
        raise ReleaseError(
            f"{waiting[0]}: this release waits for its checker; first: research-lib countersign {folder}"
        )


def require_name(folder: Path, person: str) -> None:
    """Raise TrustError where nobody asks by name for a release of a study that has checkers."""
    if read_trusted_keys(folder / CHECKERS) and not person.strip():
        raise TrustError(
            f"{folder}: it has checkers, so a release needs the name of who asks for it; give it with --by"
        )


def waiting_release(folder: Path) -> Path:
    """Give the release of a study that waits for its checker; raises ReleaseError where there is none."""
    if not (waiting := _all_waiting(folder)):
        raise ReleaseError(f"{folder}: no release waits for its checker; make one with: research-lib release {folder}")
    return waiting[0]


def open_waiting(folder: Path) -> Released:
    """Open the release that waits; it needs `waiting/` and `release/`, not the records."""
    return open_release(waiting_release(folder), trusted=read_trusted_keys(folder / TRUSTED_KEYS))


def _all_waiting(folder: Path) -> list[Path]:
    return [path for name in _PLACES for path in sorted((folder / name).glob("????-??-??")) if path.is_dir()]


def _check(folder: Path, release: Released, key: Key, *, checker: str, day: date, note: str) -> Check:
    own = public_part(key)
    if own == release.manifest["public_key"]:
        raise TrustError(f"{folder}: the study's own key signed this release already; its checker needs another key")
    if own not in {each.public_key for each in read_trusted_keys(folder / CHECKERS)}:
        raise TrustError(
            f"{folder / CHECKERS}: this key is not a checker's; whoever is responsible for the study adds it:\n"
            f'[[keys]]\nholder = "who it is"\npublic_key = "{own}"'
        )
    if not (name := checker or _holder(folder, own)).strip():
        raise TrustError(
            f"{folder / CHECKERS}: this key has no holder; write one, or give the checker's name with --by"
        )
    return Check(release.digest, name, day.isoformat(), note, own)


def _holder(folder: Path, public_key: str) -> str:
    keys = read_trusted_keys(folder / CHECKERS)
    return next((each.holder for each in keys if each.public_key == public_key), "")


def _signed_by(folder: Path) -> str:
    check = open_waiting(folder).check
    return check.checker if check else ""


def _require_another_name(cases: Path, names: Sequence[str], waiting: Path) -> None:
    """Raise TrustError where the log has one of some names as that of who asked for the release, or has none."""
    log = read_log(cases)
    asked = log[(log["asked"] == "release") & (log["release"] == waiting.name) & (log["outcome"] == WAITS)]
    person = asked["person"].iloc[-1] if len(asked) else ""
    if not person.strip():
        raise TrustError(
            f"{waiting}: the log does not say who asked for this release, so nobody can be the second person; "
            "refuse it, and release again with --by"
        )
    if any(is_same_name(person, name) for name in names):
        raise TrustError(f"{waiting}: {person} asked for this release and cannot check it; another person signs it")
