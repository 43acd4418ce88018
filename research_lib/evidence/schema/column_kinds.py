"""The kinds of columns for the table classes: ids, codes, keys, years, references and others."""

from collections.abc import Mapping
from typing import Any

import pandera.pandas as pa
from pandera.typing import Series

from research_lib.evidence.settings import IDENTIFIER
from research_lib.evidence.vocabulary.common_codes import CODES

_COUNTRIES = "ISO 3166-1 alpha-3 codes"
_CERTAINTY_RULE = (
    "how certain its lines make its main statement, by their words; where several codes fit, the last in the list holds"
)
DECADE_RULE = "of a decade, early is the years 0 to 3, mid 4 to 6, late or end 7 to 9, and the period keeps the words"


def own_id(description: str) -> Any:
    """A column with the id of each row."""
    return pa.Field(description=description, str_matches=IDENTIFIER, unique=True)


def text(description: str, *, nullable: bool = False, alias: str | None = None) -> Any:
    """A column of text."""
    return pa.Field(description=description, nullable=nullable, alias=alias, str_length={"min_value": 1})


def bilingual(description: str, *, nullable: bool = False, french_nullable: bool = False, unique: bool = False) -> Any:
    """A column of English text, with one of the same in French behind it, whose name ends in `_fr`."""
    metadata = {"french_nullable": nullable or french_nullable}
    length = {"min_value": 1}
    return pa.Field(description=description, nullable=nullable, unique=unique, metadata=metadata, str_length=length)


def code(description: str, codes: str | Mapping[str, str], *, many: bool = False, nullable: bool = False) -> Any:
    """A column with one or several codes; `codes`: the closed list of them, or its name in `common_codes.toml`."""
    listed = CODES[codes] if isinstance(codes, str) else codes
    return pa.Field(description=description, nullable=nullable, metadata={"codes": listed, "many": many})


def certainty(*, nullable: bool = False) -> Any:
    """The column with how certain a row is."""
    return code(_CERTAINTY_RULE, "certainties", nullable=nullable)


def informants(*, nullable: bool = False) -> Any:
    """The column with who says what a row says."""
    return code("who says so", "informants", many=True, nullable=nullable)


def organisers() -> Any:
    """The column with who organises a journey."""
    rule = "who organises it, where the source itself says so; the study's own reading stands in the text only"
    return code(rule, "actors", many=True)


def key(description: str, table: str, *, many: bool = False, nullable: bool = False, column: str = "id") -> Any:
    """A column with the id of a row of another table, or several ids."""
    metadata = {"table": table, "key": column, "many": many}
    return pa.Field(description=description, nullable=nullable, metadata=metadata)


def country(description: str, *, many: bool = True, nullable: bool = True) -> Any:
    """A column of country codes."""
    described = f"{description} ({_COUNTRIES})"
    return key(described, "places", many=many, nullable=nullable, column="country_code")


def year(description: str) -> Any:
    """A column of years."""
    return pa.Field(description=description, nullable=True, ge=1900, le=2100)


def iso_date(description: str) -> Any:
    """A column of dates in ISO 8601: a year, a month or a day."""
    return pa.Field(description=description, nullable=True, str_matches=r"^\d{4}(-\d\d(-\d\d)?)?$")


def number(description: str) -> Any:
    """A column of numbers that may be missing."""
    return pa.Field(description=description, nullable=True)


def truth(description: str, *, nullable: bool = False) -> Any:
    """A column of true or false; an empty cell means that the source does not say."""
    return pa.Field(description=description, nullable=nullable)


def references() -> Any:
    """The column of references to the sources."""
    return pa.Field(
        description="who says so: `key[section]`, several separated by `;`; keys are in sources.bib",
        metadata={"references": True},
    )


def text_lines(description: str = "lines in the plain text of the source") -> Any:
    """A column of line numbers in the plain text of a source."""
    return pa.Field(
        description=f"{description}: first-last, several separated by `;`",
        nullable=True,
        str_matches=r"^\d+(-\d+)?(;\d+(-\d+)?)*$",
    )


class Table(pa.DataFrameModel):
    """The base of all table classes: it has exactly the named columns, in their types."""

    class Config:
        """Cells are converted from text to their type; a column that is not named is an error."""

        strict = True
        coerce = True

    @classmethod
    def to_schema(cls) -> pa.DataFrameSchema:
        """Give the schema, with the columns of French text behind those of `bilingual`."""
        schema, columns = super().to_schema(), dict[str, pa.Column]()
        for name, column in schema.columns.items():
            columns[name] = column
            if "french_nullable" in (column.metadata or {}):
                columns[f"{name}_fr"] = _french(f"{name}_fr", column)
        schema.columns = columns
        return schema


class SourcedTable(Table):
    """The base of most table classes: the last two columns name the sources of each row, and their lines."""

    source: Series[str] = references()
    lines: Series[str] = text_lines()

    @classmethod
    def to_schema(cls) -> pa.DataFrameSchema:
        """Give the schema with the two columns of this class behind those of the table."""
        schema = super().to_schema()
        schema.columns |= {name: schema.columns.pop(name) for name in ("source", "lines")}
        return schema


def _french(name: str, english: pa.Column) -> pa.Column:
    is_name = english.description.startswith("English name")
    described = english.description.replace("English", "French") if is_name else "the same in French"
    nullable = english.metadata["french_nullable"]
    return pa.Column(english.dtype, english.checks, name=name, nullable=nullable, description=described)
