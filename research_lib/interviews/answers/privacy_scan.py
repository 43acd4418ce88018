"""What must not come in with answers: phone numbers and the like in free text."""

import re
import unicodedata
from collections.abc import Callable
from functools import partial

_DIGITS = {
    **dict(zip("〇零一二三四五六七八九", "00123456789", strict=True)),
    **dict(zip("壹贰叁肆伍陆柒捌玖幺", "1234567891", strict=True)),
    **dict(zip("貳參陸", "236", strict=True)),
}
_DASHES, _INVISIBLE = "Pd", ("Cf", "Mn")
_DATE = re.compile(
    r"(?<!\d)(?:(?:[012]?\d|3[01])([./-])(?:0?\d|1[012])\1(?:19|20)\d\d|(?:19|20)\d\d([./-])(?:0?\d|1[012])\2[0123]?\d)"
    r"(?!\d|[ .-]{0,2}\d)"
)
_RUN = re.compile(r"[+(]{0,2}\d(?:[ \t.\-/()·_]{0,3}\d)+")
_GROUP, _THOUSANDS = re.compile(r"\d+"), re.compile(r"[1-9]\d{0,2}(?:[ .]\d{3})*[ .]000")
_TELEPHONES = re.compile(
    r"(?:0086|86)?1[3-9]\d{9}"  # China, mobile
    r"|0[1-9]\d{7,10}"  # France, Italy, Slovakia and Chinese landlines, as dialled at home
    r"|3\d{8,9}"  # Italy, mobile
    r"|00[1-9]\d{7,13}"
)
# Lebanon, at home: eight digits, in groups as they are spoken; no day such as 05062019, and no amount.
_EIGHT_DIGITS = re.compile(
    r"(?<![\d.,/+$€£¥-])(?<![\d$€£¥] )(?!0\d[01]\d(?:19|20)\d\d)"
    r"(?:0[1-9](?:[ /-]?\d{6}|[ /-]\d{3}[ -]\d{3})|(?:7[01689]|81)(?:[ /-]\d{6}|[ /-]\d{3}[ -]\d{3})(?<!000))"
    r"(?![ .,/-]?\d|\w)(?!\s?(?:[€$£¥%]|(?i:lbp|ll|l\.l|usd|eur|f?cfa|xaf|xof|dollar|pound|lira|livre)))"
)
_AFTER_A_WORD = re.compile(
    r"(?i)(?:\btel|phone|mobile?|\bcell|\bgsm|whatsapp|telefon|portable|cellulare|电话|電話|手机|手機|号码)"
    r"\D{0,12}?\d(?:[ .\-/]{0,2}\d){5}"
)
_LONG = re.compile(r"(?<!\d)\d{9,}(?!\d)")
_EMAIL = re.compile(
    r"(?i)\w ?(?:@|[\[({]\s?at\s?[\])}]|[\[({]?\s?\b(?:arobase|chiocciola|zavin[aá]č)\b\s?[\])}]?|艾特) ?\w"
    r"|\w at [a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}\b"
    r"|\w at [a-z0-9-]+ ?(?:[\[(]dot[\])]|\bdot\b|\bpoint\b|\bpunto\b|\bbodka\b) ?[a-z]{2,}"
)
_LINK = "号码?|號碼?|id|account|number|num[eé]ro|numero|č[ií]slo|is|是|为"
_ACCOUNT = re.compile(
    r"(?i)(?:we ?chat|wei ?xin|微信|威信|薇信|(?<![a-z])(?:v ?x|wx|qq)|扣扣)"
    rf"(?:\s*(?:[:：=]|{_LINK})(?:[\s:：=]|{_LINK})*[a-z0-9][\w-]{{4,}}"
    r"|[\s:：=]{0,3}(?=[a-z_-]{0,60}\d)[a-z0-9_-]{5,})"
)
_RESIDENT = re.compile(r"(?<!\d)\d{6} ?\d{8} ?\d{3}[\dX](?![\dA-Z])", re.IGNORECASE)
_RESIDENT_OLD = re.compile(r"(?<!\d)\d{6} ?\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]) ?\d{3}(?!\d)")
_NIR = re.compile(
    r"(?<!\d)[1-478] ?\d\d ?(?:0[1-9]|1[0-2]|[2-9]\d) ?(?:\d\d|2[AB]) ?\d{3} ?\d{3}(?: ?\d\d)?(?!\d)", re.IGNORECASE
)
_FISCAL = re.compile(
    r"(?<![A-Z])[A-Z]{3} ?[A-Z]{3} ?[\dLMNP-V]{2}[A-EHLMPRST][\dLMNP-V]{2} ?[A-Z][\dLMNP-V]{3} ?[A-Z](?![A-Z])",
    re.IGNORECASE,
)
_BIRTH_NUMBER = re.compile(r"(?<!\d)\d\d(?:[05][1-9]|[16][0-2])(?:0[1-9]|[12]\d|3[01])(?: ?/ ?\d{3,4}|\d{4})(?!\d)")
_PASSPORT = re.compile(
    r"(?<![A-Za-z\d])(?:[EGeg][ -]?\d{4}[ -]?\d{4}|[A-Z]{2}[ -]?\d{7}|\d{2} ?[A-Z]{2} ?\d{5})(?![A-Za-z\d])"
)
_IBAN = re.compile(r"(?<![A-Z\d])[A-Z]{2}\d{2}(?: ?[A-Z\d]{4}){2,7}(?: ?[A-Z\d]{1,4})?(?![A-Z\d])", re.IGNORECASE)
_PLACE = re.compile(r"(?<!\d)-?\d{1,3}\.\d{4,}[°\s,;/NSns]{1,4}-?\d{1,3}\.\d{4,}(?!\d)")
_FRACTION = re.compile(
    r"(?<![\w.,/+(-])(?<!\d )-?(?:(?:0|[1-9]\d{0,3})[.,]\d{1,5}|(?:0|[1-9]\d{0,8})[.,]\d{13,18}|0[.,]0\d{10,18})"
    r"(?:e-?\d{1,3})?(?![\w/-]|[.,] ?\d| ?\d)",
    re.IGNORECASE,
)
_SHORTEST, _LONGEST, _MOST_GROUPS = 8, 17, 400
_RESIDENT_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def kinds_in(text: str) -> tuple[str, ...]:
    """Name the kinds of identifying things that a text seems to hold, in alphabetical order.

    Looks for telephone numbers (Chinese, French, Italian, Lebanese, Slovak and international ones, also spaced,
    full-width or in Chinese numerals), e-mail addresses, accounts of WeChat and QQ, identity numbers (Chinese resident
    number, NIR, codice fiscale, rodné číslo, passports, IBAN), coordinates and any other number of nine digits or more.
    Years, prices, percentages and fractions as a program calculates them (0.0333333333333333) are let through.
    """
    plain = _plain(text)
    looked_through = ((_NUMBERS, _FRACTION.sub(" ; ", plain)), (_OTHERS, plain))
    return tuple(sorted(kind for tests, part in looked_through for kind, test in tests.items() if test(part)))


def _plain(text: str) -> str:
    """A text in which digits, signs and spaces of all scripts are those of ASCII."""
    signs = []
    for sign in unicodedata.normalize("NFKC", text):
        category = unicodedata.category(sign)
        if category == "Nd" or sign in _DIGITS:
            signs.append(_DIGITS.get(sign) or str(unicodedata.digit(sign)))
        elif category == _DASHES or sign == "−":
            signs.append("-")
        elif category not in _INVISIBLE:
            signs.append(" " if category == "Zs" else sign)
    return "".join(signs)


def _has_telephone(text: str) -> bool:
    undated = _DATE.sub(" ; ", text)
    if _AFTER_A_WORD.search(text) or _EIGHT_DIGITS.search(undated):
        return True
    return any(_holds_telephone(run[0]) for run in _RUN.finditer(undated))


def _holds_telephone(run: str) -> bool:
    """Whether a part of a run of numbers, from one of them to another, could be dialled; of very many, one could."""
    groups = list(_GROUP.finditer(run))
    if len(groups) > _MOST_GROUPS:
        return True
    for place, first in enumerate(groups):
        is_foreign = run[max(first.start() - 2, 0) : first.start()].rstrip("(").endswith("+")
        parts = [first[0]]
        for last in (None, *groups[place + 1 :]):
            parts += [last[0]] if last else []
            if sum(map(len, parts)) > _LONGEST:
                break
            if _is_telephone(parts, run[first.start() : (last or first).end()], is_foreign=is_foreign):
                return True
    return False


def _is_telephone(groups: list[str], part: str, *, is_foreign: bool) -> bool:
    digits = "".join(groups)
    if len(digits) < _SHORTEST or _THOUSANDS.fullmatch(part):
        return False
    if is_foreign:
        return True
    if any(len(group) > 1 for group in groups) and len(groups[0]) < {"0": 2, "3": 3}.get(digits[0], 1):
        return False
    return bool(_TELEPHONES.fullmatch(digits))


def _any_of(pattern: re.Pattern[str], test: Callable[[str], bool], text: str) -> bool:
    """Whether a text holds anything of a pattern that also passes a test, such as that of its check digit."""
    return any(test(found[0]) for found in pattern.finditer(text))


def _digits(text: str) -> str:
    return re.sub(r"[^0-9A-Za-z]", "", text).upper()


def _is_resident_number(text: str) -> bool:
    """Whether the last sign is the check digit that GB 11643 asks for."""
    number = _digits(text)
    total = sum(int(digit) * weight for digit, weight in zip(number, _RESIDENT_WEIGHTS, strict=False))
    return number[-1] == "10X98765432"[total % 11]


def _is_nir(text: str) -> bool:
    """Whether a French social security number has the right key, or comes without it."""
    number = _digits(text)
    body, key = number[:13].replace("2A", "19").replace("2B", "18"), number[13:]
    return not key or (body.isdigit() and 97 - int(body) % 97 == int(key))


def _is_iban(text: str) -> bool:
    number = _digits(text)
    return int("".join(str(int(sign, 36)) for sign in number[4:] + number[:4])) % 97 == 1


# Fractions are no numbers of persons; each other kind is looked for in the whole text.
_NUMBERS: dict[str, Callable[[str], object]] = {
    "telephone number": _has_telephone,
    "Chinese resident number": lambda text: _any_of(_RESIDENT, _is_resident_number, text) or _RESIDENT_OLD.search(text),
    "French social security number": partial(_any_of, _NIR, _is_nir),
    "Slovak rodné číslo": partial(_any_of, _BIRTH_NUMBER, lambda found: "/" in found or int(_digits(found)) % 11 == 0),
    "number of nine digits or more": partial(_any_of, _LONG, lambda found: not found.endswith("00000")),
}
_OTHERS: dict[str, Callable[[str], object]] = {
    "e-mail address": _EMAIL.search,
    "WeChat or QQ account": _ACCOUNT.search,
    "Italian codice fiscale": _FISCAL.search,
    "passport number": _PASSPORT.search,
    "IBAN": partial(_any_of, _IBAN, _is_iban),
    "coordinates": _PLACE.search,
}
