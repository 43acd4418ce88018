"""BibTeX and BibLaTeX from other people's programs: what can be read is, what cannot is named."""

import logging
import re
from collections.abc import Iterator
from functools import partial

from bibtexparser.model import (
    Block,
    DuplicateBlockKeyBlock,
    DuplicateFieldKeyBlock,
    Entry,
    ImplicitComment,
    ParsingFailedBlock,
    Preamble,
    String,
)
from bibtexparser.splitter import Splitter
from pybtex.bibtex.utils import split_name_list
from pybtex.database.input.bibtex import month_names

from research_lib.evidence.sources.source_record import (
    PEOPLE,
    TYPES_IN_WORDS,
    USED,
    Record,
    Remarks,
    UnusableSourceError,
    person,
)

logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)  # what it logs is named in the remarks

MOST_ENTRIES, MOST_UNFOLDED = 100_000, 1 << 20
_WORDS = {**month_names, **TYPES_IN_WORDS}
_BARE = re.compile(r"[^\s#{}\"]+")
_SIGN = re.compile(r"(?<!\\)[{}\"]")
_NEXT_FIELD = re.compile(r"\s*([A-Za-z][\w:+.-]*)\s*=\s*(?=\S)(.*)", re.DOTALL)
_KEY = re.compile(r"@\s*\w+\s*[{(]\s*([^\s,{}()=\"]+)\s*,")
_AND = re.compile(r"\s+and\s+", re.IGNORECASE)
_START = re.compile(r"@\w+[ \t]*[{(]")
_KEYLESS = re.compile(r"(?i)(@(?!string\b|comment\b|preamble\b)\w+[ \t]*\{)(?=\s*[a-z]+[ \t]*=)")
_ABORTED = re.compile(r"Was still looking for ([^.]*)")


def read_bibtex(text: str) -> tuple[list[Record], Remarks]:
    """Read the sources of a BibTeX file in their order, and say what is left out and why.

    Abbreviations (@string) and months are written out, doubled names of authors are joined, of other doubled fields the
    first counts. A comma that is missing between two fields does no harm. Raises ValueError for a file of more than
    100,000 entries.
    """
    if sum(1 for _ in _START.finditer(text)) > MOST_ENTRIES:
        raise ValueError(f"it has more than {MOST_ENTRIES:,} entries")
    remarks, strings, records = Remarks(), dict(_WORDS), list[Record]()
    for block in Splitter(_KEYLESS.sub(r"\1,", text)).split().blocks:
        read = block.ignore_error_block if isinstance(block, DuplicateBlockKeyBlock | DuplicateFieldKeyBlock) else block
        read = read.ignore_error_block if isinstance(read, DuplicateFieldKeyBlock) else read
        if isinstance(read, String):
            _define(read, strings, remarks)
        elif isinstance(read, Entry):
            record = Record(read.key, read.entry_type.lower(), _line(read), remarks)
            records += record.filled(partial(_fill, entry=read, strings=strings))
        elif isinstance(read, ParsingFailedBlock):
            _leave_out(read, remarks)
        elif isinstance(read, ImplicitComment):
            _name_entries_in(read, remarks)
        elif isinstance(read, Preamble):
            remarks.add(_line(read), "", "a @preamble is not used")
    return records, remarks


def _line(block: Block) -> int:
    return (block.start_line or 0) + 1


def _leave_out(block: ParsingFailedBlock, remarks: Remarks) -> None:
    raw, reason = block.raw or "", getattr(block.error, "abort_reason", str(block.error))
    found, wanted = _KEY.match(raw), _ABORTED.search(reason)
    why = (
        f"it has no end (no {wanted[1].strip()} was found)"
        if wanted
        else reason.strip(" .\n")
        .replace("entry key", "the name of a field")
        .replace("Unexpectedly reached end of file", "it has no end")
    )
    mend = "fix its braces, quotation marks and commas"
    remarks.left_out.append((found[1] if found else "", _line(block), f"cannot be read as BibTeX: {why}; {mend}"))


def _name_entries_in(comment: ImplicitComment, remarks: Remarks) -> None:
    """Name lines between entries that look like the beginning of one."""
    for number, line in enumerate(comment.comment.split("\n"), start=_line(comment)):
        if re.match(r"\s*@\s*\w+", line):
            reason = f"cannot be read as BibTeX: no brace stands behind {line.strip()[:40]!r}; write @type{{key,"
            remarks.left_out.append(("", number, reason))


def _define(block: String, strings: dict[str, str], remarks: Remarks) -> None:
    try:
        strings[block.key.lower()] = _text(block.value, strings, remarks, _line(block))[0]
    except UnusableSourceError as error:
        remarks.add(_line(block), "", f"the abbreviation {block.key!r} is not used: {error}")


def _fill(record: Record, entry: Entry, strings: dict[str, str]) -> None:
    for name, text in _fields(entry, strings, record):
        written = record.latex(name, text)
        if name in PEOPLE:
            names = split_name_list(written) if "{" in written else _AND.split(written)
            if record.people.get(name):
                record.note(name, "stands twice; the names of both are used")
            record.people.setdefault(name, []).extend(person(each) for each in names if each)
        elif record.fields.setdefault(name, written) != written:
            record.note(name, f"stands twice, and the first is used; not used: {written[:60]!r}")


def _fields(entry: Entry, strings: dict[str, str], record: Record) -> Iterator[tuple[str, str]]:
    """The fields that are used, each as its text, and those behind a missing comma."""
    for each in entry.fields:
        key, value, is_open = each.key, each.value, True
        while is_open:
            name = key.lower()
            said, line = (record.remarks if name in USED else None), (each.start_line or 0) + 1
            text, rest = _text(value, strings, said, line)
            if name in USED:
                yield name, text
            else:
                record.remarks.unused[name] += 1
            found = _NEXT_FIELD.fullmatch(rest)
            if found:
                record.note(name, "a comma is missing behind this field; the next field is read all the same")
            elif rest:
                record.note(name, f"what stands behind its end is not used: {rest.strip()[:60]!r}; fix it")
            is_open, key, value = (True, found[1], found[2]) if found else (False, "", "")


def _text(value: str, strings: dict[str, str], remarks: Remarks | None, line: int) -> tuple[str, str]:
    """The text of a value such as `{May } # jun`, and what stands behind its end."""
    if value[:1] == "{" and value.find("}") == len(value) - 1:
        return value[1:-1], ""
    text, tail = "", f"#{value}"
    while tail.startswith("#") and (value := tail[1:].lstrip()):
        end = _end(value)
        text += value[1 : end - 1] if value[0] in '{"' else _word(value[:end], strings, remarks, line)
        if len(text) > MOST_UNFOLDED:
            raise UnusableSourceError(f"its abbreviations (@string) unfold to more than {MOST_UNFOLDED:,} characters")
        tail = value[end:].lstrip()
    return text, "" if tail.startswith("#") else tail


def _end(value: str) -> int:
    """Where the first part of a value ends: its braces, its quotation marks or its word."""
    if value[0] not in '{"':
        found = _BARE.match(value)
        return found.end() if found else len(value)
    depth = 0
    for sign in _SIGN.finditer(value):
        depth += (sign[0] == "{") - (sign[0] == "}")
        if not depth and sign[0] == {"{": "}", '"': '"'}[value[0]] and sign.start():
            return sign.end()
    return len(value)


def _word(part: str, strings: dict[str, str], remarks: Remarks | None, line: int) -> str:
    if part.lower() not in strings and not part[:1].isdigit() and remarks is not None:
        remarks.add(line, "", f"{part!r} is no abbreviation of this file (@string), and is written as it stands")
    return strings.get(part.lower(), part)
