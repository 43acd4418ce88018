"""Trusted keys: the keys whose releases a study opens, in a file beside its policy."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from research_lib.errors import ResearchError
from research_lib.files.opening import MB, read_text
from research_lib.files.saving import save_file
from research_lib.files.toml_files import TomlError, parse_toml

TRUSTED_KEYS = "release/trusted_keys.toml"
_HEAD = """\
# Whose releases this study opens: its own, and those of partners whose key somebody has checked and added by hand.
# Compare a partner's fingerprint over the telephone before you add a key. With synthetic = true a key signs made-up
# data only.
"""
_DIGITS = 64
_PRIME = (1 << 255) - 19
_ORDER_8 = "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"
_WEAK = {0, 1, _PRIME - 1, *((y := int.from_bytes(bytes.fromhex(_ORDER_8), "little")), _PRIME - y)}


class TrustError(ResearchError):
    """A list of trusted keys cannot be read, or a key is not on it."""


@dataclass(frozen=True)
class TrustedKey:
    """A public key, its holder, and whether it signs synthetic data only."""

    public_key: str
    holder: str = ""
    synthetic: bool = False


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
    try:
        content = parse_toml(text, path, fix="restore it from a backup")
    except TomlError as error:
        raise TrustError(str(error)) from error
    entries = content.get("keys", [])
    if content.keys() - {"keys"} or not isinstance(entries, list):
        raise TrustError(f"{path}: it holds something else than [[keys]]; remove it")
    return tuple(_entry(path, number, entry) for number, entry in enumerate(entries, start=1))


def trust(path: Path, key: TrustedKey) -> None:
    """Add a key to a list of trusted keys, unless it is there.

    Raises TrustError where the list has it for another kind of data, or cannot take it; UnreadableFileError;
    SavingError.
    """
    text = _text(path)
    there = {each.public_key: each for each in _keys_in(text, path)}
    if (known := there.get(key.public_key)) is None:
        text = f"{(text or _HEAD).rstrip()}\n\n{_as_toml(key)}"
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


def _entry(path: Path, number: int, entry: Any) -> TrustedKey:
    if not isinstance(entry, dict) or entry.keys() - {"holder", "public_key", "synthetic"}:
        raise TrustError(f"{path}: key {number} has something else than holder, public_key and synthetic; correct it")
    key = TrustedKey(entry.get("public_key", ""), entry.get("holder", ""), entry.get("synthetic", False))
    if not isinstance(key.public_key, str) or not _is_key(key.public_key):
        raise TrustError(f"{path}: the public_key of key {number} is not {_DIGITS} digits 0-9 and a-f; correct it")
    if not isinstance(key.holder, str) or not isinstance(key.synthetic, bool):
        raise TrustError(f"{path}: key {number} needs a text as holder, and true or false as synthetic; correct it")
    return key


def _is_key(text: str) -> bool:
    """Whether a text is a key that only its holder can sign for: 64 digits, and not a point of small order."""
    if len(text) != _DIGITS or not set(text) <= set("0123456789abcdef"):
        return False
    height = int.from_bytes(bytes.fromhex(text), "little") & ((1 << 255) - 1)
    return height < _PRIME and height not in _WEAK


def _as_toml(key: TrustedKey) -> str:
    synthetic = "synthetic = true\n" if key.synthetic else ""
    return f'[[keys]]\nholder = {json.dumps(key.holder)}\npublic_key = "{key.public_key}"\n{synthetic}'
