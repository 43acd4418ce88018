"""The tables of an export: CSV files, the sheets of a workbook, or a zip of CSV files, each with its name."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from research_lib.errors import Problem, ResearchError, seen
from research_lib.files.archives import open_archive
from research_lib.files.opening import MB, objection
from research_lib.files.tables.file_kind import kind_of
from research_lib.files.tabular import Note, TableRefusedError, read_sheets, read_table

LARGEST, MOST_TABLES = 512 * MB, 200
_PARENTS = ("_parent_index", "PARENT_KEY")


@dataclass(frozen=True)
class Table:
    """One table of an export: the file as people know it, its sheet, its cells by line, and what the reader noted."""

    file: str
    workbook: str
    sheet: str
    frame: pd.DataFrame
    notes: tuple[Note, ...] = ()

    @cached_property
    def is_repeat(self) -> bool:
        """Whether its rows belong to the rows of another table."""
        return any(self.own(column) for column in _PARENTS)

    def own(self, name: str) -> str:
        """The header of a column that the export added, groups before it or not; nothing where there is none."""
        ends = (f"/{name}", f"-{name}")
        return next((column for column in self.frame if column == name or column.endswith(ends)), "")

    def place(self, row: int) -> str:
        """Name a row, given by its position, for a message."""
        return f"{self.file}:{self.frame.index[row]}"

    def problem(self, row: int, column: str, reason: str) -> Problem:
        """Say what is wrong in a row, given by its position."""
        return Problem(self.file, int(self.frame.index[row]), column, reason)


def read_tables(paths: Iterable[Path | str], *, encoding: str | None = None) -> tuple[list[Table], list[str]]:
    """Read every table of an export, and name what in an archive is not a table and is not read.

    Raises TableRefusedError, and ResearchError where there is no path or a file is given twice.
    """
    files = [Path(path) for path in paths]
    if not files or len({path.resolve() for path in files}) < len(files):
        raise ResearchError("give the files of the export, each once")
    names = Counter(path.name for path in files)
    tables, left = list[Table](), list[str]()
    for path in files:
        name = seen(path.name if names[path.name] == 1 else str(path))
        if path.suffix.lower() == ".zip":
            tables += _zipped(path, name, encoding, left)
        else:
            tables += _tables(path, name, encoding)
    return tables, left


def _refuse_many(path: Path, tables: int, what: str) -> None:
    if tables > MOST_TABLES:
        reason = f"it has {tables:,} {what}, and an export has at most {MOST_TABLES}"
        raise TableRefusedError(path, reason, "check that it is the right file, or give it in parts")


def _tables(path: Path, name: str, encoding: str | None) -> Iterator[Table]:
    if found := objection(path):
        raise TableRefusedError(path, *found)
    if kind_of(path) == "text":
        loaded = read_table(path, encoding=encoding)
        yield Table(name, name, "", loaded.frame, loaded.report)
        return
    for sheet, loaded in read_sheets(path):
        _refuse_many(path, len(loaded.sheets), "sheets")
        label = name if len(loaded.sheets) == 1 else f"{name}[{seen(sheet)}]"
        yield Table(label, name, sheet, loaded.frame, loaded.report)


def _zipped(path: Path, name: str, encoding: str | None, left: list[str]) -> Iterator[Table]:
    """The CSV files of an archive, which are read in memory: none is ever on a disk."""
    with open_archive(path) as archive:
        members = [member for member in archive.names if member.lower().endswith(".csv")]
        left += [f"{name}/{member}" for member in archive.names if not member.lower().endswith(".csv")]
        _refuse_many(path, len(members), "CSV files")
        if not members:
            raise TableRefusedError(path, "there is no CSV file in it", "zip the CSV files of the export")
        for member in members:
            file, content = f"{name}/{member}", archive.read(member, limit=LARGEST)
            loaded = read_table(file, encoding=encoding, content=content)
            yield Table(file, name, Path(member).stem, loaded.frame, loaded.report)
