"""Cells that hold several values, with `;` between them."""

import pandas as pd


def split(cell: object) -> list[str]:
    """Give the values of a cell; an empty cell has none."""
    return [] if pd.isna(cell) else str(cell).split(";")
