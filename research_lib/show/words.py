"""What the pages say in each language: catalogues of phrases, and numbers and dates as the reader writes them."""

import io
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from gettext import GNUTranslations, NullTranslations
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.messages.catalog import Message
from babel.messages.mofile import write_mo
from babel.numbers import format_decimal

from research_lib.errors import ResearchError
from research_lib.evidence.settings import TEXT_LANGUAGES, StudySettings, read_settings
from research_lib.evidence.vocabulary.study_vocabularies import Vocabularies, read_vocabularies
from research_lib.files.opening import MB, read_text
from research_lib.show.phrase_files import CATALOGUES, english_for, is_translated, last_form, open_phrases

if TYPE_CHECKING:
    from research_lib.evidence.study import Study

OF_TEXTS = "text"  # the context of a message whose id is a text of a study's tables
_NAMES = {"name", "route_name", "group_name"}
_KEPT = {
    "fr": r"(?<=«) | (?=[:;?!»%])",
    "sk": r"(?<=\b[AaIiKkOoSsUuVvZz]) |(?<=\bč\.) |(?<=\briad\.) |(?<=\{count\}) |(?<=\d\.) (?=[a-zá-ž])| (?=%)",
}
_PREFIXES = {
    "actors": "actor",
    "features": "feature",
    "informants": "informant",
    "legal_statuses": "status",
    "modes_of_entry": "entry",
    "place_kinds": "place",
    "route_kinds": "kind",
    "sets": "set",
    "stations": "station",
    "topics": "topic",
    "transport": "transport",
}


class Untranslated(str):
    """A text of a study that a page in another language gives in English; HTML marks it so."""

    __slots__ = ()

    def __html__(self) -> str:
        return f'<span lang="en">{escape(str(self))}</span>'


@dataclass(frozen=True)
class Words:
    """The phrases of one language by their key, and names and short texts of a study's rows by the English."""

    language: str
    phrases: Mapping[str, str]
    texts: Mapping[str, str] = field(default_factory=dict, repr=False)
    translations: NullTranslations = field(default_factory=NullTranslations, repr=False, compare=False)

    @property
    def locale(self) -> Locale:
        """How the language writes numbers and dates."""
        return Locale.parse({"en": "en-GB"}.get(self.language, self.language), sep="-")

    @property
    def is_told_in_english(self) -> bool:
        """Whether the tables have no statements in this language, so that pages give them in English."""
        return self.language not in TEXT_LANGUAGES

    def __call__(self, key: str, **values: object) -> str:
        """Give the phrase of a key, its blanks filled; raises ResearchError where the catalogue lacks it."""
        if key not in self.phrases:
            raise ResearchError(f"{self.language}.po has no phrase {key!r}; add it")
        return self.phrases[key].format(**values) if values else self.phrases[key]

    def plural(self, key: str, count: float, **values: object) -> str:
        """Give the phrase of a key in the form that a number takes; a fraction takes the form of many."""
        return self._form(key, count).format(count=self.number(count), **values)

    def _form(self, key: str, count: float) -> str:
        is_whole = pd.notna(count) and float(count).is_integer()
        form = self.translations.ngettext(key, key, int(count)) if is_whole else key
        return self(key) if form == key else _set(form, self.language)

    def number(self, value: float) -> str:
        """Write a number with the language's own separators."""
        return format_decimal(value, locale=self.locale)

    def decade(self, code: str, last: int) -> str:
        """Name a decade such as `1990s`, cut at the last year where that lies in it; `undated` has its own phrase."""
        if code == "undated":
            return self("period.undated")
        start = int(code.removesuffix("s"))
        return f"{start}–{last}" if start <= last < start + 9 else self("period.decade", decade=start)

    def period(self, row: Any) -> str:
        """Write the years of a row (`2014–2019`, `from 2014`, `until 2019`), or its period in the source's terms."""
        start, end = (None if pd.isna(year) else int(year) for year in (row.start_year, row.end_year))
        if start and end:
            return str(start) if start == end else f"{start}–{end}"
        if start or end:
            return self("period.from", year=start) if start else self("period.until", year=end)
        return self.of(row, "period") if isinstance(row.period, str) else self("period.undated")

    def date(self, iso: str) -> str:
        """Write an ISO date out; a month or a year alone, and a span with a slash, stay what they are."""
        return "–".join(self._date(part) for part in iso.split("/"))

    def unit(self, code: str, count: float = math.nan) -> str:
        """Name a unit for a number of it, or for many; one that the catalogue does not know is its code in words."""
        key = f"unit.{code}"
        return self._form(key, count) if key in self.phrases else code.replace("_", " ")

    def of(self, row: object, field: str) -> str:
        """Give a field of a row in this language, or in English where it has no translation.

        A translation is the column of the language, or else what `phrases/<language>.po` has for the English text.
        """
        english, translated = getattr(row, field), getattr(row, f"{field}_{self.language}", None)
        if self.language != "en" and isinstance(translated, str) and translated:
            return _set(translated, self.language)
        if not isinstance(english, str) or english in self.texts:
            return self.texts.get(english, english)
        return english if self.language == "en" or field in _NAMES else Untranslated(english)

    def listed(self, names: Iterable[str], mark: str = "comma") -> str:
        """Write names behind one another with the language's own comma or `semicolon`."""
        return self(f"list.{mark}").join(names)

    def sentence(self, text: str) -> str:
        """End a text as a sentence, where it does not end so already."""
        return text if text[-1:] in ".。" else f"{text}{self('list.stop')}"

    def place(self, row: Any) -> str:
        """Name a place in this language, and in its own script where that name is known."""
        names = (name for name in (self.of(row, "name"), row.name_local) if isinstance(name, str))
        return " ".join(dict.fromkeys(names))

    def among(self, labels: Mapping[str, str], code: str) -> str:
        """Choose the words of this language among those that a study brings itself, else the English or any others.

        Without any, the code stands for itself, with spaces.
        """
        others = (text for text in (labels.get("en"), *labels.values()) if text)
        own = (labels.get(self.language) or labels.get(self.language.partition("-")[0])) or ""
        text = own or next(others, code.replace("_", " "))
        return _set(text, self.language)

    def percent(self, low: float, high: float) -> str:
        """Write a span of shares in whole percent, outwards, as the language writes it: `29–41%`."""
        ends = dict.fromkeys(f"{end:d}" for end in (math.floor(100 * low), math.ceil(100 * high)))
        return self("amount.percent", number="–".join(ends))

    def _date(self, iso: str) -> str:
        year, month, day = ([int(part) for part in iso.split("-")] + [0, 0])[:3]
        if day:
            return _set(format_date(date(year, month, day), "long", locale=self.locale), self.language)
        return format_skeleton("yMMMM", date(year, month, 1), locale=self.locale) if month else str(year)


def capital(text: str) -> str:
    """Begin a text with a capital letter."""
    return text[:1].upper() + text[1:]


def language_name(code: str) -> str:
    """Name a language in itself, such as `Italiano`."""
    return capital(str(Locale.parse(code, sep="-").language_name))


@cache
def words(language: str) -> Words:
    """Give the phrases that the package has in a language: `en`, `fr`, `it`, `sk` or `zh-Hans`."""
    return open_catalogue(CATALOGUES / f"{language}.po")


def study_words(study: "Study", language: str) -> Words:
    """Give the phrases of a language for the pages of a study.

    Its title names the pages, and its vocabularies name its codes. `phrases/<language>.po` in its folder replaces
    phrases of the package and adds others. Raises StudyError where that file cannot be read.
    """
    names = _names_of_countries(study.table_files["places"].frame, language)
    return _with_names(study.path, language, study.settings, study.vocabularies, countries=names)


def folder_words(folder: Path, language: str) -> Words:
    """Give the phrases as `study_words` does, of a study that is not opened: its other tables are not read.

    A `places.csv` that cannot be read names no country.
    """
    try:
        places = pd.read_csv(io.StringIO(read_text(folder / "tables/places.csv", limit=64 * MB)), dtype="str")
        names = _names_of_countries(places, language)
    except (ResearchError, ValueError, KeyError):
        names = {}
    return _with_names(folder, language, read_settings(folder), read_vocabularies(folder), countries=names)


def _with_names(
    folder: Path, language: str, settings: StudySettings, vocabularies: Vocabularies, *, countries: Mapping[str, str]
) -> Words:
    own = folder / f"phrases/{language}.po"
    messages = [*open_phrases(own)] if own.exists() else []
    texts = {str(m.id): _set(str(m.string), language) for m in messages if m.context == OF_TEXTS and m.string}
    named = {"site.name": settings.title, "home.title": settings.title, **_names_in_settings(settings)}
    named |= _names_of_codes(vocabularies, language) | dict(countries)
    more = {key: texts.get(text, text) for key, text in named.items()}
    path = CATALOGUES / f"{language}.po"
    return open_catalogue(path, more=more, own=[m for m in messages if not m.context and is_translated(m)], texts=texts)


def _names_in_settings(settings: StudySettings) -> dict[str, str]:
    """What `study.toml` names itself: the views of its map and its findings."""
    views = {f"view.{view.id}": view.name or view.id for view in settings.map.views}
    titles = {f"finding.{each.id}.title": each.title or each.id for each in settings.findings}
    return views | titles | {f"finding.{each.id}.text": each.text for each in settings.findings}


def _names_of_codes(vocabularies: Vocabularies, language: str) -> dict[str, str]:
    """The names of the codes that a study adds or renames, in a language or else in English."""
    return {
        f"{_PREFIXES[name]}.{code}": row.get(f"name_{language}") or row["name"]
        for lists in (vocabularies.own, vocabularies.renamed)
        for name, rows in lists.items()
        for code, row in rows.items()
    }


def _names_of_countries(places: pd.DataFrame, language: str) -> dict[str, str]:
    translated = places.get(f"name_{language}", places["name"]).fillna(places["name"])
    countries = places["kind"].eq("country") & places["country_code"].notna()
    return dict(zip("country." + places.loc[countries, "country_code"], translated[countries], strict=True))


def open_catalogue(
    path: Path,
    *,
    more: Mapping[str, str] | None = None,
    own: Iterable[Message] = (),
    texts: Mapping[str, str] | None = None,
) -> Words:
    """Open a catalogue, whose file is named by its language, with more phrases and a study's own.

    Without such a file the phrases are English, until the study has its own.
    """
    language, catalogue = path.stem, open_phrases(path) if path.exists() else english_for(path.stem)
    for message in [*map(Message, more or {}, (more or {}).values()), *own]:
        if message.id:
            catalogue.delete(message.id if isinstance(message.id, str) else message.id[0])
            catalogue[message.id] = message
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    phrases = {last_form(m.id): _set(last_form(m.string), language) for m in catalogue if m.id}
    return Words(language, phrases, texts or {}, GNUTranslations(compiled))


def _set(text: str, language: str) -> str:
    """Set the spaces at which no line ends: in French beside signs, in Slovak behind one letter and numbers."""
    return re.sub(_KEPT[language], "\u00a0", text) if language in _KEPT else text
