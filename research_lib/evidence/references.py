"""References of the form `exchange2007[3.3.2.a]`: a source key and the place in that source."""

import re
from dataclasses import dataclass

from research_lib.errors import CitationError, quoted

_FORM = re.compile(r"(?P<key>[a-z0-9_-]+)(?:\[(?P<locator>[^\[\];]+)\])?")


@dataclass(frozen=True)
class Reference:
    """A source, and the place in it."""

    key: str
    locator: str = ""

    def __str__(self) -> str:
        return f"{self.key}[{self.locator}]" if self.locator else self.key


def parse_references(text: str) -> list[Reference]:
    """Read one or several references, separated by `;`.

    `text`: such as `exchange2007[3.3.2.a];jeffreys2004[97]`. An empty text has no references.
    Raises CitationError that quotes the part it cannot read.
    """
    return [_parse_one(part) for part in text.split(";")] if text else []


def _parse_one(part: str) -> Reference:
    match = _FORM.fullmatch(part)
    if match is None:
        raise CitationError(f"{quoted(part)} is not a reference; write key[place], such as exchange2007[3.3.2.a]")
    return Reference(match["key"], match["locator"] or "")
