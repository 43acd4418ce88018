"""Submissions as XML, as ODK and KoboToolbox keep them: a table of records, and one for each repeated group."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import NamedTuple

import pandas as pd
from lxml import etree

from research_lib.errors import ResearchError
from research_lib.files.archives import refuse_document_type
from research_lib.files.opening import MB

LARGEST, MOST_COLUMNS, MOST_CELLS, DEEPEST = 8 * MB, 4_000, 25_000_000, 50
RECORDS = "submissions"
_FORMS = ("html", "manifest", "xforms")
_KEY, _PARENT = "KEY", "PARENT_KEY"


class Rows(NamedTuple):
    """A table that was made of submissions: its name and its cells."""

    name: str
    frame: pd.DataFrame


@dataclass
class _Gathered:
    """The rows and columns of each table so far."""

    rows: dict[str, list[dict[str, str]]] = field(default_factory=lambda: defaultdict(list))
    columns: dict[str, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))

    def add(self, table: str, cells: dict[str, str], file: str) -> None:
        """Add a row; raises ResearchError where there are more columns or cells than a table has."""
        self.rows[table].append(cells)
        columns = self.columns[table]
        columns.update(dict.fromkeys(cells))
        if len(columns) > MOST_COLUMNS or len(columns) * len(self.rows[table]) > MOST_CELLS:
            reason = f"more than {MOST_COLUMNS:,} questions or {MOST_CELLS:,} cells up to here"
            raise ResearchError(f"{file}: the submissions have {reason}; give them in parts.")


def is_submission(content: bytes, name: str) -> bool:
    """Whether XML is a submission: neither a form nor a list of files.

    Raises UnsafeFileError for a document type or an entity, and ResearchError where it is malformed.
    """
    return etree.QName(_root(content, name)).localname not in _FORMS


def rows_of(files: Iterable[tuple[str, bytes]], repeats: Collection[str]) -> list[Rows]:
    """Make tables of submissions, the records first: cells by their groups and names, joined with /.

    `repeats` names the repeated groups of the form; an element that stands twice in another is a repeated group too.
    Rows are numbered from 1, records in the order of the files. KEY is the submission's instanceID,
    with the places of the repetitions behind it; PARENT_KEY is the KEY of what a repetition lies in.

    Submissions of several forms are tables apart, with the form's id before their names.

    Raises UnsafeFileError and ResearchError as `is_submission` does, for a submission that has no instanceID, and for
    more than 4,000 questions or 25 million cells.
    """
    gathered = _Gathered()
    parsed = [(name, _root(content, name)) for name, content in files]
    several = {*repeats, *(name for _, root in parsed for name in _standing_twice(root))}
    forms = {_form_of(root) for _, root in parsed}
    for name, root in parsed:
        own = f"{_form_of(root)}-" if len(forms) > 1 else ""
        _add(root, _Origin(gathered, several, name, own))
    return [Rows(table, _frame(gathered, table)) for table in gathered.rows]


class _Origin(NamedTuple):
    """Where what is read comes from, and where it goes."""

    gathered: _Gathered
    repeats: set[str]
    file: str
    before: str


def _form_of(root: etree._Element) -> str:
    return root.get("id") or etree.QName(root).namespace or _name(root)


def _root(content: bytes, name: str) -> etree._Element:
    if len(content) > LARGEST:
        raise ResearchError(f"{name}: it has more than {LARGEST:,} bytes; check that it is a submission.")
    refuse_document_type(BytesIO(content), name)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        return etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ResearchError(f"{name}: it is not well-formed XML ({error!s:.99}); export it again.") from error


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


def _add(root: etree._Element, origin: _Origin) -> None:
    found = next((element.text for element in root.iter("{*}instanceID") if element.text), root.get("instanceID"))
    if not found:
        raise ResearchError(f"{origin.file}: it has no meta/instanceID, so it is no submission; take it out.")
    _add_row(root, RECORDS, {_KEY: found.strip()}, origin)


def _add_row(element: etree._Element, table: str, own: dict[str, str], origin: _Origin) -> None:
    """Add the row of a submission or of a repetition, and those of the repetitions within it."""
    cells, within = dict(own), list[tuple[str, etree._Element]]()
    for path, leaf, is_repetition in _leaves(element, (), origin):
        if is_repetition:
            within.append((path, leaf))
        else:
            cells[path] = (leaf.text or "").strip()
    origin.gathered.add(origin.before + table, cells, origin.file)
    count: dict[str, int] = defaultdict(int)
    for path, repetition in within:
        count[path] += 1
        key = f"{own[_KEY]}/{path}[{count[path]}]"
        _add_row(repetition, _name(repetition), {_PARENT: own[_KEY], _KEY: key}, origin)


def _leaves(
    element: etree._Element, path: tuple[str, ...], origin: _Origin
) -> Iterator[tuple[str, etree._Element, bool]]:
    """The elements within one that hold an answer, and the repetitions, which are not looked into."""
    if len(path) > DEEPEST:
        raise ResearchError(f"{origin.file}: groups lie more than {DEEPEST} deep in one another; take it out.")
    for child in _elements(element):
        own = (*path, _name(child))
        if _name(child) in origin.repeats:
            yield "/".join(own), child, True
        elif len(child):
            yield from _leaves(child, own, origin)
        else:
            yield "/".join(own), child, False


def _frame(gathered: _Gathered, table: str) -> pd.DataFrame:
    rows: list[dict[str, str]] = gathered.rows[table]
    index = pd.RangeIndex(1, len(rows) + 1, name="line")
    data: Mapping[str, list[str]] = {
        column: [row.get(column, "") for row in rows] for column in gathered.columns[table]
    }
    return pd.DataFrame(data, index=index, dtype="str")
