"""The bibliography of a study: `sources.bib`, one entry per source."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pandas as pd
from pybtex.backends.plaintext import Backend
from pybtex.database import BibliographyData, Entry, parse_string
from pybtex.exceptions import PybtexError
from pybtex.style.formatting.unsrt import Style
from pybtex.style.template import FieldIsMissing

from research_lib.errors import Problem
from research_lib.evidence.references import Reference
from research_lib.evidence.vocabulary import journeys as words

FIELDS = {
    "kind": "what sort of source it is",
    "informant": "whose knowledge it gives",
    "date": "ISO date of an interview, a meeting or an issue",
    "place": "where it took place",
    "cited_in": "where the study's report cites it",
    "lines": "first and last line of that citation in the plain text of the report",
    "spelling": "how the report spells it, where that differs",
    "licence": "under which terms its data are used",
}


def read_bibliography(path: Path, file: str) -> tuple[BibliographyData, list[Problem]]:
    """Read a BibTeX file (UTF-8); what cannot be parsed is a problem, and gives an empty bibliography."""
    try:
        return parse_string(path.read_text(encoding="utf-8"), "bibtex"), []
    except (OSError, UnicodeDecodeError, PybtexError) as error:
        return BibliographyData(), [Problem(file, 0, "", f"cannot be read as BibTeX: {error}")]


def sources_table(bibliography: BibliographyData) -> pd.DataFrame:
    """List the sources as a table: id, authors, title, year, and the fields of our own."""
    rows = [
        {
            "id": key,
            "author": authors(entry),
            "title": _plain(entry.fields.get("title", "")),
            "year": entry.fields.get("year", ""),
            **{field: entry.fields.get(field, "") for field in FIELDS},
            "source": key,
        }
        for key, entry in bibliography.entries.items()
    ]
    return pd.DataFrame(rows, columns=["id", "author", "title", "year", *FIELDS, "source"], dtype="str")


def authors(entry: Entry) -> str:
    """Name the authors, or else the editors, as one string."""
    people = entry.persons.get("author") or entry.persons.get("editor") or []
    return "; ".join(_plain(str(person)) for person in people)


def cite(bibliography: BibliographyData, reference: Reference, section: str = "") -> str:
    """Write one reference out as a sentence: authors, title, year, and the place in it."""
    (formatted,) = _style().format_bibliography(bibliography, [reference.key])
    where = section or (f"{reference.locator}." if reference.locator else "")
    return " ".join(part for part in (formatted.text.render(Backend()), where) if part)


@cache
def _style() -> Style:
    return Style()


def bibliography_problems(bibliography: BibliographyData, file: str, text: str) -> list[Problem]:
    """Name every entry that lacks a title, an author, or a known kind and informant."""
    line_of = {key: _line(text, key) for key in bibliography.entries}
    return [
        Problem(file, line_of[key], field, reason)
        for key, entry in bibliography.entries.items()
        for field, reason in (*_entry_problems(entry), *_missing_fields(bibliography, key))
    ]


def _missing_fields(bibliography: BibliographyData, key: str) -> Iterator[tuple[str, str]]:
    try:
        _style().format_bibliography(bibliography, [key])
    except FieldIsMissing as error:
        yield "", f"cannot be written out: {error}; add the field"


def _entry_problems(entry: Entry):
    if not entry.fields.get("title"):
        yield "title", "is missing; give the title, or what the source is in a few words"
    if not authors(entry):
        yield "author", "is missing; give the author or the organisation"
    for field, codes in (("kind", words.SOURCE_KINDS), ("informant", words.INFORMANTS)):
        unknown = [code for code in entry.fields.get(field, "").split(";") if code not in codes]
        if unknown:
            yield field, f"{';'.join(unknown)!r} is not one of {', '.join(codes)}"


def _line(text: str, key: str) -> int:
    before, found, _ = text.partition(f"{{{key},")
    return before.count("\n") + 1 if found else 0


def _plain(text: str) -> str:
    return text.replace("{", "").replace("}", "")
