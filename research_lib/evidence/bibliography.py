"""The bibliography of a study: one entry per source, as a table, as BibTeX, and as citations in pybtex's style."""

import copy
from functools import cache

import pandas as pd
from pybtex.backends.plaintext import Backend
from pybtex.database import BibliographyData, Entry, Person
from pybtex.database.input.bibtex import month_names
from pybtex.style import FormattedEntry, template
from pybtex.style.formatting.unsrt import Style, date, pages, toplevel
from pybtex.style.template import FieldIsMissing, field, join, optional, optional_field, sentence, tag, words

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
_LATEX = str.maketrans(
    {sign: f"\\{sign}" for sign in "&%#$_"} | {"\ue000": r"\{", "\ue001": r"\}", "\\": r"\textbackslash{}"}
)
_VERBATIM = ("url", "doi", "eprint")
_MONTHS = {str(number): name for number, name in enumerate(month_names.values(), start=1)}
_READ_AS_LATEX = "\\{}%~$&#_^`'\""
_ASIDE = str.maketrans({sign: chr(0xE010 + number) for number, sign in enumerate(_READ_AS_LATEX)})
_BACK = str.maketrans({chr(0xE010 + number): sign for number, sign in enumerate(_READ_AS_LATEX)})
_PUBLISHERS = ("organization", "institution", "school", "publisher")


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


def cite(bibliography: BibliographyData, key: str, *, note: bool = True) -> str:
    """Write one source as a citation, with what it has: authors, title, year, and its note where that is wanted."""
    entry = _plain(bibliography.entries[key])
    if not note:
        entry.fields.pop("note", None)
    (formatted,) = _style().format_bibliography(BibliographyData({"source": entry}), ["source"])
    return str(formatted.text.render(Backend())).translate(_BACK)


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
    return text if name in _VERBATIM else text.translate(_LATEX)


def _plain(entry: Entry) -> Entry:
    """The same source as plain text, in which pybtex finds no LaTeX to read."""
    fields = {name: shown(text).translate(_ASIDE) for name, text in entry.fields.items()}
    if (month := entry.fields.get("month", "").lstrip("0")) in _MONTHS:
        fields["month"] = _MONTHS[month]
    people = {role: [_plain_person(person) for person in persons] for role, persons in entry.persons.items()}
    return Entry(entry.type, fields, people)


def _plain_person(person: Person) -> Person:
    plain = copy.copy(person)
    for part in ("first_names", "middle_names", "prelast_names", "last_names", "lineage_names"):
        setattr(plain, part, [shown(name).translate(_ASIDE) for name in getattr(person, part)])
    return plain


class _AnySource(Style):
    """The plain style, with the capitals of a title as the source has them, and without fields that must be there."""

    def format_title(self, _: Entry, which_field: str, as_sentence: bool = True) -> template.Node:
        """Give the title without a change of its letters."""
        title = template.field(which_field)
        return template.sentence[title] if as_sentence else title

    def format_entry(self, label: str, entry: Entry, bib_data: BibliographyData | None = None) -> FormattedEntry:
        """Write an entry; one of another type, or without a field that its type wants, in the order of all fields."""
        try:
            is_whole = entry.type != "article" or "pages" in entry.fields  # without pages, volumes of articles get lost
            if is_whole and hasattr(self, f"get_{entry.type}_template"):
                return super().format_entry(label, entry, bib_data)
        except FieldIsMissing:
            pass
        other = Entry("misc", entry.fields, entry.persons)
        other.key = entry.key
        return super().format_entry(label, other, bib_data)

    def get_misc_template(self, entry: Entry) -> template.Node:
        """Give the order of all fields, none of which must be there."""
        people = self.format_names("author") if entry.persons.get("author") else self.format_editor(entry)
        editor = optional[self.format_editor(entry, as_sentence=False)] if entry.persons.get("author") else ""
        published = [*_PUBLISHERS, "address"] if set(_PUBLISHERS) & set(entry.fields) else []
        places = [optional[field(name)] for name in ("howpublished", *published)]
        if "journal" in entry.fields:
            within = [sentence[tag("em")[field("journal")], *_volume(), optional[date]], sentence[places]]
        else:
            whole = sentence[editor, tag("em")[field("booktitle")], *_volume()]
            within = [optional[words["In", whole]], sentence[*places, optional[date]]]
        return toplevel[
            optional[sentence[people]],
            optional[self.format_title(entry, "title")],
            *within,
            sentence[optional_field("note")],
            self.format_web_refs(entry),
        ]


def _volume() -> list[template.Node]:
    number = optional["(", field("number"), ")"]
    return [optional[join[field("volume"), number]], optional[words["pages", pages]]]


_style = cache(_AnySource)  # made when it is first used: it loads slowly
