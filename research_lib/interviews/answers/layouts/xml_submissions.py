"""Submissions as XML, as ODK and KoboToolbox keep them: a table of records, and one for each repeated group."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

import pandas as pd
from lxml import etree

from research_lib.errors import ResearchError
from research_lib.files.opening import MB
from research_lib.interviews.forms.xform_reading import xml_root

LARGEST, MOST_COLUMNS, MOST_CELLS, DEEPEST = 8 * MB, 4_000, 25_000_000, 50
RECORDS = "submissions"
_FORMS = ("html", "manifest", "xforms")
_KEY, _PARENT = "KEY", "PARENT_KEY"


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
        self._keep(f"{self.form}{name}", cells)
        for path, repetition in within:
            count[path] += 1
            key = f"{own[_KEY]}/{path}[{count[path]}]"
            self.add(repetition, _name(repetition), {_PARENT: own[_KEY], _KEY: key})

    def _keep(self, table: str, cells: dict[str, str]) -> None:
        self.rows[table].append(cells)
        self.columns[table].update(cells)
        columns = len(self.columns[table])
        if columns > MOST_COLUMNS or columns * len(self.rows[table]) > MOST_CELLS:
            reason = f"more than {MOST_COLUMNS:,} questions or {MOST_CELLS:,} cells up to here"
            raise ResearchError(f"{self.file}: the submissions have {reason}; give them in parts.")

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


def is_submission(content: bytes, name: str) -> bool:
    """Whether XML is a submission: neither a form nor a list of files.

    Raises UnsafeFileError for a document type or an entity, and ResearchError where it is malformed.
    """
    return etree.QName(_root(content, name)).localname not in _FORMS


def tables_of(files: Mapping[str, bytes], repeats: Collection[str]) -> dict[str, pd.DataFrame]:
    """Make tables of submissions by name, the records first: cells by their groups and names, joined with /.

    `repeats` names the repeated groups of the form; an element that stands twice in another is a repeated group too.
    Rows are numbered from 1, records in the order of the files. KEY is the submission's instanceID,
    with the places of the repetitions behind it; PARENT_KEY is the KEY of what a repetition lies in.

    Submissions of several forms are tables apart, with the form's id before their names.

    Raises UnsafeFileError and ResearchError as `is_submission` does, for a submission that has no instanceID, and for
    more than 4,000 questions or 25 million cells.
    """
    roots = {name: _root(content, name) for name, content in files.items()}
    tables = _Tables({*repeats, *(name for root in roots.values() for name in _standing_twice(root))})
    is_one_form = len({*map(_form_of, roots.values())}) == 1
    for name, root in roots.items():
        tables.file, tables.form = name, "" if is_one_form else f"{_form_of(root)}-"
        tables.add(root, RECORDS, {_KEY: _key_of(root, name)})
    return {name: _frame(rows) for name, rows in tables.rows.items()}


def _form_of(root: etree._Element) -> str:
    return root.get("id") or etree.QName(root).namespace or _name(root)


def _root(content: bytes, name: str) -> etree._Element:
    if len(content) > LARGEST:
        raise ResearchError(f"{name}: it has more than {LARGEST:,} bytes; check that it is a submission.")
    return xml_root(content, name)


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname


def _elements(element: etree._Element) -> Iterator[etree._Element]:
    return (child for child in element if isinstance(child.tag, str))


def _standing_twice(root: etree._Element) -> Iterator[str]:
    for element in root.iter():
        seen = set[str]()
        for child in _elements(element) if isinstance(element.tag, str) else ():
            if _name(child) in seen:
                yield _name(child)
            seen.add(_name(child))


def _key_of(root: etree._Element, file: str) -> str:
    found = next((element.text for element in root.iter("{*}instanceID") if element.text), root.get("instanceID"))
    if not found:
        raise ResearchError(f"{file}: it has no meta/instanceID, so it is no submission; take it out.")
    return found.strip()


def _frame(rows: list[dict[str, str]]) -> pd.DataFrame:
    index = pd.RangeIndex(1, len(rows) + 1, name="line")
    return pd.DataFrame(rows, index=index, dtype="str").fillna("")
