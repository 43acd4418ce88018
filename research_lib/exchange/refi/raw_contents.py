"""The content of a REFI-QDA file, as it is read: nothing is looked up yet, since parts may come in any order."""

from array import array
from dataclasses import dataclass, field

import numpy as np


@dataclass
class Selections:
    """The selections on one text and the codings on them, in columns; `at` is the number of a coding's selection.

    `memos` and `notes` have the GUIDs of the notes on a selection and on a coding, by their number, and `renamed` the
    ids of codings that are not GUIDs.
    """

    guids: list[str] = field(default_factory=list)
    starts: "array[int]" = field(default_factory=lambda: array("q"))
    ends: "array[int]" = field(default_factory=lambda: array("q"))
    names: list[str | None] = field(default_factory=list)
    comments: dict[int, str] = field(default_factory=dict)
    memos: dict[int, list[str]] = field(default_factory=dict)
    at: "array[int]" = field(default_factory=lambda: array("q"))
    ids: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    users: list[str] = field(default_factory=list)
    times: list[str | None] = field(default_factory=list)
    notes: dict[int, list[str]] = field(default_factory=dict)
    renamed: dict[int, str] = field(default_factory=dict)


@dataclass
class Codings:
    """The codings on one text, in columns and in code points; `selections` has the GUID of each one's selection.

    `comments` and `notes` have the words and the GUIDs of the notes that make the memo of a coding, by its number.
    """

    starts: np.ndarray
    ends: np.ndarray
    ids: list[str]
    codes: list[str]
    users: list[str]
    times: list[str | None]
    selections: list[str]
    comments: dict[int, str]
    notes: dict[int, list[str]]


@dataclass
class Text:
    """A document or a note: what names it, its text and what describes it.

    `columns` has what was selected in it, `whole` the codings on all of it, and `codings` both, in code points.
    """

    guid: str
    name: str
    place: str
    text: str = ""
    bom: bool = False
    columns: Selections = field(default_factory=Selections)
    whole: Selections = field(default_factory=Selections)
    codings: list[Codings] = field(default_factory=list)
    description: str = ""
    notes: list[str] = field(default_factory=list)
    values: list[tuple[str, str, str]] = field(default_factory=list)


@dataclass
class CaseOrSet:
    """A case or a set: its description, its values and the GUIDs that it refers to, by the name of the element."""

    guid: str
    name: str
    description: str = ""
    values: list[tuple[str, str, str]] = field(default_factory=list)
    targets: dict[str, list[str]] = field(default_factory=dict)


@dataclass
class CodeEntry:
    """A code as it stands in the file."""

    guid: str
    name: str
    parent: str | None
    description: str
    color: str
    codable: bool
    notes: list[str]


@dataclass
class Contents:
    """All that a file holds; `sources` has the numbers of the texts that belong to the GUID of a source."""

    name: str = ""
    origin: str = ""
    description: str = ""
    notes_on_all: list[str] = field(default_factory=list)
    users: dict[str, tuple[str | None, str]] = field(default_factory=dict)
    codes: list[CodeEntry] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)
    cases: list[CaseOrSet] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)
    sources: dict[str, list[int]] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    sets: list[CaseOrSet] = field(default_factory=list)
