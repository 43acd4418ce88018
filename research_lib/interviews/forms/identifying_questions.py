"""Questions that would say who somebody is: their types, their names, and their words in seven languages."""

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
    narodenia gps latitude longitude coordinates apellido apellidos apodo celular correo direccion domicilio pasaporte
    cedula nacimiento sobrenome sobrenomes apelido telefone telemovel endereco morada nascimento passaporte cpf
"""
_NUMBER = r"(id|identifier|identification|number|no\b\.?|n[o°º]\.?)"
_OF_WHOM = r"(household|hh|family|respondent|beneficiary|refugee|individual|registration|enumerator|interviewer)"
_NAMED_NUMBERS = re.compile(
    r"(^|_)((case|registration|ration|file|dossier)_?(no|num|number|id|nr)"
    r"|(household|hh|family|respondent|beneficiary|refugee|individual|enum|enumerator|interviewer)_?(id|code))($|_)"
)
_HOW_MANY = re.compile(r"\b(how many|combien)\b", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_EVERYWHERE = r"e-?mails?|whats ?app|wechat|gps"
_LABELS = {
    "en": rf"\b((sur|fore|first|last|full|nick)?[ -]?names?|surnames?|(tele)?phones?|mobile|passports?|address(es)?"
    rf"|(date|day) of birth|birth ?date|(?<!last )birth ?day"
    rf"|identity (card|number|document)|{_OF_WHOM}(['’]?s)?['’]? (id|identifier)"
    rf"|(?<!same )(case|registration|ration card|file|card) {_NUMBER}|{_EVERYWHERE})(?!\w)",
    "fr": rf"\b((pré|sur)?noms?|téléphones?|portable|courriels?|passeports?|adresses?|(date|jour) de naissance"
    rf"|née? le|(carte|pièce|numéro) d['’]identité"
    r"|num[ée]ro (de |du |d['’])(dossier|cas|carte|enregistrement)"
    rf"|(id|identifiant|code) (de |du |d['’]|de l['’])(ménage|enquêt\w+|répondant\w*)|{_EVERYWHERE})\b",
    "it": rf"\b((cog|sopran)?nom[ei]|telefon[oi]|cellulare|passaport[oi]|indirizz[oi]|(data|giorno) di nascita"
    rf"|nata il|(carta|documento) d['’]identità|{_EVERYWHERE})\b",
    "sk": rf"\b(men[oáa]|priezvisk\w*|prezývk\w*|telefón\w*|mobil\w*|pas(u|om)?|cestovn\w+ doklad\w*|adres\w*"
    rf"|(dátum|deň) narodenia|(občiansk\w+ preukaz\w*)|rodné číslo|{_EVERYWHERE})\b",
    "es": rf"\b(nombres?|apellidos?|apodos?|tel[ée]fonos?|celular(es)?|correos?|pasaportes?|direcci[óo]n(es)?"
    rf"|(fecha|d[íi]a) de nacimiento|c[ée]dulas?|(documento|carn[ée]) de identidad"
    rf"|n[úu]mero de (caso|expediente)|{_EVERYWHERE})\b",
    "pt": rf"\b((sobre)?nomes?|apelidos?|telefones?|telem[óo]ve(l|is)|celular(es)?|correio"
    rf"|passaportes?|endereços?|moradas?|(data|dia) de nascimento|(bilhete|cart[ãa]o|documento) de identidade|cpf"
    rf"|n[úu]mero d[eo] (caso|processo|registr?o)|{_EVERYWHERE})\b",
    "zh-Hans": rf"姓名|名字|姓氏|您叫什么|电话|手机|邮箱|邮件|护照|地址|住址|出生日期|生日|身份证|微信|{_EVERYWHERE}",
}
_PATTERNS = {code: re.compile(pattern, re.IGNORECASE) for code, pattern in _LABELS.items()}
_CLOCK = re.compile(r"\b(today|now)\s*\(")
_REFERENCE = re.compile(r"\$\{\s*([^\s{}]+)\s*\}")
# In a text of no named language, the French `ne … pas` is not the Slovak word for a passport.
_FRENCH_NOT = re.compile(r"\b(ne |n['’])([^.?!]{0,60}?)\bpas\b", re.IGNORECASE)
# Nor is the French `nombre de`, how many, the Spanish word for a name; what is counted is no text either.
_FRENCH_COUNT = re.compile(
    r"\bnombre (?=d['’]|total|moyen|de (?!los\b|las\b|sus\b|tus\b)\w+s\b)|\b(le|un|quel) nombre\b", re.IGNORECASE
)
_NAME_OR_COUNT = re.compile(r"\bnombre\b", re.IGNORECASE)
_COPIED = ("text", "calculate")
_ANONYMISE = ("anonymise", "anonymize")
_KEEPS = re.compile(r"(|no|non|none|0|false|keep|default|(default[ -])?non?[ -]?anonymi[sz]ed?)\Z", re.IGNORECASE)


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
    if says := next((row[column] for column in _ANONYMISE if not _KEEPS.match(row[column])), ""):
        yield "anonymise", f"the form's own column anonymise says {says!r}"
    if found := set(_NAMES.split()) & set(re.split(r"[_\d]+", row["name"].lower())):
        yield "name", f"the name says {min(found)!r}"
    elif number := _numbered(row):
        yield "name", f"the name says {number!r}"
    for column, text in row.cells.items():
        base, _, language = column.partition("::")
        if base == "label" and (word := _word_in(text, language_code(language), row.kind)):
            yield column, f"the label says {word!r}"
        if base in ("calculation", "default") and (clock := _CLOCK.search(text)):
            yield column, f"{clock[1]}() would keep the exact time"


def _numbered(row: Row) -> str:
    """The number of a person or a file that a question's name asks for; not how many there are."""
    found = _NAMED_NUMBERS.search(_CAMEL.sub("_", row["name"]).lower())
    counts = any(_HOW_MANY.search(text) for column, text in row.cells.items() if column.startswith("label"))
    return found[2] if found and not counts else ""


def _word_in(text: str, code: str, kind: str) -> str:
    text = _REFERENCE.sub(" ", text)
    if code in _PATTERNS:
        patterns = [_PATTERNS[code]]
    else:
        patterns, text = [*_PATTERNS.values()], _FRENCH_NOT.sub(r"\1\2", text)
        text = (_FRENCH_COUNT if kind == "text" else _NAME_OR_COUNT).sub(" ", text)
    return next((found[0].strip() for pattern in patterns if (found := pattern.search(text))), "")
