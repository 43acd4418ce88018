"""The checker's desk: a release of a study with checkers waits until one of them signs it, or refuses it."""

import shutil
from datetime import date
from pathlib import Path

from research_lib.disclosure.released import Released, ReleaseError, open_release
from research_lib.disclosure.signatures.second_signature import CHECKERS, check_of, write_check
from research_lib.disclosure.signatures.signing import Key, public_part
from research_lib.disclosure.signatures.trusted_keys import TRUSTED_KEYS, TrustError, read_trusted_keys
from research_lib.disclosure.study_folder.release_log import logged
from research_lib.disclosure.study_folder.release_series import (
    DIGESTS_FILE,
    RELEASED,
    earlier_releases,
    list_digests,
    require_complete,
    require_later,
)
from research_lib.files.locking import locked
from research_lib.files.saving import sync_folder, writing

WAITING = "cases/waiting"


def countersign(folder: Path, key: Key, *, checker: str, day: date, note: str = "") -> Released:
    """Sign the release of a study that waits for its checker, and put it among those that pages show.

    `key`: the checker's own, one of those in `release/checkers.toml`, and not the key that signed the release. `day`:
    of the check. Raises ReleaseError where no release waits, TrustError where the key is not a checker's, and what
    `locked` and `open_release` raise; then the release still waits, unless the message says so.
    """
    cases, released, waiting = folder / "cases", folder / RELEASED, _waiting(folder)
    release_day, place = date.fromisoformat(waiting.name), released / waiting.name
    with locked(cases), locked(released), logged(cases, checker, "check", release_day) as log:
        release = open_release(waiting, trusted=read_trusted_keys(folder / TRUSTED_KEYS))
        _require_second_person(folder, key, release)
        every = earlier_releases(released)
        digests = require_complete(cases / DIGESTS_FILE, every)
        require_later(release_day, every)
        write_check(waiting, check_of(release.digest, key, checker=checker, date=day.isoformat(), note=note), key)
        with writing(place, "the release still waits"):
            waiting.rename(place)
            sync_folder(released)
        list_digests(cases / DIGESTS_FILE, [*digests, release.digest], place)
        log("signed", note, said=f"{place}: the release is there, whole, and signed")
    return open_release(place)


def refuse(folder: Path, *, checker: str, reason: str) -> Path:
    """Refuse the release of a study that waits for its checker: remove it, and write the reason into the log.

    Gives the place where it was. Raises ReleaseError where no release waits, and what `locked` raises.
    """
    cases, waiting = folder / "cases", _waiting(folder)
    with locked(cases), logged(cases, checker, "check", date.fromisoformat(waiting.name)) as log:
        log("refused", reason)
        with writing(waiting, "the release still waits"):
            shutil.rmtree(waiting)
    return waiting


def waiting_folder(folder: Path) -> Path:
    """Give the folder for releases that wait, which only the study's own account may read; made if it is missing."""
    place = folder / WAITING
    with writing(place, "nothing was released"):
        place.mkdir(mode=0o700, exist_ok=True)
    return place


def require_none_waiting(folder: Path) -> None:
    """Raise ReleaseError where a release of a study waits for its checker: the next one must be protected with it."""
    if waiting := _all_waiting(folder):
        raise ReleaseError(
            f"{waiting[0]}: this release waits for its checker; first: research-lib countersign {folder}"
        )


def _waiting(folder: Path) -> Path:
    if not (waiting := _all_waiting(folder)):
        raise ReleaseError(f"{folder}: no release waits for its checker; make one with: research-lib release {folder}")
    return waiting[0]


def _all_waiting(folder: Path) -> list[Path]:
    return sorted(path for path in (folder / WAITING).glob("????-??-??") if path.is_dir())


def _require_second_person(folder: Path, key: Key, release: Released) -> None:
    own = public_part(key)
    if own == release.manifest["public_key"]:
        raise TrustError(f"{folder}: the study's own key signed this release already; its checker needs another key")
    if own not in {each.public_key for each in read_trusted_keys(folder / CHECKERS)}:
        raise TrustError(
            f"{folder / CHECKERS}: this key is not a checker's; whoever is responsible for the study adds it:\n"
            f'[[keys]]\nholder = "who it is"\npublic_key = "{own}"'
        )
