"""Spells a codebook: its tree, and in each description the fields that the standard has no place for."""

import re
from collections.abc import Callable, Iterator

from research_lib.coding.codebook import Code, Codebook
from research_lib.exchange.refi.guids import guid_of, is_guid
from research_lib.exchange.refi.paragraphs import join
from research_lib.exchange.refi.spelling import Speller

_RGB = re.compile(r"#(?:[0-9A-Fa-f]{6}|[0-9A-Fa-f]{3})")
Note = Callable[[str, str, str], str]


def spell_codes(codebook: Codebook, speller: Speller, note: Note | None = None) -> Iterator[str]:
    """Spell the topmost codes, each with all below it; `note` keeps a memo and gives the reference to it.

    Without `note`, memos stand in the descriptions.
    """
    tree = codebook.in_tree_order()
    numbers = {code.id: str(number) for number, code in enumerate(codebook)} if list(codebook) != tree else {}
    for code in codebook.children():
        yield _spelled(code, codebook, speller, numbers, note=note)


def _spelled(code: Code, codebook: Codebook, speller: Speller, numbers: dict[str, str], *, note: Note | None) -> str:
    speller.at = f"code {code.id!r}"
    has_color = _RGB.fullmatch(code.color) is not None
    fields = {
        "Include": code.include,
        "Exclude": code.exclude,
        "Example": code.example,
        "Memo": "" if note else code.memo,
        "Color": "" if has_color else code.color,
        "Id": "" if is_guid(code.id) else code.id,
        "Number": numbers.get(code.id, ""),
    }
    guid = guid_of("code", code.id)
    attributes = {
        "guid": guid,
        "name": code.name,
        "isCodable": "true" if code.is_codable else "false",
        "color": code.color if has_color else None,
    }
    described = speller.text("Description", join(code.definition, fields))
    noted = note("code", guid, code.memo) if note else ""
    below = [_spelled(child, codebook, speller, numbers, note=note) for child in codebook.children(code.id)]
    return speller.element("Code", attributes, described, noted, *below)
