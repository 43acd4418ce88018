"""What the pages say in each language: catalogues of phrases, and numbers and dates as the reader writes them."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from babel.dates import format_date
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from research_lib.errors import ResearchError

LANGUAGES = ("en", "fr")
CATALOGUES = Path(__file__).parent / "catalogues"


@dataclass(frozen=True)
class Words:
    """The phrases of one language by their key."""

    language: str
    phrases: Mapping[str, str]

    def __call__(self, key: str, **values: object) -> str:
        """Give the phrase of a key, its blanks filled; raises ResearchError where the catalogue lacks it."""
        if key not in self.phrases:
            raise ResearchError(f"{self.language}.po has no phrase {key!r}; add it")
        return self.phrases[key].format(**values) if values else self.phrases[key]

    def number(self, value: float) -> str:
        """Write a number with the language's own separators."""
        return format_decimal(value, locale=self.language)

    def date(self, iso: str) -> str:
        """Write an ISO date out; a month or a year alone, and a span with a slash, stay what they are."""
        return "–".join(self._date(part) for part in iso.split("/"))

    def unit(self, code: str, *, is_one: bool = False) -> str:
        """Name a unit; one that the catalogue does not know is its code in words."""
        many = self.phrases.get(f"unit.{code}", code.replace("_", " "))
        return self.phrases.get(f"unit.{code}.one", many) if is_one else many

    def of(self, row: object, field: str) -> str:
        """Give a field of a row in this language, or in English where it has no translation."""
        translated = getattr(row, f"{field}_{self.language}", None) if self.language != "en" else None
        return _typeset(translated) if isinstance(translated, str) and translated else getattr(row, field)

    def place(self, row: Any) -> str:
        """Name a place in this language, and in Chinese where its Chinese name is known."""
        return " ".join(name for name in (self.of(row, "name"), row.name_zh) if isinstance(name, str))

    def among(self, labels: Mapping[str, str]) -> str:
        """Choose the words of this language among those that a study brings itself, or the English ones."""
        text = labels.get(self.language) or labels["en"]
        return _typeset(text) if self.language == "fr" else text

    def percent(self, low: float, high: float) -> str:
        """Write a span of shares in whole percent, outwards, as the language writes it: `29–41%`."""
        ends = dict.fromkeys(f"{end:d}" for end in (math.floor(100 * low), math.ceil(100 * high)))
        return self("amount.percent", number="–".join(ends))

    def _date(self, iso: str) -> str:
        year, month, day = ([int(part) for part in iso.split("-")] + [0, 0])[:3]
        if day:
            return format_date(date(year, month, day), "d MMMM y", locale=self.language)
        return format_date(date(year, month, 1), "MMMM y", locale=self.language) if month else str(year)


@cache
def words(language: str) -> Words:
    """Open the catalogue of a language (`en` or `fr`)."""
    with (CATALOGUES / f"{language}.po").open("rb") as stream:
        catalogue = read_po(stream, locale=language)
    typeset = _typeset if language == "fr" else str
    return Words(language, {str(m.id): typeset(str(m.string)) for m in catalogue if m.id})


def _typeset(text: str) -> str:
    """Keep French signs with their word: no line begins with a colon or ends with an opening quotation mark."""
    return re.sub(r"(?<=«) | (?=[:;?!»%])", "\u00a0", text)
