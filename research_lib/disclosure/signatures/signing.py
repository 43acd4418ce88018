"""Signing: a study signs its releases with its own key, so that a change to a release is found."""

from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from research_lib.errors import ResearchError
from research_lib.files.opening import MB, read_bytes
from research_lib.files.saving import save_file

Key = Ed25519PrivateKey


class SignatureError(ResearchError):
    """A key cannot be read, or a signature does not fit the signed bytes."""


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
