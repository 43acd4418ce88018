"""What a study says of each profile in a few words: its file `curated/short_profiles.csv`, read and checked."""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from research_lib.errors import StudyError, quoted
from research_lib.evidence.study import Study
from research_lib.files.opening import MB, read_text

SLOTS = ("age", "origin", "work", "way", "control")
NOBODY = "nobody"
MOST_WORDS = 8
_FILE = "curated/short_profiles.csv"
_COLUMNS = ("group_id", "slot", "text", "text_fr", "who", "place_id", "statement_id")


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
