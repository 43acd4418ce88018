"""The second signature of a release: a checker other than its author has read the report, and says so with a key."""

import json
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from research_lib.disclosure.signatures.signing import Key, SignatureError, public_part, sign, verify
from research_lib.disclosure.signatures.trusted_keys import TrustedKey, TrustError
from research_lib.files.saving import save_file

CHECKED, CHECKERS = "checked.json", "release/checkers.toml"
_NO_CHECK = "this is not the check of a release; get a new copy"


@dataclass(frozen=True)
class Check:
    """Who has checked a release, and when; `release` is its digest, `date` is written YYYY-MM-DD.

    All of it is public: it lies in the folder of the release.
    """

    release: str
    checker: str
    date: str
    note: str
    public_key: str


def write_check(folder: Path, check: Check, key: Key) -> None:
    """Write a check into the folder of its release, signed by the checker's key."""
    save_file(folder / CHECKED, _as_json({**asdict(check), "signature": sign(_signed_bytes(check), key)}))


def read_check(text: bytes, digest: str, place: str) -> Check:
    """Read a check; raises SignatureError where it is none, is not as it was signed, or is of another release."""
    try:
        entries: dict[str, Any] = json.loads(text)
        signature = entries.pop("signature")
        check = Check(**entries)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise SignatureError(f"{place}: {_NO_CHECK}") from error
    if not all(isinstance(each, str) for each in (signature, *entries.values())):
        raise SignatureError(f"{place}: {_NO_CHECK}")
    verify(_signed_bytes(check), signature, check.public_key, place)
    if check.release != digest:
        raise SignatureError(f"{place}: it is the check of another release; get the one of this release")
    return check


def require_checker(check: Check | None, checkers: Iterable[TrustedKey], place: str) -> None:
    """Raise TrustError where a study has checkers, and none of them has checked a release."""
    known = {each.public_key for each in checkers}
    if known and (check is None or check.public_key not in known):
        raise TrustError(
            f"{place}: none of those in {CHECKERS} has signed it; have it checked: research-lib countersign"
        )


def is_same_name(one: str, other: str) -> bool:
    """Whether two names are the same but for capitals, spaces and the way that letters are encoded."""
    return _plain(one) == _plain(other)


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def check_of(digest: str, key: Key, *, checker: str, date: str, note: str) -> Check:
    """Give the check of a release by the holder of a key."""
    return Check(digest, checker, date, note, public_part(key))


def _signed_bytes(check: Check) -> bytes:
    return _as_json(asdict(check)).encode()


def _as_json(entries: Mapping[str, str]) -> str:
    return json.dumps(entries, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
