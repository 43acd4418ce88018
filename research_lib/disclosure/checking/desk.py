"""The checker's desk: a release of a study with checkers waits until one of them signs it, or refuses it."""

import shutil
from datetime import date
from pathlib import Path

from research_lib.disclosure.checking.release_log import add_to_log
from research_lib.disclosure.checking.second_signature import CHECKERS, check_of, write_check
from research_lib.disclosure.released import Released, ReleaseError, open_release
from research_lib.disclosure.signing import Key, public_part
from research_lib.disclosure.study_release import RELEASED, keep_digests, waiting_release
from research_lib.disclosure.trusted_keys import TRUSTED_KEYS, TrustError, read_trusted_keys
from research_lib.files.locking import locked
from research_lib.files.saving import sync_folder


def countersign(folder: Path, key: Key, *, checker: str, day: date, note: str = "") -> Released:
    """Sign the release of a study that waits for its checker, and put it among those that pages show.

    `key`: the checker's own, one of those in `release/checkers.toml`, and not the key that signed the release. Raises
    ReleaseError where no release waits, TrustError where the key is not a checker's, and what `locked` and
    `open_release` raise; then the release still waits.
    """
    cases, released = folder / "cases", folder / RELEASED
    with locked(cases), locked(released):
        place = _waiting(folder)
        release = open_release(place, trusted=read_trusted_keys(folder / TRUSTED_KEYS), checkers=())
        _require_second_person(folder, key, release)
        write_check(place, check_of(release.digest, key, checker=checker, date=day.isoformat(), note=note), key)
        place.rename(released / place.name)
        sync_folder(released)
        keep_digests(folder)
        add_to_log(cases, checker, "check", release=date.fromisoformat(place.name), outcome="signed", reason=note)
    return open_release(released / place.name)


def refuse(folder: Path, *, checker: str, reason: str) -> Path:
    """Refuse the release of a study that waits for its checker: remove it, and write the reason into the log.

    Raises ReleaseError where no release waits, and what `locked` raises.
    """
    cases = folder / "cases"
    with locked(cases):
        place = _waiting(folder)
        add_to_log(cases, checker, "check", release=date.fromisoformat(place.name), outcome="refused", reason=reason)
        shutil.rmtree(place)
    return place


def _waiting(folder: Path) -> Path:
    if (place := waiting_release(folder)) is None:
        raise ReleaseError(f"{folder}: no release waits for its checker; make one with: research-lib release")
    return place


def _require_second_person(folder: Path, key: Key, release: Released) -> None:
    own = public_part(key)
    if own == release.manifest["public_key"]:
        raise TrustError(f"{folder}: the study's own key signed this release already; its checker needs another key")
    if own not in {each.public_key for each in read_trusted_keys(folder / CHECKERS)}:
        raise TrustError(
            f"{folder / CHECKERS}: this key is not a checker's of the study; the study's owner adds it:\n"
            f'[[keys]]\nholder = "who it is"\npublic_key = "{own}"'
        )
