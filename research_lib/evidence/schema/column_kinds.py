"""A column of a table with its constraints, and its kinds: ids, codes, keys, years, references and others."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from research_lib.evidence.settings import IDENTIFIER
from research_lib.evidence.vocabulary.common_codes import CODES

_COUNTRIES = "ISO 3166-1 alpha-3 codes"
_CERTAINTY_RULE = (
    "how certain its lines make its main statement, by their words; where several codes fit, the last in the list holds"
)
DECADE_RULE = "of a decade, early is the years 0 to 3, mid 4 to 6, late or end 7 to 9, and the period keeps the words"


@dataclass(frozen=True)
class Column:
    """One column, its type and its constraints."""

    description: str
    type: str = "string"
    is_required: bool = True
    is_unique: bool = False
    codes: Mapping[str, str] = field(default_factory=dict)
    table: str = ""
    key: str = ""
    has_many: bool = False
    has_references: bool = False
    pattern: str = ""
    minimum: float | None = None
    maximum: float | None = None
    allowed: tuple[float, ...] = ()
    name: str = ""

    def sentence(self) -> str:
        """Give the constraints as one readable sentence."""
        parts = [
            "required" if self.is_required else "may be empty",
            "unique" if self.is_unique else "",
            "several separated by `;`" if self.has_many else "",
            f"one of {', '.join(f'`{code}`' for code in self.codes)}" if self.codes else "",
            f"names a row of `{self.table}` by its `{self.key}`" if self.table else "",
            *(limit for name, limit in self.limits().items() if name != "allowed"),
        ]
        return "; ".join(part for part in parts if part)

    def limits(self) -> dict[str, str]:
        """Give what a value must be, by the name of the constraint; empty for one that the column does not have."""
        return {
            "pattern": f"matches `{self.pattern}`" if self.pattern else "",
            "minimum": f"at least {self.minimum:g}" if self.minimum is not None else "",
            "maximum": f"at most {self.maximum:g}" if self.maximum is not None else "",
            "allowed": f"one of {', '.join(map(str, self.allowed))}",
        }


def own_id(description: str) -> Column:
    """A column with the id of each row."""
    return Column(description, pattern=IDENTIFIER, is_unique=True)


def text(description: str, *, nullable: bool = False) -> Column:
    """A column of text."""
    return Column(description, is_required=not nullable)


def bilingual(
    description: str, *, nullable: bool = False, french_nullable: bool = False, unique: bool = False
) -> tuple[Column, Column]:
    """A column of English text, with one of the same in French behind it, whose name ends in `_fr`."""
    is_name = description.startswith("English name")
    french = description.replace("English", "French") if is_name else "the same in French"
    english = Column(description, is_required=not nullable, is_unique=unique)
    return english, text(french, nullable=nullable or french_nullable)


def code(description: str, codes: str | Mapping[str, str], *, many: bool = False, nullable: bool = False) -> Column:
    """A column with one or several codes; `codes`: the closed list of them, or its name in `common_codes.toml`."""
    listed = CODES[codes] if isinstance(codes, str) else codes
    return Column(description, is_required=not nullable, codes=listed, has_many=many)


def certainty(*, nullable: bool = False) -> Column:
    """The column with how certain a row is."""
    return code(_CERTAINTY_RULE, "certainties", nullable=nullable)


def informants(*, nullable: bool = False) -> Column:
    """The column with who says what a row says."""
    return code("who says so", "informants", many=True, nullable=nullable)


def organisers() -> Column:
    """The column with who organises a journey."""
    rule = "who organises it, where the source itself says so; the study's own reading stands in the text only"
    return code(rule, "actors", many=True)


def key(description: str, table: str, *, many: bool = False, nullable: bool = False, column: str = "id") -> Column:
    """A column with the id of a row of another table, or several ids."""
    return Column(description, is_required=not nullable, table=table, key=column, has_many=many)


def country(description: str, *, many: bool = True, nullable: bool = True) -> Column:
    """A column of country codes."""
    described = f"{description} ({_COUNTRIES})"
    return key(described, "places", many=many, nullable=nullable, column="country_code")


def year(description: str) -> Column:
    """A column of years."""
    return Column(description, "integer", is_required=False, minimum=1900, maximum=2100)


def iso_date(description: str) -> Column:
    """A column of dates in ISO 8601: a year, a month or a day."""
    return Column(description, is_required=False, pattern=r"^\d{4}(-\d\d(-\d\d)?)?$")


def number(description: str) -> Column:
    """A column of numbers that may be missing."""
    return Column(description, "number", is_required=False)


def count(description: str) -> Column:
    """A column of whole numbers that may be missing."""
    return Column(description, "integer", is_required=False)


def truth(description: str, *, nullable: bool = False) -> Column:
    """A column of true or false; an empty cell means that the source does not say."""
    return Column(description, "boolean", is_required=not nullable)


def references() -> Column:
    """The column of references to the sources."""
    described = "who says so: `key[section]`, several separated by `;`; keys are in sources.bib"
    return Column(described, has_references=True)


def text_lines(description: str = "lines in the plain text of the source") -> Column:
    """A column of line numbers in the plain text of a source."""
    described = f"{description}: first-last, several separated by `;`"
    return Column(described, is_required=False, pattern=r"^\d+(-\d+)?(;\d+(-\d+)?)*$")


class Table:
    """The base of all table classes: it has exactly the columns that it names, in their order."""


class SourcedTable(Table):
    """The base of most table classes: the last two columns name the sources of each row, and their lines."""

    source = references()
    lines = text_lines()
