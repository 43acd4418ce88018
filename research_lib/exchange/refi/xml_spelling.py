"""Spells XML: elements, attributes and texts, with what XML cannot hold replaced and reported; and the tree of codes.

Each code's description has the fields that the standard has no place for.
"""

import re
from collections.abc import Callable, Iterator, Mapping

from research_lib.coding.codebook import Code, Codebook
from research_lib.coding.project import Losses
from research_lib.errors import CodingError
from research_lib.exchange.refi.identifiers import code_to_fields, described, guid_of

_IMPOSSIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_IN_TEXT = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;", ord("\r"): "&#13;"}
_IN_ATTRIBUTE = {**_IN_TEXT, ord('"'): "&quot;", ord("\t"): "&#9;", ord("\n"): "&#10;"}
_RGB = re.compile(r"#(?:[0-9A-Fa-f]{6}|[0-9A-Fa-f]{3})")
_DEEPEST = 2_000
Note = Callable[[str, str, str], str]


class Speller:
    """Spells elements; `at` says where, for what is reported."""

    def __init__(self, losses: Losses):
        self._losses = losses
        self.at = "project"

    def opening(self, name: str, attributes: Mapping[str, str | None]) -> str:
        """Spell the tag that opens an element; attributes that are None are left out."""
        spelled = "".join(
            f' {key}="{self._possible(value).translate(_IN_ATTRIBUTE)}"'
            for key, value in attributes.items()
            if value is not None
        )
        return f"<{name}{spelled}>"

    def element(self, name: str, attributes: Mapping[str, str | None], *content: str) -> str:
        """Spell an element with its content, which is XML already."""
        opened, inside = self.opening(name, attributes), "".join(content)
        return f"{opened}{inside}</{name}>\n" if inside else f"{opened[:-1]}/>\n"

    def text(self, name: str, text: str) -> str:
        """Spell an element that has only text; nothing for an empty text."""
        return f"<{name}>{self._possible(text).translate(_IN_TEXT)}</{name}>\n" if text else ""

    def _possible(self, text: str) -> str:
        found, count = _IMPOSSIBLE.subn("\ufffd", text)
        self._losses.add(self.at, "control character", "XML cannot hold it; U+FFFD stands in its place", count)
        return found


def spell_codes(codebook: Codebook, speller: Speller, note: Note | None = None) -> Iterator[str]:
    """Spell the codes, each with all below it inside; `note` keeps a memo and gives the reference to it.

    Without `note`, memos stand in the identifiers. Raises CodingError for a tree that is too deep to be read again.
    """
    tree = [code for code, opens in _walk(codebook) if opens]
    numbers = {code.id: str(number) for number, code in enumerate(codebook)} if list(codebook) != tree else {}
    for code, opens in _walk(codebook):
        if not opens:
            yield "</Code>\n"
        else:
            yield _opening(code, speller, numbers.get(code.id, ""), note)


def _walk(codebook: Codebook) -> Iterator[tuple[Code, bool]]:
    """Go through the tree; each code comes when it opens and, after all below it, when it closes."""
    trail, waiting = list[Code](), [iter(codebook.children())]
    while waiting:
        if code := next(waiting[-1], None):
            yield code, True
            trail.append(code)
            waiting.append(iter(codebook.children(code.id)))
        else:
            waiting.pop()
            if trail:
                yield trail.pop(), False
        if len(trail) > _DEEPEST:
            raise CodingError(f"code {trail[-1].id!r}: it lies more than {_DEEPEST:,} codes deep; flatten the tree")


def _opening(code: Code, speller: Speller, number: str, note: Note | None) -> str:
    """Spell a code up to where those below it stand."""
    speller.at = f"code {code.id!r}"
    has_color = _RGB.fullmatch(code.color) is not None
    fields = code_to_fields(code) | {"Id": "", "Number": number}
    if note:
        fields["Memo"] = ""
    if has_color:
        fields["Color"] = ""
    guid = guid_of("code", code.id)
    attributes = {
        "guid": guid,
        "name": code.name,
        "isCodable": "true" if code.is_codable else "false",
        "color": code.color if has_color else None,
    }
    content = speller.text("Description", described(code.definition, fields, code.id))
    noted = note("code", guid, code.memo) if note else ""
    return speller.opening("Code", attributes) + content + noted
