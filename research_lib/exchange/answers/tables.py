"""The tables of an export: CSV files, the sheets of a workbook, or a zip of CSV files, each with its name."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from research_lib.errors import ResearchError
from research_lib.exchange.archive import MB, open_archive
from research_lib.exchange.tables.kind import kind_of
from research_lib.exchange.tabular import Note, TableRefusedError, read_table

LARGEST = 512 * MB
_PARENTS = ("_parent_index", "PARENT_KEY")


@dataclass(frozen=True)
class Table:
    """One table of an export: the file as people know it, its sheet, its cells by line, and what the reader noted."""

    file: str
    workbook: str
    sheet: str
    frame: pd.DataFrame
    notes: tuple[Note, ...] = ()

    @property
    def is_repeat(self) -> bool:
        """Whether its rows belong to the rows of another table."""
        return any(self.own(column) for column in _PARENTS)

    def own(self, name: str) -> str:
        """The header of a column that the export added, groups before it or not; nothing where there is none."""
        return next(
            (column for column in self.frame if column == name or column.endswith((f"/{name}", f"-{name}"))), ""
        )


def read_tables(paths: Iterable[Path | str], *, encoding: str | None = None) -> tuple[list[Table], list[str]]:
    """Read every table of an export, and name what in an archive is no table and was left alone.

    Raises TableRefusedError, and ResearchError where there is no path or a file is given twice.
    """
    files = [Path(path) for path in paths]
    if not files or len({path.resolve() for path in files}) < len(files):
        raise ResearchError("give the files of the export, each once")
    names = Counter(path.name for path in files)
    tables, left = list[Table](), list[str]()
    for path in files:
        name = path.name if names[path.name] == 1 else str(path)
        if path.suffix.lower() == ".zip":
            tables += _zipped(path, name, encoding, left)
        else:
            tables += _tables(path, name, encoding)
    return tables, left


def _tables(path: Path, name: str, encoding: str | None) -> Iterator[Table]:
    if not path.is_file():
        raise ResearchError(f"{path}: there is no such file; check the path")
    if kind_of(path) == "text":
        loaded = read_table(path, encoding=encoding)
        yield Table(name, name, "", loaded.frame, loaded.report)
        return
    first = read_table(path)
    for sheet in first.sheets:
        loaded = first if len(first.sheets) == 1 else read_table(path, sheet=sheet)
        label = name if len(first.sheets) == 1 else f"{name}[{sheet}]"
        yield Table(label, name, sheet, loaded.frame, loaded.report)


def _zipped(path: Path, name: str, encoding: str | None, left: list[str]) -> Iterator[Table]:
    """The CSV files of an archive; each is on disk only while it is read."""
    with open_archive(path) as archive, TemporaryDirectory() as folder:
        for member in archive.names:
            if not member.lower().endswith(".csv"):
                left.append(f"{name}/{member}")
                continue
            file = Path(folder) / "table.csv"
            file.write_bytes(archive.read(member, limit=LARGEST))
            try:
                loaded = read_table(file, encoding=encoding)
            except TableRefusedError as error:
                raise TableRefusedError(
                    f"{name}/{member}",
                    error.reason,
                    error.mend,
                    line=error.line,
                    column=error.column,
                    candidates=error.candidates,
                ) from error
            yield Table(f"{name}/{member}", name, Path(member).stem, loaded.frame, loaded.report)
