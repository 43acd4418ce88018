"""The tables of an export: CSV files, the sheets of a workbook, a zip of CSV files or of submissions as XML."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pandas as pd
from lxml import etree

from research_lib.errors import Problem, ResearchError, seen
from research_lib.files.archives import fold, open_archive
from research_lib.files.opening import MB, objection, open_file
from research_lib.files.tabular import Loaded, Note, TableRefusedError, kind_of, read_sheets, read_table
from research_lib.interviews.forms.form_rows import SHEETS
from research_lib.interviews.forms.xform_reading import xml_root

LARGEST, MOST_TABLES, HEAD = 512 * MB, 200, 100
_FORM = re.compile(rb"(?:\xef\xbb\xbf)?\"?survey\"?[\s,;]*\"?type\"?[,;\t]")
_IS_A_FORM = "it is a form (its questions, an XLSForm), not an export; give the answers instead"
_NO_PARENT = "-1"
_PARENTS = ("_parent_index", "PARENT_KEY", "_submission__id", "_submission__uuid")
LARGEST_SUBMISSION, MOST_COLUMNS, MOST_CELLS, DEEPEST = 8 * MB, 4_000, 25_000_000, 50
RECORDS = "submissions"
_FORMS = ("html", "manifest", "xforms")
_KEY, _PARENT = "KEY", "PARENT_KEY"


@dataclass(frozen=True)
class Table:
    """One table of an export: the file as people know it, its sheet, its cells by line, and what the reader noted.

    `part_of` is the file whose lines its rows continue, where a repeated group stands in numbered columns; `names` says
    what such a column is called without its number. `mapped` says which column holds an item that each record needs.
    """

    file: str
    workbook: str
    sheet: str
    frame: pd.DataFrame
    notes: tuple[Note, ...] = ()
    part_of: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    mapped: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def is_repeat(self) -> bool:
        """Whether its rows belong to the rows of another table."""
        headers = [header for column in _PARENTS if (header := self.own(column))]
        return bool(self.part_of) or any(not (self.frame[header] == _NO_PARENT).all() for header in headers)

    def name_of(self, header: str) -> str:
        """What a column is called, without the number of a repetition."""
        return self.names.get(header, header)

    def own(self, name: str) -> str:
        """The header of a column that the export added, groups before it or not; nothing where there is none."""
        ends = tuple(f"{sign}{name}" for sign in "/-:.")
        return next((column for column in self.frame if column == name or column.endswith(ends)), "")

    def place(self, row: int) -> str:
        """Name a row, given by its position, for a message."""
        return f"{self.file}:{self.frame.index[row]}"

    def problem(self, row: int, column: str, reason: str) -> Problem:
        """Say what is wrong in a row, given by its position."""
        return Problem(self.file, int(self.frame.index[row]), column, reason)


def read_tables(
    paths: Iterable[Path | str], *, encoding: str | None = None, repeats: Collection[str] = ()
) -> tuple[list[Table], list[str]]:
    """Read every table of an export, and name what in an archive is not a table and is not read.

    `repeats` names the repeated groups of the form, which submissions as XML do not say. Raises TableRefusedError, and
    ResearchError where there is no path, a file is given twice, or a file is a form.
    """
    files = [Path(path) for path in paths]
    if not files or len({path.resolve() for path in files}) < len(files):
        raise ResearchError("give the files of the export, each once")
    names = Counter(path.name for path in files)
    tables, left = list[Table](), list[str]()
    for path in files:
        name = seen(path.name if names[path.name] == 1 else str(path))
        if path.suffix.lower() == ".zip":
            tables += _zipped(path, name, encoding, left) or _submissions(path, name, repeats, left)
        else:
            tables += _tables(path, name, encoding, left)
    return tables, left


def _refuse_many(path: Path, tables: int, what: str) -> None:
    if tables > MOST_TABLES:
        reason = f"it has {tables:,} {what}, and an export has at most {MOST_TABLES}"
        raise TableRefusedError(path, reason, "check that it is the right file, or give it in parts")


def _tables(path: Path, name: str, encoding: str | None, left: list[str]) -> Iterator[Table]:
    if found := objection(path):
        raise TableRefusedError(path, *found)
    if kind_of(path) == "text":
        with open_file(path) as file:
            is_form = _FORM.match(file.read(HEAD))
        if is_form:
            raise ResearchError(f"{name}: {_IS_A_FORM}")
        loaded = read_table(path, encoding=encoding)
        _refuse_form(name, loaded)
        yield Table(name, name, "", loaded.frame, loaded.report)
        return
    beside, tables = list[str](), 0
    for sheet, loaded in read_sheets(path):
        _refuse_many(path, len(loaded.sheets), "sheets")
        names = {each.strip().lower() for each in loaded.sheets}
        has_form_beside = {"survey", "choices"} < names and bool(names - {*SHEETS})
        if has_form_beside and sheet.strip().lower() in SHEETS:
            beside.append(f"{name}[{seen(sheet)}] (a sheet of the form)")
            continue
        _refuse_form(name, loaded)
        label = name if len(loaded.sheets) == 1 else f"{name}[{seen(sheet)}]"
        tables += 1
        yield Table(label, name, sheet, loaded.frame, loaded.report)
    if beside and not tables:
        raise ResearchError(f"{name}: {_IS_A_FORM}")
    left += beside


def _refuse_form(name: str, loaded: Loaded) -> None:
    """Refuse an XLSForm, by its sheets or by the types of its questions."""
    sheets, frame = {sheet.strip().lower() for sheet in loaded.sheets}, loaded.frame
    is_survey = {"type", "name"} <= {*frame} and frame["type"].str.match(r"(begin|end|select)[ _]").any()
    if is_survey or ({"survey", "choices"} <= sheets <= {*SHEETS}):
        raise ResearchError(f"{name}: {_IS_A_FORM}")


def _zipped(path: Path, name: str, encoding: str | None, left: list[str]) -> list[Table]:
    """The CSV files of an archive, which are read in memory: none is ever on a disk."""
    tables = list[Table]()
    with open_archive(path) as archive:
        members = [member for member in archive.names if member.lower().endswith(".csv")]
        _refuse_many(path, len(members), "CSV files")
        left += [f"{name}/{member}" for member in archive.names if members and member not in members]
        for member in members:
            file, content = f"{name}/{member}", archive.read(member, limit=LARGEST)
            loaded = read_table(file, encoding=encoding, content=content)
            tables.append(Table(file, name, Path(member).stem, loaded.frame, loaded.report))
    return tables


def _submissions(path: Path, name: str, repeats: Collection[str], left: list[str]) -> list[Table]:
    """The submissions of an archive that has no CSV file, and not what else is XML in it."""
    with open_archive(path) as archive:
        named = [member for member in archive.names if member.lower().endswith(".xml")]
        if sum(archive.members[fold(member)].file_size for member in named) > LARGEST:
            raise TableRefusedError(path, f"its XML files have more than {LARGEST:,} bytes", "give them in parts")
        trees = {member: _root(archive.read(member, limit=LARGEST), f"{name}/{member}") for member in named}
        roots = {f"{name}/{member}": root for member, root in trees.items() if _name(root) not in _FORMS}
        left += [file for member in archive.names if (file := f"{name}/{member}") not in roots]
    if not roots:
        fix = "zip the CSV files of the export, or its submissions as XML"
        raise TableRefusedError(path, "there is no CSV file in it", fix)
    tables = _tables_of(roots, repeats)
    return [Table(f"{name}[{table}]", name, table, frame) for table, frame in tables.items()]


@dataclass
class _Tables:
    """The rows and columns of each table so far.

    `repeats` names the repeated groups; `file` is what is being read, `form` goes before the names of its tables.
    """

    repeats: Collection[str]
    file: str = ""
    form: str = ""
    rows: dict[str, list[dict[str, str]]] = field(default_factory=lambda: defaultdict(list))
    columns: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def add(self, element: etree._Element, name: str, own: dict[str, str]) -> None:
        """Add the row of a submission or of a repetition, and those of the repetitions within it."""
        cells, within, count = dict(own), list[tuple[str, etree._Element]](), Counter[str]()
        for path, leaf in self._leaves(element, ()):
            if _name(leaf) in self.repeats:
                within.append((path, leaf))
            else:
                cells[path] = (leaf.text or "").strip()
        table = f"{self.form}{name}"
        self.rows[table].append(cells)
        self.columns[table].update(cells)
        columns = len(self.columns[table])
        if columns > MOST_COLUMNS or columns * len(self.rows[table]) > MOST_CELLS:
            reason = f"more than {MOST_COLUMNS:,} questions or {MOST_CELLS:,} cells up to here"
            raise ResearchError(f"{self.file}: the submissions have {reason}; give them in parts.")
        for path, repetition in within:
            count[path] += 1
            key = f"{own[_KEY]}/{path}[{count[path]}]"
            self.add(repetition, _name(repetition), {_PARENT: own[_KEY], _KEY: key})

    def _leaves(self, element: etree._Element, path: tuple[str, ...]) -> Iterator[tuple[str, etree._Element]]:
        """The elements within one that hold an answer, and the repetitions, which are not looked into."""
        if len(path) > DEEPEST:
            raise ResearchError(f"{self.file}: groups lie more than {DEEPEST} deep in one another; take it out.")
        for child in _elements(element):
            own = (*path, _name(child))
            if len(child) and _name(child) not in self.repeats:
                yield from self._leaves(child, own)
            else:
                yield "/".join(own), child


def _tables_of(roots: Mapping[str, etree._Element], repeats: Collection[str]) -> dict[str, pd.DataFrame]:
    """Make tables of submissions by name, the records first: cells by their groups and names, joined with /.

    `repeats` names the repeated groups of the form; an element that stands twice in another is a repeated group too.
    Rows are numbered from 1, records in the order of the files. KEY is the submission's instanceID,
    with the places of the repetitions behind it; PARENT_KEY is the KEY of what a repetition lies in.

    Submissions of several forms are tables apart, with the form's id before their names.

    Raises ResearchError for a submission that has no instanceID, and for more than 4,000 questions or 25 million cells.
    """
    inside = (Counter(map(_name, _elements(each))) for root in roots.values() for each in root.iter(etree.Element))
    tables = _Tables({*repeats, *(name for names in inside for name, count in names.items() if count > 1)})
    is_one_form = len({*map(_form_of, roots.values())}) == 1
    for name, root in roots.items():
        tables.file, tables.form = name, "" if is_one_form else f"{_form_of(root)}-"
        key = next((each.text for each in root.iter("{*}instanceID") if each.text), root.get("instanceID"))
        if not key:
            raise ResearchError(f"{name}: it has no meta/instanceID, so it is no submission; take it out.")
        tables.add(root, RECORDS, {_KEY: key.strip()})
    return {
        name: pd.DataFrame(rows, pd.RangeIndex(1, len(rows) + 1, name="line"), dtype="str").fillna("")
        for name, rows in tables.rows.items()
    }


def _form_of(root: etree._Element) -> str:
    return root.get("id") or etree.QName(root).namespace or _name(root)


def _root(content: bytes, name: str) -> etree._Element:
    if len(content) > LARGEST_SUBMISSION:
        raise ResearchError(f"{name}: it has more than {LARGEST_SUBMISSION:,} bytes; check that it is a submission.")
    return xml_root(content, name)


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname


def _elements(element: etree._Element) -> Iterator[etree._Element]:
    return (child for child in element if isinstance(child.tag, str))
