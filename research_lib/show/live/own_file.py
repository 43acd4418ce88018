"""A table that a visitor brings: read within limits, kept in memory only."""

from pathlib import PurePath

from research_lib.errors import UnfitDataError
from research_lib.files.tabular import read_table
from research_lib.show.live.comparable_data import OwnRecords, need_comparable
from research_lib.show.words import Words

MOST_BYTES, MOST_ROWS, MOST_COLUMNS = 900_000, 50_000, 200
_OF_A_WORKBOOK = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


def read_own(name: str, content: bytes, words: Words) -> OwnRecords:
    """Read an uploaded CSV file; raises ResearchError, which names the line and the fix, where it cannot be read."""
    name = PurePath(name.replace("\\", "/")).name or "table.csv"
    if len(content) > MOST_BYTES:
        raise UnfitDataError(f"{name}: it has {len(content):,} bytes, and at most {MOST_BYTES:,} are read; shorten it")
    if content.startswith(_OF_A_WORKBOOK):
        raise UnfitDataError(f"{name}: it is a workbook; save the sheet as CSV in UTF-8, and choose that file")
    frame = read_table(name, content=content).frame
    if len(frame) > MOST_ROWS or frame.shape[1] > MOST_COLUMNS:
        raise UnfitDataError(
            f"{name}: it has {len(frame):,} rows and {frame.shape[1]} columns, and at most {MOST_ROWS:,} and "
            f"{MOST_COLUMNS} are read; keep the columns that are compared"
        )
    records = OwnRecords(frame.mask(frame.apply(lambda column: column.str.strip().eq(""))), words)
    need_comparable(records)
    return records
