"""Pseudonyms in texts that are coded already: names are replaced everywhere in a store, and codings move along.

The old store stays as it is, with the names in it; so the result names it, and the files that may hold them too.
"""

import json
import re
import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from research_lib.coding.consensus.differences import difference_id
from research_lib.coding.corpus import LETTER
from research_lib.coding.storage import damage, events, log
from research_lib.coding.storage.events import Event
from research_lib.coding.storage.store import Store
from research_lib.errors import CodingError, quoted
from research_lib.files import spreadsheet
from research_lib.files.content_kind import is_zipped
from research_lib.files.opening import MB
from research_lib.files.saving import save_file, written_beside

_IDS = re.compile(
    r"(?:id|kind|language|time|color|document|code|coding|coder|reader|segment|unit|translation_of|hash|\w+_id|\w+_hash)s?"
    "|by|at|outcome|gave|taken_from"
)
_LISTED = {"segments": 0, "gave": 1}  # lists of places in decisions, and where in each its start stands
_LARGEST, _PACKED = 64 * MB, (b"SQLite", b"%PDF", b"\xd0\xcf\x11\xe0", b"\x1f\x8b")
_ESCAPED = re.compile(r"\\.")
_EDGE = rf"(?!_){LETTER}"


@dataclass(frozen=True)
class Pseudonymised:
    """What was replaced: the new store, the key, and where names may still be.

    `counts`: name, pseudonym, document, count. `remaining`: what in the new store looks like a name still, as it is
    longer, in other letters, or in an id, since these are not changed: kind, id, found, count. `copies`: the old store,
    and files in its folder that hold a name or cannot be looked into: file, reason. Backups elsewhere cannot be found.
    """

    path: Path
    key: Path
    counts: pd.DataFrame
    remaining: pd.DataFrame
    copies: pd.DataFrame


@dataclass(frozen=True)
class Pseudonyms:
    """The pseudonym of each name, in whatever way its accents are written."""

    pseudonyms: Mapping[str, str]

    @cached_property
    def forms(self) -> dict[str, str]:
        """The name for each way to write it."""
        written = {unicodedata.normalize(form, name): name for form in ("NFD", "NFC") for name in self.pseudonyms}
        return written | {name: name for name in self.pseudonyms}

    @cached_property
    def whole(self) -> re.Pattern[str]:
        """The names as whole words, the longest first; letters that need no spaces, such as Chinese, bound no word."""
        longest_first = sorted(self.forms, key=len, reverse=True)
        return re.compile("|".join(_before(form) + re.escape(form) + _after(form) for form in longest_first))

    @cached_property
    def alike(self) -> re.Pattern[str]:
        """Words that begin with a name, and names in other letters."""
        parts = (f"{_before(form)}(?:{_begun(form)}|(?i:{re.escape(form)}){_after(form)})" for form in self.forms)
        return re.compile("|".join(parts))

    def replaced(self, text: str) -> str:
        """Give a text with the pseudonyms."""
        return self.whole.sub(lambda found: self.pseudonyms[self.forms[found[0]]], text)


def _before(name: str) -> str:
    return f"(?<!{_EDGE})" if re.match(_EDGE, name) else ""


def _after(name: str) -> str:
    return f"(?!{_EDGE})" if re.match(_EDGE, name[-1]) else ""


def _begun(name: str) -> str:
    return re.escape(name) + (f"(?:{_EDGE})*" if re.match(_EDGE, name[-1]) else "")


class Replacement:
    """Where names stand in a text, and where their pseudonyms do in the new one; `segment` leads from old to new."""

    def __init__(self, text: str, names: Pseudonyms):
        self.found, longer = Counter[str](), 0
        self._old, self._new = list[tuple[int, int]](), list[tuple[int, int]]()
        for each in names.whole.finditer(text):
            name = names.forms[each[0]]
            start, longer = each.start() + longer, longer + len(names.pseudonyms[name]) - len(each[0])
            self._old.append(each.span())
            self._new.append((start, each.end() + longer))
            self.found[name] += 1

    def position(self, at: int, *, is_end: bool = False) -> int:
        """Where a position lies in the new text; one inside a name, at the start or the end of its pseudonym."""
        number = bisect_left(self._old, (at, 0)) - 1
        if number < 0:
            return at
        end, new = self._old[number][1], self._new[number]
        return new[is_end] if at < end else new[1] + at - end

    def segment(self, start: int, end: int) -> tuple[int, int]:
        """Where a segment lies in the new text; one that cuts a name grows to hold the whole pseudonym."""
        return self.position(start), self.position(end, is_end=True)


def replace_names(store: Store, names: Mapping[str, str], path: Path | str, *, key: Path | str) -> Pseudonymised:
    """Copy a store event by event into a new one, with a pseudonym in place of each name, and write the key apart.

    `names`: the pseudonym of each name as it is written; give every form that occurs (Jana, Jany), as whole words are
    replaced and nothing else, in texts, memos, reasons, definitions, attributes and names of documents. Codings move
    along; ids, coders, times, order and history stay. `path`: the new store. `key`: a CSV with name, pseudonym,
    document and count that only you can read; keep it away from the store.

    Not for anonymity: what somebody tells may say who they are. Raises CodingError where the old store is not as it was
    written, where a name or a pseudonym is empty, and where a file is there already; then nothing is written.
    """
    target, key = Path(path), Path(key)
    _check(store, names, target, key)
    known, happened = Pseudonyms(dict(names)), store.events()
    places = {each.entity: Replacement(each.body["text"], known) for each in happened if each.kind == "document"}
    counts = _counts(names, places)
    again = _again(happened, known, places)
    with damage.as_coding_error(target, "nothing was written"), written_beside(target) as part:
        with closing(events.connect(part)) as connection, events.transaction(connection, target):
            for event in again:
                events.append_again(connection, event)
                log.apply(connection, event)
        save_file(key, spreadsheet.write_frame(counts), private=True)
    return Pseudonymised(target, key, counts, _remaining(again, known), _copies(store.path, known, {target, key}))


def _check(store: Store, names: Mapping[str, str], target: Path, key: Path) -> None:
    if not names or not all(each.strip() for pair in names.items() for each in pair):
        raise CodingError("names: give a pseudonym for each name, and leave neither empty")
    twice = Counter(unicodedata.normalize("NFC", name) for name in names)
    if clash := next((name for name, count in twice.items() if count > 1), ""):
        raise CodingError(f"names: {quoted(clash)} stands there twice, its accents written in two ways; keep one")
    if target.absolute() == key.absolute():
        raise CodingError(f"{key}: the key must not stand in the store; give it a name of its own")
    for each in (target, key):
        damage.must_be_free(each)
    if problems := store.problems():
        fix = "make a new store of what it holds (project_of, add_project), and replace the names there"
        raise CodingError(f"{store.path}: {problems[0]}; {fix}")


def _renamed(event: Event, names: Pseudonyms, places: Mapping[str, Replacement]) -> dict[str, Any]:
    """The body of an event with pseudonyms, and with the positions that it has in the new texts."""

    def value_of(value: Any, key: str = "", document: str = "") -> Any:
        if isinstance(value, list):
            return [value_of(each, key, document) for each in value]
        if isinstance(value, dict):
            own = value.get("document")
            here = own if isinstance(own, str) and own in places else document
            free, moved = key == "attributes", _moved(value, places[here]) if here else value
            return {name: value_of(each, "" if free else name, here) for name, each in moved.items()}
        return names.replaced(value) if isinstance(value, str) and not _IDS.fullmatch(key) else value

    if event.kind == "coder":
        return event.body
    body: dict[str, Any] = value_of(event.body)
    if event.kind == "document" and "times" in body:
        body["times"] = [[places[event.entity].position(at), second] for at, second in body["times"]]
    return body


def _moved(body: dict[str, Any], text: Replacement) -> dict[str, Any]:
    """A part of a body with the positions that it has in the new text."""
    start, end = body.get("start"), body.get("end")
    if isinstance(start, int) and isinstance(end, int):
        body = body | dict(zip(("start", "end"), text.segment(start, end), strict=True))
    for name, at in _LISTED.items():
        if isinstance(listed := body.get(name), list):
            body = body | {name: [[*one[:at], *text.segment(*one[at : at + 2]), *one[at + 2 :]] for one in listed]}
    return body


def _again(happened: list[Event], names: Pseudonyms, places: Mapping[str, Replacement]) -> list[Event]:
    """The events with their new bodies; a decision goes on to be about its difference, which has a new id."""
    again = [replace(event, body=_renamed(event, names, places)) for event in happened]
    ids = dict[str, str]()
    for old, new in zip(happened, again, strict=True):
        made, moved = (each.body.get("after") or {} for each in (old, new))
        if old.kind == "decision" and "gave" in made and old.entity == difference_id(made["gave"], made["readers"]):
            ids[old.entity] = difference_id(moved["gave"], moved["readers"])
    return [replace(each, entity=ids.get(each.entity, each.entity)) for each in again]


def _counts(names: Mapping[str, str], places: Mapping[str, Replacement]) -> pd.DataFrame:
    found = ((name, id_, place.found[name]) for name in names for id_, place in places.items())
    rows = [(name, names[name], id_, count) for name, id_, count in found if count]
    return pd.DataFrame(rows, columns=["name", "pseudonym", "document", "count"])


def _remaining(happened: list[Event], names: Pseudonyms) -> pd.DataFrame:
    """What in events looks like a name, and is neither a pseudonym nor a coder."""
    found = Counter[tuple[str, str, str]]()
    for event in happened:
        text = _ESCAPED.sub(" ", json.dumps([event.entity, event.body], ensure_ascii=False))
        found.update((event.kind, event.entity, each[0]) for each in names.alike.finditer(text))
    given = (*names.pseudonyms.values(), *(event.coder for event in happened))
    fine = {each[0] for text in given for each in names.alike.finditer(text)}
    rows = [(*where, count) for where, count in found.items() if where[2] not in fine]
    return pd.DataFrame(rows, columns=["kind", "id", "found", "count"])


def _copies(old: Path, names: Pseudonyms, new: set[Path]) -> pd.DataFrame:
    """The files in the folder of the old store that hold a name, or may do so."""
    known = [form.encode(encoding) for form in names.forms for encoding in ("utf-8", "utf-16-le", "utf-16-be")]
    rows = [(str(old), "the old store")]
    for path in sorted(old.parent.rglob("*")):
        if path.is_file() and path.absolute() not in {each.absolute() for each in (old, *new)}:
            rows += [(str(path), reason) for reason in [_reason(path, known)] if reason]
    return pd.DataFrame(rows, columns=["file", "reason"])


def _reason(path: Path, known: list[bytes]) -> str:
    try:
        if path.stat().st_size > _LARGEST:
            return "it is too large to be looked into"
        data = path.read_bytes()
    except OSError as error:
        return f"it cannot be read ({error.strerror or error})"
    if any(each in data for each in known):
        return "a name stands in it"
    is_packed = is_zipped(data) or data.startswith(_PACKED)
    return "it is packed or a database, and may hold a name" if is_packed else ""
