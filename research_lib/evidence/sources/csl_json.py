"""CSL-JSON, as Zotero, Mendeley and Pandoc write it."""

import json
from typing import Any

from pybtex.database import Person

from research_lib.evidence.sources.source_record import Record, Remarks, UnusableSourceError, plain_field

_TYPES = {
    **dict.fromkeys(("article", "article-journal", "review", "review-book"), "article"),
    **dict.fromkeys(("article-newspaper", "article-magazine", "post-weblog"), "press"),
    **dict.fromkeys(("book", "classic", "collection", "periodical"), "book"),
    **dict.fromkeys(("chapter", "entry", "entry-dictionary", "entry-encyclopedia"), "incollection"),
    "paper-conference": "inproceedings",
    "thesis": "thesis",
    **dict.fromkeys(("report", "standard"), "report"),
    **dict.fromkeys(("motion_picture", "broadcast", "song"), "movie"),
    **dict.fromkeys(("legislation", "bill", "legal_case", "treaty", "regulation", "hearing"), "legislation"),
    "dataset": "dataset",
    "interview": "interview",
    **dict.fromkeys(("webpage", "post"), "online"),
    **dict.fromkeys(("manuscript", "personal_communication", "speech"), "unpublished"),
}
_FIELDS = {
    "title": "title",
    "volume": "volume",
    "issue": "number",
    "page": "pages",
    "publisher": "publisher",
    "publisher-place": "address",
    "edition": "edition",
    "collection-title": "series",
    "genre": "type",
    "note": "note",
    "DOI": "doi",
    "URL": "url",
    "ISBN": "isbn",
    "number": "number",
    "event-title": "eventtitle",
    "version": "version",
}
_PEOPLE = ("author", "editor")
_USED = {"id", "type", "citation-key", "issued", "container-title", *_FIELDS, *_PEOPLE}


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
        record = Record(
            str(item.get("citation-key") or item.get("id") or ""), _TYPES.get(str(item.get("type")), "misc"), line
        )
        try:
            _fill(record, item, remarks)
        except UnusableSourceError as error:
            remarks.left_out.append((record.key, line, str(error)))
        else:
            records.append(record)
    return records, remarks


def _line(text: str, item: Any, place: int) -> tuple[int, int]:
    """Where a reference stands: the place and the line of its id, looked for behind the one before."""
    wanted = json.dumps(item["id"]) if isinstance(item, dict) and isinstance(item.get("id"), str | int) else ""
    found = text.find(wanted, place) if wanted else -1
    return (found + 1, text.count("\n", 0, found) + 1) if found >= 0 else (place, text.count("\n", 0, place) + 1)


def _fill(record: Record, item: dict[str, Any], remarks: Remarks) -> None:
    remarks.unused.update(str(name) for name in item if name not in _USED)
    for role in _PEOPLE:
        names = item.get(role)
        if isinstance(names, list) and names:
            record.people[role] = [_person(record, each, remarks) for each in names if isinstance(each, dict)]
    for name, value in item.items():
        if name in _FIELDS and isinstance(value, str | int | float) and str(value).strip():
            record.fields.setdefault(_FIELDS[name], plain_field(record, _FIELDS[name], str(value), remarks))
    if isinstance(within := item.get("container-title"), str) and within:
        container = "journal" if record.type in ("article", "press") else "booktitle"
        record.fields[container] = plain_field(record, container, within, remarks)
    if date := _date(item.get("issued")):
        record.fields["date"] = plain_field(record, "date", date, remarks)


def _person(record: Record, said: dict[str, Any], remarks: Remarks) -> Person:
    parts = {name: plain_field(record, "author", str(text), remarks) for name, text in said.items() if text}
    if "family" not in parts:
        return Person(last=f"{{{parts.get('literal') or parts.get('given', '')}}}")
    particle = " ".join(filter(None, (parts.get("dropping-particle"), parts.get("non-dropping-particle"))))
    return Person(first=parts.get("given", ""), prelast=particle, last=parts["family"], lineage=parts.get("suffix", ""))


def _date(issued: Any) -> str:
    """A date of CSL-JSON in ISO 8601, or as its words have it."""
    if not isinstance(issued, dict):
        return str(issued or "")
    parts = issued.get("date-parts")
    if not isinstance(parts, list):
        return str(issued.get("literal") or issued.get("raw") or "")
    dates = ("-".join(str(part).zfill(2) for part in each if part) for each in parts if isinstance(each, list))
    return "/".join(filter(None, dates))
