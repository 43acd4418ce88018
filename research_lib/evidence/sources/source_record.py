"""One source as its file has it, whichever the format, and what is said about a file while it is read."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from pybtex.bibtex.utils import split_tex_string
from pybtex.database import Person

from research_lib.evidence.sources.latex_text import LITERAL, as_characters, unmarked
from research_lib.files.invisible_characters import UNSEEN

OWN = ("kind", "informant", "date", "place", "cited_in", "lines", "spelling", "licence")
VERBATIM = frozenset(
    {"url", "doi", "eprint", "isbn", "issn", "crossref", "xdata", "cited_in", "lines", "kind", "informant"}
)
USED = frozenset(
    {
        *("address", "author", "booksubtitle", "booktitle", "chapter", "crossref", "date", "doi", "edition", "editor"),
        *("entrysubtype", "eprint", "eventtitle", "howpublished", "institution", "isbn", "issue", "journal"),
        *(
            "journalsubtitle",
            "journaltitle",
            "location",
            "month",
            "note",
            "number",
            "organization",
            "origdate",
            "pages",
        ),
        *("publisher", "school", "series", "subtitle", "title", "type", "url", "volume", "xdata", "year", *OWN),
    }
)
PEOPLE = ("author", "editor")
LONGEST_FIELD, LONGEST_NAME = 20_000, 500
TYPES_IN_WORDS = {
    "phdthesis": "PhD thesis",
    "mathesis": "Master's thesis",
    "bathesis": "Bachelor's thesis",
    "techreport": "Technical report",
    "resreport": "Research report",
}
_SPACES = re.compile(r"[ \t\r\n]+")


@dataclass
class Record:
    """A source: its key, its type, the line on which it begins, its fields as text, and its people by their role."""

    key: str
    type: str
    line: int
    fields: dict[str, str] = field(default_factory=dict)
    people: dict[str, list[Person]] = field(default_factory=dict)


class UnusableSourceError(ValueError):
    """A source cannot be used; the message is the reason and the mend."""


@dataclass
class Remarks:
    """What a reader says: notes on lines, sources that are left out, and what is counted over the whole file.

    `left_out`: the line and the reason by key. `doubled`: the lines of sources that differ and have one key.
    """

    notes: list[tuple[int, str, str]] = field(default_factory=list)
    left_out: list[tuple[str, int, str]] = field(default_factory=list)
    unused: Counter[str] = field(default_factory=Counter)
    unknown_commands: Counter[str] = field(default_factory=Counter)
    unnamed: list[str] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)

    def add(self, line: int, column: str, reason: str) -> None:
        """Note something about a line, once."""
        if (line, column, reason) not in self.notes[-20:]:
            self.notes.append((line, column, reason))

    def counted(self) -> Iterator[str]:
        """Write what is counted, a sentence each."""
        if self.unused:
            yield f"these fields are not used, and reach no page: {_listed(self.unused)}"
        if self.unknown_commands:
            commands = _listed(Counter({f"\\{name}": times for name, times in self.unknown_commands.items()}))
            yield f"these commands of LaTeX are not known, and only what they hold is shown: {commands}"
        if self.unnamed:
            shown = ", ".join(self.unnamed[:5]) + (", …" if len(self.unnamed) > 5 else "")
            yield f"sources without a key are cited by author and year: {shown} ({len(self.unnamed)})"


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{name} ({times})" for name, times in counts.most_common())


def latex_field(record: Record, name: str, text: str, remarks: Remarks) -> str:
    """Write the text of a field of BibTeX as characters; raises UnusableSourceError where that cannot be done."""
    if len(text) > (LONGEST_FIELD if name not in PEOPLE else 50 * LONGEST_FIELD):
        raise UnusableSourceError(f"its field {name} has more than {LONGEST_FIELD:,} characters; shorten it")
    if name in VERBATIM:
        return _visible(re.sub(r"\\url\{(.*)\}|\\(?=[%&#_~{}])|[{}]", r"\1", text.strip()), record, name, remarks)
    try:
        written, unknown = as_characters(text)
    except ValueError as error:
        raise UnusableSourceError(f"its field {name} cannot be read: {error}; fix it") from error
    remarks.unknown_commands.update(unknown)
    return _visible(unmarked(_SPACES.sub(" ", written).strip()), record, name, remarks)


def plain_field(record: Record, name: str, text: str, remarks: Remarks) -> str:
    """Take the text of a field of RIS or CSL-JSON, in which a brace is a brace."""
    if len(text) > LONGEST_FIELD:
        raise UnusableSourceError(f"its field {name} has more than {LONGEST_FIELD:,} characters; shorten it")
    kept = text if name in VERBATIM else unmarked(text).translate(LITERAL)
    return _visible(_SPACES.sub(" ", kept).strip(), record, name, remarks)


def _visible(text: str, record: Record, name: str, remarks: Remarks) -> str:
    if text.isascii() and text.isprintable():
        return text
    kept = re.sub("[\ue000\ue001]", "", text)
    if UNSEEN.search(kept):
        remarks.add(record.line, name, "has characters that nobody sees; they are left out")
        return UNSEEN.sub("", text)
    return text


@lru_cache(maxsize=1 << 16)
def person(name: str) -> Person:
    """Read one name as BibTeX or BibLaTeX writes it; raises UnusableSourceError where it is too long to be one."""
    if len(name) > LONGEST_NAME:
        raise UnusableSourceError(f"a name has more than {LONGEST_NAME} characters; separate names with `and`")
    if re.match(r"\s*(family|given|prefix|suffix)\s*=", name):
        parts = dict(part.split("=", 1) for part in re.split(r",\s*(?=[a-z-]+\s*=)", name) if "=" in part)
        said = {key.strip(): text.strip().strip('"') for key, text in parts.items()}
        return Person(
            first=said.get("given", ""),
            prelast=said.get("prefix", ""),
            last=said.get("family", ""),
            lineage=said.get("suffix", ""),
        )
    commas = split_tex_string(name, ",") if name.count(",") > 2 else []
    return Person(",".join([*commas[:2], " ".join(commas[2:])]) if len(commas) > 3 else name)


def given_key(record: Record, taken: Iterable[str]) -> str:
    """Make a key of the first name and the year of a source that has none, such as `smith2020`, `smith2020b`."""
    people = next((each for each in record.people.values() if each), [])
    last = "".join(people[0].last_names) if people else record.fields.get("title", "source").split(" ")[0]
    begin = re.sub(r"\W", "", last).lower()[:40] + record.fields.get("year", record.fields.get("date", ""))[:4]
    keys = {*taken}
    endings = ("", *"bcdefghijklmnopqrstuvwxyz", *(f"-{number}" for number in range(27, len(keys) + 28)))
    return next(begin + ending for ending in endings if (begin + ending).lower() not in keys)
