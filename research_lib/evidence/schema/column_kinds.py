"""The kinds of column that tables are made of: each says what it holds and what it must satisfy."""

from collections.abc import Mapping
from typing import Any

import pandera.pandas as pa

IDENTIFIER = r"^[a-z0-9_-]+$"
_COUNTRIES = "ISO 3166-1 alpha-3 codes"


def own_id(description: str) -> Any:
    """The row's own id."""
    return pa.Field(description=description, str_matches=IDENTIFIER, unique=True)


def text(description: str, *, nullable: bool = False, alias: str | None = None) -> Any:
    """Words."""
    return pa.Field(description=description, nullable=nullable, alias=alias, str_length={"min_value": 1})


def code(description: str, codes: Mapping[str, str], *, many: bool = False, nullable: bool = False) -> Any:
    """One of a closed list of codes, or several."""
    return pa.Field(description=description, nullable=nullable, metadata={"codes": codes, "many": many})


def key(description: str, table: str, *, many: bool = False, nullable: bool = False, column: str = "id") -> Any:
    """The id of a row of a table, or several."""
    metadata = {"table": table, "key": column, "many": many}
    return pa.Field(description=description, nullable=nullable, metadata=metadata)


def country(description: str, *, many: bool = True, nullable: bool = True) -> Any:
    """Countries by their code."""
    described = f"{description} ({_COUNTRIES})"
    return key(described, "places", many=many, nullable=nullable, column="country_code")


def year(description: str) -> Any:
    """A year."""
    return pa.Field(description=description, nullable=True, ge=1900, le=2100)


def iso_date(description: str) -> Any:
    """A year, a month or a day, as ISO 8601 writes it."""
    return pa.Field(description=description, nullable=True, str_matches=r"^\d{4}(-\d\d(-\d\d)?)?$")


def number(description: str) -> Any:
    """A number that may be missing."""
    return pa.Field(description=description, nullable=True)


def truth(description: str, *, nullable: bool = False) -> Any:
    """True or false; where it may be empty, the source does not say."""
    return pa.Field(description=description, nullable=nullable)


def references() -> Any:
    """Who says so."""
    return pa.Field(
        description="who says so: `key[section]`, several separated by `;`; keys are in sources.bib",
        metadata={"references": True},
    )


def text_lines(description: str = "lines in the plain text of the report") -> Any:
    """Where it stands."""
    return pa.Field(
        description=f"{description}: first-last, several separated by `;`",
        nullable=True,
        str_matches=r"^\d+(-\d+)?(;\d+(-\d+)?)*$",
    )


class Table(pa.DataFrameModel):
    """What all tables share: only the columns that are named, in their types."""

    class Config:
        """Types are read from text, and a column that nobody reads is refused."""

        strict = True
        coerce = True
