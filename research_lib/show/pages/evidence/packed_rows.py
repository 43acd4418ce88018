"""What the browser makes the statements of: cells by column, without what follows from other cells."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from research_lib.files.spreadsheet import guarded, write_text
from research_lib.show.pages.evidence.statement_rows import COLUMNS, Statement

_AS_WRITTEN = ("name", "text", "number", "presence", "law", "period", "place", "group", "source")
_NAMED = ("about", "informant", "certainty", "country")
_NUMBER_AT_END = re.compile(r"[0-9]{1,9}$")


def packed_rows(statements: Sequence[Statement], labels: Sequence[str]) -> dict[str, Any]:
    """Give the cells of statements by column; `labels` are the names of the columns in the saved table."""
    return {
        "stem": "evidence",
        "header": write_text([labels]),
        "labels": labels,
        "id": without_successors(each.row_id for each in statements),
        "kind": [each.kind for each in statements],
        "lines": line_steps(each.line_numbers for each in statements),
        **{name: [each.cells[name] for each in statements] for name in _AS_WRITTEN},
        **{name: [";".join(each.terms[name]) for each in statements] for name in _NAMED},
        "guarded": _guarded(statements),
    }


def without_successors(ids: Iterable[str]) -> list[str]:
    """Leave out each id that ends with the number after that of the id before it."""
    written, following = [], ""
    for each in ids:
        written.append("" if each == following else each)
        following = _NUMBER_AT_END.sub(lambda number: f"{int(number[0]) + 1:0{len(number[0])}d}", each)
    return written


def line_steps(cells: Iterable[str]) -> list[str]:
    """Write lines such as `120-125;7` as steps from one start to the next, each with its length: `120+5;-113`."""
    before, written = 0, []
    for cell in cells:
        parts = []
        for part in filter(None, cell.split(";")):
            start, _, end = part.partition("-")
            parts.append(f"{int(start) - before}" + (f"+{int(end) - int(start)}" if end else ""))
            before = int(start)
        written.append(";".join(parts))
    return written


def _guarded(statements: Iterable[Statement]) -> dict[int, dict[str, str]]:
    """The cells that the saved table writes otherwise, so that a spreadsheet computes none of them."""
    found = {
        place: {name: safe for name in COLUMNS if (safe := guarded(each.cells[name])) != each.cells[name]}
        for place, each in enumerate(statements)
    }
    return {place: cells for place, cells in found.items() if cells}
