"""The codes of countries, ISO 3166-1 alpha-3 and Kosovo's, and what others call them: codes, names, spellings.

Names and codes are Babel's; added are the spellings of the United Nations, of the World Bank and of Eurostat.
"""

import re
import unicodedata
from functools import cache
from numbers import Integral

from babel import Locale
from babel.core import get_global

from research_lib.files.opening import package_data
from research_lib.files.toml_files import read_toml

KOSOVO = "XKX"
_LISTED = read_toml(package_data("evidence", "vocabulary") / "country_names.toml")
COUNTRIES = frozenset(_LISTED["codes"].split())
_CODES = {"EL": "GRC", "XK": KOSOVO, "KOS": KOSOVO, "XKX": KOSOVO}
_LANGUAGES = ("zh", "sk", "es", "it", "fr", "en")  # where two differ, the later one is right
_LONG = {"st": "saint", "ste": "sainte", "rep": "republic", "dem": "democratic", "fed": "federated", "sts": "states"}
_LONG |= {"is": "islands", "herz": "herzegovina"}
_AMBIGUOUS = {("micronesia",), ("islands", "virgin"), ("korea",)}  # a region and a state, or one of two
_SMALL = {"the", "of", "and", "former", "et", "de", "du", "des", "la", "le", "les"}
_PARTED = re.compile(r"[^\w]+|_")


def country(code: str) -> str:
    """Give a code back where it is that of a country; raises ValueError."""
    if code not in COUNTRIES:
        raise ValueError(f"{code!r} is not a country; give its ISO 3166-1 alpha-3 code, such as NGA or BRA")
    return code


def country_of(given: object) -> str | None:
    """Give the ISO 3166-1 alpha-3 code of a country, or None where it is not recognised.

    `given`: a code (alpha-2, alpha-3 or numeric, as a number or as text), a name in a language of the questionnaires,
    or a common spelling such as "Russian Federation", "Viet Nam" or "Hong Kong SAR". Accents, capitals and points do
    not count.
    """
    is_whole = isinstance(given, Integral) or (isinstance(given, float) and given.is_integer())
    text = str(int(str(given).removesuffix(".0"))) if is_whole and not isinstance(given, bool) else str(given).strip()
    if text.isascii() and text.isdecimal():
        return _codes().get(text.zfill(3))
    return _codes().get(text.upper()) or _names().get(_plain(text))


def country_name(code: str) -> str:
    """Give the English name of a country by its alpha-3 code."""
    two = next(two for two, three in _codes().items() if three == code and len(two) == 2 and two not in ("EL", "UK"))
    return str(Locale("en").territories[two])


@cache
def _codes() -> dict[str, str]:
    """The alpha-3 code by alpha-2 and numeric codes, and by itself."""
    aliases = {code: found[0] for code, found in get_global("territory_aliases").items() if len(found) == 1}
    three = {two: code for code, two in aliases.items() if code in COUNTRIES}
    # Other codes are those of states which became others.
    current = [code for code in aliases if code in COUNTRIES or code == "UK" or code.isdecimal()]
    return {**three, **{code: three[aliases[code]] for code in current if aliases[code] in three}, **_CODES}


@cache
def _names() -> dict[tuple[str, ...], str]:
    codes = _codes()
    of_languages = (Locale(language).territories.items() for language in _LANGUAGES)
    names = {
        _plain(name): codes[two] for pairs in of_languages for two, name in pairs if len(two) == 2 and two in codes
    }
    found = names | {_plain(name): code for code, several in _LISTED["spellings"].items() for name in several}
    return {words: code for words, code in found.items() if words not in _AMBIGUOUS}


def _plain(name: str) -> tuple[str, ...]:
    """The words of a name in the order of the alphabet, so that "Korea, Rep." is "Republic of Korea" too."""
    apart = unicodedata.normalize("NFKD", re.sub(r"[.'’‘`]", "", name.casefold()))
    words = _PARTED.sub(" ", "".join(sign for sign in apart if not unicodedata.combining(sign))).split()
    return tuple(sorted(_LONG.get(word, word) for word in words if word not in _SMALL))
