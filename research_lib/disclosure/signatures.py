"""Signatures: a study signs its releases with its own key, opens those of keys that it trusts; a checker signs too."""

import json
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from research_lib.errors import ResearchError
from research_lib.files.opening import MB, read_bytes, read_text
from research_lib.files.saving import save_file
from research_lib.files.toml_files import parse_toml

Key = Ed25519PrivateKey
TRUSTED_KEYS, CHECKERS, CHECKED = "release/trusted_keys.toml", "release/checkers.toml", "checked.json"
_NO_CHECK = "this is not the check of a release; get a new copy"
_HEAD = """\
# Whose releases this study opens: its own, and those of partners whose key somebody has checked and added by hand.
# Compare a partner's fingerprint over the telephone before you add a key. With synthetic = true a key signs made-up
# data only.
"""
_DIGITS = 64
_PRIME = (1 << 255) - 19
_ORDER_8 = "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"
_WEAK = {0, 1, _PRIME - 1, *((y := int.from_bytes(bytes.fromhex(_ORDER_8), "little")), _PRIME - y)}


class SignatureError(ResearchError):
    """A key cannot be read, or a signature does not fit the signed bytes."""


class TrustError(ResearchError):
    """A list of trusted keys cannot be read, or a key is not on it."""


@dataclass(frozen=True)
class TrustedKey:
    """A public key, its holder, and whether it signs synthetic data only."""

    public_key: str
    holder: str = ""
    synthetic: bool = False


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


def new_key() -> Key:
    """Make a new random key."""
    return Ed25519PrivateKey.generate()


def own_key(path: Path | str) -> Key:
    """Read a study's key from its file, or make a new one in a file that only its owner can read."""
    path = Path(path)
    if not path.exists(follow_symlinks=False):
        text = new_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        save_file(path, text, private=True)
    try:
        key = load_pem_private_key(read_bytes(path, limit=MB), None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise SignatureError(f"{path}: this is not a key; restore a backup, or remove it to make another") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise SignatureError(f"{path}: this key is not an Ed25519 key; remove it to make another")
    return key


def public_part(key: Key) -> str:
    """Give the public part of a key, which checks its signatures, as hexadecimal digits."""
    return key.public_key().public_bytes_raw().hex()


def sign(data: bytes, key: Key) -> str:
    """Sign bytes; the same bytes and key give the same signature."""
    return key.sign(data).hex()


def verify(data: bytes, signature: str, public: str, place: str) -> None:
    """Raise SignatureError, naming the place, unless the signature fits the bytes."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(bytes.fromhex(signature), data)
    except (InvalidSignature, ValueError) as error:
        raise SignatureError(f"{place}: the signature does not fit: the file was changed; get a new copy") from error


def fingerprint(public_key: str) -> str:
    """Give the fingerprint of a public key: 32 hexadecimal digits in groups of four, for two people to compare."""
    digits = sha256(bytes.fromhex(public_key)).hexdigest()[:32]
    return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))


def read_trusted_keys(path: Path) -> tuple[TrustedKey, ...]:
    """Read a list of trusted keys; a missing file is an empty list.

    Raises TrustError, naming the file and the entry, for a file that is not such a list; UnreadableFileError.
    """
    return _keys_in(_text(path), path)


def _text(path: Path) -> str:
    return read_text(path, limit=MB) if path.exists(follow_symlinks=False) else ""


def _keys_in(text: str, path: Path) -> tuple[TrustedKey, ...]:
    content = parse_toml(text, path, fix="restore it from a backup", error=TrustError)
    entries = content.get("keys", [])
    if content.keys() - {"keys"} or not isinstance(entries, list):
        raise TrustError(f"{path}: it holds something else than [[keys]]; remove it")
    return tuple(_entry(path, number, entry) for number, entry in enumerate(entries, start=1))


def _entry(path: Path, number: int, entry: Any) -> TrustedKey:
    if not isinstance(entry, dict) or entry.keys() - {"holder", "public_key", "synthetic"}:
        raise TrustError(f"{path}: key {number} has something else than holder, public_key and synthetic; correct it")
    key = TrustedKey(**{"public_key": "", **entry})
    if not _is_key(key.public_key):
        raise TrustError(f"{path}: the public_key of key {number} is not {_DIGITS} digits 0-9 and a-f; correct it")
    if not isinstance(key.holder, str) or not isinstance(key.synthetic, bool):
        raise TrustError(f"{path}: key {number} needs a text as holder, and true or false as synthetic; correct it")
    return key


def trust(path: Path, key: TrustedKey) -> None:
    """Add a key to a list of trusted keys, unless it is there.

    Raises TrustError where the list has it for another kind of data, or cannot take it; UnreadableFileError;
    SavingError.
    """
    text = _text(path)
    there = {each.public_key: each for each in _keys_in(text, path)}
    if (known := there.get(key.public_key)) is None:
        synthetic = "synthetic = true\n" if key.synthetic else ""
        entry = f'[[keys]]\nholder = {json.dumps(key.holder)}\npublic_key = "{key.public_key}"\n{synthetic}'
        text = f"{(text or _HEAD).rstrip()}\n\n{entry}"
        if not _holds(text, key):
            raise TrustError(f"{path}: it cannot take another key; begin each key with [[keys]] on a line of its own")
        path.parent.mkdir(parents=True, exist_ok=True)
        save_file(path, text)
    elif known.synthetic != key.synthetic:
        kinds = ("real", "made-up") if key.synthetic else ("made-up", "real")
        raise TrustError(f"{path}: the key is listed for {kinds[0]} data; make another key for {kinds[1]} data")


def _holds(text: str, key: TrustedKey) -> bool:
    try:
        return key in _keys_in(text, Path(TRUSTED_KEYS))
    except TrustError:
        return False


def find_trusted(keys: Iterable[TrustedKey], public_key: object, place: str) -> TrustedKey:
    """Find the trusted key that a release names as its signer.

    Raises TrustError, with the fingerprint of the signer's key, where it is not among the keys.
    """
    if not isinstance(public_key, str) or not _is_key(public_key):
        raise TrustError(f"{place}: it names no key of its signer; ask for a new copy of the release")
    for key in keys:
        if key.public_key == public_key:
            return key
    raise TrustError(
        f"{place}: it is signed by an unknown key with the fingerprint {fingerprint(public_key)}; "
        f"if you know from its holder that this is right, add the key to {TRUSTED_KEYS} of the study:\n"
        f'[[keys]]\nholder = "who it is"\npublic_key = "{public_key}"'
    )


def _is_key(text: object) -> bool:
    """Whether it is a key that only its holder can sign for: 64 digits, and not a point of small order."""
    if not isinstance(text, str) or len(text) != _DIGITS or not set(text) <= set("0123456789abcdef"):
        return False
    height = int.from_bytes(bytes.fromhex(text), "little") & ((1 << 255) - 1)
    return height < _PRIME and height not in _WEAK


def write_check(folder: Path, check: Check, key: Key) -> None:
    """Write a check into the folder of its release, signed by the checker's key."""
    save_file(folder / CHECKED, _as_json({**asdict(check), "signature": sign(_as_json(asdict(check)).encode(), key)}))


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
    verify(_as_json(entries).encode(), signature, check.public_key, place)
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
    first, second = (" ".join(unicodedata.normalize("NFKC", name).casefold().split()) for name in (one, other))
    return first == second


def _as_json(entries: Mapping[str, str]) -> str:
    return json.dumps(entries, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
