"""The bibliography of a study: one entry per source, as a table, as citations, as BibTeX."""

import re

import pandas as pd
from pybtex.database import BibliographyData, Entry

from research_lib.evidence.citation_style import written
from research_lib.evidence.sources.latex_text import shown

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
_COMMANDS = re.compile(r"[&%#$_]")
_VERBATIM = ("url", "doi", "eprint")


def sources_table(bibliography: BibliographyData) -> pd.DataFrame:
    """List the sources as a table: id, authors, title, year, and the further fields in `FIELDS`."""
    rows = [
        {
            "id": key,
            "author": authors(entry),
            "title": shown(entry.fields.get("title", "")),
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
    return "; ".join(shown(str(person)) for person in people)


def cite(bibliography: BibliographyData, key: str) -> str:
    """Write one source as a citation: authors, title, year."""
    return written(bibliography.entries[key])


def bibtex(bibliography: BibliographyData, key: str) -> str:
    """Write one entry as BibTeX, without the fields in `FIELDS`, which only a study reads."""
    entry = bibliography.entries[key]
    people = {role: " and ".join(map(str, persons)) for role, persons in entry.persons.items()}
    fields = people | {name: text for name, text in entry.fields.items() if name not in FIELDS}
    return "\n".join(
        [f"@{entry.type}{{{key},", *(f"  {name} = {{{_latex(name, text)}}}," for name, text in fields.items()), "}"]
    )


def _latex(name: str, text: str) -> str:
    """The text of a field with the signs that are commands in LaTeX written out."""
    if name in _VERBATIM:
        return text
    marked = text.replace("\\", "\ue006")
    marked = _COMMANDS.sub(r"\\\g<0>", marked).replace("\ue000", r"\{").replace("\ue001", r"\}")
    return marked.replace("\ue006", r"\textbackslash{}")
