"""RIS, as libraries, publishers and reference managers export it."""

import re
from collections.abc import Iterator

from research_lib.evidence.sources.source_record import Record, Remarks, UnusableSourceError, person, plain_field

_LINE = re.compile(r"([A-Z][A-Z0-9]) {1,2}-(?: (.*)|)$")
_TYPES = {
    **dict.fromkeys(("JOUR", "EJOUR", "JFULL", "ABST", "INPR"), "article"),
    **dict.fromkeys(("BOOK", "EBOOK", "EDBOOK", "SER", "CONF", "CLSWK", "DICT", "ENCYC"), "book"),
    **dict.fromkeys(("CHAP", "ECHAP"), "incollection"),
    "CPAPER": "inproceedings",
    "THES": "thesis",
    **dict.fromkeys(("RPRT", "GOVDOC", "STAND"), "report"),
    **dict.fromkeys(("NEWS", "MGZN"), "press"),
    **dict.fromkeys(("VIDEO", "MPCT", "ADVS", "SOUND"), "movie"),
    **dict.fromkeys(("STAT", "BILL", "LEGAL", "CASE", "HEAR"), "legislation"),
    **dict.fromkeys(("DATA", "AGGR", "DBASE"), "dataset"),
    **dict.fromkeys(("ELEC", "BLOG", "ICOMM"), "online"),
    **dict.fromkeys(("UNPB", "MANSCPT", "PCOMM"), "unpublished"),
}
_FIELDS = {
    "title": ("TI", "T1", "CT"),
    "series": ("T3",),
    "volume": ("VL",),
    "number": ("IS",),
    "publisher": ("PB",),
    "address": ("CY", "PP"),
    "edition": ("ET",),
    "doi": ("DO",),
    "url": ("UR", "LK"),
    "note": ("N1",),
    "type": ("M3",),
}
_CONTAINER, _DATE = ("T2", "JO", "JF", "JA", "J2", "BT"), ("DA", "PY", "Y1")
_USED = {"TY", "ER", "ID", "AU", "A1", "A2", "ED", "SP", "EP", *_CONTAINER, *_DATE}.union(*_FIELDS.values())


def read_ris(text: str) -> tuple[list[Record], Remarks]:
    """Read the sources of a RIS file in their order; one without its end (`ER`) ends where the next begins."""
    remarks, records = Remarks(), list[Record]()
    for line, tags in _references(text, remarks):
        record = Record(tags.get("ID", [""])[0], _TYPES.get(tags["TY"][0].upper(), "misc"), line)
        try:
            _fill(record, tags, remarks)
        except UnusableSourceError as error:
            remarks.left_out.append((record.key, line, str(error)))
        else:
            records.append(record)
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


def _fill(record: Record, tags: dict[str, list[str]], remarks: Remarks) -> None:
    remarks.unused.update(tag for tag in tags if tag not in _USED)
    for role, names in (("author", ("AU", "A1")), ("editor", ("A2", "ED"))):
        found = [each for tag in names for each in tags.get(tag, []) if each]
        read = (plain_field(record, role, name, remarks) for name in dict.fromkeys(found))
        record.people |= {role: [person(name if "," in name else f"{{{name}}}") for name in read]} if found else {}
    for name, among in _FIELDS.items():
        _set(record, name, [each for tag in among for each in tags.get(tag, [])], remarks)
    container = "journal" if record.type in ("article", "press") else "booktitle"
    _set(record, container, [each for tag in _CONTAINER for each in tags.get(tag, [])][:1], remarks)
    if pages := [each for tag in ("SP", "EP") for each in tags.get(tag, []) if each]:
        _set(record, "pages", ["–".join(dict.fromkeys(pages[:2]))], remarks)
    dates = [each for tag in _DATE for each in tags.get(tag, []) if re.search(r"\d{4}", each)]
    if dates:
        record.fields["date"] = _iso(dates[0])


def _set(record: Record, name: str, texts: list[str], remarks: Remarks) -> None:
    found = [*dict.fromkeys(filter(None, (plain_field(record, name, text, remarks) for text in texts)))]
    if found:
        record.fields[name] = "; ".join(found) if name == "note" else found[0]
        if len(found) > 1 and name != "note":
            remarks.add(
                record.line, name, f"is given more than once, and the first is used; not used: {found[1][:60]!r}"
            )


def _iso(text: str) -> str:
    """`2012/03/05/` as 2012-03-05; a date that is none of numbers is its year."""
    numbers = re.match(r"(\d{4})(?:[/-](\d{1,2}))?(?:[/-](\d{1,2}))?(?:/|$)", text)
    if not numbers:
        return (re.search(r"\d{4}", text) or [text])[0]
    return "-".join(part.zfill(2) for part in numbers.groups() if part and int(part))
