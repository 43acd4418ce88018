"""An outreach register that holds no telephone number: keyed hashes, what came of each call, and a funnel.

A number from an advert is normalised (E.164) and replaced at once by its HMAC-SHA-256 under the partner's key. The key
lies with the partner, in a file of its own outside the register. Without it nobody can look a number up or turn a
hash back, though all numbers of a country could be tried in a minute against a plain hash. Whoever has the key can
look up a number that they already know; nobody can list the numbers. No free text, no day, no name is kept.

When not to use it: to find somebody. It tells a service whom it has called before, and how calls end.
"""

import csv
import hmac
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import phonenumbers

from research_lib.errors import ResearchError

STAGES = {
    "collected": "the number was found",
    "called": "it was called",
    "answered": "somebody answered",
    "declared": "the person said that she belongs to the group that is looked for",
    "willing": "she was willing to meet",
    "met": "she was met",
}
ORIGINS = {"advert": "from an advert", "mediator": "through a mediator's contacts", "other": "otherwise"}
COLUMNS = ("hash", "origin", "stage", "month")
FEWEST = 5
_KEY_BYTES, _PERIOD = 32, re.compile(r"20\d\d-(0[1-9]|1[0-2])")
_README = """This folder holds an outreach register: keyed hashes of telephone numbers, and what came of each call.
It holds no number. The key is kept elsewhere, by the partner alone; never put it into this folder.
"""


@dataclass(frozen=True)
class Step:
    """One stage of the funnel: how many reached it; below the threshold only that it is fewer, as a range."""

    stage: str
    origin: str
    low: int
    high: int

    @property
    def is_hidden(self) -> bool:
        """Whether the count is given as a range only."""
        return self.low != self.high


def make_key(path: Path | str, *, register: Path | str) -> Path:
    """Make the partner's key, 32 random bytes as text, readable by its owner only.

    Raises ResearchError where the file exists already, or would lie inside the register's folder.
    """
    path, folder = Path(path).resolve(), Path(register).resolve()
    if path.is_relative_to(folder):
        raise ResearchError(f"{path} lies inside the register; keep the key elsewhere")
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise ResearchError(f"{path} exists; a new key would make the register unreadable, nothing was done") from error
    with os.fdopen(handle, "w", encoding="ascii") as stream:
        stream.write(secrets.token_hex(_KEY_BYTES))
    return path


class Register:
    """A folder of keyed hashes with the events of each; opened with the partner's key."""

    def __init__(self, folder: Path | str, key: Path | str):
        """Open a register, or begin one in a new folder.

        Raises ResearchError where the key is missing, is none, or is not the one the register was begun with.
        """
        self.folder = Path(folder)
        self._key = _read_key(Path(key), self.folder)
        self._file, self._check = self.folder / "register.csv", self.folder / "key.check"
        if not self._file.exists():
            self._begin()
        elif not hmac.compare_digest(self._check.read_text(encoding="ascii").strip(), self._digest("check")):
            raise ResearchError(f"{key} is not the key of {folder}; look for the one it was begun with")

    def note(self, number: str, stage: str, *, month: str, origin: str = "advert", region: str = "IT") -> bool:
        """Note that a number reached a stage in a month (`2026-11`); say whether it was new to the register.

        `number` as written in the advert; `region` is the country of numbers without a country code. The number itself
        is neither kept nor repeated in an error. Raises ResearchError for what is no number, stage, origin or month.
        """
        _known(stage, STAGES, "stage")
        _known(origin, ORIGINS, "origin")
        if not _PERIOD.fullmatch(month):
            raise ResearchError(f"{month!r} is no month; write it as 2026-11, without a day")
        digest = self._hash(number, region)
        is_new = digest not in set(self.events()["hash"])
        with self._file.open("a", encoding="ascii", newline="") as stream:
            csv.writer(stream, lineterminator="\n").writerow([digest, origin, stage, month])
        return is_new

    def knows(self, number: str, *, region: str = "IT") -> bool:
        """Say whether a number that one has in hand was noted before; raises ResearchError for what is no number."""
        return self._hash(number, region) in set(self.events()["hash"])

    def events(self) -> pd.DataFrame:
        """All events as a frame: hash, origin, stage, month; confidential all the same."""
        return pd.read_csv(self._file, dtype="str", keep_default_na=False)

    def funnel(self, *, fewest: int = FEWEST) -> list[Step]:
        """Count how many numbers reached each stage at least, by origin; counts below `fewest` but 0 are ranges."""
        return funnel(self.events(), fewest=fewest)

    def _begin(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "README.txt").write_text(_README, encoding="utf-8")
        self._check.write_text(self._digest("check"), encoding="ascii")
        self._file.write_text(",".join(COLUMNS) + "\n", encoding="ascii")

    def _hash(self, number: str, region: str) -> str:
        try:
            parsed = phonenumbers.parse(number, region)
        except phonenumbers.NumberParseException as error:
            raise ResearchError(f"this is no telephone number of {region}; check its digits and the region") from error
        if not phonenumbers.is_possible_number(parsed):
            raise ResearchError(f"this is no possible telephone number of {region}; check its digits and the region")
        return self._digest(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))

    def _digest(self, text: str) -> str:
        return hmac.new(self._key, text.encode("ascii"), "sha256").hexdigest()


def funnel(events: pd.DataFrame, *, fewest: int = FEWEST) -> list[Step]:
    """Count how many numbers reached each stage at least, by origin (that of its first event).

    `events`: hash, origin, stage, month. A number that reached a stage counts for those before it. Counts from 1 to
    below `fewest` are given as that range.
    """
    rank = {stage: place for place, stage in enumerate(STAGES)}
    by_hash = events.groupby("hash", sort=False)
    furthest, origin = (
        by_hash["stage"].agg(lambda stages: max(rank[each] for each in stages)),
        by_hash["origin"].first(),
    )
    steps = []
    for name in (each for each in ORIGINS if (origin == each).any()):
        for stage, place in rank.items():
            count = int(((origin == name) & (furthest >= place)).sum())
            low, high = (1, fewest - 1) if 0 < count < fewest else (count, count)
            steps.append(Step(stage, name, low, high))
    return steps


def _read_key(path: Path, folder: Path) -> bytes:
    if path.resolve().is_relative_to(folder.resolve()):
        raise ResearchError(f"{path} lies inside the register; keep the key elsewhere")
    if not path.exists():
        raise ResearchError(f"there is no key {path}; make one with make_key, or ask the partner who keeps it")
    text = path.read_text(encoding="ascii", errors="replace").strip()
    if not re.fullmatch(r"[0-9a-f]{64}", text):
        raise ResearchError(f"{path} is no key: 64 hexadecimal digits; look for the file that make_key wrote")
    return bytes.fromhex(text)


def _known(value: str, codes: Mapping[str, str], name: str) -> None:
    if value not in codes:
        raise ResearchError(f"{value!r} is no {name}; there are {', '.join(codes)}")
