"""The codes of countries, ISO 3166-1 alpha-3 and Kosovo's, and what others call them: codes, names, spellings.

Names and codes are Babel's; added are the spellings of the United Nations, of the World Bank and of Eurostat.
"""

import re
import unicodedata
from functools import cache
from numbers import Integral

from babel import Locale
from babel.core import get_global

KOSOVO = "XKX"
_ALPHA_3 = """
AFG ALA ALB DZA ASM AND AGO AIA ATA ATG ARG ARM ABW AUS AUT AZE BHS BHR BGD BRB BLR BEL BLZ BEN BMU BTN BOL BES BIH
BWA BVT BRA IOT BRN BGR BFA BDI CPV KHM CMR CAN CYM CAF TCD CHL CHN CXR CCK COL COM COG COD COK CRI CIV HRV CUB
CUW CYP CZE DNK DJI DMA DOM ECU EGY SLV GNQ ERI EST SWZ ETH FLK FRO FJI FIN FRA GUF PYF ATF GAB GMB GEO DEU GHA
GIB GRC GRL GRD GLP GUM GTM GGY GIN GNB GUY HTI HMD VAT HND HKG HUN ISL IND IDN IRN IRQ IRL IMN ISR ITA JAM JPN
JEY JOR KAZ KEN KIR PRK KOR KWT KGZ LAO LVA LBN LSO LBR LBY LIE LTU LUX MAC MDG MWI MYS MDV MLI MLT MHL MTQ MRT
MUS MYT MEX FSM MDA MCO MNG MNE MSR MAR MOZ MMR NAM NRU NPL NLD NCL NZL NIC NER NGA NIU NFK MKD MNP NOR OMN PAK
PLW PSE PAN PNG PRY PER PHL PCN POL PRT PRI QAT REU ROU RUS RWA BLM SHN KNA LCA MAF SPM VCT WSM SMR STP SAU SEN
SRB SYC SLE SGP SXM SVK SVN SLB SOM ZAF SGS SSD ESP LKA SDN SUR SJM SWE CHE SYR TWN TJK TZA THA TLS TGO TKL TON
TTO TUN TUR TKM TCA TUV UGA UKR ARE GBR UMI USA URY UZB VUT VEN VNM VGB VIR WLF ESH YEM ZMB ZWE
"""
COUNTRIES = frozenset([KOSOVO, *_ALPHA_3.split()])
_CODES = {"EL": "GRC", "XK": KOSOVO, "KOS": KOSOVO, "XKX": KOSOVO}
_SPELLINGS = """
BES bonaire saint eustatius saba|BES bonaire sint eustatius saba|BHS bahamas|BOL bolivia plurinational state
BRN brunei darussalam|CIV ivory coast|COD congo democratic republic|COD congo kinshasa|COD dr congo|COD drc|COD zaire
COG congo|COG congo republic|COG congo brazzaville|CPV cabo verde|CPV cape verde|CZE czech republic
EGY egypt arab republic|ESH western sahara|ESH w sahara|FLK falkland islands malvinas|FRO faeroe islands
FSM micronesia federated states|GBR great britain|GBR uk|GBR united kingdom great britain northern ireland
GNQ eq guinea|HKG hong kong|HKG hong kong china|HKG hong kong sar|HKG china hong kong special administrative region
HMD heard island mcdonald islands|IRN iran islamic republic|KGZ kyrgyz republic|KOR korea republic
PRK korea democratic peoples republic|PRK korea dpr|KOSOVO kosovo under unsc res 1244|KOSOVO kosovo unscr 1244
LAO lao peoples democratic republic|LAO lao pdr|LBY libyan arab jamahiriya|LBY libya state|MAC macao|MAC macau
MAC macao sar|MAC macao china|MAC china macao special administrative region|MAF saint martin french part
MDA moldova republic|MKD macedonia|MKD macedonia fyr|MKD macedonia yugoslav republic|MKD north macedonia republic
MMR burma|MMR myanmar|NLD netherlands kingdom|PCN pitcairn|PSE palestine|PSE palestine state
PSE palestinian territory occupied|PSE west bank gaza|PSE west bank gaza strip|RUS russian federation
SHN saint helena ascension tristan da cunha|SJM svalbard jan mayen islands|SSD s sudan|STP sao tome principe
SVK slovak republic|SWZ swaziland|SXM sint maarten dutch part|SYR syrian arab republic|TLS east timor|TUR turkey
TWN taiwan|TWN taiwan china|TWN taiwan province china china|TWN taiwan province china|TWN chinese taipei
TZA tanzania united republic|USA us|USA united states america|USA usa|VAT holy see|VAT holy see vatican city state
VEN venezuela bolivarian republic|VEN venezuela rb|VIR united states virgin islands|VIR virgin islands us|VNM viet nam
WLF wallis futuna islands|YEM yemen republic|LUX luxemburg
""".replace("KOSOVO", KOSOVO)
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
    found = {code: three[two] for code, two in aliases.items() if two in three and _is_current(code)}
    return {**three, **found, **_CODES}


def _is_current(code: str) -> bool:
    """Whether a code is one of today, not that of a state which became another."""
    return code in COUNTRIES or code == "UK" or code.isdecimal()


@cache
def _names() -> dict[tuple[str, ...], str]:
    codes = _codes()
    of_languages = (Locale(language).territories.items() for language in _LANGUAGES)
    names = {
        _plain(name): codes[two] for pairs in of_languages for two, name in pairs if len(two) == 2 and two in codes
    }
    listed = (entry.partition(" ") for line in _SPELLINGS.split("\n") for entry in line.split("|") if entry)
    found = names | {_plain(name): code for code, _, name in listed}
    return {words: code for words, code in found.items() if words not in _AMBIGUOUS}


def _plain(name: str) -> tuple[str, ...]:
    """The words of a name in the order of the alphabet, so that "Korea, Rep." is "Republic of Korea" too."""
    apart = unicodedata.normalize("NFKD", re.sub(r"[.'’‘`]", "", name.casefold()))
    words = _PARTED.sub(" ", "".join(sign for sign in apart if not unicodedata.combining(sign))).split()
    return tuple(sorted(_LONG.get(word, word) for word in words if word not in _SMALL))
