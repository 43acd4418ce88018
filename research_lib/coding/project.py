"""A coded project as one value: what a coding tool holds, whichever tool it came from; and its tables for pipelines."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime

import numpy as np
import pandas as pd

from research_lib.coding.codebook import Codebook
from research_lib.coding.codings import check, no_codings
from research_lib.coding.corpus import Corpus
from research_lib.errors import CodingError

Value = str | bool | int | float | date | datetime


@dataclass(frozen=True)
class Coder:
    """Somebody who codes; the id is what codings carry, and the name may be a pseudonym."""

    id: str
    name: str = ""


@dataclass(frozen=True)
class Case:
    """A unit of analysis, such as a person or a place: its attributes, documents and coded segments."""

    id: str
    name: str
    description: str = ""
    attributes: Mapping[str, Value] = field(default_factory=dict)
    documents: tuple[str, ...] = ()
    codings: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Set:
    """A named group of codes and documents."""

    id: str
    name: str
    description: str = ""
    codes: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()


@dataclass(frozen=True)
class Loss:
    """Something that could not be carried over: where it stood, what it was, and why."""

    place: str
    what: str
    reason: str


class Losses:
    """A list of losses in which the same loss at the same place is one line with its number."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str, str]] = Counter()

    def add(self, place: str, what: str, reason: str, count: int = 1) -> None:
        """Note that something stays behind."""
        if count:
            self._counts[place, what, reason] += count

    def listed(self) -> tuple[Loss, ...]:
        """List what was noted, in the order in which it was first noted."""
        return tuple(
            Loss(place, what if count == 1 else f"{count:,} × {what}", reason)
            for (place, what, reason), count in self._counts.items()
        )


@dataclass(frozen=True, eq=False)
class Project:
    """A codebook, a corpus and the codings on it, with coders, cases and sets; `losses` is what did not come along."""

    name: str
    codebook: Codebook = field(default_factory=Codebook)
    corpus: Corpus = field(default_factory=Corpus)
    codings: pd.DataFrame = field(default_factory=no_codings)
    coders: tuple[Coder, ...] = ()
    cases: tuple[Case, ...] = ()
    sets: tuple[Set, ...] = ()
    description: str = ""
    losses: tuple[Loss, ...] = ()

    def __eq__(self, other: object) -> bool:
        """Compare all but the losses; codings count as a set of rows."""
        if not isinstance(other, Project):
            return NotImplemented
        names = [item.name for item in fields(self) if item.name not in ("codings", "losses")]
        ours, theirs = (each.codings.sort_values("id", ignore_index=True) for each in (self, other))
        return all(getattr(self, name) == getattr(other, name) for name in names) and ours.equals(theirs)

    __hash__ = None  # type: ignore[assignment]  # equal by its tables, so it cannot be a key

    def loss_report(self) -> pd.DataFrame:
        """Give the losses as a table: place, what, reason."""
        return pd.DataFrame(self.losses, columns=["place", "what", "reason"])


def matrix(project: Project, *, coder: str | None = None) -> pd.DataFrame:
    """Count the coded segments of every document (rows) and code (columns), 0 where there is none.

    All documents and codes are there, in their order, so that the table of another coder has the same shape. `coder`:
    only the codings of this one; by default the segments of all coders count, also where two coded the same words.
    Raises CodingError for an unknown coder, and for codings of a document or code that the project does not have.
    """
    codings = project.codings
    if problems := check(codings, project.corpus, project.codebook):
        raise CodingError(problems[0])
    if coder is not None:
        codings = codings[codings["coder"] == coder]
        known = {each.id for each in project.coders} | set(project.codings["coder"])
        if coder not in known:
            raise CodingError(f"there is no coder {coder!r}; there are {', '.join(sorted(known))}")
    documents, codes = ([each.id for each in part] for part in (project.corpus, project.codebook))
    return counted(codings, documents, codes)


def counted(codings: pd.DataFrame, rows: Iterable[str], codes: Iterable[str], *, by: str = "document") -> pd.DataFrame:
    """Count codings by a column (rows) and code (columns), with all rows and codes in their order, 0 where none is."""
    row, column = pd.Index(rows, name=by), pd.Index(codes, name="code")
    cells = row.get_indexer(codings[by]) * len(column) + column.get_indexer(codings["code"])
    counts = np.bincount(cells, minlength=len(row) * len(column)).reshape(len(row), len(column))
    return pd.DataFrame(counts, row, column)


def texts(project: Project) -> "pd.Series[str]":
    """Give the text of every document by its id, in the order of `matrix`.

    A translation stands beside its original: where each text is to count once, leave one of the two out.
    """
    by_id = {document.id: document.text for document in project.corpus}
    return pd.Series(by_id, name="text", dtype="str").rename_axis("document")
