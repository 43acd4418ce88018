"""What was counted at an earlier release behind its hidden cells: the study keeps it, for the audit of the next one."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from research_lib.disclosure.linked.cell_bounds import Sides, Vector
from research_lib.disclosure.linked.structural_zeros import Relation, relations_from_json
from research_lib.disclosure.linked.table_joins import CellLayout
from research_lib.errors import ResearchError
from research_lib.files.opening import MB, UnreadableFileError, read_text
from research_lib.files.saving import save_file, writing

SENT = ("source_id", "records", "counted")
_LARGEST = 1024 * MB


class HistoryError(ResearchError):
    """The counts of an earlier release cannot be read."""


@dataclass(frozen=True)
class EarlierCounts:
    """The counts of some cells at one release, by source; more than the release says, so that they stay with the study.

    `digest`: of the release. `sent`: for each set of sides a frame with a column for each side, in their order, then
    source_id, records and counted; a cell without records stands there once, with an empty source. `whole`: the sets
    of sides whose other cells have no records; of all other sets only cells that the release hid are there.
    `relations`: which variables were nested in the records.
    """

    digest: str
    sent: Mapping[Sides, pd.DataFrame]
    whole: frozenset[Sides]
    relations: tuple[Relation, ...] = ()

    def on(self, layout: CellLayout) -> tuple[Vector, pd.DataFrame]:
        """Give which cells of a layout it has, shape (N,), and who sent them: cell, source_id, records, counted."""
        there, frames = np.zeros(layout.width, bool), [pd.DataFrame(columns=["cell", *SENT])]
        for sides, frame in self.sent.items():
            if sides in layout.blocks:
                frames.append(layout.numbered(frame, sides))
                there[layout.cells(sides) if sides in self.whole else frames[-1]["cell"]] = True
        return there, pd.concat(frames[1:] or frames, ignore_index=True)

    @classmethod
    def of(
        cls, digest: str, layout: CellLayout, sent: pd.DataFrame, hidden: Vector, *, relations: Sequence[Relation] = ()
    ) -> "EarlierCounts":
        """Take the counts of hidden cells, shape (N,), and of all tables that are not published but must be possible.

        `sent`: cell, source_id, records and counted, of all cells with records.
        """
        whole, every = frozenset(layout.unpublished - layout.published), {}
        for sides in layout.published | layout.unpublished:
            cells = layout.cells(sides)
            here = sent[sent["cell"].isin(cells if sides in whole else cells[hidden[cells]])]
            empty = np.setdiff1d(cells[hidden[cells]], here["cell"])
            nobody = pd.DataFrame({"cell": empty, "source_id": "", "records": 0, "counted": 0})
            found = pd.concat([here, nobody]) if len(empty) else here
            columns, place = layout.columns(sides), found["cell"].to_numpy(int) - layout.blocks[sides]
            values = {side: np.array(layout.values[side], object)[columns[side][place]] for side in sorted(sides)}
            every[sides] = pd.DataFrame({**values, **{name: found[name].to_numpy() for name in SENT}})
        return cls(digest, every, whole, tuple(relations))

    def save(self, path: Path) -> None:
        """Write the counts into a file that only the study's own account may read."""
        tables = [
            {"sides": sorted(sides), "whole": sides in self.whole, "sent": frame.to_numpy().tolist()}
            for sides, frame in sorted(self.sent.items(), key=lambda each: sorted(each[0]))
        ]
        relations = [each.as_json() for each in self.relations]
        content = {"release": self.digest, "tables": tables, "relations": relations}
        save_file(path, json.dumps(content, ensure_ascii=False), private=True)

    @classmethod
    def read(cls, path: Path) -> "EarlierCounts":
        """Read what `save` wrote; raises HistoryError, naming the file, where it is something else."""
        try:
            content = json.loads(read_text(path, limit=_LARGEST))
            sent = {frozenset(table["sides"]): _frame(table) for table in content["tables"]}
            whole = frozenset(frozenset(table["sides"]) for table in content["tables"] if table["whole"])
            return cls(str(content["release"]), sent, whole, relations_from_json(content.get("relations", [])))
        except (ValueError, KeyError, TypeError, RecursionError, UnreadableFileError) as error:
            raise HistoryError(
                f"{path}: this is not what a release counted ({error}); restore it from a backup"
            ) from error


@dataclass(frozen=True)
class History:
    """The folder in which a study keeps the counts of its releases, a file for each."""

    folder: Path

    def read(self, digests: Sequence[str]) -> tuple[EarlierCounts, ...]:
        """Read the counts of some releases, as far as they are there; releases of older versions have none."""
        paths = map(self._path, digests)
        return tuple(EarlierCounts.read(path) for path in paths if path.exists(follow_symlinks=False))

    def add(self, counts: EarlierCounts) -> None:
        """Keep the counts of a release; raises SavingError."""
        with writing(self.folder, "nothing was released"):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        counts.save(self._path(counts.digest))

    def others(self, digests: Sequence[str]) -> Iterator[Path]:
        """Give the files of other releases than those of some digests."""
        kept = {self._path(digest) for digest in digests}
        return (path for path in self.folder.glob("*.json") if path not in kept)

    def _path(self, digest: str) -> Path:
        return self.folder / f"{digest[:16]}.json"


def _frame(table: Mapping[str, Any]) -> pd.DataFrame:
    frame = pd.DataFrame(table["sent"], columns=[*table["sides"], *SENT])
    if not all(isinstance(each, int) and each >= 0 for name in SENT[1:] for each in frame[name].tolist()):
        raise ValueError("a count is not a whole number")
    return frame
