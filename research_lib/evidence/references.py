"""References of the form `exchange2007[3.3.2.a]`: a source key and the place in that source."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from research_lib.errors import CitationError, quoted

_FORM = re.compile(r"(?P<key>[^\s\[\];,|\"]+)(?:\[(?P<locator>[^\[\];]+)\])?")
_UNFIT = re.compile(r"[\s\[\];,|\"]+")


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
    found = []
    for part in text.split(";") if text else []:
        match = _FORM.fullmatch(part)
        if match is None:
            raise CitationError(f"{quoted(part)} is not a reference; write key[place], such as smith2020[3.2]")
        found.append(Reference(match["key"], match["locator"] or ""))
    return found


def usable_key(key: str) -> str:
    """Give a key as references can name it: each of the signs that part them, and each space, is a hyphen."""
    return _UNFIT.sub("-", key.strip())


def places_by_source(cells: Iterable[str]) -> dict[str, list[str]]:
    """Gather the references of many cells: each source once, with its places in reading order."""
    found: dict[str, set[str]] = {}
    for reference in (each for cell in cells for each in parse_references(cell)):
        found.setdefault(reference.key, set()).update([reference.locator] if reference.locator else [])
    return {key: sorted(places, key=_reading_order) for key, places in found.items()}


def _reading_order(place: str) -> list[str | int]:
    """Numbers inside a text count as numbers: section 2.10 stands after 2.9."""
    return [int(part) if part.isdecimal() else part for part in re.split(r"(\d+)", place)]
