"""Spells the codings of a project, document by document, from columns."""

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property

import numpy as np
import pandas as pd

from research_lib.coding.codings import COLUMNS
from research_lib.coding.project import Losses, Project
from research_lib.exchange.refi.identifiers import derived, guid_of, is_guid, join_fields
from research_lib.exchange.refi.xml_spelling import Speller

Note = Callable[[str, str, str], str]


class Segments:
    """The codings of a project that can be written, each as a selection of its own with one coding."""

    def __init__(self, project: Project, codings: pd.DataFrame, losses: Losses):
        self._project, self._losses = project, losses
        for name in codings.columns.difference(COLUMNS):
            losses.add("codings", f"column {name!r}", "a coding in REFI-QDA has no field for it")
        # Ids that several codings have, or none: their GUIDs are the same, and change when they are read.
        ids = codings["id"]
        twice = int(ids[ids != ""].duplicated().sum())
        losses.add("codings", "id", "another coding has it too; it will get another when read", twice)
        losses.add("codings", "id", "it is empty; the coding will get another when read", int((ids == "").sum()))
        self._numbers = {document.id: number for number, document in enumerate(project.corpus)}
        at = codings["document"].map(self._numbers).fillna(-1).to_numpy("int64")
        good = self._writable(codings, at)
        order = np.argsort(at[good], kind="stable")
        self._codings, self._at = codings[good].iloc[order], at[good][order]
        self._users = {"": "", **{id_: f' creatingUser="{guid_of("user", id_)}"' for id_ in self._coders() if id_}}
        self._codes = {code.id: guid_of("code", code.id) for code in project.codebook}

    def _writable(self, codings: pd.DataFrame, at: np.ndarray) -> np.ndarray:
        """Which codings have a document and a code, and stand inside their text; the others are reported."""
        lengths = np.array([*(len(document.text) for document in self._project.corpus), 0])
        known = codings["code"].isin([code.id for code in self._project.codebook]).to_numpy()
        inside = codings["end"].to_numpy() <= lengths[at]
        for row in np.flatnonzero((at < 0) | ~known | ~inside):
            coding = codings.iloc[row]
            reason = f"it runs to {coding['end']}, beyond the end of {coding['document']!r}"
            reason = reason if known[row] else f"the codebook has no code {coding['code']!r}"
            reason = reason if at[row] >= 0 else f"there is no document {coding['document']!r}"
            self._losses.add(f"coding {coding['id']}", "coding", reason)
        return (at >= 0) & known & inside

    def _coders(self) -> list[str]:
        return [str(coder) for coder in self._codings["coder"].unique()]

    def undeclared_coders(self) -> list[str]:
        """List the coders of codings whom the project does not list."""
        listed = {coder.id for coder in self._project.coders}
        return [coder for coder in self._coders() if coder and coder not in listed]

    def references(self, codings: Iterable[str], place: str) -> Iterator[str]:
        """Spell references to the selections of codings."""
        for id_ in codings:
            if id_ in self._written:
                yield f'<SelectionRef targetGUID="{_selection(guid_of("coding", id_))}"/>'
            else:
                self._losses.add(place, f"coding {id_!r}", "it was not written, or is not there")

    @cached_property
    def _written(self) -> frozenset[str]:
        return frozenset(self._codings["id"])

    def spelled(self, document: str, speller: Speller, note: Note) -> Iterator[str]:
        """Spell all selections of one document."""
        number = self._numbers[document]
        first, last = np.searchsorted(self._at, [number, number + 1])
        part = self._codings.iloc[first:last]
        times = np.datetime_as_string(part["time"].dt.tz_localize(None).to_numpy("datetime64[us]"), unit="us")
        columns = [part[name].tolist() for name in ("id", "start", "end", "code", "coder", "memo")]
        for id_, start, end, code, coder, memo, time in zip(*columns, times.tolist(), strict=True):
            guid = id_ if is_guid(id_) else derived("coding", id_)
            own = "" if guid is id_ else speller.text("Description", join_fields("", {"Id": id_}))
            when = "" if time == "NaT" else f' creationDateTime="{time}Z"'
            memo_reference = note("coding", guid, memo) if memo else ""
            yield (
                f'<PlainTextSelection guid="{_selection(guid)}" startPosition="{start}" endPosition="{end}">{own}'
                f'<Coding guid="{guid}"{self._users[coder]}{when}><CodeRef targetGUID="{self._codes[code]}"/>'
                f"{memo_reference}</Coding></PlainTextSelection>\n"
            )


def _selection(coding: str) -> str:
    return derived("selection", coding)
