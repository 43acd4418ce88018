"""The bibliography of a study: `sources.bib`, one entry per source."""

import copy
import re
from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path

import pandas as pd
from pybtex.backends.plaintext import Backend
from pybtex.database import BibliographyData, Entry
from pybtex.database.input.bibtex import month_names
from pybtex.exceptions import PybtexError
from pybtex.style import FormattedEntry, template
from pybtex.style.formatting.unsrt import Style
from pybtex.style.template import FieldIsMissing

from research_lib.errors import Problem, StudyError, quoted
from research_lib.evidence.bibtex import parse_bibtex
from research_lib.evidence.references import Reference
from research_lib.evidence.vocabulary import journeys as words
from research_lib.files.invisible_characters import UNSEEN, unseen_in
from research_lib.files.opening import MB, UnreadableFileError, read_text

LARGEST = 1 * MB
_BIBLATEX = {"report": "techreport", "thesis": "phdthesis", "mvbook": "book", "collection": "book"}
_MONTHS = {str(number): name for number, name in enumerate(month_names.values(), start=1)}
_ENTRY = re.compile(r"[{(]\s*([^\s,{}()]+),")

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


def read_bibliography(
    path: Path, file: str, informants: Collection[str] = words.INFORMANTS
) -> tuple[BibliographyData, list[Problem]]:
    """Read a BibTeX file (UTF-8) and list its problems; `informants`: the codes of who may speak in a source.

    A file that cannot be read or parsed is one problem, and gives an empty bibliography.
    """
    try:
        text = read_text(path, limit=LARGEST)
        bibliography = _with_known_types(parse_bibtex(text))
    except UnreadableFileError as error:
        return BibliographyData(), [Problem(file, error.line, "", f"cannot be read: {error.reason}; {error.fix}")]
    except PybtexError as error:
        line = getattr(error, "lineno", None) or 0
        reason = str(error).replace(f" in line {line}:", ":").removeprefix("syntax error: ")
        return BibliographyData(), [Problem(file, line, "", f"cannot be read as BibTeX: {reason}; fix the entry")]
    return bibliography, bibliography_problems(bibliography, file, text, informants)


def _with_known_types(bibliography: BibliographyData) -> BibliographyData:
    """The same entries; types and dates of BibLaTeX, as reference managers write them, become those of BibTeX."""
    for entry in bibliography.entries.values():
        if "year" not in entry.fields and re.match(r"\d{4}", entry.fields.get("date", "")):
            entry.fields["year"] = entry.fields["date"][:4]
        kind = _BIBLATEX.get(entry.type, entry.type)
        entry.type = kind if hasattr(_style(), f"get_{kind}_template") else "misc"
        if entry.type == "techreport" and "institution" not in entry.fields:
            entry.type = "misc"
    return bibliography


def sources_table(bibliography: BibliographyData) -> pd.DataFrame:
    """List the sources as a table: id, authors, title, year, and the further fields in `FIELDS`."""
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
    """Give the authors, or else the editors, as one string."""
    people = entry.persons.get("author") or entry.persons.get("editor") or []
    return "; ".join(_plain(str(person)) for person in people)


def cite(bibliography: BibliographyData, reference: Reference, section: str = "") -> str:
    """Write one reference as a citation: authors, title, year, and the place in the source.

    Raises StudyError where the entry lacks a field that its type needs, or refers to an entry that does not exist.
    """
    try:
        (formatted,) = _style().format_bibliography(bibliography, [reference.key])
    except (PybtexError, RecursionError) as error:
        raise StudyError(f"sources.bib: {reference.key!r} {_citation_failure(error)}") from error
    where = section or (f"{reference.locator}." if reference.locator else "")
    return " ".join(part for part in (formatted.text.render(Backend()), where) if part)


def bibtex(bibliography: BibliographyData, key: str) -> str:
    """Write one entry as BibTeX, without the fields in `FIELDS`, which only a study reads."""
    entry = bibliography.entries[key]
    people = {role: " and ".join(map(str, persons)) for role, persons in entry.persons.items()}
    fields = people | {name: text for name, text in entry.fields.items() if name not in FIELDS}
    return "\n".join([f"@{entry.type}{{{key},", *(f"  {name} = {{{text}}}," for name, text in fields.items()), "}"])


class _TitleAsGiven(Style):
    """The plain style, with the capitals of a title as the source has them, and months by their names."""

    def format_title(self, _: Entry, which_field: str, as_sentence: bool = True) -> template.Node:
        """Give the title without a change of its letters."""
        title = template.field(which_field)
        return template.sentence[title] if as_sentence else title

    def format_entry(self, label: str, entry: Entry, bib_data: BibliographyData | None = None) -> FormattedEntry:
        """Write an entry, the name of its month for its number."""
        named = copy.deepcopy(entry)
        if (month := entry.fields.get("month", "").lstrip("0")) in _MONTHS:
            named.fields["month"] = _MONTHS[month]
        return super().format_entry(label, named, bib_data)


@cache
def _style() -> Style:
    return _TitleAsGiven()


def bibliography_problems(
    bibliography: BibliographyData, file: str, text: str, informants: Collection[str] = words.INFORMANTS
) -> list[Problem]:
    """List entries without a title, an author, or a known kind and informant, and lines with invisible characters."""
    line_of, shortened = _lines(text), _with_first_names_only(bibliography)
    found = [
        Problem(file, line_of.get(key, 0), field, reason)
        for key, entry in bibliography.entries.items()
        for field, reason in (*_entry_problems(entry, informants), *_missing_fields(shortened, key))
    ]
    unseen = (line for line in enumerate(text.split("\n"), start=1) if UNSEEN.search(line[1]))
    return found + [Problem(file, number, "", unseen_in(line)) for number, line in unseen]


def _with_first_names_only(bibliography: BibliographyData) -> BibliographyData:
    """The same entries, each with its first author and editor only, so that thousands of names cost no time."""
    shortened = {
        key: Entry(entry.type, entry.fields, {role: people[:1] for role, people in entry.persons.items()})
        for key, entry in bibliography.entries.items()
    }
    return BibliographyData(shortened)


def _missing_fields(bibliography: BibliographyData, key: str) -> Iterator[tuple[str, str]]:
    try:
        _style().format_bibliography(bibliography, [key])
    except (PybtexError, RecursionError) as error:
        yield "", _citation_failure(error)


def _citation_failure(error: Exception) -> str:
    fix = "add the field" if isinstance(error, FieldIsMissing) else "fix its field crossref"
    return f"cannot be cited: {error}; {fix}"


def _entry_problems(entry: Entry, informants: Collection[str]) -> Iterator[tuple[str, str]]:
    if not entry.fields.get("title"):
        yield "title", "is missing; give the title, or what the source is in a few words"
    if not authors(entry):
        yield "author", "is missing; give the author or the organisation"
    for field, codes in (("kind", words.SOURCE_KINDS), ("informant", informants)):
        unknown = [code for code in entry.fields.get(field, "").split(";") if code not in codes]
        if unknown:
            yield field, f"{quoted(';'.join(unknown))} is not one of {', '.join(codes)}"


def _lines(text: str) -> dict[str, int]:
    """The line on which each entry begins, by its key."""
    lines: dict[str, int] = {}
    line, before = 1, 0
    for found in _ENTRY.finditer(text):
        line += text.count("\n", before, found.start())
        before = found.start()
        lines.setdefault(found[1], line)
    return lines


def _plain(text: str) -> str:
    return text.replace("{", "").replace("}", "")
