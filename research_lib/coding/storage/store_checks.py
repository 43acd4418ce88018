"""What may become part of an event: names that people can tell apart, texts, and positions that are whole numbers."""

import operator
import re
from dataclasses import asdict
from typing import Any

from research_lib.coding.codebook import Codebook
from research_lib.coding.corpus import Document
from research_lib.coding.storage.damage import EventError
from research_lib.errors import quoted
from research_lib.files.invisible_characters import unseen_in

_LONGEST_NAME = 500
_LINE_END = re.compile("[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]")


def check_name(what: str, value: Any) -> None:
    """Raise EventError for an id or a coder that is not a text, is blank or long, or has what nobody sees in it."""
    check_text(what, value)
    if len(value) > _LONGEST_NAME:
        raise EventError(f"{what} has {len(value):,} characters; shorten it to {_LONGEST_NAME}")
    if _LINE_END.search(value):
        raise EventError(f"{what} has a line end or a tab in it, {quoted(value)}; take it out")
    if found := unseen_in(value):
        raise EventError(f"{what} {found}")
    if not any(sign.isprintable() and not sign.isspace() for sign in value):
        raise EventError(f"{what} is blank; give one")


def check_text(what: str, value: Any) -> None:
    """Raise EventError for what is not a text, such as a number."""
    if not isinstance(value, str):
        raise EventError(f"{what} is {value!r:.60}, and not a text; write it in quotes")


def whole_number(what: str, value: Any) -> int:
    """Give a position as a plain number, also one of numpy; raises EventError for what is not a whole number."""
    try:
        return operator.index(value)
    except TypeError as error:
        raise EventError(f"{what} is {value!r:.60}, and not a whole number; count from 0") from error


def check_document(document: Document) -> None:
    """Raise EventError for a document that could not be opened again."""
    original = ["translation_of"] if document.translation_of is not None else []
    for name in ("name", "text", "language", "memo", *original):
        check_text(f"the {name} of document {document.id!r}", getattr(document, name))


def check_codebook(codebook: Codebook) -> None:
    """Raise EventError for a codebook that could not be read back: a code without an id or a name, or other words."""
    for code in codebook:
        check_name("the id of the code", code.id)
        for name in asdict(code).keys() - {"parent_id", "is_codable"}:
            check_text(f"the {name} of code {code.id!r}", getattr(code, name))
        if not code.name:
            raise EventError(f"the code {code.id!r} has no name; give it one")
