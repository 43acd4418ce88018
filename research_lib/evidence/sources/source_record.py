"""One source as its file has it, whichever the format; what is said of it; and how it becomes one of BibTeX."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from pybtex.bibtex.utils import split_tex_string
from pybtex.database import Person

from research_lib.evidence.sources.latex_text import LITERAL, as_characters, unmarked
from research_lib.files.invisible_characters import UNSEEN
from research_lib.files.opening import package_data
from research_lib.files.toml_files import read_toml

FORMAT_WORDS = read_toml(package_data("evidence", "sources/source_formats.toml"))
OWN = ("kind", "informant", "date", "place", "cited_in", "lines", "spelling", "licence")
VERBATIM = frozenset(("url", "doi", "eprint", "isbn", "issn", "crossref", "xdata", "cited_in", "lines", *OWN[:2]))
USED = frozenset([*FORMAT_WORDS["used"].split(), *OWN])
PEOPLE = ("author", "editor")
LONGEST_FIELD, LONGEST_NAME, LONGEST_CHAIN = 20_000, 500, 10
TYPES_IN_WORDS: dict[str, str] = FORMAT_WORDS["theses_and_reports"]
_SPACES = re.compile(r"[ \t\r\n]+")


def by_word(words: Mapping[str, str]) -> dict[str, str]:
    """Turn the words of each meaning, separated by spaces, into the meaning of each word."""
    return {word: meaning for meaning, several in words.items() for word in several.split()}


_TYPES, _KINDS = by_word(FORMAT_WORDS["types"]["bibtex"]), by_word(FORMAT_WORDS["kinds"])
_PRESS = ("press", "newspaper", "magazine")
_FIELDS: dict[str, str] = FORMAT_WORDS["fields"]["bibtex"]
_NOT_TAKEN_OVER = frozenset(
    {"title", "subtitle", "titleaddon", "crossref", "xdata", "url", "doi", "pages", "type", *OWN} - {"date"}
)
_CONTAINERS = {"xdata": "data for other entries", "set": "a set of entries", "control": "a setting of a style"}


class UnusableSourceError(ValueError):
    """A source cannot be used; the message is the reason and the mend."""


@dataclass
class Remarks:
    """What a reader says: notes on lines, sources that are left out, and what is counted over the whole file.

    `left_out`: the key, the line and the reason.
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


@dataclass
class Record:
    """A source: its key, its type, the line on which it begins, its fields as text, and its people by their role."""

    key: str
    type: str
    line: int
    remarks: Remarks
    fields: dict[str, str] = field(default_factory=dict)
    people: dict[str, list[Person]] = field(default_factory=dict)

    def filled(self, fill: Callable[["Record"], None]) -> list["Record"]:
        """Give the source, filled; none where it cannot be used, which is remarked."""
        try:
            fill(self)
        except UnusableSourceError as error:
            self.remarks.left_out.append((self.key, self.line, str(error)))
            return []
        return [self]

    def note(self, column: str, reason: str) -> None:
        """Note something about the source, once."""
        self.remarks.add(self.line, column, reason)

    def latex(self, name: str, text: str) -> str:
        """Write the text of a field of BibTeX as characters; raises UnusableSourceError where that cannot be done."""
        text = _short(name, text, LONGEST_FIELD * (50 if name in PEOPLE else 1))
        if name in VERBATIM:
            written = re.sub(r"\\url\{(.*)\}|\\(?=[%&#_~{}])|[{}]", r"\1", text.strip())
            return self._visible(name, written)
        try:
            written, unknown = as_characters(text)
        except ValueError as error:
            raise UnusableSourceError(f"its field {name} cannot be read: {error}; fix it") from error
        self.remarks.unknown_commands.update(unknown)
        return self._visible(name, unmarked(_SPACES.sub(" ", written).strip()))

    def plain(self, name: str, text: str) -> str:
        """Take the text of a field of RIS or CSL-JSON, in which a brace is a brace; raises UnusableSourceError."""
        kept = _short(name, text) if name in VERBATIM else unmarked(_short(name, text)).translate(LITERAL)
        return self._visible(name, _SPACES.sub(" ", kept).strip())

    def _visible(self, name: str, text: str) -> str:
        if (text.isascii() and text.isprintable()) or not UNSEEN.search(re.sub("[\ue000\ue001]", "", text)):
            return text
        self.note(name, "has characters that nobody sees; they are left out")
        return UNSEEN.sub("", text)


def _short(name: str, text: str, most: int = LONGEST_FIELD) -> str:
    if len(text) > most:
        raise UnusableSourceError(f"its field {name} has more than {LONGEST_FIELD:,} characters; shorten it")
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


def completed(records: list[Record]) -> list[Record]:
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
            reason = f"it is {reason}; give it a title, or cite another"
            record.remarks.left_out.append((record.key, record.line, reason))
            continue
        _take_over(record, by_key)
        if "title" not in record.fields:
            record.note("title", "is missing; the source is cited without it")
        done.append(record)
    for record in done:
        _as_bibtex(record)
    return done


def _take_over(record: Record, by_key: Mapping[str, Record]) -> None:
    names = [*record.fields.get("xdata", "").split(","), record.fields.get("crossref", "")]
    seen = {record.key.lower()}
    while names and len(seen) <= LONGEST_CHAIN:
        name = names.pop(0).strip()
        whole = by_key.get(name.lower())
        if name and name.lower() == record.key.lower():
            record.note("crossref", "names the entry itself; name another, or take the field out")
        if not name or name.lower() in seen:
            continue
        seen.add(name.lower())
        if whole is None:
            record.note("crossref", f"{name[:60]!r} is no entry of this file, so nothing is taken over from it")
            continue
        _take(record, whole, is_data=whole.type == "xdata")
        names += [*whole.fields.get("xdata", "").split(","), whole.fields.get("crossref", "")]
    if any(names):
        record.note("crossref", f"leads over more than {LONGEST_CHAIN} entries; the others give nothing")


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
    is_press = record.type in _PRESS or (record.type == "article" and fields.get("entrysubtype") in _PRESS)
    kind = "press" if is_press else record.type
    guess = "press" if is_press else _KINDS.get(_TYPES.get(kind, kind), "other")
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


def _date(fields: dict[str, str]) -> None:
    """Give a year, and a month where the date is of one month, as BibLaTeX and others write dates in one field."""
    date = fields.get("date", "")
    if not date or "year" in fields:
        return
    years = [*dict.fromkeys(re.findall(r"(?<!\d)\d{3}[\dXxu?](?![\d.])", date))]
    fields["year"] = "–".join((years[0], years[-1]) if len(years) > 1 else years) or date
    if month := re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])(-\d\d)?", date):
        fields.setdefault("month", month[1])
