"""The units that coders are compared on: characters, tokens, sentences, paragraphs, or segments that are given."""

import re

from research_lib.errors import CodingError

_HAN = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_MARK = (
    r"\u0300-\u036f\u0591-\u05bd\u064b-\u065f\u0900-\u0903\u093a-\u094f\u0e31\u0e34-\u0e3a\u0e47-\u0e4e"
    r"\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff"
)
_LETTER = rf"(?:(?![{_HAN}])[\w{_MARK}])"
_STOP = "。！？…．؟।!?."
_AFTER = r"(?=\s|$|(?<=[。！？…．”」』）]))"
_PATTERNS = {
    "character": re.compile(r"\S"),
    "token": re.compile(rf"[{_HAN}]|{_LETTER}+(?:[’'-]{_LETTER}+)*"),
    "sentence": re.compile(rf"\S(?:[^\r\n]*?[{_STOP}]++(?:[ \u00a0\u202f]?[»›])?[”’」』）)\"']*+{_AFTER})|\S[^\r\n]*"),
    "paragraph": re.compile(r"\S[^\r\n]*"),
}
UNITS = tuple(_PATTERNS)


def spans(text: str, unit: str) -> list[tuple[int, int]]:
    """Find where each unit of a text begins and ends, in code points, half-open; white space at the edges is left out.

    `unit`: character (without white space), token (a word; in Chinese and Japanese each character is one), sentence
    (up to its stop, within a line) or paragraph (a line that is not empty). Raises CodingError for any other.
    """
    if unit not in _PATTERNS:
        raise CodingError(f"a unit is {', '.join(UNITS)} or segment, not {unit!r}")
    found = [(match.start(), match.start() + len(match.group().rstrip())) for match in _PATTERNS[unit].finditer(text)]
    return found
