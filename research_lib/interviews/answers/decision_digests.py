"""What was decided about a cell, bound to what stood in it: a decision is about a text, not about a place."""

import hmac
import re
import secrets
from dataclasses import dataclass
from hashlib import scrypt
from typing import Literal

type Decision = Literal["withhold", "keep"]

DIGEST = re.compile(r"s([0-9a-f]{32})([0-9a-f]{32})", re.ASCII)
_SIZE = 16


@dataclass(frozen=True)
class Bound:
    """A decision, and the digest of the text that it is about."""

    decision: Decision
    digest: str

    def is_about(self, text: str) -> bool:
        """Whether this is the text that was decided about."""
        found = DIGEST.fullmatch(self.digest)
        return found is not None and hmac.compare_digest(digest_of(text, bytes.fromhex(found[1])), self.digest)


def digest_of(text: str, salt: bytes | None = None) -> str:
    """Give a digest by which a text is recognised: with a new salt each time, unless one is given.

    It takes some hundredths of a second and 8 MB, so that who has a list cannot try all telephone numbers.
    """
    salt = secrets.token_bytes(_SIZE) if salt is None else salt
    made = scrypt(text.encode("utf-8", "surrogatepass"), salt=salt, n=1 << 13, r=8, p=1, dklen=_SIZE)
    return f"s{salt.hex()}{made.hex()}"
