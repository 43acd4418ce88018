"""The sources of RIS, as libraries and publishers export it, and of CSL-JSON, as Zotero, Mendeley and Pandoc do."""

import json
import re
from collections.abc import Iterator
from functools import partial
from typing import Any

from pybtex.database import Person

from research_lib.evidence.sources.source_record import FORMAT_WORDS, PEOPLE, Record, Remarks, by_word, person

_TYPES = by_word(FORMAT_WORDS["types"]["ris_and_csl"])
_LINE = re.compile(r"([A-Z][A-Z0-9]) {1,2}-(?: (.*)|)$")
_TAGS: dict[str, str] = FORMAT_WORDS["tags"]["ris"]
_TAGS_USED = by_word(_TAGS)
_CSL_FIELDS: dict[str, str] = FORMAT_WORDS["fields"]["csl"]
_CSL_USED = {"id", "type", "citation-key", "issued", "container-title", *_CSL_FIELDS, *PEOPLE}


def _container(record: Record) -> str:
    """The field that names what a source stands in."""
    return "journal" if record.type in ("article", "press") else "booktitle"


def read_ris(text: str) -> tuple[list[Record], Remarks]:
    """Read the sources of a RIS file in their order; one without its end (`ER`) ends where the next begins."""
    remarks, records = Remarks(), list[Record]()
    for line, tags in _references(text, remarks):
        record = Record(tags.get("ID", [""])[0], _TYPES.get(tags["TY"][0].upper(), "misc"), line, remarks)
        records += record.filled(partial(_fill_ris, tags=tags))
    return records, remarks


def _references(text: str, remarks: Remarks) -> Iterator[tuple[int, dict[str, list[str]]]]:
    """Each reference: its line, and what its tags say."""
    start, tags, last = 0, dict[str, list[str]](), ""
    for number, line in enumerate(text.split("\n"), start=1):
        found = _LINE.match(line.lstrip("\ufeff \t") if "TY" in line[:8] else line.rstrip())
        if found and found[1] == "TY":
            if tags:
                yield start, tags
            start, tags, last = number, {"TY": [(found[2] or "").strip()]}, ""
        elif found and found[1] == "ER":
            if tags:
                yield start, tags
            tags, last = {}, ""
        elif found and tags:
            last = found[1]
            tags.setdefault(last, []).append((found[2] or "").strip())
        elif line.strip() and tags and last:
            tags[last][-1] = f"{tags[last][-1]} {line.strip()}"
        elif line.strip():
            remarks.add(number, "", f"stands in no reference and is not used: {line.strip()[:60]!r}")
    if tags:
        yield start, tags


def _fill_ris(record: Record, tags: dict[str, list[str]]) -> None:
    record.remarks.unused.update(tag for tag in tags if tag not in _TAGS_USED)
    given = {name: [each for tag in among.split() for each in tags.get(tag, [])] for name, among in _TAGS.items()}
    for role in PEOPLE:
        read = [record.plain(role, name) for name in dict.fromkeys(filter(None, given.pop(role)))]
        record.people |= {role: [person(name if "," in name else f"{{{name}}}") for name in read]} if read else {}
    given[_container(record)] = given.pop("container")[:1]
    dates, pages = given.pop("date"), [*filter(None, given.pop("pages"))][:2]
    given["pages"] = ["–".join(dict.fromkeys(pages))]
    for name, texts in given.items():
        if name and (found := [*dict.fromkeys(filter(None, (record.plain(name, text) for text in texts)))]):
            record.fields[name] = "; ".join(found) if name == "note" else found[0]
            if len(found) > 1 and name != "note":
                reason = f"is given more than once, and the first is used; not used: {found[1][:60]!r}"
                record.note(name, reason)
    if date := next((each for each in dates if re.search(r"\d{4}", each)), ""):
        record.fields["date"] = _iso(date)


def _iso(text: str) -> str:
    """`2012/03/05/` as 2012-03-05; a date that is none of numbers is its year."""
    numbers = re.match(r"(\d{4})(?:[/-](\d{1,2}))?(?:[/-](\d{1,2}))?(?:/|$)", text)
    if not numbers:
        return (re.search(r"\d{4}", text) or [text])[0]
    return "-".join(part.zfill(2) for part in numbers.groups() if part and int(part))


def read_csl_json(text: str) -> tuple[list[Record], Remarks]:
    """Read the sources of a CSL-JSON file in their order; raises ValueError for what is none."""
    try:
        items = json.loads(text)
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error
    items = items.get("items", items) if isinstance(items, dict) else items
    if not isinstance(items, list):
        raise ValueError("it is not a list of references")  # noqa: TRY004 - one kind of error for a file
    remarks, records, place = Remarks(), list[Record](), 0
    for number, item in enumerate(items, start=1):
        place, line = _line(text, item, place)
        if not isinstance(item, dict):
            remarks.left_out.append(("", line, f"reference {number} is not an object; take it out"))
            continue
        kind = _TYPES.get(str(item.get("type")), "misc")
        record = Record(str(item.get("citation-key") or item.get("id") or ""), kind, line, remarks)
        records += record.filled(partial(_fill_csl, item=item))
    return records, remarks


def _line(text: str, item: Any, place: int) -> tuple[int, int]:
    """Where a reference stands: the place and the line of its id, looked for behind the one before."""
    wanted = json.dumps(item["id"]) if isinstance(item, dict) and isinstance(item.get("id"), str | int) else ""
    found = text.find(wanted, place) if wanted else -1
    return (found + 1, text.count("\n", 0, found) + 1) if found >= 0 else (place, text.count("\n", 0, place) + 1)


def _fill_csl(record: Record, item: dict[str, Any]) -> None:
    record.remarks.unused.update(str(name) for name in item if name not in _CSL_USED)
    for role in PEOPLE:
        names = item.get(role)
        if isinstance(names, list) and names:
            record.people[role] = [_csl_person(record, each) for each in names if isinstance(each, dict)]
    for name, value in item.items():
        if name in _CSL_FIELDS and isinstance(value, str | int | float) and str(value).strip():
            record.fields.setdefault(_CSL_FIELDS[name], record.plain(_CSL_FIELDS[name], str(value)))
    if isinstance(within := item.get("container-title"), str) and within:
        record.fields[_container(record)] = record.plain(_container(record), within)
    if date := _csl_date(item.get("issued")):
        record.fields["date"] = record.plain("date", date)


def _csl_person(record: Record, said: dict[str, Any]) -> Person:
    parts = {name: record.plain("author", str(text)) for name, text in said.items() if text}
    if "family" not in parts:
        return Person(last=f"{{{parts.get('literal') or parts.get('given', '')}}}")
    particle = " ".join(filter(None, (parts.get("dropping-particle"), parts.get("non-dropping-particle"))))
    return Person(first=parts.get("given", ""), prelast=particle, last=parts["family"], lineage=parts.get("suffix", ""))


def _csl_date(issued: Any) -> str:
    """A date of CSL-JSON in ISO 8601, or as its words have it."""
    if not isinstance(issued, dict):
        return str(issued or "")
    parts = issued.get("date-parts")
    if not isinstance(parts, list):
        return str(issued.get("literal") or issued.get("raw") or "")
    dates = ("-".join(str(part).zfill(2) for part in each if part) for each in parts if isinstance(each, list))
    return "/".join(filter(None, dates))
