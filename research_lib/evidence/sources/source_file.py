"""The file of a study's sources: `sources.bib`, `sources.ris` or `sources.json`, and what `sources.csv` adds to it."""

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from pybtex.database import BibliographyData, Entry

from research_lib.errors import Problem, quoted
from research_lib.evidence.references import usable_key
from research_lib.evidence.settings import StudySettings
from research_lib.evidence.sources.bibtex_text import read_bibtex
from research_lib.evidence.sources.ris_and_csl import read_csl_json, read_ris
from research_lib.evidence.sources.source_record import OWN, Record, Remarks, completed, given_key
from research_lib.evidence.vocabulary.common_codes import CODES
from research_lib.files.encodings import EncodingUnknownError, decode
from research_lib.files.opening import MB, UnreadableFileError, read_bytes

LARGEST = 64 * MB
FORMATS: dict[str, tuple[str, Callable[[str], tuple[list[Record], Remarks]]]] = {
    "sources.bib": ("BibTeX", read_bibtex),
    "sources.ris": ("RIS", read_ris),
    "sources.json": ("CSL-JSON", read_csl_json),
}
TABLE = "sources.csv"
_DECLARED = re.compile(rb"^[%\s]*(?:Encoding:|-\*-.*coding:)\s*([\w-]+)", re.IGNORECASE)


@dataclass(frozen=True)
class SourceFile:
    """The sources of a study, what must be mended (problems) and what was done or not used (notes).

    `unusable`: why other keys of the file may not be cited, by key.
    """

    file: str
    sources: BibliographyData
    problems: tuple[Problem, ...] = ()
    notes: tuple[Problem, ...] = ()
    unusable: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_read(self) -> bool:
        """Whether the file as a whole could be read."""
        return bool(self.sources.entries or not self.problems)

    @cached_property
    def known(self) -> frozenset[str]:
        """The keys that may be cited."""
        return frozenset(self.sources.entries)

    def objection(self, key: str) -> str:
        """Say why a key cannot be cited, with the mend; nothing for one that can, or where nothing was read."""
        if not self.is_read or (key in self.known and key not in self.unusable):
            return ""
        return f"{key!r} {self.unusable.get(key) or f'is not in {self.file}; add the entry or fix the key'}"


def read_sources(folder: Path, settings: StudySettings, informants: Collection[str]) -> SourceFile:
    """Read the sources of a study folder, and list what is wrong with them.

    `informants`: the codes of who may speak in a source. A source that cannot be used is left out and noted; a file
    that cannot be read at all is a problem, and gives no sources.
    """
    found = [name for name in FORMATS if (folder / name).exists(follow_symlinks=False)]
    file = found[0] if found else "sources.bib"
    format_name, read = FORMATS[file]
    try:
        text = _text(folder / file, settings.source_encoding)
        records, remarks = read(text)
    except UnreadableFileError as error:
        reason = f"cannot be read: {error.reason}; {error.fix}"
        return SourceFile(file, BibliographyData(), (Problem(file, error.line, "", reason),))
    except ValueError as error:
        line = getattr(error, "lineno", 0)
        reason = f"cannot be read as {format_name}: {getattr(error, 'msg', error)}; export it again as {format_name}"
        return SourceFile(file, BibliographyData(), (Problem(file, line, "", reason),))
    kept, unusable = _with_own_keys(file, completed(records), remarks)
    problems = _add_table(folder / TABLE, kept, unusable)
    remarks.sentences += _guesses(kept, settings)
    problems += [Problem(file, kept[key].line, *wrong) for key in kept for wrong in _wrong_codes(kept[key], informants)]
    problems += [Problem(name, 0, "", f"stands beside {file}, and is not read; keep one") for name in found[1:]]
    data = BibliographyData({key: Entry(each.type, each.fields, each.people) for key, each in kept.items()})
    if not kept and not remarks.left_out and (reason := _nothing_in(text)):
        reason = f"cannot be read as {format_name}: {reason}; export it again as {format_name}"
        remarks.left_out.append(("", 0, reason))
    if remarks.left_out and not kept:
        plain = [Problem(file, line, "", reason) for _, line, reason in remarks.left_out]
        return SourceFile(file, data, (*plain, *problems))
    left = [
        Problem(file, line, "", f"{quoted(key)} is left out: {reason}" if key else f"left out: {reason}")
        for key, line, reason in remarks.left_out
    ]
    whole = [Problem(file, 0, "", sentence) for sentence in (*remarks.counted(), *remarks.sentences)]
    notes = sorted([*left, *whole, *(Problem(file, *each) for each in remarks.notes)])
    return SourceFile(file, data, tuple(problems), tuple(notes), unusable)


def _nothing_in(text: str) -> str:
    """Say why a file without a source is not one that nothing was written into; nothing where it is."""
    is_empty = not text.strip() or text.strip() in ("[]", "{}") or "@comment" in text[:1000].lower()
    return "" if is_empty else "no source was found in it"


def _text(path: Path, declared: str) -> str:
    """The text of a file, in UTF-8, or in the encoding that its mark, its first line or the settings name."""
    data = read_bytes(path, limit=LARGEST)
    named = _DECLARED.match(data[:200])
    is_wide = data.count(0) * 4 > len(data)
    try:
        text = _decoded(path, data, declared) if is_wide else data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = _decoded(path, data, declared or (named[1].decode() if named else ""))
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _decoded(path: Path, data: bytes, declared: str) -> str:
    try:
        return decode(data, name=path.name, declared=declared or None).text
    except EncodingUnknownError as error:
        likely = error.candidates[0][0] if error.candidates else "cp1252"
        fix = f'save it as UTF-8, or say its encoding in study.toml, such as source_encoding = "{likely}"'
        raise UnreadableFileError(path, error.reason, fix, line=error.line) from error


def _with_own_keys(file: str, records: list[Record], remarks: Remarks) -> tuple[dict[str, Record], dict[str, str]]:
    """The sources by key, and why a key may not be cited: it is left out, or two sources have it."""
    unusable = {
        key: f"is in {file}, line {line}, but is left out: {reason}" for key, line, reason in remarks.left_out if key
    }
    kept, first = dict[str, Record](), dict[str, str]()
    for record in records:
        if not record.key.strip():
            continue
        key = usable_key(record.key)
        if key != record.key:
            record.note("", f"the key {record.key[:60]!r} cannot stand in a table; cite it as {key[:60]!r}")
        record.key = key
        if (same := first.setdefault(record.key.lower(), record.key)) not in kept:
            kept[record.key] = record
            continue
        lines = f"lines {kept[same].line} and {record.line}"
        if all(getattr(kept[same], part) == getattr(record, part) for part in ("type", "fields", "people")):
            record.note("", f"{record.key!r} stands here a second time ({lines}); the two say the same")
            continue
        record.note("", f"{record.key!r} stands twice and differs ({lines}); the first is used; rename one")
        unusable[same] = f"stands twice in {file} and differs ({lines}); give one of the two another key"
    for record in (record for record in records if not record.key.strip()):
        record.key = given_key(record, first)
        kept[record.key], first[record.key.lower()] = record, record.key
        remarks.unnamed.append(record.key)
    for key in unusable.keys() & kept.keys():
        if " left out" in unusable[key]:
            del unusable[key]
    return kept, unusable


def _guesses(kept: Mapping[str, Record], settings: StudySettings) -> Iterator[str]:
    """Fill in kind and informant where the file has none, and say how many were filled in with what."""
    guessed = Counter[str]()
    for record in kept.values():
        if record.fields["kind"].startswith("?"):
            record.fields["kind"] = record.fields["kind"][1:]
            guessed[record.fields["kind"]] += 1
    default = settings.source_informant or "not-stated"
    without = [record for record in kept.values() if not record.fields.get("informant")]
    for record in without:
        record.fields["informant"] = default
    if guessed:
        found = ", ".join(f"{kind} ({times})" for kind, times in guessed.most_common())
        yield f"the kind of these sources follows from their type: {found}; {TABLE} (key,kind,informant) changes it"
    if without and not settings.source_informant:
        yield (
            f"{len(without)} sources do not say whose knowledge they give, and have the informant not-stated; "
            f"name it in {TABLE} (key,kind,informant), or for all of them in study.toml: source_informant"
        )


def _wrong_codes(record: Record, informants: Collection[str]) -> Iterator[tuple[str, str]]:
    for name, codes in (("kind", CODES["source_kinds"]), ("informant", informants)):
        unknown = [code for code in record.fields[name].split(";") if code not in codes]
        if unknown:
            yield name, f"{quoted(';'.join(unknown))} is not one of {', '.join(codes)}"


def _add_table(path: Path, kept: Mapping[str, Record], unusable: Mapping[str, str]) -> list[Problem]:
    """Add what `sources.csv` says of each source, and list the rows and columns that fit no source."""
    if not path.exists(follow_symlinks=False):
        return []
    try:
        text = _text(path, "")
    except UnreadableFileError as error:
        return [Problem(TABLE, error.line, "", f"cannot be read: {error.reason}; {error.fix}")]
    first = text.split("\n", 1)[0]
    reader = csv.DictReader(io.StringIO(text), delimiter=max(",;\t", key=first.count), restval="")
    columns = [*(reader.fieldnames or [])]
    known = f"has the columns key, {', '.join(OWN)}"
    problems = [Problem(TABLE, 1, name, f"is not used: it {known}") for name in columns if name not in ("key", *OWN)]
    if "key" not in columns:
        return [*problems, Problem(TABLE, 1, "key", f"this column is missing; add it: it {known}")]
    for row in reader:
        key = (row["key"] or "").strip()
        if key in kept:
            kept[key].fields.update({name: row[name].strip() for name in OWN if row.get(name)})
        elif key and key not in unusable:
            reason = f"{quoted(key)} is no key of the sources; correct it, or take the row out"
            problems.append(Problem(TABLE, reader.line_num, "key", reason))
    return problems
