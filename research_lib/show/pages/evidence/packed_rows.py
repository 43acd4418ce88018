"""What the browser makes the statements of: cells by column, without what follows from other cells."""

from collections.abc import Iterable, Sequence
from typing import Any

from research_lib.files.spreadsheet import guarded, write_text
from research_lib.show.pages.evidence.statement_rows import COLUMNS, Statement

_AS_WRITTEN = ("name", "text", "number", "presence", "law", "period", "place", "group", "source")
_NAMED = ("about", "informant", "certainty", "country")


def packed_rows(statements: Sequence[Statement], labels: Sequence[str]) -> dict[str, Any]:
    """Give the cells of statements by column; `labels` are the names of the columns in the saved table."""
    return {
        "stem": "evidence",
        "header": write_text([labels]),
        "labels": labels,
        "id": [each.row_id for each in statements],
        "kind": [each.kind for each in statements],
        "lines": [each.line_numbers for each in statements],
        **{name: [each.cells[name] for each in statements] for name in _AS_WRITTEN},
        **{name: [";".join(each.terms[name]) for each in statements] for name in _NAMED},
        "guarded": _guarded(statements),
    }


def _guarded(statements: Iterable[Statement]) -> dict[int, dict[str, str]]:
    """The cells that the saved table writes otherwise, so that a spreadsheet computes none of them."""
    found = {
        place: {name: safe for name in COLUMNS if (safe := guarded(each.cells[name])) != each.cells[name]}
        for place, each in enumerate(statements)
    }
    return {place: cells for place, cells in found.items() if cells}
