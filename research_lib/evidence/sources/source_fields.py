"""From BibLaTeX to BibTeX: types, fields, and what a part takes over from its whole; and the kind of a source."""

import re
from collections.abc import Mapping

from research_lib.evidence.sources.source_record import OWN, TYPES_IN_WORDS, Record, Remarks

_TYPES = {
    **dict.fromkeys(("suppperiodical", "review", "press", "periodical"), "article"),
    **dict.fromkeys(("mvbook", "collection", "mvcollection", "reference", "mvreference"), "book"),
    **dict.fromkeys(("bookinbook", "suppbook", "suppcollection", "inreference"), "incollection"),
    "mvproceedings": "proceedings",
    "conference": "inproceedings",
    "report": "techreport",
    "thesis": "phdthesis",
    **dict.fromkeys(("electronic", "www"), "online"),
}
KINDS = {
    "article": "article",
    **dict.fromkeys(("book", "booklet", "proceedings"), "book"),
    **dict.fromkeys(("inbook", "incollection", "inproceedings"), "chapter"),
    **dict.fromkeys(("phdthesis", "mastersthesis"), "thesis"),
    **dict.fromkeys(("techreport", "manual"), "report"),
    **dict.fromkeys(("movie", "video", "audio", "performance"), "film"),
    **dict.fromkeys(("legislation", "legal", "jurisdiction", "commentary"), "law"),
    "dataset": "data",
    "interview": "interview",
}
_PRESS = ("press", "newspaper", "magazine")
_FIELDS = {
    "journaltitle": "journal",
    "location": "address",
    "issue": "number",
    "eventtitle": "series",
    "origdate": "date",
}
_NOT_TAKEN_OVER = frozenset(
    {"title", "subtitle", "titleaddon", "crossref", "xdata", "url", "doi", "pages", "type", *OWN} - {"date"}
)
_CONTAINERS = {"xdata": "data for other entries", "set": "a set of entries", "control": "a setting of a style"}
LONGEST_CHAIN = 10


def completed(records: list[Record], remarks: Remarks) -> list[Record]:
    """Give every source what it takes over from others (crossref, xdata), its type and its fields as BibTeX has them.

    Entries that only hold data for others are no sources, and are left out.
    """
    by_key = {record.key.lower(): record for record in reversed(records)}
    done: list[Record] = []
    for record in records:
        if record.type == "xdata":
            continue
        if record.type in _CONTAINERS or not (record.fields or record.people):
            reason = _CONTAINERS.get(record.type, "an entry without a field that is used")
            remarks.left_out.append((record.key, record.line, f"it is {reason}; give it a title, or cite another"))
            continue
        _take_over(record, by_key, remarks)
        if "title" not in record.fields:
            remarks.add(record.line, "title", "is missing; the source is cited without it")
        done.append(record)
    for record in done:
        _as_bibtex(record)
    return done


def _take_over(record: Record, by_key: Mapping[str, Record], remarks: Remarks) -> None:
    names = [*record.fields.get("xdata", "").split(","), record.fields.get("crossref", "")]
    seen = {record.key.lower()}
    while names and len(seen) <= LONGEST_CHAIN:
        name = names.pop(0).strip()
        whole = by_key.get(name.lower())
        if name and name.lower() == record.key.lower():
            remarks.add(record.line, "crossref", "names the entry itself; name another, or take the field out")
        if not name or name.lower() in seen:
            continue
        seen.add(name.lower())
        if whole is None:
            remarks.add(
                record.line, "crossref", f"{name[:60]!r} is no entry of this file, so nothing is taken over from it"
            )
            continue
        _take(record, whole, is_data=whole.type == "xdata")
        names += [*whole.fields.get("xdata", "").split(","), whole.fields.get("crossref", "")]
    if any(names):
        remarks.add(record.line, "crossref", f"leads over more than {LONGEST_CHAIN} entries; the others give nothing")


def _take(record: Record, whole: Record, *, is_data: bool) -> None:
    """Fill what a source lacks: all from shared data, and from a whole what is true of its parts."""
    for name, text in whole.fields.items():
        if is_data or name not in _NOT_TAKEN_OVER:
            record.fields.setdefault(name, text)
    if "title" in whole.fields and not is_data:
        container = "journal" if record.type == "article" else "booktitle"
        parts = (whole.fields.get(name, "") for name in ("title", "subtitle"))
        record.fields.setdefault(container, ": ".join(filter(None, parts)))
    for role in ("author", "editor") if is_data else ("editor",):
        if role in whole.people:
            record.people.setdefault(role, whole.people[role])


def _as_bibtex(record: Record) -> None:
    fields = record.fields
    for name in ("crossref", "xdata"):
        fields.pop(name, None)
    kind = record.type if record.type not in ("article", *_PRESS) else _article(record)
    guess = "press" if kind in _PRESS else KINDS.get(_TYPES.get(kind, kind), "other")
    fields.setdefault("kind", f"?{guess}")
    record.type = _TYPES.get(kind, kind)
    if "type" in fields:
        fields["type"] = TYPES_IN_WORDS.get(fields["type"], fields["type"])
    if record.type == "phdthesis" and "school" not in fields and "institution" in fields:
        fields["school"] = fields.pop("institution")
    if record.type == "phdthesis" and fields.get("type", "").startswith("Master"):
        record.type = "mastersthesis"
    for old, new in _FIELDS.items():
        if old in fields and new not in fields:
            fields[new] = fields.pop(old)
    for title, more in (("title", "subtitle"), ("booktitle", "booksubtitle"), ("journal", "journalsubtitle")):
        if title in fields and more in fields:
            fields[title] = f"{fields[title].rstrip('.:')}: {fields.pop(more)}"
    _date(fields)


def _article(record: Record) -> str:
    return "press" if record.type != "article" or record.fields.get("entrysubtype") in _PRESS else "article"


def _date(fields: dict[str, str]) -> None:
    """Give a year, and a month where the date is of one month, as BibLaTeX and others write dates in one field."""
    date = fields.get("date", "")
    if not date or "year" in fields:
        return
    years = [*dict.fromkeys(re.findall(r"(?<!\d)\d{3}[\dXxu?](?![\d.])", date))]
    fields["year"] = "–".join((years[0], years[-1]) if len(years) > 1 else years) or date
    if month := re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])(-\d\d)?", date):
        fields.setdefault("month", month[1])
