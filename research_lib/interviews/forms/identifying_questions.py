"""Questions that would say who somebody is: their types, their names, and their words in the five languages."""

import re
from collections.abc import Iterator, Mapping

from research_lib.interviews.forms.form_rows import BEGINNINGS, ENDINGS, SELECTS, Form, Row, language_code

SAFE_TYPES = (
    *(*SELECTS, *BEGINNINGS, *ENDINGS, "note", "text", "integer", "decimal", "calculate"),
    *("range", "rank", "acknowledge", "trigger"),
)
IDENTIFYING_TYPES = frozenset(
    [
        *("geopoint", "geotrace", "geoshape", "start-geopoint", "background-geopoint", "gps", "location", "osm"),
        *("audio", "background-audio", "image", "photo", "video", "file", "barcode", "audit"),
        *("phonenumber", "username", "email", "deviceid", "imei", "subscriberid", "simserial"),
        *("date", "dateTime", "datetime", "time", "start", "end", "today"),
    ]
)
_NAMES = """
    name names surname firstname lastname fullname nickname nom prenom nome cognome meno priezvisko xingming phone
    telephone telefono telefon mobile mobil cellulare email mail courriel wechat weixin whatsapp passport passeport
    passaporto huzhao address adresse indirizzo adresa dizhi birth birthdate birthday dob naissance nascita
    narodenia gps latitude longitude coordinates
"""
_EVERYWHERE = r"e-?mails?|whats ?app|wechat|gps"
_LABELS = {
    "en": rf"\b((sur|fore|first|last|full|nick)?[ -]?names?|surnames?|(tele)?phones?|mobile|passports?|address(es)?"
    rf"|(date|day) of birth|birth ?date|(?<!last )birth ?day|identity (card|number|document)|{_EVERYWHERE})\b",
    "fr": rf"\b((pré|sur)?noms?|téléphones?|portable|courriels?|passeports?|adresses?|(date|jour) de naissance"
    rf"|née? le|(carte|pièce|numéro) d['’]identité|{_EVERYWHERE})\b",
    "it": rf"\b((cog|sopran)?nom[ei]|telefon[oi]|cellulare|passaport[oi]|indirizz[oi]|(data|giorno) di nascita"
    rf"|nata il|(carta|documento) d['’]identità|{_EVERYWHERE})\b",
    "sk": rf"\b(men[oáa]|priezvisk\w*|prezývk\w*|telefón\w*|mobil\w*|pas(u|om)?|cestovn\w+ doklad\w*|adres\w*"
    rf"|(dátum|deň) narodenia|(občiansk\w+ preukaz\w*)|rodné číslo|{_EVERYWHERE})\b",
    "zh-Hans": rf"姓名|名字|姓氏|您叫什么|电话|手机|邮箱|邮件|护照|地址|住址|出生日期|生日|身份证|微信|{_EVERYWHERE}",
}
_PATTERNS = {code: re.compile(pattern, re.IGNORECASE) for code, pattern in _LABELS.items()}
_CLOCK = re.compile(r"\b(today|now)\s*\(")
_REFERENCE = re.compile(r"\$\{\s*([^\s{}]+)\s*\}")
# In a text of no named language, the French `ne … pas` is not the Slovak word for a passport.
_FRENCH_NOT = re.compile(r"\b(ne |n['’])([^.?!]{0,60}?)\bpas\b", re.IGNORECASE)
_COPIED = ("text", "calculate")


def identifying_in(form: Form, *, allowed: Mapping[str, str]) -> Iterator[tuple[Row, str, str]]:
    """Give the questions of a form that could say who somebody is: the row, its column, and what stands there.

    `allowed` names questions that are left out, each with the reason. What a calculation copies from the text of
    such a question counts too.
    """
    copied = set[str]()
    for item in form.placed():
        row = item.row
        if item.is_question and not allowed.get(row["name"], "").strip():
            found = [*identifying(row), *_copies(row, copied)]
            yield from ((row, *each) for each in found)
            if found and row.kind in _COPIED:
                copied.add(row["name"])


def _copies(row: Row, copied: set[str]) -> Iterator[tuple[str, str]]:
    names = _REFERENCE.findall(row["calculation"])
    if first := next((name for name in names if name in copied), ""):
        yield "calculation", f"it reads {first!r}, which could say it"


def identifying(row: Row) -> Iterator[tuple[str, str]]:
    """Say what in a question could identify a person: the column, and what stands there.

    Words of a label are looked for in the label's own language, and in all of them where no language is named.
    """
    if row.kind not in SAFE_TYPES:
        known = row.kind in IDENTIFYING_TYPES
        yield "type", f"the type {row.kind!r} {'' if known else 'is not known here and '}could identify a person"
    if found := set(_NAMES.split()) & set(re.split(r"[_\d]+", row["name"].lower())):
        yield "name", f"the name says {min(found)!r}"
    for column, text in row.cells.items():
        base, _, language = column.partition("::")
        if base == "label" and (word := _word_in(text, language_code(language))):
            yield column, f"the label says {word!r}"
        if base in ("calculation", "default") and (clock := _CLOCK.search(text)):
            yield column, f"{clock[1]}() would keep the exact time"


def _word_in(text: str, code: str) -> str:
    text = _REFERENCE.sub(" ", text)
    if code in _PATTERNS:
        patterns = [_PATTERNS[code]]
    else:
        patterns, text = [*_PATTERNS.values()], _FRENCH_NOT.sub(r"\1\2", text)
    return next((found[0].strip() for pattern in patterns if (found := pattern.search(text))), "")
