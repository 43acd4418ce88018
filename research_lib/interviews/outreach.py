"""An outreach register that holds no telephone number: keyed hashes, what came of each call, and a funnel.

A number from an advert is normalised (E.164) and replaced at once by its HMAC-SHA-256 under the partner's key. The key
lies with the partner, in a file of its own outside the register. Without it nobody can look a number up or turn a
hash back, though all numbers of a country could be tried in a minute against a plain hash. Whoever has the key can
look up a number that they already know; nobody can list the numbers. No free text, no day, no name is kept, rows stand
in the order of their hashes, and no error repeats what was typed.

When not to use it: to find somebody. It tells a service whom it has called before, and how calls end.
"""

import hmac
import io
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import phonenumbers

from research_lib.errors import ResearchError, quoted
from research_lib.files.locking import locked
from research_lib.files.opening import MB, read_text
from research_lib.files.saving import finish_saving, save_file, save_files

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
LARGEST = 256 * MB
_LARGEST_KEY = 1024
_KEY_BYTES = 32
_HASH = re.compile(r"[0-9a-f]{64}")
_MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])", re.ASCII)
_WRITTEN = re.compile(r"\+?[0-9 ().\-]{5,30}", re.ASCII)
_TRUNK = re.compile(r"(?<=\d)\s*\(0\)")
_README = """This folder holds an outreach register: keyed hashes of telephone numbers, and what came of each call.
It holds no number. The key is kept elsewhere, by the partner alone; never put it into this folder.
"""


@dataclass(frozen=True)
class Step:
    """One stage of the funnel: how many numbers reached it, as a range where the count would show few people."""

    stage: str
    origin: str
    low: int
    high: int

    @property
    def is_suppressed(self) -> bool:
        """Whether the count is shown as a range only."""
        return self.low != self.high


def make_key(path: Path | str, *, register: Path | str) -> Path:
    """Make the partner's key, 32 random bytes as text, readable by its owner only.

    Raises ResearchError where the file exists already, or would lie inside the register's folder.
    """
    path, folder = Path(path).resolve(), Path(register).resolve()
    if path.is_relative_to(folder):
        raise ResearchError(f"{path} lies inside the register; keep the key elsewhere")
    if path.exists(follow_symlinks=False):
        raise ResearchError(f"{path} exists; a new key would make the register unreadable, nothing was done")
    save_file(path, secrets.token_hex(_KEY_BYTES), private=True)
    return path


class Register:
    """A folder of keyed hashes with the events of each; opened with the partner's key."""

    def __init__(self, folder: Path | str, key: Path | str):
        """Open a register, or begin one in a new folder.

        Raises ResearchError where the key is missing, is not a key, or is not the one the register began with, and
        where a part of the register is lost; UnreadableFileError for a part that is not a plain file, too large, or
        not UTF-8.
        """
        self.folder = Path(folder)
        self._key = _read_key(Path(key), self.folder)
        self._file, self._check = self.folder / "register.csv", self.folder / "key.check"
        with locked(self.folder):
            finish_saving(self.folder)
            there = [path.exists() for path in (self._file, self._check)]
            if not any(there):
                contents = {"README.txt": _README, self._check.name: self._digest("check")}
                save_files(self.folder, {**contents, self._file.name: ",".join(COLUMNS) + "\n"})
                there = [True, True]
        if not all(there):
            raise ResearchError(f"{folder} has lost register.csv or key.check; restore both from one backup")
        check = read_text(self._check, limit=_LARGEST_KEY).strip()
        if not hmac.compare_digest(check.encode(), self._digest("check").encode()):
            raise ResearchError(f"{key} is not the key of {folder}; use the one it began with")

    def note(self, number: str, stage: str, *, month: str, origin: str = "advert", region: str = "IT") -> bool:
        """Note that a number reached a stage in a month (`2026-11`); say whether it was new to the register.

        `number` as written in the advert; `region` is the country of numbers without a country code. Nothing of it is
        kept, nor repeated in an error. Raises ResearchError for an unknown number, stage, origin, month or region.
        """
        _known(stage, STAGES, "stage")
        _known(origin, ORIGINS, "origin")
        if not isinstance(month, str) or not _MONTH.fullmatch(month):
            raise ResearchError("this is not a month; write it as 2026-11, without a day")
        digest = self._hash(number, region)
        with locked(self.folder):
            events = self.events()
            more = pd.concat([events, pd.DataFrame([[digest, origin, stage, month]], columns=list(COLUMNS))])
            ordered = more.sort_values(["hash", "month", "stage"], kind="stable")
            save_files(self.folder, {self._file.name: ordered.to_csv(index=False, lineterminator="\n")})
        return digest not in set(events["hash"])

    def knows(self, number: str, *, region: str = "IT") -> bool:
        """Say whether a number at hand was noted before; raises ResearchError as `note`."""
        return self._hash(number, region) in set(self.events()["hash"])

    def events(self) -> pd.DataFrame:
        """All events as a frame: hash, origin, stage, month; confidential all the same.

        Raises ResearchError with the line and column where the file is not as this module writes it.
        """
        try:
            frame = pd.read_csv(io.StringIO(read_text(self._file, limit=LARGEST)), dtype="str", keep_default_na=False)
        except ValueError:
            frame = pd.DataFrame()
        _check_events(frame, str(self._file))
        return frame

    def funnel(self, *, fewest: int = FEWEST) -> list[Step]:
        """Count how many numbers reached each stage at least, by origin; see the function `funnel`."""
        return funnel(self.events(), fewest=fewest)

    def _hash(self, number: str, region: str) -> str:
        if not isinstance(number, str) or not _WRITTEN.fullmatch(number.strip()):
            raise ResearchError("this is not a telephone number; write its digits, with + and spaces only")
        if region not in phonenumbers.SUPPORTED_REGIONS:
            raise ResearchError("this is not a region; write the two capital letters of a country, such as IT")
        for trunk in ("", "0"):
            # In some countries the 0 in brackets belongs to the number, in most it does not.
            with suppress(phonenumbers.NumberParseException):
                parsed = phonenumbers.parse(_TRUNK.sub(trunk, number), region)
                if phonenumbers.is_valid_number(parsed):
                    return self._digest(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))
        raise ResearchError("this is not a telephone number of that region; check its digits and the region")

    def _digest(self, text: str) -> str:
        return hmac.new(self._key, text.encode("ascii"), "sha256").hexdigest()


def funnel(events: pd.DataFrame, *, fewest: int = FEWEST) -> list[Step]:
    """Count how many numbers reached each stage at least, by origin (that of its first month).

    `events`: hash, origin, stage, month. A number that reached a stage counts for those before it. A count from 1 to
    below `fewest` is shown as a range, and so is one that lies so little below the last count shown: the difference
    would say of a few people that they went no further. Raises ResearchError for events that are not a register's, and
    for a `fewest` that is not a whole number of at least 5.
    """
    if not isinstance(fewest, int) or isinstance(fewest, bool) or fewest < FEWEST:
        raise ResearchError(f"fewest: {quoted(fewest)} is not a whole number of at least {FEWEST}; give one")
    _check_events(events, "the events")
    by_hash = events.sort_values(["month", "origin"], kind="stable").groupby("hash", sort=False)
    origins = by_hash["origin"].first()
    rank = {stage: place for place, stage in enumerate(STAGES)}
    furthest = events["stage"].map(rank).groupby(events["hash"]).max().reindex(origins.index)
    return [
        Step(stage, origin, *shown)
        for origin in ORIGINS
        if (own := furthest[origins == origin]).size
        for stage, shown in zip(
            STAGES, _shown([int((own >= place).sum()) for place in rank.values()], fewest), strict=True
        )
    ]


def _shown(counts: list[int], fewest: int) -> Iterator[tuple[int, int]]:
    """The range in which each of some falling counts is shown; a count that is shown as it is has a range of one."""
    above: int | None = None
    for count in counts:
        few, close = range(1, fewest), range(above - fewest + 1, above) if above else range(0)
        if close and close[0] < fewest:
            few = close = range(1, close.stop)
        suppressed = next((each for each in (few, close) if count in each), None)
        if suppressed:
            yield suppressed[0], suppressed[-1]
        else:
            above = count
            yield count, count


def _check_events(events: pd.DataFrame, place: str) -> None:
    """Refuse events that this module has not written; the values are never repeated."""
    restore = "was changed by another program; restore it from a backup"
    if tuple(events.columns) != COLUMNS:
        raise ResearchError(f"{place} {restore}")
    for column, is_sound in (
        ("hash", events["hash"].map(_HASH.fullmatch).notna()),
        ("origin", events["origin"].isin(list(ORIGINS))),
        ("stage", events["stage"].isin(list(STAGES))),
        ("month", events["month"].map(_MONTH.fullmatch).notna()),
    ):
        if not is_sound.all():
            line = int(is_sound.to_numpy().argmin()) + 2
            raise ResearchError(f"{place} {restore}: line {line} has an unknown {column}")


def _read_key(path: Path, folder: Path) -> bytes:
    if path.resolve().is_relative_to(folder.resolve()):
        raise ResearchError(f"{path} lies inside the register; keep the key elsewhere")
    if not path.exists(follow_symlinks=False):
        raise ResearchError(f"there is no key {path}; make one with make_key, or ask the partner who keeps it")
    text = read_text(path, limit=_LARGEST_KEY).strip()
    if not _HASH.fullmatch(text):
        raise ResearchError(f"{path} is not a key of 64 hexadecimal digits; use the file that make_key wrote")
    return bytes.fromhex(text)


def _known(value: str, codes: Mapping[str, str], name: str) -> None:
    if not isinstance(value, str) or value not in codes:
        raise ResearchError(f"this is not a known {name}; there are {', '.join(codes)}")
