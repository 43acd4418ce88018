"""The five slots of a profile's card: what is said in a few words, how certain it is, and what stands behind it."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any

import pandas as pd

from research_lib.errors import StudyError, quoted
from research_lib.evidence.multiple_values import split
from research_lib.evidence.study import Study
from research_lib.files.opening import MB, read_text
from research_lib.show.drawing.organiser_panels import organiser_of
from research_lib.show.pages.shared.cards import amount
from research_lib.show.words import Words

SLOTS = ("age", "origin", "work", "way", "control")
NOBODY = "nobody"
MOST_WORDS = 8
_FILE = "curated/short_profiles.csv"
_COLUMNS = ("group_id", "slot", "text", "text_fr", "who", "place_id", "statement_id")
_AGE, _NO_BORDER, _MOST_NAMES = "years_of_age", "not-applicable", 3
# The codes of the common dimensions that say what a slot is about; a claim with the dimension alone counts as well.
_CODES = {
    "age": {"demographic-age"},
    "work": {"socioprofessional", "socioprofessional-education", "socioprofessional-occupation"},
    "way": {"migration", "migration-entry", "migration-intermediary", "migration-route"},
    "control": {"prostitution", "prostitution-organisation"},
}
_CERTAIN_FIRST = ("stated", "conclusion", "estimate", "hypothesis", "anecdotal", "rumour", "not-stated")


@dataclass(frozen=True)
class ShortText:
    """A few words on one profile: its slot, who organises or controls, places, and the statements behind them."""

    group_id: str
    slot: str
    text: str
    text_fr: str
    who: tuple[str, ...]
    places: tuple[str, ...]
    statements: tuple[str, ...]


def short_texts(study: Study) -> list[ShortText]:
    """Read the short texts of a study; without the file there are none.

    Raises StudyError for a row that names what the study does not have, or says more than eight words.
    """
    path = study.path / _FILE
    if not path.exists():
        return []
    reader = csv.DictReader(io.StringIO(read_text(path, limit=MB)))
    if tuple(reader.fieldnames or ()) != _COLUMNS:
        raise StudyError(f"{path}: its header must be {','.join(_COLUMNS)}")
    known, found = _known(study), dict[tuple[str, str], ShortText]()
    for row in reader:
        place = f"{path}:{reader.line_num}"
        for fault in _faults(row, known, study):
            raise StudyError(f"{place} {fault}")
        text = _short_text(row)
        if (key := (text.group_id, text.slot)) in found:
            raise StudyError(f"{place} slot: the group {key[0]!r} has {key[1]!r} already; keep one row")
        found[key] = text
    return list(found.values())


def _short_text(row: Mapping[str, str]) -> ShortText:
    who, places, statements = (tuple(filter(None, row[name].split(";"))) for name in _COLUMNS[4:])
    return ShortText(row["group_id"], row["slot"], row["text"], row["text_fr"], who, places, statements)


def _known(study: Study) -> dict[str, set[str]]:
    groups = study["groups"]
    return {
        "group_id": {*groups[groups["is_profile"]]["id"]},
        "slot": {*SLOTS},
        "who": {*study.vocabularies.codes("actors"), NOBODY},
        "place_id": {*study["places"]["id"]},
        "statement_id": {*study["claims"]["id"], *study["figures"]["id"]},
    }


def _faults(row: Mapping[str, str | None], known: Mapping[str, set[str]], study: Study) -> Iterator[str]:
    if None in row.values() or None in row:
        yield "has too many or too few cells; quote a text with a comma"
        return
    for name, values in known.items():
        for value in filter(None, str(row[name]).split(";")):
            if value not in values:
                yield f"{name}: the study has no {quoted(value)}; correct it"
    if not row["statement_id"]:
        yield "statement_id: is empty; name the claims or figures that say it"
    for name in ("text", *(["text_fr"] if "fr" in study.settings.languages else [])):
        count = sum(bool(re.search(r"\w", word)) for word in str(row[name]).split())
        if not 0 < count <= MOST_WORDS:
            yield f"{name}: has {count} words; write one to {MOST_WORDS}"


@dataclass(frozen=True)
class Who:
    """Who organises a journey: the hue of the organiser, and the word; `nobody` has no hue."""

    hue: str
    word: str


@dataclass(frozen=True)
class Slot:
    """One slot of a card; one without statements says that the source does not say, one without a text names them."""

    text: str = ""
    who: tuple[Who, ...] = ()
    regions: tuple[str, ...] = ()
    has_map: bool = False
    certainty: str = ""
    statements: tuple[str, ...] = ()


def profile_slots(study: Study, words: Words) -> dict[tuple[str, str], Slot]:
    """Give the slots by group and name: each from the study's short texts, or its figures and routes, or its claims.

    Claims name where a group comes from; of anything else they are a slot without a text, to be read themselves.
    """
    maker, groups = _Maker(study, words), study["groups"]
    found = {
        (group, name): slot
        for group in groups[groups["is_profile"]]["id"]
        for name, slot in (*maker.of_claims(group), *maker.of_tables(group))
    }
    return found | {(text.group_id, text.slot): maker.of_text(text) for text in short_texts(study)}


def slot_names(slots: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Name the slots that any group has, in their order."""
    used = {name for _, name in slots}
    return tuple(name for name in SLOTS if name in used)


def _listed(names: Iterable[str], words: Words) -> str:
    """Write the first names of a list, and a sign that there are more."""
    first = [*islice(names, _MOST_NAMES + 1)]
    return words.listed([*first[:_MOST_NAMES], *(["…"] if len(first) > _MOST_NAMES else [])])


@dataclass(frozen=True)
class _Maker:
    """Makes slots of one study in one language."""

    study: Study
    words: Words

    def of_text(self, text: ShortText) -> Slot:
        """Make a slot of a short text."""
        return Slot(
            text=self.words.of(text, "text"),
            who=self._who(text.who),
            regions=self._regions(text.places),
            has_map=bool(text.places),
            certainty=self._certainty(text.statements),
            statements=text.statements,
        )

    def of_claims(self, group: str) -> Iterator[tuple[str, Slot]]:
        """Make the slots of a group that its claims speak of: the places it comes from, the others without a text."""
        claims = self._about(self.study["claims"], group)
        placed = claims[claims["origin_id"].notna()]
        if origins := tuple(dict.fromkeys(place for cell in placed["origin_id"] for place in split(cell))):
            yield "origin", self._origin(origins, placed["id"])
        for name, codes in _CODES.items():
            said = claims[[bool(codes & {*split(cell)}) for cell in claims["code"]]]
            if len(said):
                yield name, self._slot("", said["id"])

    def of_tables(self, group: str) -> Iterator[tuple[str, Slot]]:
        """Make the slots of a group that follow from figures and routes."""
        if len(ages := self._about(self.study["figures"], group).query("unit == @_AGE")):
            said = self.words.listed((amount(row, self.words) for row in ages.itertuples()), "semicolon")
            yield "age", self._slot(said, ages["id"])
        routes = self._about(self.study["routes"], group)
        claims = tuple(dict.fromkeys(key for cell in routes["claim_id"] for key in split(cell)))
        if not claims:
            return
        yield "origin", self._origin(tuple(dict.fromkeys(routes["origin_id"].dropna())), claims)
        entries = (self._entry(code) for code in dict.fromkeys(routes["mode_of_entry"]) if code != _NO_BORDER)
        actors = dict.fromkeys(code for cell in routes["actor"] for code in split(cell))
        yield "way", self._slot(_listed(entries, self.words), claims, who=self._who(actors))

    def _origin(self, places: Sequence[str], statements: Iterable[str]) -> Slot:
        named = (self._names[place] for place in places)
        return self._slot(_listed(named, self.words), statements, regions=self._regions(places), has_map=True)

    def _entry(self, code: str) -> str:
        return self.words("profiles.no_papers" if code == "not-stated" else f"entry.{code}")

    def _slot(self, text: str, statements: Iterable[str], **more: Any) -> Slot:
        named = tuple(statements)
        return Slot(text=text, certainty=self._certainty(named), statements=named, **more)

    def _about(self, frame: pd.DataFrame, group: str) -> pd.DataFrame:
        own = frame[self.study.is_own(frame["source"])]
        return own[own["group_id"].map(lambda cell: group in split(cell)).astype(bool)]

    def _who(self, codes: Iterable[str]) -> tuple[Who, ...]:
        return tuple(map(self._organiser, codes))

    def _organiser(self, code: str) -> Who:
        if code == NOBODY:
            return Who(code, "")
        if code == "not-stated":
            return Who(code, self.words("profiles.no_organiser"))
        return Who(organiser_of([code]), self.words(f"actor.{code}"))

    def _regions(self, places: Sequence[str]) -> tuple[str, ...]:
        """The codes of the places that are provinces or lie in one, and of the provinces below a wider place."""
        table = self.study["places"][["id", "kind", "parent_id", "iso_3166_2"]]
        named = table[table["id"].isin(places)]
        wide = named[named["kind"] != "country"]["id"]
        below = table[table["parent_id"].isin(wide) & (table["kind"] == "province")]
        rows = pd.concat([named, below])
        return tuple(dict.fromkeys(rows["iso_3166_2"].dropna()))

    def _certainty(self, statements: Iterable[str]) -> str:
        """The least certain of some statements."""
        return max((self._certainties[key] for key in statements), key=_CERTAIN_FIRST.index)

    @cached_property
    def _certainties(self) -> dict[str, str]:
        tables = (self.study["claims"], self.study["figures"])
        return {key: code for table in tables for key, code in zip(table["id"], table["certainty"], strict=True)}

    @cached_property
    def _names(self) -> dict[str, str]:
        return {row.id: self.words.of(row, "name") for row in self.study["places"].itertuples()}
