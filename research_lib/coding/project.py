"""A coded project as one value: what a coding tool holds, whichever tool it came from."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime

import pandas as pd

from research_lib.coding.codebook import Codebook
from research_lib.coding.codings import no_codings
from research_lib.coding.corpus import Corpus

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
        return all(getattr(self, name) == getattr(other, name) for name in names) and _sorted(self).equals(
            _sorted(other)
        )

    __hash__ = None  # type: ignore[assignment]  # equal by its tables, so it cannot be a key

    def loss_report(self) -> pd.DataFrame:
        """Give the losses as a table: place, what, reason."""
        return pd.DataFrame(self.losses, columns=["place", "what", "reason"])


def _sorted(project: Project) -> pd.DataFrame:
    return project.codings.sort_values("id", ignore_index=True)
